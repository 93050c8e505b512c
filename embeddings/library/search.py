"""Searching one state of a library: candidates by meaning and by words, each with both scores."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from corpus.store.origins import Origins
from corpus.store.records import EVERYTHING, ArticleInfo, Filters, StoredPassage
from corpus.store.snapshot import StoreSnapshot
from embeddings.index.sync import Indexes
from embeddings.index.vector_index import Cosines, FloatArray, IntArray

if TYPE_CHECKING:
    from embeddings.library.library import Library

_BROAD = 4
"""A filter is broad if one in this many of the best passages passes it."""
FilterCache = dict[tuple[int, int, Filters], IntArray]
"""By change and mark of a state of the library, and filters: the ids of the passages that pass, ascending."""
_FILTERS_KEPT = 8


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage of an article's current version, with its retrieval scores.

    dense: exact cosine of question and passage. lexical: BM25 score, 0 if it has no word of the question. Near copies
    share a `copy_group`. info: the article.
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


def hit(passage: StoredPassage, dense: float, lexical: float) -> Hit:
    """Return a passage with its retrieval scores."""
    p = passage
    return Hit(p.id, p.info.id, p.info.version, p.start, p.end, p.text, dense, lexical, p.copy_group, p.info)


class LocalSnapshot:
    """One state of a library on this machine, for the thread that opened it."""

    def __init__(self, state: StoreSnapshot, indexes: Indexes, library: "Library", filters: FilterCache) -> None:
        self._state = state
        self._indexes = indexes
        self._before = indexes.newest
        self._library = library
        self._filters = filters
        self.origins = Origins(state)
        self.article, self.articles, self.articles_named = state.article, state.articles, state.articles_named
        self.passages_of, self.vectors, self.copies = state.passages_of, state.vectors, state.copies
        self.coverage, self.sources, self.counts = state.coverage, state.sources, state.counts
        self.current_versions = state.current_versions

    @property
    def change(self) -> int:
        """The number of the state: that of the last change of what is searched."""
        return self._state.change

    def search(self, question: str, *, filters: Filters = EVERYTHING, dense: int = 50, lexical: int = 50) -> list[Hit]:
        """Return the `dense` passages nearest in meaning and the `lexical` ones that share most words.

        Each hit has both scores; the highest cosine comes first. A hit that is not in this state is dropped.
        """
        self._library.load_in_background()
        pair = self._indexes.follow(self._state, self._before)
        if pair.vectors.size == 0:
            return []
        query = self._library.encoder.encode_question(question)
        exact = _exact_cosines(self._state, query)

        def near(k: int, allowed: IntArray | None) -> IntArray:
            return pair.vectors.search(query, k, exact, allowed=allowed)

        def alike(k: int, allowed: IntArray | None) -> IntArray:
            return pair.words.search(question, k, allowed=allowed)[0]

        found = np.union1d(self._passing(filters, near, dense), self._passing(filters, alike, lexical))
        passages = self._state.passages(found.tolist())
        ids = np.array([passage.id for passage in passages], dtype=np.int64)
        scores = pair.words.scores(question, ids).tolist()  # those near in meaning may have words of the question, too
        return sorted(map(hit, passages, exact(ids).tolist(), scores), key=lambda found: -found.dense)

    def _passing(self, filters: Filters, search: Callable[[int, IntArray | None], IntArray], k: int) -> IntArray:
        """Return the k best passages that pass the filters.

        The best passages of the whole library are tried first, so a broad filter costs the same in a library of any
        size. The ids of all passages that pass are collected only if too few of those do.
        """
        if not filters:
            return search(k, None)
        state = self._state
        key = state.change, state.mark(state.change), filters
        allowed = self._filters.get(key)
        if allowed is None:
            ids = search(_BROAD * k, None)
            passing = ids[np.isin(ids, state.passage_ids(filters, among=ids.tolist()))]
            if len(passing) >= k or len(ids) < _BROAD * k:
                return passing[:k]
            allowed = np.array(state.passage_ids(filters), dtype=np.int64)
            if len(self._filters) >= _FILTERS_KEPT:
                self._filters.clear()
            self._filters[key] = allowed
        return search(k, allowed)


def _exact_cosines(state: StoreSnapshot, query: FloatArray) -> Cosines:
    """Return what computes the cosines of a question with passages from the stored vectors, each once."""
    known: dict[int, float] = {}

    def cosines(ids: IntArray) -> FloatArray:
        stored = state.vectors(passage for passage in ids.tolist() if passage not in known)
        if stored:
            rows = np.frombuffer(b"".join(stored.values()), dtype="<f2").reshape(len(stored), -1)
            # In this thread: BLAS would wait for others on a busy machine.
            found = np.einsum("ij,j->i", rows.astype(np.float32), query)
            known.update(zip(stored, found.tolist(), strict=True))
        return np.array([known.get(passage, np.nan) for passage in ids.tolist()], dtype=np.float32)

    return cosines
