"""The vectors of a library in one FAISS file: flat and exact up to 65,536 passages, inverted lists above.

`faiss.read_index` opens the file. Behind FAISS's own bytes stands the stamp; FAISS reads only its own bytes.

Passages added after the file was written are searched exactly; removed ones are masked.
"""

import math
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from corpus.store.connection import VECTORS, sync_folder
from embeddings.index.files import IndexMissing, IndexUnusable, Stamp, append_stamp, read_stamp

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
HalfArray = npt.NDArray[np.float16]
ReadVectors = Callable[[IntArray], HalfArray]
"""Returns the stored vectors of passages, (n, dimension)."""
Cosines = Callable[[IntArray], FloatArray]
"""Returns the exact cosines of a question with passages, NaN for one that is not in the store."""

FORMAT = "vectors 4"
FLAT_UP_TO = 65_536
"""Most passages of a flat index, which compares a question with all: 10 ms on an AVX2 core, 3 ms with AVX-512."""
EXACT_AMONG = 2_000
"""An index with lists answers a filter that leaves this many passages or fewer exactly, from the store."""
PROBES = 320
"""Lists that are searched for a question; more, in proportion, if a filter leaves fewer passages."""
CANDIDATES = 4
"""The lists give this many times the passages wanted. Exact cosines then put them in order."""

_FEWEST_CANDIDATES = 100
_MOST_LISTS = 4_096
_TRAINED_ON = 25  # vectors for each list
_ROUNDS = 8
_AT_ONCE = 4_096
_NONE = np.empty(0, np.int64)


def lists_for(size: int) -> int:
    """Return the number of inverted lists for this many vectors: 8 times the root, 4,096 at most.

    More and shorter lists find more of the nearest passages for the same work (docs/scale.md).
    """
    return max(1, min(_MOST_LISTS, 8 * math.isqrt(size)))


def load_faiss() -> Any:  # noqa: ANN401 - its stubs do not describe what it takes
    """Return FAISS, imported at its first use: that takes 60 to 80 ms."""
    import faiss

    return faiss


@dataclass(frozen=True)
class VectorIndex:
    """The vectors of a library up to `change`. It never changes, so any thread may search it.

    index: FAISS's, at the state of `stamp`. removed: ids in it that were removed since. added: ids that were added
    since, ascending, and rows: their vectors, (n, dimension).
    """

    index: Any
    stamp: Stamp
    change: int
    removed: IntArray
    added: IntArray
    rows: HalfArray

    @classmethod
    def open(cls, folder: Path, expected: Stamp, *, mapped: bool = True) -> "VectorIndex":
        """Return the index saved in the folder, checked by its hash. Raises IndexUnusable.

        mapped: map the file into memory; an index to be changed has to be read instead.
        """
        path = folder / VECTORS
        while True:
            try:
                with path.open("rb") as file:
                    stamp = read_stamp(file, whole=True)
                    stamp.require_made_as(expected)
                    faiss = load_faiss()
                    index = faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if mapped else 0)
                    if os.path.samestat(path.stat(), os.fstat(file.fileno())):  # else there is a newer file by now
                        break
            except FileNotFoundError as error:
                raise IndexMissing from error
            except (OSError, RuntimeError) as error:
                raise IndexUnusable("is damaged, or cannot be read") from error
        if index.ntotal != stamp.size:
            raise IndexUnusable("is damaged")
        return cls._without_changes(index, stamp)

    @classmethod
    def build(cls, stamp: Stamp, ids: IntArray, read_vectors: ReadVectors, *, dimension: int) -> "VectorIndex":
        """Build an index of these passages in memory. ids: ascending."""
        faiss = load_faiss()
        if len(ids) <= FLAT_UP_TO:
            kind, metric = faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
            index = faiss.IndexIDMap2(faiss.IndexScalarQuantizer(dimension, kind, metric))
        else:
            index = _train_lists(ids, read_vectors, dimension)
        new = cls._without_changes(index, replace(stamp, size=len(ids)))
        new._add_vectors(ids, read_vectors)
        return new

    @classmethod
    def _without_changes(cls, index: Any, stamp: Stamp) -> "VectorIndex":  # noqa: ANN401
        nothing = np.empty((0, index.d), np.float16)
        return cls(index, stamp, stamp.change, _NONE, _NONE, nothing)

    @property
    def size(self) -> int:
        """How many passages are in it."""
        return self.stamp.size - len(self.removed) + len(self.added)

    @property
    def lists(self) -> int:
        """How many inverted lists it has, 0 for a flat index."""
        return int(getattr(self.index, "nlist", 0))

    def with_changes(self, added: IntArray, rows: HalfArray, removed: IntArray, *, change: int) -> "VectorIndex":
        """Return the index after further changes. added: ascending ids that are not in it."""
        left = ~np.isin(self.added, removed)
        gone = np.union1d(self.removed, np.setdiff1d(removed, self.added))
        ids, vectors = np.concatenate([self.added[left], added]), np.concatenate([self.rows[left], rows])
        return replace(self, change=change, removed=gone, added=ids, rows=vectors)

    def search(self, query: FloatArray, k: int, cosines: Cosines, *, allowed: IntArray | None = None) -> IntArray:
        """Return the ids of the k nearest passages, best first, equal ones by id.

        query: (dimension,) of length 1. allowed: the only ids that may be returned, each once. The result is exact in
        a flat index, and if few ids are allowed. Otherwise nearly all of the k nearest are found.
        """
        if query.shape != (self.index.d,):
            raise ValueError(f"a query of shape {query.shape} cannot be asked of {self.index.d} dimensions")
        if k < 1:
            return _NONE
        if allowed is not None and self.lists and len(allowed) <= EXACT_AMONG:
            ids = np.unique(allowed)
        else:
            row = np.ascontiguousarray(query, dtype=np.float32)
            ids = np.concatenate([self._nearest(row, k, allowed), self._nearest_added(row, k, allowed)])
        found = cosines(ids)
        ids, found = ids[~np.isnan(found)], found[~np.isnan(found)]
        best: IntArray = ids[np.lexsort((ids, -found))[:k]]
        return best

    def updated(
        self, stamp: Stamp, added: IntArray, removed: IntArray, read_vectors: ReadVectors
    ) -> "VectorIndex | None":
        """Change FAISS's own index, to be saved: without `removed` and with `added`. Open it with mapped=False.

        None if it has to be rebuilt: a flat index has become too large, or the lists are too few or too many.
        """
        size = self.stamp.size - len(removed) + len(added)
        if (size > FLAT_UP_TO and lists_for(size) >= 2 * max(1, self.lists)) or (self.lists and size < FLAT_UP_TO // 2):
            return None
        if len(removed):
            self.index.remove_ids(load_faiss().IDSelectorBatch(removed))
        new = self._without_changes(self.index, replace(stamp, size=size))
        new._add_vectors(added, read_vectors)
        return new

    def save(self, folder: Path) -> None:
        """Write the index beside the one in the folder, and put it in its place. Raises OSError."""
        beside = folder / f"{VECTORS}.new"
        try:
            load_faiss().write_index(self.index, str(beside))
            append_stamp(beside, self.stamp)
            beside.chmod(folder.stat().st_mode & 0o666)  # who may use the library may read its index
            beside.replace(folder / VECTORS)
        except RuntimeError as error:  # so FAISS says that the disk is full
            raise OSError(str(error)) from error
        finally:
            beside.unlink(missing_ok=True)
        sync_folder(folder)

    def _add_vectors(self, ids: IntArray, read_vectors: ReadVectors) -> None:
        load_faiss().omp_set_num_threads(os.cpu_count() or 1)
        for some in batches(ids):
            self.index.add_with_ids(read_vectors(some).astype(np.float32), some)

    def _nearest(self, query: FloatArray, k: int, allowed: IntArray | None) -> IntArray:
        """Return the ids of the k nearest passages in FAISS's index, or of more candidates for them."""
        faiss = load_faiss()
        faiss.omp_set_num_threads(1)  # several threads would wait for each other; the setting is this thread's
        selector, count = self._not_removed, self.stamp.size - len(self.removed)
        bits = None  # has to live as long as the search
        if allowed is not None:
            bits = _bitmap(np.setdiff1d(allowed, self.removed, assume_unique=True) if len(self.removed) else allowed)
            selector, count = faiss.IDSelectorBitmap(bits), min(count, len(allowed))
        if count < 1:
            return _NONE
        if not self.lists:
            parameters = faiss.SearchParameters(sel=selector) if selector is not None else None
            ids: IntArray = self.index.search(query[None, :], min(k, count), params=parameters)[1][0]
            return ids[ids >= 0]
        wanted = min(count, max(_FEWEST_CANDIDATES, CANDIDATES * k))
        # If a filter leaves one passage in n, n times as many lists hold as many of them.
        probes = min(self.lists, math.ceil(PROBES * self.stamp.size / count))
        while True:
            parameters = faiss.SearchParametersIVF(sel=selector, nprobe=probes)
            ids = self.index.search(query[None, :], wanted, params=parameters)[1][0]
            ids = ids[ids >= 0]
            if len(ids) == wanted or probes == self.lists:
                return ids
            probes = min(self.lists, probes * 4)  # removed or forbidden passages filled the nearest lists

    def _nearest_added(self, query: FloatArray, k: int, allowed: IntArray | None) -> IntArray:
        """Return the ids of the k nearest passages among those added since."""
        positions = np.arange(len(self.added)) if allowed is None else np.flatnonzero(np.isin(self.added, allowed))
        # In this thread: BLAS would wait for others on a busy machine.
        cosines = np.einsum("ij,j->i", self.rows[positions].astype(np.float32), query)
        best: IntArray = self.added[positions[np.argsort(-cosines, kind="stable")[:k]]]
        return best

    @cached_property
    def _not_removed(self) -> Any:  # noqa: ANN401
        faiss = load_faiss()
        return faiss.IDSelectorNot(faiss.IDSelectorBatch(self.removed)) if len(self.removed) else None


def _train_lists(ids: IntArray, read_vectors: ReadVectors, dimension: int) -> Any:  # noqa: ANN401
    """Return an empty index, with lists trained on a sample of the vectors that is the same each time."""
    faiss = load_faiss()
    faiss.omp_set_num_threads(os.cpu_count() or 1)
    lists = lists_for(len(ids))
    sample = np.sort(np.random.default_rng(0).choice(ids, min(len(ids), lists * _TRAINED_ON), replace=False))
    coarse, kind = faiss.IndexFlatIP(dimension), faiss.ScalarQuantizer.QT_8bit
    index = faiss.IndexIVFScalarQuantizer(coarse, dimension, lists, kind, faiss.METRIC_INNER_PRODUCT, False)
    index.cp.niter, index.cp.spherical, index.cp.min_points_per_centroid = _ROUNDS, True, 1
    index.train(np.concatenate([read_vectors(some) for some in batches(sample)]).astype(np.float32))
    return index


def batches(ids: IntArray) -> Iterator[IntArray]:
    """Yield the ids in batches."""
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


def _bitmap(ids: IntArray) -> npt.NDArray[np.uint8]:
    """Return a bitmap of passage ids."""
    wanted = np.zeros(int(ids.max(initial=0)) + 1, dtype=np.bool_)
    wanted[ids[ids >= 0]] = True
    return np.packbits(wanted, bitorder="little")
