"""The addresses of the page: of a conversation, of an article with its quote, and of the original on the web."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from corpus.store.records import Filters
from qa.service import MAX_TURNS, chosen_filters


def web_address(url: str | None) -> str | None:
    """Return the address where it is one of the web (http or https), else None: no other kind becomes a link."""
    if not url:
        return None
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return None
    return url.strip() if parts.scheme.lower() in ("http", "https") and parts.netloc else None


def quote_address(url: str | None, fragment: str) -> str | None:
    """Return the `web_address` with a text directive, at which a browser scrolls to the quoted words."""
    address = web_address(url)
    return f"{address}{'' if '#' in address else '#'}:~:text={fragment}" if address and fragment else address


def permanent_link(question: str, turns: Sequence[str], filters: Filters) -> str:
    """Return the address that asks the question again, after the same earlier ones and under the same filters."""
    query = [("q", question), *(("turn", turn) for turn in turns[-MAX_TURNS:])]
    query += [("source", source) for source in filters.sources]
    query += [(name, day.isoformat()) for name in ("after", "before") if (day := getattr(filters, name))]
    query += [("article", filters.article)] if filters.article else []
    return "?" + urlencode(query)


@dataclass(frozen=True, slots=True)
class LinkedQuestion:
    """What a permanent link asks: a question after `earlier` ones, oldest first, under filters."""

    question: str
    earlier: tuple[str, ...]
    filters: Filters

    @property
    def questions(self) -> tuple[str, ...]:
        """The whole conversation, the question last."""
        return (*self.earlier, self.question)


def linked_question(query: str) -> LinkedQuestion | None:
    """Return what a permanent link asks, None where it asks nothing. Raises UsageError if its filters are not valid."""
    fields = parse_qs(query.removeprefix("?"))
    question = fields.get("q", [""])[0]
    if not question.strip():
        return None
    narrowed = (fields.get(name, [""])[0] for name in ("after", "before", "article"))
    filters = chosen_filters(fields.get("source", ()), *narrowed)
    return LinkedQuestion(question, tuple(fields.get("turn", ())[-MAX_TURNS:]), filters)


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
