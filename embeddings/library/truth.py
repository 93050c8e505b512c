"""What adding needs of a library's truth, wherever it is kept: SQLite in a folder, or Milvus."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from corpus.article import Article, Passage
from corpus.store.manifest import Manifest
from corpus.store.origins import Origin
from corpus.store.records import Added, StoredArticle, StoredPassage


class TruthSnapshot(Protocol):
    """What is there before something is added."""

    def current_versions(self, articles: Iterable[str]) -> Mapping[str, tuple[str, str | None]]:
        """Return the current version, and the path last read at, of each of these articles that is here."""

    def article(self, article: str, version: str | None = None) -> StoredArticle:
        """Return an article's current version, checked against its hash. Raises LibraryDamaged."""

    def passages_of(self, article: str) -> list[StoredPassage]:
        """Return the passages of the article's current version, in the order of the text."""

    def vectors(self, ids: Iterable[int]) -> Mapping[int, bytes]:
        """Return the stored vectors of these passages, float16 little-endian."""


class TruthWriter(Protocol):
    """What is written together."""

    def add(
        self,
        article: Article,
        passages: Sequence[Passage],
        vectors: Sequence[bytes],
        *,
        now: datetime,
        location: str | None = None,
    ) -> Added:
        """Put an article, its passages and their vectors into the library, in place of its current version."""

    def moved(self, article: str, path: str, location: str | None = None) -> None:
        """Note that an unchanged article was now read elsewhere."""

    def record(self, origin: Origin, articles: Iterable[str] | None, *, whole: bool) -> None:
        """Keep how a place looked, and the ids of the articles read there."""


class Truth(Protocol):
    """Where articles, passages and vectors are kept."""

    @property
    def manifest(self) -> Manifest:
        """What the library was made with."""

    def snapshot(self) -> AbstractContextManager[TruthSnapshot]:
        """Give one state of what is there."""

    def writing(self) -> AbstractContextManager[TruthWriter]:
        """Give a writer whose changes are kept when the block ends."""
