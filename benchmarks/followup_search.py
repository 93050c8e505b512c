"""Searching a list of passages as `qa.retrieval` searches a library, and how well standalone questions do at it."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.memory_index import MemoryVectors, word_index
from benchmarks.retrieval_pool import encoded
from embeddings.encoder.encoder import load_encoder
from embeddings.index.word_index import WordDocument
from qa.ranking import WEIGHTS, Candidate, ranking_features
from qa.retrieval import DENSE_CANDIDATES, LEXICAL_CANDIDATES

IntArray = npt.NDArray[np.int64]


class PassageSearch:
    """The passages in the indexes that a library has, ranked with the weights that are shipped."""

    def __init__(self, passages: Sequence[str], cache: Path, on_progress: Callable[[int, int], None]) -> None:
        self.passages = list(passages)
        rows = encoded(self.passages, cache, on_progress)
        self._encoder = load_encoder()
        self._vectors = MemoryVectors(rows)
        self._words = word_index([WordDocument(n, None, text) for n, text in enumerate(self.passages)])
        self._ranked: dict[str, IntArray] = {}

    def ranked(self, question: str) -> IntArray:
        """Return the rows of the passages retrieved for the question, best first."""
        if question not in self._ranked:
            self._ranked[question] = self._rank(question)
        return self._ranked[question]

    def _rank(self, question: str) -> IntArray:
        query = self._encoder.encode_question(question)
        match, _ = self._words.search(question, LEXICAL_CANDIDATES)
        ids = np.union1d(self._vectors.search(query, DENSE_CANDIDATES), match)
        dense, lexical = self._vectors.scores(query, ids), self._words.scores(question, ids)
        candidates = [
            Candidate(None, self.passages[i], float(d), float(w)) for i, d, w in zip(ids, dense, lexical, strict=True)
        ]
        return np.asarray(ids[np.lexsort((ids, -dense, -(ranking_features(question, candidates) @ WEIGHTS)))])
