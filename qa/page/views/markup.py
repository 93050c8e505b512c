"""Text as HTML. Whatever comes from an article or a person is escaped here, on the server, once."""

import re
from calendar import monthrange
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import date
from html import escape
from urllib.parse import parse_qs, urlencode, urlsplit

from corpus.article import parse_published
from corpus.store.records import Filters
from qa.question.words import stems
from qa.result import ResolvedDay
from qa.service.actions import chosen_filters

_WORD = re.compile(r"\w+(?:[’']\w+)*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")


def esc(text: str) -> str:
    """Return text that an HTML page shows as it is, also inside an attribute."""
    return escape(_CONTROL.sub("\ufffd", text), quote=True)


def marked(text: str, start: int, end: int, *, name: str = "") -> str:
    """Return the text as HTML with its characters `[start, end)` marked; nothing is marked where they are none."""
    start, end = max(0, start), min(len(text), end)
    if start >= end:
        return esc(text)
    identity = f' id="{esc(name)}" tabindex="-1"' if name else ""
    return f"{esc(text[:start])}<mark{identity}>{esc(text[start:end])}</mark>{esc(text[end:])}"


def paragraphs(text: str, start: int = 0, end: int = 0, *, name: str = "") -> str:
    """Return the text's paragraphs as HTML, characters `[start, end)` marked; the first mark has the name."""
    shown, at = [], 0
    for paragraph in text.split("\n\n"):
        touched = max(start, at) < min(end, at + len(paragraph))
        shown.append(f"<p>{marked(paragraph, start - at, end - at, name=name if touched else '')}</p>")
        name = "" if touched else name
        at += len(paragraph) + 2
    return "".join(shown)


def worded(text: str, sought: AbstractSet[str], *, name: str = "") -> str:
    """Return the text as HTML with the words of these stems marked; the first mark has the name."""
    shown, done = [], 0
    for found in _WORD.finditer(text) if sought else ():
        if stems(found[0]) & sought:
            identity = f' id="{esc(name)}" tabindex="-1"' if name else ""
            name = ""
            shown.append(f"{esc(text[done : found.start()])}<mark{identity}>{esc(found[0])}</mark>")
            done = found.end()
    return "".join([*shown, esc(text[done:])])


def worded_paragraphs(text: str, words: str, *, near: int, name: str) -> str:
    """Return the text's paragraphs as HTML, the searched words marked; the first mark from `near` on has the name."""
    sought = stems(words)
    shown, at = [], 0
    for paragraph in text.split("\n\n"):
        here = min(max(0, near - at), len(paragraph))
        before, after = worded(paragraph[:here], sought), worded(paragraph[here:], sought, name=name)
        name = "" if "<mark" in after else name
        shown.append(f"<p>{before}{after}</p>")
        at += len(paragraph) + 2
    return "".join(shown)


def marked_paragraphs(text: str, spans: Sequence[tuple[int, int, str]]) -> str:
    """Return the text's paragraphs as HTML with several spans marked: start, end and the name of each.

    Of spans that overlap the later one is marked from where the earlier one ends; one within another is its end alone.
    """
    shown, begins = [], 0
    waiting = sorted(spans)
    for paragraph in text.split("\n\n"):
        parts, at, ends = [], begins, begins + len(paragraph)
        for start, end, name in waiting:
            if start >= ends or end <= begins:
                continue
            first, last = max(at, start), max(at, min(end, ends))
            identity = f' id="{esc(name)}" tabindex="-1"' if start >= begins else ""
            parts += [esc(text[at:first]), f"<mark{identity}>{esc(text[first:last])}</mark>"]
            at = last
        shown.append(f"<p>{''.join(parts)}{esc(text[at:ends])}</p>")
        begins = ends + 2
    return "".join(shown)


def web_address(url: str | None) -> str | None:
    """Return the address where it is one of the web (http or https), else None: no other kind becomes a link."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def progress_html(done: int, total: int, what: str) -> str:
    """Return how many of the questions are asked or answered, in words and as a bar."""
    bar = f'<progress max="{total}" value="{done}" aria-label="Questions {what}"></progress>'
    return f'<div class="cw-adding"><p role="status">{done:,} of {total:,} {what}.</p>{bar}</div>'


VOICES = {"direct": "quoted directly", "reported": "in reported speech"}
"""How a speaker's words are given, in words."""


def quote_address(url: str, fragment: str) -> str:
    """Return the address with a text directive, at which a browser scrolls to the quoted words."""
    return f"{url}{'' if '#' in url else '#'}:~:text={fragment}" if fragment else url


def day_words(day: date, *, weekday: bool = False) -> str:
    """Return a day as people write it: 5 March 2023, or Sunday, 5 March 2023."""
    return f"{day:%A}, {day.day} {day:%B %Y}" if weekday else f"{day.day} {day:%B %Y}"


def span_words(first: date, last: date) -> str:
    """Return the days from one to another: 5 March 2023, March 2023 for the whole month, 2023 for the whole year."""
    if first == last:
        return day_words(first)
    same_month = (first.year, first.month) == (last.year, last.month)
    if same_month and first.day == 1 and last.day == monthrange(last.year, last.month)[1]:
        return f"{first:%B} {first.year}"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31):
        return f"{first.year}" if first.year == last.year else f"{first.year} to {last.year}"
    return f"{day_words(first)} to {day_words(last)}"


def filter_words(filters: Filters, title: str = "") -> list[str]:
    """Return what filters let pass, in words. title: that of their article; without it the id stands for it."""
    words = [f"“{title}”" if title else f"article {filters.article}"] if filters.article else []
    words += [f"outlet {source}" for source in filters.sources]
    words += [f"from {day_words(filters.after)}"] if filters.after else []
    return words + ([f"until {day_words(filters.before)}"] if filters.before else [])


def resolved_words(day: ResolvedDay) -> str:
    """Return the days that words such as "Sunday" stand for, a single one with its weekday; "" where they say it."""
    words = day_words(day.first, weekday=True) if day.first == day.last else span_words(day.first, day.last)
    return "" if words.casefold() == day.text.casefold() else words


def published_words(published: str | None) -> str:
    """Return the day of publication as people write it, or that there is none."""
    return day_words(parse_published(published)) if published else "no date"


def origin_html(source: str | None, author: str | None, published: str | None) -> str:
    """Return outlet, author and day of publication in one line of HTML."""
    day = f'<time datetime="{esc(published)}">{published_words(published)}</time>' if published else "no date"
    outlet = f'<span class="cw-outlet">{esc(source or "outlet unknown")}</span>'
    author_part = f"<span>{esc(author)}</span>" if author else ""
    return ' <span aria-hidden="true">·</span> '.join(part for part in (outlet, author_part, day) if part)


def about_html(article: str, title: str, *, kind: str) -> str:
    """Return the button that asks the next questions of one article alone. kind: its class, a button's or a link's."""
    named = f'data-article="{esc(article)}" data-title="{esc(title)}"'
    words = f'Ask this article<span class="cw-hidden">: {esc(title)}</span>'
    return f'<button type="button" class="{kind} cw-about" {named}>{words}</button>'


MAX_TURNS = 20


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
