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
    for font in list(tree.iter("font")):  # around whole columns of old pages
        font.drop_tag()
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
    grid: list[dict[int, HtmlElement]] = [{} for _ in rows]  # of each row the cell in each column
    for number, row in enumerate(rows):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        column = 0
        for cell in cells:
            while column in grid[number]:
                column += 1
            down, right = (span_of(cell.attrib.pop(name, "1")) for name in ("rowspan", "colspan"))
            if len(cells) == 1 and column == 0:
                right = 1  # the name of the table, or of what follows
            for line in grid[number : number + down]:
                line.update(dict.fromkeys(range(column, column + right), cell))
        row[:] = [deepcopy(cell) for _, cell in sorted(grid[number].items())]
    heads = list(takewhile(lambda row: len(row) > 1 and all(cell.tag == "th" for cell in row), rows))
    if 1 < len(heads) < len(rows):
        for above, *others in zip(*heads, strict=False):
            words = " ".join(dict.fromkeys(filter(None, map(words_of, (above, *others)))))
            above[:] = []
            above.text = words
        for row in heads[1:]:
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
    runs = [cell.makeelement("p")]
    runs[0].text, cell.text = cell.text, None
    for child in list(cell):
        last = next(reversed(runs[-1]), None)
        is_block = child.tag in _PARTED_BY
        is_second_break = child.tag == "br" and last is not None and last.tag == "br" and not (last.tail or "").strip()
        if is_block or is_second_break:
            loose = cell.makeelement("p")
            loose.text, child.tail = child.tail, None
            runs += [child, loose] if is_block else [loose]
        else:
            runs[-1].append(child)
    cell[:] = [run for run in runs if run.tag != "p" or words_of(run)]
