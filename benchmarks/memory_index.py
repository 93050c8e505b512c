"""A list of passages in the indexes that a library has, without a library."""

from collections.abc import Sequence

import numpy as np

from embeddings.index.files import Stamp
from embeddings.index.vector_index import FloatArray, IntArray, VectorIndex
from embeddings.index.word_index import WordDocument, WordIndex

_STAMP = Stamp("benchmark", "benchmark")


def word_index(documents: Sequence[WordDocument]) -> WordIndex:
    """Return an index of the words of these passages, in a temporary folder."""
    return WordIndex.build(_STAMP, documents)


class MemoryVectors:
    """Vectors, (n, dimension), known by their row."""

    def __init__(self, rows: FloatArray) -> None:
        self._rows = rows.astype(np.float16)
        ids = np.arange(len(rows))
        self._index = VectorIndex.build(_STAMP, ids, self._rows.__getitem__, dimension=rows.shape[1])

    def search(self, query: FloatArray, k: int) -> IntArray:
        """Return the rows of the k nearest, best first."""
        return self._index.search(query, k, lambda ids: self.scores(query, ids))

    def scores(self, query: FloatArray, ids: IntArray) -> FloatArray:
        """Return the cosine of each with the query."""
        cosines: FloatArray = self._rows[ids].astype(np.float32) @ query
        return cosines
