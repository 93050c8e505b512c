"""The search views of one library, kept in step with its truth and saved now and then."""

import logging
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from threading import Lock, RLock

import numpy as np

from corpus.errors import LibraryError
from corpus.store.store import Fault, LogEntry, Store, StoreSnapshot
from embeddings.index.heaps import give_back
from embeddings.index.passing import Passing
from embeddings.index.vector_index import VectorView
from embeddings.index.view_age import belongs, changed_enough, files_are_fresh
from embeddings.index.view_faults import view_faults
from embeddings.index.view_files import delete_view_files
from embeddings.index.view_pieces import open_pieces
from embeddings.index.word_pieces import WordPieces
from embeddings.index.words import WordDocument, WordView

Pair = tuple[VectorView, WordView]
Pieces = tuple[VectorView, WordPieces]

LOG_SLACK = 100_000
"""Entries that stay in the log for views in other processes when removed passages are dropped from it."""

_BLOCK = 2048  # log entries applied at a time: as many passages as a shard of the words has

_log = logging.getLogger(__name__)


class ViewError(LibraryError):
    """The views cannot be built; the truth is as it was."""


class Views:
    """The vector view and the word view of an open library. Safe to use from many threads.

    A removal is kept from the views for as long as a snapshot of this process still reads the state before it: an
    article that is replaced while a question is answered is found in the one state or the other, never in neither.
    """

    def __init__(self, store: Store, *, saving: bool = True) -> None:
        """Follow `store`; without `saving` nothing is ever written into its folder by a reader."""
        self._store = store
        self._saving = saving and not store.read_only
        self._applying = RLock()
        self._registering = Lock()
        self._read: Counter[int] = Counter()  # changes that open snapshots of this process read
        self._postponed: list[LogEntry] = []
        self._pair: Pair | None = None
        self._saved = 0  # the change up to which both view files are
        self._asked = False  # whether questions come, or only what is written has to be followed
        self.passing = Passing()

    @contextmanager
    def snapshot(self) -> Iterator[StoreSnapshot]:
        """Give a state of the truth whose passages stay in the views until the block ends."""
        with ExitStack() as stack:
            with self._registering:
                snapshot = stack.enter_context(self._store.snapshot())
                self._read[snapshot.change] += 1
            try:
                yield snapshot
            finally:
                with self._registering:
                    self._forget(snapshot.change)

    def follow(self, snapshot: StoreSnapshot) -> Pair:
        """Return the views for questions, brought to the snapshot's state or a later one.

        The first call loads the view files and may move the snapshot on to the present, which they may have reached.
        """
        self._asked = True
        pair = self._follow(snapshot)
        pair[0].expect_questions()
        return pair

    def _follow(self, snapshot: StoreSnapshot) -> Pair:
        pair = self._pair
        if pair is not None and not self._postponed and _reached(pair) >= snapshot.change:
            return pair
        with self._applying, _clear_errors():
            loading = self._pair is None
            if loading:
                self._load(snapshot)
            pair = self._catch_up(snapshot)
            if loading and self._saving and self._is_due(pair, snapshot):
                self._save_unless_busy(pair)
        return pair

    def save_if_due(self) -> None:
        """Write the view files where much has changed since they were, but not while removals have to wait."""
        if self._pair is None:
            with self._store.snapshot() as snapshot:
                if files_are_fresh(self._store.folder, self._store.manifest.library_id, snapshot):
                    return
        self._settle()
        with self._store.locked(), self._applying, self.snapshot() as snapshot:
            try:
                pair = self._follow(snapshot)
            except ViewError as error:  # what was added is in the library all the same
                _log.warning("%s", error)
                return
            if self._is_due(pair, snapshot) and not self._postponed:
                self._save(pair)

    def purge(self) -> None:
        """Take all that was removed out of the views and their files.

        Files that cannot be written are deleted, and written again later.
        """
        with self._store.locked(), self._applying, self.snapshot() as snapshot:
            if self._pair is None and self._purged_in_files(snapshot):
                return
            pair = self._follow(snapshot)
            self._remove_postponed(pair, all_of_them=True)
            if self._saved < snapshot.state("purged_to"):
                self._save(pair)

    def _purged_in_files(self, snapshot: StoreSnapshot) -> bool:
        """Bring the files up to date without opening more of them than what changed, where that is possible."""
        pieces = open_pieces(self._store.folder, self._store.manifest, snapshot)
        if pieces is None:
            return False
        vectors, words, added, removed = pieces
        self._apply((vectors, words), snapshot, added, removed, snapshot.change)
        self._save((vectors, words))
        return True

    def drop_files(self) -> None:
        """Delete the view files, which are made again; the writer lock is held."""
        delete_view_files(self._store.folder)
        self._saved = 0

    def faults(self, snapshot: StoreSnapshot) -> Iterator[Fault]:
        """Yield every passage that the views, at this state, do not hold as the truth does."""
        yield from view_faults(snapshot, *self._follow(snapshot))

    def close(self) -> None:
        """Give back what the views hold outside the library's folder."""
        with self._applying:
            if self._pair is not None:
                for view in self._pair:
                    view.close()
                self._pair = None

    def _settle(self) -> None:
        """Bring the views up to date and wait for the index of the vectors, while nobody has to wait for this."""
        try:
            with self.snapshot() as snapshot:
                vectors, _ = self._follow(snapshot)
        except ViewError:  # whoever saves says so
            return
        give_back()
        vectors.settle()

    def _open(self, make_vectors: Callable[..., VectorView], make_words: Callable[..., WordView]) -> Pair:
        folder, manifest = self._store.folder, self._store.manifest
        vectors = make_vectors(
            folder,
            library_id=manifest.library_id,
            model_hash=manifest.model_hash,
            dimension=manifest.dimension,
            searched=self._asked,
        )
        return vectors, make_words(folder, library_id=manifest.library_id)

    def _load(self, snapshot: StoreSnapshot) -> None:
        """Open the saved views; one that cannot have come from this truth (it was put back) is left aside."""
        vectors, words = self._open(VectorView.open, WordView.open)
        if max(vectors.change, words.change) > snapshot.change:
            with self._registering:
                self._forget(snapshot.change)
                snapshot.renew()
                self._read[snapshot.change] += 1
        empty_vectors, empty_words = self._open(VectorView, WordView)
        self._pair = (
            vectors if belongs(vectors.change, vectors.mark, snapshot) else empty_vectors,
            words if belongs(words.change, words.mark, snapshot) else empty_words,
        )
        self._saved = _reached(self._pair)

    def _catch_up(self, snapshot: StoreSnapshot) -> Pair:
        """Apply the log up to the snapshot's change; what open snapshots still read is removed later."""
        pair = self._pair or self._open(VectorView, WordView)
        if _reached(pair) < snapshot.change and 0 < _reached(pair) < snapshot.state("log_floor"):
            pair = self._open(VectorView, WordView)
        self._pair = pair
        self._remove_postponed(pair)
        while (reached := _reached(pair)) < snapshot.change:
            entries = snapshot.tail(reached, _BLOCK)
            change = entries[-1].change if len(entries) == _BLOCK else snapshot.change
            with self._registering:
                oldest = min(self._read, default=snapshot.change)
            removed = [e.passage for e in entries if e.kind == "remove" and e.change <= oldest]
            self._postponed += [e for e in entries if e.kind == "remove" and e.change > oldest]
            self._apply(pair, snapshot, [e.passage for e in entries if e.kind == "add"], removed, change)
            if len(entries) == _BLOCK:
                give_back()
        return pair

    def _apply(
        self,
        pair: Pair | Pieces,
        snapshot: StoreSnapshot,
        added: Sequence[int],
        removed: Sequence[int],
        change: int,
    ) -> None:
        """Apply one stretch of the log to each view that has not come so far."""
        vectors, words = pair
        if vectors.change < change:
            stored = snapshot.vectors(added)
            rows = np.frombuffer(b"".join(stored.values()), dtype="<f2").astype(np.float32)
            ids = np.fromiter(stored, dtype=np.int64, count=len(stored))
            shaped = rows.reshape(len(ids), self._store.manifest.dimension)
            vectors.apply(ids, shaped, np.array(removed, dtype=np.int64), change=change)
        if words.change < change:
            documents = [WordDocument(p.id, p.info.title, p.text) for p in snapshot.passages(added)]
            words.apply(documents, removed, change=change)

    def _remove_postponed(self, pair: Pair, *, all_of_them: bool = False) -> None:
        if not self._postponed:
            return
        vectors, words = pair
        with self._registering:
            oldest = min(self._read, default=vectors.change)
        ready = [e.passage for e in self._postponed if all_of_them or e.change <= oldest]
        if ready:
            nothing = np.empty((0, self._store.manifest.dimension), dtype=np.float32)
            vectors.apply(np.empty(0, dtype=np.int64), nothing, np.array(ready, dtype=np.int64), change=vectors.change)
            words.apply([], ready, change=words.change)
            self._postponed = [e for e in self._postponed if not all_of_them and e.change > oldest]

    def _is_due(self, pair: Pair, snapshot: StoreSnapshot) -> bool:
        changed = any(view.changed_since_save > changed_enough(view.size) for view in pair)
        return changed or self._saved < snapshot.state("purged_to")

    def _save_unless_busy(self, pair: Pair) -> None:
        """Save what a reader had to build, so that the next one need not; a reader waits for nobody."""
        try:
            with self._store.locked(patience=0):
                if not self._postponed:
                    self._save(pair)
        except LibraryError as error:
            _log.info("the search views were not saved: %s", error)

    def _save(self, pair: Pair | Pieces) -> None:
        folder = self._store.folder
        try:
            for left in folder.glob("*.view.*.new"):  # of a process that was killed while it saved
                left.unlink()
            with self._store.snapshot() as snapshot:
                for view in pair:
                    view.mark = snapshot.mark(view.change)
                floor = snapshot.state("log_floor")
            for view in pair:
                view.save()
        except OSError as error:
            _log.warning("the search views in %s could not be saved and will be built again: %s", folder, error)
            self.drop_files()
            return
        self._saved = _reached(pair)
        if self._saved - LOG_SLACK > floor + LOG_SLACK:
            with self._store.writing() as writer:
                writer.trim_log(self._saved - LOG_SLACK)

    def _forget(self, change: int) -> None:
        self._read[change] -= 1
        if not self._read[change]:
            del self._read[change]


@contextmanager
def _clear_errors() -> Iterator[None]:
    """Turn a system's refusal to let the views be built into an error a person can act on."""
    try:
        yield
    except OSError as error:
        raise ViewError(
            f"the search index cannot be built in {tempfile.gettempdir()} ({error.strerror or error}): "
            "make room there, or close other programs"
        ) from error


def _reached(pair: Pair | Pieces) -> int:
    return min(view.change for view in pair)
