"""Tables as CSV, XLSX and Markdown files, no cell of which is ever a formula; and the cells of XLSX files."""

import csv
import io
import os
import tempfile
import warnings
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from zipfile import BadZipFile

from corpus.errors import CitewireError, UsageError

Cell = str | float | int | None

_BROKEN = (  # what a damaged workbook makes its reader raise
    *(AttributeError, BadZipFile, EOFError, LookupError, OSError, RuntimeError, SyntaxError, TypeError, ValueError),
    zlib.error,
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN = str.maketrans({character: "\\" + character for character in "\\`*_{}[]<>#|~"})
_WIDEST = 60  # characters of a column in a spreadsheet
_LONGEST = 32_767  # characters that a cell of a spreadsheet holds


@dataclass(frozen=True, slots=True)
class Table:
    """A named table. Each row has a cell for each column."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Cell]]


def csv_bytes(table: Table) -> bytes:
    """Return the table as CSV in UTF-8, with a byte order mark for spreadsheets.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([_text(column) for column in table.columns])
    writer.writerows([_text(cell) if isinstance(cell, str) else cell for cell in row] for row in table.rows)
    return file.getvalue().encode("utf-8-sig")


def _text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def markdown_bytes(table: Table) -> bytes:
    """Return the table as Markdown in UTF-8."""
    lines = [_markdown_row(table.columns), "|" + " --- |" * len(table.columns), *map(_markdown_row, table.rows)]
    return ("\n".join(lines) + "\n").encode()


def _markdown_row(row: Sequence[Cell]) -> str:
    cells = ("" if cell is None else escaped(str(cell)) for cell in row)
    return "| " + " | ".join(cells) + " |"


def xlsx_bytes(tables: Sequence[Table]) -> bytes:
    """Return the tables as an Excel workbook, a sheet each. Texts are texts, whatever they begin with."""
    from openpyxl import Workbook
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font
    from openpyxl.utils import get_column_letter

    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables:
        sheet = book.create_sheet(table.name)
        sheet.freeze_panes = "A2"
        for number, row in enumerate([table.columns, *table.rows], start=1):
            for place, value in enumerate(row, start=1):
                cell = sheet.cell(number, place)
                if isinstance(value, str):
                    cell.value = ILLEGAL_CHARACTERS_RE.sub("\N{REPLACEMENT CHARACTER}", value)[:_LONGEST]
                    cell.data_type = "s"
                    cell.alignment = Alignment(vertical="top", wrap_text=True)
                else:
                    cell.value = value
                    cell.alignment = Alignment(vertical="top")
                if number == 1:
                    cell.font = Font(bold=True)
        for place, column in enumerate(table.columns, start=1):
            longest = max([len(str(column)), *(len(str(row[place - 1] or "")) for row in table.rows)])
            sheet.column_dimensions[get_column_letter(place)].width = min(longest + 2, _WIDEST)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def xlsx_sheets(content: bytes, *, where: str) -> list[list[list[str]]]:
    """Return the cells of a workbook as texts, by sheet and row. A day is as in ISO 8601, an empty cell is "".

    where: the file's name, for errors. Raises UsageError for what is no workbook.
    """
    from openpyxl import load_workbook

    sheets: list[list[list[str]]] = []
    try:
        with warnings.catch_warnings(action="ignore"):  # of looks that are not read
            for sheet in load_workbook(io.BytesIO(content), read_only=True, data_only=True).worksheets:
                sheet.reset_dimensions()  # some programs write wrong ones
                sheets.append([[_cell_text(cell) for cell in row] for row in sheet.iter_rows(values_only=True)])
    except _BROKEN as error:
        raise UsageError(f"{where} is no workbook that can be read: save it as .xlsx again, or as .csv") from error
    return sheets


def _cell_text(value: object) -> str:
    if isinstance(value, datetime) and value == datetime.combine(value, time()):
        return value.date().isoformat()
    return "" if value is None else str(value).strip()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and swap it in: a killed run leaves the old file or the new one.

    Raises CitewireError where it cannot be written.
    """
    try:
        handle, beside = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.absolute().parent)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(beside).chmod(0o644)
            Path(beside).replace(path)
        finally:
            Path(beside).unlink(missing_ok=True)
    except OSError as error:
        raise CitewireError(f"{path} cannot be written: {error.strerror}; name another file") from error


def escaped(text: str) -> str:
    """Return the text in one line, with nothing in it that Markdown would take for markup."""
    return " ".join(text.split()).translate(_MARKDOWN)
