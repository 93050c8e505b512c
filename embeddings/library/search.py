"""Searching one state of a library: candidates by meaning and by words, each with both scores."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from corpus.store.origins import Origins
from corpus.store.store import (
    EVERYTHING,
    ArticleInfo,
    Counts,
    Coverage,
    Filters,
    Order,
    StoredArticle,
    StoredPassage,
    StoreSnapshot,
)
from embeddings.encoder.encoder import Encoder
from embeddings.index.sync import Views
from embeddings.index.vector_index import IntArray

_BROAD = 4
"""A filter is broad where one in so many of the best passages passes it."""


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage of an article's current version, with its retrieval scores.

    dense: the exact cosine of question and passage. lexical: its BM25 score, 0 when it has no word of the question.
    Passages that are (nearly) the same share a `copy_group`. `info` is what is known of the article.
    """

    passage_id: int
    article: str
    version: str
    start: int
    end: int
    text: str
    dense: float
    lexical: float
    copy_group: int
    info: ArticleInfo


class LocalSnapshot:
    """One state of a library on this machine, for the thread that opened it."""

    def __init__(self, state: StoreSnapshot, views: Views, encoder: Callable[[], Encoder]) -> None:
        self._state = state
        self._views = views
        self._encoder = encoder

    @property
    def change(self) -> int:
        """The number of the state: that of the last change of what is searched."""
        return self._state.change

    def search(self, question: str, *, filters: Filters = EVERYTHING, dense: int = 50, lexical: int = 50) -> list[Hit]:
        """Return the `dense` passages nearest in meaning and the `lexical` ones that share most words.

        Each hit has both scores; the highest cosine comes first. Hits are of this state: a view that has gone on to a
        later one is asked for more until enough of them are.
        """
        vectors, words = self._views.follow(self._state)
        if vectors.size == 0:
            return []
        query = self._encoder().encode_question(question)
        found_dense = self._here(
            lambda k: self._passing(filters, lambda n, some: vectors.search(query, n, allowed=some)[0], k), dense
        )
        found_lexical = self._here(
            lambda k: self._passing(filters, lambda n, some: words.search(question, n, allowed=some)[0], k), lexical
        )
        passages = {**found_dense, **found_lexical}
        ids = np.array(sorted(passages), dtype=np.int64)
        cosines = vectors.scores(query, ids).tolist()
        scores = words.scores(question, ids).tolist()
        hits = [
            Hit(p.id, p.info.id, p.info.version, p.start, p.end, p.text, cosine, score, p.copy_group, p.info)
            for p, cosine, score in zip((passages[i] for i in ids.tolist()), cosines, scores, strict=True)
        ]
        return sorted(hits, key=lambda hit: -hit.dense)

    def _passing(self, filters: Filters, search: Callable[[int, IntArray | None], IntArray], k: int) -> IntArray:
        """Return the k best passages that pass the filters.

        Whether the best of all pass is asked first: a broad filter then costs the same in a library of any size. Only
        where too few do are the ids of all that pass collected.
        """
        if not filters:
            return search(k, None)
        if self._views.passing.known(self._state, filters) is None:
            ids = search(_BROAD * k, None)
            passing = ids[np.isin(ids, self._state.passage_ids(filters, among=ids.tolist()))]
            if len(passing) >= k or len(ids) < _BROAD * k:
                return passing[:k]
        return search(k, self._views.passing.find(self._state, filters))

    def _here(self, search: Callable[[int], IntArray], wanted: int) -> dict[int, StoredPassage]:
        """Return the `wanted` best passages that are in this state."""
        k = wanted
        while True:
            ids: list[int] = search(k).tolist()
            there = {passage.id: passage for passage in self._state.passages(ids)}
            if len(there) >= wanted or len(ids) < k:
                return {i: there[i] for i in [i for i in ids if i in there][:wanted]}
            k += max(k, wanted - len(there))

    def article(self, article: str, version: str | None = None) -> StoredArticle:
        """Return the article's current version or the one named, its text checked against its hash.

        Raises UsageError when there is none such, LibraryDamaged when the text is not what was added.
        """
        return self._state.article(article, version)

    def articles(
        self,
        filters: Filters = EVERYTHING,
        *,
        order: Order = "published",
        descending: bool = True,
        limit: int | None = None,
        offset: int = 0,
    ) -> list[ArticleInfo]:
        """Return the articles that pass the filters; those without a date or outlet come last."""
        return self._state.articles(filters, order=order, descending=descending, limit=limit, offset=offset)

    def articles_named(self, name: str) -> list[str]:
        """Return the ids of the articles read from a file of this name or at this path or address."""
        return self._state.articles_named(name)

    @property
    def origins(self) -> Origins:
        """The files and addresses where articles were read."""
        return Origins(self._state)

    def passages_of(self, article: str) -> list[StoredPassage]:
        """Return the passages of the article's current version, in the order of the text."""
        return self._state.passages_of(article)

    def vectors(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the stored vectors of these passages, each checked against its hash (LibraryDamaged)."""
        return self._state.vectors(ids)

    def copies(self, groups: Iterable[int]) -> dict[int, list[ArticleInfo]]:
        """Return for each copy group the articles that hold one of its passages, the first added first."""
        return self._state.copies(groups)

    def coverage(self, filters: Filters = EVERYTHING) -> Coverage:
        """Return how much passes the filters."""
        return self._state.coverage(filters)

    def sources(self) -> list[tuple[str, int]]:
        """Return the outlets and how many articles each has, most first."""
        return self._state.sources()

    def counts(self) -> Counts:
        """Return how much the library holds."""
        return self._state.counts()
