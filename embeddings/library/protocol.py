"""The interface of every library: in a folder, in Milvus, and in Milvus Lite."""

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
    """Ids of the articles that were removed, and of those that were unknown.

    purged: the database holds nothing of them any more. If somebody read an older state for long, the write-ahead log
    still does, until the next removal or until the last process closes the library.
    """

    removed: tuple[str, ...]
    missing: tuple[str, ...]
    purged: bool


class Places(Protocol):
    """The sources of a library's articles: files and addresses."""

    def at(self, location: str) -> Origin | None:
        """Return what is stored of a source, None where nothing was read there."""

    def under(self, folder: str, *, after: str, limit: int) -> list[Origin]:
        """Return the first `limit` sources below a folder with a location greater than `after`, by location."""

    def only_there(self, locations: Sequence[str]) -> dict[str, list[str]]:
        """Return, by location, the ids of the articles that were read from these sources and from no other."""

    def renamed(self, articles: Iterable[str], *, since: str) -> list[str]:
        """Return those of the articles that are known by path only and whose content was added under another path."""


class Snapshot(Protocol):
    """One consistent state of a library. Later changes are not seen."""

    def search(self, question: str, *, filters: Filters, dense: int, lexical: int) -> list[Hit]:
        """Return the `dense` passages nearest in meaning and the `lexical` best by words, each with both scores."""

    def article(self, article: str, version: str | None = None) -> StoredArticle:
        """Return an article's current version, or the one named, checked against its hash."""

    def articles(
        self, filters: Filters, *, order: Order, descending: bool, limit: int | None, offset: int
    ) -> list[ArticleInfo]:
        """Return the articles that pass the filters."""

    def articles_named(self, name: str) -> list[str]:
        """Return the ids of the articles read from a file of this name."""

    @property
    def origins(self) -> Places:
        """The sources of the articles: files and addresses."""

    def passages_of(self, article: str) -> list[StoredPassage]:
        """Return the passages of an article's current version, in text order."""

    def vectors(self, ids: Iterable[int]) -> dict[int, bytes]:
        """Return the vectors of these passages, float16, little-endian."""

    def copies(self, groups: Iterable[int]) -> dict[int, list[ArticleInfo]]:
        """Return, for each copy group, the articles with one of its passages."""

    def coverage(self, filters: Filters) -> Coverage:
        """Return what the filters cover."""

    def sources(self) -> list[tuple[str, int]]:
        """Return the outlets with their numbers of articles, largest first."""

    def counts(self) -> Counts:
        """Return the library's size."""


class Library(Protocol):
    """A library: articles that can be added, removed and searched."""

    @property
    def manifest(self) -> Manifest:
        """The model and options the library was made with."""

    @property
    def encoder(self) -> Encoder:
        """The library's embedding model."""

    @property
    def address(self) -> str:
        """The library's address: a folder, or an address in Milvus."""

    @property
    def read_only(self) -> bool:
        """Tell whether this process may not write it, as far as is known without trying."""

    def add(self, articles: Iterable[Article], *, progress: Callable[[AddProgress], None] | None = None) -> AddReport:
        """Add articles, each whole or not at all."""

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
        """Add the articles of sources, and store the state of each source once all of it was read."""

    def forget(self, locations: Iterable[str]) -> None:
        """Delete sources that are missing. Their articles stay."""

    def remove(self, articles: Sequence[str], *, purge: bool = False) -> RemoveReport:
        """Remove all versions of these articles. purge: also what an index keeps of them for a while."""

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Give the library's present state."""

    def writing(self) -> AbstractContextManager[ArticleStoreWriter]:
        """Give a writer for articles with their vectors. Its changes are committed when the block ends."""

    def load_beside(self) -> None:
        """Begin to load what a question needs, in threads of its own."""

    def close(self) -> None:
        """Close files and connections."""

    def __enter__(self) -> Self:
        """Return the library. The end of the block closes it."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Close the library."""
