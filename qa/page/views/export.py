"""Fact sheets: one answer or a conversation as a file, with all that is needed to check it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpus import __version__
from qa.output.plain_text import as_sentence, coverage_line, standing
from qa.output.tables import Cell, Table, escaped
from qa.page.model.conversation import Turn
from qa.page.views.markup import VOICES, published_words, quote_address, resolved_words, web_address
from qa.page.views.office import Quotation, Section, file_of
from qa.result import Answer, Citation, Result

_COLUMNS = (
    "question standalone_question status answer kind confidence newer differs citation quote sentence speaker voice "
    "days context start end article version title outlet author published url link also_in citewire"
).split()
DIFFER = "The articles differ:"


def export(turns: Sequence[Turn], suffix: str) -> str:
    """Return the answered turns in a format of `TEXTS`."""
    return answer_file(turns, suffix).decode()


def answer_file(turns: Sequence[Turn], suffix: str) -> bytes:
    """Return the answered turns as a file of `FILES`."""
    answered = [turn for turn in turns if turn.result is not None]
    return file_of(
        suffix,
        title=answered[0].question if len(answered) == 1 else "Conversation",
        sections=map(_section, answered),
        table=table_of("Answers", _COLUMNS, [row for turn in answered for row in _rows(turn)]),
        markdown=[_markdown(turn) for turn in answered],
        json_ld={"@type": "FAQPage", "mainEntity": [_question_ld(turn) for turn in answered]},
    )


def _section(turn: Turn) -> Section:
    result = _result(turn)
    quotations = [quotation(c, before=f"[{c.number}] ") for c in result.citations]
    return Section(turn.question, [*_answer_paragraphs(result), coverage_line(result)], quotations)


def quotation(c: Citation, *, before: str = "") -> Quotation:
    """Return a citation as a document shows it. before: what stands before its origin."""
    _, origin, *more = facts(c)
    return Quotation(c.sentence, c.quote, [before + origin, *more], quote_link(c))


def file_name(question: str, suffix: str) -> str:
    """Return the name of a fact sheet, which begins with its first question: citewire-who-led-the-talks.csv."""
    words = re.sub(r"[^a-z0-9]+", "-", question.casefold())[:60].strip("-")
    return f"citewire-{words or 'answer'}.{suffix}"


def copied_text(turn: Turn) -> str:
    """Return an answer as plain text for the clipboard, each quote with its sentence, speaker, outlet, day and link."""
    if turn.result is None:
        return turn.question
    parts = [turn.question, *_answer_paragraphs(turn.result)]
    for c in turn.result.citations:
        first, *more = facts(c)
        link = quote_link(c)
        parts.append("\n".join([f"[{c.number}] {first}", *more, *([link] if link else [])]))
    return "\n\n".join([*parts, coverage_line(turn.result)])


def _answer_paragraphs(result: Result) -> list[str]:
    """Return the answers with the numbers of their citations, rivals together; or why there is none."""
    paragraphs = [as_sentence(result.reason.message)] if result.reason else []
    for group in result.groups:
        quotes = [f"“{a.text}” {_numbers(a)}{standing(a)}" for a in group]
        paragraphs.append("\n".join([DIFFER, *quotes] if len(group) > 1 else quotes))
    return paragraphs


def quote_link(c: Citation) -> str | None:
    """Return the address of the quote in the original, None where the article has no address of the web."""
    url = web_address(c.url)
    return quote_address(url, c.fragment) if url else None


def _numbers(answer: Answer) -> str:
    return "".join(f"[{number}]" for number in answer.citations)


def facts(c: Citation) -> list[str]:
    """Return what makes a quote stand by itself, a line each: sentence, origin, and what is known of it."""
    lines = [f"“{c.sentence}”", f"{c.title} — {_origin(c.source, c.author, c.published)}."]
    if c.speaker:
        lines.append(f"Said by {c.speaker.name} ({VOICES[c.speaker.voice]}).")
    if c.context:
        lines.append(f"Before it: “{_context(c)}”")
    lines += [f"{words}." for words in _days(c)]
    if c.also_in:
        lines.append(f"Also in {_also_in(c)}.")
    return lines if c.verified else [*lines, "Warning: the stored text differs from this quote."]


def _origin(source: str | None, author: str | None, published: str | None) -> str:
    return ", ".join(part for part in (source or "outlet unknown", author, published_words(published)) if part)


def _context(c: Citation) -> str:
    return " ".join(each.text for each in c.context)


def _days(c: Citation) -> list[str]:
    return [f"“{d.text}” is {words}" for d in c.dates if (words := resolved_words(d))]


def _also_in(c: Citation) -> str:
    return "; ".join(_origin(copy.source, None, copy.published) for copy in c.also_in)


def _markdown(turn: Turn) -> str:
    result = _result(turn)
    parts = [f"## {escaped(turn.question)}"]
    if result.standalone_question != result.question:
        parts.append(f"Understood as: {escaped(result.standalone_question)}")
    if result.reason:
        parts.append(escaped(as_sentence(result.reason.message)))
    for group in result.groups:
        parts += [DIFFER] if len(group) > 1 else []
        for a in group:
            marks = f"{_numbers(a)} confidence {a.confidence:.2f}{standing(a)}"
            parts.append(f"> {escaped(a.text)}\n\n{escaped(marks)}")
    for c in result.citations:
        parts.append(citation_markdown(c))
    return "\n\n".join([*parts, escaped(coverage_line(result))])


def citation_markdown(c: Citation) -> str:
    """Return a citation as an item of a numbered list."""
    first, *more = facts(c)
    lines = [f"{c.number}. {escaped(first)}", *(f"   - {escaped(line)}" for line in more)]
    if link := quote_link(c):
        lines.append(f"   - <{link.replace('>', '%3E').replace('<', '%3C').replace(' ', '%20')}>")
    lines.append(f"   - Quote: “{escaped(c.quote)}”")
    lines.append(f"   - Article `{c.article}`, version `{c.version}`, characters {c.start} to {c.end}")
    return "\n".join(lines)


def _rows(turn: Turn) -> Iterator[dict[str, Cell]]:
    result = _result(turn)
    asked: dict[str, Cell] = {
        "question": turn.question,
        "standalone_question": result.standalone_question,
        "status": result.status,
        "citewire": __version__,
    }
    if not result.answers:
        yield asked
    differing = [a for group in result.groups if len(group) > 1 for a in group]
    for a in result.answers:
        given: dict[str, Cell] = {
            "answer": a.text,
            "kind": a.kind,
            "confidence": round(a.confidence, 4),
            "newer": a.newer,
            "differs": a in differing,
        }
        for c in result.cited(a):
            yield {**asked, **given, **citation_row(c)}


def table_of(name: str, columns: Sequence[str], rows: Sequence[Mapping[str, Cell]]) -> Table:
    """Return rows of named cells as a table; what a row does not name is empty."""
    return Table(name, columns, [[row.get(column) for column in columns] for row in rows])


def citation_row(c: Citation) -> dict[str, Cell]:
    """Return all that is known of a citation, by the names of a table's columns."""
    return {
        "citation": c.number,
        "quote": c.quote,
        "sentence": c.sentence,
        "speaker": c.speaker.name if c.speaker else None,
        "voice": VOICES[c.speaker.voice] if c.speaker else None,
        "days": "; ".join(_days(c)),
        "context": _context(c),
        "start": c.start,
        "end": c.end,
        "article": c.article,
        "version": c.version,
        "title": c.title,
        "outlet": c.source,
        "author": c.author,
        "published": c.published,
        "url": c.url,
        "link": quote_link(c),
        "also_in": _also_in(c),
    }


def _question_ld(turn: Turn) -> dict[str, Any]:
    """Return an answer in the words of schema.org; what it has no word for stands under `citewire:`."""
    result = _result(turn)
    return {
        "@type": "Question",
        "name": turn.question,
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
                "citation": [quotation_ld(c) for c in result.cited(a)],
            }
            for a in result.answers
        ],
    }


def quotation_ld(c: Citation) -> dict[str, Any]:
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
        "citewire:days": _days(c) or None,
        "citewire:context": _context(c) or None,
        "citewire:alsoIn": [_origin(o.source, None, o.published) for o in c.also_in] or None,
        "url": quote_link(c),
        "isPartOf": {name: value for name, value in article.items() if value is not None},
    }
    return {name: value for name, value in quotation.items() if value is not None}


def _result(turn: Turn) -> Result:
    if turn.result is None:
        raise ValueError("only an answered question has a fact sheet")
    return turn.result
