"""The assistant: a question in, cited quotes out."""

import math
import time
from collections.abc import Callable, Mapping, Sequence

from corpus.errors import UsageError
from corpus.store.store import EVERYTHING, Coverage, Filters
from embeddings.library.library import Library
from qa.compose.cite import Cited, cite
from qa.compose.compose import compose
from qa.compose.course import PASSAGES_SOUGHT, course_drafts
from qa.compose.drafts import Draft, Place
from qa.compose.timeline import asks_for_course
from qa.dated_questions import asked_days, retrieve_on_days, to_read
from qa.question.followup import standalone
from qa.question.typos import misspelt, without_slips
from qa.reader.protocol import NOTHING_READ, Read, Reader, Reading
from qa.reader.relevance import Relevance, cosines_with
from qa.result import ClosePassage, Reason, Result, Searched
from qa.retrieval import Retrieved
from qa.single_text import SingleText

PASSAGES_READ = 16
MOST_READ = 2 * PASSAGES_READ
"""Read where a question names a day: what was printed around it comes first, then the rest."""
CLOSEST_SHOWN = 3
MAX_QUESTION_CHARACTERS = 2_000

Found = Callable[[tuple[ClosePassage, ...]], None]
"""Told of the passages found, best first, before they are read."""


class Assistant:
    """Answers questions from one library with one reader; may be used from several threads at once."""

    def __init__(self, library: Library, reader: Reader) -> None:
        self.library = library
        self.reader = reader

    def ask(
        self,
        question: str,
        *,
        turns: Sequence[str] = (),
        answers: Sequence[str] = (),
        filters: Filters = EVERYTHING,
        found: Found | None = None,
    ) -> Result:
        """Return what the library says to a question, from one state of it.

        turns: the earlier questions of the conversation, oldest first. answers: what was answered to each of them, ""
        for nothing; none at all where that is not known.
        Raises UsageError for an empty question or one of more than `MAX_QUESTION_CHARACTERS`.
        """
        check_question(question)
        alone = standalone(question, turns, answers)
        text, sought = alone.text[-MAX_QUESTION_CHARACTERS:], alone.search[:MAX_QUESTION_CHARACTERS]
        course = asks_for_course(text)
        with self.library.snapshot() as snapshot:

            def search(meant: Mapping[str, str]) -> list[Retrieved]:
                k = PASSAGES_SOUGHT if course else PASSAGES_READ
                words = without_slips(sought, meant)
                return retrieve_on_days(snapshot, words, filters=filters, k=k, days_of=without_slips(text, meant))

            def lines(retrieved: Sequence[Retrieved]) -> list[Draft]:
                return course_drafts(text, [r.hit for r in retrieved], self._relevance(text)) if course else []

            return self._answer(question, text, snapshot, search, filters=filters, found=found, course=lines)

    def ask_text(self, question: str, text: str, title: str | None = None) -> Result:
        """Return what one text alone says to a question; the offsets of the citations count in it.

        Raises UsageError for an empty question or one of more than `MAX_QUESTION_CHARACTERS`.
        """
        check_question(question)
        only = SingleText(text, title)
        return self._answer(question, question, only, lambda _: [Retrieved(hit, math.nan) for hit in only.hits()])

    def _answer(
        self,
        question: str,
        standalone: str,
        articles: Cited,
        search: Callable[[Mapping[str, str]], list[Retrieved]],
        *,
        filters: Filters = EVERYTHING,
        found: Found | None = None,
        course: Callable[[Sequence[Retrieved]], list[Draft]] = lambda retrieved: [],
    ) -> Result:
        began = time.perf_counter()
        coverage = articles.coverage(filters)
        retrieved = search({}) if coverage.articles else []
        if meant := misspelt(standalone, (each.hit.text for each in retrieved), self.reader.is_word):
            standalone = without_slips(standalone, meant)
            retrieved = search(meant)
        if found is not None:
            found(_passages(retrieved, []))
        retrieved_at = time.perf_counter()
        drafts = course(retrieved)
        read = NOTHING_READ if drafts else self._read(standalone, retrieved[:MOST_READ], coverage)
        read_at = time.perf_counter()
        places = [_place(retrieved, reading) for reading in read.readings]
        if read.answered:
            drafts = compose(standalone, places, threshold=self.reader.threshold)
        answers, citations = cite(articles, drafts)
        is_empty = coverage.articles == 0 and articles.coverage(EVERYTHING).articles == 0
        shown = _passages(retrieved, read.readings)
        groups = [answer.group for answer in answers]
        return Result(
            question=question,
            standalone_question=standalone,
            status="answered" if answers else "empty_library" if is_empty else "not_in_library",
            reason=None if answers else _reason(is_empty, coverage, retrieved),
            answers=tuple(answers),
            citations=tuple(citations),
            closest=() if answers else tuple(sorted(shown, key=lambda p: -p.score)[:CLOSEST_SHOWN]),
            searched=_searched(coverage, filters),
            timings_ms={
                "retrieve": 1000 * (retrieved_at - began),
                "read": 1000 * (read_at - retrieved_at),
                "total": 1000 * (time.perf_counter() - began),
            },
            disagreement=len(set(groups)) < len(groups),
            best_confidence=places[0].confidence if places else None,
            best_text=places[0].text if places else None,
            best_kind=places[0].kind if places else None,
            retrieved=shown,
        )

    def _read(self, question: str, retrieved: Sequence[Retrieved], coverage: Coverage) -> Read:
        passages = to_read(retrieved, asked_days(question, coverage))
        return self.reader.read(question, passages, self._relevance(question)) if passages else NOTHING_READ

    def _relevance(self, question: str) -> Relevance:
        return cosines_with(question, self.library.encoder)


def check_question(question: str) -> None:
    """Raise UsageError for a question that is empty, or longer than any that can be understood."""
    if not any(character.isalnum() for character in question):
        raise UsageError("the question is empty: ask something, such as “Who led the delegations?”")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise UsageError(
            f"the question is {len(question):,} characters long: ask in at most {MAX_QUESTION_CHARACTERS:,} characters"
        )


def _place(retrieved: Sequence[Retrieved], reading: Reading) -> Place:
    hit = retrieved[reading.passage].hit
    return Place(
        hit=hit,
        start=hit.start + reading.start,
        end=hit.start + reading.end,
        text=hit.text[reading.start : reading.end],
        confidence=reading.confidence,
        kind=reading.kind,
        key=None if reading.key is None else (hit.start + reading.key[0], hit.start + reading.key[1]),
    )


def _passages(retrieved: Sequence[Retrieved], readings: Sequence[Reading]) -> tuple[ClosePassage, ...]:
    """Return the passages in the order they were retrieved, each with the confidence of its best reading."""
    scores: dict[int, float] = {}
    for reading in readings:
        scores[reading.passage] = max(scores.get(reading.passage, 0.0), reading.confidence)
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
            score=scores.get(n, 0.0),
        )
        for n, r in enumerate(retrieved)
    )


def _searched(coverage: Coverage, filters: Filters) -> Searched:
    named = {
        "sources": list(filters.sources),
        "after": filters.after.isoformat() if filters.after else None,
        "before": filters.before.isoformat() if filters.before else None,
    }
    return Searched(
        articles=coverage.articles,
        sources=coverage.sources,
        first=coverage.first,
        last=coverage.last,
        filters={name: value for name, value in named.items() if value},
    )


def _reason(is_empty: bool, coverage: Coverage, retrieved: Sequence[Retrieved]) -> Reason:
    if is_empty:
        return Reason("empty_library", "The library holds no articles yet: add some with `citewire add`.")
    if not coverage.articles:
        return Reason("nothing_under_filters", "No article in the library passes the filters.")
    if not retrieved:
        return Reason("nothing_found", "No passage of the articles searched shares anything with the question.")
    return Reason("below_threshold", "The articles searched do not say, as far as their closest passages go.")
