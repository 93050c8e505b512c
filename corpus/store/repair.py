"""Rebuilding a library's file from the sound rows of a damaged one. SQLite reads them table by table."""

import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

from corpus.article import Article, Passage, article_id
from corpus.errors import LibraryDamaged
from corpus.passages import split
from corpus.store.connection import connect_writer, translate_sqlite_errors
from corpus.store.origins import COLUMNS
from corpus.store.records import Manifest, parse_manifest, write_manifest
from corpus.store.schema import create_tables
from corpus.store.snapshot import METADATA, vector_hash
from corpus.store.writer import StoreWriter

Record = dict[str, Any]
Encode = Callable[[Manifest, Sequence[Passage]], list[bytes]]
"""Returns the vectors of passages, as the library stores them."""

_MOST_BETWEEN = 10_000_000  # rows asked for one by one: no damaged number keeps a repair busy for hours


def rebuild(
    database: Path, new: Path, *, encode: Encode, default_manifest: Callable[[], Manifest]
) -> tuple[list[str], list[str]]:
    """Copy the sound rows of the damaged `database` into the new file `new`. Return what was healed and what is lost.

    default_manifest: returns the manifest for a library whose own is lost. Only lost vectors are encoded again. Raises
    LibraryDamaged where no article is left.
    """
    healed: list[str] = []
    uri = f"file:{quote(str(database.absolute()))}?mode=rw"  # SQLite may change the file: it is a copy
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as damaged:
        damaged.text_factory = lambda content: content.decode("utf-8", "replace")
        # SQLite then goes on where an entry of the schema is damaged, or the file was cut short.
        damaged.execute("PRAGMA writable_schema = ON")
        found = _Salvage(damaged)
        try:
            manifest = parse_manifest(found.manifest)
        except LibraryDamaged:
            if not found.versions:
                raise LibraryDamaged(
                    "no article can be read from the library's file",
                    "restore it from a backup, or make the library anew and add the articles again",
                ) from None
            manifest = default_manifest()
            healed.append("the manifest was made again with the usual model and options")
        with translate_sqlite_errors(new), closing(connect_writer(new, patience=0)) as connection:
            create_tables(connection)
            write_manifest(connection, manifest)
            connection.execute("BEGIN IMMEDIATE")
            _begin_after(connection, found)
            articles = _Rebuild(found, manifest, connection, encode)
            articles.run()
            articles.copy_sources(damaged)
            connection.execute("COMMIT")
    return [*healed, *articles.healed], articles.lost


class _Salvage:
    """The rows of a damaged file that SQLite can still read, by table. They are as the file has them, right or not."""

    def __init__(self, damaged: sqlite3.Connection) -> None:
        counters = {row["name"]: row["seq"] or 0 for row in _table(damaged, "sqlite_sequence", "name")}

        def numbered(table: str, key: str, counter: str) -> dict[int, Record]:
            rows = _table(damaged, table, key, last=counters.get(counter, 0))
            return {row[key]: row for row in sorted(rows, key=lambda row: int(row[key]))}

        self.manifest = {row["name"]: row["value"] for row in _table(damaged, "manifest", "name")}
        self.articles = numbered("articles", "number", "articles")
        self.versions = numbered("versions", "number", "versions")
        self.vectors = numbered("embeddings", "passage", "passages")
        self.passages: dict[int, list[Record]] = defaultdict(list)
        """The passages of each version, by its number."""
        passages = numbered("passages", "id", "passages")
        for row in passages.values():
            if isinstance(row["text"], str) and isinstance(row["start"], int) and isinstance(row["end"], int):
                self.passages[row["version"]].append(row)
        self.last_passage = max([counters.get("passages", 0), *passages])
        self.last_change = max([counters.get("changes", 0), *numbered("changes", "change", "changes")])

    def vector(self, passage: int, size: int) -> bytes | None:
        """Return the vector of a passage if it is what was added, else None. size: its bytes."""
        row = self.vectors.get(passage, {})
        vector = row.get("vector")
        if isinstance(vector, bytes) and len(vector) == size and vector_hash(passage, vector) == row["hash"]:
            return vector
        return None


def _table(damaged: sqlite3.Connection, table: str, key: str, *, last: int = 0) -> list[Record]:
    """Return the rows of a table that can be read, a few of them perhaps twice; none of a table that is not there.

    They are read in the order of `key` to the first damaged page, and from the end back to the last one. `last`: the
    greatest key that the table may have, where keys are numbers. With it, each row in between is asked for by its key.
    """
    rows, is_whole = _read(damaged, f"SELECT * FROM {table} ORDER BY {key}")
    if is_whole:
        return rows
    back, _ = _read(damaged, f"SELECT * FROM {table} ORDER BY {key} DESC")
    if last:
        start = rows[-1][key] if rows else 0
        end = min(back[-1][key], last + 1) if back else last + 1
        for number in range(start + 1, min(end, start + _MOST_BETWEEN)):
            rows += _read(damaged, f"SELECT * FROM {table} WHERE {key} = {number}")[0]
    return rows + back


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


class _Rebuild:
    """Adds the articles of a damaged file to a new one."""

    def __init__(self, found: _Salvage, manifest: Manifest, connection: sqlite3.Connection, encode: Encode) -> None:
        self._found = found
        self._manifest = manifest
        self._connection = connection
        self._writer = StoreWriter(connection, manifest)
        self._encode = encode
        self._numbers: dict[int, int] = {}
        """The new number of each article, by the old one."""
        self.healed: list[str] = []
        self.lost: list[str] = []

    def run(self) -> None:
        versions: dict[int, list[Record]] = defaultdict(list)
        for version in self._found.versions.values():
            if isinstance(version["article"], int):
                versions[version["article"]].append(version)
        for number in sorted({*self._found.articles, *versions}):
            self._put(number, versions.get(number, []))

    def _put(self, number: int, versions: list[Record]) -> None:
        kept = self._found.articles.get(number)
        record = kept if kept and isinstance(kept["key"], str) and article_id(kept["key"]) == kept["id"] else None
        path = record["path"] if record and isinstance(record["path"], str) else None
        sound: list[tuple[Record, Article]] = []
        for version in versions:
            article = _sound_article(version, self._found.passages.get(version["number"], ()), path)
            if article is None:
                self.lost.append(f"{_name(kept, version)}: the text or metadata of version {version['hash']} is lost")
            else:
                sound.append((version, replace(article, known_by=record["key"]) if record else article))
        if not sound:
            self.lost.append(f"{_name(kept, *versions[-1:])}: nothing of it is left; add it again")
            return
        current = next((pair for pair in sound if pair[0]["current"] == 1), None)
        if current is None:
            current = sound[-1]
            self.healed.append(f"{_name(kept, current[0])}: its newest version that is left is the current one now")
        where = "SELECT number FROM articles WHERE id = ?"
        if self._connection.execute(where, (current[1].id,)).fetchone():
            return  # the same article, from a row that is sound
        for version, article in sound if sound[-1] is current else [*sound, current]:
            passages, vectors = self._passages(version, article) if version is current[0] else ([], [])
            self._writer.add(article, passages, vectors, now=_time(version["added"]))
        self._numbers[number] = self._connection.execute(where, (current[1].id,)).fetchone()[0]

    def _passages(self, version: Record, article: Article) -> tuple[list[Passage], list[bytes]]:
        """Split a version into its passages again. Return them with their vectors: the stored ones that are sound."""
        where = f"article {article.id}"
        if article.text != version["text"]:
            self.healed.append(f"{where}: its text was put right from its passages")
        passages = split(article.text)
        rows = {(row["start"], row["end"]): row for row in self._found.passages.get(version["number"], ())}
        by_text = {row["text"]: row for row in rows.values()}
        if rows.keys() != {(p.start, p.end) for p in passages}:
            self.healed.append(f"{where}: its passages were split again")
        elif any(rows[p.start, p.end]["text"] != p.text for p in passages):
            self.healed.append(f"{where}: the text of its passages was put right")
        vectors: list[bytes | None] = []
        for p in passages:
            row = rows.get((p.start, p.end)) or by_text.get(p.text)
            vectors.append(self._found.vector(row["id"], self._manifest.vector_bytes) if row else None)
        missing = [p for p, vector in zip(passages, vectors, strict=True) if vector is None]
        if missing:
            self.healed.append(f"{where}: {len(missing)} of its {len(passages)} passages were encoded again")
        encoded = iter(self._encode(self._manifest, missing) if missing else ())
        return passages, [next(encoded) if vector is None else vector for vector in vectors]

    def copy_sources(self, damaged: sqlite3.Connection) -> None:
        """Copy the origins, with their links to the articles that are left."""
        columns = ("name", *COLUMNS)
        self._connection.executemany(
            f"INSERT OR IGNORE INTO origins ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})",
            [[row.get(name) for name in columns] for row in _table(damaged, "origins", "location")],
        )
        self._connection.executemany(
            "INSERT OR IGNORE INTO origin_articles SELECT ?1, ?2 WHERE EXISTS "
            "(SELECT 1 FROM origins WHERE location = ?1)",
            [
                (row["location"], self._numbers[row["article"]])
                for row in _table(damaged, "origin_articles", "location")
                if row["article"] in self._numbers
            ],
        )


def _sound_article(version: Record, passages: Sequence[Record], path: str | None) -> Article | None:
    """Return the article of a version's row when its text and metadata are what its hash says, else None.

    A text with flipped bits may be put right from its passages, which hold nearly all of it a second time.
    """
    text = version["text"]
    if not isinstance(text, str):
        return None
    patched = text
    for p in passages:
        patched = patched[: p["start"]] + p["text"] + patched[p["end"] :]
    for candidate in (text, patched):
        try:
            article = Article(candidate, path=path, **{name: version[name] for name in METADATA})
            if article.version == version["hash"]:
                return article
        except (ValueError, TypeError, AttributeError):
            continue
    return None


def _begin_after(connection: sqlite3.Connection, found: _Salvage) -> None:
    """Start the numbers of passages and changes after those of the damaged file. No number is used twice."""
    for name, last in (("passages", found.last_passage), ("changes", found.last_change + 1)):
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, last))
    connection.execute("UPDATE state SET value = ? WHERE name = 'log_floor'", (found.last_change + 1,))


def _time(written: object) -> datetime:
    """Return when a version was added, now where that cannot be read."""
    try:
        return datetime.fromisoformat(str(written))
    except ValueError:
        return datetime.now(UTC)


def _name(record: Record | None, *versions: Record) -> str:
    """Return words by which a person recognises an article."""
    facts = [versions[-1].get(name) for name in ("heading", "source", "published")] if versions else []
    facts += [record["path"] if record else None]
    known = ", ".join(str(fact)[:80] for fact in facts if fact)
    return f"article {record['id'] if record else 'of unknown id'}" + (f" ({known})" if known else "")
