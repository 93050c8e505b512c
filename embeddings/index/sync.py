"""The indexes of one library: opened, brought to the state of a question, and written again now and then.

The store's change log says what came and went. A question sees the saved indexes and, beside them, what the log says
of the time since; whoever writes the library brings the files up to date once a few per cent have changed. An index
that is missing, damaged or not of this library's history is made again from the store.
"""

import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from threading import RLock

import numpy as np

from corpus.errors import WHAT_HELPS, LibraryBusy, LibraryDamaged, LibraryError
from corpus.store.connection import VECTORS, WORDS, delete_indexes, old_indexes
from corpus.store.store import Fault, Store, StoreSnapshot
from embeddings.index import vector_index, word_index
from embeddings.index.stamp import IndexMissing, IndexUnusable, Stamp
from embeddings.index.vector_index import HalfArray, IntArray, VectorIndex
from embeddings.index.word_index import WordDocument, WordIndex

SAVE_FRACTION = 0.05
"""Indexes are written again once this share of the passages has changed,"""
SAVE_PASSAGES = 4_096
"""or so many of them: whoever opens a library has to take in what came after its indexes were written."""
LOG_SLACK = 100_000
"""Entries that stay in the log for indexes in other processes when removed passages are dropped from it."""

_AT_ONCE = 4_096
_log = logging.getLogger(__name__)


class IndexBuildError(LibraryError):
    """The indexes cannot be built; the store is as it was."""


@dataclass(frozen=True, slots=True)
class Pair:
    """Both indexes of a library."""

    vectors: VectorIndex
    words: WordIndex

    @property
    def saved(self) -> "Pair":
        """Both as they were saved, without what came since."""
        return Pair(self.vectors.saved, self.words.saved)

    @property
    def change(self) -> int:
        """The later of the changes that they have reached."""
        return max(self.vectors.change, self.words.change)


class Indexes:
    """The indexes of an open library. Safe to use from many threads."""

    def __init__(self, store: Store, *, saving: bool = True) -> None:
        """Follow `store`; without `saving` a reader writes nothing into its folder."""
        self._store = store
        self._saving = saving and not store.read_only
        self._following = RLock()
        self._said: set[str] = set()
        self.latest: Pair | None = None
        """What the last question was answered from."""

    def follow(self, snapshot: StoreSnapshot, known: Pair | None = None) -> Pair:
        """Return the indexes at exactly the snapshot's state.

        known: `latest` as it was before the snapshot was opened, for a snapshot that others have gone on from. The
        first call opens the saved indexes, and moves the snapshot on to the present where these have reached it.
        Raises IndexBuildError where they have to be built and there is no room, LibraryDamaged for a damaged vector.
        """
        latest = self.latest
        if latest is not None and latest.vectors.change == latest.words.change == snapshot.change:
            return latest
        with self._following, _clear_errors():
            if self.latest is None or self.latest.change < snapshot.state("log_floor"):
                self.latest = self._open(snapshot)
            elif self._has_newer_files(self.latest, snapshot):
                self.latest = self._opened(snapshot, may_move=False) or self.latest
            for pair in filter(None, (self.latest, known, self.latest.saved)):
                if pair.change <= snapshot.change:
                    now = self._caught_up(pair, snapshot)
                    if now.change >= self.latest.change:
                        self.latest = now
                    return now
            snapshot.renew()
            return self.follow(snapshot)

    def save_if_due(self) -> None:
        """Write the indexes where much has changed since they were written."""
        with self._store.locked(), self._store.snapshot() as snapshot:
            if not self._is_fresh(snapshot):
                self._save(snapshot)

    def purge(self, *, words_anew: bool = False) -> None:
        """Take what was removed out of the saved indexes: the vectors wholly, the words as Tantivy does.

        words_anew: make the index of words anew, so that no term of what was removed stays in it. An index that cannot
        be written is deleted, and made again later.
        """
        with self._store.locked(), self._store.snapshot() as snapshot:
            self._save(snapshot, words_anew=words_anew)

    def drop_files(self) -> None:
        """Delete the saved indexes, which are made again; the writer lock is held."""
        delete_indexes(self._store.folder)

    def file_faults(self, snapshot: StoreSnapshot) -> Iterator[Fault]:
        """Yield what is wrong with the saved indexes. One that is missing, or older than the library, is no fault."""
        for name, open_, stamp in (
            (VECTORS, VectorIndex.open, self._vector_stamp(snapshot)),
            (WORDS, WordIndex.open, self._word_stamp(snapshot)),
        ):
            try:
                _check_history(open_(self._store.folder, stamp).stamp, snapshot)
            except IndexMissing:
                continue
            except IndexUnusable as reason:
                yield Fault(name, f"it {reason}; it is made again when somebody asks")

    def faults(self, snapshot: StoreSnapshot) -> Iterator[Fault]:
        """Yield every passage that the indexes, as a question finds them, do not hold as the store does."""
        pair, here = self.follow(snapshot), np.array(snapshot.passage_ids(), dtype=np.int64)
        for name, size in ((VECTORS, pair.vectors.size), (WORDS, pair.words.size)):
            if size != len(here):
                yield Fault(name, f"it holds {size:,} passages, not {len(here):,}")
        for ids in _batches(here):
            for passage in ids[~pair.vectors.holds(ids, self._vectors(snapshot, ids))].tolist():
                yield Fault(f"passage {passage}", "its vector in the index is not that of the library")
            for document in _documents(snapshot, ids):
                if not pair.words.holds(document):
                    yield Fault(f"passage {document.passage_id}", "its words in the index are not those of the library")

    def close(self) -> None:
        """Let go of the indexes."""
        with self._following:
            self.latest = None

    def _stamp(self, made_by: str, snapshot: StoreSnapshot) -> Stamp:
        return Stamp(self._store.manifest.library_id, made_by, snapshot.change, snapshot.mark(snapshot.change))

    def _vector_stamp(self, snapshot: StoreSnapshot) -> Stamp:
        return self._stamp(f"{vector_index.FORMAT}, {self._store.manifest.model_hash}", snapshot)

    def _word_stamp(self, snapshot: StoreSnapshot) -> Stamp:
        return self._stamp(word_index.FORMAT, snapshot)

    def _has_newer_files(self, latest: Pair, snapshot: StoreSnapshot) -> bool:
        """Whether much has come since the indexes were opened, and somebody has written them since."""
        before = latest.vectors.stamp
        if snapshot.change - before.change <= _enough(before.size):
            return False
        saved = vector_index.saved_stamp(self._store.folder)
        return saved is not None and before.change < saved.change <= snapshot.change

    def _open(self, snapshot: StoreSnapshot) -> Pair:
        """Open the saved indexes. One that cannot be used is made again, in the folder where it may be written now."""
        if snapshot.change == 0:
            return self._built(snapshot)
        pair = self._opened(snapshot)
        if (pair is None or not self._is_fresh(snapshot)) and self._saved_unless_busy():
            pair = self._opened(snapshot)
        return pair or self._built(snapshot)

    def _opened(self, snapshot: StoreSnapshot, *, may_move: bool = True) -> Pair | None:
        """Return the saved indexes, None where one cannot be used. may_move: move the snapshot on to where they are."""
        folder = self._store.folder
        try:
            vectors = VectorIndex.open(folder, self._vector_stamp(snapshot))
            words = WordIndex.open(folder, self._word_stamp(snapshot))
            if max(vectors.change, words.change) > snapshot.change:
                if not may_move:
                    return None
                snapshot.renew()
            for stamp in (vectors.stamp, words.stamp):
                _check_history(stamp, snapshot)
        except IndexUnusable as reason:
            self._say(reason)
            return None
        return Pair(vectors, words)

    def _built(self, snapshot: StoreSnapshot) -> Pair:
        """Return indexes made of the store in memory and in a temporary folder."""
        ids = np.array(snapshot.passage_ids(), dtype=np.int64)
        dimension, stored = self._store.manifest.dimension, partial(self._vectors, snapshot)
        vectors = VectorIndex.built(self._vector_stamp(snapshot), ids, stored, dimension=dimension)
        return Pair(vectors, WordIndex.built(self._word_stamp(snapshot), _documents(snapshot, ids)))

    def _caught_up(self, pair: Pair, snapshot: StoreSnapshot) -> Pair:
        """Return the indexes with what the log says of the time up to the snapshot."""
        vectors, words = pair.vectors, pair.words
        if vectors.change < snapshot.change:
            added, removed = _difference(snapshot, vectors.change)
            vectors = vectors.later(added, self._vectors(snapshot, added), removed, change=snapshot.change)
        if words.change < snapshot.change:
            added, removed = _difference(snapshot, words.change)
            words = words.later(list(_documents(snapshot, added)), removed, change=snapshot.change)
        return Pair(vectors, words)

    def _is_fresh(self, snapshot: StoreSnapshot) -> bool:
        """Whether the saved indexes need not be written, by what that of the vectors, written last, says of itself.

        So a few articles are added to a library of any size without its indexes being opened.
        """
        stamp = vector_index.saved_stamp(self._store.folder)
        if stamp is None or not word_index.is_there(self._store.folder):
            return False
        try:
            stamp.check(self._vector_stamp(snapshot))
            _check_history(stamp, snapshot)
        except IndexUnusable:
            return False
        return snapshot.change - stamp.change <= _enough(stamp.size) and stamp.change >= snapshot.state("purged_to")

    def _saved_unless_busy(self) -> bool:
        """Write the indexes that a question needs, so that the next one need not; a reader waits for nobody."""
        if not self._saving:
            return False
        try:
            with self._store.locked(patience=0), self._store.snapshot() as snapshot:
                return self._save(snapshot)
        except LibraryBusy as error:
            _log.info("the search indexes are not saved now: %s", error)
            return False

    def _save(self, snapshot: StoreSnapshot, *, words_anew: bool = False) -> bool:
        """Bring the saved indexes to the snapshot's state, and return whether that worked; the writer lock is held."""
        folder = self._store.folder
        try:
            self._save_words(snapshot, anew=words_anew)
            self._save_vectors(snapshot)
        except OSError as error:
            _log.warning("the search index in %s cannot be written (%s): it is written later", folder, error)
            saved, purged = vector_index.saved_stamp(folder), snapshot.state("purged_to")
            if purged and (saved is None or saved.change < purged):
                with suppress(OSError):
                    self.drop_files()  # they hold what was removed
            return False
        for left in old_indexes(folder):
            left.unlink()
        if snapshot.change - LOG_SLACK > snapshot.state("log_floor") + LOG_SLACK:
            with self._store.writing() as writer:
                writer.trim_log(snapshot.change - LOG_SLACK)
        return True

    def _save_words(self, snapshot: StoreSnapshot, *, anew: bool) -> None:
        folder, stamp = self._store.folder, self._word_stamp(snapshot)
        before, added, removed = None, np.empty(0, np.int64), np.empty(0, np.int64)
        try:
            if not anew:
                before = WordIndex.open(folder, stamp).stamp
                _check_history(before, snapshot)
                added, removed = _difference(snapshot, before.change)
        except IndexUnusable as reason:
            self._say(reason, writing=True)
            before = None
        if before is None:
            added = np.array(snapshot.passage_ids(), dtype=np.int64)
        elif before.change == stamp.change:
            return
        word_index.update(folder, stamp, _documents(snapshot, added), removed.tolist(), before=before)

    def _save_vectors(self, snapshot: StoreSnapshot) -> None:
        folder, stamp, stored = self._store.folder, self._vector_stamp(snapshot), partial(self._vectors, snapshot)
        new = None
        try:
            index = VectorIndex.open(folder, stamp, mapped=False)
            _check_history(index.stamp, snapshot)
            if index.change == stamp.change:
                return
            new = index.changed(stamp, *_difference(snapshot, index.change), stored)
        except IndexUnusable as reason:
            self._say(reason, writing=True)
        if new is None:
            ids = np.array(snapshot.passage_ids(), dtype=np.int64)
            new = VectorIndex.built(stamp, ids, stored, dimension=self._store.manifest.dimension)
        new.save(folder)

    def _vectors(self, snapshot: StoreSnapshot, ids: IntArray) -> HalfArray:
        """Return the stored vectors of these passages, (n, dimension). Raises LibraryDamaged."""
        found = snapshot.vectors(ids.tolist())
        if len(found) < len(ids):
            missing = next(passage for passage in ids.tolist() if passage not in found)
            raise LibraryDamaged(f"{snapshot.path}: the vector of passage {missing} is missing: {WHAT_HELPS}")
        rows = np.frombuffer(b"".join([found[passage] for passage in ids.tolist()]), dtype="<f2")
        return rows.reshape(len(ids), self._store.manifest.dimension)

    def _say(self, reason: IndexUnusable, *, writing: bool = False) -> None:
        """Tell people, once, that an index is made again. writing: one that is missing may be the library's first."""
        folder = self._store.folder
        said = "was made by an earlier release" if old_indexes(folder) else str(reason)
        if said not in self._said and not (writing and said == str(IndexMissing())):
            self._said.add(said)
            _log.warning("the search index in %s %s: it is made again from the library", folder, said)


def _enough(size: int) -> float:
    """Return the number of changes after which the indexes of so many passages are written again."""
    return min(SAVE_FRACTION * size, SAVE_PASSAGES)


def _check_history(stamp: Stamp, snapshot: StoreSnapshot) -> None:
    """Raise IndexUnusable unless the stamp's change is one of the library's log, which may have been put back."""
    if stamp.change < snapshot.state("log_floor"):
        raise IndexMissing  # it is older than the log goes back
    if stamp.change > snapshot.change:
        raise IndexUnusable(
            f"has reached change {stamp.change:,} and the database only {snapshot.change:,} (what came after that is "
            "no longer there, unless the database was put back from a copy)"
        )
    if snapshot.mark(stamp.change) != stamp.mark:
        raise IndexUnusable("is of another history of this library")


def _difference(snapshot: StoreSnapshot, since: int) -> tuple[IntArray, IntArray]:
    """Return the ids of the passages that came after a change, and of those that went, ascending."""
    entries = snapshot.tail(since)
    came, went = ({entry.passage for entry in entries if entry.kind == kind} for kind in ("add", "remove"))
    return np.array(sorted(came - went), dtype=np.int64), np.array(sorted(went - came), dtype=np.int64)


def _documents(snapshot: StoreSnapshot, ids: IntArray) -> Iterator[WordDocument]:
    for some in _batches(ids):
        for passage in snapshot.passages(some.tolist()):
            yield WordDocument(passage.id, passage.info.title, passage.text)


def _batches(ids: IntArray) -> Iterator[IntArray]:
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Turn a system's refusal to let an index be built into an error a person can act on."""
    try:
        yield
    except OSError as error:
        raise IndexBuildError(
            f"the search index cannot be built in {tempfile.gettempdir()} ({error.strerror or error}): "
            "make room there, or close other programs"
        ) from error
