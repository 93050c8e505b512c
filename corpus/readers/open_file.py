"""An open file with what is known of it beside its bytes, its text, and what a format does with it."""

import codecs
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import BinaryIO

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.assemble import article_of
from corpus.errors import ReadError

DEEPEST = 3  # archives within each other
_MOST_EXPANDED = 200  # bytes for each byte of an archive, above which it is made to fill memory or disk
FREE_EXPANDED = 100_000_000  # bytes that any archive may expand to

_SAMPLE_BYTES = 200_000
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What a text never holds: control characters other than tab, line feed, form feed, carriage return and escape.
_CONTROLS = bytes(c for c in (*range(32), 127) if c not in (9, 10, 12, 13, 27))
_MOST_CONTROLS = 0.01  # share of a file's bytes above which it is binary, not a text with a few stray bytes
_MOST_BROKEN = 0.01  # share of broken characters above which a byte order mark is a coincidence
_CP1252_SHARE = 0.1  # share of bytes over 127 up to which a text that is not UTF-8 is taken for western European
_OTHER_ENCODINGS = (
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 koi8_r shift_jis euc_jp gb18030 big5 euc_kr".split()
)
MOST_RECODED = 200_000_000  # bytes of a file in another encoding: to tell it, the whole is read
_PIECE = 1 << 20


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

    def as_utf8(self) -> BinaryIO:
        """Return the stream, at its start, as UTF-8 without a mark; one in another encoding is read as a whole.

        Raises ReadError for an empty file, binary data and an encoding that cannot be told.
        """
        self.stream.seek(0)
        start = self.stream.read(len(codecs.BOM_UTF8))
        if not start:
            raise ReadError(self.where, "the file is empty: check that it is the right one")
        if _is_utf8(self.stream):
            self.stream.seek(len(start) if start == codecs.BOM_UTF8 else 0)
            return self.stream
        self.stream.seek(0)
        data = self.stream.read(MOST_RECODED + 1)
        if len(data) > MOST_RECODED:
            why = f"it is not UTF-8 and larger than {MOST_RECODED // 1_000_000} MB: save it as UTF-8"
            raise ReadError(self.where, why)
        return io.BytesIO(decode(data, where=self.where, declared=self.charset).encode(errors="replace"))

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


def decode(data: bytes, *, where: str, declared: str | None = None) -> str:
    """Return the text of a file: by its byte order mark, as UTF-8, as `declared`, else by its bytes' statistics.

    A few broken bytes in a text that is clearly UTF-8 become U+FFFD. Raises ReadError for binary data and for an
    encoding that cannot be told.
    """
    marked = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    text = data.decode(marked or "utf-8", errors="replace")
    plain = text.encode(errors="replace") if marked else data
    controls = len(plain) - len(plain.translate(None, _CONTROLS))
    if controls > _MOST_CONTROLS * len(plain) or (marked and text.count("\ufffd") > 1 + _MOST_BROKEN * len(text)):
        raise ReadError(where, "this is binary data, not text: save the article as .txt, .md or .html and add that")
    return text if marked or "\ufffd" not in text else _guessed(data, text, declared, where)


def _guessed(data: bytes, mended: str, declared: str | None, where: str) -> str:
    """Decode what is not quite UTF-8: slightly damaged, with the signs of damage, as declared, or by a guess."""
    if not _is_damaged(mended) and re.search(r"[^\x00-\x7f\ufffd]", mended):
        return mended
    beyond_ascii = len(data) - len(data.translate(None, bytes(range(128, 256))))
    # Old Macintosh files have quotation marks where cp1252 has Ò and Ó, and none where that has them.
    is_mac = b"\xd2" in data and b"\xd3" in data and not re.search(rb"[\x91-\x94]", data)
    western = "mac_roman" if is_mac else "cp1252"
    guesses = ["utf-8", declared, western if beyond_ascii <= _CP1252_SHARE * len(data) else None]
    for encoding in filter(None, guesses):
        with suppress(ValueError, LookupError):  # bytes without a character in it, or an unknown name
            return data.decode(encoding)
    from charset_normalizer import from_bytes

    best = from_bytes(data[:_SAMPLE_BYTES], cp_isolation=_OTHER_ENCODINGS).best()
    text = data.decode(best.encoding, errors="replace") if best is not None else ""
    if best is None or _is_damaged(text):
        raise ReadError(where, "its encoding cannot be told: save it as UTF-8")
    return text


def _is_damaged(text: str) -> bool:
    """Tell whether broken characters are more than a slip among those outside ASCII."""
    broken = text.count("\ufffd")
    return broken > 1 + 0.1 * (len(re.findall(r"[^\x00-\x7f]", text)) - broken)


def _is_utf8(file: BinaryIO) -> bool:
    """Tell whether the whole file is UTF-8 without zero bytes."""
    file.seek(0)
    text = io.TextIOWrapper(file, encoding="utf-8")
    try:
        return all("\0" not in piece for piece in iter(partial(text.read, _PIECE), ""))
    except UnicodeDecodeError:
        return False
    finally:
        text.detach()  # it would close the file
