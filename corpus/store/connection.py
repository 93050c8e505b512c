"""Connections to a library's SQLite file, for writers, readers and read-only folders, and the writer lock.

Only SQLite opens the file: closing any other handle in this process would release SQLite's own locks on it.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from corpus.errors import LibraryBusy, LibraryDamaged, LibraryError, LibraryMissing

LOCK = "writer.lock"  # whoever holds it may write the database and the index files

DATABASE = "library.sqlite"
REACHED = "library.reached"
"""File with the last change that was reported as written. It shows when the write-ahead log was lost."""

VECTORS, WORDS = INDEXES = ("vectors.faiss", "words.tantivy")
"""Beside the database: the search indexes, a file and a folder, which can be made again from it."""

_BUSY = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CONSTRAINT}
_DAMAGED_EXTENDED = {sqlite3.SQLITE_IOERR_SHORT_READ}
_REFUSED = {
    sqlite3.SQLITE_READONLY: "it may only be read: make the folder writable",
    sqlite3.SQLITE_CANTOPEN: "it may not be opened: check its rights, or open it once as a user who may write there",
    sqlite3.SQLITE_FULL: "there is no space left on its disk: make room, nothing that was added is lost",
}


@contextmanager
def translate_sqlite_errors(path: Path) -> Iterator[None]:
    """Turn SQLite's errors about the library file `path` into Citewire's own."""
    try:
        yield
    except UnicodeDecodeError as error:
        raise LibraryDamaged(f"{path} is damaged ({error.reason})") from error
    except sqlite3.Error as error:
        code = getattr(error, "sqlite_errorcode", None)
        if code is None and "decode" not in str(error):
            raise  # our own mistake, no fault of the file
        primary = sqlite3.SQLITE_CORRUPT if code is None else code & 0xFF
        if primary in _BUSY:
            raise LibraryBusy(f"{path} is being written by another process: try again in a moment") from error
        if primary in _DAMAGED or code in _DAMAGED_EXTENDED:
            raise LibraryDamaged(f"{path} is damaged ({error})") from error
        why = _REFUSED.get(primary, f"SQLite reports {error}: check its disk, the rights on the folder and the memory")
        raise LibraryError(f"{path} cannot be used: {why}") from error


def find_database(folder: Path) -> Path:
    """Return the library file in `folder`. Raises LibraryMissing where there is none, LibraryError for a file there."""
    path = folder / DATABASE
    try:
        if path.exists():
            return path
    except PermissionError as error:
        raise LibraryError(f"{path} may not be read: check the rights on the folder") from error
    how = f'run "citewire add --library {folder} PATH..." to make one'
    if folder.is_file():
        raise LibraryError(f"{folder} is a file, not a library's folder: {how} in a folder")
    where = f"in {folder} ({DATABASE} is not there)" if folder.is_dir() else f"at {folder}"
    raise LibraryMissing(f"there is no library {where}: {how}")


def write_reached(folder: Path, library_id: str, change: int) -> None:
    """Write down the last change. A failure is ignored: the older note still holds, it only proves less."""
    with suppress(OSError):
        (folder / REACHED).write_text(f"{library_id} {change}\n", encoding="ascii")


def read_reached(folder: Path, library_id: str) -> int:
    """Return the last change noted for this library, 0 where there is no readable note."""
    try:
        noted, change = (folder / REACHED).read_text(encoding="ascii").split()
        return int(change) if noted == library_id else 0
    except (OSError, ValueError):
        return 0


def old_indexes(folder: Path) -> list[Path]:
    """Return the files of search indexes that an earlier release has left."""
    return list(folder.glob("*.view"))


def delete_indexes(folder: Path) -> None:
    """Delete the search indexes of the library in `folder`; they are made again."""
    for path in (*(folder / name for name in INDEXES), *old_indexes(folder)):
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)


def is_writable(folder: Path) -> bool:
    """Tell whether this process may write the library in `folder`."""
    return os.access(folder, os.W_OK | os.X_OK) and os.access(folder / DATABASE, os.W_OK)


def connect_writer(path: Path, *, patience: float) -> sqlite3.Connection:
    """Return a connection for writing. A commit returns once it is on the disk.

    patience: seconds to wait while another process holds the file.
    """
    connection = _connect(path, "mode=rw", patience)
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA journal_size_limit = 67108864")
    return connection


def connect_reader(path: Path, *, patience: float) -> sqlite3.Connection:
    """Return a connection for reading, which also works in a folder that cannot be written.

    If changes lie in a log there that cannot be read, every query fails: ignoring them would show an older state.
    """
    if is_writable(path.parent):
        connection = _connect(path, "mode=rw", patience)  # not mode=ro: SQLite may have to recover the log
        connection.execute("PRAGMA query_only = ON")
        return connection
    log, shared = path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")
    if not log.exists() or (not shared.exists() and not log.stat().st_size):
        return _connect(path, "mode=ro&immutable=1", patience)
    return _connect(path, "mode=ro", patience)


def state_without_log(path: Path) -> tuple[int, int] | None:
    """Return time and size of a library file, None if some of its changes are in the write-ahead log."""
    log = path.with_name(path.name + "-wal")
    if log.exists() and log.stat().st_size:
        return None
    status = path.stat()
    return status.st_mtime_ns, status.st_size


def _connect(path: Path, how: str, patience: float) -> sqlite3.Connection:
    connection = sqlite3.connect(
        f"file:{quote(str(path.absolute()))}?{how}",
        uri=True,
        timeout=patience,
        isolation_level=None,
        check_same_thread=False,
    )
    connection.execute("PRAGMA temp_store = MEMORY")  # no text in temporary files
    return connection


@contextmanager
def writer_lock(folder: Path, patience: float) -> Iterator[None]:
    """Hold the writer lock of the library in `folder`. Waits up to `patience` seconds for it.

    A thread that holds the lock may take it again. Raises LibraryBusy or LibraryError.
    """
    from filelock import FileLock, Timeout  # only writers pay for importing it

    lock = FileLock(folder / LOCK, is_singleton=True)
    try:
        lock.acquire(timeout=patience, poll_interval=0.01)
    except Timeout:
        raise LibraryBusy(
            f"{folder} is being written by another process (waited {patience:g} s): try again when it is done"
        ) from None
    except OSError as error:
        raise LibraryError(f"{folder} cannot be written ({error.strerror}): check the rights on the folder") from error
    try:
        yield
    finally:
        lock.release()


def delete_database(database: Path) -> None:
    """Delete a database with the files that SQLite keeps beside it, if they exist."""
    for end in ("", "-journal", "-wal", "-shm"):
        database.with_name(database.name + end).unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make renames in the folder survive a power cut."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
