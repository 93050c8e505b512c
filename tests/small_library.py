"""A small encoder and small articles for tests of the library: real parts around an encoder that costs nothing."""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import numpy.typing as npt

from corpus.article import Article, Passage
from corpus.passages import split
from corpus.store.records import Added, Manifest
from corpus.store.store import Store

DIMENSION = 32
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


class WordEncoder:
    """Gives a text the counts of its words' hashes: the same in every process, near for texts that share words."""

    def __init__(self, fingerprint: str = "a" * 64) -> None:
        self.name = "words"
        self.fingerprint = fingerprint
        self.dimension = DIMENSION
        self.encoded: list[str] = []

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.encoded += texts
        rows = np.zeros((len(texts), DIMENSION), dtype=np.float32)
        for row, text in zip(rows, texts, strict=True):
            for word in text.lower().split():
                digest = hashlib.md5(word.encode(), usedforsecurity=False).digest()
                row[digest[0] % DIMENSION] += 1 if digest[1] % 2 else -1
            row[0] += 0.5
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), dtype=np.float32)

    def encode_question(self, question: str) -> npt.NDArray[np.float32]:
        return np.asarray(self.encode([question])[0])


def paragraphs(name: str, count: int) -> str:
    """Return paragraphs of 240 characters or more that only an article of this name has."""
    return "\n\n".join(
        " ".join(f"{name}{hashlib.sha256(f'{name} {i} {j}'.encode()).hexdigest()[:6]}" for j in range(32)) + "."
        for i in range(count)
    )


def make_article(name: str, text: str | None = None, *, passages: int = 3, published: str = "2023-03-06") -> Article:
    return Article(
        text or paragraphs(name, passages),
        title=f"Title of {name}",
        source="Dawn" if name < "m" else "Geo",
        published=published,
        url=f"https://news.example/{name}",
        path=f"files/{name}.txt",
    )


def make_store(folder: Path) -> Store:
    return Store.create(folder, Manifest("words", "a" * 64, DIMENSION))


def put(store: Store, article: Article) -> Added:
    passages = split(article.text)
    rows = WordEncoder().encode([p.text for p in passages]).astype("<f2")
    return commit(store, article, passages, [row.tobytes() for row in rows])


def commit(store: Store, article: Article, passages: Sequence[Passage], vectors: Sequence[bytes]) -> Added:
    with store.writing() as writer:
        return writer.add(article, passages, vectors, now=NOW)


def take_out(store: Store, *articles: str) -> list[str]:
    """Remove articles and all their bytes. Return the ids of those that were there."""
    with store.writing() as writer:
        removed = writer.remove(articles)
    store.purge()
    return removed


def file_bytes(folder: Path) -> bytes:
    """Return all bytes of all files of the folder."""
    return b"\n".join(file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file())
