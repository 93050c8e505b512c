"""An open file with what is known of it beside its bytes, and what a format does with it."""

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import BinaryIO

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.assemble import article_of
from corpus.errors import ReadError
from corpus.readers.decoding import decode

DEEPEST = 3  # archives within each other
_MOST_EXPANDED = 200  # bytes for each byte of an archive, above which it is made to fill memory or disk
FREE_EXPANDED = 100_000_000  # bytes that any archive may expand to


@dataclass(slots=True)
class Budget:
    """How many bytes the members of an archive, and of those within it, may still expand to."""

    left: int

    @classmethod
    def of(cls, file: BinaryIO) -> "Budget":
        """Return the budget of an archive, which is at its start then."""
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        return cls(FREE_EXPANDED + _MOST_EXPANDED * size)

    def spend(self, count: int, *, where: str) -> None:
        """Count bytes that are expanded. Raises ReadError when there are too many."""
        self.left -= count
        if self.left < 0:
            raise ReadError(where, "the archive expands to far more than an archive of its size can hold: it is a trap")


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenFile:
    """An open file that may hold articles.

    stream: its bytes. name: its end tells the format where the content does not. where: how messages name it. on_bad:
    gets what cannot be read of it, and reading goes on. mapped: fields of `Article` (and `text`), each with the name
    that it has in the file. charset: as a server declared it. url: the address it was fetched from. depth: how many
    archives it lies in; budget: how far they may expand. is_isolated: this process is one that may be ended. The
    registry gives read_inside, which reads a file that lies in this one, and known_kinds: endings of names of files
    that are read, and of those that are named as not read.
    """

    stream: BinaryIO
    name: str
    where: str
    on_bad: Callable[[ReadError], None]
    mapped: Mapping[str, str] = field(default_factory=dict)
    charset: str | None = None
    url: str | None = None
    depth: int = 0
    budget: Budget | None = None
    is_isolated: bool = False
    read_inside: Callable[["OpenFile"], Iterator[Article]] = lambda inner: iter(())
    known_kinds: frozenset[str] = frozenset()

    def content(self, *, limit: int = MAX_BYTES, instead: str = "split it into one file per article") -> bytes:
        """Return the bytes of a file with one article. Raises ReadError if it is empty or larger than `limit` bytes.

        instead: what to do with one that is too large.
        """
        data = self.stream.read(limit + 1)
        if not data:
            raise ReadError(self.where, "the file is empty: check that it is the right one")
        if len(data) > limit:
            why = f"it is larger than {limit // 1_000_000} MB, too large for one article: {instead}"
            raise ReadError(self.where, why)
        return data

    def text(self) -> str:
        """Return the text of a file with one article. Raises ReadError as `decode` does."""
        return decode(self.content(), where=self.where, declared=self.charset)

    def articles_of(self, records: Iterable[Mapping[str, object]]) -> Iterator[Article]:
        """Yield the article of each record of the file; one that has none is reported with its number."""
        for number, record in enumerate(records, start=1):
            try:
                yield article_of(record, where=f"{self.where} article {number}", mapped={})
            except ReadError as error:
                self.on_bad(error)

    def articles_within(self, inner: "OpenFile", key: str) -> Iterator[Article]:
        """Yield the articles of a file that lies in this one. key: tells it from the others, within their paths."""
        for article in self.read_inside(inner):
            yield replace(article, path=f"#{key}{article.path or ''}")

    def as_archive(self, *, deepest: int = DEEPEST) -> tuple["OpenFile", Budget]:
        """Return this archive at its start, as what lies in it starts from, and how far that may expand.

        Raises ReadError for an archive that lies in `deepest` others.
        """
        if self.depth >= deepest:
            raise ReadError(self.where, f"archives are packed within each other more than {DEEPEST} deep: unpack them")
        budget = self.budget or Budget.of(self.stream)
        self.stream.seek(0)
        return replace(self, depth=self.depth + 1, budget=budget, url=None, charset=None), budget


@dataclass(frozen=True, slots=True)
class Format:
    """One kind of article file.

    suffixes: endings of its files' names. read: yields the articles of a file and raises ReadError when there is none;
    a `path` that begins with # names one of several. recognises: tells by the first bytes of a file that it is of this
    kind, whatever its name says. isolated: a file made for it can keep a parser busy without end, so that it is read in
    a process of its own.
    """

    name: str
    suffixes: frozenset[str]
    read: Callable[[OpenFile], Iterator[Article]]
    recognises: Callable[[bytes], object] = lambda head: False
    isolated: bool = False
