"""Word files (.docx): headings, paragraphs, tables and text boxes in their order, and the document's own properties.

The parts are read with lxml directly: only those that hold words, within limits, and with the words of tracked
insertions, which the usual library leaves out.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, BinaryIO

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.columns import row_of, span_of
from corpus.cleaning.fields import known_fields
from corpus.errors import ReadError
from corpus.readers.archives.members import Budget, member_bytes, open_archive
from corpus.readers.hints import Hints
from corpus.readers.text_files import document_articles
from corpus.readers.xml_stream import attribute, local_name, parse_xml

if TYPE_CHECKING:
    from zipfile import ZipFile

    from lxml.etree import _Element as Element

SUFFIXES = frozenset((".docx", ".docm"))
ISOLATED = True
_LARGEST_PART = 5 * MAX_BYTES  # of XML, which is much mark-up for few words
_CONTENTS = re.compile(r"(?:toc|verzeichnis|tm|tdc|sommario)\d|tocheading")  # Word's list of contents
_SPACES = {"tab": " ", "br": "\n", "cr": "\n", "nobreakhyphen": "-", "softhyphen": ""}
# What is in the file but not on the page: deleted words, field codes, the second form of a drawing, notes' numbers.
_SILENT = frozenset("del movefrom instrtext deltext fallback rpr ppr sectpr tblpr trpr tcpr tblgrid".split())


def recognises(head: bytes) -> bool:
    """Return False: Word files are told by their members, not by their first bytes."""
    return False


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the article of the document, or those of a press database's download."""
    budget = Budget.of(file)
    with open_archive(file, where=where) as archive:
        name = next((n for n in archive.namelist() if n.lower() == "word/document.xml"), "word/document.xml")
        root = parse_xml(member_bytes(archive, name, where=where, budget=budget, limit=_LARGEST_PART), where=where)
        known = _properties(archive, where, budget)
    blocks = [(style, words) for style, words in _blocks(root) if not _CONTENTS.match(style)]
    title = next((words for style, words in blocks[:3] if style == "title"), "")
    text = "\n\n".join(words for _, words in blocks)
    yield from document_articles(text, title, known, where=where, hints=hints, on_bad=on_bad)


def _properties(archive: "ZipFile", where: str, budget: Budget) -> dict[str, str]:
    """Return what the document says of itself: its title, writer, language and section, and no days.

    Its days are those on which the file was made and saved, not those of the article.
    """
    try:
        data = member_bytes(archive, "docProps/core.xml", where=where, budget=budget, limit=MAX_BYTES)
        root = parse_xml(data, where=where)
    except ReadError:
        return {}
    found = {local_name(child): "".join(child.itertext()).strip() for child in root}
    record = {"title": found.get("title"), "author": found.get("creator"), "language": found.get("language")}
    return known_fields(record | {"section": found.get("category")})


def _blocks(root: "Element") -> Iterator[tuple[str, str]]:
    """Yield (style, words) of each paragraph and table row; a text box comes after the paragraph that it hangs on."""
    cells: list[str] = []  # of the last row
    for element in root:
        name = local_name(element)
        if name == "p":
            yield from _paragraph(element)
        elif name == "tr":
            cells = _cells(element, cells)
            if row := row_of(cells):
                yield "", row
        elif name not in _SILENT:
            yield from _blocks(element)


def _cells(row: "Element", above: Sequence[str]) -> list[str]:
    """Return the words of a row's cells. One that spans several rows or columns is repeated in each.

    above: the cells of the row above. A cell alone in its row names the table, and stands once.
    """
    cells: list[str] = []
    parts = [part for part in row if local_name(part) == "tc"]
    for part in parts:
        told = {local_name(e): attribute(e, "val") for head in part if local_name(head) == "tcpr" for e in head}
        if told.get("vmerge") in ("", "continue") and len(cells) < len(above):
            words = above[len(cells)]
        else:
            words = " ".join(words for p in _within(part, "p") for _, words in _paragraph(p))
        cells += [" ".join(words.split())] * (span_of(told.get("gridspan", "")) if len(parts) > 1 else 1)
    return cells


def _paragraph(paragraph: "Element") -> Iterator[tuple[str, str]]:
    """Yield the words of a paragraph with its style, and those of the text boxes in it."""
    boxes: list[Element] = []
    words = "".join(_parts(paragraph, boxes)).strip()
    style = next(_within(paragraph, "pstyle"), None)
    if words:
        yield attribute(style, "val").lower() if style is not None else "", words
    for box in boxes:
        yield from _blocks(box)


def _parts(element: "Element", boxes: "list[Element]") -> Iterator[str]:
    """Yield the words of a paragraph in pieces, and note the text boxes in it."""
    for inner in element:
        name = local_name(inner)
        if name == "txbxcontent":
            boxes.append(inner)
        elif name == "t":
            yield inner.text or ""
        elif name in _SPACES:
            yield _SPACES[name]
        elif name not in _SILENT:
            yield from _parts(inner, boxes)


def _within(element: "Element", name: str) -> Iterator["Element"]:
    return (inner for inner in element.iter() if local_name(inner) == name)
