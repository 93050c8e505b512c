"""JSON: a list of articles, an object that holds one somewhere, an object of articles by name, one article, or lines.

JSON Lines have an article a line, of which a bad one costs no other.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import BinaryIO

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.field_names import is_wrapper, text_rank
from corpus.cleaning.fields import own_text
from corpus.errors import ReadError
from corpus.readers.open_file import Format, OpenFile, decode
from corpus.readers.tables import Row, row_articles

_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*(?:\{|\])|\{\s*(?:\"|\}))")
_TWO_LINES = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{[^\n]*\}[ \t\r]*\n\s*\{[ \t]*"')
_OBJECT = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{[ \t]*"[^"\n]{1,60}"[ \t]*:')
_WIDE = (b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")  # how lines in UTF-16 and UTF-32 begin
_LARGEST = 300_000_000  # bytes: as text with emoji, and as objects, each takes four times that at once
_BETWEEN = re.compile(r"[\s,\[\]]*")  # what stands between the items of a list, and around it
_ENOUGH = 1_000  # items of a list, by which it is clear where in them the articles are
_DEEPEST = 60  # objects and lists within each other
_ITEM, _ANY = "[]", "*"

_Place = tuple[str, ...]
"""The names that lead to each article: `_ITEM` for the items of a list, `_ANY` for all values of an object."""


def read_json(file: OpenFile) -> Iterator[Article]:
    """Yield the articles; one that has no text is reported with its number, and the rest goes on."""
    if _TWO_LINES.match(file.stream.read(1 << 16)):
        file.stream.seek(0)
        yield from _read_lines(file)
        return
    where, mapped = file.where, file.mapped
    data = file.as_utf8().read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise ReadError(where, f"it is larger than {_LARGEST // 1_000_000} MB: save it as JSON Lines, or split it")
    text = data.decode()
    del data  # of a large file, both together may be too much
    values, broken = _values(text, where)
    named = mapped.get("text") or "text (or body, content, articleBody)"
    empty = f"no object in it has a field {named} with words in it: name yours with --map text=NAME"
    place = _place(values[:_ENOUGH], mapped)
    if place is None:
        raise broken or ReadError(where, empty)

    def rows() -> Iterator[Row]:
        records = (record for value in values for record in _at(value, place))
        yield from ((f"{where} article {number}", record) for number, record in enumerate(records, start=1))
        if broken:
            yield where, broken

    yield from row_articles(rows, file, kind="record", empty=empty)


def _values(text: str, where: str) -> tuple[list[object], ReadError | None]:
    """Return the items of a list, or the values that follow each other, and why they end early in a broken file."""
    decoder = json.JSONDecoder(strict=False, parse_constant=lambda _: None)
    values: list[object] = []
    at = 0
    try:
        while (between := _BETWEEN.match(text, at)) and between.end() < len(text):
            value, at = decoder.raw_decode(text, between.end())
            values.append(value)
    except json.JSONDecodeError as error:
        why = f"not JSON, or broken off ({error.msg} at character {error.pos + 1}): save it again"
        return values, ReadError(where, why)
    except (ValueError, RecursionError):
        return values, ReadError(where, "its JSON is nested too deeply, or has a number too long: simplify it")
    if text[:1_000].lstrip().startswith("[") and not text[-1_000:].rstrip().endswith("]"):
        return values, ReadError(where, "not JSON, or broken off (its list is never closed): save it again")
    return values, None


def _place(values: Iterable[object], mapped: Mapping[str, str]) -> _Place | None:
    """Return where the articles are: where most text is, of the least deep places that have any."""
    found: dict[_Place, int] = {}  # characters
    best = 1  # rank: 0 where there are texts, 1 where there are teasers alone
    for value in values:
        for place, rank, length in _texts(value, (), mapped):
            if rank < best:
                found, best = {}, rank
            if rank == best:
                found[place] = found.get(place, 0) + length
    shallow = min(map(_depth, found), default=0)
    near = {place: length for place, length in found.items() if _depth(place) == shallow}
    parents = {place[:-1] for place in near}
    if len(near) > 1 and len(parents) == 1 and not any(place[-1] == _ITEM for place in near):
        return (*parents.pop(), _ANY)
    return max(near, key=lambda place: near[place], default=None)


def _texts(value: object, place: _Place, mapped: Mapping[str, str]) -> Iterator[tuple[_Place, int, int]]:
    """Yield the place of each object with a text of its own, whether that is a text (0) or a teaser (1), its length."""
    if len(place) > _DEEPEST:
        return
    if isinstance(value, list):
        for item in value:
            yield from _texts(item, (*place, _ITEM), mapped)
    elif isinstance(value, Mapping):
        text, rank = own_text(value, mapped)
        if text:
            holder = place
            while len(holder) > 1 and is_wrapper(holder[-1]) and holder[-2] == _ITEM:
                holder = holder[:-1]
            yield holder, rank, len(text)
        for name, inner in value.items():
            if not (text and text_rank(name) == 0):
                yield from _texts(inner, (*place, name), mapped)


def _depth(place: _Place) -> int:
    """Return how many names lead to a place, the places in lists not counted."""
    return sum(name != _ITEM for name in place)


def _at(value: object, place: _Place) -> Iterator[dict[str, object]]:
    if not place:
        if isinstance(value, dict):
            yield value
    elif place[0] == _ITEM:
        for item in value if isinstance(value, list) else ():
            yield from _at(item, place[1:])
    elif isinstance(value, dict):
        for inner in value.values() if place[0] == _ANY else [value.get(place[0])]:
            yield from _at(inner, place[1:])


def _read_lines(file: OpenFile) -> Iterator[Article]:
    """Yield the article of each line; a line that has none is reported with its number, and the rest goes on.

    The file is read and decoded line by line, however large it is; only a line may not be larger than an article. A
    file in UTF-16 is decoded as a whole.
    """
    stream = file.as_utf8() if file.stream.read(4).startswith(_WIDE) else file.stream
    rows = partial(_line_rows, stream, file)
    yield from row_articles(rows, file, kind="line", empty="the file is empty: check that it is the right one")


def _line_rows(stream: BinaryIO, file: OpenFile) -> Iterator[Row]:
    """Yield the object of each line."""
    stream.seek(0)
    for number, line in enumerate(_lines(stream), start=1):
        place = f"{file.where} line {number}"
        try:
            record = _record_of(line, place, file.charset)
        except ReadError as error:
            yield place, error
            continue
        if record is not None:
            yield place, record


def _lines(file: BinaryIO) -> Iterator[bytes]:
    """Yield the lines, the rest of one that is too long left out."""
    while line := file.readline(MAX_BYTES + 1):
        yield line
        while len(line) > MAX_BYTES and not line.endswith(b"\n"):
            line = file.readline(MAX_BYTES + 1)


def _record_of(line: bytes, where: str, charset: str | None) -> dict[str, object] | None:
    """Return the object of one line, None for a blank line. Raises ReadError for a line that is no object."""
    if len(line) > MAX_BYTES:
        raise ReadError(where, f"the line is larger than {MAX_BYTES // 1_000_000} MB, too large for one article")
    text = decode(line, where=where, declared=charset).strip()
    if not text:
        return None
    try:
        record = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ReadError(where, f"not a JSON object ({_reason(error)}): correct or remove the line") from error
    if not isinstance(record, dict):
        raise ReadError(where, "JSON, but not an object with fields such as title and text: correct or remove the line")
    return record


def _reason(error: Exception) -> str:
    """Return in a few words what is wrong with the JSON."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg.removesuffix(' at')} at character {error.pos + 1}"
    return "nested too deeply" if isinstance(error, RecursionError) else "a number too long"


JSON = Format("JSON", frozenset((".json",)), read_json, _OPENING.match, isolated=True)
JSONL = Format("JSON Lines", frozenset((".jsonl", ".ndjson", ".jsonlines", ".jl")), _read_lines, _OBJECT.match)
