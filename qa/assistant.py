"""The assistant: a question in, cited quotes out."""

import time
from collections.abc import Sequence

from corpus.errors import UsageError
from corpus.store import Filters
from embeddings.library import Coverage, Library
from qa.answer import ClosePassage, Reason, Result, Searched
from qa.cite import cite
from qa.compose import Place, compose
from qa.followup import standalone_question
from qa.read import Reader, Reading, ReadPassage
from qa.retrieve import Retrieved, retrieve

PASSAGES_READ = 16
CLOSEST_SHOWN = 3
MAX_QUESTION_CHARACTERS = 2_000
NO_FILTERS = Filters()


class Assistant:
    """Answers questions from one library with one reader; may be used from several threads at once."""

    def __init__(self, library: Library, reader: Reader) -> None:
        self.library = library
        self.reader = reader

    def ask(self, question: str, *, turns: Sequence[str] = (), filters: Filters = NO_FILTERS) -> Result:
        """Return what the library says to a question.

        turns: the earlier questions of the conversation, oldest first.
        Raises UsageError for an empty question or one of more than `MAX_QUESTION_CHARACTERS`.
        """
        check_question(question)
        began = time.perf_counter()
        standalone = standalone_question(question, turns)[-MAX_QUESTION_CHARACTERS:]
        with self.library.snapshot() as snapshot:
            coverage = snapshot.coverage(filters)
            retrieved = retrieve(snapshot, standalone, filters=filters, k=PASSAGES_READ) if coverage.articles else []
            found = time.perf_counter()
            readings = self._read(standalone, retrieved)
            read = time.perf_counter()
            places = [_place(retrieved, reading) for reading in readings]
            drafts = compose(standalone, places, threshold=self.reader.threshold)
            answers, citations = cite(snapshot, drafts)
            searched = _searched(coverage, filters)
            is_empty = coverage.articles == 0 and snapshot.coverage(NO_FILTERS).articles == 0
        passages = _passages(retrieved, readings)
        groups = [answer.group for answer in answers]
        return Result(
            question=question,
            standalone_question=standalone,
            status="answered" if answers else "empty_library" if is_empty else "not_in_library",
            reason=None if answers else _reason(is_empty, searched, retrieved),
            answers=tuple(answers),
            citations=tuple(citations),
            closest=() if answers else tuple(sorted(passages, key=lambda p: -p.score)[:CLOSEST_SHOWN]),
            searched=searched,
            timings_ms={
                "retrieve": 1000 * (found - began),
                "read": 1000 * (read - found),
                "total": 1000 * (time.perf_counter() - began),
            },
            disagreement=len(set(groups)) < len(groups),
            best_confidence=max((reading.confidence for reading in readings), default=None),
            retrieved=tuple(passages),
        )

    def _read(self, question: str, retrieved: Sequence[Retrieved]) -> list[Reading]:
        passages = [ReadPassage(r.hit.text, r.hit.title or "", r.hit.dense) for r in retrieved]
        return self.reader.read(question, passages) if passages else []


def check_question(question: str) -> None:
    """Raise UsageError for a question that is empty, or longer than any that can be understood."""
    if not question.strip():
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
    )


def _passages(retrieved: Sequence[Retrieved], readings: Sequence[Reading]) -> list[ClosePassage]:
    """Return the passages in the order they were retrieved, each with the confidence of its best reading."""
    scores: dict[int, float] = {}
    for reading in readings:
        scores[reading.passage] = max(scores.get(reading.passage, 0.0), reading.confidence)
    return [
        ClosePassage(
            article=r.hit.article,
            version=r.hit.version,
            title=r.hit.heading,
            source=r.hit.source,
            published=r.hit.published,
            start=r.hit.start,
            end=r.hit.end,
            text=r.hit.text,
            score=scores.get(n, 0.0),
        )
        for n, r in enumerate(retrieved)
    ]


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


def _reason(is_empty: bool, searched: Searched, retrieved: Sequence[Retrieved]) -> Reason:
    if is_empty:
        return Reason("empty_library", "The library holds no articles yet: add some with `citewire add`.")
    if not searched.articles:
        return Reason("nothing_under_filters", "No article in the library passes the filters.")
    if not retrieved:
        return Reason("nothing_found", "No passage of the articles searched shares anything with the question.")
    return Reason("below_threshold", "The articles searched do not say, as far as their closest passages go.")
