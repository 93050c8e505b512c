"""Tables of web pages: those that only lay a page out become boxes with paragraphs, the others get a cell a column."""

from collections.abc import Sequence
from copy import deepcopy
from itertools import takewhile
from typing import TYPE_CHECKING

from corpus.cleaning.text_tables import span_of
from corpus.readers.xml_stream import words_of

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PARTS = ("thead", "tbody", "tfoot", "tr", "td", "th", "caption")
_PARTED_BY = frozenset(
    "p div table ul ol dl blockquote pre h1 h2 h3 h4 h5 h6 center hr form address article section header footer nav "
    "aside main figure".split()
)
_LONG_CELL = 400  # characters; figures and their notes are shorter


def open_layout_tables(tree: "HtmlElement") -> None:
    """Turn each table that holds running text, not figures, into boxes, in place.

    Such a table has a cell with much text that is parted by lines or blocks. A table of figures within it stays.
    """
    for table in reversed(list(tree.iter("table"))):
        cells = [cell for cell in table.iter("td", "th") if _table_of(cell) is table]
        if not any(_is_text(cell) for cell in cells):
            continue
        for part in [table, *(part for part in table.iter(*_PARTS) if _table_of(part) is table)]:
            if part.tag in ("td", "th"):
                _into_paragraphs(part)
            part.tag = "div"


def fill_spans(tree: "HtmlElement") -> None:
    """Give each row of a table a cell for each column, in place: a cell that spans several is repeated in each.

    Several rows of headings become one, whose cells hold the words above each other.
    """
    for table in tree.iter("table"):
        rows = [row for row in table.iter("tr") if _table_of(row) is table]
        if any(cell.get("colspan") or cell.get("rowspan") for row in rows for cell in row):
            _fill(rows)


def _fill(rows: "Sequence[HtmlElement]") -> None:
    below: dict[int, tuple[int, HtmlElement]] = {}  # column: rows that its cell still spans, and the cell
    for row in rows:
        waiting = [cell for cell in row if cell.tag in ("td", "th")]
        if len(waiting) == 1 and not below:
            continue  # the name of the table, or of what follows
        filled: list[HtmlElement] = []
        while waiting or len(filled) in below:
            if len(filled) in below:
                left, cell = below.pop(len(filled))
                if left > 1:
                    below[len(filled)] = left - 1, cell
                filled.append(deepcopy(cell))
                continue
            cell = waiting.pop(0)
            down = span_of(cell.attrib.pop("rowspan", "1"))
            for _ in range(span_of(cell.attrib.pop("colspan", "1"))):
                if down > 1:
                    below[len(filled)] = down - 1, cell
                filled.append(deepcopy(cell))
        row[:] = filled
    heads = list(takewhile(lambda row: len(row) > 1 and all(cell.tag == "th" for cell in row), rows))
    for row in heads[1:] if len(heads) < len(rows) else ():
        for above, cell in zip(heads[0], row, strict=False):
            words = [words_of(each) for each in (above, cell)]
            if words[0] != words[1]:
                above[:] = []
                above.text = " ".join(filter(None, words))
        row.drop_tree()


def _table_of(part: "HtmlElement") -> "HtmlElement | None":
    """Return the nearest table around a part."""
    return next(part.iterancestors("table"), None)


def _is_text(cell: "HtmlElement") -> bool:
    """Return whether a cell holds paragraphs, a page's column and not an entry of a table."""
    if sum(map(len, cell.itertext())) < _LONG_CELL:
        return False
    return any(child.tag in _PARTED_BY for child in cell) or sum(1 for _ in cell.iter("br")) >= 2


def _into_paragraphs(cell: "HtmlElement") -> None:
    """Put what stands loose in a cell into paragraphs, which end at a block and at two line ends in a row."""
    loose = cell.makeelement("p")
    loose.text, cell.text = cell.text, None
    runs = [loose]
    for child in list(cell):
        parts = child.tag in _PARTED_BY
        last = loose[-1] if len(loose) else None
        is_second_break = child.tag == "br" and last is not None and last.tag == "br" and not (last.tail or "").strip()
        if not parts and not is_second_break:
            loose.append(child)
            continue
        loose = cell.makeelement("p")
        loose.text, child.tail = child.tail, None
        runs += [child, loose] if parts else [loose]
    cell[:] = [run for run in runs if run.tag != "p" or "".join(run.itertext()).strip()]
