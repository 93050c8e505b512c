"""The store: one SQLite file with articles, versions, passages, vectors and the change log."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from corpus.errors import LibraryBusy, LibraryError
from corpus.store.activity import ACTIVITY
from corpus.store.connection import (
    DATABASE,
    LOCK,
    REACHED,
    connect_reader,
    connect_writer,
    delete_database,
    find_database,
    is_writable,
    state_without_log,
    sync_folder,
    translate_sqlite_errors,
    write_reached,
    writer_lock,
)
from corpus.store.records import Manifest, read_manifest, write_manifest
from corpus.store.schema import create_tables, require_schema
from corpus.store.snapshot import StoreSnapshot
from corpus.store.writer import StoreWriter

PATIENCE_S = 30.0
"""Seconds that a writer waits for another writer."""

PURGE_PATIENCE_S = 5.0
"""Seconds that a removal waits for readers of older states."""


class Store:
    """An open store: one writer at a time, any number of readers in any threads and processes.

    Use `create` or `open`. read_only: this process may not write the folder.
    """

    def __init__(self, folder: Path, manifest: Manifest, *, patience: float) -> None:
        self.folder = folder
        self.path = folder / DATABASE
        self.manifest = manifest
        self.read_only = not is_writable(folder)
        self._patience = patience
        self._idle: list[sqlite3.Connection] = []
        self._writer: sqlite3.Connection | None = None
        self._closed = False
        self._file = self.path.stat()

    @staticmethod
    def create(folder: Path, manifest: Manifest, *, patience: float = PATIENCE_S) -> "Store":
        """Create an empty library in a new or empty folder.

        Raises LibraryError where the folder holds a library or other files, or may not be written.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            require_room(folder)
        except OSError as error:
            raise LibraryError(
                f"no library can be made at {folder} ({error.strerror}): choose another folder"
            ) from error
        with writer_lock(folder, patience):
            if (folder / DATABASE).exists():
                raise LibraryError(f"there already is a library in {folder}: open it, or choose another folder")
            _make(folder, manifest)
        return Store(folder, manifest, patience=patience)

    @staticmethod
    def open(folder: Path, *, patience: float = PATIENCE_S) -> "Store":
        """Open the library in `folder`.

        patience: seconds to wait for another writer. Raises LibraryMissing, LibraryDamaged or LibraryError.
        """
        path = find_database(folder)
        with translate_sqlite_errors(path), closing(connect_reader(path, patience=patience)) as connection:
            require_schema(connection, path)
            store = Store(folder, read_manifest(connection), patience=patience)
            store._idle.append(connect_reader(path, patience=patience))
            return store

    @contextmanager
    def snapshot(self) -> Iterator[StoreSnapshot]:
        """Give one consistent state of the library to this thread until the block ends.

        A library in a read-only folder is read without locks. Raises LibraryBusy at the end of the block if somebody
        wrote it meanwhile.
        """
        self._require_open()
        before = state_without_log(self.path) if self.read_only else None
        with translate_sqlite_errors(self.path):
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = connect_reader(self.path, patience=self._patience)
        try:
            snapshot = StoreSnapshot(connection, self.path)
            yield snapshot
            if before is not None and before != state_without_log(self.path):
                raise LibraryBusy(f"{self.path} was written by another process while it was read: ask again")
        finally:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if self._closed or self.read_only:
                connection.close()
            else:
                self._idle.append(connection)

    @contextmanager
    def writing(self) -> Iterator[StoreWriter]:
        """Give a writer. Its changes are committed together when the block ends, or not at all.

        Raises LibraryBusy if another writer takes too long, LibraryError if the folder may not be written.
        """
        with self.locked(), translate_sqlite_errors(self.path):
            connection = self._connected_writer()
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield StoreWriter(connection, self.manifest)
                reached = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").fetchone()
                connection.execute("COMMIT")
                write_reached(self.folder, self.manifest.library_id, reached[0] if reached else 0)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    @contextmanager
    def locked(self, *, patience: float | None = None) -> Iterator[None]:
        """Hold the writer lock: nobody else writes the database or the indexes. A thread may take it again."""
        self._require_open()
        self.require_writable()
        with writer_lock(self.folder, self._patience if patience is None else patience):
            self._require_open()  # a restore or a repair may have swapped the file while this waited
            yield

    def require_writable(self) -> None:
        """Raise LibraryError if this process may not write the library."""
        if self.read_only:
            raise LibraryError(f"{self.folder} may only be read: make the folder writable")

    def purge(self) -> bool:
        """Free unused pages and empty the write-ahead log: both may hold removed text.

        Returns false if somebody still read an older state after PURGE_PATIENCE_S. The next purge then empties the
        log, or the last process that closes the library.
        """
        with self.locked(), translate_sqlite_errors(self.path):
            connection = self._connected_writer()
            connection.executescript("PRAGMA incremental_vacuum")  # execute() would free one page only
            connection.execute(f"PRAGMA busy_timeout = {round(1000 * min(PURGE_PATIENCE_S, self._patience))}")
            busy: int = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
            connection.execute(f"PRAGMA busy_timeout = {round(1000 * self._patience)}")
        return not busy

    def close(self) -> None:
        """Close the connections. Open snapshots stay usable until their blocks end."""
        self._closed = True
        while self._idle:
            self._idle.pop().close()
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    def _connected_writer(self) -> sqlite3.Connection:
        if self._writer is None:
            self._writer = connect_writer(self.path, patience=self._patience)
        return self._writer

    def _require_open(self) -> None:
        """Raise LibraryError if it was closed, or the folder holds another file by now: changes would be lost."""
        if self._closed:
            raise LibraryError(f"{self.folder} has been closed: open the library again")
        if not self.path.exists() or not os.path.samestat(self.path.stat(), self._file):
            raise LibraryError(f"{self.path} was deleted or replaced while it was open: open the library again")


_OURS = (DATABASE, REACHED, LOCK, ACTIVITY, "vectors.", "words.", ".", "lost+found")
"""Beginnings of names that a library may have left in a folder, or that the root of a disk has."""


def require_room(folder: Path) -> None:
    """Raise LibraryError if the folder holds files that are not a library's."""
    if others := [entry.name for entry in folder.iterdir() if not entry.name.startswith(_OURS)]:
        raise LibraryError(f"{folder} holds other files ({min(others)}): choose a new folder for the library")


def _make(folder: Path, manifest: Manifest) -> None:
    """Put an empty library in place in one step. The writer lock must be held."""
    new = folder / f"{DATABASE}.new"
    for left in (new, folder / DATABASE):  # of a killed process, or beside a database that was deleted
        delete_database(left)
    with translate_sqlite_errors(new):
        new.touch()
        with closing(connect_writer(new, patience=0)) as connection:
            create_tables(connection)
            write_manifest(connection, manifest)
            connection.execute("PRAGMA journal_mode = WAL")
    new.rename(folder / DATABASE)
    sync_folder(folder)
