"""Answers in tables: a cell answers only under its own heading and in its own row.

A reader sees a table as lines of words and takes the cell beside the one asked for. Which cell a question means is told
exactly by the words of its heading and of its row; where the question names the row alone, the whole row answers.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from embeddings.index.tokens import tokens
from qa.compose.drafts import Place
from qa.question.words import content_words, stem

_FIGURE = re.compile(r"(?!(?:1[89]|20)\d\d\b)[-+(]?[$£€]?\d")  # a year may head a column


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a table: characters `[start, end)` of its article's text."""

    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Table:
    """The rows of a table, its headings first, each with at least two cells."""

    rows: tuple[tuple[Cell, ...], ...]

    @property
    def headings(self) -> tuple[Cell, ...]:
        """The first row, none where that holds figures like the others."""
        first = self.rows[0]
        return () if len(self.rows) < 2 or any(_FIGURE.match(cell.text) for cell in first[1:]) else first


def asked_in_tables(question: str, places: Sequence[Place], texts: Mapping[str, str]) -> list[Place]:
    """Return the places, those in tables as the cell or the row that the question asks for, each once.

    A place in a table that shares no word with the question, in its row or its headings, is left out. texts: of the
    versions that the places stand in.
    """
    asked: list[Place] = []
    for place in places:
        table = table_around(texts[place.hit.version], place.start, place.end) if "|" in place.hit.text else None
        meant = place if table is None else _meant(question, place, table, texts[place.hit.version])
        if meant is not None and not any(
            meant.hit.version == p.hit.version and (meant.start, meant.end) == (p.start, p.end) for p in asked
        ):
            asked.append(meant)
    return asked


def table_around(text: str, start: int, end: int) -> Table | None:
    """Return the table that characters `[start, end)` of a text stand in: lines of cells between blank lines."""
    rows: list[tuple[Cell, ...]] = []
    inside = False
    for line in re.finditer(r"[^\n]*\S[^\n]*", text):
        cells = _cells(text, *line.span()) if "|" in line[0] else ()
        if len(cells) < 2:
            if inside:
                break
            rows = []
            continue
        rows.append(cells)
        inside = inside or (line.start() < end and start < line.end())
    return Table(tuple(rows)) if inside else None


def heading_row(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Return the characters of the headings above a table's cell, None where it stands in no table with headings."""
    table = table_around(text, start, end)
    if table is None or not table.headings or start < table.headings[-1].end:
        return None
    return table.headings[0].start, table.headings[-1].end


def _cells(text: str, start: int, end: int) -> tuple[Cell, ...]:
    """Return the cells of a line between bars, empty ones too; a bar before the first frames the row."""
    row = text[start:end].strip()
    at = text.index(row, start)
    if row.startswith("|"):
        row, at = row[1:].removesuffix("|"), at + 1
    cells: list[Cell] = []
    for part in row.split("|"):
        words = part.strip()
        first = at + (part.index(words) if words else 0)
        cells.append(Cell(first, first + len(words), words))
        at += len(part) + 1
    return tuple(cells)


def _meant(question: str, place: Place, table: Table, text: str) -> Place | None:
    """Return the cell or row that is asked for, None where the question has no word of the table around the place."""
    words = [stem(word) for word in tokens(question)]
    body = table.rows[1:] if table.headings else table.rows
    row = _named(words, [row[0].text for row in body])
    column = _named(words, [cell.text for cell in table.headings[1:]])
    if row is None:
        stands_in = next((n for n, cells in enumerate(body) if cells[0].start < place.end <= cells[-1].end), None)
        named = [cell.text for cell in (*table.headings, *(() if stands_in is None else body[stands_in]))]
        if not {stem(word) for word in content_words(question)} & {stem(w) for t in named for w in tokens(t)}:
            return None
        if stands_in is None:
            return place
        if not _in_one_cell(place, body[stands_in][:1]) and not any(
            _half_named(words, c.text) for c in body[stands_in]
        ):
            return None
        may_be = body[stands_in] if column is None else (body[stands_in][0], *body[stands_in][column + 1 : column + 2])
        if _in_one_cell(place, may_be):
            return place
        row = stands_in
    elif column is not None and column + 1 < len(body[row]):
        cell = body[row][column + 1]
        if not cell.text:
            return None
        return _at(place, cell.start, cell.end, text)
    elif column is None and body[row][0].start < place.end <= body[row][-1].end and _in_one_cell(place, body[row][:1]):
        return place
    return _at(place, body[row][0].start, body[row][-1].end, text)


def _named(words: Sequence[str], labels: Sequence[str]) -> int | None:
    """Return the label of which the question has every word, the one with most words; None where that is not plain."""
    found = []
    for number, label in enumerate(labels):
        telling = [stem(word) for word in tokens(label)]
        if telling and all(word in words for word in telling):
            found.append((len(telling), number))
    found.sort(reverse=True)
    if not found or (len(found) > 1 and found[0][0] == found[1][0]):
        return None
    return found[0][1]


def _half_named(words: Sequence[str], label: str) -> bool:
    """Tell whether a question has half of the words of a row's name at least: "Hill" for Quince Hill."""
    telling = [] if _FIGURE.match(label) else [stem(word) for word in tokens(label)]
    return bool(telling) and 2 * sum(word in words for word in telling) >= len(telling)


def _in_one_cell(place: Place, cells: Sequence[Cell]) -> bool:
    return any(cell.start <= place.start and place.end <= cell.end for cell in cells)


def _at(place: Place, start: int, end: int, text: str) -> Place:
    """Return the place moved to other characters of its article's text."""
    first, last = min(place.hit.start, start), max(place.hit.end, end)
    hit = place.hit
    if (first, last) != (hit.start, hit.end):
        hit = replace(hit, start=first, end=last, text=text[first:last])
    return replace(place, hit=hit, start=start, end=end, text=text[start:end], kind="short")
