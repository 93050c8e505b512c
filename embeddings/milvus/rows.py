"""What stands in the rows of a library in Milvus: an article's head, its versions' texts in pieces, filters."""

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from corpus.article import Article, Passage, parse_published
from corpus.errors import WHAT_HELPS, LibraryDamaged, LibraryError
from corpus.store.records import ArticleInfo, Filters, Order, StoredPassage, VersionInfo
from corpus.store.snapshot import METADATA
from embeddings.index.words import stem
from embeddings.milvus.tables import TEXT_BYTES, Row, listed

PIECE_BYTES = 65_000
"""Bytes of one piece of a version's text at most, below what a field of Milvus holds."""

_SOURCE_CHARACTERS = 200
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Version:
    """A version of an article in the head's history, and into how many pieces its text is cut."""

    version: str
    pieces: int
    added: str
    published: str | None
    modified: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """All that makes an article be there: one row, written whole in one step.

    first, passages: the ids of the passages that are searched are `first` to `first + passages - 1`. What bears another
    id is not there. number: articles that came later have greater ones. history: all versions, oldest first.
    """

    info: ArticleInfo
    number: int
    first: int
    passages: int
    history: tuple[Version, ...]
    locations: tuple[str, ...]

    @property
    def passage_ids(self) -> range:
        """The ids of its passages."""
        return range(self.first, self.first + self.passages)

    def version(self, name: str) -> Version | None:
        """Return the version of this name."""
        return next((version for version in self.history if version.version == name), None)

    def versions(self) -> tuple[VersionInfo, ...]:
        """Return the versions as they are told."""
        return tuple(
            VersionInfo(v.version, v.added, v.version == self.info.version, v.published, v.modified)
            for v in self.history
        )


def head_row(head: Head) -> Row:
    """Return the row of a head. Raises LibraryError where Milvus cannot hold it."""
    info = json.dumps(asdict(head.info), ensure_ascii=False)
    history = json.dumps([[v.version, v.pieces, v.added, v.published, v.modified] for v in head.history])
    for what, text in (("title, address and other fields", info), ("list of versions", history)):
        if len(text.encode()) > TEXT_BYTES:
            raise LibraryError(
                f"the {what} of article {head.info.id} ({head.info.heading[:60]}) is longer than Milvus holds: "
                "leave the article out, or keep it in a library in a folder"
            )
    return {
        "id": head.info.id,
        "key": head.info.key,
        "source": folded(head.info.source),
        "day": day_number(head.info.published),
        "number": head.number,
        "version": head.info.version,
        "first": head.first,
        "passages": head.passages,
        "versions": len(head.history),
        "changed": head.info.changed,
        "info": info,
        "history": history,
        "locations": list(head.locations),
    }


def read_head(row: Row) -> Head:
    """Return the head of a row."""
    return Head(
        ArticleInfo(**json.loads(row["info"])),
        row["number"],
        row["first"],
        row["passages"],
        tuple(Version(*values) for values in json.loads(row["history"])),
        tuple(row["locations"]),
    )


def article_info(article: Article, *, path: str | None, added: str, changed: str) -> ArticleInfo:
    """Return what is known of an article's current version."""
    metadata = {name: getattr(article, name) for name in METADATA}
    return ArticleInfo(
        id=article.id,
        key=article.key,
        version=article.version,
        current=True,
        heading=article.heading,
        path=path,
        added=added,
        changed=changed,
        characters=len(article.text),
        **metadata,
    )


def document(article: Article) -> list[str]:
    """Return a version's text and metadata as ordered pieces, each short enough for a field of Milvus."""
    fields = {name: getattr(article, name) for name in (*METADATA, "text")}
    return cut(json.dumps(fields, ensure_ascii=False))


def read_document(pieces: Sequence[str], head: Head, version: str) -> Article:
    """Return the version put together from its pieces, checked against its hash. Raises LibraryDamaged."""
    try:
        article = Article(**json.loads("".join(pieces)))
    except (ValueError, TypeError):
        article = None
    if article is None or article.version != version:
        raise LibraryDamaged(
            f"the text or metadata of article {head.info.id} is damaged (version {version}): {WHAT_HELPS}, "
            "or remove the article and add it again"
        )
    return article


def cut(text: str, size: int = PIECE_BYTES) -> list[str]:
    """Return the text in pieces of at most `size` bytes of UTF-8, none of them ending within a character."""
    content = text.encode()
    pieces = []
    start = 0
    while start < len(content):
        end = min(start + size, len(content))
        while end < len(content) and content[end] & 0xC0 == 0x80:
            end -= 1
        pieces.append(content[start:end].decode())
        start = end
    return pieces


def piece_keys(article: str, version: Version) -> list[str]:
    """Return the keys of a version's pieces, in order."""
    return [f"{article}:{version.version}:{number}" for number in range(version.pieces)]


def folded(source: str | None) -> str:
    """Return an outlet as it is filtered by: letter case aside, empty where there is none."""
    return (source or "").lower()[:_SOURCE_CHARACTERS]


def day_number(published: str | None) -> int:
    """Return the day as a number, 1 for the first day of year 1, 0 where there is none."""
    return parse_published(published).toordinal() if published else 0


def as_term(token: str) -> str:
    """Return the stem of a word as one word of the analyzer of Milvus, which parts 3.5 and o'brien."""
    return _NO_WORD.sub("x", stem(token).strip(".'"))


def where(filters: Filters) -> str:
    """Return the filters as an expression of Milvus over articles or passages; empty for none."""
    clauses = []
    if filters.sources:
        clauses.append(f"source in {listed(folded(source) for source in filters.sources)}")
    if filters.after is not None:
        clauses.append(f"day >= {filters.after.toordinal()}")
    if filters.before is not None:
        clauses.append(f"day > 0 and day <= {filters.before.toordinal()}")
    return " and ".join(clauses)


def stored_passage(row: Row, info: ArticleInfo) -> StoredPassage:
    """Return the passage of a row."""
    return StoredPassage(row["id"], row["start"], row["stop"], row["text"], row["copy_group"], info)


def passage_row(number: int, head: Head, passage: Passage, vector: bytes, copy_group: int, terms: Sequence[str]) -> Row:
    """Return the row of passage `number`. vector: float16, little-endian. terms: of its text and title, for BM25."""
    words = " ".join(terms)
    return {
        "id": number,
        "article": head.info.id,
        "source": folded(head.info.source),
        "day": day_number(head.info.published),
        "start": passage.start,
        "stop": passage.end,
        "copy_group": copy_group,
        "text": passage.text,
        "words": cut(words, TEXT_BYTES)[0] if words else "",
        "vector": np.frombuffer(vector, dtype="<f2").astype(np.float32).tolist(),
    }


def sort_heads(heads: list[Head], order: Order, *, descending: bool) -> None:
    """Sort heads, which are in the order they were added, as articles are listed; equal ones stay in that order."""

    def by(key: Callable[[ArticleInfo], Any], *, down: bool) -> None:
        heads.sort(key=lambda head: key(head.info), reverse=down)  # equal ones stay in order also in reverse

    def last(missing: Callable[[ArticleInfo], bool]) -> None:
        heads.sort(key=lambda head: missing(head.info))

    if order == "published":
        by(lambda info: ((info.published or "")[:10], info.published or ""), down=descending)
        last(lambda info: info.published is None)
    elif order == "source":
        by(lambda info: (info.published or "")[:10], down=True)
        by(lambda info: (info.source or "").lower(), down=descending)
        last(lambda info: info.source is None)
    elif order == "title":
        by(lambda info: info.heading.lower(), down=descending)
    elif descending:
        heads.reverse()
