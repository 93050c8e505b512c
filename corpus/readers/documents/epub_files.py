"""EPUB files: a book is one article, its chapters in reading order; an issue of a periodical is one article a chapter.

The parts are read with lxml directly: the usual library for EPUB (ebooklib) is under the AGPL.
"""

import posixpath
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import unquote

from corpus.article import Article
from corpus.cleaning.assemble import assemble
from corpus.cleaning.clean import clean
from corpus.cleaning.fields import known_fields
from corpus.errors import ReadError
from corpus.limits import MAX_BYTES
from corpus.readers.archives.members import Budget, member_bytes, open_archive
from corpus.readers.decoding import decode
from corpus.readers.hints import Hints
from corpus.readers.web_pages.html_blocks import blocks_of, heading_of
from corpus.readers.xml_stream import local_name, parse_xml

if TYPE_CHECKING:
    from zipfile import ZipFile

    from lxml.etree import _Element as Element

SUFFIXES = frozenset((".epub",))
ISOLATED = True
_LARGEST_BOOK = 200_000_000  # bytes of all its chapters, with mark-up
_PERIODICAL = re.compile(r"periodical|newspaper|magazine|news", re.IGNORECASE)
_FEWEST_WORDS = 40  # of a chapter of a periodical; what is shorter is a cover, a list of contents, a button
_NO_CHAPTER = re.compile(r"(?:^|/)(?:cover|toc|nav|titlepage|title_page|copyright)[^/]*$", re.IGNORECASE)


def recognises(head: bytes) -> bool:
    """Return whether the first member of an archive says that it is an EPUB file."""
    return head.startswith(b"PK") and b"mimetypeapplication/epub+zip" in head[:200]


@dataclass(frozen=True, slots=True)
class _Book:
    """What the package file says: the fields, the chapters' names in reading order, whether it is a periodical."""

    known: dict[str, str]
    chapters: list[str]
    periodical: bool


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the one article of a book, or those of an issue; a damaged chapter is reported, and the rest goes on."""
    size = file.seek(0, 2)
    file.seek(0)
    with open_archive(file, where=where) as archive:
        budget = Budget.of(size)
        book = _book(archive, where, budget)
        chapters = _chapters(archive, book, where, budget, on_bad)
        if book.periodical:
            yield from _issue(chapters, book.known, where)
            return
        text = "\n\n".join(body for name, _, body in chapters if not _NO_CHAPTER.search(name.rpartition(".")[0]))
    fetched = {"url": hints.url} if hints.url else {}
    yield assemble(text, fetched | book.known, where=where, find_title=False)


def _issue(chapters: Iterator[tuple[str, str, str]], known: dict[str, str], where: str) -> Iterator[Article]:
    """Yield the article of each chapter that is one; the issue's title is the outlet."""
    shared: dict[str, str] = {name: known[name] for name in ("published", "language") if name in known}
    if "title" in known:
        shared["source"] = known["title"]
    found = False
    for name, title, body in chapters:
        if _NO_CHAPTER.search(name.rpartition(".")[0]) or len(clean(body).split()) < _FEWEST_WORDS:
            continue
        found = True
        own = shared | ({"title": title} if title else {})
        yield replace(assemble(body, own, where=f"{where} {name}", find_title=not title), path=f"#{name}")
    if not found:
        raise ReadError(where, "the issue has no words of an article in it: check that it is the right file")


def _book(archive: "ZipFile", where: str, budget: Budget) -> _Book:
    """Return what the package file says. Raises ReadError where it is missing or names no chapter."""
    container = _part(archive, "META-INF/container.xml", where, budget)
    package_name = next((e.get("full-path", "") for e in container.iter() if local_name(e) == "rootfile"), "")
    package = _part(archive, package_name, where, budget)
    folder = posixpath.dirname(package_name)
    parts = {
        item.get("id", ""): posixpath.normpath(posixpath.join(folder, unquote(item.get("href", "").partition("#")[0])))
        for item in package.iter()
        if local_name(item) == "item" and "nav" not in (item.get("properties") or "").split()
    }
    spine = [item for item in package.iter() if local_name(item) == "itemref"]
    chapters = [parts[item.get("idref", "")] for item in spine if item.get("idref", "") in parts]
    if not chapters:
        raise ReadError(where, "its package file names no chapter: make the EPUB file again")
    found: dict[str, list[str]] = {}
    kinds = []
    for element in package.iter():
        words = "".join(element.itertext()).strip()
        if local_name(element) == "meta" and "type" in (element.get("name") or element.get("property") or "").lower():
            kinds.append(element.get("content") or words)
        elif local_name(element) in ("title", "creator", "publisher", "date", "language", "type", "subject") and words:
            found.setdefault(local_name(element), []).append(words)
    record = {
        "title": next(iter(found.get("title", ())), ""),
        "author": found.get("creator", []),
        "source": next(iter(found.get("publisher", ())), ""),
        "published": next(iter(found.get("date", ())), ""),
        "language": next(iter(found.get("language", ())), ""),
    }
    periodical = any(_PERIODICAL.search(kind) for kind in kinds + found.get("type", []))
    return _Book(known_fields(record), list(dict.fromkeys(chapters)), periodical)


def _part(archive: "ZipFile", name: str, where: str, budget: Budget) -> "Element":
    data = member_bytes(archive, name, where=where, budget=budget, limit=MAX_BYTES)
    return parse_xml(data, where=where)


def _chapters(
    archive: "ZipFile", book: _Book, where: str, budget: Budget, on_bad: Callable[[ReadError], None]
) -> Iterator[tuple[str, str, str]]:
    """Yield name, heading and text of each chapter in reading order."""
    left = _LARGEST_BOOK
    for name in book.chapters:
        try:
            data = member_bytes(archive, name, where=f"{where} {name}", budget=budget, limit=min(MAX_BYTES, left))
            left -= len(data)
            page = decode(data, where=f"{where} {name}") if data else ""
        except ReadError as error:
            on_bad(error)
            if budget.left < 0:
                return
            continue
        yield name, heading_of(page), "\n\n".join(blocks_of(page))
