"""The margins of a PDF's pages: headers, footers and page numbers; outlet, day and address in them."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.article import is_site_root
from corpus.cleaning.byline import is_outlet, without_country
from corpus.cleaning.written_dates import DATE, TIME, iso_date
from corpus.readers.documents.pdf_lines import Line, Page

_EDGE_LINES = 4  # at the top and the bottom of a page, among which what is repeated is looked for
_EDGE_SHARE = 0.15  # of a page's height, at the top and the bottom
_REPEATED_SHARE = 0.4  # of the pages; left and right pages often differ
_PAGE_NUMBER = re.compile(
    r"[-–—|• ]*(?:(?:page|p\.|seite) ?)?(?:\d{1,4}|[ivxlc]{1,6})(?: ?(?:of|/|von|-) ?\d{1,4})?[-–—|• ]*", re.IGNORECASE
)
_LONE_NUMBER_BAND = 0.1
_LONGEST_MARGIN = 150  # characters of a line
_HEAD_ROWS = 2  # at the top and the bottom of a page, that may tell outlet and day
_MOST_HEADS = 50  # pages whose heads are read
_WRITTEN_DAY = re.compile(DATE, re.IGNORECASE)
_CLOCK = re.compile(rf"\s{TIME}", re.IGNORECASE)
_ADDRESS = re.compile(r"https?://\S+", re.IGNORECASE)
_PARTS = re.compile(r"\s*[|•·]\s*|\s+[-–—/]+\s+|,\s+|\s{2,}")
_COUNTED = re.compile(
    r"(?:(?:page|pages|p|pg|no|nr|vol|volume|issue|number|edition|nummer)\b[. ]*)?[A-Z]?\d{1,6}[A-Z]?(?: ?/ ?\d{1,4})?|"
    r"[£$€]? ?\d{1,2}[.,]\d\d ?[£$€p]?|(?:(?:late|early|final|city|first|morning|evening|weekend) )?edition|"
    r"(?:news|sports?|business|opinion|local|national|world|town|region|culture|arts|comment|letters)(?: news| page)?",
    re.IGNORECASE,
)
_SMALL = frozenset("the and of for".split())


@dataclass(frozen=True, slots=True)
class _Head:
    """A line of a margin that says nothing but outlet, day and the like."""

    line: Line
    page: int
    fields: dict[str, str]


def head_fields(pages: Sequence[Page]) -> tuple[dict[str, str], set[int]]:
    """Return outlet, day and address as the margins tell them, and the ids of the lines that say nothing else.

    An outlet or a day that stands alone counts where the other is beside it, or where it is on several pages. Days that
    disagree do not count, nor does the time at which a browser printed.
    """
    heads = [
        _Head(line, number, own)
        for number, page in enumerate(pages[:_MOST_HEADS])
        for line in _outer_lines(page)
        if (own := _head_line(line.text))
    ]
    pages_of = {item: {h.page for h in heads if item in h.fields.items()} for h in heads for item in h.fields.items()}
    on_page: dict[int, set[str]] = {}
    for head in heads:
        on_page.setdefault(head.page, set()).update(head.fields)
    sure = [
        head
        for head in heads
        if "url" in head.fields
        or {"source", "published"} <= on_page[head.page]
        or any(len(pages_of[item]) > 1 for item in head.fields.items())
    ]
    fields: dict[str, str] = {}
    for name in ("source", "published", "url"):
        counts = Counter(head.fields[name] for head in sure if name in head.fields)
        if counts and (name == "source" or len(counts) == 1):
            fields[name] = counts.most_common(1)[0][0]
    return fields, {id(head.line) for head in sure}


def without_margins(pages: Sequence[Page], heads: set[int]) -> list[list[Line]]:
    """Return the pages' lines without headers, footers, page numbers, and the lines with these ids."""
    seen: Counter[str] = Counter()
    edges = [_edge_lines(page) for page in pages]
    for edge in edges:
        seen.update({_shape(line) for line in edge})
    needed = max(2.0, _REPEATED_SHARE * len(pages))
    kept = []
    for page, edge in zip(pages, edges, strict=True):
        left_out = {id(line) for line in edge if seen[_shape(line)] >= needed and len(line.text) <= _LONGEST_MARGIN}
        left_out |= {id(line) for line in edge if _PAGE_NUMBER.fullmatch(line.text) and _is_outermost(line, page)}
        kept.append([line for line in page.lines if id(line) not in left_out | heads])
    return kept


def usual_capitals(name: str) -> str:
    """Return a name that is printed in capitals as it is written: The Quay of THE QUAY, and BBC News of BBC NEWS."""
    if not name.isupper():
        return name
    words = [word.title() if len(word) > 3 or word.lower() in _SMALL else word for word in name.split()]
    return " ".join(words)


def _head_line(text: str) -> dict[str, str]:
    """Return outlet, day or address of a line that says nothing else; empty for another line."""
    fields: dict[str, str] = {}
    if address := _ADDRESS.search(text):
        rest = text.replace(address[0], " ").strip()
        complete = not address[0].endswith(("…", "...")) and not is_site_root(address[0])
        return {"url": address[0]} if complete and (not rest or _COUNTED.fullmatch(rest)) else {}
    days = list(_WRITTEN_DAY.finditer(text))
    if len(days) > 1 or (days and _CLOCK.search(days[0][0])):
        return {}
    if days and (day := iso_date(days[0][0])):
        fields["published"] = day
    for part in _PARTS.split(_WRITTEN_DAY.sub(" | ", text)):
        words = part.strip(" ,;:-–—/|")
        if not words or _COUNTED.fullmatch(words):
            continue
        name = re.sub(r"^\d{1,3}\s+|\s+\d{1,3}$", "", words)  # the number of the page beside it
        if "source" in fields or not is_outlet(name, alone=True):
            return {}
        fields["source"] = usual_capitals(without_country(name))
    return fields


def _outer_lines(page: Page) -> Iterator[Line]:
    """Yield the lines of the first and the last rows of a page, where they stand in its margins."""
    edge = _edge_lines(page)
    for lines in (
        sorted((line for line in edge if line.bottom > page.height / 2), key=lambda line: -line.bottom),
        sorted((line for line in edge if line.bottom <= page.height / 2), key=lambda line: line.bottom),
    ):
        rows: list[float] = []
        for line in lines:
            if not rows or abs(rows[-1] - line.bottom) > 0.5 * line.size:
                rows.append(line.bottom)
            if len(rows) <= _HEAD_ROWS:
                yield line


def _edge_lines(page: Page) -> list[Line]:
    """Return the lines at the top and the bottom of a page."""
    by_height = sorted(page.lines, key=lambda line: -line.top)
    top = [line for line in by_height[:_EDGE_LINES] if line.bottom > (1 - _EDGE_SHARE) * page.height]
    bottom = [line for line in by_height[-_EDGE_LINES:] if line.top < _EDGE_SHARE * page.height]
    return top + [line for line in bottom if line not in top]


def _shape(line: Line) -> str:
    """Return a line's words without its numbers, which count the pages, and where about it stands."""
    return f"{re.sub(r'[0-9]+', '#', line.text.lower())} {round(line.bottom / 12)}"


def _is_outermost(line: Line, page: Page) -> bool:
    """Return whether a line is the first or last of its page, in its margin."""
    in_margin = line.bottom > (1 - _LONE_NUMBER_BAND) * page.height or line.top < _LONE_NUMBER_BAND * page.height
    others = [other for other in page.lines if other is not line]
    outermost = all(line.bottom >= o.bottom for o in others) or all(line.top <= o.top for o in others)
    return in_margin and outermost and bool(others)
