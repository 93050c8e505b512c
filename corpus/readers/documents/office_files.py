"""Word files (.docx) and OpenDocument texts (.odt): headings, paragraphs and tables in their order, and properties.

The parts are read with lxml directly: only those that hold words, within limits, and in Word files with the words of
text boxes and tracked insertions, which the usual library leaves out.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.fields import known_fields
from corpus.cleaning.text_tables import row_of, span_of
from corpus.errors import ReadError
from corpus.readers.archives import Package
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.text_files import document_articles
from corpus.readers.xml_stream import attribute, elements_named, local_name

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

_Blocks = Iterator[tuple[str, str]]
"""The style and the words of each paragraph, and of each row of a table."""
_Cells = Callable[["Element", Sequence[str]], list[str]]
"""Returns the words of a row's cells; it is given the cells of the row above, too."""

_LARGEST_PART = 5 * MAX_BYTES  # of XML, which is much mark-up for few words
_CONTENTS = re.compile(r"(?:toc|verzeichnis|tm|tdc|sommario)\d|tocheading")  # Word's list of contents
_HEADING = "h"  # OpenDocument's style of any heading
_SPACES = {"tab": " ", "br": "\n", "cr": "\n", "nobreakhyphen": "-", "softhyphen": ""}
_ODT_SPACES = {"s": " ", "tab": " ", "line-break": "\n"}
# What is in the file but not on the page: deleted words, comments, field codes, the second form of a drawing, settings.
_SILENT = frozenset(
    "del movefrom instrtext deltext fallback rpr ppr sectpr tblpr trpr tcpr tblgrid "
    "tracked-changes annotation annotation-end note-citation forms sequence-decls title desc".split()
)


def _read(
    file: OpenFile, *, text: str, facts: str, paragraph: "Callable[[Element], _Blocks]", cells: "_Cells"
) -> Iterator[Article]:
    """Yield the article of the document, or those of a press database's download.

    text, facts: names of the parts with the words, and with what the document says of itself. For the rest see
    `_blocks_of`.
    """
    with Package(file.stream, where=file.where) as package:
        name = next((n for n in package.names if n.lower() == text), text)
        blocks = _blocks_of(package.xml(name, limit=_LARGEST_PART), paragraph, cells)
        found = [(style, words) for style, words in blocks if not _CONTENTS.match(style)]
        known = _properties(package, facts)
    title = next((words for style, words in found[:3] if style == "title"), "")
    if not title and len(found) > 1 and found[0][0] == _HEADING:
        title = found[0][1]
    yield from document_articles(file, "\n\n".join(words for _, words in found), title, known)


def _properties(package: Package, name: str) -> dict[str, str]:
    """Return what the document says of itself: its title, writer, language and section, and no days.

    Its days are those on which the file was made and saved, not those of the article.
    """
    try:
        root = package.xml(name)
    except ReadError:
        return {}
    found = {local_name(element): "".join(element.itertext()).strip() for element in root.iter()}
    writer = found.get("initial-creator") or found.get("creator")
    record = {"title": found.get("title"), "author": writer, "language": found.get("language")}
    return known_fields(record | {"section": found.get("category")})


def _blocks_of(root: "Element", paragraph: "Callable[[Element], _Blocks]", cells: "_Cells") -> _Blocks:
    """Yield the blocks of a part in order. paragraph: yields those of a paragraph. cells: returns a row's cells."""
    last: list[str] = []  # the cells of the last row
    for element in root:
        name = local_name(element)
        if name in ("p", "h"):
            yield from paragraph(element)
        elif name in ("tr", "table-row"):
            last = cells(element, last)
            if row := row_of(last):
                yield "", row
        elif name not in _SILENT:
            yield from _blocks_of(element, paragraph, cells)


def _word_cells(row: "Element", above: Sequence[str]) -> list[str]:
    """Return the words of a row's cells. One that spans several rows or columns is repeated in each.

    above: the cells of the row above. A cell alone in its row names the table, and stands once.
    """
    cells: list[str] = []
    parts = [part for part in row if local_name(part) == "tc"]
    for part in parts:
        properties = {local_name(e): attribute(e, "val") for head in part if local_name(head) == "tcpr" for e in head}
        if properties.get("vmerge") in ("", "continue") and len(cells) < len(above):
            words = above[len(cells)]
        else:
            words = " ".join(words for p in elements_named(part, "p") for _, words in _word_paragraph(p))
        cells += [" ".join(words.split())] * (span_of(properties.get("gridspan", "")) if len(parts) > 1 else 1)
    return cells


def _word_paragraph(paragraph: "Element") -> _Blocks:
    """Yield the words of a paragraph with its style, and those of the text boxes in it."""
    boxes: list[Element] = []
    words = "".join(_parts(paragraph, boxes)).strip()
    style = next(elements_named(paragraph, "pstyle"), None)
    if words:
        yield attribute(style, "val").lower() if style is not None else "", words
    for box in boxes:
        yield from _blocks_of(box, _word_paragraph, _word_cells)


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


def _odt_paragraph(paragraph: "Element") -> _Blocks:
    """Yield the words of a paragraph or heading with its style."""
    if words := _odt_words(paragraph).strip():
        style = attribute(paragraph, "style-name").lower()
        yield style if local_name(paragraph) == "p" or style == "title" else _HEADING, words


def _odt_cells(row: "Element", above: Sequence[str]) -> list[str]:
    """Return the words of a row's cells. One that spans several rows or columns, or is repeated, stands in each.

    above: the cells of the row above. A cell alone in its row names the table, and stands once.
    """
    cells: list[str] = []
    own = covered = span = 0
    for part in row:
        name, times = local_name(part), span_of(attribute(part, "number-columns-repeated"))
        if name == "table-cell":
            words = " ".join(" ".join(map(_odt_words, elements_named(part, "p", "h"))).split())
            span = span_of(attribute(part, "number-columns-spanned"))
            cells += [words] * max(span, times)
            own, covered = own + 1, span - 1
        elif name == "covered-table-cell":
            from_above = max(times - covered, 0)
            covered -= times - from_above
            for _ in range(from_above):
                cells.append(above[len(cells)] if len(cells) < len(above) else "")
    return cells[:1] if own == 1 and len(cells) == span else cells


def _odt_words(element: "Element") -> str:
    parts = [element.text or ""]
    for child in element:
        name = local_name(child)
        if name in _ODT_SPACES:
            parts.append(_ODT_SPACES[name])
        elif name and name not in _SILENT:
            parts.append(_odt_words(child))
        parts.append(child.tail or "")
    return "".join(parts)


DOCX = Format(  # told by its members, not by its first bytes
    "Word",
    frozenset((".docx", ".docm")),
    partial(_read, text="word/document.xml", facts="docProps/core.xml", paragraph=_word_paragraph, cells=_word_cells),
    isolated=True,
)
ODT = Format(
    "OpenDocument",
    frozenset((".odt", ".ott")),
    partial(_read, text="content.xml", facts="meta.xml", paragraph=_odt_paragraph, cells=_odt_cells),
    re.compile(rb"PK.{0,200}mimetypeapplication/vnd\.oasis\.opendocument\.text", re.DOTALL).match,
    isolated=True,
)
