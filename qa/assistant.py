"""The assistant: a question in, cited quotes out."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Event

from corpus.errors import UsageError
from corpus.language import has_other_script, is_foreign, is_plainly_english
from corpus.store.records import EVERYTHING, Coverage, Filters
from embeddings.library.library import Library
from embeddings.library.protocol import Articles
from qa.compose.cite import cite
from qa.compose.compose import compose, of_the_age_asked
from qa.compose.drafts import Draft, place_of
from qa.compose.tables import asked_in_tables, named_cell
from qa.compose.timeline import PASSAGES_SOUGHT, asks_for_timeline, timeline_drafts
from qa.compose.who_said import who_said
from qa.filters import meant_filters, searched_under
from qa.question.followup import is_courtesy, standalone
from qa.question.words import misspelt, names_another, without_slips
from qa.reader.protocol import NOTHING_READ, Extraction, ReadControl, Reader, ReadResult
from qa.result import ClosePassage, Reason, Result
from qa.retrieval import Retrieved, SingleText, asked_days, retrieve_on_days, to_read
from qa.status import with_reason

PASSAGES_READ = 16
MOST_READ = 2 * PASSAGES_READ
"""Passages read where a question names a day: first those printed around that day, then the others."""
CLOSEST_SHOWN = 3
MAX_QUESTION_CHARACTERS = 2_000

Found = Callable[[tuple[ClosePassage, ...]], None]
"""Called with the passages found, best first, before they are read. A slow reader calls it again, with marks,
each time it has chosen words."""


class Assistant:
    """Answers questions from one library with one reader; may be used from several threads at once.

    others: further readers that whoever asks may choose.
    """

    def __init__(self, library: Library, reader: Reader, *, others: Sequence[Reader] = ()) -> None:
        self.library = library
        self.reader = reader
        self.readers = (reader, *others)

    def reading_with(self, name: str) -> "Assistant":
        """Return an assistant that reads with the reader of this name. Raises UsageError where there is none."""
        for reader in self.readers:
            if reader.name == name:
                return Assistant(self.library, reader, others=[each for each in self.readers if each is not reader])
        names = " or ".join(reader.name for reader in self.readers)
        raise UsageError(f"there is no reader of this name here: name {names}, or none")

    def ask(
        self,
        question: str,
        *,
        turns: Sequence[str] = (),
        answers: Sequence[str] = (),
        filters: Filters = EVERYTHING,
        found: Found | None = None,
        stop: Event | None = None,
    ) -> Result:
        """Return what the library says to a question, from one state of it.

        turns: the earlier questions of the conversation, oldest first. answers: what was answered to each of them, ""
        for nothing; none at all where that is not known. stop: set once nobody waits for the answer any more.
        Raises UsageError for an empty question or one of more than `MAX_QUESTION_CHARACTERS`.
        """
        check_question(question)
        if is_courtesy(question):
            return courtesy_result(question)
        alone = standalone(question, turns, answers)
        text, sought = alone.text[-MAX_QUESTION_CHARACTERS:], alone.search[:MAX_QUESTION_CHARACTERS]
        timeline = asks_for_timeline(text)
        with self.library.snapshot() as snapshot:
            filters = meant_filters(filters, snapshot)

            def search(meant: Mapping[str, str]) -> list[Retrieved]:
                k = PASSAGES_SOUGHT if timeline else PASSAGES_READ
                words = without_slips(sought, meant)
                return retrieve_on_days(snapshot, words, filters=filters, k=k, days_of=without_slips(text, meant))

            return self._answer(
                question, text, snapshot, search, filters=filters, found=found, stop=stop, timeline=timeline
            )

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
        text: str,
        articles: Articles,
        search: Callable[[Mapping[str, str]], list[Retrieved]],
        *,
        filters: Filters = EVERYTHING,
        found: Found | None = None,
        stop: Event | None = None,
        timeline: bool = False,
    ) -> Result:
        """Return the result of a question. text: the question made to stand alone.

        search: returns the passages for the question with some words put right. timeline: the answer may be one.
        """
        began = time.perf_counter()
        coverage = articles.coverage(filters)
        retrieved = search({}) if coverage.articles else []
        foreign = self.reader.english_only and is_foreign(text)
        # The passages show which words are mistyped. Then they are searched for once more.
        if not foreign and (meant := misspelt(text, (each.hit.text for each in retrieved), self.reader.is_word)):
            text = without_slips(text, meant)
            retrieved = search(meant)

        def chosen(extractions: Sequence[Extraction]) -> None:
            if found is not None:
                found(close_passages(retrieved, extractions))

        control = ReadControl(chosen, stop or Event())
        chosen([])
        retrieved_at = time.perf_counter()
        drafts, read = list[Draft](), NOTHING_READ
        if timeline and not foreign and not self.reader.reads_timelines:
            drafts = timeline_drafts(text, [each.hit for each in retrieved], self.library.encoder)
            read = ReadResult((), "answered")
        if not drafts and not foreign:
            drafts, read = self._read(text, articles, retrieved[:MOST_READ], coverage, control)
        read_at = time.perf_counter()
        answers, citations = cite(articles, drafts, filters)
        status, reason = with_reason(
            read.status,
            articles,
            coverage,
            filters,
            is_found=bool(retrieved),
            is_foreign=foreign or (self.reader.english_only and all(map(_is_foreign, retrieved[:MOST_READ]))),
        )
        shown = close_passages(retrieved, read.extractions)
        best = place_of(retrieved[read.extractions[0].passage].hit, read.extractions[0]) if read.extractions else None
        groups = [answer.group for answer in answers]
        return Result(
            question=question,
            standalone_question=text,
            status=status,
            reason=reason,
            answers=tuple(answers),
            citations=tuple(citations),
            closest=tuple(sorted(shown, key=lambda p: -p.score)[:CLOSEST_SHOWN]) if reason else (),
            searched=searched_under(filters, articles, coverage),
            timings_ms={
                "retrieve": 1000 * (retrieved_at - began),
                "read": 1000 * (read_at - retrieved_at),
                "total": 1000 * (time.perf_counter() - began),
            },
            disagreement=len(set(groups)) < len(groups),
            best_confidence=best.confidence if best else None,
            best_text=best.text if best else None,
            retrieved=shown,
            reader=read.reader,
            why=read.why,
            usage=read.usage,
        )

    def _read(
        self,
        question: str,
        articles: Articles,
        retrieved: Sequence[Retrieved],
        coverage: Coverage,
        control: ReadControl,
    ) -> tuple[list[Draft], ReadResult]:
        """Return the answers that the passages give, and what was read for them, with the status of the question.

        Who said a quotation, and what stands in a table's cell that is named, are told by rule. Passages about another
        flight, case or bill are not read.
        """
        hits = [each.hit for each in retrieved]
        said = who_said(question, hits, articles)
        if said is not None:
            near = tuple(Extraction(number, *place, 0.0) for number, place in said.unnamed.items())
            read = ReadResult(near, "answered", rivals=said.rivals)
            drafts, status = compose(question, said.speakers, read, threshold=0.0)
            return drafts, replace(read, status=status)
        about = [
            n
            for n, each in enumerate(retrieved)
            if not names_another(question, each.hit.info.heading, each.hit.text)
            and not (self.reader.english_only and _is_foreign(each))
        ]
        texts = version_texts(articles, retrieved)
        passages = to_read([retrieved[n] for n in about], texts, asked_days(question, coverage))
        if not passages:
            return [], NOTHING_READ
        cell = named_cell(question, [hits[n] for n in about], texts)
        if cell is not None:
            return [Draft((cell,), group=1)], ReadResult((), "answered")

        def placed(extractions: Sequence[Extraction]) -> tuple[Extraction, ...]:
            return tuple(replace(e, passage=about[e.passage]) for e in extractions)

        read = self.reader.read(
            question, passages, ReadControl(lambda early: control.on_chosen(placed(early)), control.stop)
        )
        read = replace(read, extractions=placed(read.extractions))
        places = asked_in_tables(question, [place_of(hits[e.passage], e) for e in read.extractions], texts)
        places = of_the_age_asked(question, places)
        drafts, status = compose(question, places, read, threshold=self.reader.threshold)
        return drafts, replace(read, status=status)


def check_question(question: str) -> None:
    """Raise UsageError for a question that is empty, or longer than any that can be understood."""
    if not any(character.isalnum() for character in question):
        raise UsageError("the question is empty: ask something, such as “Who led the delegations?”")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise UsageError(
            f"the question is {len(question):,} characters long: ask in at most {MAX_QUESTION_CHARACTERS:,} characters"
        )


def courtesy_result(question: str) -> Result:
    """Return the result of words that ask nothing: "thanks!"."""
    reason = Reason("nothing_asked", "You are welcome. Nothing was asked, so nothing was searched.")
    return Result(question=question, standalone_question=question, status="not_in_library", reason=reason)


def version_texts(articles: Articles, retrieved: Sequence[Retrieved]) -> dict[str, str]:
    """Return the texts of the versions that passages stand in, by version."""
    return {each.hit.version: articles.article(each.hit.article, each.hit.version).text for each in retrieved}


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


def _is_foreign(retrieved: Retrieved) -> bool:
    """Return whether a passage, or the article that it stands in, is not written in English."""
    text, language = retrieved.hit.text, retrieved.hit.info.language
    return has_other_script(text) or (language not in (None, "en") and not is_plainly_english(text))
