"""Putting another content into a library's place: a restored one, or one that was rebuilt."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from corpus.errors import LibraryBusy, LibraryDamaged, LibraryError
from corpus.store.connection import DATABASE, REACHED, clear_errors, connect_writer
from corpus.store.manifest import read_manifest


def put_in_place(new: Path, folder: Path, *, patience: float) -> None:
    """Make the whole library file `new` the content of the library in `folder`; the writer lock is held.

    Where the same library is there and can be opened, its content is replaced within one transaction: those who read
    it go on, in the old state or the new. Else the file is swapped, which needs that nobody has the old one open.
    """
    live = folder / DATABASE
    if not live.exists() or not _in_one_transaction(new, live, patience):
        for end in ("-wal", "-shm"):
            live.with_name(live.name + end).unlink(missing_ok=True)
        new.replace(live)
        sync_folder(folder)
    for left in (folder / REACHED, *folder.glob("*.view")):
        left.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Make a change of names in the folder last through a power cut, where the system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _in_one_transaction(new: Path, live: Path, patience: float) -> bool:
    """Copy `new` into `live` unless that is damaged, no library, or another one that nobody has open: then swap."""
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
            target.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # else the log goes when the last reader does
    except LibraryBusy:
        raise
    except (LibraryDamaged, LibraryError):
        return False
    for left in (new, *(new.with_name(new.name + end) for end in ("-wal", "-shm"))):
        left.unlink(missing_ok=True)
    return True


def _close_for_all(target: sqlite3.Connection, folder: Path) -> None:
    """Take the write-ahead log away, which only works while nobody else has the file open."""
    try:
        target.execute("PRAGMA busy_timeout = 1000")
        target.execute("PRAGMA journal_mode = DELETE")
    except sqlite3.OperationalError as error:
        raise LibraryBusy(
            f"{folder} holds another library, which is in use: stop what uses it, then try again"
        ) from error


def _go_on_from(source: sqlite3.Connection, target: sqlite3.Connection) -> None:
    """Let the new content's numbers go on after the old one's, so that views of the old one are seen to be old."""
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
