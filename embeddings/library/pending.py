"""What waits between reading and committing: articles in the order they were read, and their vectors so far."""

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
    """Return what is encoded for a passage: its text, after its article's title where the manifest says so."""
    return f"{title}\n{passage}" if embed_title and title else passage


@dataclass(frozen=True, slots=True)
class New:
    """An article that is to be encoded and committed; `inputs` are what is encoded, one a passage.

    apart: the id of another article that it might have been taken for.
    """

    article: Article
    passages: list[Passage]
    inputs: list[str]
    location: str | None
    apart: str | None


@dataclass(frozen=True, slots=True)
class Seen:
    """An article that is unchanged, and was now read at another path."""

    article: str
    path: str
    location: str | None


@dataclass(frozen=True, slots=True)
class Read:
    """A place of which the last article has been read; `articles` are their ids as numbers."""

    origin: Origin | None
    articles: "array[int]"
    whole: bool


@dataclass(slots=True)
class Batch:
    """What is committed together, in the order read; the chunks that are being encoded, and the vectors there are."""

    parts: list[New | Seen | Read] = field(default_factory=list)
    new: dict[str, New] = field(default_factory=dict)
    replacing: list[str] = field(default_factory=list)
    passages: int = 0
    vectors: dict[str, bytes] = field(default_factory=dict)
    chunks: "list[tuple[list[str], Future[list[bytes]]]]" = field(default_factory=list)

    def cancel(self) -> None:
        """Let no further chunk be encoded; the one that is goes on."""
        for _, chunk in self.chunks:
            chunk.cancel()


def encode_texts(encoder: Callable[[], Encoder], texts: list[str]) -> list[bytes]:
    """Return the vectors of the texts as the library keeps them. Raises ModelError."""
    rows = encoder().encode(texts)
    if not np.isfinite(rows).all():
        raise ModelError(f"{encoder().name} gives vectors with numbers that are not finite: use another model")
    return [row.tobytes() for row in rows.astype("<f2")]
