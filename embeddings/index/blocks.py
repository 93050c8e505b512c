"""Rows of the vector view in blocks that never change.

What is added goes into a copy of the last block, what is removed is masked in a copy of its block's mask. So whoever
holds a tuple of blocks sees one state of the view, and a change costs the same in a library of any size.
"""

import mmap
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from embeddings.index.ids import IntArray
from embeddings.index.indexes import BoolArray, FloatArray, HalfArray, exact_index, search_exact

BLOCK_ROWS = 4_096
"""Rows of a full block. Removing a passage writes one block again: fewer rows would cost a search more than that."""

Found = tuple[IntArray, FloatArray]
"""Passage ids and their cosines with a query."""


@dataclass(frozen=True)
class Block:
    """Rows in the order of their ids, of which those not `alive` have been removed; `file`, if any, holds all of them.

    halves: (n, dimension), in memory or in `mapped`, the file as it is mapped.
    """

    ids: IntArray
    halves: HalfArray
    alive: BoolArray
    file: str | None = None
    mapped: mmap.mmap | None = None

    @cached_property
    def singles(self) -> FloatArray:
        """The rows in single precision."""
        return self.halves.astype(np.float32)

    @cached_property
    def index(self) -> Any:  # noqa: ANN401
        """The rows in a FAISS index."""
        return exact_index(self.halves)

    @cached_property
    def size(self) -> int:
        """How many rows are alive."""
        return int(np.count_nonzero(self.alive))

    @property
    def living(self) -> tuple[IntArray, HalfArray]:
        """The ids and vectors of the rows that are alive; copies only where some are not."""
        if self.size == len(self.ids):
            return self.ids, self.halves
        return self.ids[self.alive], self.halves[self.alive]

    def release(self) -> None:
        """Count the mapped rows to this process no more: those looked at again come from the system's own memory."""
        if self.mapped is not None:
            release(self.mapped)

    def rows(self, ids: IntArray) -> tuple[IntArray, BoolArray]:
        """Return for each id its row, and whether it is there; the row of one that is not means nothing."""
        rows = np.minimum(np.searchsorted(self.ids, ids), len(self.ids) - 1)
        return rows, (self.ids[rows] == ids) & self.alive[rows]

    def best(self, query: FloatArray, k: int, allowed: IntArray | None, *, engine: bool, keep: bool) -> Found:
        """Return the k best rows, in no certain order, by FAISS (`engine`) or NumPy; `keep` what makes it faster.

        allowed: ascending ids, which alone are looked at.
        """
        wanted = self.alive
        if allowed is not None:
            rows, there = self.rows(allowed[slice(*np.searchsorted(allowed, (self.ids[0], self.ids[-1] + 1)))])
            wanted = np.zeros(len(self.ids), dtype=np.bool_)
            wanted[rows[there]] = True
        count = min(k, int(np.count_nonzero(wanted)))
        if count == 0:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        if engine:
            rows, cosines = search_exact(self.index, query, count, wanted)
            return self.ids[rows], cosines
        singles = self.singles if keep else self.halves.astype(np.float32)
        cosines = np.where(wanted, _products(singles, query), np.float32(-np.inf))
        rows = np.argpartition(cosines, -count)[-count:]
        return self.ids[rows], cosines[rows]


Blocks = tuple[Block, ...]


def release(mapped: mmap.mmap) -> None:
    """Let go of a mapped file's pages, where the system can (Linux, macOS); they are mapped again at the next look."""
    if hasattr(mmap, "MADV_DONTNEED"):
        mapped.madvise(mmap.MADV_DONTNEED)


def cut(ids: IntArray, halves: HalfArray) -> Blocks:
    """Return rows in ascending order of ids as blocks."""
    cuts = [slice(at, at + BLOCK_ROWS) for at in range(0, len(ids), BLOCK_ROWS)]
    return tuple(Block(ids[part], halves[part], np.ones(len(ids[part]), dtype=np.bool_)) for part in cuts)


def living(blocks: Blocks) -> tuple[IntArray, HalfArray]:
    """Return ids and vectors of all rows that are alive."""
    if len(blocks) == 0:
        return np.empty(0, np.int64), np.empty((0, 0), np.float16)
    if len(blocks) == 1:
        return blocks[0].living
    alive = [block.living for block in blocks]
    return np.concatenate([a[0] for a in alive]), np.concatenate([a[1] for a in alive])


def cosines_of(blocks: Blocks, query: FloatArray, ids: IntArray) -> FloatArray:
    """Return the exact cosine of each passage with the query, NaN for one that is not there."""
    cosines = np.full(len(ids), np.nan, dtype=np.float32)
    for block, some in _spread(blocks, ids):
        rows, there = block.rows(ids[some])
        cosines[some[there]] = _products(block.halves[rows[there]].astype(np.float32), query)
    return cosines


def without(blocks: Blocks, removed: IntArray) -> Blocks:
    """Return the blocks without these ids; a block is copied once half of it is gone."""
    changed: dict[int, Blocks] = {}
    for block, some in _spread(blocks, removed):
        rows, there = block.rows(removed[some])
        if not there.any():
            continue
        alive = block.alive.copy()
        alive[rows[there]] = False
        if np.count_nonzero(alive) * 2 >= len(alive):
            masked = replace(block, alive=alive, file=None)
            masked.__dict__.update({n: block.__dict__[n] for n in ("singles", "index") if n in block.__dict__})
            changed[id(block)] = (masked,)
        else:
            changed[id(block)] = cut(block.ids[alive], block.halves[alive])
    return tuple(new for block in blocks for new in changed.get(id(block), (block,))) if changed else blocks


def extended(blocks: Blocks, added: IntArray, halves: HalfArray) -> Blocks:
    """Return the blocks with new rows, of whose ids none is alive in them; the last of equal new ids counts."""
    if len(added) == 0:
        return blocks
    order = np.argsort(added, kind="stable")
    order = order[np.append(added[order][1:] != added[order][:-1], True)]
    added, halves = added[order], halves[order]
    is_last = not blocks or added[0] > blocks[-1].ids[-1]
    if is_last:
        full = len(blocks) > 0 and len(blocks[-1].ids) >= BLOCK_ROWS
        sealed, last = (blocks, ()) if full else (blocks[:-1], blocks[-1:])
    else:
        sealed, last = (), blocks
    if last:
        ids, rows = living(last)
        added, halves = np.concatenate([ids, added]), np.concatenate([rows, halves])
        if not is_last:
            order = np.argsort(added, kind="stable")
            added, halves = added[order], halves[order]
    return sealed + cut(added, halves)


def _products(rows: FloatArray, query: FloatArray) -> FloatArray:
    """Return the product of each row with the query, in this thread: BLAS would wait for others on a busy machine."""
    return np.asarray(np.einsum("ij,j->i", rows, query), dtype=np.float32)


def _spread(blocks: Blocks, ids: IntArray) -> Iterator[tuple[Block, npt.NDArray[np.intp]]]:
    """Yield each block that may hold some of the ids, and the places of those among them."""
    if not blocks or len(ids) == 0:
        return
    ends = np.array([block.ids[-1] for block in blocks])
    holder = np.searchsorted(ends, ids)
    order = np.argsort(holder, kind="stable")
    starts = np.searchsorted(holder[order], np.arange(len(blocks) + 1))
    for number in np.unique(holder[holder < len(blocks)]).tolist():
        yield blocks[number], order[starts[number] : starts[number + 1]]
