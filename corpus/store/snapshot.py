"""One consistent state of a library, read in one SQLite transaction."""

import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from corpus.article import Article
from corpus.errors import WHAT_HELPS, LibraryDamaged, UsageError
from corpus.store.connection import translate_sqlite_errors
from corpus.store.records import (
    EVERYTHING,
    ArticleInfo,
    Counts,
    Coverage,
    Filters,
    Order,
    StoredArticle,
    StoredPassage,
    VersionInfo,
)

METADATA = ("title", "source", "author", "published", "modified", "url", "place", "section", "language")
"""Columns of a version that are fields of Article. With `text` they make up its hash."""

ADD_AGAIN = f"{WHAT_HELPS}, or remove the article and add it again"
"""What to do about a damaged article."""

_INFO_COLUMNS = {
    **{name: f"a.{name}" for name in ("id", "key", "path", "added", "changed")},
    **{name: f"v.{name}" for name in ("current", "heading", "characters", *METADATA)},
    "version": "v.hash",
}
_INFO_NAMES = tuple(_INFO_COLUMNS)
_INFO = ", ".join(_INFO_COLUMNS.values())
_VERSIONS = "versions v JOIN articles a ON a.number = v.article"
_LISTED = "(SELECT value FROM json_each(?))"
_ORDERS = {
    "newest": "v.day DESC NULLS LAST, v.published DESC, a.number",
    "oldest": "v.day NULLS LAST, v.published, a.number",
    "added": "a.number",
}


def article_info(article: Article, *, path: str | None, added: str, changed: str) -> ArticleInfo:
    """Return the record of an article's current version. added, changed: UTC times in ISO 8601."""
    own = {name: getattr(article, name) for name in ("id", "key", "version", "heading", *METADATA)}
    return ArticleInfo(**own, current=True, path=path, added=added, changed=changed, characters=len(article.text))


class StoreSnapshot:
    """One state of a library; later writes are not seen. Use it only in the thread that opened it."""

    def __init__(self, connection: sqlite3.Connection, path: Path) -> None:
        self._connection = connection
        self.path = path
        self.change = self._begin()

    def _begin(self) -> int:
        with translate_sqlite_errors(self.path):
            self._connection.execute("BEGIN")
        found = self.rows("SELECT seq FROM sqlite_sequence WHERE name = 'changes'")
        return int(found[0][0]) if found else 0

    def renew(self) -> None:
        """Move on to the library's present state."""
        self.end()
        self.change = self._begin()

    def end(self) -> None:
        """End the transaction."""
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[tuple[Any, ...]]:
        """Return all rows of a query."""
        with translate_sqlite_errors(self.path):
            return self._connection.execute(sql, parameters).fetchall()

    def iterate(self, sql: str) -> Iterator[tuple[Any, ...]]:
        """Yield the rows of a query without holding them all."""
        with translate_sqlite_errors(self.path):
            yield from self._connection.execute(sql)

    def article(self, article: str, version: str | None = None) -> StoredArticle:
        """Return an article's current version, or the one named. The text is checked against its hash.

        Raises UsageError for an unknown article or version, LibraryDamaged where the text does not match its hash.
        """
        columns = "v.hash, v.added, v.current, v.published, v.modified"
        rows = self.rows(f"SELECT {columns} FROM {_VERSIONS} WHERE a.id = ? ORDER BY v.number", (article,))
        versions = [VersionInfo(name, added, bool(current), *days) for name, added, current, *days in rows]
        wanted = version or next((v.version for v in versions if v.current), None)
        sql = f"SELECT {_INFO}, v.text FROM {_VERSIONS} WHERE a.id = ? AND v.hash = ?"
        found = self.rows(sql, (article, wanted))
        if not found:
            what = f"article {article} has no version {version}" if versions else f"there is no article {article}"
            raise UsageError(f'{what} in {self.path.parent}: "citewire list" and "citewire show ID --json" name them')
        info, text = _info(found[0]), found[0][-1]
        require_sound_version(info, text, self.path)
        return StoredArticle(info, text, tuple(versions))

    def articles(
        self,
        filters: Filters = EVERYTHING,
        *,
        order: Order = "newest",
        limit: int | None = None,
        offset: int = 0,
    ) -> list[ArticleInfo]:
        """Return the current versions that pass the filters. Those without a date come last."""
        where, parameters = _where(filters)
        sql = f"SELECT {_INFO} FROM {_VERSIONS} WHERE {where} ORDER BY {_ORDERS[order]}"
        rows = self.rows(f"{sql} LIMIT ? OFFSET ?", [*parameters, -1 if limit is None else limit, offset])
        return [_info(row) for row in rows]

    def coverage(self, filters: Filters = EVERYTHING) -> Coverage:
        """Return what the filters cover."""
        where, parameters = _where(filters)
        count = "count(*), count(DISTINCT v.source), count(*) - count(v.day), min(v.day), max(v.day)"
        return Coverage(*self.rows(f"SELECT {count} FROM versions v WHERE {where}", parameters)[0])

    def sources(self) -> list[tuple[str, int]]:
        """Return the outlets with their numbers of articles, largest first."""
        sql = "SELECT source, count(*) FROM versions WHERE current AND source IS NOT NULL GROUP BY source "
        return [(source, count) for source, count in self.rows(f"{sql} ORDER BY count(*) DESC, source")]

    def counts(self) -> Counts:
        """Return the library's size."""
        sql = (
            "SELECT (SELECT count(*) FROM articles), (SELECT count(*) FROM versions), (SELECT count(*) FROM passages), "
            "(SELECT count(DISTINCT source) FROM versions WHERE current)"
        )
        articles, versions, passages, sources = self.rows(sql)[0]
        return Counts(articles, versions, passages, sources, self.change)

    def articles_named(self, name: str) -> list[str]:
        """Return the ids of the articles read from a file of this name, or from this path or address."""
        sql = (
            "SELECT DISTINCT a.id FROM origins o JOIN origin_articles l ON l.location = o.location "
            "JOIN articles a ON a.number = l.article WHERE o.name = ? OR o.location = ? ORDER BY a.number"
        )
        found = [row[0] for row in self.rows(sql, (name, name))]
        if not found and "#" in name:  # one of the articles of a file
            found = [row[0] for row in self.rows("SELECT id FROM articles WHERE path = ? ORDER BY number", (name,))]
        return found

    def current_versions(self, articles: Iterable[str]) -> dict[str, tuple[str, str | None]]:
        """Return the current version and last path of each of these articles that is in the library."""
        sql = f"SELECT a.id, v.hash, a.path FROM {_VERSIONS} WHERE v.current AND a.id IN {_LISTED}"
        return {article: (version, path) for article, version, path in self.rows(sql, (json.dumps(list(articles)),))}

    def passages(self, ids: Iterable[int]) -> list[StoredPassage]:
        """Return the passages with these ids, in the order of their ids."""
        return self._passages(f"p.id IN {_LISTED} ORDER BY p.id", (json.dumps(list(ids)),))

    def passages_of(self, article: str) -> list[StoredPassage]:
        """Return the passages of an article's current version, in text order."""
        return self._passages("a.id = ? AND v.current ORDER BY p.start", (article,))

    def _passages(self, where: str, parameters: Sequence[object]) -> list[StoredPassage]:
        sql = (
            f'SELECT {_INFO}, p.id, p.start, p."end", p.text, p.copy_group '
            f"FROM {_VERSIONS} JOIN passages p ON p.version = v.number WHERE {where}"
        )
        return [
            StoredPassage(number, start, end, text, group, _info(info))
            for *info, number, start, end, text, group in self.rows(sql, parameters)
        ]

    def passage_ids(self, filters: Filters = EVERYTHING, *, among: Iterable[int] | None = None) -> list[int]:
        """Return the ids of the passages whose articles pass the filters, ascending; only those `among`, if given."""
        where, parameters = _where(filters)
        if among is not None:  # CROSS JOIN keeps SQLite from starting with everything that passes the filters
            sql = (
                "SELECT p.id FROM passages p CROSS JOIN versions v ON p.version = v.number "
                f"WHERE p.id IN {_LISTED} AND {where} ORDER BY p.id"
            )
            return [row[0] for row in self.rows(sql, [json.dumps(list(among)), *parameters])]
        sql = f"SELECT p.id FROM versions v JOIN passages p ON p.version = v.number WHERE {where} ORDER BY p.id"
        return [row[0] for row in self.rows(sql, parameters)]

    def copies(self, groups: Iterable[int]) -> dict[int, list[ArticleInfo]]:
        """Return, for each copy group, the articles with one of its passages, in the order they were added."""
        sql = (
            f"SELECT DISTINCT {_INFO}, p.copy_group FROM {_VERSIONS} JOIN passages p ON p.version = v.number "
            f"WHERE p.copy_group IN {_LISTED} ORDER BY a.number"
        )
        found: dict[int, list[ArticleInfo]] = {}
        for row in self.rows(sql, (json.dumps(list(groups)),)):
            found.setdefault(row[-1], []).append(_info(row))
        return found

    def vectors(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the vectors of these passages, checked against their hashes. Raises LibraryDamaged."""
        sql = f"SELECT passage, hash, vector FROM embeddings WHERE passage IN {_LISTED}"
        found: dict[int, bytes] = {}
        for passage, kept, vector in self.rows(sql, (json.dumps(list(ids)),)):
            if vector_hash(passage, vector) != kept:
                raise LibraryDamaged(f"{self.path}: the vector of passage {passage} is damaged", ADD_AGAIN)
            found[passage] = vector
        return found

    def changed_since(self, change: int) -> tuple[list[int], list[int]]:
        """Return the ids of the passages added and of those removed after a change, ascending."""
        rows = self.rows("SELECT passage, kind FROM changes WHERE change > ?", (change,))
        came, went = ({passage for passage, kind in rows if kind == which} for which in ("add", "remove"))
        return sorted(came - went), sorted(went - came)

    def mark(self, change: int) -> int:
        """Return the random mark of a change, 0 if there is none. It tells apart equal numbers of two histories."""
        found = self.rows("SELECT mark FROM changes WHERE change = ?", (change,))
        return int(found[0][0]) if found else 0

    def state(self, name: str) -> int:
        """Return `log_floor` or `purged_to` (see schema.py)."""
        return int(self.rows("SELECT value FROM state WHERE name = ?", (name,))[0][0])


def require_sound_version(info: ArticleInfo, text: str, path: Path) -> None:
    """Check a version's text and metadata against its hash. Raises LibraryDamaged."""
    try:
        version = Article(text, **{name: getattr(info, name) for name in METADATA}).version
    except ValueError:
        version = None
    if version != info.version:
        raise LibraryDamaged(
            f"{path}: the text or metadata of article {info.id} is damaged (version {info.version})", ADD_AGAIN
        )


def vector_hash(passage: int, vector: bytes) -> bytes:
    """Return the 8-byte hash stored with a vector. It covers the vector and the passage's id."""
    return hashlib.blake2b(passage.to_bytes(8, "little") + vector, digest_size=8).digest()


def passages_hash(passages: Iterable[tuple[int, int, int]]) -> str:
    """Return the hash of an article's passages, given as (id, start, end) in text order."""
    return hashlib.sha256("".join(f"{p}:{start}:{end}\n" for p, start, end in passages).encode()).hexdigest()


def _info(row: Sequence[Any]) -> ArticleInfo:
    info = dict(zip(_INFO_NAMES, row, strict=False))
    return ArticleInfo(**{**info, "current": bool(info["current"])})


def _where(filters: Filters) -> tuple[str, list[object]]:
    clauses, parameters = ["v.current"], list[object]()
    if filters.sources:
        clauses.append(f"v.source IN ({', '.join('?' * len(filters.sources))})")
        parameters += filters.sources
    for day, comparison in ((filters.after, ">="), (filters.before, "<=")):
        if day is not None:
            clauses.append(f"v.day {comparison} ?")
            parameters.append(day.isoformat())
    if filters.article is not None:
        clauses.append("v.article = (SELECT number FROM articles WHERE id = ?)")
        parameters.append(filters.article)
    return " AND ".join(clauses), parameters
