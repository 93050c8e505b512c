"""The origins of a library's articles: files and addresses, with their state when last read."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.article import Article
from corpus.store.snapshot import StoreSnapshot

FORMERLY = "#"
"""Suffix of a location. Articles that a file or feed no longer holds move to this location, which counts as missing."""

COLUMNS = ("location", "size", "modified_ns", "etag", "last_modified", "checked")
_SELECT = f"SELECT {', '.join(COLUMNS)} FROM origins"


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """A file or address that articles were read from, and its state when it was last read.

    location: a file's absolute path, or an address. size (bytes) and modified_ns (nanoseconds since 1970): of a file,
    None where it has to be read again. etag: as the server sent it, or a hash of the file's content and the read
    options. last_modified: as the server sent it. checked: when an address was last asked (UTC, ISO 8601).
    """

    location: str
    size: int | None = None
    modified_ns: int | None = None
    etag: str | None = None
    last_modified: str | None = None
    checked: str | None = None


@dataclass(frozen=True, slots=True)
class ScannedOrigin:
    """The articles of one origin, read one by one.

    Call `end` and `whole` after the last article. `end` gives the origin's state, None to store nothing. `whole` tells
    whether these were all its articles: others that were read there before are no longer in it.
    """

    location: str | None
    articles: Iterable[Article]
    end: Callable[[], Origin | None]
    whole: Callable[[], bool] = lambda: True


class KnownOrigins(Protocol):
    """The origins that a library has read. Each call sees the library's present state."""

    def at(self, location: str) -> Origin | None:
        """Return what is stored of an origin, None where nothing was read there."""

    def under(self, folder: str, *, after: str, limit: int) -> Sequence[Origin]:
        """Return the first `limit` origins below a folder with a location greater than `after`, by location."""


def without_origin(articles: Iterable[Article]) -> ScannedOrigin:
    """Return articles whose origin is not stored."""
    return ScannedOrigin(None, articles, lambda: None)


class Origins:
    """The origins in one snapshot of a library."""

    def __init__(self, snapshot: StoreSnapshot) -> None:
        self._snapshot = snapshot

    def at(self, location: str) -> Origin | None:
        """Return what is stored of an origin, None where nothing was read there."""
        found = self._snapshot.rows(f"{_SELECT} WHERE location = ?", (location,))
        return _origin(found[0]) if found else None

    def under(self, folder: str, *, after: str, limit: int) -> list[Origin]:
        """Return the first `limit` origins below a folder with a location greater than `after`, by location."""
        start = folder.rstrip("/") + "/"
        sql = f"{_SELECT} WHERE location > max(?, ?) AND location < ? ORDER BY location LIMIT ?"
        end = start[:-1] + chr(ord("/") + 1)
        return [_origin(row) for row in self._snapshot.rows(sql, (start, after, end, limit))]

    def only_there(self, locations: Sequence[str]) -> dict[str, list[str]]:
        """Return, by location, the ids of the articles that were read from these origins and from no other."""
        sql = (
            "WITH gone AS MATERIALIZED (SELECT value AS location FROM json_each(?)) "
            "SELECT l.location, a.id FROM gone JOIN origin_articles l USING (location) "
            "JOIN articles a ON a.number = l.article "
            "WHERE NOT EXISTS (SELECT 1 FROM origin_articles o WHERE o.article = l.article "
            "AND o.location NOT IN (SELECT location FROM gone)) ORDER BY l.location"
        )
        found: dict[str, list[str]] = {}
        for location, article in self._snapshot.rows(sql, (json.dumps(list(locations)),)):
            found.setdefault(location, []).append(article)
        return found

    def copies_elsewhere(self, path: str) -> list[str]:
        """Return the origins elsewhere with name and content of one in this folder, or of the file at this path."""
        sql = (
            "SELECT DISTINCT o.location FROM origins n JOIN origins o ON o.name = n.name AND o.etag = n.etag "
            "WHERE (n.location = ?1 OR (n.location > ?1 || '/' AND n.location < ?1 || '0')) "
            "AND NOT (o.location = ?1 OR (o.location > ?1 || '/' AND o.location < ?1 || '0')) ORDER BY o.location"
        )  # 0 is the character after /
        return [row[0] for row in self._snapshot.rows(sql, (path.rstrip("/"),))]

    def renamed(self, articles: Iterable[str], *, since: str) -> list[str]:
        """Return those of the articles that are known by path only and whose content was added under another path.

        since: count only articles added at this time (UTC, ISO 8601) or later.
        """
        sql = (
            "WITH lost AS MATERIALIZED (SELECT a.id, v.hash FROM json_each(?1) j JOIN articles a ON a.id = j.value "
            "JOIN versions v ON v.article = a.number AND v.current WHERE a.key LIKE 'path:%'), "
            "fresh AS MATERIALIZED (SELECT a.id, v.hash FROM articles a "
            "JOIN versions v ON v.article = a.number AND v.current WHERE a.added >= ?2) "
            "SELECT DISTINCT lost.id FROM lost JOIN fresh ON fresh.hash = lost.hash "
            "WHERE fresh.id NOT IN (SELECT value FROM json_each(?1)) ORDER BY lost.id"
        )
        return [row[0] for row in self._snapshot.rows(sql, (json.dumps(list(articles)), since))]


def _origin(row: Sequence[object]) -> Origin:
    return Origin(**dict(zip(COLUMNS, row, strict=True)))  # type: ignore[arg-type]
