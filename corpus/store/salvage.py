"""Reading the sound rows of a damaged library file. Hashes tell which are as they were added."""

import hashlib
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from corpus.article import Article
from corpus.store.schema import create_tables
from corpus.store.snapshot import METADATA, passages_hash, vector_hash

Record = dict[str, Any]

TABLES = ("manifest", "articles", "versions", "passages", "embeddings", "changes")
"""The tables from which all the others are made."""

_MOST_BETWEEN = 10_000_000  # rows asked for one by one: no damaged number keeps a repair busy for hours


@dataclass(slots=True)
class Salvage:
    """The rows of a damaged file, by table. They are as the file has them: the functions below tell which are right."""

    manifest: Record = field(default_factory=dict)
    articles: dict[int, Record] = field(default_factory=dict)
    versions: dict[int, Record] = field(default_factory=dict)
    passages: dict[int, list[Record]] = field(default_factory=lambda: defaultdict(list))
    vectors: dict[int, tuple[bytes, bytes]] = field(default_factory=dict)
    last_passage: int = 0
    last_change: int = 0


@contextmanager
def damaged_file(database: Path) -> Iterator[sqlite3.Connection]:
    """Connect to a damaged file. SQLite may change it, so give it a copy."""
    uri = f"file:{quote(str(database.absolute()))}?mode=rw"
    with closing(sqlite3.connect(uri, uri=True, isolation_level=None)) as connection:
        connection.text_factory = lambda content: content.decode("utf-8", "replace")
        # SQLite then goes on where an entry of the schema is damaged, or the file was cut short.
        connection.execute("PRAGMA writable_schema = ON")
        yield connection


def read_damaged(damaged: sqlite3.Connection) -> Salvage:
    """Return the rows of a library's file that SQLite can still read, each table by itself."""
    counters = {row["name"]: row["seq"] for row in read_table(damaged, "sqlite_sequence", "name")}
    last = {name: counters.get(name) or 0 for name in ("articles", "versions", "passages", "changes")}
    found = Salvage(
        manifest={row["name"]: row["value"] for row in read_table(damaged, "manifest", "name")},
        articles={row["number"]: row for row in read_table(damaged, "articles", "number", last=last["articles"])},
        versions={row["number"]: row for row in read_table(damaged, "versions", "number", last=last["versions"])},
    )
    passages = {row["id"]: row for row in read_table(damaged, "passages", "id", last=last["passages"])}
    for _, row in sorted(passages.items()):
        if isinstance(row["text"], str) and isinstance(row["start"], int) and isinstance(row["end"], int):
            found.passages[row["version"]].append(row)
    for row in read_table(damaged, "embeddings", "passage", last=last["passages"]):
        found.vectors[row["passage"]] = (row["hash"], row["vector"])
    changes = [row["change"] for row in read_table(damaged, "changes", "change", last=last["changes"])]
    found.last_passage = max([last["passages"], *passages])
    found.last_change = max([last["changes"], *changes])
    return found


def read_table(damaged: sqlite3.Connection, table: str, key: str, *, last: int = 0) -> list[Record]:
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
