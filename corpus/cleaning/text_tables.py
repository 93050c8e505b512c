"""Tables in texts: rows as lines of cells with bars between them, whatever parts the cells in a text.

A row keeps its empty cells, so that each cell stands under its heading.
"""

import csv
import re
from collections.abc import Iterator, Sequence

_FEWEST_ROWS = 3
_MOST_COLUMNS = 100
_WIDEST_SPAN = 50  # columns or rows; what is wider only draws a line
_LONGEST_CELL = 60  # characters; what is longer is running text
_FIGURE = re.compile(r"[-+(]?\s?(?:US)?[$£€]?\s?\d")
_CELL = re.compile(r"\S+(?: \S+)*")  # cells of a typed table stand at least two spaces apart
_COMMA_SPACE = re.compile(r",\s|\s,")
_QUOTED = re.compile(r'"[^"]*"')

Row = list[str]
Placed = Sequence[tuple[float, float, str]]
"""Cells of one line with their left and right edges."""


def row_of(cells: Sequence[str]) -> str:
    """Return a row on one line, "" for one without words; bars frame it where its first or last cell is empty."""
    if not any(cells):
        return ""
    line = " | ".join(cells)
    return line if cells[0] and cells[-1] else f"| {line} |"


def span_of(written: str) -> int:
    """Return how many rows or columns a cell spans, as it is written."""
    return min(int(written), _WIDEST_SPAN) if written.isdecimal() and written != "0" else 1


def with_rows(text: str) -> str:
    """Return a text with its lines in columns as rows, one paragraph each: parted by tabs, commas or wide gaps.

    Such a table has three rows at least, with as many cells each. Where commas part it, its first row has no figures.
    """
    if not any(mark in text for mark in ("\t", "  ", ",", ";")):
        return text
    lines = text.split("\n")
    found: list[str] = []
    at, tried = 0, dict.fromkeys("\t,;", 0)
    while at < len(lines):
        end, rows = _table_at(lines, at, tried)
        if rows:
            found += ["", *(line for row in rows for line in (row_of(row), ""))]
        else:
            found += lines[at:end]
        at = end
    return "\n".join(found)


def in_columns(lines: Sequence[Placed]) -> list[Row]:
    """Return the lines as rows with as many cells each: cells that stand above each other share a column.

    Without rows where there are more columns than a table has.
    """
    columns: list[tuple[float, float]] = []
    for left, right in sorted((left, right) for line in lines for left, right, _ in line):
        if columns and left < columns[-1][1]:
            columns[-1] = (columns[-1][0], max(columns[-1][1], right))
        else:
            columns.append((left, right))
    if len(columns) > _MOST_COLUMNS:
        return []
    return [
        [" ".join(words for left, _, words in line if start <= left < end) for start, end in columns] for line in lines
    ]


def is_table(rows: Sequence[Row]) -> bool:
    """Tell whether rows are those of a table: short cells, three columns or figures in the second, headings above."""
    if len(rows) < _FEWEST_ROWS or len({len(row) for row in rows}) != 1 or len(rows[0]) < 2:
        return False
    if any(len(cell) > _LONGEST_CELL for row in rows for cell in row):
        return False
    if any(sum(map(bool, row)) < 2 for row in rows) or not any(map(str.isalpha, "".join(rows[0]))):
        return False
    return len(rows[0]) > 2 or all(_FIGURE.match(row[1]) for row in rows[1:])


def _table_at(lines: Sequence[str], at: int, tried: dict[str, int]) -> tuple[int, list[Row]]:
    """Return the line after those in columns that begin at a line, and their rows; none where they are no table.

    tried: the line up to which each mark between cells gives no table; it saves cutting a line again and again.
    """
    head = lines[at : at + _FEWEST_ROWS]
    if not all(map(str.strip, head)):
        return at + 1, []
    for mark in tried:
        if tried[mark] > at or not all(mark in line for line in head):
            continue
        rows = list(_rows(lines, at, mark))
        if is_table(rows) and (mark == "\t" or _has_headings(rows)):
            return at + len(rows), rows
        tried[mark] = at + len(rows)
    typed = list(_typed(lines, at)) if all("  " in line or "\t" in line for line in head) else []
    rows = [row for row in in_columns(typed) if any(c.isalnum() for cell in row for c in cell)]
    return max(at + 1, at + len(typed), *tried.values()), rows if is_table(rows) else []


def _has_headings(rows: Sequence[Row]) -> bool:
    """Tell whether figures stand in each row but the first."""
    return not any(map(_FIGURE.match, rows[0])) and all(any(map(_FIGURE.match, row)) for row in rows[1:])


def _rows(lines: Sequence[str], at: int, mark: str) -> Iterator[Row]:
    """Yield the lines from one on as rows, as long as they have as many cells as the first."""
    cells = 0
    for number in range(at, len(lines)):
        row = [] if "|" in lines[number] else _cells(lines[number], mark)
        cells = cells or len(row)
        if len(row) != cells or cells < 2:
            return
        yield row


def _cells(line: str, mark: str) -> Row:
    """Return the cells of a line between commas, semicolons or tabs; none where they are no cells."""
    if mark not in line or (mark == "," and _COMMA_SPACE.search(_QUOTED.sub("", line))):
        return []
    if mark == "\t":
        return [cell.strip() for cell in line.rstrip().split(mark)]
    try:
        return [cell.strip() for cell in next(csv.reader([line.strip()], delimiter=mark, strict=True))]
    except csv.Error:
        return []


def _typed(lines: Sequence[str], at: int) -> Iterator[Placed]:
    """Yield the lines from one on that have a wide gap."""
    for number in range(at, len(lines)):
        line = lines[number]
        cells = [(cell.start(), cell.end(), cell[0]) for cell in _CELL.finditer(line.expandtabs())]
        if len(cells) < 2 or "|" in line:
            return
        yield cells
