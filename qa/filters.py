"""Filters: outlets meant by the names that people type, and what was searched under the filters."""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from corpus.errors import UsageError
from corpus.store.records import Coverage, Filters
from embeddings.library.protocol import Articles
from qa.result import Searched

_APOSTROPHES = dict.fromkeys(map(ord, "‘’‛ʼʻ´`′＇"), "'")
_MOST_NEAR = 3
_NEAR = 0.6  # of difflib's ratio


def meant_filters(filters: Filters, articles: Articles) -> Filters:
    """Return the filters with the library's own names of outlets, told without blanks, case and kinds of apostrophe.

    A name that the library does not know stays as it is. It passes nothing. Raises UsageError for an article that the
    library does not hold.
    """
    if filters.article is not None and not articles.coverage(Filters(article=filters.article)).articles:
        raise UsageError(f"the library has no article {filters.article[:40]}: the list of articles gives their ids")
    if not filters.sources:
        return filters
    known: dict[str, list[str]] = {}
    for source, _ in articles.sources():
        known.setdefault(plain(source), []).append(source)
    meant = (name for given in filters.sources for name in known.get(plain(given), [given]))
    return replace(filters, sources=tuple(dict.fromkeys(meant)))


def nearest(names: Sequence[str], articles: Articles) -> list[str]:
    """Return the outlets whose names are most like these: first those that hold one of them, the largest first."""
    known = {plain(source): source for source, _ in reversed(articles.sources())}
    found: list[str] = []
    for name in map(plain, names):
        holding = [each for each in reversed(known) if name and (name in each or each in name)]
        found += [*holding, *get_close_matches(name, known, n=_MOST_NEAR, cutoff=_NEAR)]
    return [known[name] for name in dict.fromkeys(found)][:_MOST_NEAR]


def nothing_under(filters: Filters, articles: Articles) -> str:
    """Return what to do where no article passes the filters: outlets with names alike, else another filter."""
    if filters.sources and not articles.coverage(Filters(filters.sources)).articles:
        near = nearest(filters.sources, articles)
        if near:
            return f"No article is from {' or '.join(filters.sources)}. The nearest outlets: {', '.join(near)}."
    return "No article passes the filters: take one of them away."


def plain(name: str) -> str:
    """Return a name without case, blanks at its ends and between, and kinds of apostrophe."""
    return "".join(unicodedata.normalize("NFKC", name.translate(_APOSTROPHES)).casefold().split())


def searched_under(filters: Filters, articles: Articles, coverage: Coverage) -> Searched:
    """Return what was searched under the filters. coverage: what these leave."""
    has_days = filters.after or filters.before
    named = {
        "sources": list(filters.sources),
        "after": filters.after.isoformat() if filters.after else None,
        "before": filters.before.isoformat() if filters.before else None,
        "article": filters.article,
        "title": articles.article(filters.article).info.heading if filters.article else None,
    }
    return Searched(
        articles=coverage.articles,
        sources=coverage.sources,
        first=coverage.first,
        last=coverage.last,
        filters={name: value for name, value in named.items() if value},
        undated=articles.coverage(replace(filters, after=None, before=None)).undated if has_days else 0,
    )
