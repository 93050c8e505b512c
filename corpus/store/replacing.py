"""Replacing a library's content by a restored or rebuilt one."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from corpus.errors import LibraryBusy, LibraryDamaged, LibraryError
from corpus.store.connection import DATABASE, REACHED, clear_errors, connect_writer, delete_indexes
from corpus.store.manifest import read_manifest


def put_in_place(new: Path, folder: Path, *, patience: float) -> None:
    """Replace the content of the library in `folder` by the library file `new`. The writer lock must be held.

    Where the folder holds the same library and it can be opened, one transaction replaces its content, and readers go
    on with the old or the new state. Otherwise the file is swapped, and nobody may have the old one open.
    """
    live = folder / DATABASE
    if not live.exists() or not _in_one_transaction(new, live, patience):
        for end in ("-wal", "-shm"):
            live.with_name(live.name + end).unlink(missing_ok=True)
        new.replace(live)
        sync_folder(folder)
    (folder / REACHED).unlink(missing_ok=True)
    delete_indexes(folder)


def sync_folder(folder: Path) -> None:
    """Make renames in the folder survive a power cut, where the system supports it."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _in_one_transaction(new: Path, live: Path, patience: float) -> bool:
    """Copy `new` into `live`. Return false, for the file to be swapped, where `live` is damaged or another library."""
    try:
        with clear_errors(live), closing(connect_writer(live, patience=patience)) as target:
            with closing(connect_writer(new, patience=0)) as source:
                other = read_manifest(target).library_id != read_manifest(source).library_id
                if other:
                    _close_for_all(target, live.parent)
                    return False
                _go_on_from(source, target)
                source.backup(target)
            target.execute("PRAGMA busy_timeout = 1000")
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # otherwise the last reader removes the log
    except LibraryBusy:
        raise
    except (LibraryDamaged, LibraryError):
        return False
    for left in (new, *(new.with_name(new.name + end) for end in ("-wal", "-shm"))):
        left.unlink(missing_ok=True)
    return True


def _close_for_all(target: sqlite3.Connection, folder: Path) -> None:
    """Remove the write-ahead log. This works only while nobody else has the file open."""
    try:
        target.execute("PRAGMA busy_timeout = 1000")
        target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise LibraryBusy(
            f"{folder} holds another library, which is in use: stop what uses it, then try again"
        ) from error


def _go_on_from(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Continue the old content's numbers in the new one, so that indexes of the old one are known to be outdated."""
    last = dict(target.execute("SELECT name, seq FROM sqlite_sequence"))
    for name in ("passages", "changes"):
        source.execute(
            "INSERT INTO sqlite_sequence (name, seq) SELECT ?1, 0 WHERE NOT EXISTS "
            "(SELECT 1 FROM sqlite_sequence WHERE name = ?1)",
            (name,),
        )
        source.execute(
            "UPDATE sqlite_sequence SET seq = max(seq, ?) + ? WHERE name = ?",
            (int(last.get(name, 0)), int(name == "changes"), name),
        )
    source.execute(
        "UPDATE state SET value = (SELECT seq FROM sqlite_sequence WHERE name = 'changes') WHERE name = 'log_floor'"
    )
