"""Fact sheets: one answer or a conversation as Markdown, CSV or JSON-LD, with all that is needed to check it."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corpus import __version__
from qa.output.terminal import coverage_line, origin
from qa.page.model.conversation import Turn
from qa.page.views.markup import web_address
from qa.result import Answer, Citation, Result

FORMATS: Mapping[str, str] = {"md": "Markdown", "csv": "CSV", "jsonld": "JSON-LD"}
MEDIA_TYPES: Mapping[str, str] = {
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "jsonld": "application/ld+json; charset=utf-8",
}
_COLUMNS = (
    "question standalone_question status answer kind confidence newer citation quote sentence start end article "
    "version title outlet author published url citewire"
).split()
_MARKDOWN = str.maketrans({character: "\\" + character for character in "\\`*_{}[]<>#|~"})
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def export(turns: Sequence[Turn], suffix: str) -> str:
    """Return the answered turns in a format of `FORMATS`."""
    answered = [turn for turn in turns if turn.result is not None]
    if suffix == "csv":
        return _csv(answered)
    if suffix == "jsonld":
        return json.dumps(_json_ld(answered), ensure_ascii=False, indent=1) + "\n"
    return "\n\n".join([*(_markdown(turn) for turn in answered), f"Made with Citewire {__version__}."]) + "\n"


def copied_text(turn: Turn) -> str:
    """Return an answer as plain text with its citations, for the clipboard."""
    if turn.result is None:
        return turn.question
    lines = [turn.question, ""]
    lines += [f"“{a.text}” {_numbers(a)}{' (newer)' if a.newer else ''}" for a in turn.result.answers]
    if turn.result.reason:
        lines.append(turn.result.reason.message)
    if turn.result.citations:
        lines += ["", *(f"[{c.number}] {_reference(c)}" for c in turn.result.citations)]
    return "\n".join([*lines, "", coverage_line(turn.result)])


def _numbers(answer: Answer) -> str:
    return "".join(f"[{number}]" for number in answer.citations)


def _reference(c: Citation) -> str:
    place = f"{c.title}. {origin(c.source, c.author, c.published)}. Characters {c.start} to {c.end}"
    return f"{place}. {c.url}" if c.url else f"{place}."


def _markdown(turn: Turn) -> str:
    result = _result(turn)
    parts = [f"## {_escaped(turn.question)}"]
    if result.standalone_question != result.question:
        parts.append(f"Understood as: {_escaped(result.standalone_question)}")
    if result.disagreement:
        parts.append("The articles differ:")
    for a in result.answers:
        newer = " (newer)" if a.newer else ""
        parts.append(f"> {_escaped(a.text)}\n\n{_escaped(_numbers(a))} confidence {a.confidence:.2f}{newer}")
    if result.reason:
        parts.append(_escaped(result.reason.message))
    for c in result.citations:
        facts = [f"{c.number}. **{_escaped(c.title)}** — {_escaped(origin(c.source, c.author, c.published))}"]
        facts.append(f"   - Quote: “{_escaped(c.quote)}”")
        facts.append(f"   - Sentence: “{_escaped(c.sentence)}”")
        facts.append(f"   - Article `{c.article}`, version `{c.version}`, characters {c.start} to {c.end}")
        if url := web_address(c.url):
            facts.append(f"   - <{url.replace('>', '%3E').replace('<', '%3C').replace(' ', '%20')}>")
        parts.append("\n".join(facts))
    return "\n\n".join([*parts, _escaped(coverage_line(result))])


def _escaped(text: str) -> str:
    return " ".join(text.split()).translate(_MARKDOWN)


def _csv(turns: Sequence[Turn]) -> str:
    """Return one row for each citation of each answer; a cell that a spreadsheet would take for a formula is quoted."""
    out = io.StringIO()
    writer = csv.DictWriter(out, _COLUMNS, lineterminator="\r\n")
    writer.writeheader()
    for turn in turns:
        for row in _rows(turn):
            writer.writerow({name: _cell(value) for name, value in row.items()})
    return "\ufeff" + out.getvalue()


def _cell(value: object) -> object:
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value


def _rows(turn: Turn) -> Iterator[dict[str, object]]:
    result = _result(turn)
    asked: dict[str, object] = {
        "question": turn.question,
        "standalone_question": result.standalone_question,
        "status": result.status,
        "citewire": __version__,
    }
    if not result.answers:
        yield asked
    for a in result.answers:
        given = {"answer": a.text, "kind": a.kind, "confidence": round(a.confidence, 4), "newer": a.newer}
        for c in result.cited(a):
            yield {
                **asked,
                **given,
                "citation": c.number,
                "quote": c.quote,
                "sentence": c.sentence,
                "start": c.start,
                "end": c.end,
                "article": c.article,
                "version": c.version,
                "title": c.title,
                "outlet": c.source,
                "author": c.author,
                "published": c.published,
                "url": c.url,
            }


def _json_ld(turns: Sequence[Turn]) -> dict[str, Any]:
    """Return the turns in the words of schema.org; what it has no word for stands under `citewire:`."""
    return {
        "@context": ["https://schema.org", {"citewire": "urn:citewire:"}],
        "@type": "FAQPage",
        "creator": {"@type": "SoftwareApplication", "name": "Citewire", "softwareVersion": __version__},
        "mainEntity": [_question_ld(turn) for turn in turns],
    }


def _question_ld(turn: Turn) -> dict[str, Any]:
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
                "citation": [_quotation_ld(c) for c in result.cited(a)],
            }
            for a in result.answers
        ],
    }


def _quotation_ld(c: Citation) -> dict[str, Any]:
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
        "citewire:sentence": c.sentence,
        "citewire:start": c.start,
        "citewire:end": c.end,
        "isPartOf": {name: value for name, value in article.items() if value is not None},
    }
    return {name: value for name, value in quotation.items() if value is not None}


def _result(turn: Turn) -> Result:
    if turn.result is None:
        raise ValueError("only an answered question has a fact sheet")
    return turn.result
