"""The store that adding writes to. SQLite and Milvus implement it."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from corpus.article import Article, Passage
from corpus.store.manifest import Manifest
from corpus.store.origins import Origin
from corpus.store.records import Added, StoredArticle, StoredPassage


class ArticleStoreSnapshot(Protocol):
    """One state of the store, read while articles are added."""

    def current_versions(self, articles: Iterable[str]) -> Mapping[str, tuple[str, str | None]]:
        """Return the current version and last path of each of these articles that is in the store."""

    def article(self, article: str, version: str | None = None) -> StoredArticle:
        """Return an article's current version, checked against its hash. Raises LibraryDamaged."""

    def passages_of(self, article: str) -> list[StoredPassage]:
        """Return the passages of the article's current version, in the order of the text."""

    def vectors(self, ids: Iterable[int]) -> Mapping[int, bytes]:
        """Return the stored vectors of these passages, float16 little-endian."""


class ArticleStoreWriter(Protocol):
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
        """Store a source's state and the ids of its articles."""


class ArticleStore(Protocol):
    """Stores articles, passages and vectors."""

    @property
    def manifest(self) -> Manifest:
        """What the library was made with."""

    def snapshot(self) -> AbstractContextManager[ArticleStoreSnapshot]:
        """Give one unchanging state of the store."""

    def writing(self) -> AbstractContextManager[ArticleStoreWriter]:
        """Give a writer. Its changes are committed when the block ends."""
