"""What a library gives back: articles, their versions, passages and coverage, as they are stored."""

from dataclasses import dataclass
from datetime import date
from typing import Literal

Order = Literal["published", "added", "source", "title"]


@dataclass(frozen=True, slots=True)
class Filters:
    """Which articles count: of these outlets (letter case aside), published in these days (both inclusive).

    An article without a date passes only where no day is given. Raises ValueError when `after` is later than `before`.
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
"""The filters that every article passes."""


@dataclass(frozen=True, slots=True)
class ArticleInfo:
    """A version of an article without its text; `heading` is the title or the opening words.

    `path` is where the article was last read. `added` and `changed` are UTC times: when the article came in, and when
    the version that is now current did. `characters` is the length of the text.
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
    """One version of an article: its name, when it was first added, and whether it is the one that is searched."""

    version: str
    added: str
    current: bool
    published: str | None
    modified: str | None


@dataclass(frozen=True, slots=True)
class StoredArticle:
    """A version of an article with its text, whose hash has been checked, and all versions, oldest first."""

    info: ArticleInfo
    text: str
    versions: tuple[VersionInfo, ...]


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage that is searched: `text == article.text[start:end]` for the version named in `info`."""

    id: int
    start: int
    end: int
    text: str
    copy_group: int
    info: ArticleInfo


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much was searched: articles, outlets, articles without a date, first and last day (ISO 8601)."""

    articles: int
    sources: int
    undated: int
    first: str | None
    last: str | None


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a library holds; `change` is the number of the last change of its passages."""

    articles: int
    versions: int
    passages: int
    sources: int
    change: int


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One change of what is searched: a passage was added or removed."""

    change: int
    kind: Literal["add", "remove"]
    passage: int


@dataclass(frozen=True, slots=True)
class Added:
    """What adding an article did.

    former: where the version that was replaced had been read, if that was another place. apart: the id of another
    article that has the same address, or outlet, title and day, and quite another text.
    """

    kind: Literal["added", "replaced", "unchanged"]
    article: str
    version: str
    passages: int
    former: str | None = None
    apart: str | None = None
