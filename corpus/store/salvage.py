"""What can still be read of a damaged library file, and what of it is as it was added."""

import hashlib
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from corpus.article import Article
from corpus.store.schema import create_tables
from corpus.store.snapshot import METADATA, passages_hash, vector_hash
from corpus.store.sqlite_pages import Row, read_rows

Record = dict[str, Any]

TABLES = ("manifest", "articles", "versions", "passages", "embeddings", "changes")
"""The tables from which all the others are made."""


@dataclass(slots=True)
class Salvage:
    """The rows of a damaged file, by table; `pages` says that they were read page by page.

    The rows are as the file has them, right or wrong; the functions below tell which.
    """

    manifest: Record = field(default_factory=dict)
    articles: dict[int, Record] = field(default_factory=dict)
    versions: dict[int, Record] = field(default_factory=dict)
    passages: dict[int, list[Record]] = field(default_factory=lambda: defaultdict(list))
    vectors: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    last_passage: int = 0
    last_change: int = 0
    pages: bool = False


def read_damaged(database: Path) -> Salvage:
    """Return the rows of a library's file: as SQLite reads them where its trees are whole, else from every page."""
    try:
        rows = list(_by_tables(database))
        return _sorted(iter(rows), pages=False)
    except (sqlite3.Error, UnicodeDecodeError):  # the latter where SQLite's message names what is no text any more
        return _sorted(_by_pages(database), pages=True)


def sound_article(version: Record, passages: Sequence[Record], path: str | None) -> Article | None:
    """Return the article of a version's row when its text and metadata are what its hash says, else None.

    A text with flipped bits may be put right from its passages, which hold nearly all of it a second time.
    """
    text = version["text"]
    texts = [text] if isinstance(text, str) else []
    if texts and passages:
        patched = texts[0]
        for p in passages:
            patched = patched[: p["start"]] + p["text"] + patched[p["end"] :]
        texts.append(patched)
    for candidate in texts:
        try:
            article = Article(candidate, path=path, **{name: version[name] for name in METADATA})
            if article.version == version["hash"]:
                return article
        except (ValueError, TypeError, AttributeError):
            continue
    return None


def sound_record(record: Record | None) -> bool:
    """Whether an article's row has the id of its key."""
    return record is not None and isinstance(record["key"], str) and article_id(record["key"]) == record["id"]


def article_id(key: str) -> str:
    """Return the id of the article of this key, as Article.id does for its own."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def sound_spans(version: Record, passages: Sequence[Record], text: str) -> list[tuple[int, int]] | None:
    """Return where the version's passages begin and end when they are those that were added, else None."""
    rows = sorted(passages, key=lambda p: (p["start"], p["id"]))
    try:
        if passages_hash((p["id"], p["start"], p["end"]) for p in rows) != version["passages_hash"]:
            return None
    except TypeError:
        return None
    spans = [(int(p["start"]), int(p["end"])) for p in rows]
    return spans if all(0 <= start < end <= len(text) for start, end in spans) else None


def sound_vectors(found: Salvage, passages: Sequence[Record], size: int) -> dict[str, bytes]:
    """Return, by the passage's text, the vectors of these passages that are what was added; `size`: bytes of each."""
    vectors = {}
    for p in passages:
        kept, vector = found.vectors.get(p["id"], (b"", b""))
        if isinstance(vector, bytes) and len(vector) == size and vector_hash(p["id"], vector) == kept:
            vectors[p["text"]] = vector
    return vectors


def columns() -> Mapping[str, Sequence[str]]:
    """Return the columns of each table of this release, in order."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as empty:
        create_tables(empty)
        names = [row[0] for row in empty.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")]
        return {name: [row[1] for row in empty.execute(f"PRAGMA table_info({name})")] for name in names}


def _by_tables(database: Path) -> Iterator[tuple[str, Record]]:
    with closing(sqlite3.connect(f"file:{quote(str(database.absolute()))}?mode=rw", uri=True)) as connection:
        connection.text_factory = lambda content: content.decode("utf-8", "replace")
        if connection.execute("PRAGMA integrity_check(1)").fetchone()[0] != "ok":
            raise sqlite3.DatabaseError("its trees are damaged")
        for table in (*TABLES, "sqlite_sequence"):
            cursor = connection.execute(f"SELECT * FROM {table}")
            names = [column[0] for column in cursor.description]
            for row in cursor:
                yield table, dict(zip(names, row, strict=True))


def _by_pages(database: Path) -> Iterator[tuple[str, Record]]:
    """Yield the rows of every page, each with the table that a row of its shape belongs to."""
    named = columns()
    for row in read_rows(database):
        table = _table_of(row, named)
        if table is None:
            continue
        names = named[table]
        values = [*row.values, *[None] * (len(names) - len(row.values))]  # columns that came after the row was written
        record: Record = dict(zip(names, values, strict=True))
        if row.number is not None and values[0] is None:
            record[names[0]] = row.number
        yield table, record


def _table_of(row: Row, named: Mapping[str, Sequence[str]]) -> str | None:
    values = row.values
    kinds = [type(value) for value in values]
    if row.number is None:
        is_text = len(values) == 2 and kinds == [str, str]
        return "manifest" if is_text and _is_json(str(values[1]), str(values[0])) else None
    if len(values) == 2 and values[0] in ("passages", "changes") and kinds[1] is int:
        return "sqlite_sequence"
    if len(values) == len(named["embeddings"]) and kinds[1:] == [bytes, bytes]:
        return "embeddings"
    if len(values) == len(named["changes"]) and values[1] in ("add", "remove"):
        return "changes"
    if len(values) == len(named["articles"]) and kinds[1:3] == [str, str]:
        return "articles"
    if len(values) == len(named["passages"]) and kinds[1:] == [int, int, int, int, str]:
        return "passages"
    if len(values) > 15 and str(values[2]).startswith("sha256:"):
        return "versions"
    return None


def _is_json(value: str, name: str) -> bool:
    if name == "hash":
        return True
    try:
        json.loads(value)
    except ValueError:
        return False
    return True


def _sorted(rows: Iterator[tuple[str, Record]], *, pages: bool) -> Salvage:
    found = Salvage(pages=pages)
    for table, record in rows:
        if table == "manifest":
            found.manifest[record["name"]] = record["value"]
        elif table == "articles":
            found.articles[record["number"]] = record
        elif table == "versions":
            found.versions[record["number"]] = record
        elif table == "passages":
            if isinstance(record["text"], str) and isinstance(record["start"], int) and isinstance(record["end"], int):
                found.passages[record["version"]].append(record)
                found.last_passage = max(found.last_passage, record["id"])
        elif table == "embeddings":
            found.vectors[record["passage"]] = (record["hash"], record["vector"])
        elif table == "changes":
            found.last_change = max(found.last_change, record["change"])
        elif record["name"] == "passages":
            found.last_passage = max(found.last_passage, record["seq"] or 0)
        elif record["name"] == "changes":
            found.last_change = max(found.last_change, record["seq"] or 0)
    return found
