"""What every library does, wherever its articles are kept, and what it gives: the contract of all kinds."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self

from corpus.article import Article
from corpus.store.origins import Origin, ScannedSource
from corpus.store.records import Added, ArticleInfo, Counts, Coverage, Filters, Order, StoredArticle, StoredPassage
from corpus.store.store import Manifest
from embeddings.encoder.encoder import Encoder
from embeddings.library.adding import COMMIT_PASSAGES, AddProgress, AddReport
from embeddings.library.article_store import ArticleStoreWriter
from embeddings.library.search import Hit


@dataclass(frozen=True, slots=True)
class RemoveReport:
    """Ids of the articles that were removed, and of those that were not there.

    `purged`: whether no file holds anything of them any more. Where somebody was reading an older state for long, the
    write-ahead log does until the next removal, or until the last process closes the library.
    """

    removed: tuple[str, ...]
    missing: tuple[str, ...]
    purged: bool


class Places(Protocol):
    """The files and addresses where a library's articles were read."""

    def at(self, location: str) -> Origin | None:
        """Return what is kept of a place, None where nothing was read there."""

    def under(self, folder: str, *, after: str, limit: int) -> list[Origin]:
        """Return the first `limit` places below a folder whose location is greater than `after`, by location."""

    def only_there(self, locations: Sequence[str]) -> dict[str, list[str]]:
        """Return by location the ids of the articles that were read at these places and nowhere else."""

    def renamed(self, articles: Iterable[str], *, since: str) -> list[str]:
        """Return those of the articles known only by their path whose very content was added under another one."""


class Snapshot(Protocol):
    """One state of a library: whatever is added or removed meanwhile, all that it gives belongs together."""

    def search(self, question: str, *, filters: Filters, dense: int, lexical: int) -> list[Hit]:
        """Return the passages nearest in meaning (`dense` of them) and in words (`lexical`), each with both scores."""

    def article(self, article: str, version: str | None = None) -> StoredArticle:
        """Return an article's current version or the one named, checked against its hash."""

    def articles(
        self, filters: Filters, *, order: Order, descending: bool, limit: int | None, offset: int
    ) -> list[ArticleInfo]:
        """Return the articles that pass the filters."""

    def articles_named(self, name: str) -> list[str]:
        """Return the ids of the articles read from a file of this name."""

    @property
    def origins(self) -> Places:
        """The files and addresses where articles were read."""

    def passages_of(self, article: str) -> list[StoredPassage]:
        """Return the passages of the article's current version, in the order of the text."""

    def vectors(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the stored vectors of these passages, float16 little-endian."""

    def copies(self, groups: Iterable[int]) -> dict[int, list[ArticleInfo]]:
        """Return for each copy group the articles that hold one of its passages."""

    def coverage(self, filters: Filters) -> Coverage:
        """Return how much passes the filters."""

    def sources(self) -> list[tuple[str, int]]:
        """Return the outlets and how many articles each has, most first."""

    def counts(self) -> Counts:
        """Return how much the library holds."""


class Library(Protocol):
    """Articles that can be added, removed and searched, wherever they are kept."""

    @property
    def manifest(self) -> Manifest:
        """What the library was made with."""

    @property
    def encoder(self) -> Encoder:
        """The embedding model that made its vectors."""

    @property
    def address(self) -> str:
        """Where it is, as it is named."""

    @property
    def read_only(self) -> bool:
        """Whether this process may not write it, as far as is known before it is tried."""

    def add(self, articles: Iterable[Article], *, progress: Callable[[AddProgress], None] | None = None) -> AddReport:
        """Add articles; each is there whole, or not at all."""

    def add_from(
        self,
        sources: Iterable[ScannedSource],
        *,
        progress: Callable[[AddProgress], None] | None = None,
        each: Callable[[Article, Added], None] | None = None,
        stop: Callable[[], bool] | None = None,
        encoder: Encoder | None = None,
        at_once: int = COMMIT_PASSAGES,
    ) -> AddReport:
        """Add the articles of files and addresses, and keep how these looked when all of each was read."""

    def forget(self, locations: Iterable[str]) -> None:
        """Drop files that are gone from what is known of them; the articles that were read there stay."""

    def remove(self, articles: Sequence[str]) -> RemoveReport:
        """Remove all versions of these articles; nothing of them is left anywhere."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Give the present state."""

    def writing(self) -> AbstractContextManager[ArticleStoreWriter]:
        """Give a writer for articles whose vectors are at hand; what it was given is kept when the block ends."""

    def close(self) -> None:
        """Give back what the library holds."""

    def __enter__(self) -> Self:
        """Give the library, to be closed when the block ends."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the library."""
