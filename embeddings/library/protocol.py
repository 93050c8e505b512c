"""What every library gives, in a folder or in Milvus: reports, a writer, its origins, and snapshots."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from corpus.article import Article, Passage
from corpus.store.origins import KnownOrigins, Origin
from corpus.store.records import (
    Added,
    ArticleInfo,
    Counts,
    Coverage,
    Filters,
    Order,
    StoredArticle,
    StoredPassage,
)
from embeddings.library.search import Hit

COMMIT_PASSAGES = 512
"""Number of passages that are encoded and committed together, in whole articles.

No more articles and origins than this are committed together either, so that very short articles do not wait long.
"""


@dataclass(frozen=True, slots=True)
class AddProgress:
    """How far adding is: numbers of articles that are committed, or unchanged, and of passages that are encoded.

    origins_done: origins whose articles are all committed. current: path, address or heading of the article being read.
    """

    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    passages: int = 0
    origins_done: int = 0
    current: str | None = None

    @property
    def articles(self) -> int:
        """How many articles are done."""
        return self.added + self.replaced + self.unchanged


@dataclass(frozen=True, slots=True)
class AddReport:
    """What an add did: numbers of articles, passages that had to be encoded, seconds; whether it was asked to stop."""

    added: int
    replaced: int
    unchanged: int
    passages: int
    seconds: float
    stopped: bool = False


@dataclass(frozen=True, slots=True)
class RemoveReport:
    """Ids of the articles that were removed, and of those that were unknown.

    is_held: somebody reads an older state, so a file still holds what was removed.
    """

    removed: tuple[str, ...]
    missing: tuple[str, ...]
    is_held: bool = False


class LibraryWriter(Protocol):
    """Collects changes that are committed together."""

    def add(
        self,
        article: Article,
        passages: Sequence[Passage],
        vectors: Sequence[bytes],
        *,
        now: datetime,
        location: str | None = None,
    ) -> Added:
        """Store an article with its passages and vectors. It replaces its current version."""

    def moved(self, article: str, path: str, location: str | None = None) -> None:
        """Note that an unchanged article was read at another path."""

    def record(self, origin: Origin, articles: Iterable[str] | None, *, whole: bool) -> None:
        """Store an origin's state and the ids of its articles."""

    def forget(self, locations: Iterable[str]) -> None:
        """Delete origins. Their articles stay."""


class LibraryOrigins(KnownOrigins, Protocol):
    """The origins of a library's articles: files and addresses."""

    def only_there(self, locations: Sequence[str]) -> dict[str, list[str]]:
        """Return, by location, the ids of the articles that were read from these origins and from no other."""

    def copies_elsewhere(self, path: str) -> list[str]:
        """Return the origins elsewhere with name and content of one in this folder, or of the file at this path."""

    def renamed(self, articles: Iterable[str], *, since: str) -> list[str]:
        """Return those of the articles that are known by path only and whose content was added under another path."""


class Articles(Protocol):
    """What answers are cited from: a snapshot of a library, or one text alone (`qa/retrieval.py`)."""

    def article(self, article: str, version: str | None = None) -> StoredArticle:
        """Return an article's current version, or the one named, checked against its hash."""

    def copies(self, groups: Iterable[int]) -> dict[int, list[ArticleInfo]]:
        """Return, for each copy group, the articles with one of its passages."""

    def coverage(self, filters: Filters) -> Coverage:
        """Return what the filters cover."""

    def sources(self) -> list[tuple[str, int]]:
        """Return the outlets with their numbers of articles, largest first."""


class Snapshot(Articles, Protocol):
    """One consistent state of a library. Later changes are not seen."""

    def search(self, question: str, *, filters: Filters, dense: int, lexical: int) -> list[Hit]:
        """Return the `dense` passages nearest in meaning and the `lexical` best by words, each with both scores."""

    def articles(
        self, filters: Filters = ..., *, order: Order = ..., limit: int | None = ..., offset: int = ...
    ) -> list[ArticleInfo]:
        """Return the articles that pass the filters."""

    def articles_named(self, name: str) -> list[str]:
        """Return the ids of the articles read from a file of this name."""

    def current_versions(self, articles: Iterable[str]) -> dict[str, tuple[str, str | None]]:
        """Return the current version and last path of each of these articles that is in the library."""

    @property
    def origins(self) -> LibraryOrigins:
        """The origins of the articles: files and addresses."""

    def passages_of(self, article: str) -> list[StoredPassage]:
        """Return the passages of an article's current version, in text order."""

    def vectors(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the vectors of these passages, float16, little-endian."""

    def counts(self) -> Counts:
        """Return the library's size."""
