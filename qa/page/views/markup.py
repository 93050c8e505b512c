"""Text as HTML. Whatever comes from an article or a person is escaped here, on the server, once."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup, escape

from corpus.store.activity import filters_json
from corpus.store.records import Filters
from qa.output.plain_text import (
    VOICES,
    articles_of,
    day_words,
    days_words,
    filter_words,
    plural,
    printable,
    published_words,
    resolved_words,
    span_words,
    undated_words,
)
from qa.question.words import stems
from qa.service import MAX_TURNS, chosen_filters

Span = tuple[int, int, str]
"""Characters `[start, end)` to mark, and the name of the mark, "" for none."""
_WORD = re.compile(r"\w+(?:[’']\w+)*")


def esc(text: str) -> Markup:
    """Return text that an HTML page shows as it is, also inside an attribute."""
    return escape(printable(text))


@cache
def _templates() -> Environment:
    """Return the templates, which escape what they show. A line break beside a tag is none on the page."""

    def source(name: str) -> str:
        text = files("qa.page.views").joinpath(name).read_text("utf-8")
        return re.sub(r"(?<=>)\n\s*|\n\s*(?=[<{]|$)", "", text)

    def shown(value: object) -> object:
        return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    made = Environment(loader=FunctionLoader(source), autoescape=True, undefined=StrictUndefined, finalize=shown)
    made.filters |= {
        "day": day_words,
        "marked": marked,
        "paragraphs": marked_paragraphs,
        "plural": plural,
        "published": published_words,
        "resolved": resolved_words,
        "span": span_words,
    }
    made.globals |= {
        "article_address": article_address,
        "articles_of": articles_of,
        "citation_address": citation_address,
        "days_words": days_words,
        "filter_words": filter_words,
        "filters_json": filters_json,
        "permanent_link": permanent_link,
        "undated_words": undated_words,
        "voices": VOICES,
        "word_spans": word_spans,
    }
    return made


def rendered(template: str, **values: object) -> str:
    """Return a template as HTML."""
    return _templates().get_template(template).render(values)


def part(template: str, macro: str, *values: object, **named: object) -> str:
    """Return one macro of a template as HTML."""
    return str(getattr(_templates().get_template(template).module, macro)(*values, **named))


def marked(text: str, spans: Iterable[Span], begins: int = 0, ends: int | None = None) -> Markup:
    """Return characters `[begins, ends)` of a text as HTML with spans marked.

    Of spans that overlap the later one is marked from where the earlier one ends; one within another is its end alone.
    """
    ends = len(text) if ends is None else ends
    parts, at = [], begins
    for start, end, name in sorted(spans):
        if start >= ends or end <= begins:
            continue
        first, last = max(at, start), max(at, min(end, ends))
        identity = Markup(' id="{}" tabindex="-1"').format(name) if name and start >= begins else ""
        parts += [esc(text[at:first]), Markup("<mark{}>{}</mark>").format(identity, esc(text[first:last]))]
        at = last
    return Markup("").join([*parts, esc(text[at:ends])])


def marked_paragraphs(text: str, spans: Iterable[Span] = ()) -> Markup:
    """Return the text's paragraphs as HTML with spans marked as `marked` does."""
    shown, begins = [], 0
    for paragraph in text.split("\n\n"):
        ends = begins + len(paragraph)
        shown.append(Markup("<p>{}</p>").format(marked(text, spans, begins, ends)))
        begins = ends + 2
    return Markup("").join(shown)


def word_spans(text: str, words: str, *, near: int = 0, name: str = "") -> list[Span]:
    """Return where the words searched for stand, in any form; the first from `near` on has the name."""
    sought = stems(words)
    found = [match.span() for match in _WORD.finditer(text) if stems(match[0]) & sought] if sought else []
    named = next((start for start, _ in found if start >= near), None)
    return [(start, end, name if start == named else "") for start, end in found]


def web_address(url: str | None) -> str | None:
    """Return the address where it is one of the web (http or https), else None: no other kind becomes a link."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def quote_address(url: str, fragment: str) -> str:
    """Return the address with a text directive, at which a browser scrolls to the quoted words."""
    return f"{url}{'' if '#' in url else '#'}:~:text={fragment}" if fragment else url


def permanent_link(question: str, turns: Sequence[str], filters: Filters) -> str:
    """Return the address that asks the question again, after the same earlier ones and under the same filters."""
    query = [("q", question), *(("turn", turn) for turn in turns[-MAX_TURNS:])]
    query += [("source", source) for source in filters.sources]
    query += [(name, day.isoformat()) for name in ("after", "before") if (day := getattr(filters, name))]
    query += [("article", filters.article)] if filters.article else []
    return "?" + urlencode(query)


def linked_question(query: str) -> tuple[str, tuple[str, ...], Filters] | None:
    """Return the question, earlier questions and filters of a permanent link, or None where nothing is asked.

    Raises UsageError for filters that are none.
    """
    given = parse_qs(query)
    question = given.get("q", [""])[0]
    if not question.strip():
        return None
    narrowed = (given.get(name, [""])[0] for name in ("after", "before", "article"))
    return question, tuple(given.get("turn", ())[-MAX_TURNS:]), chosen_filters(given.get("source", ()), *narrowed)


def article_address(article: str, *, version: str | None = None, start: int = 0, end: int = 0, words: str = "") -> str:
    """Return the page's address of an article, at its version and with characters `[start, end)` marked.

    words: what was searched for; these words are marked instead.
    """
    named: Mapping[str, object] = {"version": version, "start": start or None, "end": end or None, "words": words}
    query = urlencode({name: value for name, value in named.items() if value})
    return f"article/{article}{'?' + query if query else ''}{'#quote' if end else ''}"


def citation_address(citation: Mapping[str, Any]) -> str:
    """Return the page's address of the words of a citation (`citewire/1`)."""
    c = citation
    return article_address(c["article"], version=c["version"], start=c["start"], end=c["end"])
