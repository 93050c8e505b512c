"""Rebuilding a library's file from the sound rows of a damaged one."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from corpus.article import Article, Passage, parse_published
from corpus.errors import LibraryDamaged
from corpus.passages import SplitOptions, split
from corpus.store.connection import clear_errors, connect_writer
from corpus.store.manifest import Manifest, parse_manifest, write_manifest
from corpus.store.salvage import (
    TABLES,
    Record,
    Salvage,
    article_id,
    columns,
    damaged_file,
    read_damaged,
    read_table,
    sound_article,
    sound_record,
    sound_spans,
    sound_vectors,
)
from corpus.store.schema import create_tables
from corpus.store.snapshot import METADATA
from corpus.store.writer import StoreWriter

Encode = Callable[[Manifest, Article, Sequence[Passage]], list[bytes]]
"""Returns the vectors of an article's passages, as the library stores them."""

_MADE_AGAIN = (*TABLES, "bands", "state", "sqlite_sequence")


@dataclass(frozen=True, slots=True)
class RebuildReport:
    """Result of a rebuild: articles and versions kept; what was healed and what is lost, one sentence each."""

    articles: int
    versions: int
    healed: tuple[str, ...]
    lost: tuple[str, ...]


def rebuild(database: Path, new: Path, *, encode: Encode, usual: Callable[[], Manifest]) -> RebuildReport:
    """Copy the sound rows of the damaged `database` into the new file `new`, and report the others.

    usual: returns a manifest for a library whose own is lost. Only lost vectors are encoded again. Raises
    LibraryDamaged where no article is left.
    """
    with damaged_file(database) as damaged:
        return _rebuild(damaged, new, encode=encode, usual=usual)


def _rebuild(damaged: sqlite3.Connection, new: Path, *, encode: Encode, usual: Callable[[], Manifest]) -> RebuildReport:
    found = read_damaged(damaged)
    healed: list[str] = []
    try:
        manifest = parse_manifest(found.manifest)
    except LibraryDamaged:
        if not found.versions:
            raise LibraryDamaged(
                "no article can be read from the library's file: restore it from a backup, or make the library anew "
                "and add the articles again"
            ) from None
        manifest = usual()
        manifest = replace(manifest, library_id=_kept_id(found) or manifest.library_id)
        healed.append("the manifest was made again with the usual model and options")
    with clear_errors(new), closing(connect_writer(new, patience=0)) as connection:
        create_tables(connection)
        write_manifest(connection, manifest)
        connection.execute("BEGIN IMMEDIATE")
        _begin_after(connection, found)
        articles = _Rebuild(found, manifest, connection, encode)
        articles.run()
        _copy_others(connection, damaged)
        connection.execute("COMMIT")
        count = "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM versions)"
        kept_articles, kept_versions = connection.execute(count).fetchone()
    return RebuildReport(kept_articles, kept_versions, (*healed, *articles.healed), tuple(articles.lost))


class _Rebuild:
    """Moves the articles of one damaged file into a new one."""

    def __init__(self, found: Salvage, manifest: Manifest, connection: sqlite3.Connection, encode: Encode) -> None:
        self._found = found
        self._manifest = manifest
        self._connection = connection
        self._writer = StoreWriter(connection, manifest)
        self._encode = encode
        self._keys: set[str] = set()
        self.healed: list[str] = []
        self.lost: list[str] = []

    def run(self) -> None:
        versions: dict[int, list[Record]] = defaultdict(list)
        for _, version in sorted(self._found.versions.items()):
            if isinstance(version["article"], int):
                versions[version["article"]].append(version)
        for number in sorted({*self._found.articles, *versions}):
            self._put(number, versions.get(number, []))

    def _put(self, number: int, versions: list[Record]) -> None:
        kept = self._found.articles.get(number)
        record = kept if sound_record(kept) else None
        path = _text(record and record["path"])
        sound: list[tuple[Record, Article]] = []
        for version in versions:
            article = sound_article(version, self._found.passages.get(version["number"], ()), path)
            if article is None:
                self.lost.append(f"{_name(kept, version)}: the text or metadata of version {version['hash']} is lost")
            else:
                sound.append((version, article))
        if not sound:
            self.lost.append(f"{_name(kept, *versions[-1:])}: nothing of it is left; add it again")
            return
        key = record["key"] if record else sound[-1][1].key
        if key in self._keys:
            return
        self._keys.add(key)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        added = _text(record and record["added"]) or now
        current = next((pair for pair in sound if pair[0]["current"] == 1), None)
        if current is None:
            current = sound[-1]
            self.healed.append(f"{_name(kept, current[0])}: its newest version that is left is the current one now")
        self._connection.execute(
            "INSERT INTO articles (number, id, key, path, added, changed) VALUES (?, ?, ?, NULL, ?, ?)",
            (number, article_id(key), key, added, _text(record and record["changed"]) or now),
        )
        for version, article in sound:
            self._put_version(number, version, article, is_current=version is current[0])
        if path is not None:
            self._writer.keep_origin(number, path)

    def _put_version(self, number: int, version: Record, article: Article, *, is_current: bool) -> None:
        if article.text != version["text"]:
            self.healed.append(f"article {self._id_of(number)}: its text was put right from its passages")
        day = parse_published(article.published).isoformat() if article.published else None
        names = ("number", "article", "hash", "current", "added", "day", "heading", "characters", *METADATA, "text")
        added = _text(version["added"]) or datetime.now(UTC).isoformat(timespec="seconds")
        values = [version["number"], number, article.version, int(is_current), added, day, article.heading]
        values += [len(article.text), *(getattr(article, name) for name in METADATA), article.text]
        self._connection.execute(
            f"INSERT INTO versions ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", values
        )
        if is_current:
            passages, vectors = self._passages(number, version, article)
            self._writer.add_passages(version["number"], passages, vectors)

    def _passages(self, number: int, version: Record, article: Article) -> tuple[list[Passage], list[bytes]]:
        """Return a version's passages and vectors: the stored ones where they are sound, else new ones."""
        rows = self._found.passages.get(version["number"], [])
        where = f"article {self._id_of(number)}"
        spans = sound_spans(version, rows, article.text)
        if spans is None:
            passages = split(article.text, options=SplitOptions(**self._manifest.split))
            self.healed.append(f"{where}: its passages were split again")
        else:
            passages = [Passage(start, end, article.text[start:end]) for start, end in spans]
        if spans is not None and any(r["text"] != article.text[r["start"] : r["end"]] for r in rows):
            self.healed.append(f"{where}: the text of its passages was put right")
        right = [{**r, "text": article.text[r["start"] : r["end"]]} for r in rows] if spans is not None else rows
        vectors = sound_vectors(self._found, right, self._manifest.vector_bytes)
        missing = [p for p in passages if p.text not in vectors]
        if missing:
            encoded = self._encode(self._manifest, article, missing)
            vectors |= {p.text: vector for p, vector in zip(missing, encoded, strict=True)}
            self.healed.append(f"{where}: {len(missing)} of its {len(passages)} passages were encoded again")
        return passages, [vectors[p.text] for p in passages]

    def _id_of(self, number: int) -> str:
        return str(self._connection.execute("SELECT id FROM articles WHERE number = ?", (number,)).fetchone()[0])


def _begin_after(connection: sqlite3.Connection, found: Salvage) -> None:
    """Start the numbers of passages and changes after those of the damaged file. No number is used twice."""
    for name, last in (("passages", found.last_passage), ("changes", found.last_change + 1)):
        connection.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (?, ?)", (name, last))
    connection.execute("UPDATE state SET value = ? WHERE name = 'log_floor'", (found.last_change + 1,))


def _copy_others(connection: sqlite3.Connection, damaged: sqlite3.Connection) -> None:
    """Copy the other tables. Rows whose article or source is lost are left out."""
    for table, names in columns().items():
        if table in _MADE_AGAIN:
            continue
        rows = read_table(damaged, table, names[0])
        parents = {row[3]: (row[2], row[4]) for row in connection.execute(f"PRAGMA foreign_key_list({table})")}
        alive = " AND ".join(
            f"EXISTS (SELECT 1 FROM {parent} WHERE {column} = :{name})" for name, (parent, column) in parents.items()
        )
        values = ", ".join(f":{name}" for name in names)
        connection.executemany(
            f"INSERT OR IGNORE INTO {table} ({', '.join(names)}) SELECT {values} WHERE {alive or 'true'}",
            [{name: row.get(name) for name in names} for row in rows],
        )


def _kept_id(found: Salvage) -> str | None:
    try:
        value = json.loads(found.manifest.get("library_id", ""))
    except (ValueError, TypeError):
        return None
    return value if isinstance(value, str) and len(value) == 32 else None


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


def _name(record: Record | None, *versions: Record) -> str:
    """Return words by which a person recognises an article."""
    facts = [versions[-1].get(name) for name in ("heading", "source", "published")] if versions else []
    facts += [record["path"] if record else None]
    known = ", ".join(str(fact)[:80] for fact in facts if fact)
    return f"article {record['id'] if record else 'of unknown id'}" + (f" ({known})" if known else "")
