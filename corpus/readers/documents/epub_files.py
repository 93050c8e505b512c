"""EPUB files: a book is one article, its chapters in reading order; an issue of a periodical is one article a chapter.

The parts are read with lxml directly: the usual library for EPUB (ebooklib) is under the AGPL.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from corpus.article import Article
from corpus.cleaning.assemble import assemble
from corpus.cleaning.byline import is_outlet
from corpus.cleaning.clean import clean
from corpus.cleaning.fields import known_fields
from corpus.cleaning.written_dates import DATE, iso_date
from corpus.errors import ReadError
from corpus.readers.archives import Package
from corpus.readers.open_file import Format, OpenFile, decode
from corpus.readers.web_pages.html_pages import blocks_of, heading_of
from corpus.readers.xml_stream import elements_named, local_name, words_of

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_NO_CHAPTER = re.compile(r"(?:^|/)(?:cover|toc|nav|titlepage|title_page|copyright)[^/]*$", re.IGNORECASE)
_PERIODICAL = re.compile(r"periodical|newspaper|magazine|news", re.IGNORECASE)
_DATED_TITLE = re.compile(rf"(?P<outlet>.{{2,80}}?)[\s,]*[\[(,|–—-]\s*(?P<date>{DATE})\s*[\])]?", re.IGNORECASE)
_FEWEST_WORDS = 15  # of an article of an issue; what is shorter is a cover or a button
_AROUND = re.compile(  # what calibre puts around an article
    r"[|\s]*(?:(?:next|previous|section menu|main menu|back to .{1,40}|contents)[|\s]*){1,4}"
    r"|this article was downloaded by .{0,300}",
    re.IGNORECASE,
)
_ORIGIN = re.compile(r"""downloaded by.{0,200}?href\s*=\s*["'](https?://[^"'\s]{1,2000})""", re.IGNORECASE | re.DOTALL)
_MOST_ENTRIES = 20_000


_Listed = dict[str, tuple[str, str]]
"""Title and section, or "" for none, of each file that a list of contents names."""


def _read(file: OpenFile) -> Iterator[Article]:
    """Yield the one article of a book, or those of an issue; a damaged chapter is reported, and the rest goes on."""
    with Package(file.stream, where=file.where) as package:
        container = package.xml("META-INF/container.xml")
        name = next((e.get("full-path", "") for e in elements_named(container, "rootfile")), "")
        root = package.xml(name)
        lists: list[str] = []
        parts: dict[str, str] = {}
        for item in elements_named(root, "item"):
            inner = _inner(name, item.get("href", ""))
            if "nav" in item.get("properties", "").split() or item.get("media-type") == "application/x-dtbncx+xml":
                lists.append(inner)
            else:
                parts[item.get("id", "")] = inner
        spine = [parts[each.get("idref", "")] for each in elements_named(root, "itemref") if each.get("idref") in parts]
        if not spine:
            raise ReadError(file.where, "its package file names no chapter: make the EPUB file again")
        chapters = _chapters(package, [each for each in dict.fromkeys(spine) if not _NO_CHAPTER.search(each)], file)
        contents = [_contents(package, each) for each in lists]
        listed, menus = next((each for each in contents if each[0]), ({}, set()))
        known, is_periodical = _properties(root)
        shared = _issue_fields(known, listed, is_periodical=is_periodical)
        if shared is not None:
            of_articles = ((chapter, page) for chapter, page in chapters if chapter not in menus)
            yield from _articles_of_issue(of_articles, shared, listed, where=file.where)
            return
        text = "\n\n".join(block for _, page in chapters for block in blocks_of(page))
    fetched = {"url": file.url} if file.url else {}
    yield assemble(text, fetched | known, where=file.where, find_title=False)


def _inner(beside: str, address: str) -> str:
    """Return the name of the member of the archive to which an address leads that stands in another one."""
    path = unquote(address.partition("#")[0])
    return posixpath.normpath(posixpath.join(posixpath.dirname(beside), path))


def _chapters(package: Package, names: Sequence[str], file: OpenFile) -> Iterator[tuple[str, str]]:
    """Yield the name and the page of each chapter."""
    for name in names:
        where = f"{package.where} {name}"
        try:
            data = package.member(name, where=where)
            page = decode(data, where=where) if data else ""
        except ReadError as error:
            file.on_bad(error)
            if package.budget.left < 0:
                return
            continue
        yield name, page


def _properties(root: "Element") -> tuple[dict[str, str], bool]:
    """Return the fields that the package file has, and whether it calls the book a periodical."""
    found: dict[str, object] = {}
    creators: list[str] = []
    is_periodical = False
    for element in root.iter():
        name, words = local_name(element), "".join(element.itertext()).strip()
        if name == "type" or "type" in (element.get("name") or element.get("property") or "").lower():
            is_periodical = is_periodical or _PERIODICAL.search(element.get("content") or words) is not None
        elif name == "creator":
            creators.append(words)
        elif name in ("title", "publisher", "date", "language") and words:
            found.setdefault(name, words)
    return known_fields(found | {"creator": creators}), is_periodical


def _contents(package: Package, name: str) -> tuple[_Listed, set[str]]:
    """Return what a list of contents, NCX or XHTML, says of its files, and the files that list those of a section."""
    listed: _Listed = {}
    menus: set[str] = set()
    try:
        lines = list(islice(elements_named(package.xml(name), "navpoint", "li"), _MOST_ENTRIES))
    except ReadError:
        return listed, menus
    titles = {line: next(map(words_of, elements_named(line, "a", "span", "text")), "") for line in lines}
    for line, title in titles.items():
        link = next((link for part in line.iter() if (link := part.get("src") or part.get("href"))), "")
        sections = [titles[outer] for outer in line.iterancestors() if titles.get(outer)]
        if len(list(islice(elements_named(line, "navpoint", "li"), 2))) > 1:
            menus.add(_inner(name, link))
        else:
            listed.setdefault(_inner(name, link), (title, sections[-1] if sections else ""))
    return listed, menus - listed.keys()


def _issue_fields(known: Mapping[str, str], listed: _Listed, *, is_periodical: bool) -> dict[str, str] | None:
    """Return what each article of an issue has from it: outlet, day, language; None for a book that is no issue."""
    title = known.get("title", "")
    dated = _DATED_TITLE.fullmatch(title)
    outlet = dated["outlet"].strip() if dated else title
    if not is_periodical and not (dated and (any(section for _, section in listed.values()) or is_outlet(outlet))):
        return None
    day = (iso_date(dated["date"]) if dated else None) or known.get("published")
    fields = {"source": outlet, "published": day, "language": known.get("language")}
    return {name: value for name, value in fields.items() if value}


def _articles_of_issue(
    chapters: Iterator[tuple[str, str]], shared: Mapping[str, str], listed: _Listed, *, where: str
) -> Iterator[Article]:
    """Yield the articles of an issue. shared: what each has from the issue."""
    found = False
    for name, page in chapters:
        text = "\n\n".join(block for block in blocks_of(page) if not _AROUND.fullmatch(block))
        if len(clean(text).split()) < _FEWEST_WORDS:
            continue
        found = True
        title, section = listed.get(name, ("", ""))
        origin = _ORIGIN.search(page)
        own = {"title": title or heading_of(page), "section": section, "url": origin[1] if origin else ""}
        known = dict(shared) | known_fields(own)
        article = assemble(text, known, where=f"{where} {name}", find_title="title" not in known)
        yield replace(article, path=f"#{name}")
    if not found:
        raise ReadError(where, "the issue has no words of an article in it: check that it is the right file")


EPUB = Format(
    "EPUB",
    frozenset((".epub",)),
    _read,
    re.compile(rb"PK.{0,200}mimetypeapplication/epub\+zip", re.DOTALL).match,
    isolated=True,
)
