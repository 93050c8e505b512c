"""Adding articles to a library: read one by one, split, encoded in large chunks, committed in whole articles."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np

from corpus.article import Article, Passage
from corpus.errors import LibraryDamaged, ModelError
from corpus.split import SplitOptions, split
from corpus.store import Store
from embeddings.encoder import Encoder

COMMIT_PASSAGES = 1024
"""Passages, of whole articles, that are encoded and then committed together."""

COMMIT_ARTICLES = 256
"""Articles committed together at most: very short ones are not held back for long."""

ENCODE_PASSAGES = 512
"""Passages given to the encoder at a time, between two reports of progress."""


@dataclass(frozen=True, slots=True)
class AddProgress:
    """How far adding is. `articles` are done: committed, or unchanged. `passages` are encoded.

    `current` names the article in hand: where it was read, or its heading.
    """

    articles: int = 0
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    passages: int = 0
    current: str | None = None


@dataclass(frozen=True, slots=True)
class AddReport:
    """What an add did: numbers of articles, passages that had to be encoded, seconds."""

    added: int
    replaced: int
    unchanged: int
    passages: int
    seconds: float


def passage_input(title: str | None, passage: str, *, embed_title: bool) -> str:
    """Return what is encoded for a passage: its text, after its article's title where the manifest says so."""
    return f"{title}\n{passage}" if embed_title and title else passage


class Adder:
    """One run of adding; `progress` is told of every chunk encoded and of every commit, `committed` of the latter."""

    def __init__(
        self,
        store: Store,
        encoder: Encoder,
        *,
        progress: Callable[[AddProgress], None] | None = None,
        committed: Callable[[], None] | None = None,
    ) -> None:
        self._store = store
        self._encoder = encoder
        self._tell = progress or (lambda _: None)
        self._committed = committed or (lambda: None)
        self._options = SplitOptions(**store.manifest.split)
        self._pending: dict[str, tuple[Article, list[Passage]]] = {}
        self._moved: dict[str, str] = {}
        self._done = AddProgress()

    def add(self, articles: Iterable[Article]) -> AddReport:
        """Add the articles. What was committed stays, whatever ends the run.

        An article whose current version is in the library already is not encoded.
        """
        started = time.perf_counter()
        for article in articles:
            self._take(article)
        self._commit()
        done = self._done
        return AddReport(done.added, done.replaced, done.unchanged, done.passages, time.perf_counter() - started)

    def _take(self, article: Article) -> None:
        self._done = replace(self._done, current=article.path or article.heading)
        key, version = article.id, article.version
        if key in self._pending and self._pending[key][0].version != version:
            self._commit()
        with self._store.snapshot() as snapshot:
            here, path = snapshot.current_versions([key]).get(key, (None, None))
        if key in self._pending or here == version:
            if article.path is not None and article.path != path:
                self._moved[key] = article.path
            self._done = replace(self._done, articles=self._done.articles + 1, unchanged=self._done.unchanged + 1)
            self._tell(self._done)
            return
        self._pending[key] = (article, split(article.text, options=self._options))
        waiting = sum(len(passages) for _, passages in self._pending.values())
        if waiting >= COMMIT_PASSAGES or len(self._pending) >= COMMIT_ARTICLES:
            self._commit()

    def _commit(self) -> None:
        """Encode the articles in hand, and commit each of them whole."""
        if not self._pending and not self._moved:
            return
        vectors = self._encode(list(self._pending.values()))
        now = datetime.now(UTC)
        kinds = {"added": 0, "replaced": 0, "unchanged": 0}
        with self._store.writing() as writer:
            at = 0
            for article, passages in self._pending.values():
                own = vectors[at : at + len(passages)]
                kinds[writer.add(article, passages, own, now=now).kind] += 1
                at += len(passages)
            for article_id, path in self._moved.items():
                writer.moved(article_id, path)
        self._done = replace(
            self._done,
            articles=self._done.articles + len(self._pending),
            **{kind: getattr(self._done, kind) + count for kind, count in kinds.items()},
        )
        self._pending.clear()
        self._moved.clear()
        self._tell(self._done)
        self._committed()

    def _encode(self, articles: Sequence[tuple[Article, list[Passage]]]) -> list[bytes]:
        """Return the vectors of all passages, in order, as the library keeps them."""
        titled = self._store.manifest.embed_title
        inputs = [passage_input(a.title, p.text, embed_title=titled) for a, passages in articles for p in passages]
        vectors = self._vectors_at_hand([article for article, _ in articles])
        missing = [text for text in dict.fromkeys(inputs) if text not in vectors]
        for start in range(0, len(missing), ENCODE_PASSAGES):
            texts = missing[start : start + ENCODE_PASSAGES]
            rows = self._encoder.encode(texts)
            if not np.isfinite(rows).all():
                raise ModelError(
                    f"{self._encoder.name} gives vectors with numbers that are not finite: use another model"
                )
            vectors.update(zip(texts, (row.tobytes() for row in rows.astype("<f2")), strict=True))
            self._done = replace(self._done, passages=self._done.passages + len(rows))
            self._tell(self._done)
        return [vectors[text] for text in inputs]

    def _vectors_at_hand(self, articles: Sequence[Article]) -> dict[str, bytes]:
        """Return, by what was encoded, the vectors of the versions that these articles replace: most words stay."""
        titled = self._store.manifest.embed_title
        with self._store.snapshot() as snapshot:
            kept = [passage for article in articles for passage in snapshot.passages_of(article.id)]
            try:
                vectors = snapshot.vectors(passage.id for passage in kept)
            except LibraryDamaged:
                return {}  # a correction may be what heals it
        return {passage_input(p.info.title, p.text, embed_title=titled): vectors[p.id] for p in kept if p.id in vectors}
