"""JSON files: a list of articles, an object that holds one somewhere, an object of articles by name, or one article.

Read piece by piece with ijson, so that a file of any size takes the memory of one article.
"""

import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from corpus.article import Article
from corpus.cleaning.assemble import article_of
from corpus.cleaning.field_names import field_of, is_wrapper, plain_name, text_rank
from corpus.cleaning.fields import INNER, KINDS, NODE_LISTS, known_fields
from corpus.cleaning.written_dates import date_order, in_order
from corpus.errors import ReadError
from corpus.readers.decoding import as_utf8
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.tables import read_jsonl

_OPENING = re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:\[\s*(?:\{|\])|\{\s*(?:\"|\}))")
_TWO_LINES = re.compile(rb'(?:\xef\xbb\xbf)?\s*\{[^\n]*\}[ \t\r]*\n\s*\{[ \t]*"')
_LONGEST_PREFIX = 1_000  # characters of the names that lead to a value; what is deeper is made to be slow
_ENOUGH = 200  # articles of one list, after which it is clear that it is the list
_MOST_OPENED = 1_000  # brackets more than are closed, in one piece of a file
_MOST_LISTS = 10_000
_LARGEST_MENDED = 50_000_000

_Event = tuple[str, str, Any]


def read_json(file: OpenFile) -> Iterator[Article]:
    """Yield the articles; one that has no text is reported with its number, and the rest goes on."""
    if _TWO_LINES.match(file.stream.read(1 << 16)):
        file.stream.seek(0)
        yield from read_jsonl(file)
        return
    stream, where = as_utf8(file.stream, where=file.where, charset=file.charset), file.where
    start = stream.tell()
    broken: ReadError | None = None
    feed: dict[str, str] = {}
    wanted = file.mapped.get("text")
    no_text = f"no object in it has a field {wanted or 'text (or body, content, articleBody)'} with words in it; "
    no_text += "name yours with --map text=NAME"
    try:
        place = _place(_noting(_events(stream, where), feed), wanted)
    except ReadError as error:
        broken = error
        mended = _mended(stream, start)
        if mended is not None:
            stream, start = mended, 0
        stream.seek(start)
        place = _place(_until_broken(_events(stream, where)), wanted)
    if place is None:
        raise broken or ReadError(where, f"JSON without an article: {no_text}")
    stream.seek(start)
    order = date_order(_records(_until_broken(_events(stream, where)), place), file.mapped)
    stream.seek(start)
    good = 0
    for number, record in enumerate(_records(_events(stream, where), place), start=1):
        try:
            dated = in_order(record, order, file.mapped)
            article = article_of(dated, where=f"{where} article {number}", mapped=file.mapped)
        except ReadError as error:
            file.on_bad(error)
            continue
        good += 1
        is_feed = feed.get("version", "").startswith("https://jsonfeed.org/version/")  # its title is its outlet's
        outlet = known_fields({"source": feed.get("title")}).get("source") if is_feed else None
        yield replace(article, source=article.source or outlet)
    if not good:
        raise ReadError(where, f"none of its records is an article: {no_text}")


class _Shallow:
    """A file that ends in an error where it is nested too deeply: ijson makes the names of a whole piece at once."""

    def __init__(self, file: BinaryIO, where: str) -> None:
        self._file, self._where = file, where

    def read(self, size: int = -1) -> bytes:
        """Return the next piece."""
        piece = self._file.read(size)
        if piece.count(b"[") + piece.count(b"{") - piece.count(b"]") - piece.count(b"}") > _MOST_OPENED:
            raise ReadError(self._where, "its JSON is nested too deeply: simplify it")
        return piece


def _events(file: BinaryIO, where: str) -> Iterator[_Event]:
    """Yield what ijson finds: the names that lead to a value, what begins or ends there, and the value."""
    import ijson

    try:
        for prefix, event, value in ijson.parse(_Shallow(file, where), multiple_values=True, use_float=True):
            if len(prefix) > _LONGEST_PREFIX:
                raise ReadError(where, "its JSON is nested too deeply: simplify it")
            yield prefix, event, value
    except (ijson.JSONError, ValueError) as error:
        reason = next(iter(str(error).strip().splitlines()), "it ends too early")[:150]
        raise ReadError(where, f"not JSON, or broken off ({reason}): save it again") from error


def _noting(events: Iterable[_Event], feed: dict[str, str]) -> Iterator[_Event]:
    """Yield the events, and note what a JSON Feed says of itself."""
    for prefix, event, value in events:
        if event == "string" and prefix in ("version", "title"):
            feed[prefix] = value
        yield prefix, event, value


def _until_broken(events: Iterator[_Event]) -> Iterator[_Event]:
    """Yield the events up to where the file is broken."""
    with suppress(ReadError):
        yield from events


def _mended(file: BinaryIO, start: int) -> BinaryIO | None:
    """Return a file with what only some programs write (NaN, line ends in strings) as all read it; else None."""
    file.seek(start)
    data = file.read(_LARGEST_MENDED + 1)
    if len(data) > _LARGEST_MENDED:
        return None
    with suppress(ValueError, RecursionError):
        return io.BytesIO(json.dumps(json.loads(data, strict=False, parse_constant=lambda _: None)).encode())
    return None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the articles are: the names that lead to each, or for `keyed` to the object whose values they are."""

    prefix: str
    keyed: bool = False


def _place(events: Iterable[_Event], mapped: str | None) -> _Place | None:
    """Return where the articles are: where most text is, of the least deep places that have any.

    mapped: the name of the text, if it was given.
    """
    nodes = _Nodes()
    found: dict[tuple[int, str], list[int]] = {}  # (rank, prefix of the object) -> [texts, characters]
    for prefix, event, value in events:
        nodes.note(prefix, event, value)
        if event != "string" or not value.strip():
            continue
        rank, holder = _mapped_holder(prefix, mapped) if mapped else _holder(prefix)
        if rank is None and not mapped and nodes.are_open(prefix):
            rank, holder = 0, prefix.rpartition(".")[0]
        if rank is None:
            continue
        counted = found.setdefault((rank, holder), [0, 0])
        counted[0] += 1
        counted[1] += len(value)
        if counted[0] >= _ENOUGH and holder.count(".") <= 1 and not rank:
            break
    found = nodes.gathered(found)
    if not found:
        return None
    best = min(rank for rank, _ in found)
    places = {prefix: counts for (rank, prefix), counts in found.items() if rank == best}
    shallow = min(map(_depth, places))
    near = {prefix: counts for prefix, counts in places.items() if _depth(prefix) == shallow}
    if "" not in near and len(near) > 1 and not any(p.split(".")[-1] == "item" for p in near):
        parents = {prefix.rpartition(".")[0] for prefix in near}
        if len(parents) == 1:
            return _Place(parents.pop(), keyed=True)
    return _Place(max(near, key=lambda prefix: near[prefix][1]))


class _Nodes:
    """The lists whose items are nodes of one text, not articles: they say what they are, and none has a title."""

    def __init__(self) -> None:
        self._open: dict[str, set[str]] = {}  # names of the item in hand
        self._nodes: set[str] = set()
        self._articles: set[str] = set()

    def note(self, prefix: str, event: str, value: object) -> None:
        """Note what the items of a list look like that may be nodes."""
        if event == "map_key":
            if prefix in self._open:
                self._open[prefix].add(str(value))
        elif event == "start_map" and prefix.endswith(".item") and plain_name(prefix.split(".")[-2]) in NODE_LISTS:
            if len(self._nodes) + len(self._articles) < _MOST_LISTS:
                self._open[prefix] = set()
        elif event == "end_map" and prefix in self._open:
            names = self._open.pop(prefix)
            if plain_name(prefix.split(".")[-2]) == "sections":
                # Of a text, as news crawlers keep it; of a site, they are lists of articles.
                self._nodes.update([prefix] if plain_name(prefix.split(".")[-3:][0]) in NODE_LISTS else [])
            elif any(field_of(name) in ("title", "published") for name in names) and any(
                text_rank(name) == 0 for name in names
            ):
                self._articles.add(prefix)
            elif names & KINDS or names <= INNER:
                self._nodes.add(prefix)

    def are_open(self, prefix: str) -> bool:
        """Return whether a value lies within what may be nodes, under a name that leads to words."""
        return bool(self._open) and prefix.rpartition(".")[2] in INNER

    def gathered(self, found: Mapping[tuple[int, str], list[int]]) -> dict[tuple[int, str], list[int]]:
        """Return the places of texts, those within a list of nodes counted where the list is: one text, not many."""
        lists = self._nodes - self._articles
        places: dict[tuple[int, str], list[int]] = {}
        for (rank, holder), (texts, characters) in found.items():
            outer = min((p for p in lists if holder == p or holder.startswith(f"{p}.")), key=len, default=None)
            if outer is None:
                counted = places.setdefault((rank, holder), [0, 0])
                counted[0] += texts
            else:
                counted = places.setdefault((0, _above_nodes(outer)), [0, 0])
                counted[0] += 1
            counted[1] += characters
        return places


def _above_nodes(prefix: str) -> str:
    """Return the names that lead to the object of which a list of nodes is the text."""
    names = prefix.split(".")[:-2]
    while (
        names and names[-1] in INNER and len(names) > 1 and plain_name(names[-1]) in NODE_LISTS | {"document", "root"}
    ):
        names.pop()  # {"body": {"content": [nodes]}}
    return ".".join(names)


def _depth(prefix: str) -> int:
    """Return how many names lead to a place, the places in lists not counted."""
    return sum(name != "item" for name in prefix.split(".") if name)


def _holder(prefix: str) -> tuple[int | None, str]:
    """Return whether a value's name is that of a text (0) or a teaser (1), and the names that lead to its object."""
    names = prefix.split(".")
    while len(names) > 1 and (names[-1] == "item" or (is_wrapper(names[-1]) and text_rank(names[-2]) is not None)):
        names.pop()
    rank = text_rank(names[-1])
    names.pop()
    while names and is_wrapper(names[-1]) and len(names) > 1 and names[-2] == "item":
        names.pop()
    return rank, ".".join(names)


def _mapped_holder(prefix: str, name: str) -> tuple[int | None, str]:
    """Return 0 and the names that lead to the object where a value has the name that was given, else None."""
    plain = prefix.removesuffix(".item")
    if plain == name:
        return 0, ""
    return (0, plain.removesuffix(f".{name}")) if plain.endswith(f".{name}") else (None, "")


def _records(events: Iterable[_Event], place: _Place) -> Iterator[dict[str, object]]:
    """Yield the objects at a place, one in memory at a time."""
    from ijson.common import ObjectBuilder

    builder: ObjectBuilder | None = None
    own: str | None = None
    for prefix, event, value in events:
        if builder is None:
            here = prefix.rpartition(".")[0] == place.prefix and prefix != "" if place.keyed else prefix == place.prefix
            if event != "start_map" or not here:
                continue
            builder, own = ObjectBuilder(), prefix
        builder.event(event, value)
        if event == "end_map" and prefix == own:
            yield builder.value
            builder = None


JSON = Format("JSON", frozenset((".json",)), read_json, _OPENING.match, isolated=True)
