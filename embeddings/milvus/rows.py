"""The rows of a library in Milvus: article heads, pieces of text, passages, origins; filters, order and counts."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import PurePath

import numpy as np

from corpus.article import Article, Passage, parse_published
from corpus.errors import LibraryDamaged
from corpus.store.origins import Origin
from corpus.store.records import ArticleInfo, Counts, Coverage, Filters, Order, VersionInfo
from corpus.store.snapshot import ADD_AGAIN, METADATA
from embeddings.index.tokens import stem
from embeddings.milvus.tables import Row, literal

PIECE = 16_000
"""Longest piece of a text, in characters. A field of Milvus holds as many of four bytes each."""

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
    """Return the row of a head."""
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
        "info": json.dumps(asdict(head.info), ensure_ascii=False),
        "history": json.dumps([[v.version, v.pieces, v.added, v.published, v.modified] for v in head.history]),
        "locations": list(head.locations),
    }


HEAD = ("id", "number", "info", "first", "passages", "history", "locations")


def read_head(row: Row) -> Head:
    """Return the head of a row with the fields HEAD."""
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
    text = json.dumps(fields, ensure_ascii=False)
    return [text[start : start + PIECE] for start in range(0, len(text), PIECE)]


def read_document(pieces: Sequence[str], head: Head, version: str) -> Article:
    """Put a version together from its pieces, and check its hash. Raises LibraryDamaged."""
    try:
        article = Article(**json.loads("".join(pieces)))
    except (ValueError, TypeError):
        article = None
    if article is None or article.version != version:
        raise LibraryDamaged(
            f"the text or metadata of article {head.info.id} is damaged (version {version})", ADD_AGAIN
        )
    return article


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
        clauses.append(f"{article} == {literal(filters.article)}")
    if filters.sources:
        clauses.append(f"source in {literal([folded(source) for source in filters.sources])}")
    if filters.after is not None:
        clauses.append(f"day >= {filters.after.toordinal()}")
    if filters.before is not None:
        clauses.append(f"day > 0 and day <= {filters.before.toordinal()}")
    return " and ".join(clauses)


def passage_row(number: int, head: Head, passage: Passage, vector: bytes, terms: Sequence[str]) -> Row:
    """Return the row of passage `number`. vector: float16, little-endian. terms: words of text and title, for BM25."""
    return {
        "id": number,
        "article": head.info.id,
        "source": folded(head.info.source),
        "day": day_number(head.info.published),
        "start": passage.start,
        "stop": passage.end,
        "copy_group": number,
        "text": passage.text,
        "words": " ".join(terms)[:PIECE],
        "vector": np.frombuffer(vector, dtype="<f2").astype(np.float32).tolist(),
    }


def sort_heads(heads: list[Head], order: Order) -> None:
    """Sort heads for a list of articles: those without a date last, equal ones in the order of adding."""
    heads.sort(key=lambda head: head.number)
    if order != "added":
        heads.sort(key=lambda head: (head.info.published or "").lower(), reverse=order == "newest")
        heads.sort(key=lambda head: not head.info.published)


@dataclass(frozen=True, slots=True)
class Tally:
    """What was counted of articles. sources: outlets with their numbers of articles, largest first."""

    coverage: Coverage
    sources: tuple[tuple[str, int], ...]
    counts: Counts


def tally(change: int, rows: Iterable[Row]) -> Tally:
    """Count articles. change: the library's, before they were read. rows: of the articles, with the fields HEAD."""
    heads = sorted(map(read_head, rows), key=lambda head: head.number)
    written: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for head in heads:
        if (source := head.info.source) is not None:
            counts[written.setdefault(source.lower(), source)] += 1
    days = sorted(head.info.day.isoformat() for head in heads if head.info.day)
    return Tally(
        Coverage(
            len(heads), len(counts), len(heads) - len(days), days[0] if days else None, days[-1] if days else None
        ),
        tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0].lower()))),
        Counts(len(heads), sum(len(h.history) for h in heads), sum(h.passages for h in heads), len(counts), change),
    )


def origin_key(location: str) -> int:
    """Return the key of an origin's row: 64 bits of its hash."""
    return int.from_bytes(hashlib.blake2b(location.encode(), digest_size=8).digest(), "little", signed=True)


def origin_row(origin: Origin) -> Row:
    """Return the row of an origin."""
    return {
        "key": origin_key(origin.location),
        "location": origin.location,
        "name": PurePath(origin.location.rstrip("/")).name or origin.location,
        "look": json.dumps(asdict(origin)),
    }


def read_origin(row: Row) -> Origin:
    """Return the origin of a row."""
    return Origin(**json.loads(row["look"]))
