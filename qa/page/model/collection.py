"""Looking through the collection: articles that hold words, and how many there are over time and per outlet."""

from bisect import bisect_right
from calendar import monthrange
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from corpus.article import parse_published
from corpus.errors import UsageError
from corpus.store.store import EVERYTHING, ArticleInfo, Filters
from embeddings.library.library import Hit, Snapshot
from qa.assistant import MAX_QUESTION_CHARACTERS
from qa.page.model.desk import Desk
from qa.retrieval import retrieve

SEARCHED_PASSAGES = 60
MAX_BARS = 60
OUTLETS_SHOWN = 12


@dataclass(frozen=True, slots=True)
class Listed:
    """An article of a list, with the passage that fits the words searched for best."""

    info: ArticleInfo
    hit: Hit | None = None


@dataclass(frozen=True, slots=True)
class Bar:
    """How many articles were published from one day to another, both included."""

    first: date
    last: date
    articles: int


@dataclass(frozen=True, slots=True)
class Found:
    """A part of the articles found, how many there are in all, and their number over time and per outlet."""

    listed: tuple[Listed, ...]
    total: int
    bars: tuple[Bar, ...]
    outlets: tuple[tuple[str, int], ...]
    undated: int


def find_articles(desk: Desk, words: str, filters: Filters = EVERYTHING, *, limit: int = 50) -> Found:
    """Return the articles under the filters: with words those that fit them, best first; else all, newest first.

    Raises UsageError for more words than a question may have.
    """
    if len(words) > MAX_QUESTION_CHARACTERS:
        raise UsageError(f"search for at most {MAX_QUESTION_CHARACTERS:,} characters")
    with desk.assistant.library.snapshot() as snapshot:
        if words.strip():
            found = _fitting(snapshot, words, filters)
        else:
            found = [
                Listed(info)
                for info in snapshot.articles(filters, order="published", descending=True, limit=None, offset=0)
            ]
    infos = [one.info for one in found]
    outlets = Counter(info.source for info in infos if info.source)
    days = [parse_published(info.published) for info in infos if info.published]
    ranked = sorted(outlets.items(), key=lambda item: (-item[1], item[0]))
    return Found(tuple(found[:limit]), len(found), tuple(bars(days)), tuple(ranked), len(infos) - len(days))


def _fitting(snapshot: Snapshot, words: str, filters: Filters) -> list[Listed]:
    """Return the articles of the passages that fit the words, each once, with its best passage."""
    best: dict[str, Listed] = {}
    for retrieved in retrieve(snapshot, words, filters=filters, k=SEARCHED_PASSAGES):
        if retrieved.hit.lexical > 0:
            best.setdefault(retrieved.hit.article, Listed(retrieved.hit.info, retrieved.hit))
    return list(best.values())


def bars(days: Iterable[date]) -> list[Bar]:
    """Return the number of articles by day, month, year or years: the finest that needs at most `MAX_BARS` bars."""
    counted = Counter(days)
    if not counted:
        return []
    first, last = min(counted), max(counted)
    if (last - first).days < MAX_BARS:
        spans = [(day, day) for day in (first + timedelta(days=n) for n in range((last - first).days + 1))]
    elif _months(last) - _months(first) < MAX_BARS:
        spans = [_month(number) for number in range(_months(first), _months(last) + 1)]
    else:
        step = -(-(last.year - first.year + 1) // MAX_BARS)
        spans = [
            (date(year, 1, 1), date(min(year + step - 1, date.max.year), 12, 31))
            for year in range(first.year, last.year + 1, step)
        ]
    starts = [start for start, _ in spans]
    grouped = Counter[date]()
    for day, articles in counted.items():
        grouped[starts[bisect_right(starts, day) - 1]] += articles
    return [Bar(start, end, grouped[start]) for start, end in spans]


def _months(day: date) -> int:
    return 12 * day.year + day.month - 1


def _month(number: int) -> tuple[date, date]:
    year, month = divmod(number, 12)
    return date(year, month + 1, 1), date(year, month + 1, monthrange(year, month + 1)[1])
