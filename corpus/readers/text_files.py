"""Plain text files: title, byline, day and place where they stand in the text, or in labelled lines above it."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import BinaryIO

from corpus.article import Article, read_all
from corpus.cleaning.assemble import articles_of, assemble, complete
from corpus.cleaning.field_names import field_of
from corpus.cleaning.fields import known_fields
from corpus.errors import ReadError
from corpus.readers.decoding import decode
from corpus.readers.hints import Hints
from corpus.readers.press_databases import press_records

SUFFIXES = frozenset((".txt", ".text"))
ISOLATED = False
_LABELLED = re.compile(r"[ \t]*([A-Za-z][A-Za-z -]{1,20}):[ \t]+(\S[^\n]{0,1000})")
_TEXT_LABEL = re.compile(r"\s*(?:text|body|content|article):[ \t]*(?=\n)", re.IGNORECASE)
_MOST_LABELS = 12
_SURE = frozenset(("title", "url"))


def recognises(head: bytes) -> bool:
    """Return whether the first bytes of a file look like this format: plain text looks like nothing in particular."""
    return False


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the article of the file, or those of a press database's download."""
    text = decode(read_all(file, where=where), where=where)
    yield from document_articles(text, "", {}, where=where, hints=hints, on_bad=on_bad)


def document_articles(
    text: str,
    title: str,
    properties: Mapping[str, str],
    *,
    where: str,
    hints: Hints,
    on_bad: Callable[[ReadError], None],
) -> Iterator[Article]:
    """Yield the article of a document, or those of a press database's download.

    title: as the document shows it, "" for none. properties: what the file says of itself where its text does not.
    """
    if records := press_records(text):
        yield from articles_of(records, where=where, on_bad=on_bad)
        return
    labelled, body = labelled_lines(text)
    shown = ({"title": title} if title else {}) | labelled
    told = dict(properties) | ({"url": hints.url} if hints.url else {})
    yield complete(assemble(body, shown, where=where, find_title="title" not in shown), told)


def labelled_lines(text: str) -> tuple[dict[str, str], str]:
    """Return the fields of lines such as "Title: …" and "Date: …" at the top, and the text below them.

    One such line alone may be a sentence's start; only a title or an address is taken at its word.
    """
    record: dict[str, object] = {}
    at = len(text) - len(text.lstrip("\ufeff\r\n \t"))
    while len(record) < _MOST_LABELS and (match := _LABELLED.match(text, at)) and field_of(match[1]):
        record[match[1]] = match[2]
        at = match.end()
        while text[at : at + 1] in ("\r", "\n"):
            at += 1
    known = known_fields(record)
    if len(known) < 2 and not _SURE & known.keys():
        return {}, text
    label = _TEXT_LABEL.match(text, at)
    return known, text[label.end() if label else at :]
