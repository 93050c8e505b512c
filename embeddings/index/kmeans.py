"""k-means over rows that are read part by part: the centroids of inverted lists, and which list each row belongs to.

With NumPy's matrix products, which take as long as FAISS's: so a process that only adds needs no FAISS.
"""

import math
from collections.abc import Callable, Iterable

import numpy as np

from embeddings.index.ids import IntArray
from embeddings.index.indexes import FloatArray, HalfArray, ListArray, go_on

_MOST_LISTS = 4_096
_POINTS_PER_LIST = 25
_ROUNDS = 6
ROWS_AT_ONCE = 512
"""Rows that are in memory in single precision while lists are made."""


def lists_for(rows: int) -> int:
    """Return how many lists to make of so many vectors: 8 times the root, up to a number that is soon trained.

    For equal work, more and shorter lists found more of the nearest passages of real questions (docs/scale.md).
    """
    return max(1, min(_MOST_LISTS, rows, 8 * math.isqrt(rows)))


def sample_size(lists: int) -> int:
    """Return how many vectors are enough to train so many lists."""
    return lists * _POINTS_PER_LIST


def train(sample: Callable[[], Iterable[HalfArray]], lists: int, *, going_on: Callable[[], bool]) -> HalfArray:
    """Return (lists, dimension) centroids by spherical k-means. Raises indexes.Stopped.

    sample: gives the same rows in the same parts each time it is asked, as many as there are lists or more together.
    So no more than a part of them is in memory.
    """
    rng = np.random.default_rng(0)
    centroids = _drawn(sample(), lists, rng)
    for _ in range(_ROUNDS):
        sums = np.zeros_like(centroids)
        for part in sample():
            go_on(going_on)
            rows = part.astype(np.float32)
            nearest = _nearest(rows, centroids)
            order = np.argsort(nearest, kind="stable")
            used, starts = np.unique(nearest[order], return_index=True)
            sums[used] += np.add.reduceat(rows[order], starts, axis=0)
        unused = np.flatnonzero(~sums.any(axis=1))
        if len(unused):
            sums[unused] = _drawn(sample(), len(unused), rng)
        sums /= np.maximum(np.linalg.norm(sums, axis=1, keepdims=True), 1e-12)
        centroids = sums
    return centroids.astype(np.float16)


def assign(halves: HalfArray, wanted: IntArray, centroids: HalfArray) -> ListArray:
    """Return for each of the wanted rows the number of the nearest centroid."""
    singles = centroids.astype(np.float32)
    lists = np.empty(len(wanted), np.uint16)
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        some = slice(start, start + ROWS_AT_ONCE)
        lists[some] = _nearest(halves[wanted[some]].astype(np.float32), singles)
    return lists


def _nearest(rows: FloatArray, centroids: FloatArray) -> IntArray:
    """Return for each row the number of the centroid with the greatest product."""
    nearest: IntArray = np.argmax(rows @ centroids.T, axis=1)
    return nearest


def _drawn(parts: Iterable[HalfArray], count: int, rng: np.random.Generator) -> FloatArray:
    """Return so many of the rows, each as likely as any other."""
    rows, keys = np.empty((0, 0), np.float16), np.empty(0)
    for part in parts:
        rows = np.concatenate([rows, part]) if len(keys) else part
        keys = np.concatenate([keys, rng.random(len(part))])
        kept = np.sort(np.argsort(keys)[:count])
        rows, keys = rows[kept], keys[kept]
    return rows.astype(np.float32)
