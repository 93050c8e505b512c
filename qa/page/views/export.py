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
from qa.page.user_data import MAX_NOTE_CHARACTERS, CitedPin
from qa.page.views.addresses import quote_address, web_address
from qa.page.views.markup import rendered
from qa.result import Answer, Citation, Result

_COLUMNS = (
    "question standalone_question status answer kind confidence newer differs citation quote sentence speaker voice "
    "days context start end article version title outlet author published url link also_in citewire"
).split()
_NOTEBOOK_COLUMNS = (
    "citation question note quote sentence speaker voice days context title outlet author published link url start end "
    "article version"
).split()
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
        table=Table("Answers", _COLUMNS, [row for question, result in answered for row in _rows(question, result)]),
        json_ld={"@type": "FAQPage", "mainEntity": [_question_ld(*each) for each in answered]},
    )


def notebook_file(notes: Sequence[CitedPin], suffix: str) -> bytes:
    """Return the pinned quotes as a file of `FILES`."""
    groups = groupby(enumerate(notes, start=1), lambda each: each[1].pin.question)
    return file_of(
        suffix,
        title="Notebook",
        sections=[Section(question, (), [(number, _pinned(note)) for number, note in of]) for question, of in groups],
        table=Table("Notebook", _NOTEBOOK_COLUMNS, [_note_row(each) for each in notes]),
        json_ld={
            "@type": "Collection",
            "name": "Notebook",
            "hasPart": [
                {**_quotation_ld(each.citation), "citewire:question": each.pin.question, "comment": each.pin.note}
                for each in notes
                if each.citation is not None
            ],
        },
    )


def notebook_html(notes: Sequence[CitedPin]) -> str:
    """Return the pinned quotes in their order, each with its note, and the ways to take them away."""
    return rendered("notebook.j2", notes=notes, files=FILES, gone=GONE, most=MAX_NOTE_CHARACTERS)


def _pinned(each: CitedPin) -> Quotation:
    quotation = Quotation(GONE) if each.citation is None else _quotation(each.citation)
    return replace(quotation, note=each.pin.note)


def _note_row(each: CitedPin) -> dict[str, Cell]:
    known: dict[str, Cell] = {"quote": GONE} if each.citation is None else _citation_row(each.citation)
    return {**known, "question": each.pin.question, "note": each.pin.note}


def _section(question: str, result: Result) -> Section:
    alone = result.standalone_question
    paragraphs = [f"Understood as: {alone}"] if alone != result.question else []
    paragraphs += [*_answer_paragraphs(result, with_confidence=True), coverage_line(result)]
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


def _answer_paragraphs(result: Result, *, with_confidence: bool = False) -> list[str]:
    """Return the answers with the numbers of their citations, rivals together; or why there is none."""
    paragraphs = [as_sentence(result.reason.message)] if result.reason else []
    for group in result.groups:
        sure = [f" confidence {a.confidence:.2f}" if with_confidence else "" for a in group]
        quotes = [f"{quoted(a.text)} {_numbers(a)}{more}{standing(a)}" for a, more in zip(group, sure, strict=True)]
        paragraphs.append("\n".join([DIFFER, *quotes] if len(group) > 1 else quotes))
    return paragraphs


def quote_link(c: Citation) -> str | None:
    """Return the address of the quote in the original, None where the article has no address of the web."""
    return quote_address(c.url, c.fragment)


def _numbers(answer: Answer) -> str:
    return "".join(f"[{number}]" for number in answer.citations)


def _context(c: Citation) -> str:
    return " ".join(each.text for each in c.context)


def _rows(question: str, result: Result) -> Iterator[dict[str, Cell]]:
    given: dict[str, Cell] = {
        "question": question,
        "standalone_question": result.standalone_question,
        "status": result.status,
        "citewire": __version__,
    }
    if not result.answers:
        yield given
    differing = [a for group in result.groups if len(group) > 1 for a in group]
    for a in result.answers:
        answer: dict[str, Cell] = {
            "answer": a.text,
            "kind": a.kind,
            "confidence": round(a.confidence, 4),
            "newer": a.newer,
            "differs": a in differing,
        }
        for c in result.cited(a):
            yield {**given, **answer, **_citation_row(c)}


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
