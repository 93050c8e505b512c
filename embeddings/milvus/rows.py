"""The rows of a library in Milvus: article heads, pieces of text, passages; filters as expressions, and counts."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from corpus.article import Article, Passage, parse_published
from corpus.errors import WHAT_HELPS, LibraryDamaged, LibraryError
from corpus.store.records import ArticleInfo, Counts, Coverage, Filters, Order, StoredPassage, VersionInfo
from corpus.store.snapshot import METADATA
from embeddings.index.tokens import stem
from embeddings.milvus.schema import TEXT_BYTES
from embeddings.milvus.tables import Row, listed

PIECE_BYTES = 65_000
"""Longest piece of a text, in bytes. A field of Milvus holds a little more."""

_SOURCE_CHARACTERS = 200
_NO_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Version:
    """A version in the history of an article. pieces: how many pieces its text is cut into."""

    version: str
    pieces: int
    added: str
    published: str | None
    modified: str | None


@dataclass(frozen=True, slots=True)
class Head:
    """The row that makes an article exist. It is written in one step.

    first, passages: its passages have the ids `first` to `first + passages - 1`. Passages with other ids do not count.
    number: grows with each article added. history: all versions, oldest first.
    """

    info: ArticleInfo
    number: int
    first: int
    passages: int
    history: tuple[Version, ...]
    locations: tuple[str, ...]

    @property
    def passage_ids(self) -> range:
        """The ids of the article's passages."""
        return range(self.first, self.first + self.passages)

    def version(self, name: str) -> Version | None:
        """Return the version of this name."""
        return next((version for version in self.history if version.version == name), None)

    def versions(self) -> tuple[VersionInfo, ...]:
        """Return the versions as records."""
        return tuple(
            VersionInfo(v.version, v.added, v.version == self.info.version, v.published, v.modified)
            for v in self.history
        )


def head_row(head: Head) -> Row:
    """Return the row of a head. Raises LibraryError if it is too large for Milvus."""
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


def document(article: Article) -> list[str]:
    """Return a version's text and metadata in pieces that fit into a field of Milvus."""
    fields = {name: getattr(article, name) for name in (*METADATA, "text")}
    return cut(json.dumps(fields, ensure_ascii=False))


def read_document(pieces: Sequence[str], head: Head, version: str) -> Article:
    """Put a version together from its pieces, and check its hash. Raises LibraryDamaged."""
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
    """Cut the text into pieces of at most `size` bytes of UTF-8, between characters."""
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
    """Return an outlet in the form that filters compare: lower case, empty if unknown."""
    return (source or "").lower()[:_SOURCE_CHARACTERS]


def day_number(published: str | None) -> int:
    """Return the day as a number: 1 for the first day of year 1, 0 if unknown."""
    return parse_published(published).toordinal() if published else 0


def as_term(token: str) -> str:
    """Return the stem of a word in a form that Milvus' analyzer does not split, as it would 3.5 and o'brien."""
    return _NO_WORD.sub("x", stem(token).strip(".'"))


def where(filters: Filters, *, article: str) -> str:
    """Return the filters as a Milvus expression, empty without filters. article: the field with the article's id."""
    clauses = []
    if filters.article is not None:
        clauses.append(f"{article} in {listed([filters.article])}")
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
    """Return the row of passage `number`. vector: float16, little-endian. terms: words of text and title, for BM25."""
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
    """Sort heads for a list of articles. Equal ones stay in the order they were added."""
    if order == "source":
        heads.sort(key=lambda head: (head.info.published or "")[:10], reverse=True)
    keys: Mapping[Order, Callable[[Head], Any]] = {
        "published": lambda head: head.info.published or "",
        "source": lambda head: (head.info.source or "").lower(),
        "title": lambda head: head.info.heading.lower(),
        "added": lambda head: head.number,
    }
    heads.sort(key=keys[order], reverse=descending)  # equal ones keep their order
    if order == "published":
        heads.sort(key=lambda head: head.info.published is None)
    elif order == "source":
        heads.sort(key=lambda head: head.info.source is None)


TALLIED = ("id", "number", "info", "day", "passages", "versions")


@dataclass(frozen=True, slots=True)
class Tally:
    """Id, outlet, day, passages and versions of each article, counted at a change of the library."""

    change: int
    articles: tuple[tuple[str, str | None, str | None, int, int], ...]

    def coverage(self, filters: Filters) -> Coverage:
        """Return what the filters cover."""
        after = filters.after.isoformat() if filters.after else ""
        before = filters.before.isoformat() if filters.before else "9999-12-31"
        dated = filters.after is not None or filters.before is not None
        outlets = {source.lower() for source in filters.sources}
        passed = [
            (source, day)
            for article, source, day, _, _ in self.articles
            if filters.article in (None, article)
            and (not outlets or (source or "").lower() in outlets)
            and (not dated or (day is not None and after <= day <= before))
        ]
        days = sorted(day for _, day in passed if day is not None)
        sources = {source.lower() for source, _ in passed if source is not None}
        first, last = (days[0], days[-1]) if days else (None, None)
        return Coverage(len(passed), len(sources), len(passed) - len(days), first, last)

    def sources(self) -> list[tuple[str, int]]:
        """Return the outlets with their numbers of articles, largest first."""
        written: dict[str, str] = {}
        counts: Counter[str] = Counter()
        for _, source, _, _, _ in self.articles:
            if source is not None:
                counts[written.setdefault(source.lower(), source)] += 1
        return sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].lower()))

    def counts(self) -> Counts:
        """Return the library's size."""
        return Counts(
            len(self.articles),
            sum(versions for *_, versions in self.articles),
            sum(passages for *_, passages, _ in self.articles),
            len(self.sources()),
            self.change,
        )


def tallied(rows: Iterable[Row]) -> Iterator[tuple[str, str | None, str | None, int, int]]:
    """Yield id, outlet, day, passages and versions of each article, in the order they were added."""
    for row in sorted(rows, key=lambda row: int(row["number"])):
        source = json.loads(row["info"])["source"]
        day = date.fromordinal(row["day"]).isoformat() if row["day"] else None
        yield row["id"], source, day, row["passages"], row["versions"]
