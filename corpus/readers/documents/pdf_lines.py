"""The lines of a PDF's pages, as pdfium finds them. The only file that imports pypdfium2."""

import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, BinaryIO

from corpus.errors import ReadError

MOST_PAGES = 5_000
_MOST_CHARACTERS = 10_000_000  # of a file
_WIDE_GAP = 2.5  # times the letters' height; what stands so far apart in one line are columns
_HYPHENS = frozenset((0xFFFE, 0x02, 0xAD))


@dataclass(frozen=True, slots=True)
class Line:
    """A line of words: its box in points from the page's lower left corner, the letters' size, whether it is cut.

    `hyphen` says that pdfium takes the sign at its end for a division of the word.
    """

    text: str
    left: float
    bottom: float
    right: float
    top: float
    size: float
    hyphen: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of one page in the order in which they are written in the file."""

    height: float
    lines: tuple[Line, ...]


def read_document(file: BinaryIO, *, where: str) -> tuple[tuple[Page, ...], dict[str, str]]:
    """Return the pages, and the file's own title, writer and subject. Raises ReadError for a locked or damaged file."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(file.read())
    except pypdfium2.PdfiumError as error:
        if getattr(error, "err_code", None) == raw.FPDF_ERR_PASSWORD or "password" in str(error).lower():
            raise ReadError(
                where, "the PDF file is locked with a password: save it without one and add that"
            ) from error
        raise ReadError(where, "the PDF file is damaged or cut short: save or copy it again") from error
    try:
        pages = tuple(_pages(document, raw))
        known = document.get_metadata_dict(skip_empty=True)
        return pages, {str(name).lower(): str(value) for name, value in known.items()}
    finally:
        document.close()


def _pages(document: Any, raw: Any) -> Iterator[Page]:  # noqa: ANN401 - pypdfium2 has no types
    """Yield the pages; one that is damaged has no lines."""
    left = _MOST_CHARACTERS
    for number in range(min(len(document), MOST_PAGES)):
        page = raw.FPDF_LoadPage(document.raw, number)
        if not page:
            continue
        text = raw.FPDFText_LoadPage(page)
        if text:
            count = min(raw.FPDFText_CountChars(text), left)
            left -= max(count, 0)
            yield Page(raw.FPDF_GetPageHeightF(page), tuple(_lines(text, count, raw)))
            raw.FPDFText_ClosePage(text)
        raw.FPDF_ClosePage(page)
        if left <= 0:
            return


def _lines(text: Any, count: int, raw: Any) -> Iterator[Line]:  # noqa: ANN401
    """Yield the lines of a page, those cut in two that go on after a wide gap."""
    box = [ctypes.c_double() for _ in range(4)]
    letters: list[str] = []
    edges: list[float] = []  # left, bottom, right, top
    size = 0.0
    for index in range(count):
        code = raw.FPDFText_GetUnicode(text, index)
        if code in (10, 13):
            yield from _line(letters, edges, size)
            letters, edges, size = [], [], 0.0
            continue
        if code in _HYPHENS:
            letters.append("\u00ad")
            continue
        letter = chr(code) if 0 < code < 0x110000 else ""
        if not letter.strip():
            letters.append(" ")
            continue
        if not raw.FPDFText_GetCharBox(text, index, *map(ctypes.byref, box)):
            letters.append(letter)
            continue
        left, right, bottom, top = (edge.value for edge in box)
        height = max(raw.FPDFText_GetFontSize(text, index), top - bottom)
        if edges and left - edges[2] > _WIDE_GAP * max(size, height, 4.0):
            yield from _line(letters, edges, size)
            letters, edges, size = [], [], 0.0
        letters.append(letter)
        edges = edges or [left, bottom, right, top]
        edges = [min(edges[0], left), min(edges[1], bottom), max(edges[2], right), max(edges[3], top)]
        size = max(size, height)
    yield from _line(letters, edges, size)


def _line(letters: list[str], edges: list[float], size: float) -> Iterator[Line]:
    """Yield the line of these letters where they are words."""
    words = " ".join("".join(letters).split())
    if edges and words.strip("\u00ad"):
        divided = words.endswith("\u00ad")
        left, bottom, right, top = edges
        yield Line(words.replace("\u00ad", "") + "-" * divided, left, bottom, right, top, size, divided)
