"""Answers in tables: a cell answers only under its own heading and in its own row.

A reader sees a table as lines of words and takes the cell beside the one asked for. Which cell a question means is told
exactly by the words of its heading and of its row; where the question names the row alone, the whole row answers.
Where the question names a cell's row and heading and asks nothing else, no reader is needed (`named_cell`).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from embeddings.index.tokens import stems
from embeddings.library.search import Hit
from qa.compose.drafts import Place
from qa.question.words import content_stems, content_words

_FIGURE = re.compile(r"(?!(?:1[89]|20)\d\d\b)[-+(]?[$£€]?\d")  # a year may head a column
NAMED = 0.95
"""Confidence in a cell of which the question names row and heading, and nothing else."""
_ASKS_OTHERWISE = re.compile(
    r"(?i)\b(?:who|whom|whose|where|when|why|than|more|most|other|others|not|without|before|after|since|until)\b|n['’]t\b|"
    r"\bhow\b(?!\s+(?:many|much|big|large|long|old|far|high|tall|deep|heavy|hot|fast))|"
    r"^\W*(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should)\b"
)
"""Questions that no cell answers, and those that compare what several cells say."""


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

    @property
    def body(self) -> tuple[tuple[Cell, ...], ...]:
        """The rows below the headings."""
        return self.rows[1:] if self.headings else self.rows

    @property
    def is_even(self) -> bool:
        """Whether each row has a cell for each heading, so that none spans several columns."""
        return all(len(row) == len(self.headings) for row in self.body) and all(c.text for c in self.headings[1:])

    @property
    def has_figures(self) -> bool:
        """Whether each row has figures, so that none is a second row of headings."""
        return all(any(map(str.isdigit, "".join(cell.text for cell in row[1:]))) for row in self.body)


def asked_in_tables(question: str, places: Sequence[Place], texts: Mapping[str, str]) -> list[Place]:
    """Return the places, those in tables as the cell or the row that the question asks for, each once.

    A place in a table that shares no word with the question, in its row or its headings, is left out. texts: of the
    versions that the places stand in.
    """
    asked: dict[tuple[str, int, int], Place] = {}
    for place in places:
        table = table_around(texts[place.hit.version], place.start, place.end) if "|" in place.hit.text else None
        meant = place if table is None else _meant(question, place, table, texts[place.hit.version])
        if meant is not None:
            asked.setdefault((meant.hit.version, meant.start, meant.end), meant)
    return list(asked.values())


def tables(text: str) -> Iterator[Table]:
    """Yield the tables of a text: lines of cells between blank lines."""
    rows: list[tuple[Cell, ...]] = []
    for line in re.finditer(r"[^\n]*\S[^\n]*", text):
        cells = _cells(text, *line.span()) if "|" in line[0] else ()
        if len(cells) > 1:
            rows.append(cells)
        elif rows:
            yield Table(tuple(rows))
            rows = []
    if rows:
        yield Table(tuple(rows))


def named_cell(question: str, hits: Sequence[Hit], texts: Mapping[str, str]) -> Place | None:
    """Return the cell of which the question names row and heading, each in every word; None where that is not plain.

    No other cell may be meant. The rest of the question has to stand in the heading of the article or in the table.
    texts: of the versions that the hits stand in.
    """
    if _ASKS_OTHERWISE.search(question):
        return None
    words, found = set(stems(question)), list[Place]()
    for hit in {hit.version: hit for hit in reversed(hits) if "|" in hit.text}.values():
        for table in tables(texts[hit.version]):
            rows, columns = _named(words, [row[0] for row in table.body]), _named(words, table.headings[1:])
            if not rows or (table.headings and not columns):
                continue
            if len(rows) != 1 or len(columns) != 1 or not (table.is_even and table.has_figures):
                return None
            row, column = table.body[rows[0]], columns[0] + 1
            labels = row[0].text, table.headings[column].text
            told = hit.info.heading, hit.info.source, hit.info.published, *(c.text for c in (*table.headings, *row))
            is_fit = content_stems(question) <= set(stems(" ".join(filter(None, told))))
            if is_fit and row[column].text and all(content_words(t) and not _FIGURE.match(t) for t in labels):
                named = Place(hit, 0, 0, "", NAMED, "short")
                found.append(_at(named, row[column], row[column], texts[hit.version]))
    return found[0] if len({place.text for place in found}) == 1 else None


def table_around(text: str, start: int, end: int) -> Table | None:
    """Return the table that characters `[start, end)` of a text stand in."""
    return next((t for t in tables(text) if t.rows[0][0].start < end and start < t.rows[-1][-1].end), None)


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
    """Return the cell or row that is asked for; None where the place does not answer."""
    words = set(stems(question))
    rows, columns = _named(words, [row[0] for row in table.body]), _named(words, table.headings[1:])
    column = columns[0] + 1 if len(columns) == 1 and table.is_even else None
    if len(rows) != 1:
        return _meant_in_its_row(question, place, table, column, text)
    row = table.body[rows[0]]
    if column is not None:
        return _at(place, row[column], row[column], text) if row[column].text else None
    return place if _in_one_cell(place, row[:1]) else _at(place, row[0], row[-1], text)


def _meant_in_its_row(question: str, place: Place, table: Table, column: int | None, text: str) -> Place | None:
    """Return what is asked for where the question does not name one row: the place, or the row it stands in.

    None where the question has no word of that row and its headings, or too few of the row alone.
    """
    row = next((cells for cells in table.body if cells[0].start < place.end <= cells[-1].end), ())
    if content_stems(question).isdisjoint(stems(" ".join(cell.text for cell in (*table.headings, *row)))):
        return None
    if not row:
        return place
    words = set(stems(question))
    if not _in_one_cell(place, row[:1]) and not any(_half_named(words, cell.text) for cell in row):
        return None
    asked = row if column is None else (row[0], row[column])
    return place if _in_one_cell(place, asked) else _at(place, row[0], row[-1], text)


def _named(words: set[str], labels: Sequence[Cell]) -> list[int]:
    """Return the numbers of the labels that the question names in full; of "Hill" and "Quince Hill" only the longer."""
    telling = [set(stems(label.text)) for label in labels]
    found = [number for number, mine in enumerate(telling) if mine and mine <= words]
    return [number for number in found if not any(telling[number] < telling[other] for other in found)]


def _half_named(words: set[str], label: str) -> bool:
    """Tell whether a question has at least half of the words of a row's name: "Hill" for Quince Hill."""
    telling = [] if _FIGURE.match(label) else stems(label)
    return bool(telling) and 2 * sum(word in words for word in telling) >= len(telling)


def _in_one_cell(place: Place, cells: Sequence[Cell]) -> bool:
    return any(cell.start <= place.start and place.end <= cell.end for cell in cells)


def _at(place: Place, from_cell: Cell, to_cell: Cell, text: str) -> Place:
    """Return the place moved to these cells of its article's text."""
    start, end = from_cell.start, to_cell.end
    first, last = min(place.hit.start, start), max(place.hit.end, end)
    hit = place.hit
    if (first, last) != (hit.start, hit.end):
        hit = replace(hit, start=first, end=last, text=text[first:last])
    return replace(place, hit=hit, start=start, end=end, text=text[start:end], kind="short")
