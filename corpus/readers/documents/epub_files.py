"""EPUB files: a book is one article, its chapters in reading order; an issue of a periodical is one article a chapter.

The parts are read with lxml directly: the usual library for EPUB (ebooklib) is under the AGPL.
"""

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby, islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.assemble import assemble
from corpus.cleaning.byline import is_outlet
from corpus.cleaning.clean import clean
from corpus.cleaning.fields import known_fields
from corpus.cleaning.written_dates import DATE, iso_date
from corpus.errors import ReadError
from corpus.readers.archives import Package
from corpus.readers.decoding import decode
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.web_pages.small_pages import blocks_of, heading_of
from corpus.readers.xml_stream import elements_named, local_name, words_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element


_NO_CHAPTER = re.compile(r"(?:^|/)(?:cover|toc|nav|titlepage|title_page|copyright)[^/]*$", re.IGNORECASE)
_PERIODICAL = re.compile(r"periodical|newspaper|magazine|news", re.IGNORECASE)
_NAMED = re.compile(r"periodical:[\w-]+:(?P<outlet>.+)")
_DATED_TITLE = re.compile(rf"(?P<outlet>.{{2,80}}?)[\s,]*[\[(,|–—-]\s*(?P<date>{DATE})\s*[\])]?", re.IGNORECASE)
_FEWEST_WORDS = 40  # of a chapter of which nothing says that it is an article: what is shorter is a cover or a button
_FEWEST_LISTED = 8  # of one that the list of contents names
_AROUND = re.compile(  # what calibre puts around an article
    r"[|\s]*(?:(?:next|previous|section menu|main menu|back to .{1,40}|contents)[|\s]*){1,4}"
    r"|this article was downloaded by .{0,300}",
    re.IGNORECASE,
)
_ORIGIN = re.compile(r"""downloaded by.{0,200}?href\s*=\s*["'](https?://[^"'\s]{1,2000})""", re.IGNORECASE | re.DOTALL)
_SPLIT = re.compile(r"_split_\d+(?=\.\w+$)")
_MOST_ENTRIES = 20_000
_LARGEST_BOOK = 200_000_000  # bytes of all its chapters, with mark-up


@dataclass(frozen=True, slots=True)
class _Chapter:
    """One file of the book: its name, its first heading, its page and the page's words."""

    name: str
    heading: str
    page: str
    text: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line of the list of contents: its words, the file it leads to, the section it stands in, or "" for none."""

    title: str
    name: str
    section: str
    has_others: bool


def _issue_fields(known: Mapping[str, str], kinds: Sequence[str], contents: Sequence[_Entry]) -> dict[str, str] | None:
    """Return what each article of an issue has from it: outlet, day, language; None for a book that is no issue.

    kinds: what the package file says of the type of the book. known: its fields.
    """
    title = known.get("title", "")
    dated = _DATED_TITLE.fullmatch(title)
    outlet = dated["outlet"].strip() if dated else title
    sectioned = any(entry.section for entry in contents)
    if not any(_PERIODICAL.search(kind) for kind in kinds) and not (dated and (sectioned or is_outlet(outlet))):
        return None
    declared = next((match["outlet"] for kind in kinds if (match := _NAMED.fullmatch(kind.strip()))), "")
    fields = {
        "source": declared or outlet,
        "published": (iso_date(dated["date"]) if dated else None) or known.get("published"),
        "language": known.get("language"),
    }
    return {name: value for name, value in fields.items() if value}


def _articles_of_issue(
    chapters: Iterator[_Chapter], shared: Mapping[str, str], contents: Sequence[_Entry], *, where: str
) -> Iterator[Article]:
    """Yield the articles of an issue. shared: what each has from the issue."""
    listed = {entry.name: entry for entry in reversed(contents) if not entry.has_others}
    listed = listed if len(listed) > 1 else {}
    menus = {entry.name for entry in contents if entry.has_others} - listed.keys()
    found = False
    for chapter in _whole(chapters):
        entry = listed.get(chapter.name)
        text = "\n\n".join(line for line in chapter.text.split("\n\n") if not _AROUND.fullmatch(line))
        fewest = _FEWEST_LISTED if entry else _FEWEST_WORDS
        if chapter.name in menus or _is_cover(chapter.name) or len(clean(text).split()) < fewest:
            continue
        found = True
        title = entry.title if entry and entry.title and not entry.title.endswith(("…", "...")) else chapter.heading
        origin = _ORIGIN.search(chapter.page)
        own = {"title": title, "section": entry.section if entry else "", "url": origin[1] if origin else ""}
        known = dict(shared) | known_fields(own)
        article = assemble(text, known, where=f"{where} {chapter.name}", find_title="title" not in known)
        yield replace(article, path=f"#{chapter.name}")
    if not found:
        raise ReadError(where, "the issue has no words of an article in it: check that it is the right file")


def _whole(chapters: Iterator[_Chapter]) -> Iterator[_Chapter]:
    """Yield the chapters, those that calibre cut in parts for their length (`_split_001`) put together again."""
    for _, parts in groupby(chapters, key=lambda chapter: _SPLIT.sub("", chapter.name)):
        first, *others = parts
        text = "\n\n".join(part.text for part in (first, *others))
        yield replace(first, text=text, page="".join(part.page for part in (first, *others)))


def _is_cover(name: str) -> bool:
    return _NO_CHAPTER.search(name.rpartition(".")[0]) is not None


@dataclass(frozen=True, slots=True)
class _Book:
    """What the package file says: the fields, the chapters' names in reading order, its kinds, the list of contents."""

    known: dict[str, str]
    chapters: list[str]
    kinds: list[str]
    contents: list[_Entry]


def _read(file: OpenFile) -> Iterator[Article]:
    """Yield the one article of a book, or those of an issue; a damaged chapter is reported, and the rest goes on."""
    with Package(file.stream, where=file.where) as package:
        book = _book(package)
        chapters = _chapters(package, book, file.on_bad)
        shared = _issue_fields(book.known, book.kinds, book.contents)
        if shared is not None:
            yield from _articles_of_issue(chapters, shared, book.contents, where=file.where)
            return
        text = "\n\n".join(each.text for each in chapters if not _is_cover(each.name))
    fetched = {"url": file.url} if file.url else {}
    yield assemble(text, fetched | book.known, where=file.where, find_title=False)


def _book(package: Package) -> _Book:
    """Return what the package file says. Raises ReadError where it is missing or names no chapter."""
    container = package.xml("META-INF/container.xml")
    package_name = next((e.get("full-path", "") for e in elements_named(container, "rootfile")), "")
    root = package.xml(package_name)
    items = list(elements_named(root, "item"))
    ncx = "application/x-dtbncx+xml"
    lists = [i for i in items if "nav" in i.get("properties", "").split() or i.get("media-type") == ncx]
    parts = {item.get("id", ""): _inner(package_name, item.get("href", "")) for item in items if item not in lists}
    spine = [item.get("idref", "") for item in elements_named(root, "itemref")]
    chapters = [parts[name] for name in spine if name in parts]
    if not chapters:
        raise ReadError(package.where, "its package file names no chapter: make the EPUB file again")
    found: dict[str, object] = {}
    kinds, creators = [], []
    for element in root.iter():
        name, words = local_name(element), "".join(element.itertext()).strip()
        if name == "meta" and "type" in (element.get("name") or element.get("property") or "").lower():
            kinds.append(element.get("content") or words)
        elif name == "type":
            kinds.append(words)
        elif name == "creator":
            creators.append(words)
        elif name in ("title", "publisher", "date", "language") and words:
            found.setdefault(name, words)
    contents = [_inner(package_name, item.get("href", "")) for item in lists]
    return _Book(
        known_fields(found | {"creator": creators}),
        list(dict.fromkeys(chapters)),
        kinds,
        next(filter(None, (_contents(package, name) for name in contents)), []),
    )


def _inner(beside: str, address: str) -> str:
    """Return the name of the member of the archive to which an address leads that stands in another one."""
    path = unquote(address.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(beside), path))


def _contents(package: Package, name: str) -> list[_Entry]:
    """Return the lines of a list of contents, NCX or XHTML, in order; none where it cannot be read."""
    try:
        root = package.xml(name)
    except ReadError:
        return []
    labels = {line: _label(line) for line in islice(elements_named(root, "navpoint", "li"), _MOST_ENTRIES)}
    entries = []
    for line, (title, link) in labels.items():
        above = [labels[outer][0] for outer in line.iterancestors() if outer in labels]
        has_others = len(list(islice(elements_named(line, "navpoint", "li"), 2))) > 1
        if link:
            entries.append(_Entry(title, _inner(name, link), next(filter(None, reversed(above)), ""), has_others))
    return entries


def _label(line: "Element") -> tuple[str, str]:
    """Return the words and the address of a line of contents, without those of the lines under it."""
    words, link = "", ""
    for part in line.iter():
        name = local_name(part)
        if (part is not line and name in ("navpoint", "li")) or (words and link):
            break
        if name in ("a", "span", "text"):
            words = words or words_of(part)
        link = link or part.get("src") or (part.get("href") if name == "a" else "") or ""
    return words, link


def _chapters(package: Package, book: _Book, on_bad: Callable[[ReadError], None]) -> Iterator[_Chapter]:
    left = _LARGEST_BOOK
    for name in book.chapters:
        where = f"{package.where} {name}"
        try:
            data = package.member(name, where=where, limit=min(MAX_BYTES, left))
            left -= len(data)
            page = decode(data, where=where) if data else ""
        except ReadError as error:
            on_bad(error)
            if package.budget.left < 0:
                return
            continue
        yield _Chapter(name, heading_of(page), page, "\n\n".join(blocks_of(page)))


EPUB = Format(
    "EPUB",
    frozenset((".epub",)),
    _read,
    re.compile(rb"PK.{0,200}mimetypeapplication/epub\+zip", re.DOTALL).match,
    isolated=True,
)
