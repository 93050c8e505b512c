"""Adding articles to a library: read one by one, split, encoded in chunks, committed in whole articles.

The encoder works in a thread of its own, on one batch of articles, while the next is read and split and the last one is
committed here. All that is read and written of the library, and all that is told, stays in the thread that called.
"""

import time
from array import array
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import CancelledError, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial

from corpus.article import Article, article_id
from corpus.errors import LibraryDamaged
from corpus.identity import Holder, identify
from corpus.passages import SplitOptions, split
from corpus.store.origins import ScannedSource
from corpus.store.records import Added
from embeddings.encoder.encoder import Encoder
from embeddings.library.article_store import ArticleStore
from embeddings.library.batch import Batch, NewArticle, SourceDone, UnchangedArticle, encode_texts, passage_input

__all__ = ["COMMIT_PASSAGES", "AddProgress", "AddReport", "Adder", "passage_input"]

COMMIT_PASSAGES = 512
"""Passages, of whole articles, that are encoded and then committed together; no more go to the encoder at once.

No more articles and places are committed together either: very short ones are not held back for long.
"""

FIRST_PASSAGES = 128
"""Passages of the first batch, each further one twice as large: the encoder has something to do at once."""

_ATTENTION_S = 0.1  # between two looks at whether to stop


@dataclass(frozen=True, slots=True)
class AddProgress:
    """How far adding is. `articles` are done: committed, or unchanged. `passages` are encoded.

    `sources_done`: sources whose articles are all committed. `current` names the article in hand: where it was read, or
    its heading.
    """

    articles: int = 0
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    passages: int = 0
    sources_done: int = 0
    current: str | None = None


@dataclass(frozen=True, slots=True)
class AddReport:
    """What an add did: numbers of articles, passages that had to be encoded, seconds; whether it was asked to stop."""

    added: int
    replaced: int
    unchanged: int
    passages: int
    seconds: float
    stopped: bool = False


class _SourceIds:
    """The ids of the articles read from one source, as numbers in reading order."""

    def __init__(self) -> None:
        self.numbers = array("Q")
        self._known: set[int] = set()
        self._counted = 0

    def append(self, article: str) -> None:
        """Add an id."""
        self.numbers.append(int(article, 16))

    def has(self, article: str) -> bool:
        """Tell whether this id was added. The set is built at the first call: few sources need it."""
        self._known.update(self.numbers[self._counted :])
        self._counted = len(self.numbers)
        return int(article, 16) in self._known


class Adder:
    """One run of adding articles.

    progress: called for every article read, every chunk encoded and every commit. committed: called after each commit.
    each: called for every article added or replaced. stop: polled; when it returns true, reading stops.
    at_once: number of passages that are encoded and committed together.
    """

    def __init__(
        self,
        store: ArticleStore,
        encoder: Callable[[], Encoder],
        *,
        progress: Callable[[AddProgress], None] | None = None,
        committed: Callable[[], None] | None = None,
        each: Callable[[Article, Added], None] | None = None,
        stop: Callable[[], bool] | None = None,
        at_once: int = COMMIT_PASSAGES,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._tell = progress or (lambda _: None)
        self._committed = committed or (lambda: None)
        self._each = each or (lambda _article, _added: None)
        self._stop = stop or (lambda: False)
        self._options = SplitOptions(**store.manifest.split)
        self._titled = store.manifest.embed_title
        self._at_once = at_once
        self._target = min(FIRST_PASSAGES, at_once)
        self._filling = Batch()
        self._encoding: Batch | None = None
        self._landing = False
        self._cut = False
        self._done = AddProgress()
        self._here = _SourceIds()

    def add(self, sources: Iterable[ScannedSource]) -> AddReport:
        """Add the articles. What was committed stays, however the run ends.

        Articles whose current version is in the library are not encoded. If a source raises, the batch being encoded
        is committed first. If asked to stop, only the articles already encoded are committed.
        """
        started = time.perf_counter()
        with ThreadPoolExecutor(1, thread_name_prefix="encode") as self._pool:
            try:
                stopped = not self._read(sources)
                if not stopped:
                    self._submit()
                self._land()
            except BaseException:
                if self._encoding is not None and not self._landing:
                    self._filling.cancel()
                    self._land()
                raise
            finally:
                self._pool.shutdown(wait=False, cancel_futures=True)
        done, seconds = self._done, time.perf_counter() - started
        return AddReport(done.added, done.replaced, done.unchanged, done.passages, seconds, stopped or self._cut)

    def _read(self, sources: Iterable[ScannedSource]) -> bool:
        """Take the articles of all sources. Return False when asked to stop before the end."""
        for source in sources:
            self._here = ids = _SourceIds()
            for article in source.articles:
                if self._stop():
                    return False
                ids.append(self._take(article, source.location))
            if self._stop():
                return False
            if source.location is not None:
                self._keep(SourceDone(source.end(), ids.numbers, source.whole()))
        return not self._stop()

    def _take(self, article: Article, location: str | None) -> str:
        """Put an article into the open batch, unless the library has it. Return its id."""
        self._done = replace(self._done, current=article.path or article.heading)
        holders = self._holders(article)
        identified = identify(article, location, holders, read_here=self._here.has)
        article = identified.article
        key, version = article.id, article.version
        holder = holders.get(article.key)
        here, path = (holder.version, holder.path) if holder else (None, None)
        if here != version and key in self._filling.new:
            self._submit()
        if here != version and self._encoding is not None and key in self._encoding.new:
            self._land()
        if here == version:
            self._done = replace(self._done, articles=self._done.articles + 1, unchanged=self._done.unchanged + 1)
            self._tell(self._done)
            if article.path is not None and article.path != path:
                self._keep(UnchangedArticle(key, article.path, location))
            return key
        self._tell(self._done)
        passages = split(article.text, options=self._options)
        new = NewArticle(
            article,
            passages,
            [passage_input(article.title, p.text, embed_title=self._titled) for p in passages],
            location,
            identified.apart.id if identified.apart else None,
        )
        self._filling.new[key] = new
        self._filling.passages += len(passages)
        if here is not None:
            self._filling.replacing.append(key)
        self._keep(new)
        return key

    def _holders(self, article: Article) -> Mapping[str, Holder]:
        """Return by key the articles, in the library or on their way there, that have a key this one may have."""
        ids = {key: article_id(key) for key in (*article.keys, *article.former_keys)}
        with self._store.snapshot() as snapshot:
            stored = snapshot.current_versions(ids.values())
        holders = {}
        for key, number in ids.items():
            new = self._filling.new.get(number) or (self._encoding.new.get(number) if self._encoding else None)
            if new is not None:
                holders[key] = Holder(number, new.article.version, new.article.path, partial(_text_of, new.article))
            elif number in stored:
                holders[key] = Holder(number, *stored[number], partial(self._stored_text, number))
        return holders

    def _stored_text(self, article: str) -> tuple[str, str | None] | None:
        """Return the text and address of an article of the library, None where it is damaged."""
        try:
            with self._store.snapshot() as snapshot:
                stored = snapshot.article(article)
        except LibraryDamaged:
            return None  # a correction may be what heals it
        return stored.text, stored.info.url

    def _keep(self, part: NewArticle | UnchangedArticle | SourceDone) -> None:
        """Put a part into the open batch, and submit the batch when it is full."""
        self._filling.parts.append(part)
        if self._filling.passages >= self._target or len(self._filling.parts) >= self._at_once:
            self._submit()

    def _submit(self) -> None:
        """Send the open batch to the encoder, and commit the batch before it."""
        batch = self._filling
        texts = list(dict.fromkeys(text for new in batch.new.values() for text in new.inputs))
        if batch.replacing:
            at_hand = self._vectors_at_hand(batch.replacing)
            batch.vectors = {text: at_hand[text] for text in texts if text in at_hand}
        missing = [text for text in texts if text not in batch.vectors]
        for start in range(0, len(missing), self._at_once):
            chunk = missing[start : start + self._at_once]
            batch.chunks.append((chunk, self._pool.submit(encode_texts, self._encoder, chunk)))
        self._land()
        self._encoding, self._filling = batch, Batch()
        self._target = min(2 * self._target, self._at_once)

    def _land(self) -> None:
        """Wait for the batch being encoded and commit it. If asked to stop, commit what is encoded of it."""
        batch = self._encoding
        if batch is None:
            return
        self._landing = True
        for texts, chunk in batch.chunks:
            while not chunk.done():
                wait([chunk], timeout=_ATTENTION_S)
                if self._stop():
                    batch.cancel()
                    self._filling.cancel()
            try:
                rows = chunk.result()
            except CancelledError:
                break
            batch.vectors.update(zip(texts, rows, strict=True))
            self._done = replace(self._done, passages=self._done.passages + len(rows))
            self._tell(self._done)
        self._commit(batch)
        self._encoding = None
        self._landing = False

    def _commit(self, batch: Batch) -> None:
        """Commit what is encoded of a batch: whole articles, and each source after all its articles.

        After the first article that is not encoded, nothing more is committed.
        """
        now = datetime.now(UTC)
        kept: list[tuple[Article, Added]] = []
        sources_done = 0
        if not batch.parts or self._cut:
            return
        with self._store.writing() as writer:
            for part in batch.parts:
                if isinstance(part, NewArticle):
                    if any(text not in batch.vectors for text in part.inputs):
                        self._cut = True  # asked to stop: neither this article nor what was read after it
                        break
                    vectors = [batch.vectors[text] for text in part.inputs]
                    added = writer.add(part.article, part.passages, vectors, now=now, location=part.location)
                    kept.append((part.article, replace(added, apart=part.apart)))
                elif isinstance(part, UnchangedArticle):
                    writer.moved(part.article, part.path, part.location)
                else:
                    sources_done += 1
                    if part.origin is not None:
                        writer.record(part.origin, (f"{number:016x}" for number in part.articles), whole=part.whole)
        kinds = [added.kind for _, added in kept]
        self._done = replace(
            self._done,
            articles=self._done.articles + len(kept),
            added=self._done.added + kinds.count("added"),
            replaced=self._done.replaced + kinds.count("replaced"),
            unchanged=self._done.unchanged + kinds.count("unchanged"),
            sources_done=self._done.sources_done + sources_done,
        )
        self._tell(self._done)
        for article, added in kept:
            self._each(article, added)
        self._committed()

    def _vectors_at_hand(self, articles: Iterable[str]) -> Mapping[str, bytes]:
        """Return the vectors of the versions to be replaced, by encoded text: most passages stay the same."""
        with self._store.snapshot() as snapshot:
            kept = [passage for article in articles for passage in snapshot.passages_of(article)]
            try:
                vectors = snapshot.vectors(passage.id for passage in kept)
            except LibraryDamaged:
                return {}  # a correction may be what heals it
        texts = {p.id: passage_input(p.info.title, p.text, embed_title=self._titled) for p in kept}
        return {texts[passage]: vector for passage, vector in vectors.items()}


def _text_of(article: Article) -> tuple[str, str | None]:
    return article.text, article.url
