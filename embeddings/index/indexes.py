"""FAISS: exact search of a block of vectors, and inverted lists of coarser ones that say which are worth a closer look.

The inverted lists hold each vector in one byte a dimension. They are never changed once they are made: what was
removed since is masked, what was added since is searched beside them, and they are made anew, beside, in time.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.index.ids import IntArray

ListArray = npt.NDArray[np.uint16]
FloatArray = npt.NDArray[np.float32]
HalfArray = npt.NDArray[np.float16]
BoolArray = npt.NDArray[np.bool_]

PROBES = 320
"""Lists that are looked into for a question; more in proportion where a filter leaves fewer of their vectors."""
CANDIDATES = 4
"""So many times the wanted vectors are taken from the lists, to be put in order by their exact cosines."""


class Stopped(Exception):  # noqa: N818 - no error: whoever asked for it knows
    """Nobody waits for the lists any more."""


def exact_index(halves: HalfArray) -> Any:  # noqa: ANN401
    """Return (n, dimension) half-precision rows in a FAISS index, which holds them as they are."""
    faiss = _faiss()
    kind, metric = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexScalarQuantizer(halves.shape[1], kind, metric)
    index.add_sa_codes(np.ascontiguousarray(halves).view(np.uint8))
    return index


def search_exact(index: Any, query: FloatArray, k: int, wanted: BoolArray) -> tuple[IntArray, FloatArray]:  # noqa: ANN401
    """Return rows and cosines of the k best rows of those `wanted`, of which there are at least k."""
    faiss = _faiss()
    # One query gives several threads nothing to do but wait for each other. The setting is the calling thread's.
    faiss.omp_set_num_threads(1)
    # The selector points into `bits`, which has to live as long as the search.
    bits = np.packbits(wanted, bitorder="little")
    parameters = None if wanted.all() else faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
    found, rows = index.search(query[None, :], k, params=parameters)
    return rows[0], found[0]


@dataclass(frozen=True)
class Listing:
    """Which list each passage belongs to: what is saved of inverted lists.

    centroids: (lists, dimension), made of `trained_on` vectors; lists: for each of the ascending ids its list's number.
    """

    centroids: HalfArray
    trained_on: int
    ids: IntArray
    lists: ListArray

    @cached_property
    def digest(self) -> str:
        """The SHA-256 of the centroids."""
        return hashlib.sha256(np.ascontiguousarray(self.centroids).ravel().data.cast("B")).hexdigest()

    def rows(self, some: IntArray) -> tuple[IntArray, BoolArray]:
        """Return for each of `some` its row, and whether it is there; the row of one that is not means nothing."""
        if len(self.ids) == 0:
            return np.zeros(len(some), np.int64), np.zeros(len(some), np.bool_)
        rows = np.minimum(np.searchsorted(self.ids, some), len(self.ids) - 1)
        return rows, self.ids[rows] == some


@dataclass(frozen=True, slots=True)
class Inverted:
    """Inverted lists over the passages of a listing, of which those `gone` have been removed since."""

    listing: Listing
    gone: BoolArray
    index: Any

    def without(self, removed: IntArray) -> "Inverted":
        """Return the same lists with these passages masked; those that are not there do not matter."""
        rows, there = self.listing.rows(removed)
        if not there.any():
            return self
        gone = self.gone.copy()
        gone[rows[there]] = True
        return replace(self, gone=gone)

    def candidates(self, query: FloatArray, k: int, allowed: IntArray | None) -> IntArray:
        """Return the ids of about the k nearest passages; with `allowed`, distinct ids, of these."""
        wanted = ~self.gone
        if allowed is not None:
            wanted &= np.isin(self.listing.ids, allowed, assume_unique=True)
        count = int(np.count_nonzero(wanted))
        if count == 0:
            return np.empty(0, np.int64)
        faiss = _faiss()
        faiss.omp_set_num_threads(1)
        probes = min(len(self.listing.centroids), -(-PROBES * len(self.gone) // count))
        bits = np.packbits(wanted, bitorder="little")
        selector = None if count == len(self.gone) else faiss.IDSelectorBitmap(bits)
        while True:
            parameters = faiss.SearchParametersIVF(sel=selector, nprobe=probes)
            rows = self.index.search(query[None, :], min(k, count), params=parameters)[1][0]
            rows = rows[rows >= 0]
            if len(rows) == min(k, count) or probes == len(self.listing.centroids):
                found: IntArray = self.listing.ids[rows]
                return found
            probes = min(len(self.listing.centroids), probes * 4)  # removed or forbidden ones filled the nearest lists


def assemble(
    parts: Iterable[HalfArray],
    listing: Listing,
    sample: FloatArray,
    *,
    threads: int,
    going_on: Callable[[], bool],
) -> Inverted:
    """Return inverted lists of a listing, whose vectors come in parts; a sample shows their range. Raises Stopped."""
    faiss = _faiss()
    faiss.omp_set_num_threads(threads)
    lists, dimension = listing.centroids.shape
    coarse = faiss.IndexFlatIP(dimension)
    coarse.add(listing.centroids.astype(np.float32))
    kind, metric = faiss.ScalarQuantizer.QT_8bit, faiss.METRIC_INNER_PRODUCT
    index = faiss.IndexIVFScalarQuantizer(coarse, dimension, lists, kind, metric, False)
    index.train(sample)
    start = 0
    for halves in parts:
        go_on(going_on)
        rows = np.arange(start, start + len(halves), dtype=np.int64)
        arrays = (halves.astype(np.float32), rows, listing.lists[rows].astype(np.int64))
        index.add_core(len(rows), *(faiss.swig_ptr(array) for array in arrays))
        start += len(rows)
    coarse.this.disown()
    index.own_fields = True
    return Inverted(listing, np.zeros(start, dtype=np.bool_), index)


def go_on(going_on: Callable[[], bool]) -> None:
    """Raise Stopped unless somebody still waits."""
    if not going_on():
        raise Stopped


def _faiss() -> Any:  # noqa: ANN401 - its stubs do not describe what it takes
    """Return FAISS, imported at its first use."""
    import faiss

    return faiss
