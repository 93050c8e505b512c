"""What a question was asked of, and what the result says where that gives no sure answer.

Names of outlets in filters mean the library's outlets; where none is meant, those nearest to it are named.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches

from corpus.errors import UsageError
from corpus.store.records import EVERYTHING, Coverage, Filters
from qa.compose.cite import Cited
from qa.reader.protocol import Extraction, ReadResult
from qa.result import ClosePassage, Reason, Result, Searched, Status
from qa.retrieval import Retrieved

_APOSTROPHES = dict.fromkeys(map(ord, "‘’‛ʼʻ´`′＇"), "'")
_MOST_NEAR = 3
_NEAR = 0.6  # of difflib's ratio


def meant_filters(filters: Filters, outlets: Cited) -> Filters:
    """Return the filters with the library's own names of outlets, told without blanks, case and kinds of apostrophe.

    A name that the library does not know stays as it is. It passes nothing. Raises UsageError for an article that the
    library does not hold.
    """
    if filters.article is not None and not outlets.coverage(Filters(article=filters.article)).articles:
        raise UsageError(f"the library has no article {filters.article[:40]}: the list of articles gives their ids")
    if not filters.sources:
        return filters
    known: dict[str, list[str]] = {}
    for source, _ in outlets.sources():
        known.setdefault(plain(source), []).append(source)
    meant = (name for given in filters.sources for name in known.get(plain(given), [given]))
    return replace(filters, sources=tuple(dict.fromkeys(meant)))


def nearest(names: Sequence[str], outlets: Cited) -> list[str]:
    """Return the outlets whose names are most like these: first those that hold one of them, the largest first."""
    known = {plain(source): source for source, _ in reversed(outlets.sources())}
    found: list[str] = []
    for name in map(plain, names):
        holding = [each for each in reversed(known) if name and (name in each or each in name)]
        found += [*holding, *get_close_matches(name, known, n=_MOST_NEAR, cutoff=_NEAR)]
    return [known[name] for name in dict.fromkeys(found)][:_MOST_NEAR]


def undated_left_out(filters: Filters, outlets: Cited) -> int:
    """Return how many articles the days of the filters leave out because their own day is not known."""
    if not (filters.after or filters.before):
        return 0
    return outlets.coverage(replace(filters, after=None, before=None)).undated


def plain(name: str) -> str:
    """Return a name without case, blanks at its ends and between, and kinds of apostrophe."""
    return "".join(unicodedata.normalize("NFKC", name.translate(_APOSTROPHES)).casefold().split())


def courtesy_result(question: str) -> Result:
    """Return the result of words that ask nothing: "thanks!"."""
    return Result(
        question=question,
        standalone_question=question,
        status="not_in_library",
        reason=Reason("nothing_asked", "You are welcome. Nothing was asked, so nothing was searched."),
        answers=(),
        citations=(),
        closest=(),
        searched=Searched(0, 0, None, None),
        timings_ms={"retrieve": 0.0, "read": 0.0, "total": 0.0},
    )


def status_of(reason: Reason | None) -> Status:
    """Return what became of a question. reason: why there is no sure answer, None where there is one."""
    if reason is None:
        return "answered"
    if reason.code == "unsure":
        return "unsure"
    return "empty_library" if reason.code == "empty_library" else "not_in_library"


def close_passages(retrieved: Sequence[Retrieved], extractions: Sequence[Extraction]) -> tuple[ClosePassage, ...]:
    """Return the passages in the order they were retrieved, each with its most confident extraction."""
    best: dict[int, Extraction] = {}
    for extraction in extractions:
        best.setdefault(extraction.passage, extraction)
    return tuple(
        ClosePassage(
            article=r.hit.article,
            version=r.hit.version,
            title=r.hit.info.heading,
            source=r.hit.info.source,
            published=r.hit.info.published,
            start=r.hit.start,
            end=r.hit.end,
            text=r.hit.text,
            score=best[n].confidence if n in best else 0.0,
            mark=(best[n].start, best[n].end) if n in best else None,
        )
        for n, r in enumerate(retrieved)
    )


def searched_under(coverage: Coverage, filters: Filters, articles: Cited, title: str | None = None) -> Searched:
    """Return what was searched under the filters. coverage: what these cover. title: that of their article."""
    named = {
        "sources": list(filters.sources),
        "after": filters.after.isoformat() if filters.after else None,
        "before": filters.before.isoformat() if filters.before else None,
        "article": filters.article,
        "title": title,
    }
    return Searched(
        articles=coverage.articles,
        sources=coverage.sources,
        first=coverage.first,
        last=coverage.last,
        filters={name: value for name, value in named.items() if value},
        undated=undated_left_out(filters, articles),
    )


def reason_for(
    read: ReadResult, articles: Cited, filters: Filters, found: int, *, is_answered: bool, is_foreign: bool
) -> Reason | None:
    """Return why there is no sure answer. found: passages near the question. is_foreign: they or it are not English."""
    if is_answered:
        unsure = "The articles may not answer this. These words are the likeliest."
        return Reason("unsure", unsure) if read.outcome == "unsure" else None
    if not articles.coverage(EVERYTHING).articles:
        return Reason("empty_library", "The library holds no articles yet: add some with `citewire add`.")
    if not articles.coverage(filters).articles:
        return Reason("nothing_under_filters", nothing_under(filters, articles))
    if not found:
        return Reason("nothing_found", "The articles have nothing near this question.")
    if is_foreign:
        message = "The reader knows English alone, so it has not read these: they are what a search finds."
        return Reason("other_language", message)
    asked = "article does" if filters.article else "articles do"
    return Reason("below_threshold", f"The {asked} not say. The closest passages are below.")


def nothing_under(filters: Filters, articles: Cited) -> str:
    """Return what to do where no article passes the filters: outlets with names alike, else another filter."""
    if filters.sources and not articles.coverage(Filters(filters.sources)).articles:
        near = nearest(filters.sources, articles)
        if near:
            return f"No article is from {' or '.join(filters.sources)}. The nearest outlets: {', '.join(near)}."
    return "No article passes the filters: take one of them away."
