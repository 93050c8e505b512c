"""Looking through the collection: its articles, when and where they were published, and what can be asked of them."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import numpy as np

from corpus.article import parse_published
from corpus.errors import UsageError
from corpus.speakers.statements import statements
from corpus.store.records import EVERYTHING, ArticleInfo, Filters
from embeddings.library.protocol import Snapshot
from embeddings.library.search import Hit
from qa.assistant import MAX_QUESTION_CHARACTERS
from qa.page.model.desk import Desk
from qa.result import Result
from qa.retrieval import retrieve

SEARCHED_PASSAGES = 60
MAX_BARS = 60

MOST_NEXT = 3
BUNDLED = (
    ("How many people came to the rally for the old bridge?", "Articles differ", "bridge-rally-ledger.md"),
    (
        "How did the strike at Tolliver Glass unfold, from the walkout to the return to work?",
        "A course of events",
        "strike-walkout.md",
    ),
    ("Who led the delegations?", "Several answers", "talks-close.md"),
    ("Who was fined for leaving the drain gate open?", "Not in the articles", "flood-gate.md"),
)
"""Questions with what they show, and the file of the bundled collection that they are about."""
NEWEST_READ = 8


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
    dates = np.array(list(days), "datetime64[D]")
    if not len(dates):
        return []
    for unit in ("D", "M", "Y"):
        units = dates.astype(f"datetime64[{unit}]")
        first = units.min()
        places = (units - first).astype(int)
        if places.max() < MAX_BARS:
            break
    step = 1 + int(places.max()) // MAX_BARS
    articles = np.bincount(places // step)
    edges = (first + step * np.arange(len(articles) + 1)).astype("datetime64[D]")
    ends = np.minimum(edges[1:] - 1, np.datetime64(date.max))
    return [Bar(*bar) for bar in zip(edges[:-1].tolist(), ends.tolist(), articles.tolist(), strict=True)]


def next_questions(result: Result) -> tuple[str, ...]:
    """Return up to three questions: what those said who speak in the articles cited, the speakers of the quotes first.

    Only speakers with a full name, and none whom the question names already.
    """
    asked = f"{result.question} {result.standalone_question}".casefold()
    cited = [citation.speaker.name for citation in result.citations if citation.speaker]
    articles = {citation.article for citation in result.citations}
    passages = (passage.text for passage in result.retrieved if passage.article in articles)
    spoken = (statement.speaker for text in passages for statement in statements(text))
    names: dict[str, str] = {}
    for name in (*cited, *spoken):
        surname = name.split()[-1].casefold()
        if is_full_name(name) and surname not in asked:
            names.setdefault(surname, name)
    return tuple(speaker_question(name) for name in list(names.values())[:MOST_NEXT])


def speaker_question(name: str) -> str:
    """Return the question what somebody said."""
    return f"What did {name[:1].lower() + name[1:] if name.startswith('The ') else name} say?"


def is_full_name(name: str) -> bool:
    """Tell whether a speaker is named in full: two words or more, each with a capital letter."""
    words = name.split()
    return len(words) > 1 and all(word[:1].isupper() for word in words)


def examples(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return up to four questions, each with a word on what it shows."""
    bundled = [(question, shows) for question, shows, file in BUNDLED if snapshot.articles_named(file)]
    return bundled if len(bundled) == len(BUNDLED) else _from_articles(snapshot)


def _from_articles(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return what the speakers of the newest articles said, and what happened on the newest article's day."""
    newest = snapshot.articles(EVERYTHING, order="published", descending=True, limit=NEWEST_READ, offset=0)
    speakers: dict[str, str] = {}
    for info in newest:
        said = [s.speaker for s in statements(snapshot.article(info.id).text) if is_full_name(s.speaker)]
        if said:
            speakers.setdefault(said[0], info.source or "A speaker")
    questions = [(speaker_question(name), outlet) for name, outlet in list(speakers.items())[:3]]
    days = [parse_published(info.published) for info in newest if info.published]
    if days:
        questions.append((f"What happened on {days[0].day} {days[0]:%B %Y}?", "A day"))
    return questions
