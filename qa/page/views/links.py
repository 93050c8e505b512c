"""Addresses within the page, all relative so that they hold behind any proxy, and the reading of permanent links."""

from collections.abc import Mapping, Sequence
from urllib.parse import parse_qs, urlencode

from corpus.store.store import Filters
from qa.service.filters import chosen_filters

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
