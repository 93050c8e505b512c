"""Adding articles to a library: read one by one, split, encoded and committed in batches of whole articles.

The encoder works on one batch in a thread of its own. Meanwhile the calling thread reads and splits the next batch and
commits the one before. Only the calling thread reads and writes the library, and only it calls `progress` and `each`.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from corpus.article import Article, Passage, article_id
from corpus.errors import LibraryDamaged, ModelError
from corpus.identity import Holder, identify
from corpus.passages import split
from corpus.store.origins import Origin, ScannedOrigin
from corpus.store.records import Added
from embeddings.encoder.encoder import Encoder
from embeddings.library.protocol import COMMIT_PASSAGES, AddProgress, AddReport, LibraryWriter

if TYPE_CHECKING:
    from embeddings.library.library import Library

FIRST_PASSAGES = 128
"""Passages of the first batch, so that the encoder starts early. Each further batch is up to twice as large."""


@dataclass(frozen=True, slots=True)
class _NewArticle:
    """An article to encode and commit. apart: the id of another article that it could be mistaken for."""

    article: Article
    passages: list[Passage]
    location: str | None
    apart: str | None


@dataclass(slots=True)
class _Batch:
    """What is committed together, in reading order: new articles, and notes on known ones and on origins."""

    parts: list[_NewArticle | Callable[[LibraryWriter], object]] = field(default_factory=list)
    new: dict[str, _NewArticle] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)
    encoded: Future[dict[str, bytes]] | None = None


def encode_texts(encoder: Callable[[], Encoder], texts: Iterable[str]) -> dict[str, bytes]:
    """Return vectors by text as the library stores them: float16, little-endian. Raises ModelError."""
    distinct = list(dict.fromkeys(texts))
    rows = encoder().encode(distinct)
    if not np.isfinite(rows).all():
        raise ModelError(f"{encoder().name} gives vectors with numbers that are not finite: use another model")
    return dict(zip(distinct, [row.tobytes() for row in rows.astype("<f2")], strict=True))


class Adder:
    """One run of adding articles to a library.

    progress: called for every article read and every commit. each: called for every article added or replaced. stop:
    polled; when it returns true, reading stops. at_once: number of passages that are encoded and committed together.
    """

    def __init__(
        self,
        library: "Library",
        encoder: Callable[[], Encoder],
        *,
        progress: Callable[[AddProgress], None] | None = None,
        each: Callable[[Article, Added], None] | None = None,
        stop: Callable[[], bool] | None = None,
        at_once: int = COMMIT_PASSAGES,
    ) -> None:
        self._library = library
        self._encoder = encoder
        self._progress = progress or (lambda _: None)
        self._each = each or (lambda _article, _added: None)
        self._stop = stop or (lambda: False)
        self._at_once = at_once
        self._target = min(FIRST_PASSAGES, at_once)
        self._filling = _Batch()
        self._encoding: _Batch | None = None
        self._done = Counter[str]()
        self._current = ""
        self._here: set[str] = set()
        """The ids of the articles read so far from the present origin."""

    def add(self, origins: Iterable[ScannedOrigin]) -> AddReport:
        """Add the articles. What was committed stays, however the run ends.

        Articles whose current version is in the library are not encoded. If an origin raises, or if asked to stop, the
        batches that the encoder has are committed first.
        """
        started = time.perf_counter()
        with ThreadPoolExecutor(1, thread_name_prefix="encode") as self._pool:
            try:
                stopped = not self._add_origins(origins)
                if not stopped:
                    self._submit()
                self._commit_encoded()
            except BaseException:
                self._commit_encoded()
                raise
            finally:
                self._pool.shutdown(wait=False, cancel_futures=True)
        done, seconds = self._done, time.perf_counter() - started
        return AddReport(done["added"], done["replaced"], done["unchanged"], done["passages"], seconds, stopped)

    def _tell(self) -> None:
        self._progress(AddProgress(**self._done, current=self._current))

    def _add_origins(self, origins: Iterable[ScannedOrigin]) -> bool:
        """Add the articles of all origins. Return False when asked to stop before the end."""
        for origin in origins:
            self._here = ids = set()
            for article in origin.articles:
                if self._stop():
                    return False
                ids.add(self._add_article(article, origin.location))
            if self._stop():
                return False
            if origin.location is not None:
                self._append(partial(self._origin_done, origin.end(), ids, origin.whole()))
        return not self._stop()

    def _add_article(self, article: Article, location: str | None) -> str:
        """Put an article into the open batch, unless the library has it. Return its id."""
        self._current = article.path or article.heading
        holders = self._holders(article)
        article, apart = identify(article, location, holders, read_here=self._here.__contains__)
        path, holder = article.path, holders.get(article.key)
        if holder is not None and holder.version == article.version:
            self._done["unchanged"] += 1
            self._tell()
            if path is not None and path != holder.path:
                self._append(lambda writer: writer.moved(article.id, path, location))
            return article.id
        self._tell()
        new = _NewArticle(article, split(article.text), location, apart.id if apart else None)
        self._filling.new[article.id] = new
        self._filling.texts += [p.text for p in new.passages]
        self._append(new)
        return article.id

    def _holders(self, article: Article) -> Mapping[str, Holder]:
        """Return by key the articles, in the library or on their way there, that have a key this one may have."""
        ids = {key: article_id(key) for key in article.keys}
        with self._library.snapshot() as snapshot:
            stored = snapshot.current_versions(ids.values())
        holders = {}
        for key, holder_id in ids.items():
            new = self._filling.new.get(holder_id) or (self._encoding.new.get(holder_id) if self._encoding else None)
            if new is not None:
                holders[key] = Holder(holder_id, new.article.version, new.article.path, partial(_text_of, new.article))
            elif holder_id in stored:
                holders[key] = Holder(holder_id, *stored[holder_id], partial(self._stored_text, holder_id))
        return holders

    def _stored_text(self, article: str) -> tuple[str, str | None] | None:
        """Return the text and address of an article of the library, None where it is damaged."""
        try:
            with self._library.snapshot() as snapshot:
                stored = snapshot.article(article)
        except LibraryDamaged:
            return None  # a correction may be what heals it
        return stored.text, stored.info.url

    def _append(self, part: _NewArticle | Callable[[LibraryWriter], object]) -> None:
        """Put a part into the open batch, and submit the batch when it is full."""
        self._filling.parts.append(part)
        if len(self._filling.texts) >= self._target or len(self._filling.parts) >= self._at_once:
            self._submit()

    def _submit(self) -> None:
        """Send the open batch to the encoder, and commit the batch before it."""
        batch = self._filling
        if batch.texts:
            batch.encoded = self._pool.submit(encode_texts, self._encoder, batch.texts)
        self._commit_encoded()
        self._encoding, self._filling = batch, _Batch()
        self._target = min(2 * self._target, self._at_once)

    def _commit_encoded(self) -> None:
        """Wait for the batch being encoded. Commit it: whole articles, and each origin after all its articles."""
        batch, self._encoding = self._encoding, None
        if batch is None or not batch.parts:
            return
        encoded = batch.encoded.result() if batch.encoded else {}
        now = datetime.now(UTC)
        results: list[tuple[Article, Added]] = []
        with self._library.writing() as writer:
            for part in batch.parts:
                if isinstance(part, _NewArticle):
                    vectors = [encoded[p.text] for p in part.passages]
                    added = writer.add(part.article, part.passages, vectors, now=now, location=part.location)
                    results.append((part.article, replace(added, apart=part.apart)))
                else:
                    part(writer)
        self._done.update(added.kind for _, added in results)
        self._done["passages"] += len(encoded)
        self._tell()
        for article, added in results:
            self._each(article, added)

    def _origin_done(self, origin: Origin | None, articles: Iterable[str], whole: bool, writer: LibraryWriter) -> None:
        if origin is not None:
            writer.record(origin, articles, whole=whole)
        self._done["origins_done"] += 1


def _text_of(article: Article) -> tuple[str, str | None]:
    return article.text, article.url
