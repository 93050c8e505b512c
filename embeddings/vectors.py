"""The search view of the vectors: exact cosines over half-precision rows, in FAISS once there are many.

Rows lie in blocks that never change: what is added goes into a copy of the last block, what is removed is masked in
a copy of its block's mask. So a search needs no lock, sees one state of the view, and adding or removing a passage
costs the same in a library of any size.
"""

import threading
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from embeddings.saved import Stamp, read_saved, write_saved

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float32]
HalfArray = npt.NDArray[np.float16]
BoolArray = npt.NDArray[np.bool_]

FORMAT = 1
FILE_NAME = "vectors.view"
BLOCK_ROWS = 16_384
"""Rows of a full block. A view of one block is searched with NumPy: FAISS takes longer to import than that costs."""


@dataclass(frozen=True)
class _Block:
    """Rows in the order of their ids, of which those not `alive` have been removed."""

    ids: IntArray
    halves: HalfArray
    alive: BoolArray

    @cached_property
    def singles(self) -> FloatArray:
        """The rows in single precision."""
        return self.halves.astype(np.float32)

    @cached_property
    def index(self) -> Any:  # noqa: ANN401
        """The rows in a FAISS index, which holds half-precision codes as they are."""
        faiss = _faiss()
        index = faiss.IndexScalarQuantizer(
            self.halves.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT
        )
        index.add_sa_codes(self.halves.view(np.uint8))
        return index

    def rows(self, ids: IntArray) -> tuple[IntArray, BoolArray]:
        """Return for each id its row, and whether it is there; the row of one that is not means nothing."""
        rows = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return rows, (self.ids[rows] == ids) & self.alive[rows]

    def best(self, query: FloatArray, k: int, allowed: IntArray | None, *, plain: bool) -> tuple[IntArray, FloatArray]:
        """Return ids and cosines of the k best rows, in no certain order; `plain` searches without FAISS."""
        wanted = self.alive
        if allowed is not None:
            rows, there = self.rows(allowed)
            wanted = np.zeros(len(self.ids), dtype=np.bool_)
            wanted[rows[there]] = True
        count = min(k, int(np.count_nonzero(wanted)))
        if count == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if plain:
            cosines = np.where(wanted, self.singles @ query, np.float32(-np.inf))
            rows = np.argpartition(cosines, -count)[-count:]
            return self.ids[rows], cosines[rows]
        faiss = _faiss()
        # One query gives several threads nothing to do but wait for each other. The setting is the calling thread's.
        faiss.omp_set_num_threads(1)
        # The selector points into `bits`, which has to live as long as the search.
        bits = np.packbits(wanted, bitorder="little")
        parameters = None if wanted.all() else faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        found, labels = self.index.search(query[None, :], count, params=parameters)
        return self.ids[labels[0]], found[0]


class VectorView:
    """Passage ids and their vectors, as of one entry of the library's change log."""

    def __init__(self, folder: Path | None, *, library_id: str, model_hash: str, dimension: int) -> None:
        if dimension < 1:
            raise ValueError(f"vectors cannot have {dimension} dimensions")
        self.change = 0
        self.mark = 0  # set by the library and saved: which of two histories with equal numbers `change` belongs to
        self.changed_since_save = 0
        self._folder = folder
        self._stamp: Stamp = {
            "kind": "vectors",
            "format": FORMAT,
            "library_id": library_id,
            "model_hash": model_hash,
            "dimension": dimension,
        }
        self._dimension = dimension
        self._blocks: tuple[_Block, ...] = ()
        self._writing = threading.Lock()

    @classmethod
    def open(cls, folder: Path | None, *, library_id: str, model_hash: str, dimension: int) -> Self:
        """Return the view last saved in the folder.

        It is an empty one at change 0 when nothing is saved there, when what is saved is damaged or belongs to
        another library or model, and when there is no folder.
        """
        view = cls(folder, library_id=library_id, model_hash=model_hash, dimension=dimension)
        saved = read_saved(folder / FILE_NAME, expected=view._stamp) if folder else None
        if saved:
            ids = np.frombuffer(saved.parts["ids"], dtype=np.int64)
            halves = np.frombuffer(saved.parts["vectors"], dtype=np.float16).reshape(len(ids), dimension)
            view._blocks = _cut(ids, halves)
            view.change, view.mark = int(saved.stamp["change"]), int(saved.stamp["mark"])
        return view

    @property
    def size(self) -> int:
        """How many vectors are there."""
        return sum(int(np.count_nonzero(block.alive)) for block in self._blocks)

    def apply(self, added: IntArray, vectors: FloatArray, removed: IntArray, *, change: int) -> None:
        """Take in one stretch of the change log: first what it removed, then what it added, and be at `change`.

        added: (n,) passage ids; vectors: (n, dimension), rows of length 1; removed: (m,) ids, which need not be there.
        An id that is there already gets the new vector. Raises ValueError on other shapes, on numbers that are not
        finite and on a change before the one reached.
        """
        added, removed = np.asarray(added, dtype=np.int64), np.asarray(removed, dtype=np.int64)
        if added.ndim != 1 or vectors.shape != (len(added), self._dimension):
            raise ValueError(f"{len(added)} ids of {self._dimension} dimensions cannot have vectors {vectors.shape}")
        halves = vectors.astype(np.float16)
        if not np.isfinite(halves).all():
            raise ValueError("a vector has a number that is not finite")
        with self._writing:
            if change < self.change:
                raise ValueError(f"the view is at change {self.change} and cannot go back to {change}")
            blocks = _without(self._blocks, np.concatenate([removed, added]))
            self._blocks = _with(blocks, added, halves)
            self.change = change
            self.changed_since_save += len(added) + len(removed)

    def search(self, query: FloatArray, k: int, *, allowed: IntArray | None = None) -> tuple[IntArray, FloatArray]:
        """Return the ids of the k nearest passages and their cosines, best first, equal ones by id; exact.

        query: (dimension,) of length 1. With `allowed`, only passages with these ids are looked at.
        """
        blocks = self._blocks
        if k < 1 or not blocks:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        query = self._checked(query)
        allowed = None if allowed is None else np.unique(np.asarray(allowed, dtype=np.int64))
        plain = len(blocks) == 1
        found = [block.best(query, k, allowed, plain=plain) for block in blocks]
        ids, cosines = np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])
        order = np.lexsort((ids, -cosines))[:k]
        return ids[order], cosines[order]

    def scores(self, query: FloatArray, ids: IntArray) -> FloatArray:
        """Return the cosine of each passage with the query, NaN for one that is not there."""
        ids = np.asarray(ids, dtype=np.int64)
        query = self._checked(query)
        cosines = np.full(len(ids), np.nan, dtype=np.float32)
        for block in self._blocks:
            rows, there = block.rows(ids)
            cosines[there] = block.halves[rows[there]].astype(np.float32) @ query
        return cosines

    def save(self) -> None:
        """Write the view into its folder. Raises ValueError when it has none, OSError when that cannot be written."""
        if self._folder is None:
            raise ValueError("a view without a folder cannot be saved")
        with self._writing:
            ids, halves = _rows(self._blocks)
            stamp = {**self._stamp, "change": self.change, "mark": self.mark}
            write_saved(
                self._folder / FILE_NAME, stamp=stamp, parts=[("ids", ids.data), ("vectors", halves.ravel().data)]
            )
            self.changed_since_save = 0

    def _checked(self, query: FloatArray) -> FloatArray:
        """Return the query as FAISS needs it. FAISS reads past the end of a vector that is too short."""
        if query.shape != (self._dimension,):
            raise ValueError(f"a query of shape {query.shape} cannot be asked of {self._dimension} dimensions")
        return np.ascontiguousarray(query, dtype=np.float32)


def _faiss() -> Any:  # noqa: ANN401 - its stubs do not describe what it takes
    """Return FAISS, imported at its first use."""
    import faiss

    return faiss


def _cut(ids: IntArray, halves: HalfArray) -> tuple[_Block, ...]:
    """Return rows in ascending order of ids as blocks."""
    cuts = [slice(at, at + BLOCK_ROWS) for at in range(0, len(ids), BLOCK_ROWS)]
    return tuple(_Block(ids[cut], halves[cut], np.ones(len(ids[cut]), dtype=np.bool_)) for cut in cuts)


def _rows(blocks: tuple[_Block, ...]) -> tuple[IntArray, HalfArray]:
    """Return ids and vectors of all rows that are alive."""
    if len(blocks) == 0:
        return np.empty(0, np.int64), np.empty((0, 0), np.float16)
    alive = [(block.ids[block.alive], block.halves[block.alive]) for block in blocks]
    return np.concatenate([a[0] for a in alive]), np.concatenate([a[1] for a in alive])


def _without(blocks: tuple[_Block, ...], removed: IntArray) -> tuple[_Block, ...]:
    """Return the blocks without these ids; a block is copied once half of it is gone."""
    kept = []
    for block in blocks:
        rows, there = block.rows(removed)
        if not there.any():
            kept.append(block)
            continue
        alive = block.alive.copy()
        alive[rows[there]] = False
        if np.count_nonzero(alive) * 2 >= len(alive):
            masked = replace(block, alive=alive)
            masked.__dict__.update(
                {name: block.__dict__[name] for name in ("singles", "index") if name in block.__dict__}
            )
            kept.append(masked)
        elif alive.any():
            kept.extend(_cut(block.ids[alive], block.halves[alive]))
    return tuple(kept)


def _with(blocks: tuple[_Block, ...], added: IntArray, halves: HalfArray) -> tuple[_Block, ...]:
    """Return the blocks with new rows, of whose ids none is alive in them; the last of equal new ids counts."""
    if len(added) == 0:
        return blocks
    order = np.argsort(added, kind="stable")
    order = order[np.append(added[order][1:] != added[order][:-1], True)]
    added, halves = added[order], halves[order]
    if not blocks or added[0] > blocks[-1].ids[-1]:
        full = len(blocks) > 0 and len(blocks[-1].ids) >= BLOCK_ROWS
        sealed, last = (blocks, ()) if full else (blocks[:-1], blocks[-1:])
    else:
        sealed, last = (), blocks
    if last:
        ids, rows = _rows(last)
        added, halves = np.concatenate([ids, added]), np.concatenate([rows, halves])
        order = np.argsort(added, kind="stable")
        added, halves = added[order], halves[order]
    return sealed + _cut(added, halves)
