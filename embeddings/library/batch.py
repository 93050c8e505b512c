"""A batch of articles on the way from reading to commit, with the vectors encoded so far."""

from array import array
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from corpus.article import Article, Passage
from corpus.errors import ModelError
from corpus.store.origins import Origin
from embeddings.encoder.encoder import Encoder


def passage_input(title: str | None, passage: str, *, embed_title: bool) -> str:
    """Return the text to encode for a passage: its own, with the article's title before it if embed_title is set."""
    return f"{title}\n{passage}" if embed_title and title else passage


@dataclass(frozen=True, slots=True)
class NewArticle:
    """An article to encode and commit. inputs: the texts to encode, one per passage.

    apart: the id of another article that it could be mistaken for.
    """

    article: Article
    passages: list[Passage]
    inputs: list[str]
    location: str | None
    apart: str | None


@dataclass(frozen=True, slots=True)
class UnchangedArticle:
    """An unchanged article that was now read at another path."""

    article: str
    path: str
    location: str | None


@dataclass(frozen=True, slots=True)
class SourceDone:
    """A source whose last article has been read. articles: their ids as numbers."""

    origin: Origin | None
    articles: "array[int]"
    whole: bool


@dataclass(slots=True)
class Batch:
    """Articles that are committed together, in reading order; the chunks being encoded, and the vectors so far."""

    parts: list[NewArticle | UnchangedArticle | SourceDone] = field(default_factory=list)
    new: dict[str, NewArticle] = field(default_factory=dict)
    replacing: list[str] = field(default_factory=list)
    passages: int = 0
    vectors: dict[str, bytes] = field(default_factory=dict)
    chunks: "list[tuple[list[str], Future[list[bytes]]]]" = field(default_factory=list)

    def cancel(self) -> None:
        """Cancel the chunks that have not started. A running one is finished."""
        for _, chunk in self.chunks:
            chunk.cancel()


def encode_texts(encoder: Callable[[], Encoder], texts: list[str]) -> list[bytes]:
    """Return the texts' vectors as the library stores them: float16, little-endian. Raises ModelError."""
    rows = encoder().encode(texts)
    if not np.isfinite(rows).all():
        raise ModelError(f"{encoder().name} gives vectors with numbers that are not finite: use another model")
    return [row.tobytes() for row in rows.astype("<f2")]
