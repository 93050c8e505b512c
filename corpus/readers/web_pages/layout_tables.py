"""Tables that only lay a page out, as pages before style sheets did: their cells become boxes with paragraphs."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

_PARTS = ("thead", "tbody", "tfoot", "tr", "td", "th", "caption")
_BLOCKS = frozenset(
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


def _table_of(part: "HtmlElement") -> "HtmlElement | None":
    """Return the nearest table around a part."""
    return next(part.iterancestors("table"), None)


def _is_text(cell: "HtmlElement") -> bool:
    """Return whether a cell holds paragraphs, a page's column and not an entry of a table."""
    if sum(map(len, cell.itertext())) < _LONG_CELL:
        return False
    return any(child.tag in _BLOCKS for child in cell) or sum(1 for _ in cell.iter("br")) >= 2


def _into_paragraphs(cell: "HtmlElement") -> None:
    """Put what stands loose in a cell into paragraphs, which end at a block and at two line ends in a row."""
    children = list(cell)
    runs = list(_runs(cell))
    for child in children:
        cell.remove(child)
    cell.text = None
    for run in runs:
        if isinstance(run, _Loose):
            if run.text.strip() or any("".join(child.itertext()).strip() for child in run.children):
                paragraph = cell.makeelement("p")
                paragraph.text = run.text
                paragraph.extend(run.children)
                cell.append(paragraph)
        else:
            cell.append(run)


class _Loose:
    """Words and marks of one paragraph."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.children: list[HtmlElement] = []


def _runs(cell: "HtmlElement") -> "Iterator[_Loose | HtmlElement]":
    """Yield a cell's blocks and what stands between them, in order; a block's tail goes to the run after it."""
    run = _Loose(cell.text or "")
    for child in cell:
        if child.tag in _BLOCKS:
            yield run
            run = _Loose(child.tail or "")
            child.tail = None
            yield child
        elif child.tag == "br" and run.children and run.children[-1].tag == "br" and not _tail(run.children[-1]):
            run.children.pop()
            yield run
            run = _Loose(child.tail or "")
        else:
            run.children.append(child)
    yield run


def _tail(element: "HtmlElement") -> str:
    return (element.tail or "").strip()
