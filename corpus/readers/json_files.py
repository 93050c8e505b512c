"""JSON files: a list of articles, an object that holds one somewhere, an object of articles by name, or one article."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from corpus.article import Article
from corpus.cleaning.field_names import is_wrapper, text_rank
from corpus.cleaning.fields import own_text
from corpus.errors import ReadError
from corpus.readers.decoding import as_utf8
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.tables import Row, read_jsonl, row_articles

_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*(?:\{|\])|\{\s*(?:\"|\}))")
_TWO_LINES = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{[^\n]*\}[ \t\r]*\n\s*\{[ \t]*"')
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
        yield from read_jsonl(file)
        return
    where, mapped = file.where, file.mapped
    data = as_utf8(file.stream, where=where, charset=file.charset).read(_LARGEST + 1)
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


JSON = Format("JSON", frozenset((".json",)), read_json, _OPENING.match, isolated=True)
