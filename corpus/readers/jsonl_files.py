"""JSON Lines: one article a line, its fields under their usual names."""

import json
import re
from collections.abc import Iterator, Mapping
from functools import partial
from typing import BinaryIO

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.fields import text_field
from corpus.errors import ReadError
from corpus.readers.decoding import START_BYTES, decode
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.tables import Row, row_articles
from corpus.readers.unread import refusal

_LISTS = frozenset("articles stories results posts docs documents items entries news hits data".split())
_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{[ \t]*"[^"\n]{1,60}"[ \t]*:')
_WIDE = (b"\xff\xfe", b"\xfe\xff")


def read_jsonl(file: OpenFile) -> Iterator[Article]:
    """Yield the article of each line; a line that has none is reported with its number, and the rest goes on.

    The file is read line by line, however large it is; only a line may not be larger than an article.
    """
    empty = "the file is empty: check that it is the right one"
    yield from row_articles(partial(_rows, file.stream, file.where, file.mapped), file, kind="line", empty=empty)


def _rows(file: BinaryIO, where: str, mapped: Mapping[str, str]) -> Iterator[Row]:
    """Yield the object of each line, or the articles that a line lists, as the answers of services do."""
    file.seek(0)
    for number, line in enumerate(_lines(file, where), start=1):
        place = f"{where} line {number}"
        try:
            record = _record_of(line, place)
        except ReadError as error:
            yield place, error
            continue
        listed = _listed(record, mapped) if record else []
        for inner, each in enumerate(listed, start=1):
            yield f"{place} article {inner}", each
        if record is not None and not listed:
            yield place, record


def _listed(record: Mapping[str, object], mapped: Mapping[str, str], deepest: int = 2) -> list[Mapping[str, object]]:
    """Return the articles of a list in an object that has no text of its own."""
    for name, value in record.items():
        if name in _LISTS and isinstance(value, list) and value and all(isinstance(each, dict) for each in value):
            return [] if text_field(record, mapped) else value
        if deepest and isinstance(value, dict) and (name in _LISTS or name == "response"):
            return _listed(value, mapped, deepest - 1)
    return []


def _lines(file: BinaryIO, where: str) -> Iterator[bytes]:
    """Yield the lines, the rest of one that is too long left out."""
    start = file.read(START_BYTES)
    if why := refusal(start):
        raise ReadError(where, why)
    if start.startswith(_WIDE):
        text = decode(start + file.read(MAX_BYTES * 10), where=where)
        yield from text.encode("utf-8", errors="replace").split(b"\n")
        return
    file.seek(0)
    while line := file.readline(MAX_BYTES + 1):
        yield line
        while len(line) > MAX_BYTES and not line.endswith(b"\n"):
            line = file.readline(MAX_BYTES + 1)


def _record_of(line: bytes, where: str) -> dict[str, object] | None:
    """Return the object of one line, None for a blank line and one that only says where the next belongs.

    Raises ReadError for a line that is no object.
    """
    if not line.strip(b"\xef\xbb\xbf \t\r\n"):
        return None
    if len(line) > MAX_BYTES:
        raise ReadError(where, f"the line is larger than {MAX_BYTES // 1_000_000} MB, too large for one article")
    try:
        record = json.loads(decode(line, where=where).strip())
    except (ValueError, RecursionError) as error:
        raise ReadError(where, f"not a JSON object ({_reason(error)}): correct or remove the line") from error
    if not isinstance(record, dict):
        raise ReadError(where, "JSON, but not an object with fields such as title and text: correct or remove the line")
    if len(record) == 1 and isinstance(record.get("index", record.get("create")), dict):
        return None  # of Elasticsearch's bulk format: where the object of the next line goes
    return record


def _reason(error: Exception) -> str:
    """Return in a few words what is wrong with the JSON."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} at character {error.pos + 1}"
    return "nested too deeply" if isinstance(error, RecursionError) else "a number too long"


JSONL = Format("JSON Lines", frozenset((".jsonl", ".ndjson", ".jsonlines", ".jl")), read_jsonl, _OBJECT.match)
