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
from embeddings.index.sync import Indexes, Pair
from embeddings.index.vector_index import FloatArray, IntArray
from embeddings.library.model import LibraryModel

_BROAD = 4
"""A filter is broad where one in so many of the best passages passes it."""
_FILTERS_KEPT = 8


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


class FilterCache:
    """The passages that pass the filters asked for lately, each in one state of a library. For many threads."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int, Filters], IntArray] = {}

    def known(self, snapshot: StoreSnapshot, filters: Filters) -> IntArray | None:
        """Return the ids of the passages that pass the filters in this state, if `find` has found them lately."""
        return self._found.get(_key(snapshot, filters))

    def find(self, snapshot: StoreSnapshot, filters: Filters) -> IntArray:
        """Return the ids of the passages that pass the filters in this state, ascending."""
        found = self.known(snapshot, filters)
        if found is None:
            found = np.array(snapshot.passage_ids(filters), dtype=np.int64)
            latest = list(self._found.items())[1 - _FILTERS_KEPT :]
            self._found = {**dict(latest), _key(snapshot, filters): found}
        return found


class LocalSnapshot:
    """One state of a library on this machine, for the thread that opened it.

    known: the indexes as they were before this state was opened.
    """

    def __init__(
        self, state: StoreSnapshot, indexes: Indexes, known: Pair | None, model: LibraryModel, filters: FilterCache
    ) -> None:
        self._state = state
        self._indexes = indexes
        self._known = known
        self._model = model
        self._filters = filters

    @property
    def change(self) -> int:
        """The number of the state: that of the last change of what is searched."""
        return self._state.change

    def search(self, question: str, *, filters: Filters = EVERYTHING, dense: int = 50, lexical: int = 50) -> list[Hit]:
        """Return the `dense` passages nearest in meaning and the `lexical` ones that share most words.

        Each hit has both scores; the highest cosine comes first. A hit that is not in this state is dropped.
        """
        self._model.load_beside()
        pair = self._indexes.follow(self._state, self._known)
        if pair.vectors.size == 0:
            return []
        query = self._model.encoder().encode_question(question)
        exact = _ExactCosines(self._state, query)

        def near(k: int, allowed: IntArray | None) -> IntArray:
            return pair.vectors.search(query, k, exact, allowed=allowed)

        def alike(k: int, allowed: IntArray | None) -> IntArray:
            return pair.words.search(question, k, allowed=allowed)[0]

        found = np.union1d(self._passing(filters, near, dense), self._passing(filters, alike, lexical))
        passages = self._state.passages(found.tolist())
        ids = np.array([passage.id for passage in passages], dtype=np.int64)
        scores = pair.words.scores(question, ids).tolist()
        hits = [
            Hit(p.id, p.info.id, p.info.version, p.start, p.end, p.text, cosine, score, p.copy_group, p.info)
            for p, cosine, score in zip(passages, exact(ids).tolist(), scores, strict=True)
        ]
        return sorted(hits, key=lambda hit: -hit.dense)

    def _passing(self, filters: Filters, search: Callable[[int, IntArray | None], IntArray], k: int) -> IntArray:
        """Return the k best passages that pass the filters.

        Whether the best of all pass is asked first: a broad filter then costs the same in a library of any size. Only
        where too few do are the ids of all that pass collected.
        """
        if not filters:
            return search(k, None)
        if self._filters.known(self._state, filters) is None:
            ids = search(_BROAD * k, None)
            passing = ids[np.isin(ids, self._state.passage_ids(filters, among=ids.tolist()))]
            if len(passing) >= k or len(ids) < _BROAD * k:
                return passing[:k]
        return search(k, self._filters.find(self._state, filters))

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


class _ExactCosines:
    """The cosines of a question with passages, from their stored vectors; NaN for one that is not in the store."""

    def __init__(self, state: StoreSnapshot, query: FloatArray) -> None:
        self._state = state
        self._query = query
        self._known: dict[int, float] = {}

    def __call__(self, ids: IntArray) -> FloatArray:
        missing = [passage for passage in ids.tolist() if passage not in self._known]
        stored = self._state.vectors(missing)
        if stored:
            rows = np.frombuffer(b"".join(stored.values()), dtype="<f2").reshape(len(stored), -1)
            # In this thread: BLAS would wait for others on a busy machine.
            cosines = np.einsum("ij,j->i", rows.astype(np.float32), self._query)
            self._known.update(zip(stored, cosines.tolist(), strict=True))
        return np.array([self._known.get(passage, np.nan) for passage in ids.tolist()], dtype=np.float32)


def _key(snapshot: StoreSnapshot, filters: Filters) -> tuple[int, int, Filters]:
    return snapshot.change, snapshot.mark(snapshot.change), filters
