"""What people take away: one answer, a conversation or the notebook as a file, with all that is needed to check it."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Any

from corpus import __version__
from qa.output.files import FILES, Cell, Quotation, Section, Table, file_of
from qa.output.plain_text import (
    VOICES,
    as_sentence,
    copies,
    coverage_line,
    credit_line,
    facts,
    quoted,
    standing,
    told_days,
)
from qa.page.site import Turn
from qa.page.user_data import CitedPin, Pin
from qa.page.views.markup import quote_address, rendered, web_address
from qa.result import Citation, Result

DIFFER = "The articles differ:"
GONE = "The article of this quote is no longer in the library."


def answer_file(turns: Sequence[Turn], suffix: str) -> bytes:
    """Return the answered turns as a file of `FILES`."""
    answered = [(turn.question, turn.result) for turn in turns if turn.result is not None]
    is_one = len(answered) == 1
    return file_of(
        suffix,
        title=answered[0][0] if is_one else "Conversation",
        sections=[_section("" if is_one else question, result) for question, result in answered],
        table=_table("Answers", [row for question, result in answered for row in _rows(question, result)]),
        json_ld={"@type": "FAQPage", "mainEntity": [_question_ld(*each) for each in answered]},
    )


def notebook_file(notes: Sequence[CitedPin], suffix: str) -> bytes:
    """Return the pinned quotes as a file of `FILES`."""
    groups = groupby(enumerate(notes, start=1), lambda each: each[1][0].question)
    quotes = [{**_quotation_ld(c), "citewire:question": pin.question, "comment": pin.note} for pin, c in notes if c]
    return file_of(
        suffix,
        title="Notebook",
        sections=[Section(question, (), [(number, _pinned(*note)) for number, note in of]) for question, of in groups],
        table=_table("Notebook", [_note_row(*each) for each in notes]),
        json_ld={"@type": "Collection", "name": "Notebook", "hasPart": quotes},
    )


def _table(name: str, rows: Sequence[dict[str, Cell]]) -> Table:
    return Table(name, list(dict.fromkeys(column for row in rows for column in row)), rows)


def notebook_html(notes: Sequence[CitedPin]) -> str:
    """Return the pinned quotes in their order, each with its note, and the ways to take them away."""
    return rendered("notebook.j2", notes=notes, files=FILES, gone=GONE)


def _pinned(pin: Pin, c: Citation | None) -> Quotation:
    return replace(_quotation(c) if c else Quotation(GONE), note=pin.note)


def _note_row(pin: Pin, c: Citation | None) -> dict[str, Cell]:
    noted: dict[str, Cell] = {"question": pin.question, "note": pin.note}
    return noted | (_citation_row(c) if c else {"quote": GONE})


def _section(question: str, result: Result) -> Section:
    alone = result.standalone_question
    paragraphs = [f"Understood as: {alone}"] if alone != result.question else []
    paragraphs += [*_answer_paragraphs(result), coverage_line(result)]
    return Section(question, paragraphs, [(c.number, _quotation(c)) for c in result.citations])


def _quotation(c: Citation) -> Quotation:
    place = f"Article {c.article}, version {c.version}, characters {c.start} to {c.end}"
    return Quotation(c.sentence, c.quote, [*facts(c), place], quote_link(c))


def file_name(question: str, suffix: str) -> str:
    """Return the name of a fact sheet, which begins with its first question: citewire-who-led-the-talks.csv."""
    words = re.sub(r"[^a-z0-9]+", "-", question.casefold())[:60].strip("-")
    return f"citewire-{words or 'answer'}.{suffix}"


def copied_text(turn: Turn) -> str:
    """Return an answer as plain text for the clipboard, each quote with its sentence, speaker, outlet, day and link."""
    if turn.result is None:
        return turn.question
    quotes = [
        "\n".join([f"[{c.number}] {quoted(c.sentence)}", *facts(c), *filter(None, [quote_link(c)])])
        for c in turn.result.citations
    ]
    return "\n\n".join([turn.question, *_answer_paragraphs(turn.result), *quotes, coverage_line(turn.result)])


def _answer_paragraphs(result: Result) -> list[str]:
    """Return the answers with the numbers of their citations, rivals together; or why there is none."""
    paragraphs = [as_sentence(result.reason.message)] if result.reason else []
    for group in result.groups:
        quotes = [f"{quoted(a.text)} [{']['.join(map(str, a.citations))}]{standing(a)}" for a in group]
        paragraphs.append("\n".join([DIFFER, *quotes] if len(group) > 1 else quotes))
    return paragraphs


def quote_link(c: Citation) -> str | None:
    """Return the address of the quote in the original, None where the article has no address of the web."""
    return quote_address(c.url, c.fragment)


def _context(c: Citation) -> str:
    return " ".join(each.text for each in c.context)


def _rows(question: str, result: Result) -> Iterator[dict[str, Cell]]:
    given: dict[str, Cell] = {"question": question, "standalone_question": result.standalone_question}
    given |= {"status": result.status, "citewire": __version__}
    if not result.answers:
        yield given
    for group in result.groups:
        for a in group:
            answer: dict[str, Cell] = {"answer": a.text, "kind": a.kind, "confidence": round(a.confidence, 4)}
            answer |= {"newer": a.newer, "differs": len(group) > 1}
            for c in result.cited(a):
                yield given | answer | _citation_row(c)


def _citation_row(c: Citation) -> dict[str, Cell]:
    """Return all that is known of a citation, by the names of a table's columns."""
    own = "quote sentence start end article version title author published url".split()
    return {name: getattr(c, name) for name in own} | {
        "citation": c.number,
        "speaker": c.speaker.name if c.speaker else None,
        "voice": VOICES[c.speaker.voice] if c.speaker else None,
        "days": "; ".join(told_days(c)),
        "context": _context(c),
        "outlet": c.source,
        "link": quote_link(c),
        "also_in": copies(c),
    }


def _question_ld(question: str, result: Result) -> dict[str, Any]:
    """Return an answer in the words of schema.org; what it has no word for stands under `citewire:`."""
    return {
        "@type": "Question",
        "name": question,
        "citewire:standaloneQuestion": result.standalone_question,
        "citewire:status": result.status,
        "citewire:disagreement": result.disagreement,
        "citewire:searched": result.to_json()["searched"],
        "suggestedAnswer": [
            {
                "@type": "Answer",
                "text": a.text,
                "citewire:confidence": round(a.confidence, 4),
                "citewire:newer": a.newer,
                "citewire:corrects": list(a.corrects),
                "citewire:group": a.group,
                "citation": [_quotation_ld(c) for c in result.cited(a)],
            }
            for a in result.answers
        ],
    }


def _quotation_ld(c: Citation) -> dict[str, Any]:
    """Return a citation in the words of schema.org."""
    article = {
        "@type": "NewsArticle",
        "identifier": c.article,
        "version": c.version,
        "headline": c.title,
        "publisher": c.source and {"@type": "Organization", "name": c.source},
        "author": c.author and {"@type": "Person", "name": c.author},
        "datePublished": c.published,
        "url": web_address(c.url),
    }
    quotation = {
        "@type": "Quotation",
        "text": c.quote,
        "spokenByCharacter": c.speaker and {"@type": "Person", "name": c.speaker.name},
        "citewire:voice": c.speaker and VOICES[c.speaker.voice],
        "citewire:sentence": c.sentence,
        "citewire:start": c.start,
        "citewire:end": c.end,
        "citewire:days": told_days(c) or None,
        "citewire:context": _context(c) or None,
        "citewire:alsoIn": [credit_line(o.source, None, o.published) for o in c.also_in] or None,
        "url": quote_link(c),
        "isPartOf": {name: value for name, value in article.items() if value is not None},
    }
    return {name: value for name, value in quotation.items() if value is not None}
