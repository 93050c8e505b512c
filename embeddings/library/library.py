"""A library in a folder: articles go in, passages nearest to a question come out, each from one state of it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Self

from corpus.article import Article
from corpus.errors import LibraryFull, LibraryMissing
from corpus.passages import SplitOptions
from corpus.store.origins import ScannedSource, without_source
from corpus.store.store import (
    PATIENCE_S,
    Added,
    Fault,
    Manifest,
    Store,
    check,
)
from embeddings.encoder.encoder import Encoder
from embeddings.encoder.precision import Precision
from embeddings.index.sync import Indexes
from embeddings.index.vector_index import load_faiss
from embeddings.library.adding import COMMIT_PASSAGES, Adder, AddProgress, AddReport
from embeddings.library.article_store import ArticleStoreWriter
from embeddings.library.model import LibraryModel
from embeddings.library.protocol import Library, RemoveReport, Snapshot
from embeddings.library.search import FilterCache, Hit, LocalSnapshot

__all__ = [
    "AddProgress",
    "AddReport",
    "Hit",
    "Library",
    "LocalLibrary",
    "LocalSnapshot",
    "RemoveReport",
    "Snapshot",
    "create_library",
    "open_library",
    "open_or_create_library",
]

USUAL_SPLIT = SplitOptions()

INDEX_TAIL = 20_000
"""Log entries after which a long add writes the indexes, or a quarter of all entries where that is more."""


def create_library(
    folder: Path,
    *,
    encoder: Encoder,
    split: SplitOptions = USUAL_SPLIT,
    embed_title: bool = False,
    patience: float = PATIENCE_S,
) -> "LocalLibrary":
    """Make an empty library in a new or empty folder, for passages split by `split` and vectors of `encoder`.

    embed_title: whether an article's title is encoded with each of its passages. Raises LibraryError.
    """
    manifest = Manifest(encoder.name, encoder.fingerprint, encoder.dimension, asdict(split), embed_title)
    return LocalLibrary(Store.create(folder, manifest, patience=patience), encoder=encoder)


def open_library(
    folder: Path, *, encoder: Encoder | None = None, precision: Precision = "auto", patience: float = PATIENCE_S
) -> "LocalLibrary":
    """Open the library in `folder`. Without an encoder its own model is loaded once it is needed, in this precision.

    patience: seconds to wait for another writer. Raises LibraryMissing, LibraryDamaged, LibraryError or ModelMismatch.
    """
    return LocalLibrary(Store.open(folder, patience=patience), encoder=encoder, precision=precision)


def open_or_create_library(folder: Path, *, encoder: Encoder, patience: float = PATIENCE_S) -> "LocalLibrary":
    """Open the library in `folder`, or make one with the usual options where there is none."""
    try:
        return open_library(folder, encoder=encoder, patience=patience)
    except LibraryMissing:
        return create_library(folder, encoder=encoder, patience=patience)


class LocalLibrary:
    """A library in a folder of this machine. Safe to use from many threads; close it when done."""

    def __init__(self, store: Store, *, encoder: Encoder | None, precision: Precision = "auto") -> None:
        self._store = store
        self._model = LibraryModel(store.manifest, str(store.folder), encoder, precision)
        self._indexes = Indexes(store)
        self._filters = FilterCache()
        self._followed = 0

    @property
    def folder(self) -> Path:
        """Where the library is."""
        return self._store.folder

    @property
    def address(self) -> str:
        """Where the library is, as it is named."""
        return str(self.folder)

    @property
    def manifest(self) -> Manifest:
        """What the library was made with."""
        return self._store.manifest

    @property
    def read_only(self) -> bool:
        """Whether this process may not write the library."""
        return self._store.read_only

    @property
    def encoder(self) -> Encoder:
        """The library's embedding model, loaded at its first use. Raises ModelError or ModelMismatch."""
        return self._model.encoder()

    def add(self, articles: Iterable[Article], *, progress: Callable[[AddProgress], None] | None = None) -> AddReport:
        """Add articles, several to a transaction; what is committed stays there, whatever ends the run.

        Raises LibraryBusy, LibraryError or ModelError, and what the iterable raises.
        """
        return self.add_from([without_source(articles)], progress=progress)

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
        """Add the articles of files and addresses, and keep how these looked when all of each was read.

        each: told of every article that was added or replaced. stop: asked again and again whether to read no further;
        what is encoded by then is committed. The model is loaded once there is something to encode; encoder: the same
        model elsewhere, used instead. at_once: passages encoded and committed together. Raises as `add`.
        """
        self._store.refuse_read_only()
        adder = Adder(
            self._store,
            self._model.named_or_own(encoder),
            progress=progress,
            committed=self._follow_log,
            each=each,
            stop=stop,
            at_once=at_once,
        )
        report = adder.add(sources)
        self._indexes.save_if_due()
        return report

    def forget(self, locations: Iterable[str]) -> None:
        """Drop files that are gone from what is known of them; the articles that were read there stay."""
        with self._store.writing() as writer:
            writer.forget(locations)

    @contextmanager
    def writing(self) -> Iterator[ArticleStoreWriter]:
        """Give a writer for articles whose vectors are at hand; all that it was given is committed together."""
        with self._store.writing() as writer:
            yield writer
        self._follow_log()

    def remove(self, articles: Sequence[str], *, purge: bool = False) -> RemoveReport:
        """Remove all versions of these articles before it returns: texts, metadata, passages, vectors.

        Of their words the index of words keeps terms without text until Tantivy merges them away; purge: make that
        index anew, so that nothing of them is in any file.
        """
        with self._store.locked():
            try:
                removed = self._take_out(articles)
            except LibraryFull:  # removing needs room first: the indexes can be made again
                self._indexes.drop_files()
                removed = self._take_out(articles)
            if removed or purge:
                self._indexes.purge(words_anew=purge)
            purged = not removed or self._store.purge()
        return RemoveReport(tuple(removed), tuple(a for a in dict.fromkeys(articles) if a not in removed), purged)

    def _take_out(self, articles: Sequence[str]) -> list[str]:
        with self._store.writing() as writer:
            return writer.remove(articles)

    @contextmanager
    def snapshot(self) -> Iterator[LocalSnapshot]:
        """Give the present state of the library, for this thread, until the block ends."""
        known = self._indexes.latest
        with self._store.snapshot() as state:
            yield LocalSnapshot(state, self._indexes, known, self._model, self._filters)

    def load_beside(self) -> None:
        """Begin to load the model and FAISS in threads of their own, while the caller loads what else it needs."""
        self._model.load_beside()
        Thread(target=load_faiss, name="citewire-faiss").start()

    def warm(self) -> None:
        """Load the model and the indexes now, so that the first question does not wait for them."""
        self._model.load_beside()
        with self._store.snapshot() as state:
            self._indexes.follow(state)
        self.encoder.encode_question("")

    def save_indexes(self) -> None:
        """Write the indexes where they are missing or far behind."""
        self._indexes.save_if_due()

    def check(self) -> Iterator[Fault]:
        """Yield whatever in the store or the indexes is not as it should be; nothing when the library is whole."""
        with self._store.snapshot() as state:
            yield from check(state)
            yield from self._indexes.faults(state)

    def close(self) -> None:
        """Close files and connections."""
        self._indexes.close()
        self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _follow_log(self) -> None:
        with self._store.snapshot() as state:
            behind = state.change - self._followed
        if behind >= max(INDEX_TAIL, state.change // 4):
            self._indexes.save_if_due()
            self._followed = state.change
