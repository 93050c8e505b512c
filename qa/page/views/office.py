"""The files that the page gives: quotations as Word, Excel, Markdown, CSV and JSON-LD."""

import io
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from corpus import __version__
from qa.output.tables import Table, csv_bytes, xlsx_bytes

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
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Quotation:
    """A quote as a document shows it: its sentence with `quote` in bold, facts a line each, a link, a note."""

    sentence: str
    quote: str
    facts: Sequence[str]
    link: str | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """A part of a document: the question, paragraphs, and the quotations that answer."""

    question: str
    paragraphs: Sequence[str]
    quotations: Sequence[Quotation]


def file_of(
    suffix: str,
    *,
    title: str,
    sections: Iterable[Section],
    table: Table,
    markdown: Sequence[str],
    json_ld: Mapping[str, Any],
) -> bytes:
    """Return a file of `FILES`, from what it holds as each kind: the paragraphs of Markdown, words of schema.org."""
    if suffix == "docx":
        return word(title, sections)
    if suffix == "xlsx":
        return xlsx_bytes([table])
    if suffix == "csv":
        return csv_bytes(table)
    text = "\n\n".join([*markdown, f"Made with Citewire {__version__}."])
    if suffix == "jsonld":
        creator = {"@type": "SoftwareApplication", "name": "Citewire", "softwareVersion": __version__}
        context = ["https://schema.org", {"citewire": "urn:citewire:"}]
        text = json.dumps({"@context": context, "creator": creator, **json_ld}, ensure_ascii=False, indent=1)
    return f"{text}\n".encode("utf-8", "replace")


def word(title: str, sections: Iterable[Section]) -> bytes:
    """Return a document with the quotations under the questions that they answer."""
    from docx import Document
    from docx.shared import Pt

    document = Document()
    document.core_properties.title = _printable(title)
    document.core_properties.author = "Citewire"
    document.add_heading(_printable(title), 0)
    for section in sections:
        if section.question:
            document.add_heading(_printable(section.question), 2)
        for paragraph in section.paragraphs:
            document.add_paragraph(_printable(paragraph))
        for each in section.quotations:
            before, quote, after = _parts(each)
            said = document.add_paragraph(style="Quote")
            said.add_run(_printable(before))
            said.add_run(_printable(quote)).bold = True
            said.add_run(_printable(after))
            about = document.add_paragraph()
            about.paragraph_format.space_after = Pt(12)
            lines = [*each.facts, *([each.link] if each.link else [])]
            about.add_run(_printable("\n".join(lines))).font.size = Pt(9)
            if each.note:
                document.add_paragraph(_printable(f"Note: {each.note}"))
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def _parts(quotation: Quotation) -> tuple[str, str, str]:
    """Return the sentence before the quote, the quote, and the rest; all of it before where the quote is not in it."""
    return quotation.sentence.partition(quotation.quote) if quotation.quote else (quotation.sentence, "", "")


def _printable(text: str) -> str:
    """Return the text without the characters that no XML file may hold."""
    return _UNPRINTABLE.sub("\ufffd", text)
