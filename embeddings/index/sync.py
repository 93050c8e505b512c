"""Keeping the indexes of a library in step with its store.

The store's change log lists the passages added and removed. A question searches the saved indexes, and exactly what was
added after they were saved. Whoever writes the library saves the indexes again once a few per cent have changed. An
index that is missing, damaged, or of another history of the library is made again from the store.
"""

import logging
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from threading import RLock
from typing import TypeVar

import numpy as np

from corpus.errors import LibraryBusy, LibraryDamaged
from corpus.store.connection import delete_indexes, old_indexes
from corpus.store.snapshot import StoreSnapshot
from corpus.store.store import Store
from embeddings.index import vector_index, word_index
from embeddings.index.files import IndexMissing, IndexUnusable, Stamp, committed, saved_stamp
from embeddings.index.vector_index import HalfArray, IntArray, VectorIndex, batches
from embeddings.index.word_index import WordDocument, WordIndex

SAVE_FRACTION = 0.05
"""The indexes are saved again once this share of the passages has changed, or SAVE_PASSAGES of them."""
SAVE_PASSAGES = 4_096
"""Opening a library takes in the changes that came after its indexes were saved: at most this many."""
Index = TypeVar("Index", VectorIndex, WordIndex)
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pair:
    """Both indexes of a library."""

    vectors: VectorIndex
    words: WordIndex

    @property
    def change(self) -> int:
        """The later of the two changes that they have reached."""
        return max(self.vectors.change, self.words.change)


class Indexes:
    """The indexes of an open library. Safe to use from many threads."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._following = RLock()
        self._said: set[str] = set()
        self.newest: Pair | None = None
        """The indexes at the newest state that was asked for."""

    def follow(self, snapshot: StoreSnapshot, before: Pair | None = None) -> Pair:
        """Return the indexes at exactly the snapshot's state.

        before: `newest` as it was when the snapshot was opened. If all known indexes are newer than the snapshot,
        the snapshot is renewed. Raises LibraryDamaged for a damaged vector if the indexes have to be built.
        """
        newest = self.newest
        if newest is not None and newest.vectors.change == newest.words.change == snapshot.change:
            return newest
        with self._following:
            newest = self.newest
            if newest is None or newest.change < snapshot.state("log_floor"):
                newest = self._open_or_build(snapshot)
            elif self._has_newer_files(newest, snapshot):
                newest = self._open_saved(snapshot) or newest
            candidates = [pair for pair in (newest, before) if pair and pair.change <= snapshot.change]
            if not candidates:
                self.newest = newest
                snapshot.renew()
                return self.follow(snapshot)
            followed = self._catch_up(candidates[0], snapshot)
            self.newest = followed if followed.change >= newest.change else newest
            return followed

    def save_if_due(self) -> None:
        """Save the indexes if much has changed since they were saved."""
        with self._store.locked(), self._store.snapshot() as snapshot:
            if not self._is_fresh(snapshot):
                self._save(snapshot)

    def purge(self, *, rebuild_words: bool = False) -> None:
        """Delete removed passages from the saved indexes: all of their vectors, and their words as Tantivy does.

        rebuild_words: leave no removed word in the word index. An index that cannot be written is deleted, and rebuilt
        later.
        """
        with self._store.locked(), self._store.snapshot() as snapshot:
            self._save(snapshot, rebuild_words=rebuild_words)

    def close(self) -> None:
        """Release the indexes."""
        with self._following:
            self.newest = None

    def _stamp(self, made_by: str, snapshot: StoreSnapshot) -> Stamp:
        return Stamp(self._store.manifest.library_id, made_by, snapshot.change, snapshot.mark(snapshot.change))

    def vector_stamp(self, snapshot: StoreSnapshot) -> Stamp:
        """Return the stamp of a vector index of this state."""
        return self._stamp(f"{vector_index.FORMAT}, {self._store.manifest.model_hash}", snapshot)

    def word_stamp(self, snapshot: StoreSnapshot) -> Stamp:
        """Return the stamp of a word index of this state."""
        return self._stamp(word_index.FORMAT, snapshot)

    def _has_newer_files(self, pair: Pair, snapshot: StoreSnapshot) -> bool:
        """Tell whether much has changed since the indexes were opened, and newer ones were saved meanwhile."""
        opened = pair.vectors.stamp
        if snapshot.change - opened.change <= _changes_before_save(opened.size):
            return False
        saved = saved_stamp(self._store.folder)
        return saved is not None and opened.change < saved.change <= snapshot.change

    def _open_or_build(self, snapshot: StoreSnapshot) -> Pair:
        """Open the saved indexes. Save them first if one is unusable or outdated; build them if that fails."""
        if snapshot.change == 0:
            return self._build(snapshot)
        pair = self._open_saved(snapshot)
        if (pair is None or not self._is_fresh(snapshot)) and self._save_unless_busy():
            pair = self._open_saved(snapshot)
        return pair or self._build(snapshot)

    def _open_saved(self, snapshot: StoreSnapshot) -> Pair | None:
        """Return the saved indexes, None if one is unusable. Renew the snapshot if they are newer."""
        vectors = self._open(VectorIndex.open, self.vector_stamp(snapshot), snapshot)
        words = self._open(WordIndex.open, self.word_stamp(snapshot), snapshot) if vectors else None
        return Pair(vectors, words) if vectors and words else None

    def _open(
        self, open_: Callable[[Path, Stamp], Index], stamp: Stamp, snapshot: StoreSnapshot, *, writing: bool = False
    ) -> Index | None:
        """Return a saved index, None if it is unusable. writing: do not log a missing one, which may be the first."""
        folder = self._store.folder
        try:
            index = open_(folder, stamp)
            if index.change > snapshot.change:
                snapshot.renew()
            index.stamp.require_history(snapshot)
        except IndexUnusable as reason:
            is_old = bool(old_indexes(folder))
            said = "was made by an earlier release" if is_old else str(reason)
            if said not in self._said and not (writing and isinstance(reason, IndexMissing) and not is_old):
                self._said.add(said)
                _log.warning("the search index in %s %s: it is made again from the store", folder, said)
            return None
        return index

    def _build(self, snapshot: StoreSnapshot) -> Pair:
        """Build both indexes from the store, in memory."""
        words = WordIndex.build(self.word_stamp(snapshot), documents(snapshot, all_ids(snapshot)))
        return Pair(self._build_vectors(snapshot), words)

    def _catch_up(self, pair: Pair, snapshot: StoreSnapshot) -> Pair:
        """Return the indexes with the changes up to the snapshot."""
        vectors, words = pair.vectors, pair.words
        if vectors.change < snapshot.change:
            added, removed = changes_since(snapshot, vectors.change)
            vectors = vectors.with_changes(added, self.read_vectors(snapshot, added), removed, change=snapshot.change)
        if words.change < snapshot.change:
            added, removed = changes_since(snapshot, words.change)
            words = words.with_changes(list(documents(snapshot, added)), removed, change=snapshot.change)
        return Pair(vectors, words)

    def _is_fresh(self, snapshot: StoreSnapshot) -> bool:
        """Tell whether the saved indexes need not be saved again, by the stamp of the vectors, which are saved last.

        So a few articles are added to a library of any size without opening its indexes.
        """
        stamp = saved_stamp(self._store.folder)
        if stamp is None or committed(self._store.folder) is None:
            return False
        try:
            stamp.require_made_as(self.vector_stamp(snapshot))
            stamp.require_history(snapshot)
        except IndexUnusable:
            return False
        is_recent = snapshot.change - stamp.change <= _changes_before_save(stamp.size)
        return is_recent and stamp.change >= snapshot.state("purged_to")

    def _save_unless_busy(self) -> bool:
        """Save the indexes for the next process, unless another process writes the library now."""
        if self._store.read_only:
            return False
        try:
            with self._store.locked(patience=0), self._store.snapshot() as snapshot:
                return self._save(snapshot)
        except LibraryBusy as error:
            _log.info("the search indexes are not saved now: %s", error)
            return False

    def _save(self, snapshot: StoreSnapshot, *, rebuild_words: bool = False) -> bool:
        """Save the indexes at the snapshot's state. Return whether that worked. The writer lock must be held."""
        folder = self._store.folder
        try:
            self._save_words(snapshot, rebuild=rebuild_words)
            self._save_vectors(snapshot)
        except OSError as error:
            _log.warning("the search index in %s cannot be written (%s): it is written later", folder, error)
            saved, purged = saved_stamp(folder), snapshot.state("purged_to")
            if purged and (saved is None or saved.change < purged):
                with suppress(OSError):
                    delete_indexes(folder)  # they hold what was removed
            return False
        for left in old_indexes(folder):
            left.unlink()
        return True

    def _save_words(self, snapshot: StoreSnapshot, *, rebuild: bool) -> None:
        stamp = self.word_stamp(snapshot)
        index = None if rebuild else self._open(WordIndex.open, stamp, snapshot, writing=True)
        if index is None:
            word_index.update(self._store.folder, stamp, documents(snapshot, all_ids(snapshot)))
        elif index.change < stamp.change:
            added, removed = changes_since(snapshot, index.change)
            texts = documents(snapshot, added)
            word_index.update(self._store.folder, stamp, texts, removed.tolist(), before=index.stamp)

    def _save_vectors(self, snapshot: StoreSnapshot) -> None:
        stamp = self.vector_stamp(snapshot)
        index = self._open(partial(VectorIndex.open, mapped=False), stamp, snapshot, writing=True)
        if index is None or index.change < stamp.change:
            read_vectors = partial(self.read_vectors, snapshot)
            updated = index and index.updated(stamp, *changes_since(snapshot, index.change), read_vectors)
            (updated or self._build_vectors(snapshot)).save(self._store.folder)

    def read_vectors(self, snapshot: StoreSnapshot, ids: IntArray) -> HalfArray:
        """Return the stored vectors of passages, (n, dimension). Raises LibraryDamaged."""
        found = snapshot.vectors(ids.tolist())
        if missing := [passage for passage in ids.tolist() if passage not in found]:
            raise LibraryDamaged(f"{snapshot.path}: the vector of passage {missing[0]} is missing")
        rows = np.frombuffer(b"".join([found[passage] for passage in ids.tolist()]), dtype="<f2")
        return rows.reshape(len(ids), self._store.manifest.dimension)

    def _build_vectors(self, snapshot: StoreSnapshot) -> VectorIndex:
        stamp, dimension = self.vector_stamp(snapshot), self._store.manifest.dimension
        read_vectors = partial(self.read_vectors, snapshot)
        return VectorIndex.build(stamp, all_ids(snapshot), read_vectors, dimension=dimension)


def _changes_before_save(size: int) -> float:
    """Return the number of changes after which indexes of this size are saved again."""
    return min(SAVE_FRACTION * size, SAVE_PASSAGES)


def all_ids(snapshot: StoreSnapshot) -> IntArray:
    """Return the ids of all passages, ascending."""
    return np.array(snapshot.passage_ids(), dtype=np.int64)


def documents(snapshot: StoreSnapshot, ids: IntArray) -> Iterator[WordDocument]:
    """Yield the texts of these passages, each with its article's title, in the order of the ids."""
    for some in batches(ids):
        for passage in snapshot.passages(some.tolist()):
            yield WordDocument(passage.id, passage.info.title, passage.text)


def changes_since(snapshot: StoreSnapshot, since: int) -> tuple[IntArray, IntArray]:
    """Return the ids of the passages added and of those removed after a change, ascending."""
    added, removed = snapshot.changed_since(since)
    return np.array(added, dtype=np.int64), np.array(removed, dtype=np.int64)
