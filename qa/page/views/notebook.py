"""The notebook as HTML, and as a file to work on: Word, Excel, Markdown, CSV or JSON-LD."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from qa.output.tables import Cell, escaped
from qa.page.model.notebook import MAX_NOTE_CHARACTERS, Noted
from qa.page.views.export import (
    citation_markdown,
    citation_row,
    quotation,
    quotation_ld,
    table_of,
)
from qa.page.views.markup import rendered
from qa.page.views.office import FILES, Quotation, Section, file_of

GONE = "The article of this quote is no longer in the library."
_COLUMNS = (
    "citation question note quote sentence speaker voice days context title outlet author published link url start end "
    "article version"
).split()


def notebook_html(notes: Sequence[Noted]) -> str:
    """Return the pinned quotes in their order, each with its note, and the ways to take them away."""
    return rendered("notebook.j2", notes=notes, files=FILES, gone=GONE, most=MAX_NOTE_CHARACTERS)


def notebook_name(suffix: str, day: date) -> str:
    """Return the name of the file: citewire-notebook-2023-03-06.docx."""
    return f"citewire-notebook-{day}.{suffix}"


def notebook_file(notes: Sequence[Noted], suffix: str) -> bytes:
    """Return the notebook in a format of `FILES`."""
    asked = groupby(notes, lambda each: each.pin.question)
    return file_of(
        suffix,
        title="Notebook",
        sections=[Section(question, (), [_quotation(each) for each in of]) for question, of in asked],
        table=table_of("Notebook", _COLUMNS, [_row(each) for each in notes]),
        markdown=_markdown(notes),
        json_ld={"@type": "Collection", "name": "Notebook", "hasPart": _quotations_ld(notes)},
    )


def _row(each: Noted) -> dict[str, Cell]:
    known: dict[str, Cell] = {"quote": GONE} if each.citation is None else citation_row(each.citation)
    return {**known, "question": each.pin.question, "note": each.pin.note}


def _quotation(each: Noted) -> Quotation:
    pin, c = each.pin, each.citation
    if c is None:
        return Quotation(GONE, "", (), note=pin.note)
    return replace(quotation(c), note=pin.note)


def _markdown(notes: Sequence[Noted]) -> list[str]:
    parts = ["# Notebook"]
    question = ""
    for number, each in enumerate(notes, start=1):
        if each.pin.question and each.pin.question != question:
            question = each.pin.question
            parts.append(f"## {escaped(question)}")
        shown = f"{number}. {GONE}" if each.citation is None else citation_markdown(each.citation)
        parts.append(shown + (f"\n   - Note: {escaped(each.pin.note)}" if each.pin.note else ""))
    return parts


def _quotations_ld(notes: Sequence[Noted]) -> list[dict[str, object]]:
    return [
        {**quotation_ld(each.citation), "citewire:question": each.pin.question, "comment": each.pin.note}
        for each in notes
        if each.citation is not None
    ]
