"""The search view of the vectors: exact in a small library, over inverted lists with exact cosines in a large one.

Rows lie in blocks that never change (`blocks.py`). Once there are many, inverted lists (`indexes.py`) say which rows
are worth an exact look; what came after them is searched exactly, as is what a filter leaves when that is little.
"""

import logging
import os
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np

from embeddings.index.blocks import Blocks, Found, cosines_of, extended, without
from embeddings.index.files import Stamp
from embeddings.index.ids import IntArray, ascending
from embeddings.index.indexes import CANDIDATES, FloatArray, HalfArray, Inverted, Listing, Stopped
from embeddings.index.listing import GROWTH, make_listing, put_together
from embeddings.index.vector_files import FILE_NAME, FORMAT, read_rows, write_rows

__all__ = ["FILE_NAME", "FloatArray", "HalfArray", "IntArray", "VectorView"]

LISTS_FROM = 65_536
"""Vectors from which inverted lists pay."""
EXACT_AMONG = 20_000
"""A filter that leaves so many passages or fewer is answered exactly."""
ENGINE_FROM = 16_384
"""Vectors from which FAISS searches exactly; below, NumPy does: FAISS takes longer to import than that costs."""
TAIL_SHARE, TAIL = 0.05, 32_768
"""Inverted lists are made anew once more than this share of the vectors, and more than so many, came after them."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _State:
    """What a search sees: the rows, and inverted lists over all of them up to an id, or none."""

    blocks: Blocks
    inverted: Inverted | None

    @property
    def size(self) -> int:
        return sum(block.size for block in self.blocks)

    @property
    def tail(self) -> Blocks:
        """The blocks with rows that the lists do not hold."""
        inverted = self.inverted
        return (
            self.blocks if inverted is None else tuple(b for b in self.blocks if b.ids[-1] > inverted.listing.ids[-1])
        )


class VectorView:
    """Passage ids and their vectors, as of one entry of the library's change log."""

    def __init__(
        self,
        folder: Path | None,
        *,
        library_id: str,
        model_hash: str,
        dimension: int,
        lists_from: int = LISTS_FROM,
        exact_among: int = EXACT_AMONG,
        searched: bool = True,
    ) -> None:
        """Make an empty view. lists_from, exact_among: as the constants of these names.

        searched: whether questions come, for which inverted lists are held; else until the first one comes only what
        is saved of them.
        """
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
        self._lists_from, self._exact_among = lists_from, exact_among
        self._state = _State((), None)
        self._listing: Listing | None = None  # of the inverted lists, or for those that are made next
        self._searched = searched
        self._writing = threading.Lock()
        self._starting = threading.Lock()
        self._builder: threading.Thread | None = None
        self._closed = False

    @classmethod
    def open(
        cls,
        folder: Path | None,
        *,
        library_id: str,
        model_hash: str,
        dimension: int,
        lists_from: int = LISTS_FROM,
        exact_among: int = EXACT_AMONG,
        searched: bool = True,
        touched: IntArray | None = None,
    ) -> Self:
        """Return the view last saved in the folder.

        It is an empty one at change 0 when nothing is saved there, when what is saved is damaged or belongs to
        another library or model, and when there is no folder. Saved inverted lists are put together in the background,
        where questions come.
        The arguments are those of a new view, and `touched`: ids of which alone something is removed; other blocks
        need not be whole then.
        """
        view = cls(
            folder,
            library_id=library_id,
            model_hash=model_hash,
            dimension=dimension,
            lists_from=lists_from,
            exact_among=exact_among,
            searched=searched,
        )
        rows = read_rows(folder, expected=view._stamp, dimension=dimension, touched=touched) if folder else None
        if rows:
            view._state = _State(rows.blocks, None)
            view.change, view.mark = int(rows.stamp["change"]), int(rows.stamp["mark"])
            view._listing = rows.listing
            if searched:
                view._build_if_due()
        return view

    @property
    def size(self) -> int:
        """How many vectors are there."""
        return self._state.size

    @property
    def lists(self) -> int:
        """How many inverted lists the view is searched by, 0 for exact search."""
        return len(self._state.inverted.listing.centroids) if self._state.inverted else 0

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
            before = self._state
            gone = np.concatenate([removed, added])
            inverted = before.inverted and before.inverted.without(gone)
            if self._listing and len(added) and added.min() <= self._listing.ids[-1]:
                inverted = self._listing = None  # ids are given in ascending order; else the lists start anew
            self._state = _State(extended(without(before.blocks, gone), added, halves), inverted)
            self.change = change
            self.changed_since_save += len(added) + len(removed)
        if self._searched:  # else they are made before they are saved, beside nothing else that needs memory
            self._build_if_due()

    def search(self, query: FloatArray, k: int, *, allowed: IntArray | None = None) -> Found:
        """Return the ids of the k nearest passages and their exact cosines, best first, equal ones by id.

        query: (dimension,) of length 1. With `allowed`, only passages with these ids are looked at. All of the k
        nearest are found without inverted lists and where few are allowed, else nearly all (docs/scale.md).
        """
        self.expect_questions()
        state = self._state
        if k < 1 or not state.blocks:
            return np.empty(0, np.int64), np.empty(0, np.float32)
        query = self._checked(query)
        allowed = None if allowed is None else ascending(allowed)
        if allowed is not None and len(allowed) <= min(self._exact_among, state.size // 2):
            found = [(allowed, cosines_of(state.blocks, query, allowed))]
        elif state.inverted is None:
            found = self._scan(state.blocks, query, k, allowed, engine=state.size < self._lists_from)
        else:
            near = np.unique(state.inverted.candidates(query, max(100, CANDIDATES * k), allowed))
            found = self._scan(state.tail, query, k, allowed, engine=True)
            found.append((near, cosines_of(state.blocks, query, near)))
        ids, cosines = np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found])
        ids, first = np.unique(ids, return_index=True)
        cosines = cosines[first]
        ids, cosines = ids[~np.isnan(cosines)], cosines[~np.isnan(cosines)]
        order = np.lexsort((ids, -cosines))[:k]
        return ids[order], cosines[order]

    def scores(self, query: FloatArray, ids: IntArray) -> FloatArray:
        """Return the cosine of each passage with the query, NaN for one that is not there."""
        return cosines_of(self._state.blocks, self._checked(query), np.asarray(ids, dtype=np.int64))

    def expect_questions(self) -> None:
        """Hold inverted lists from now on, made in the background where they are due; a search does so itself."""
        if not self._searched:
            self._searched = True
            self._build_if_due()

    def settle(self) -> None:
        """Wait until inverted lists are made, where they are due."""
        self._build_if_due()
        builder = self._builder
        if builder is not None:
            builder.join()

    def save(self) -> None:
        """Write the view into its folder. Raises ValueError when it has none, OSError when that cannot be written."""
        if self._folder is None:
            raise ValueError("a view without a folder cannot be saved")
        with self._writing:
            stamp = {**self._stamp, "change": self.change, "mark": self.mark, "size": self.size}
            blocks = write_rows(self._folder, stamp=stamp, blocks=self._state.blocks, listing=self._listing)
            self._state = replace(self._state, blocks=blocks)
            self.changed_since_save = 0

    def close(self) -> None:
        """Let nothing go on in the background. The view can still be searched."""
        self._closed = True
        builder = self._builder
        if builder is not None:
            builder.join()

    def _scan(
        self, blocks: Blocks, query: FloatArray, k: int, allowed: IntArray | None, *, engine: bool
    ) -> list[Found]:
        """Return the best rows of each block, by FAISS (`engine`) unless the view is small.

        A large view that waits for its lists is scanned with NumPy, which keeps no second copy of the rows.
        """
        small = self._state.size <= ENGINE_FROM
        return [block.best(query, k, allowed, engine=engine and not small, keep=small) for block in blocks]

    def _is_due(self) -> bool:
        """Whether inverted lists pay and are missing, or leave out or were trained on too little of what is there."""
        return (self._searched and self._pays() and self._state.inverted is None) or self._is_listing_due()

    def _pays(self) -> bool:
        return self._state.size >= self._lists_from and not self._closed

    def _is_listing_due(self) -> bool:
        if not self._pays():
            return False
        listing, blocks, size = self._listing, self._state.blocks, self._state.size
        if listing is None:
            return True
        last = listing.ids[-1]
        tail = sum(int(np.count_nonzero(block.ids > last)) for block in blocks if block.ids[-1] > last)
        many = max(TAIL, TAIL_SHARE * size)
        return tail > many or size >= GROWTH * listing.trained_on

    def _build_if_due(self) -> None:
        """Start making inverted lists in the background, unless that is being done."""
        if not self._is_due():
            return
        with self._starting:
            if self._builder is None or not self._builder.is_alive():
                self._builder = threading.Thread(target=self._build, name="citewire-lists", daemon=True)
                self._builder.start()

    def _build(self) -> None:
        """Make inverted lists of what is there now, and put them in place with what was removed meanwhile masked."""
        threads = max(1, (os.cpu_count() or 2) // 2)  # the rest is for those who ask meanwhile
        while self._is_due():
            blocks, known = self._state.blocks, self._listing
            try:
                listing = make_listing(blocks, known, threads=threads, going_on=lambda: not self._closed)
                new = None
                if self._searched:
                    new = put_together(blocks, listing, threads=threads, going_on=lambda: not self._closed)
            except Stopped:
                return
            except MemoryError:
                _log.warning("there is too little memory for inverted lists: questions are answered without, slowly")
                return
            with self._writing:
                if self._listing is not known:
                    continue  # what came meanwhile has them start anew
                self._listing = listing
                if new is None:
                    continue
                here = [block.ids[block.alive] for block in self._state.blocks]
                there = np.isin(listing.ids, np.concatenate(here), assume_unique=True)
                blocks = tuple(replace(block) for block in self._state.blocks)  # without what exact search had kept
                self._state = _State(blocks, new.without(listing.ids[~there]))

    def _checked(self, query: FloatArray) -> FloatArray:
        """Return the query as FAISS needs it. FAISS reads past the end of a vector that is too short."""
        if query.shape != (self._dimension,):
            raise ValueError(f"a query of shape {query.shape} cannot be asked of {self._dimension} dimensions")
        return np.ascontiguousarray(query, dtype=np.float32)
