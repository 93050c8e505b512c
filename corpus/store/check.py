"""Checking a whole library: every hash, offset and reference."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from corpus.article import article_id
from corpus.errors import LibraryDamaged
from corpus.near_copies import bands
from corpus.store.activity import ACTIVITY
from corpus.store.snapshot import StoreSnapshot, passages_hash, vector_hash

_BLOCK = 1000


@dataclass(frozen=True, slots=True)
class Fault:
    """Damage in a library. where: the table, article or passage. what: what is wrong with it."""

    where: str
    what: str


def check(snapshot: StoreSnapshot) -> Iterator[Fault]:
    """Yield the faults in this snapshot of the library, none for a sound one.

    Raises LibraryDamaged where the file is too damaged to read on.
    """
    for (message,) in snapshot.iterate("PRAGMA integrity_check"):
        if message != "ok":
            yield Fault("database", message)
    for table, row, parent, _ in snapshot.iterate("PRAGMA foreign_key_check"):
        yield Fault(f"table {table}", f"row {row} belongs to a row of {parent} that is not there")
    yield from _check_articles(snapshot)
    yield from _check_passages(snapshot)
    yield from _check_vectors(snapshot)
    yield from _check_copies(snapshot)
    yield from _check_log(snapshot)


def check_activity(folder: Path) -> Iterator[Fault]:
    """Yield the faults of the file with feedback, saved questions and conversations. A missing file is no fault."""
    path = folder / ACTIVITY
    if not path.exists():
        return
    if not path.stat().st_size and not path.with_name(f"{ACTIVITY}-wal").exists():
        yield Fault(ACTIVITY, "it is empty: what was in it is lost")
        return
    try:
        with closing(sqlite3.connect(path, timeout=10)) as connection:
            for (message,) in connection.execute("PRAGMA integrity_check"):
                if message != "ok":
                    yield Fault(ACTIVITY, str(message))
    except (sqlite3.Error, UnicodeDecodeError) as error:
        yield Fault(ACTIVITY, f"it cannot be read ({error})")


def _check_articles(snapshot: StoreSnapshot) -> Iterator[Fault]:
    for number, article, key in snapshot.rows("SELECT number, id, key FROM articles"):
        where = f"article {article}"
        if article_id(key) != article:
            yield Fault(where, "its id is not that of its key")
        versions = "SELECT hash, current, day, characters FROM versions WHERE article = ?"
        found = snapshot.rows(versions, (number,))
        if sum(current for _, current, _, _ in found) != 1:
            yield Fault(where, "it does not have exactly one current version")
        for version, _, day, characters in found:
            try:
                stored = snapshot.article(article, version)
            except LibraryDamaged:
                yield Fault(where, f"the text or metadata of version {version} is not what was added")
                continue
            told = stored.info.day
            if day != (told.isoformat() if told else None) or characters != len(stored.text):
                yield Fault(where, f"the day or length kept for version {version} is not that of its content")


def _check_passages(snapshot: StoreSnapshot) -> Iterator[Fault]:
    versions = (
        "SELECT v.number, a.id, v.passages_hash, v.current FROM versions v JOIN articles a ON a.number = v.article"
    )
    for number, article, kept, current in snapshot.rows(versions):
        passages = snapshot.rows(
            'SELECT id, start, "end", text FROM passages WHERE version = ? ORDER BY start, id', (number,)
        )
        if (passages_hash(row[:3] for row in passages) if current else None) != kept or (passages and not current):
            yield Fault(f"article {article}", "its passages are not those that were added")
        text: str = snapshot.rows("SELECT text FROM versions WHERE number = ?", (number,))[0][0] if passages else ""
        for passage, start, end, words in passages:
            if words != text[start:end]:
                yield Fault(f"passage {passage}", f"its text is not that of article {article} at {start} to {end}")


def _check_vectors(snapshot: StoreSnapshot) -> Iterator[Fault]:
    for passage, kept, vector in snapshot.iterate("SELECT passage, hash, vector FROM embeddings"):
        if vector_hash(passage, vector) != kept:
            yield Fault(f"passage {passage}", "its vector is not what was added")
    for (passage,) in snapshot.rows("SELECT id FROM passages WHERE id NOT IN (SELECT passage FROM embeddings)"):
        yield Fault(f"passage {passage}", "it has no vector")


def _check_copies(snapshot: StoreSnapshot) -> Iterator[Fault]:
    for (group,) in snapshot.rows("SELECT copy_group FROM passages GROUP BY copy_group HAVING min(id) != copy_group"):
        yield Fault(f"copy group {group}", "it is not known by its smallest passage")
    after = 0
    while passages := snapshot.rows("SELECT id, text FROM passages WHERE id > ? ORDER BY id LIMIT ?", (after, _BLOCK)):
        for passage, text in passages:
            kept = {row[0] for row in snapshot.rows("SELECT band FROM bands WHERE passage = ?", (passage,))}
            if kept != set(bands(text)):
                yield Fault(f"passage {passage}", "what finds its near copies is not that of its text")
        after = passages[-1][0]


def _check_log(snapshot: StoreSnapshot) -> Iterator[Fault]:
    logged = set(snapshot.changed_since(0)[0])
    for passage in sorted(logged.symmetric_difference(snapshot.passage_ids())):
        yield Fault(f"passage {passage}", "the log and the passages do not agree on it")
