"""Damage to a library's file: checking every hash, offset and reference, and rebuilding the file from sound rows."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from corpus.article import Article, article_id
from corpus.errors import LibraryDamaged
from corpus.near_copies import bands
from corpus.passages import split
from corpus.store.activity import ACTIVITY
from corpus.store.connection import connect_writer, translate_sqlite_errors
from corpus.store.origins import Origin
from corpus.store.records import Manifest, parse_manifest, write_manifest
from corpus.store.schema import create_tables
from corpus.store.snapshot import METADATA, StoreSnapshot, passages_hash, vector_hash
from corpus.store.writer import StoreWriter

Record = dict[str, Any]
Encode = Callable[[Manifest, Sequence[str]], dict[str, bytes]]
"""Returns the vectors of passages by their texts, as the library stores them."""

_MOST_BY_KEY = 10_000_000  # no damaged number keeps a repair busy for hours


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
        columns = "number, hash, current, passages_hash, day, characters"
        versions = snapshot.rows(f"SELECT {columns} FROM versions WHERE article = ?", (number,))
        if sum(version[2] for version in versions) != 1:
            yield Fault(where, "it does not have exactly one current version")
        for version, name, current, kept, day, characters in versions:
            own = 'SELECT id, start, "end", text FROM passages WHERE version = ? ORDER BY start, id'
            passages = snapshot.rows(own, (version,))
            if (passages_hash(row[:3] for row in passages) if current else None) != kept or (passages and not current):
                yield Fault(where, "its passages are not those that were added")
            try:
                stored = snapshot.article(article, name)
            except LibraryDamaged:
                yield Fault(where, f"the text or metadata of version {name} is not what was added")
                continue
            told = stored.info.day
            if day != (told.isoformat() if told else None) or characters != len(stored.text):
                yield Fault(where, f"the day or length kept for version {name} is not that of its content")
            for passage, start, end, text in passages:
                if text != stored.text[start:end]:
                    yield Fault(f"passage {passage}", f"its text is not that of {where} at {start} to {end}")


def _check_vectors(snapshot: StoreSnapshot) -> Iterator[Fault]:
    for passage, kept, vector in snapshot.iterate("SELECT passage, hash, vector FROM embeddings"):
        if vector_hash(passage, vector) != kept:
            yield Fault(f"passage {passage}", "its vector is not what was added")
    for (passage,) in snapshot.rows("SELECT id FROM passages WHERE id NOT IN (SELECT passage FROM embeddings)"):
        yield Fault(f"passage {passage}", "it has no vector")


def _check_copies(snapshot: StoreSnapshot) -> Iterator[Fault]:
    for (group,) in snapshot.rows("SELECT copy_group FROM passages GROUP BY copy_group HAVING min(id) != copy_group"):
        yield Fault(f"copy group {group}", "it is not known by its smallest passage")
    for passage, text in snapshot.iterate("SELECT id, text FROM passages"):
        kept = {row[0] for row in snapshot.rows("SELECT band FROM bands WHERE passage = ?", (passage,))}
        if kept != set(bands(text)):
            yield Fault(f"passage {passage}", "what finds its near copies is not that of its text")


def _check_log(snapshot: StoreSnapshot) -> Iterator[Fault]:
    logged = set(snapshot.changed_since(0)[0])
    for passage in sorted(logged.symmetric_difference(snapshot.passage_ids())):
        yield Fault(f"passage {passage}", "the log and the passages do not agree on it")


def rebuild(
    database: Path, new: Path, *, encode: Encode, default_manifest: Callable[[], Manifest]
) -> tuple[list[str], list[str]]:
    """Copy the sound articles of the damaged `database` into the new file `new`. Return what was healed and is lost.

    Passages are split again, and only lost vectors are encoded. The files and addresses that articles came from are
    read again at the next add. default_manifest: returns the manifest for a library whose own is lost.
    Raises LibraryDamaged where no article is left.
    """
    healed, lost = list[str](), list[str]()
    uri = f"file:{quote(str(database.absolute()))}?mode=rw"  # SQLite may change the file: it is a copy
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as damaged:
        damaged.text_factory = lambda content: content.decode("utf-8", "replace")
        # SQLite then goes on where an entry of the schema is damaged, or the file was cut short.
        damaged.execute("PRAGMA writable_schema = ON")
        articles = {row["number"]: row for row in _table(damaged, "articles", "number")}
        versions: dict[int, list[Record]] = defaultdict(list)
        for row in _table(damaged, "versions", "number"):
            versions[row["article"]].append(row)
        if not versions:
            raise LibraryDamaged(
                "no article can be read from the library's file",
                "restore it from a backup, or make the library anew and add the articles again",
            )
        try:
            rows, _ = _read(damaged, "SELECT * FROM manifest")
            manifest = parse_manifest({row["name"]: row["value"] for row in rows})
        except LibraryDamaged:
            manifest = default_manifest()
            healed.append("the manifest was made again with the usual model and options")
        passages_of: dict[object, list[Record]] = defaultdict(list)
        for row in _table(damaged, "passages", "id"):
            passages_of[row["version"]].append(row)
        vectors = _sound_vectors(damaged, chain(*passages_of.values()), manifest.vector_bytes)
        links, _ = _read(damaged, "SELECT location, article FROM origin_articles")
        last = _last_number(damaged) + 1
    with translate_sqlite_errors(new), closing(connect_writer(new, patience=0)) as connection:
        create_tables(connection)
        write_manifest(connection, manifest)
        connection.execute("BEGIN IMMEDIATE")
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES ('passages', ?1), ('changes', ?1)", (last,))
        connection.execute("UPDATE state SET value = ? WHERE name = 'log_floor'", (last,))
        writer = StoreWriter(connection, manifest)
        ids: dict[int, str] = {}
        for number in sorted({*articles, *(number for number in versions if isinstance(number, int))}):
            sound = _sound_versions(articles.get(number), versions[number], passages_of, healed, lost)
            for version, article in sound:
                passages = split(article.text) if version is sound[-1][0] else []
                if missing := [p.text for p in passages if p.text not in vectors]:
                    vectors |= encode(manifest, missing)
                    where = f"article {article.id}"
                    healed.append(f"{where}: {len(missing)} of its {len(passages)} passages were encoded again")
                writer.add(article, passages, [vectors[p.text] for p in passages], now=_time(version["added"]))
                ids[number] = article.id
        for link in links:
            if link["article"] in ids:
                writer.record(Origin(location=str(link["location"])), [ids[link["article"]]], whole=False)
        connection.execute("COMMIT")
    return healed, lost


def _table(damaged: sqlite3.Connection, table: str, key: str) -> list[Record]:
    """Return the rows of a table that can be read, none of a table that is not there.

    key: the column with the numbers of its rows. After a damaged page, each further row is asked for by its number.
    """
    rows, is_whole = _read(damaged, f"SELECT * FROM {table} ORDER BY {key}")
    if not is_whole:
        start = rows[-1][key] if rows else 0
        for number in range(start + 1, min(_last_number(damaged), start + _MOST_BY_KEY) + 1):
            rows += _read(damaged, f"SELECT * FROM {table} WHERE {key} = {number}")[0]
    return rows


def _last_number(damaged: sqlite3.Connection) -> int:
    """Return the greatest number that a row of any table has had, as far as it can be read."""
    numbered = (("seq", "sqlite_sequence"), ("change", "changes"), ("id", "passages"), ("number", "versions"))
    found = [row["n"] for key, table in numbered for row in _read(damaged, f"SELECT max({key}) AS n FROM {table}")[0]]
    return max((number for number in found if isinstance(number, int)), default=0)


def _read(damaged: sqlite3.Connection, query: str) -> tuple[list[Record], bool]:
    """Return the rows up to the first that cannot be read, and whether these are all."""
    rows: list[Record] = []
    try:
        cursor = damaged.execute(query)
        names = [column[0] for column in cursor.description]
        rows.extend(dict(zip(names, row, strict=True)) for row in cursor)
    except (sqlite3.Error, UnicodeDecodeError):  # the latter where SQLite's message quotes what is no text any more
        return rows, False
    return rows, True


def _sound_vectors(damaged: sqlite3.Connection, passages: Iterable[Record], size: int) -> dict[str, bytes]:
    """Return the vectors that are what was added, by the texts of their passages. size: the bytes of each."""
    rows = {row["passage"]: row for row in _table(damaged, "embeddings", "passage")}
    sound: dict[str, bytes] = {}
    for passage in passages:
        row = rows.get(passage["id"], {})
        vector = row.get("vector")
        if isinstance(vector, bytes) and len(vector) == size and vector_hash(passage["id"], vector) == row["hash"]:
            sound[passage["text"]] = vector
    return sound


def _sound_versions(
    own: Record | None,
    versions: Sequence[Record],
    passages_of: Mapping[object, Sequence[Record]],
    healed: list[str],
    lost: list[str],
) -> list[tuple[Record, Article]]:
    """Return the versions of an article whose text and metadata are what their hashes say, the current one last.

    A text with flipped bits is put right from its passages. own: the article's row. passages_of: those of each
    version, by its number. Notes are added to `healed` and `lost`.
    """
    known = own if own and isinstance(own["key"], str) and article_id(own["key"]) == own["id"] else {}
    path = known["path"] if known and isinstance(known["path"], str) else None
    sound: list[tuple[Record, Article]] = []
    for version in sorted(versions, key=lambda version: version["current"] == 1):
        try:
            metadata = {name: version[name] for name in METADATA}
            text = patched = version["text"]
            for p in passages_of.get(version["number"], ()):
                patched = patched[: p["start"]] + p["text"] + patched[p["end"] :]
            read = (Article(each, path=path, known_by=known.get("key"), **metadata) for each in (text, patched))
            article = next(article for article in read if article.version == version["hash"])
        except (ValueError, TypeError, AttributeError, StopIteration):
            lost.append(f"{_name(own, version)}: the text or metadata of version {version['hash']} is lost")
            continue
        if article.text != text:
            healed.append(f"article {article.id}: its text was put right from its passages")
        sound.append((version, article))
    if not sound:
        lost.append(f"{_name(own, *versions[-1:])}: nothing of it is left; add it again")
    elif sound[-1][0]["current"] != 1:
        healed.append(f"{_name(own, sound[-1][0])}: its newest version that is left is the current one now")
    return sound


def _time(written: object) -> datetime:
    """Return when a version was added, now where that cannot be read."""
    try:
        return datetime.fromisoformat(str(written))
    except ValueError:
        return datetime.now(UTC)


def _name(own: Record | None, *versions: Record) -> str:
    """Return words by which a person recognises an article."""
    facts = [version.get(name) for version in versions for name in ("heading", "source", "published")]
    known = ", ".join(str(fact)[:80] for fact in (*facts, own and own["path"]) if fact)
    return f"article {own['id'] if own else 'of unknown id'}" + (f" ({known})" if known else "")
