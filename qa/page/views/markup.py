"""Text as HTML. Whatever comes from an article or a person is escaped here, on the server, once."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from html import escape
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from corpus.article import parse_published
from corpus.store.store import Filters
from qa.service.actions import chosen_filters

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_FRAGMENT_WORDS = 6
"""Words at either end of a long quote that find it in the original page."""


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


def web_address(url: str | None) -> str | None:
    """Return the address where it is one of the web (http or https), else None: no other kind becomes a link."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def quote_address(url: str, words: str) -> str:
    """Return the address with a text fragment, at which a browser scrolls to the quoted words.

    Source: WICG, URL Fragment Text Directives.
    """
    split = words.split()
    if len(split) > 2 * _FRAGMENT_WORDS:
        ends = [" ".join(split[:_FRAGMENT_WORDS]), " ".join(split[-_FRAGMENT_WORDS:])]
    else:
        ends = [" ".join(split)]
    directive = ",".join(quote(part, safe="").replace("-", "%2D") for part in ends)
    return f"{url}{'' if '#' in url else '#'}:~:text={directive}"


def day_words(day: date, *, weekday: bool = False) -> str:
    """Return a day as people write it: 5 March 2023, or Sunday, 5 March 2023."""
    return f"{day:%A}, {day.day} {day:%B %Y}" if weekday else f"{day.day} {day:%B %Y}"


def published_words(published: str | None) -> str:
    """Return the day of publication as people write it, or that there is none."""
    return day_words(parse_published(published)) if published else "no date"


def origin_html(source: str | None, author: str | None, published: str | None) -> str:
    """Return outlet, author and day of publication in one line of HTML."""
    day = f'<time datetime="{esc(published)}">{published_words(published)}</time>' if published else "no date"
    outlet = f'<span class="cw-outlet">{esc(source or "outlet unknown")}</span>'
    author_part = f"<span>{esc(author)}</span>" if author else ""
    return ' <span aria-hidden="true">·</span> '.join(part for part in (outlet, author_part, day) if part)


def plural(number: int, thing: str) -> str:
    """Return the number and the thing counted: 1 article, 1,200 articles."""
    return f"{number:,} {thing}{'' if number == 1 else 's'}"


MAX_TURNS = 20


def permanent_link(question: str, turns: Sequence[str], filters: Filters) -> str:
    """Return the address that asks the question again, after the same earlier ones and under the same filters."""
    query = [("q", question), *(("turn", turn) for turn in turns[-MAX_TURNS:])]
    query += [("source", source) for source in filters.sources]
    query += [(name, day.isoformat()) for name in ("after", "before") if (day := getattr(filters, name))]
    return "?" + urlencode(query)


def linked_question(query: str) -> tuple[str, tuple[str, ...], Filters] | None:
    """Return the question, earlier questions and filters of a permanent link, or None where nothing is asked.

    Raises UsageError for filters that are none.
    """
    given = parse_qs(query)
    question = given.get("q", [""])[0]
    if not question.strip():
        return None
    after, before = (given.get(name, [""])[0] for name in ("after", "before"))
    return question, tuple(given.get("turn", ())[-MAX_TURNS:]), chosen_filters(given.get("source", ()), after, before)


def article_address(article: str, *, version: str | None = None, start: int = 0, end: int = 0) -> str:
    """Return the page's address of an article, at its version and with characters `[start, end)` marked."""
    named: Mapping[str, object] = {"version": version, "start": start or None, "end": end or None}
    query = urlencode({name: value for name, value in named.items() if value})
    return f"article/{article}{'?' + query if query else ''}{'#quote' if end else ''}"
