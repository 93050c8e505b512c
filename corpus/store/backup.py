"""Backup and restore: a whole library as one file, while others read and write.

The file is a copy of the database, made by SQLite's online backup, with one more table for the files beside it. The
indexes are not in it: they are made again.
"""

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote

from corpus.errors import LibraryBusy, LibraryDamaged, LibraryError
from corpus.store.activity import ACTIVITY
from corpus.store.connection import (
    DATABASE,
    REACHED,
    connect_reader,
    connect_writer,
    delete_database,
    delete_indexes,
    find_database,
    sync_folder,
    translate_sqlite_errors,
    writer_lock,
)
from corpus.store.damage import check
from corpus.store.records import Counts, read_manifest
from corpus.store.schema import require_schema
from corpus.store.snapshot import StoreSnapshot
from corpus.store.store import PATIENCE_S, require_room

_BESIDE = "CREATE TABLE beside (name TEXT PRIMARY KEY, sha256 TEXT NOT NULL, content BLOB NOT NULL) WITHOUT ROWID"
_ANOTHER = "use another backup"


def put_in_place(new: Path, folder: Path) -> None:
    """Replace the content of the library in `folder` by the library file `new`. The writer lock must be held.

    If the database there can be opened, one transaction replaces its content, and readers go on with the old or the new
    state. Otherwise the file is swapped. Raises LibraryError if the folder holds another library.
    """
    live = folder / DATABASE
    if not live.exists() or not _in_one_transaction(new, live):
        for end in ("-wal", "-shm"):
            live.with_name(live.name + end).unlink(missing_ok=True)
        new.replace(live)
        sync_folder(folder)
    (folder / REACHED).unlink(missing_ok=True)
    delete_indexes(folder)


def _in_one_transaction(new: Path, live: Path) -> bool:
    """Copy `new` into `live`. Return false where `live` is damaged."""
    try:
        with (
            translate_sqlite_errors(live),
            closing(connect_writer(live, patience=PATIENCE_S)) as target,
            closing(connect_writer(new, patience=0)) as source,
        ):
            if read_manifest(target).library_id == read_manifest(source).library_id:
                _continue_numbers(source, target)
                source.backup(target)
                target.execute("PRAGMA busy_timeout = 1000")
                target.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # otherwise the last reader removes the log
                return True
    except LibraryBusy:
        raise
    except LibraryError:
        return False
    raise LibraryError(f"{live.parent} holds another library: choose a new folder for the backup")


def _continue_numbers(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Continue the old content's numbers in the new one, so that indexes of the old one are known to be outdated."""
    used = "SELECT coalesce(max(seq), 0) FROM sqlite_sequence"
    last = 1 + max(connection.execute(used).fetchone()[0] for connection in (source, target))
    source.execute("DELETE FROM sqlite_sequence WHERE name IN ('passages', 'changes')")
    source.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('passages', ?1), ('changes', ?1)", (last,))
    source.execute("UPDATE state SET value = ? WHERE name = 'log_floor'", (last,))


def back_up(folder: Path, file: Path, *, overwrite: bool = False) -> Counts:
    """Write the present state of the library in `folder` to `file`, and verify it. A failed backup leaves no file.

    Raises LibraryDamaged for a library with a fault, LibraryError where the file exists or cannot be written.
    """
    path = find_database(folder)
    if file.exists() and not (overwrite and file.is_file()):
        raise LibraryError(f"{file} is there already: name another file, or give --overwrite to replace a file")
    try:
        with TemporaryDirectory(prefix=f".{file.name}.", dir=file.absolute().parent) as beside:
            new = Path(beside) / file.name
            new.touch(mode=path.stat().st_mode & 0o666)
            counts = _copy_out(path, new)
            new.replace(file)
        sync_folder(file.absolute().parent)
    except OSError as error:
        raise LibraryError(f"{file} cannot be written ({error.strerror}): name another file") from error
    return counts


def restore(file: Path, folder: Path, *, overwrite: bool = False) -> Counts:
    """Restore the backup `file` into `folder`: a new folder, or with `overwrite` that of a library.

    The backup is verified first. Readers of the old library go on. Raises LibraryDamaged for a backup with a fault,
    LibraryError for a file that is no backup and for a folder that is not empty.
    """
    if not file.is_file():
        raise LibraryError(f"there is no backup at {file}: name the file that citewire backup wrote")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        require_room(folder)
        if (folder / DATABASE).exists() and not overwrite:
            raise LibraryError(
                f"there already is a library in {folder}: give --overwrite to put the backup in its place"
            )
        with writer_lock(folder, PATIENCE_S):
            new = folder / f"{DATABASE}.new"
            try:
                counts, activity = _copy_in(file, new)
                put_in_place(new, folder)
            except LibraryDamaged as error:
                raise LibraryDamaged(error.what, _ANOTHER) from error
            finally:
                delete_database(new)
            if activity is not None:
                _put_activity(activity, folder / ACTIVITY)
    except OSError as error:
        raise LibraryError(f"{folder} cannot be written ({error.strerror}): choose another folder") from error
    return counts


def _require_sound(connection: sqlite3.Connection, path: Path) -> Counts:
    """Return the counts of a library file. Raises LibraryDamaged where a hash, an offset or a reference is wrong."""
    read_manifest(connection)
    snapshot = StoreSnapshot(connection, path)
    try:
        fault = next(check(snapshot), None)
        if fault is not None:
            raise LibraryDamaged(f"{path} is damaged ({fault.where}: {fault.what})")
        return snapshot.counts()
    finally:
        snapshot.end()


def _copy_out(path: Path, target: Path) -> Counts:
    with closing(sqlite3.connect(target, isolation_level=None)) as copy:
        with translate_sqlite_errors(path), closing(connect_reader(path, patience=PATIENCE_S)) as source:
            require_schema(source, path)
            with translate_sqlite_errors(target):
                source.backup(copy)
                copy.execute("PRAGMA journal_mode = DELETE")  # no second file beside the backup
        counts = _require_sound(copy, path)
        with translate_sqlite_errors(target):
            copy.execute(_BESIDE)
            if (activity := path.with_name(ACTIVITY)).exists():
                with translate_sqlite_errors(activity), closing(sqlite3.connect(activity, timeout=10)) as other:
                    content = other.serialize()
                digest = hashlib.sha256(content).hexdigest()
                copy.execute("INSERT INTO beside VALUES (?, ?, ?)", (ACTIVITY, digest, content))
    return counts


def _copy_in(file: Path, new: Path) -> tuple[Counts, bytes | None]:
    """Copy a backup into a new library file and verify it. Return the file of what people left, too."""
    delete_database(new)
    new.touch()
    with (
        closing(sqlite3.connect(f"file:{quote(str(file.absolute()))}?mode=ro", uri=True)) as source,
        translate_sqlite_errors(file),
    ):
        try:
            require_schema(source, file)
        except LibraryDamaged:
            raise
        except LibraryError as error:
            raise LibraryError(f"{file} is no backup that this Citewire reads: {error}") from error
        with translate_sqlite_errors(new), closing(sqlite3.connect(new)) as copy:
            source.backup(copy)
    with translate_sqlite_errors(file), closing(connect_writer(new, patience=0)) as copy:
        copy.execute("PRAGMA journal_mode = WAL")
        activity: bytes | None = None
        if copy.execute("SELECT 1 FROM sqlite_schema WHERE name = 'beside'").fetchone():
            for digest, activity in copy.execute("SELECT sha256, content FROM beside WHERE name = ?", (ACTIVITY,)):
                if hashlib.sha256(activity).hexdigest() != digest:
                    raise LibraryDamaged(f"{file} is damaged ({ACTIVITY} in it)")
            copy.execute("DROP TABLE beside")
            copy.executescript("PRAGMA incremental_vacuum")
        return _require_sound(copy, file), activity


def _put_activity(content: bytes, path: Path) -> None:
    with (
        translate_sqlite_errors(path),
        closing(sqlite3.connect(":memory:")) as kept,
        closing(sqlite3.connect(path)) as live,
    ):
        # An image of a file in write-ahead mode cannot be opened in memory: bytes 18 and 19 say so.
        kept.deserialize(content[:18] + b"\x01\x01" + content[20:])
        kept.backup(live)
