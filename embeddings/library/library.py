"""Libraries: what all kinds share, and the kind in a folder, with a store, two indexes and an embedding model."""

import logging
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from threading import Lock, Thread
from typing import Self

from corpus.article import Article
from corpus.errors import ModelMismatch
from corpus.store.origins import Origin, ScannedOrigin, without_origin
from corpus.store.records import Added, Manifest
from corpus.store.store import PATIENCE_S, Store
from embeddings.encoder.encoder import Encoder, load_encoder
from embeddings.encoder.precision import Precision
from embeddings.index.sync import Indexes
from embeddings.index.vector_index import load_faiss
from embeddings.library.adding import Adder
from embeddings.library.protocol import (
    COMMIT_PASSAGES,
    AddProgress,
    AddReport,
    LibraryWriter,
    RemoveReport,
    Snapshot,
)
from embeddings.library.search import FilterCache, LocalSnapshot

INDEX_TAIL = 20_000
"""Number of log entries after which a long add writes the indexes; a quarter of all entries if that is more."""

_LOG_HOLDS = (
    "somebody reads an older state of the library, so %s-wal still holds what was removed: "
    'run "citewire remove --purge" again later'
)
_log = logging.getLogger(__name__)


def create_library(folder: Path, *, encoder: Encoder) -> "LocalLibrary":
    """Create an empty library in a new or empty folder. Raises LibraryError."""
    manifest = Manifest(encoder.name, encoder.fingerprint, encoder.dimension)
    return LocalLibrary(Store.create(folder, manifest), encoder=encoder)


def open_library(
    folder: Path, *, encoder: Encoder | None = None, precision: Precision = "auto", patience: float = PATIENCE_S
) -> "LocalLibrary":
    """Open the library in `folder`. Without an encoder, its own model is loaded when it is needed, in this precision.

    patience: seconds to wait for another writer. Raises LibraryMissing, LibraryDamaged, LibraryError or ModelMismatch.
    """
    return LocalLibrary(Store.open(folder, patience=patience), encoder=encoder, precision=precision)


class Library(ABC):
    """A library: articles that can be added, removed and searched. Safe to use from many threads; close it when done.

    manifest: the model and options it was made with. address: a folder, or an address in Milvus. read_only: this
    process may not write it, as far as is known without trying. Raises ModelMismatch for an encoder of another model.
    """

    def __init__(
        self,
        manifest: Manifest,
        address: str,
        *,
        encoder: Encoder | None,
        precision: Precision,
        read_only: bool = False,
    ) -> None:
        self.manifest, self.address, self.read_only = manifest, address, read_only
        self._precision: Precision = precision
        self._loading = Lock()
        self._encoder = self._matched(encoder) if encoder else None

    @property
    def encoder(self) -> Encoder:
        """The library's embedding model, loaded at its first use. Raises ModelError or ModelMismatch."""
        with self._loading:
            if self._encoder is None:
                self._encoder = self._matched(load_encoder(self.manifest.model_name, precision=self._precision))
        return self._encoder

    def _matched(self, encoder: Encoder) -> Encoder:
        """Return the encoder. Raises ModelMismatch for one that is not the library's."""
        made_with = self.manifest
        if encoder.fingerprint != made_with.model_hash:
            raise ModelMismatch(
                f"the library at {self.address} was made with the embedding model {made_with.model_name} "
                f"({made_with.model_hash[:12]}), not with {encoder.name} ({encoder.fingerprint[:12]}): "
                f'use its own model, or run "citewire add --library OTHER PATH..." to make another one with this'
            )
        return encoder

    def load_in_background(self) -> None:
        """Start to load the model in a thread of its own, unless it is loaded. `encoder` waits for it."""
        if self._encoder is None and not self._loading.locked():
            Thread(target=self._try_to_load, name="citewire-model").start()

    def _try_to_load(self) -> None:
        with suppress(Exception):  # `encoder` tries again, and raises
            _ = self.encoder

    def add(self, articles: Iterable[Article], *, progress: Callable[[AddProgress], None] | None = None) -> AddReport:
        """Add articles, each whole or not at all. What was committed stays, however the run ends.

        Raises LibraryBusy, LibraryError or ModelError, and what the iterable raises.
        """
        return self.add_from([without_origin(articles)], progress=progress)

    def add_from(
        self,
        origins: Iterable[ScannedOrigin],
        *,
        progress: Callable[[AddProgress], None] | None = None,
        each: Callable[[Article, Added], None] | None = None,
        stop: Callable[[], bool] | None = None,
        encoder: Encoder | None = None,
        at_once: int = COMMIT_PASSAGES,
    ) -> AddReport:
        """Add the articles of origins, and store the state of each origin once all of it was read.

        each: called for every article added or replaced. stop: polled; when it returns true, what the encoder has is
        committed. encoder: the library's model on other machines, used instead; without it, the model is loaded when
        there is something to encode. at_once: number of passages encoded and committed together. Raises as `add`.
        """
        with self._changing():
            other = self._matched(encoder) if encoder else None
            used = Adder(self, lambda: other or self.encoder, progress=progress, each=each, stop=stop, at_once=at_once)
            return used.add(origins)

    def forget(self, locations: Iterable[str]) -> None:
        """Delete origins that are missing. Their articles stay."""
        with self._changing(), self.writing() as writer:
            writer.forget(locations)

    @abstractmethod
    def remove(self, articles: Sequence[str], *, purge: bool = False) -> RemoveReport:
        """Remove all versions of these articles. purge: also what an index keeps of them for a while."""

    @abstractmethod
    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Give the library's present state to this thread until the block ends."""

    @abstractmethod
    def writing(self) -> AbstractContextManager[LibraryWriter]:
        """Give a writer for articles with their vectors. Its changes are committed when the block ends."""

    @abstractmethod
    def _changing(self) -> AbstractContextManager[None]:
        """Give a block for several changes, each with a writer of its own. Its end may save the indexes."""

    @abstractmethod
    def close(self) -> None:
        """Close files and connections."""

    def __enter__(self) -> Self:
        """Return the library. The end of the block closes it."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the library."""
        self.close()


class LocalLibrary(Library):
    """A library in a folder of this machine."""

    def __init__(self, store: Store, *, encoder: Encoder | None, precision: Precision = "auto") -> None:
        address = str(store.folder)
        super().__init__(store.manifest, address, encoder=encoder, precision=precision, read_only=store.read_only)
        self.folder = store.folder
        self._store = store
        self._indexes = Indexes(store)
        self._filters: FilterCache = {}
        self._saved_at = 0

    @contextmanager
    def writing(self) -> Iterator[LibraryWriter]:
        """Give a writer for articles with their vectors. Its changes are committed when the block ends."""
        with self._store.writing() as writer:
            yield writer
        self._save_indexes_if_behind()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        self._store.require_writable()
        yield
        self._indexes.save_if_due()

    def remove(self, articles: Sequence[str], *, purge: bool = False) -> RemoveReport:
        """Remove all versions of these articles: texts, metadata, passages, vectors.

        The word index keeps their words, without order, until Tantivy merges the segment they are in. purge: rebuild
        it, so that nothing of them is left in any file. Logs a warning if somebody still reads an older state: then
        the write-ahead log holds them until a later removal or purge empties it.
        """
        is_held = False
        with self._store.locked():
            with self._store.writing() as writer:
                removed = writer.remove(articles)
            if removed or purge:
                self._indexes.purge(rebuild_words=purge)
                is_held = not self._store.purge()
        if is_held:
            _log.warning(_LOG_HOLDS, self._store.path)
        return RemoveReport(tuple(removed), tuple(a for a in dict.fromkeys(articles) if a not in removed), is_held)

    @contextmanager
    def snapshot(self) -> Iterator[LocalSnapshot]:
        """Give the library's present state to this thread until the block ends."""
        with self._store.snapshot() as state:
            yield LocalSnapshot(state, self._indexes, self, self._filters)

    def load_in_background(self) -> None:
        """Start to load the model and FAISS in threads of their own, unless the model is loaded."""
        if self._encoder is None:
            Thread(target=load_faiss, name="citewire-faiss").start()
        super().load_in_background()

    def warm(self) -> None:
        """Load the model and the indexes now, not at the first question."""
        self.load_in_background()
        with self._store.snapshot() as state:
            self._indexes.follow(state)
        self.encoder.encode_question("")

    def save_indexes(self) -> None:
        """Write the indexes if they are missing or outdated."""
        self._indexes.save_if_due()

    def close(self) -> None:
        """Close files and connections."""
        self._indexes.close()
        self._store.close()

    def _save_indexes_if_behind(self) -> None:
        """Save the indexes in a long add, so that a killed one leaves little to take in."""
        with self._store.snapshot() as state:
            behind = state.change - self._saved_at
        if behind >= max(INDEX_TAIL, state.change // 4):
            self._indexes.save_if_due()
            self._saved_at = state.change


class CurrentOrigins:
    """The origins of a library. Each call sees the library's present state."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def at(self, location: str) -> Origin | None:
        """Return what is stored of an origin, None where nothing was read there."""
        with self._library.snapshot() as snapshot:
            return snapshot.origins.at(location)

    def under(self, folder: str, *, after: str, limit: int) -> Sequence[Origin]:
        """Return the first `limit` origins below a folder with a location greater than `after`, by location."""
        with self._library.snapshot() as snapshot:
            return snapshot.origins.under(folder, after=after, limit=limit)
