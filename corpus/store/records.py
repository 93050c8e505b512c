"""Records that the store returns: articles, versions, passages, counts, and the filters to choose them by."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Order = Literal["published", "added", "source", "title"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Filters by outlet (ignoring case) and by day of publication (both days inclusive).

    An article without a date passes only filters without days. Raises ValueError if `after` is later than `before`.
    """

    sources: tuple[str, ...] = ()
    after: date | None = None
    before: date | None = None

    def __post_init__(self) -> None:
        if self.after and self.before and self.after > self.before:
            raise ValueError(f"no day is both on or after {self.after} and on or before {self.before}")

    def __bool__(self) -> bool:
        return bool(self.sources or self.after or self.before)


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
class LogEntry:
    """One entry of the change log: a passage was added to the search, or removed."""

    change: int
    kind: Literal["add", "remove"]
    passage: int


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
