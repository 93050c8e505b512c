"""Files that people work with: tables and quotations as CSV, Excel, Word, Markdown and JSON-LD.

No cell is ever a formula.
"""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus import __version__
from corpus.errors import CitewireError
from qa.output.plain_text import printable, quoted

Cell = str | float | int | None

TEXTS: Mapping[str, str] = {"md": "Markdown", "csv": "CSV", "jsonld": "JSON-LD"}
"""Files that are text: the ending with its name."""
FILES: Mapping[str, str] = {"docx": "Word", "xlsx": "Excel", **TEXTS}
_OFFICE = "application/vnd.openxmlformats-officedocument"
MEDIA_TYPES: Mapping[str, str] = {
    "docx": f"{_OFFICE}.wordprocessingml.document",
    "xlsx": f"{_OFFICE}.spreadsheetml.sheet",
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "jsonld": "application/ld+json; charset=utf-8",
}

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_MARKDOWN = str.maketrans({character: "\\" + character for character in "\\`*_{}[]<>#|~"})
_WIDEST = 60  # characters of a column in a spreadsheet


@dataclass(frozen=True, slots=True)
class Table:
    """A named table. Each row has its cells by column; what it does not name is empty."""

    name: str
    columns: Sequence[str]
    rows: Sequence[Mapping[str, Cell]]

    @property
    def cells(self) -> list[list[Cell]]:
        """The cells of each row, in the order of the columns."""
        return [[row.get(column) for column in self.columns] for row in self.rows]


def csv_bytes(table: Table) -> bytes:
    """Return the table as CSV in UTF-8, with a byte order mark for spreadsheets.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([_text(column) for column in table.columns])
    writer.writerows([_text(cell) if isinstance(cell, str) else cell for cell in row] for row in table.cells)
    return file.getvalue().encode("utf-8-sig")


def _text(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def markdown_bytes(table: Table) -> bytes:
    """Return the table as Markdown in UTF-8."""
    lines = [_markdown_row(table.columns), "|" + " --- |" * len(table.columns), *map(_markdown_row, table.cells)]
    return ("\n".join(lines) + "\n").encode()


def _markdown_row(row: Sequence[Cell]) -> str:
    cells = ("" if cell is None else escaped(str(cell)) for cell in row)
    return "| " + " | ".join(cells) + " |"


def xlsx_bytes(tables: Sequence[Table]) -> bytes:
    """Return the tables as an Excel workbook, a sheet each. Texts are texts, whatever they begin with."""
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    book = Workbook()
    book.remove(book.worksheets[0])
    for table in tables:
        sheet = book.create_sheet(table.name)
        sheet.freeze_panes = "A2"
        for row in [table.columns, *table.cells]:
            sheet.append([printable(cell) if isinstance(cell, str) else cell for cell in row])
        for column in sheet.columns:
            for cell in column:
                cell.alignment = Alignment(vertical="top", wrap_text=True)
                if isinstance(cell.value, str):
                    cell.data_type = "s"
            column[0].font = Font(bold=True)
            longest = max(len(str(cell.value or "")) for cell in column)
            sheet.column_dimensions[column[0].column_letter].width = min(longest + 2, _WIDEST)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quote as a document shows it: its sentence with `quote` in bold, facts a line each, a link, a note."""

    sentence: str
    quote: str = ""
    facts: Sequence[str] = ()
    link: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document: the question, paragraphs, and the quotations that answer, each with its number."""

    question: str
    paragraphs: Sequence[str]
    quotations: Sequence[tuple[int, Quotation]]


def file_of(suffix: str, *, title: str, sections: Sequence[Section], table: Table, json_ld: Mapping[str, Any]) -> bytes:
    """Return a file of `FILES`: of the sections, of the table, or of words of schema.org."""
    if suffix == "docx":
        return _word(title, sections)
    if suffix == "xlsx":
        return xlsx_bytes([table])
    if suffix == "csv":
        return csv_bytes(table)
    if suffix == "md":
        text = "\n\n".join([f"# {escaped(title)}", *map(_markdown, sections), f"Made with Citewire {__version__}."])
    else:
        creator = {"@type": "SoftwareApplication", "name": "Citewire", "softwareVersion": __version__}
        context = ["https://schema.org", {"citewire": "urn:citewire:"}]
        text = json.dumps({"@context": context, "creator": creator, **json_ld}, ensure_ascii=False, indent=1)
    return f"{text}\n".encode("utf-8", "replace")


def _markdown(section: Section) -> str:
    """Return a section as Markdown, its quotations as items of a numbered list."""
    parts = [f"## {escaped(section.question)}"] if section.question else []
    parts += ["  \n".join(map(escaped, paragraph.split("\n"))) for paragraph in section.paragraphs]
    for number, each in section.quotations:
        lines = [f"{number}. {escaped(quoted(each.sentence) if each.quote else each.sentence)}"]
        lines += map(escaped, each.facts)
        if each.quote:
            lines.append(f"Quote: {escaped(quoted(each.quote))}")
        if each.link:
            lines.append(f"<{each.link.replace('>', '%3E').replace('<', '%3C').replace(' ', '%20')}>")
        if each.note:
            lines.append(f"Note: {escaped(each.note)}")
        parts.append("\n   - ".join(lines))
    return "\n\n".join(parts)


def _word(title: str, sections: Iterable[Section]) -> bytes:
    """Return a document with the quotations under the questions that they answer."""
    from docx import Document
    from docx.shared import Pt

    document = Document()
    document.core_properties.title = printable(title)
    document.core_properties.author = "Citewire"
    document.add_heading(printable(title), 0)
    for section in sections:
        if section.question:
            document.add_heading(printable(section.question), 2)
        for paragraph in section.paragraphs:
            document.add_paragraph(printable(paragraph))
        for number, each in section.quotations:
            # If the sentence does not hold the quote, all of it is `before`.
            before, quote, after = each.sentence.partition(each.quote or each.sentence)
            said = document.add_paragraph(f"[{number}] {printable(before)}", style="Quote")
            said.add_run(printable(quote)).bold = bool(each.quote)
            said.add_run(printable(after))
            about = document.add_paragraph()
            about.paragraph_format.space_after = Pt(12)
            about.add_run(printable("\n".join([*each.facts, *filter(None, [each.link])]))).font.size = Pt(9)
            if each.note:
                document.add_paragraph(printable(f"Note: {each.note}"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def write_whole(path: Path, content: bytes) -> None:
    """Write a file beside its place and swap it in: a killed run leaves the old file or the new one.

    Raises CitewireError where it cannot be written.
    """
    beside = path.parent / f".{path.name}.new"
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as error:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise CitewireError(f"{path} cannot be written: {error.strerror}; name another file") from error


def escaped(text: str) -> str:
    """Return the text in one line, with nothing in it that Markdown would take for markup."""
    return " ".join(text.split()).translate(_MARKDOWN)
