"""The pages of a PDF file: their lines as pdfium finds them, and what their headers and footers tell.

The only file that imports pypdfium2.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from ctypes import c_double
from dataclasses import dataclass
from typing import Any, BinaryIO

from corpus.article import is_site_root
from corpus.cleaning.byline import is_outlet, without_country
from corpus.cleaning.written_dates import DATE, TIME, iso_date
from corpus.errors import ReadError

_MOST_PAGES = 5_000  # a file may name any number
_MOST_CHARACTERS = 10_000_000  # of a file
_WIDE_GAP = 2.5  # times the letters' height; what stands so far apart in one line are columns
_HYPHENS = frozenset((0xFFFE, 0x02, 0xAD))

_EDGE_LINES = 4  # at the top and the bottom of a page, among which what is repeated is looked for
_HEAD_LINES = 3  # of these, that may tell outlet and day
_EDGE_SHARE = 0.15  # of a page's height, at the top and the bottom
_REPEATED_SHARE = 0.4  # of the pages; left and right pages often differ
_LONGEST_MARGIN = 150  # characters of a line
_PAGE_NUMBER = re.compile(
    r"[-–—|• ]*(?:(?:page|p\.|seite) ?)?(?:\d{1,4}|[ivxlc]{1,6})(?: ?(?:of|/|von|-) ?\d{1,4})?[-–—|• ]*", re.IGNORECASE
)
_WRITTEN_DAY = re.compile(DATE, re.IGNORECASE)
_CLOCK = re.compile(rf"\s{TIME}", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_PARTS = re.compile(r"\s*[|•·]\s*|\s+[-–—/]+\s+|,\s+|\s{2,}")
_COUNTED = re.compile(
    r"(?:(?:page|pages|p|pg|no|nr|vol|volume|issue|number|edition|nummer)\b[. ]*)?[A-Z]?\d{1,6}[A-Z]?(?: ?/ ?\d{1,4})?|"
    r"(?:news|sports?|business|opinion|local|national|world|town|region|culture|arts|comment|letters)(?: news| page)?",
    re.IGNORECASE,
)
_SMALL = frozenset("the and of for".split())


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

    def edge(self, most: int) -> list[Line]:
        """Return as many lines at the top and at the bottom, as far as they stand in the margins."""
        by_height = sorted(self.lines, key=lambda line: -line.top)
        top = [line for line in by_height[:most] if line.bottom > (1 - _EDGE_SHARE) * self.height]
        return top + [line for line in by_height[-most:] if line.top < _EDGE_SHARE * self.height and line not in top]


def read_pages(file: BinaryIO, *, where: str) -> tuple[list[Page], dict[str, str]]:
    """Return the pages, and the file's own title, writer and subject. Raises ReadError for a locked or damaged file."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        document = pypdfium2.PdfDocument(file.read())
    except pypdfium2.PdfiumError as error:
        if error.err_code == raw.FPDF_ERR_PASSWORD:
            why = "the PDF file is locked with a password: save it without one and add that"
            raise ReadError(where, why) from error
        raise ReadError(where, "the PDF file is damaged or cut short: save or copy it again") from error
    pages = []
    left = _MOST_CHARACTERS
    for number in range(min(len(document), _MOST_PAGES)):
        try:
            page = document[number]
            text = page.get_textpage()
            pages.append(Page(page.get_height(), tuple(_lines(text, min(text.count_chars(), left), raw))))
            left -= text.count_chars()
        except pypdfium2.PdfiumError:
            continue  # a damaged page costs no other
        page.close()
        if left <= 0:
            break
    return pages, {name.lower(): str(value) for name, value in document.get_metadata_dict().items()}


def _lines(text: Any, count: int, raw: Any) -> Iterator[Line]:  # noqa: ANN401 - pypdfium2 has no types
    """Yield the lines of a page, those cut in two that go on after a wide gap."""
    edges = [c_double() for _ in range(4)]
    letters: list[str] = []
    boxes: list[list[float]] = []  # left, right, bottom, top and height of each letter that is seen
    for index in range(count):
        code = raw.FPDFText_GetUnicode(text, index)
        letter = "\u00ad" if code in _HYPHENS else chr(code) if 0 < code < 0x110000 else " "
        if letter in "\r\n":
            yield from _line(letters, boxes)
            letters, boxes = [], []
        elif letter.strip() not in ("", "\u00ad") and raw.FPDFText_GetCharBox(text, index, *edges):
            box = [edge.value for edge in edges]
            box.append(max(raw.FPDFText_GetFontSize(text, index), box[3] - box[2]))
            if boxes and box[0] - boxes[-1][1] > _WIDE_GAP * max(boxes[-1][4], box[4], 4.0):
                yield from _line(letters, boxes)
                letters, boxes = [], []
            boxes.append(box)
        letters.append(letter)
    yield from _line(letters, boxes)


def _line(letters: list[str], boxes: list[list[float]]) -> Iterator[Line]:
    """Yield the line of these letters where they are words."""
    words = " ".join("".join(letters).split())
    if boxes:
        divided = words.endswith("\u00ad")
        lefts, rights, bottoms, tops, heights = zip(*boxes, strict=True)
        edges = min(lefts), min(bottoms), max(rights), max(tops)
        yield Line(words.replace("\u00ad", "") + "-" * divided, *edges, max(heights), divided)


def take_margins(pages: Sequence[Page]) -> tuple[list[list[Line]], dict[str, str]]:
    """Return the pages' lines without headers, footers and page numbers; and the outlet, day and address in these.

    Outlet and day count where both are on a page, or one is on several. Days that disagree do not count, nor does the
    time at which a browser printed.
    """
    heads = [
        (number, line, own)
        for number, page in enumerate(pages)
        for line in page.edge(_HEAD_LINES)
        if (own := _head_line(line.text))
    ]
    on_page: defaultdict[int, set[str]] = defaultdict(set)
    for number, _, own in heads:
        on_page[number] |= own.keys()
    times = Counter(item for item, _ in {(item, number) for number, _, own in heads for item in own.items()})
    sure = [
        (line, own)
        for number, line, own in heads
        if "url" in own or {"source", "published"} <= on_page[number] or any(times[item] > 1 for item in own.items())
    ]
    fields: dict[str, str] = {}
    for name in ("source", "published", "url"):
        counts = Counter(own[name] for _, own in sure if name in own)
        if counts and (name == "source" or len(counts) == 1):
            fields[name] = counts.most_common(1)[0][0]
    shapes = Counter(shape for page in pages for shape in {_shape(line) for line in page.edge(_EDGE_LINES)})
    needed = max(2.0, _REPEATED_SHARE * len(pages))
    margins = {id(line) for line, _ in sure}
    for page in pages:
        top = max((line.bottom for line in page.lines), default=0.0)
        bottom = min((line.top for line in page.lines), default=0.0)
        for line in page.edge(_EDGE_LINES):
            is_repeated = shapes[_shape(line)] >= needed and len(line.text) <= _LONGEST_MARGIN
            is_number = _PAGE_NUMBER.fullmatch(line.text) and (line.bottom >= top or line.top <= bottom)
            if is_repeated or (is_number and len(page.lines) > 1):
                margins.add(id(line))
    return [[line for line in page.lines if id(line) not in margins] for page in pages], fields


def _head_line(text: str) -> dict[str, str]:
    """Return outlet, day or address of a line that says nothing else; empty for another line."""
    if address := _ADDRESS.search(text):
        rest = text.replace(address[0], " ").strip()
        complete = not address[0].endswith(("…", "...")) and not is_site_root(address[0])
        return {"url": address[0]} if complete and (not rest or _COUNTED.fullmatch(rest)) else {}
    fields: dict[str, str] = {}
    days = [match[0] for match in _WRITTEN_DAY.finditer(text)]
    if len(days) > 1 or (days and _CLOCK.search(days[0])):
        return {}
    if days and (day := iso_date(days[0])):
        fields["published"] = day
    for part in _PARTS.split(_WRITTEN_DAY.sub(" | ", text)):
        words = part.strip(" ,;:-–—/|")
        if not words or _COUNTED.fullmatch(words):
            continue
        name = re.sub(r"^\d{1,3}\s+|\s+\d{1,3}$", "", words)  # the number of the page beside it
        if "source" in fields or not is_outlet(name, alone=True):
            return {}
        name = without_country(name)
        if name.isupper():  # The Quay of THE QUAY, and BBC News of BBC NEWS
            name = " ".join(word.title() if len(word) > 3 or word.lower() in _SMALL else word for word in name.split())
        fields["source"] = name
    return fields


def _shape(line: Line) -> str:
    """Return a line's words without its numbers, which count the pages, and where about it stands."""
    return f"{re.sub(r'[0-9]+', '#', line.text.lower())} {round(line.bottom / 12)}"
