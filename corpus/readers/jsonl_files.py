"""JSON Lines: one article a line, its fields under their usual names."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from itertools import islice
from typing import BinaryIO

from corpus.article import Article
from corpus.cleaning.assemble import article_of
from corpus.cleaning.date_order import ROWS, Order, date_order, in_order
from corpus.errors import ReadError
from corpus.limits import MAX_BYTES
from corpus.readers.decoding import binary_kind, decode
from corpus.readers.hints import Hints

SUFFIXES = frozenset((".jsonl", ".ndjson"))
ISOLATED = False
MOST_BAD_LINES = 100  # from the start on: after that it is another kind of file
_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{[ \t]*"[^"\n]{1,60}"[ \t]*:')
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def recognises(head: bytes) -> bool:
    """Return whether the first bytes of a file open a JSON object and its first field on one line."""
    return _OBJECT.match(head) is not None


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the article of each line; a line that has none is reported with its number, and the rest goes on.

    The file is read line by line, however large it is; only a line may not be larger than an article.
    """
    bad = good = 0
    order = date_order(_records(file, where), hints.names)
    file.seek(0)
    for number, line in enumerate(_lines(file, where), start=1):
        line_name = f"{where} line {number}"
        try:
            article = _article(line, line_name, hints.names, order)
        except ReadError as error:
            bad += 1
            on_bad(error)
            if bad == MOST_BAD_LINES and not good:
                why = f"none of its first {bad} lines is an article: it is not the JSON Lines file that it seems to be"
                raise ReadError(where, why) from None
            continue
        if article is not None:
            good += 1
            yield article
    if not good and not bad:
        raise ReadError(where, "the file is empty: check that it is the right one")


def _lines(file: BinaryIO, where: str) -> Iterator[bytes]:
    """Yield the lines, the rest of one that is too long left out."""
    start = file.read(8)
    if kind := binary_kind(start):
        raise ReadError(where, f"this is {kind}, not JSON Lines: give a file with one JSON object a line")
    if start.startswith(_WIDE):
        text = decode(start + file.read(MAX_BYTES * 10), where=where)
        yield from text.encode("utf-8", errors="replace").split(b"\n")
        return
    file.seek(0)
    while line := file.readline(MAX_BYTES + 1):
        yield line
        while len(line) > MAX_BYTES and not line.endswith(b"\n"):
            line = file.readline(MAX_BYTES + 1)


def _records(file: BinaryIO, where: str) -> Iterator[Mapping[str, object]]:
    """Yield the objects of the first lines, those that are none left out: each is reported when it is read."""
    for line in islice(_lines(file, where), ROWS):
        with suppress(ReadError):
            record = _record(line, where) if len(line) <= MAX_BYTES and line.strip() else None
            if record is not None:
                yield record


def _article(line: bytes, where: str, mapped: Mapping[str, str], order: Order | None) -> Article | None:
    """Return the article of one line, None for a blank line and one that only says where the next belongs."""
    if not line.strip(b"\xef\xbb\xbf \t\r\n"):
        return None
    if len(line) > MAX_BYTES:
        raise ReadError(where, f"the line is larger than {MAX_BYTES // 1_000_000} MB, too large for one article")
    record = _record(line, where)
    if len(record) == 1 and isinstance(record.get("index", record.get("create")), dict):
        return None  # of Elasticsearch's bulk format: where the object of the next line goes
    return article_of(in_order(record, order, mapped), where=where, mapped=mapped)


def _record(line: bytes, where: str) -> dict[str, object]:
    """Return the object of a line. Raises ReadError for one that is none."""
    text = decode(line, where=where)
    try:
        record = json.loads(text.strip())
    except (ValueError, RecursionError) as error:
        raise ReadError(where, f"not a JSON object ({_reason(error)}): correct or remove the line") from error
    if not isinstance(record, dict):
        raise ReadError(where, "JSON, but not an object with fields such as title and text: correct or remove the line")
    return record


def _reason(error: Exception) -> str:
    """Return in a few words what is wrong with the JSON."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return "nested too deeply" if isinstance(error, RecursionError) else "a number too long"
