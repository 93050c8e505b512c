"""OpenDocument texts (.odt), as LibreOffice saves them: headings, paragraphs and tables, and the file's own title.

The parts are read with lxml directly, as those of Word files are.
"""

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

SUFFIXES = frozenset((".odt", ".ott"))
ISOLATED = True
_LARGEST_PART = 5 * MAX_BYTES
_HEADING = "h"
_SPACES = {"s": " ", "tab": " ", "line-break": "\n"}
# What is in the file but not in the text: deleted words, comments, the numbers of notes, settings, fields for forms.
_SILENT = frozenset("tracked-changes annotation annotation-end note-citation forms sequence-decls title desc".split())


def recognises(head: bytes) -> bool:
    """Return whether the first member of an archive says that it is an OpenDocument text."""
    return head.startswith(b"PK") and b"mimetypeapplication/vnd.oasis.opendocument.text" in head[:200]


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the article of the document, or those of a press database's download."""
    budget = Budget.of(file)
    with open_archive(file, where=where) as archive:
        data = member_bytes(archive, "content.xml", where=where, budget=budget, limit=_LARGEST_PART)
        blocks = list(_blocks(parse_xml(data, where=where)))
        known = _properties(archive, where, budget)
    text = "\n\n".join(words for _, words in blocks)
    title = next((words for style, words in blocks[:3] if style == "title"), "")
    if not title and len(blocks) > 1 and blocks[0][0] == _HEADING:
        title = blocks[0][1]
    yield from document_articles(text, title, known, where=where, hints=hints, on_bad=on_bad)


def _properties(archive: "ZipFile", where: str, budget: Budget) -> dict[str, str]:
    """Return title, writer and language that the document names, and no days: those are its own, not the article's."""
    try:
        root = parse_xml(member_bytes(archive, "meta.xml", where=where, budget=budget, limit=MAX_BYTES), where=where)
    except ReadError:
        return {}
    found = {local_name(element): "".join(element.itertext()).strip() for element in root.iter()}
    writer = found.get("initial-creator") or found.get("creator")
    return known_fields({"title": found.get("title"), "author": writer, "language": found.get("language")})


def _blocks(root: "Element") -> Iterator[tuple[str, str]]:
    """Yield (style, words) of each paragraph, heading and row of a table, in order."""
    cells: list[str] = []  # of the last row
    for element in root:
        name = local_name(element)
        if name in ("p", "h"):
            if words := _words(element).strip():
                style = attribute(element, "style-name")
                yield style.lower() if name == "p" or style.lower() == "title" else _HEADING, words
        elif name == "table-row":
            cells = _cells(element, cells)
            if row := row_of(cells):
                yield "", row
        elif name not in _SILENT:
            yield from _blocks(element)


def _cells(row: "Element", above: Sequence[str]) -> list[str]:
    """Return the words of a row's cells. One that spans several rows or columns, or is repeated, stands in each.

    above: the cells of the row above. A cell alone in its row names the table, and stands once.
    """
    cells: list[str] = []
    own = covered = span = 0
    for part in row:
        name, times = local_name(part), span_of(attribute(part, "number-columns-repeated"))
        if name == "table-cell":
            words = " ".join(" ".join(_words(p) for p in part.iter() if local_name(p) in ("p", "h")).split())
            span = span_of(attribute(part, "number-columns-spanned"))
            cells += [words] * max(span, times)
            own, covered = own + 1, span - 1
        elif name == "covered-table-cell":
            from_above = max(times - covered, 0)
            covered -= times - from_above
            for _ in range(from_above):
                cells.append(above[len(cells)] if len(cells) < len(above) else "")
    return cells[:1] if own == 1 and len(cells) == span else cells


def _words(element: "Element") -> str:
    """Return the words of a paragraph with those within it."""
    parts = [element.text or ""]
    for child in element:
        name = local_name(child)
        if name in _SPACES:
            parts.append(_SPACES[name])
        elif name and name not in _SILENT:
            parts.append(_words(child))
        parts.append(child.tail or "")
    return "".join(parts)
