"""Records that the store returns: articles, versions, passages, counts, filters, and the manifest of a library."""

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, date, datetime
from typing import Literal

from corpus import __version__
from corpus.article import parse_published
from corpus.errors import LibraryDamaged, UsageError

Order = Literal["newest", "oldest", "added"]
"""By day of publication, or as they were added."""


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters by outlet (ignoring case), by day of publication (both days inclusive), or one article by its id.

    An article without a date passes only filters without days. Raises UsageError if `after` is later than `before`.
    """

    sources: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None
    article: str | None = None

    def __post_init__(self) -> None:
        if self.after and self.before and self.after > self.before:
            days = f"on or after {self.after} and on or before {self.before}"
            raise UsageError(f"the filters cannot be used: no day is both {days}")

    def __bool__(self) -> bool:
        return bool(self.sources or self.after or self.before or self.article)

    def passes(self, info: "ArticleInfo") -> bool:
        """Tell whether an article passes."""
        if self.article not in (None, info.id):
            return False
        if self.sources and (info.source or "").casefold() not in {each.casefold() for each in self.sources}:
            return False
        if not (self.after or self.before):
            return True
        day = info.day
        return day is not None and (self.after or day) <= day <= (self.before or day)


EVERYTHING = Filters()
"""Filters that every article passes."""


@dataclass(frozen=True, slots=True)
class ArticleInfo:
    """A version of an article without its text.

    heading: the title, or the opening words. path: where the article was last read. added, changed: UTC times at which
    the article and its current version were added. characters: length of the text.
    """

    id: str
    key: str
    version: str
    current: bool
    heading: str
    title: str | None
    source: str | None
    author: str | None
    published: str | None
    modified: str | None
    url: str | None
    place: str | None
    section: str | None
    language: str | None
    path: str | None
    added: str
    changed: str
    characters: int

    @property
    def day(self) -> date | None:
        """The day of `published`, None if that is unknown."""
        return parse_published(self.published) if self.published else None


@dataclass(frozen=True, slots=True)
class VersionInfo:
    """One version of an article. added: when it was first added. current: it is the version that is searched."""

    version: str
    added: str
    current: bool
    published: str | None
    modified: str | None


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """A version of an article with its text, checked against its hash. versions: all versions, oldest first."""

    info: ArticleInfo
    text: str
    versions: tuple[VersionInfo, ...]


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage in the search: `text == article.text[start:end]`, for the version named in `info`."""

    id: int
    start: int
    end: int
    text: str
    copy_group: int
    info: ArticleInfo


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a search covers: numbers of articles, outlets and undated articles; first and last day (ISO 8601)."""

    articles: int
    sources: int
    undated: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """Size of a library. change: number of the last change to its passages."""

    articles: int
    versions: int
    passages: int
    sources: int
    change: int


@dataclass(frozen=True, slots=True)
class Added:
    """Result of adding an article.

    former: location of the replaced version, if that was another source. apart: id of another article with the same
    address, or the same outlet, title and day, but a quite different text.
    """

    kind: Literal["added", "replaced", "unchanged"]
    article: str
    version: str
    passages: int
    former: str | None = None
    apart: str | None = None


SCHEMA_VERSION = 1


@dataclass(frozen=True, slots=True)
class Manifest:
    """The model a library was made with, and when. model_hash: the encoder's fingerprint."""

    model_name: str
    model_hash: str
    dimension: int
    vector_type: str = "float16"
    library_id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created_by: str = f"citewire {__version__}"
    created: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))
    schema_version: int = SCHEMA_VERSION

    @property
    def vector_bytes(self) -> int:
        """Bytes of one stored vector."""
        return 2 * self.dimension


def write_manifest(connection: sqlite3.Connection, manifest: Manifest) -> None:
    """Write the manifest and its hash. They replace those that are there."""
    rows = manifest_rows(manifest)
    connection.execute("DELETE FROM manifest")
    connection.executemany("INSERT INTO manifest (name, value) VALUES (?, ?)", rows.items())


def manifest_rows(manifest: Manifest) -> dict[str, str]:
    """Return the manifest as names and JSON values, with its hash."""
    rows = {name: json.dumps(value, sort_keys=True) for name, value in asdict(manifest).items()}
    return {**rows, "hash": _hash(rows)}


def read_manifest(connection: sqlite3.Connection) -> Manifest:
    """Return the library's manifest. Names that this release does not know are ignored.

    Raises LibraryDamaged for a manifest that is incomplete or does not match its hash.
    """
    return parse_manifest(dict(connection.execute("SELECT name, value FROM manifest")))


def parse_manifest(values: Mapping[str, str]) -> Manifest:
    """Return the manifest from its rows, which include `hash`. Raises LibraryDamaged as `read_manifest` does."""
    rows = {name: value for name, value in values.items() if name != "hash"}
    is_text = all(isinstance(each, str) for row in values.items() for each in row)  # a damaged row may hold NULL
    if not is_text or values.get("hash") != _hash(rows):
        raise LibraryDamaged("the library's manifest is damaged")
    known = {f.name for f in fields(Manifest)}
    return Manifest(**{name: json.loads(value) for name, value in rows.items() if name in known})


def _hash(rows: Mapping[str, str]) -> str:
    return hashlib.sha256(json.dumps(sorted(rows.items())).encode()).hexdigest()
