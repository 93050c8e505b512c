"""Retrieval: the passages most likely to answer a question, by meaning and by words; of one text alone, all of them.

Where a question names a day, articles published around that day are searched, too. An article of 7 March says "on
Monday" where the question says "6 March": neither words nor vectors match, but it was published close to that day.
"""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from corpus.article import parse_published
from corpus.dates.resolve import DayExpression, days_in_question, resolve_days
from corpus.dates.vocabulary import MONTH_WORD
from corpus.store.records import EVERYTHING, Coverage, Filters
from embeddings.index.tokens import telling_tokens, tokens
from embeddings.library.protocol import Snapshot
from embeddings.library.search import Hit
from qa.reader.input import sentences_before
from qa.reader.protocol import ReadPassage

FloatArray = npt.NDArray[np.float64]

DENSE_CANDIDATES = 50
LEXICAL_CANDIDATES = 50

# Fitted by benchmarks/tune_retrieval.py on the tuning half of its questions.
MEANING_WEIGHT = 1.45
WORDS_WEIGHT = 0.89
COVERAGE_WEIGHT = 2.39
PAIRS_WEIGHT = 0.55
WEIGHTS = np.array([MEANING_WEIGHT, WORDS_WEIGHT, COVERAGE_WEIGHT, PAIRS_WEIGHT])

MOST_WORDS = 32
_ENDING = re.compile(r"(?:'s|ies|ied|ing|ed|es|s|e|y)$")

PRINTED_BEFORE = timedelta(days=3)
PRINTED_AFTER = timedelta(days=10)
LONGEST = timedelta(days=31)
"""Longest time in a question, in days, that counts as a day."""
YEARS = 3
"""Number of years, the newest, in which a day without a year is searched for."""
_NAMES_A_YEAR = re.compile(r"\b\d{4}\b")
_NAMES_A_MONTH = re.compile(rf"(?i)\b{MONTH_WORD}")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage to be ranked: article title, text, cosine and BM25 score."""

    title: str | None
    text: str
    dense: float
    lexical: float


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A hit with its score among the hits of one question; NaN if the text was given and not searched for."""

    hit: Hit
    score: float


def retrieve(snapshot: Snapshot, question: str, *, filters: Filters = EVERYTHING, k: int = 10) -> list[Retrieved]:
    """Return the k best passages for the question that pass the filters, best first."""
    hits = snapshot.search(question, filters=filters, dense=DENSE_CANDIDATES, lexical=LEXICAL_CANDIDATES)
    candidates = [Candidate(hit.info.title, hit.text, hit.dense, hit.lexical) for hit in hits]
    scores = (evidence(question, candidates) @ WEIGHTS).tolist()
    retrieved = [Retrieved(hit, score) for hit, score in zip(hits, scores, strict=True)]
    return sorted(retrieved, key=lambda r: (-r.score, -r.hit.dense, r.hit.passage_id))[:k]


def evidence(question: str, candidates: Sequence[Candidate]) -> FloatArray:
    """Return the evidence for each candidate, (candidates, 4): meaning, words, coverage and pairs.

    Meaning and words: cosines and BM25 scores, standardised over the candidates. Coverage: share of the question's
    words in the passage or its title; in BM25 one frequent rare word outweighs several others. Pairs: number of
    neighbouring words of the question that are neighbours in the passage too.
    """
    dense = np.array([candidate.dense for candidate in candidates])
    lexical = np.array([candidate.lexical for candidate in candidates])
    return np.stack(
        [standardised(dense), standardised(lexical), coverage(question, candidates), pairs(question, candidates)],
        axis=1,
    )


def standardised(scores: FloatArray) -> FloatArray:
    """Return the scores with mean 0 and standard deviation 1, zeros if they are all equal."""
    spread = scores.std() if len(scores) else 0.0
    return (scores - scores.mean()) / spread if spread > 1e-9 else np.zeros_like(scores)


def coverage(question: str, candidates: Sequence[Candidate]) -> FloatArray:
    """Return the share of the question's words in each candidate, 0 to 1. Rare words weigh more."""
    words = _sought(question)
    if not words or not candidates:
        return np.zeros(len(candidates))
    pattern = re.compile(rf"\b(?:{'|'.join(f'({_written(word)})' for word in words)})")
    has = np.zeros((len(candidates), len(words)))
    for row, candidate in enumerate(candidates):
        for match in pattern.finditer(_words_of(candidate)):
            has[row, (match.lastindex or 1) - 1] = 1.0
    count = has.sum(axis=0)
    rarity = np.log(1 + (len(candidates) - count + 0.5) / (count + 0.5))
    return np.asarray(has @ rarity / rarity.sum())


def pairs(question: str, candidates: Sequence[Candidate]) -> FloatArray:
    """Return the number of pairs of neighbouring words of the question in each candidate, in any form."""
    telling = set(telling_tokens(question))
    words = tokens(question)
    sought = [
        f"({_written(_beginning(first))}\\W{{1,3}}{_written(_beginning(second))})"
        for first, second in dict.fromkeys(pairwise(words))
        if first in telling or second in telling
    ][:MOST_WORDS]
    if not sought:
        return np.zeros(len(candidates))
    # The lookahead lets the second word of a pair be the first of another.
    pattern = re.compile(rf"\b(?={'|'.join(sought)})")
    found = [{match.lastindex for match in pattern.finditer(_words_of(candidate))} for candidate in candidates]
    return np.array([len(kinds) for kinds in found], dtype=np.float64)


def _words_of(candidate: Candidate) -> str:
    return f"{candidate.title or ''}\n{candidate.text}".lower()


def _sought(question: str) -> list[str]:
    """Return the stems of the question's content words, longest first. A long question keeps only the longest."""
    return sorted({_beginning(word) for word in telling_tokens(question)}, key=lambda word: (-len(word), word))[
        :MOST_WORDS
    ]


def _beginning(word: str) -> str:
    """Return the word without a common ending: what words like it begin with, "terror" and "terrorism" too.

    The stems of the index are stricter. With them 80 of the 232 bundled questions find their passages in another order.
    """
    if len(word) <= 4 or word[0].isdigit():
        return word
    short = _ENDING.sub("", word)
    return short if len(short) >= 3 else word


def _written(beginning: str) -> str:
    """Return a pattern for how words with this beginning are written, in lower case."""
    if beginning == "usa":
        return r"(?:usa?\b|u\.s\.)"
    if beginning.isdecimal():
        return ",?".join(beginning) + r"\b"
    return re.escape(beginning).replace("'", "['’]") + r"\w{0,4}\b"


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
    in_year = _are_of_a_year(asked)
    days = resolve_days(hit.text, hit.info.day)
    return tuple(day for day in days if any(_overlap(day, other, in_year=in_year) for other in asked))


def _are_of_a_year(days: Sequence[DayExpression]) -> bool:
    """Tell whether days of a question are of one year alone: "6 March 2023", "yesterday", but not "6 March"."""
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
    if _are_of_a_year(days):
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
