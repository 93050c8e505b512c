"""Retrieval: the passages most likely to answer a question, by meaning and by words.

Where a question names a day, articles published around that day are searched, too. An article of 7 March says "on
Monday" where the question says "6 March": neither words nor vectors match, but it was published close to that day.
"""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

from corpus.article import Article, parse_published
from corpus.dates.resolve import DayExpression, days_in_question, resolve_days
from corpus.dates.vocabulary import MONTH_WORD
from corpus.passages import split
from corpus.store.records import EVERYTHING, ArticleInfo, Coverage, Filters, StoredArticle, VersionInfo
from corpus.store.snapshot import article_info
from embeddings.library.protocol import Snapshot
from embeddings.library.search import Hit
from qa.ranking import WEIGHTS, Candidate, ranking_features
from qa.reader.input import sentences_before
from qa.reader.protocol import ReadPassage

DENSE_CANDIDATES = 50
LEXICAL_CANDIDATES = 50

PRINTED_BEFORE = timedelta(days=3)
PRINTED_AFTER = timedelta(days=10)
LONGEST = timedelta(days=31)
"""Longest time in a question, in days, that counts as a day."""
YEARS = 3
"""Number of years, the newest, in which a day without a year is searched for."""
_NAMES_A_YEAR = re.compile(r"\b\d{4}\b")
_NAMES_A_MONTH = re.compile(rf"(?i)\b{MONTH_WORD}")


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A hit with its score among the hits of one question; NaN if the text was given and not searched for."""

    hit: Hit
    score: float


def retrieve(snapshot: Snapshot, question: str, *, filters: Filters = EVERYTHING, k: int = 10) -> list[Retrieved]:
    """Return the k best passages for the question that pass the filters, best first."""
    hits = snapshot.search(question, filters=filters, dense=DENSE_CANDIDATES, lexical=LEXICAL_CANDIDATES)
    candidates = [Candidate(hit.info.title, hit.text, hit.dense, hit.lexical) for hit in hits]
    scores = (ranking_features(question, candidates) @ WEIGHTS).tolist()
    retrieved = [Retrieved(hit, score) for hit, score in zip(hits, scores, strict=True)]
    return sorted(retrieved, key=lambda r: (-r.score, -r.hit.dense, r.hit.passage_id))[:k]


def asked_days(question: str, coverage: Coverage) -> list[DayExpression]:
    """Return the days or short spans that a question names, relative to the newest article's day."""
    newest = None if coverage.last is None else parse_published(coverage.last)
    return [day for day in days_in_question(question, today=newest) if day.last - day.first < LONGEST]


def retrieve_on_days(
    snapshot: Snapshot, question: str, *, filters: Filters, k: int, days_of: str | None = None
) -> list[Retrieved]:
    """Return the k best passages, after up to k per year from articles around the days in the question.

    days_of: the question whose days count, if the text searched for has more words.
    """
    coverage = snapshot.coverage(filters)
    found = retrieve(snapshot, question, filters=filters, k=k)
    near: list[Retrieved] = []
    for first, last in _windows(asked_days(days_of or question, coverage), coverage):
        around = _narrowed(filters, first - PRINTED_BEFORE, last + PRINTED_AFTER)
        near += [] if around is None else retrieve(snapshot, question, filters=around, k=k)
    once = {retrieved.hit.passage_id: retrieved for retrieved in [*near, *found]}
    return list(once.values())


def to_read(
    retrieved: Sequence[Retrieved], texts: Mapping[str, str], asked: Sequence[DayExpression] = ()
) -> list[ReadPassage]:
    """Return what a reader is given of each passage retrieved.

    texts: of the versions that they stand in. asked: the days that the question names.
    """
    best = max((each.score for each in retrieved if not math.isnan(each.score)), default=math.nan)
    return [
        ReadPassage(
            hit.text,
            hit.info.title or "",
            hit.info.source or "",
            (hit.info.published or "")[:10],
            sentences_before(texts[hit.version], hit.start),
            score - best,
            days_meant(hit, asked),
            hit.start,
        )
        for hit, score in ((each.hit, each.score) for each in retrieved)
    ]


def days_meant(hit: Hit, asked: Sequence[DayExpression]) -> tuple[DayExpression, ...]:
    """Return the day expressions of a passage that mean a day in the question, in any year if it names none."""
    if not asked:
        return ()
    in_year = _fix_the_year(asked)
    days = resolve_days(hit.text, hit.info.day)
    return tuple(day for day in days if any(_overlap(day, other, in_year=in_year) for other in asked))


def _fix_the_year(days: Sequence[DayExpression]) -> bool:
    """Tell whether days of a question fix the year: "6 March 2023" and "yesterday" do, "6 March" does not."""
    return any(_NAMES_A_YEAR.search(day.text) or not _NAMES_A_MONTH.search(day.text) for day in days)


def _overlap(day: DayExpression, asked: DayExpression, *, in_year: bool) -> bool:
    first, last = asked.first, asked.last
    if not in_year:
        first, last = _in_year(first, day.first.year), _in_year(last, day.first.year + last.year - first.year)
    return day.first <= last and first <= day.last


def _windows(days: list[DayExpression], coverage: Coverage) -> list[tuple[date, date]]:
    """Return the first and last day asked for. Without a year, return them for each of the newest years."""
    if not days:
        return []
    first, last = min(day.first for day in days), max(day.last for day in days)
    oldest = first.year if coverage.first is None else parse_published(coverage.first).year
    if _fix_the_year(days):
        return [(first, last)]
    years = range(first.year, max(oldest, first.year - YEARS + 1) - 1, -1)
    return [(_in_year(first, year), _in_year(last, year + last.year - first.year)) for year in years]


def _in_year(day: date, year: int) -> date:
    """Return the same day of another year; 29 February becomes 28 February where there is none."""
    return day.replace(year=year, day=28) if (day.month, day.day) == (2, 29) else day.replace(year=year)


def _narrowed(filters: Filters, first: date, last: date) -> Filters | None:
    """Restrict the filters to these days. Return None if no day is left."""
    after = first if filters.after is None else max(first, filters.after)
    before = last if filters.before is None else min(last, filters.before)
    return replace(filters, after=after, before=before) if after <= before else None


class SingleText:
    """One text alone, asked as if it were a library. Raises ValueError for a text without words."""

    def __init__(self, text: str, title: str | None) -> None:
        self._text = text
        article = Article(text=text, title=title)
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._info = article_info(article, path=None, added=now, changed=now)

    def hits(self) -> list[Hit]:
        """Return all passages in text order. Nothing was searched, so the cosine is NaN."""
        return [
            Hit(n, self._info.id, self._info.version, p.start, p.end, p.text, math.nan, 0.0, n, self._info)
            for n, p in enumerate(split(self._text))
        ]

    def article(self, article: str, version: str | None = None) -> StoredArticle:
        """Return the text."""
        only = VersionInfo(self._info.version, self._info.added, current=True, published=None, modified=None)
        return StoredArticle(self._info, self._text, (only,))

    def copies(self, groups: Iterable[int]) -> dict[int, list[ArticleInfo]]:
        """Return no copies: there are no other articles."""
        return {group: [] for group in groups}

    def sources(self) -> list[tuple[str, int]]:
        """Return no outlets: a text alone has none."""
        return []

    def coverage(self, filters: Filters) -> Coverage:
        """Return the one text, of no outlet and no day."""
        return Coverage(articles=1, sources=0, undated=1, first=None, last=None)
