"""Adding and removing articles within one write transaction of a library."""

import json
import secrets
import sqlite3
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import PurePath

from corpus.article import Article, Passage
from corpus.near_copies import bands, is_copy
from corpus.store.origins import COLUMNS, FORMERLY, Origin
from corpus.store.records import Added, Manifest
from corpus.store.snapshot import METADATA, passages_hash, vector_hash

BAND_CANDIDATES = 64
"""Passages compared per band. It limits the work for texts that stand in thousands of articles (newsletter boxes)."""

_VERSION_COLUMNS = ("hash", "added", "day", "heading", "characters", *METADATA, "text")
_INSERT_VERSION = (
    f"INSERT INTO versions (article, current, {', '.join(_VERSION_COLUMNS)}) "
    f"VALUES (?, 1, {', '.join('?' * len(_VERSION_COLUMNS))}) ON CONFLICT (article, hash) DO UPDATE SET current = 1, "
    + ", ".join(f"{name} = excluded.{name}" for name in _VERSION_COLUMNS if name not in ("hash", "added"))
    + " RETURNING number"
)

_UPSERT_ORIGIN = (
    "INSERT INTO origins (location, name, size, modified_ns, etag, last_modified, checked) VALUES (?, ?, ?, ?, ?, ?, ?)"
    " ON CONFLICT (location) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS if name != "location")
)


class StoreWriter:
    """Writes within one transaction. Store.writing gives a writer and commits it."""

    def __init__(self, connection: sqlite3.Connection, manifest: Manifest) -> None:
        self._connection = connection
        self._manifest = manifest
        self._mark = secrets.randbits(62) + 1

    def add(
        self,
        article: Article,
        passages: Sequence[Passage],
        vectors: Sequence[bytes],
        *,
        now: datetime,
        location: str | None = None,
    ) -> Added:
        """Add an article with its passages and vectors. It replaces the current version.

        vectors: one per passage, float16 little-endian. Nothing happens if the current version is the same; an earlier
        version becomes current again. location: the file or address it was read from, if that is not its path. Raises
        ValueError if passages, vectors and text do not fit.
        """
        self._require_fit(article, passages, vectors)
        version, stamp = article.version, now.astimezone(UTC).isoformat(timespec="seconds")
        find = (
            "SELECT a.number, a.path, v.number, v.hash FROM articles a "
            "LEFT JOIN versions v ON v.article = a.number AND v.current WHERE a.id = ?"
        )
        known = self._connection.execute(find, (article.id,)).fetchone()
        if known is None:
            insert = "INSERT INTO articles (id, key, path, added, changed) VALUES (?, ?, ?, ?, ?) RETURNING number"
            values = (article.id, article.key, article.path, stamp, stamp)
            (number,) = self._connection.execute(insert, values).fetchone()
            self._keep_origin(number, article.path, location)
        else:
            number, former_path, current_version, current_hash = known
            self._keep_origin(number, article.path, location)
            if current_hash == version:
                return Added("unchanged", article.id, version, 0)
            self._retire(number, current_version, stamp)
        day = article.day.isoformat() if article.day else None
        metadata = [getattr(article, name) for name in METADATA]
        row = [number, version, stamp, day, article.heading, len(article.text), *metadata, article.text]
        version_number: int = self._connection.execute(_INSERT_VERSION, row).fetchone()[0]
        self._add_passages(version_number, passages, vectors)
        if known is None:
            return Added("added", article.id, version, len(passages))
        former = former_path if article.path and former_path != article.path else None
        return Added("replaced", article.id, version, len(passages), former)

    def remove(self, articles: Iterable[str]) -> list[str]:
        """Remove all versions of these articles. Return the ids of those that existed."""
        removed = []
        for article in dict.fromkeys(articles):
            if (number := self._number(article)) is None:
                continue
            found = (number,)
            versions = "SELECT number FROM versions WHERE article = ?"
            for (version,) in self._connection.execute(versions, found).fetchall():
                self._drop_passages(version)
            read_at = "SELECT location FROM origin_articles WHERE article = ?"
            locations = self._connection.execute(read_at, found).fetchall()
            self._connection.execute("DELETE FROM articles WHERE number = ?", found)
            self._connection.executemany(  # they are read again, changed or not
                "UPDATE origins SET size = NULL, modified_ns = NULL, etag = NULL, last_modified = NULL "
                "WHERE location = ?",
                locations,
            )
            self._connection.executemany(
                "DELETE FROM origins WHERE location = ?1 "
                "AND NOT EXISTS (SELECT 1 FROM origin_articles WHERE location = ?1)",
                locations,
            )
            removed.append(article)
        if removed:
            self._connection.execute(
                "UPDATE state SET value = (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'changes') "
                "WHERE name = 'purged_to'"
            )
        return removed

    def moved(self, article: str, path: str, location: str | None = None) -> None:
        """Note that an unchanged article was now read at `path`, from the file or address `location`."""
        if (number := self._number(article)) is not None:
            self._keep_origin(number, path, location)

    def record(self, origin: Origin, articles: Iterable[str] | None, *, whole: bool) -> None:
        """Store an origin's state and the ids of its articles; None keeps the known ones.

        whole: these are all its articles. Earlier ones that are not among them move to the location marked FORMERLY.
        """
        values = [getattr(origin, name) for name in COLUMNS]
        self._connection.execute(_UPSERT_ORIGIN, [origin.location, _name(origin.location), *values[1:]])
        if articles is None:
            return
        numbers = {number for article in articles if (number := self._number(article)) is not None}
        links = [(origin.location, number) for number in sorted(numbers)]
        self._connection.executemany("INSERT OR IGNORE INTO origin_articles VALUES (?, ?)", links)
        if whole:
            there = "SELECT article FROM origin_articles WHERE location = ?"
            for (number,) in self._connection.execute(there, (origin.location,)).fetchall():
                if number not in numbers:
                    self._link(number, origin.location + FORMERLY)
                    unlink = "DELETE FROM origin_articles WHERE location = ? AND article = ?"
                    self._connection.execute(unlink, (origin.location, number))

    def forget(self, locations: Iterable[str]) -> None:
        """Delete origins. Their articles stay."""
        self._connection.executemany("DELETE FROM origins WHERE location = ?", [(each,) for each in locations])

    def _number(self, article: str) -> int | None:
        """Return the number of the article with this id, None where there is none."""
        found = self._connection.execute("SELECT number FROM articles WHERE id = ?", (article,)).fetchone()
        return int(found[0]) if found else None

    def _require_fit(self, article: Article, passages: Sequence[Passage], vectors: Sequence[bytes]) -> None:
        if len(passages) != len(vectors):
            raise ValueError(f"{len(passages)} passages cannot have {len(vectors)} vectors")
        if any(p.text != article.text[p.start : p.end] for p in passages):
            raise ValueError(f"a passage of article {article.id} is not a slice of its text")
        if any(len(vector) != self._manifest.vector_bytes for vector in vectors):
            raise ValueError(f"vectors of this library have {self._manifest.vector_bytes} bytes each")

    def _keep_origin(self, number: int, path: str | None, location: str | None = None) -> None:
        """Note where an article was last read: its path, and the file or address `location`."""
        if path is not None:
            self._connection.execute("UPDATE articles SET path = ? WHERE number = ?", (path, number))
            self._link(number, location or path)

    def _link(self, number: int, location: str) -> None:
        """Note that the article with this number was read from a source."""
        add = "INSERT OR IGNORE INTO origins (location, name) VALUES (?, ?)"
        self._connection.execute(add, (location, _name(location)))
        self._connection.execute("INSERT OR IGNORE INTO origin_articles VALUES (?, ?)", (location, number))

    def _retire(self, number: int, version: int | None, stamp: str) -> None:
        """Take the current version out of the search. Its text stays."""
        if version is not None:
            self._drop_passages(version)
            retire = "UPDATE versions SET current = 0, passages_hash = NULL WHERE number = ?"
            self._connection.execute(retire, (version,))
        self._connection.execute("UPDATE articles SET changed = ? WHERE number = ?", (stamp, number))

    def _drop_passages(self, version: int) -> None:
        select = "SELECT id, copy_group FROM passages WHERE version = ? ORDER BY id"
        dropped: list[tuple[int, int]] = self._connection.execute(select, (version,)).fetchall()
        self._connection.executemany(
            "INSERT INTO changes (kind, passage, mark) VALUES ('remove', ?, ?)",
            [(passage, self._mark) for passage, _ in dropped],
        )
        self._connection.execute("DELETE FROM passages WHERE version = ?", (version,))
        founded = [(passage,) for passage, group in dropped if passage == group]
        self._connection.executemany(
            "UPDATE passages SET copy_group = (SELECT min(id) FROM passages WHERE copy_group = ?1) "
            "WHERE copy_group = ?1",
            founded,
        )

    def _add_passages(self, version: int, passages: Sequence[Passage], vectors: Sequence[bytes]) -> None:
        """Add passages and vectors of a version that has none to the search."""
        first = "SELECT coalesce(max(seq), 0) + 1 FROM sqlite_sequence WHERE name = 'passages'"
        start: int = self._connection.execute(first).fetchone()[0]
        ids = range(start, start + len(passages))
        self._connection.executemany(
            'INSERT INTO passages (id, version, start, "end", copy_group, text) VALUES (?1, ?2, ?3, ?4, ?1, ?5)',
            [(i, version, p.start, p.end, p.text) for i, p in zip(ids, passages, strict=True)],
        )
        self._connection.executemany(
            "INSERT INTO embeddings (passage, hash, vector) VALUES (?, ?, ?)",
            [(i, vector_hash(i, vector), vector) for i, vector in zip(ids, vectors, strict=True)],
        )
        log = "INSERT INTO changes (kind, passage, mark) VALUES ('add', ?, ?)"
        self._connection.executemany(log, [(i, self._mark) for i in ids])
        for i, passage in zip(ids, passages, strict=True):
            self._join_copies(i, passage.text)
        kept = passages_hash((i, p.start, p.end) for i, p in zip(ids, passages, strict=True))
        self._connection.execute("UPDATE versions SET passages_hash = ? WHERE number = ?", (kept, version))

    def _join_copies(self, passage: int, text: str) -> None:
        """Join a passage and its near copies into one copy group. The smallest id names the group."""
        own_bands = bands(text)
        candidates: set[int] = set()
        for band in own_bands:
            sql = f"SELECT passage FROM bands WHERE band = ? LIMIT {BAND_CANDIDATES}"
            candidates.update(row[0] for row in self._connection.execute(sql, (band,)))
        groups: set[int] = set()
        if candidates:
            sql = "SELECT copy_group, text FROM passages WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id"
            for group, other in self._connection.execute(sql, (json.dumps(sorted(candidates)),)):
                if group not in groups and is_copy(text, other):
                    groups.add(group)
        if groups:
            join = "UPDATE passages SET copy_group = ? WHERE copy_group IN (SELECT value FROM json_each(?))"
            self._connection.execute(join, (min(groups), json.dumps([passage, *groups])))
        keep = "INSERT OR IGNORE INTO bands (band, passage) VALUES (?, ?)"
        self._connection.executemany(keep, [(band, passage) for band in own_bands])


def _name(location: str) -> str:
    return PurePath(location.rstrip("/")).name or location
