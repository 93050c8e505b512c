"""The notebook as HTML, and as a file to work on: Word, Excel, Markdown, CSV or JSON-LD."""

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import groupby

from corpus import __version__
from qa.output.plain_text import plural
from qa.output.tables import Cell, csv_bytes, escaped, xlsx_bytes
from qa.page.model.notebook import MAX_NOTE_CHARACTERS, Noted
from qa.page.views.cards import also_in_html
from qa.page.views.export import (
    citation_markdown,
    citation_row,
    quotation,
    quotation_ld,
    table_of,
)
from qa.page.views.markup import article_address, esc, marked, origin_html
from qa.page.views.office import FILES, Quotation, Section, word
from qa.result import Citation

GONE = "The article of this quote is no longer in the library."
_COLUMNS = (
    "citation question note quote sentence speaker voice days context title outlet author published link url start end "
    "article version"
).split()


def notebook_html(notes: Sequence[Noted]) -> str:
    """Return the pinned quotes in their order, each with its note, and the ways to take them away."""
    if not notes:
        return (
            '<div class="cw-none"><p class="cw-none-title">The notebook is empty</p><p>Choose “Pin” on a card of '
            "evidence: the quote comes here, and stays in this browser.</p></div>"
        )
    files = "".join(
        f'<button type="button" class="cw-button cw-notebook-file" data-suffix="{suffix}">{name}</button>'
        for suffix, name in FILES.items()
    )
    items = "".join(_item_html(number, each, len(notes)) for number, each in enumerate(notes))
    return (
        f'<div class="cw-notebook-head"><p class="cw-note">{plural(len(notes), "quote")}, kept in this browser</p>'
        f'<div class="cw-actions" role="group" aria-label="Export the notebook">{files}</div></div>'
        f'<ol class="cw-pins">{items}</ol>'
    )


def _item_html(number: int, each: Noted, most: int) -> str:
    pin, c = each.pin, each.citation
    asked = f'<p class="cw-note">{esc(pin.question)}</p>' if pin.question else ""
    name = f"quote {number + 1}"
    buttons = "".join(
        f'<button type="button" class="cw-button" data-move="{step}" aria-label="{label} {name}"'
        f"{' disabled' if is_off else ''}>{sign}</button>"
        for step, label, sign, is_off in (
            (-1, "Move up", "↑", number == 0),
            (1, "Move down", "↓", number == most - 1),
            (0, "Remove", "Remove", False),
        )
    )
    return (
        f'<li class="cw-passage" data-pin="{number}">{asked}{_quote_html(c)}'
        f'<label class="cw-note-label">Note<textarea rows="2" maxlength="{MAX_NOTE_CHARACTERS}" '
        f'aria-label="Note on {name}">{esc(pin.note)}</textarea></label><div class="cw-tools">{buttons}</div></li>'
    )


def _quote_html(c: Citation | None) -> str:
    if c is None:
        return f'<p class="cw-warning">{GONE}</p>'
    at = c.start - c.sentence_start
    also = f'<dl class="cw-facts">{also_in_html(c)}</dl>' if c.also_in else ""
    href = esc(article_address(c.article, version=c.version, start=c.start, end=c.end))
    return (
        f"<blockquote><p>{marked(c.sentence, at, at + len(c.quote))}</p></blockquote>"
        f'<p class="cw-links"><a class="cw-open" href="{href}">{esc(c.title)}</a></p>'
        f'<p class="cw-origin">{origin_html(c.source, c.author, c.published)}</p>{also}'
    )


def notebook_name(suffix: str, day: date) -> str:
    """Return the name of the file: citewire-notebook-2023-03-06.docx."""
    return f"citewire-notebook-{day}.{suffix}"


def notebook_file(notes: Sequence[Noted], suffix: str) -> bytes:
    """Return the notebook in a format of `FILES`."""
    if suffix == "docx":
        asked = groupby(notes, lambda each: each.pin.question)
        return word("Notebook", [Section(question, (), [_quotation(each) for each in of]) for question, of in asked])
    rows = [_row(each) for each in notes]
    if suffix == "xlsx":
        return xlsx_bytes([table_of("Notebook", _COLUMNS, rows)])
    if suffix == "csv":
        return csv_bytes(table_of("Notebook", _COLUMNS, rows))
    if suffix == "jsonld":
        return (json.dumps(_json_ld(notes), ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")
    return _markdown(notes).encode("utf-8", "replace")


def _row(each: Noted) -> dict[str, Cell]:
    known: dict[str, Cell] = {"quote": GONE} if each.citation is None else citation_row(each.citation)
    return {**known, "question": each.pin.question, "note": each.pin.note}


def _quotation(each: Noted) -> Quotation:
    pin, c = each.pin, each.citation
    if c is None:
        return Quotation(GONE, "", (), note=pin.note)
    return replace(quotation(c), note=pin.note)


def _markdown(notes: Sequence[Noted]) -> str:
    parts = ["# Notebook"]
    question = ""
    for number, each in enumerate(notes, start=1):
        if each.pin.question and each.pin.question != question:
            question = each.pin.question
            parts.append(f"## {escaped(question)}")
        shown = f"{number}. {GONE}" if each.citation is None else citation_markdown(each.citation)
        parts.append(shown + (f"\n   - Note: {escaped(each.pin.note)}" if each.pin.note else ""))
    return "\n\n".join([*parts, f"Made with Citewire {__version__}."]) + "\n"


def _json_ld(notes: Sequence[Noted]) -> dict[str, object]:
    quoted = [
        {**quotation_ld(each.citation), "citewire:question": each.pin.question, "comment": each.pin.note}
        for each in notes
        if each.citation is not None
    ]
    return {
        "@context": ["https://schema.org", {"citewire": "urn:citewire:"}],
        "@type": "Collection",
        "name": "Notebook",
        "creator": {"@type": "SoftwareApplication", "name": "Citewire", "softwareVersion": __version__},
        "hasPart": quoted,
    }
