"""The assistant: a question in, cited quotes out."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from threading import Event

from corpus.errors import UsageError
from corpus.language import has_other_script, is_foreign, is_plainly_english
from corpus.sentences import sentences
from corpus.store.records import EVERYTHING, Coverage, Filters
from embeddings.library.library import Library
from qa.compose.cite import Cited, cite
from qa.compose.compose import compose, of_the_age_asked, surely_one_is_right
from qa.compose.drafts import Draft, Place
from qa.compose.tables import asked_in_tables, named_cell
from qa.compose.timeline import PASSAGES_SOUGHT, asks_for_course, course_drafts
from qa.compose.who_said import who_said
from qa.question.followup import is_courtesy, standalone
from qa.question.words import misspelt, names_another, without_slips
from qa.reader.protocol import NOTHING_READ, Extraction, Reader, ReadResult, Watch
from qa.result import ClosePassage, Result
from qa.retrieval import Retrieved, SingleText, asked_days, retrieve_on_days, to_read
from qa.searched import close_passages, courtesy_result, meant_filters, reason_for, searched_under, status_of

PASSAGES_READ = 16
MOST_READ = 2 * PASSAGES_READ
"""Read where a question names a day: what was printed around it comes first, then the rest."""
CLOSEST_SHOWN = 3
_MOST_OF_A_SENTENCE = 0.8
MAX_QUESTION_CHARACTERS = 2_000

Found = Callable[[tuple[ClosePassage, ...]], None]
"""Told of the passages found, best first, before they are read; a reader that takes long tells of them again with
marks, each time it has chosen words in them."""


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
        course = asks_for_course(text)
        with self.library.snapshot() as snapshot:
            filters = meant_filters(filters, snapshot)

            def search(meant: Mapping[str, str]) -> list[Retrieved]:
                k = PASSAGES_SOUGHT if course else PASSAGES_READ
                words = without_slips(sought, meant)
                return retrieve_on_days(snapshot, words, filters=filters, k=k, days_of=without_slips(text, meant))

            return self._answer(
                question, text, snapshot, search, filters=filters, found=found, stop=stop, course=course
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
        standalone: str,
        articles: Cited,
        search: Callable[[Mapping[str, str]], list[Retrieved]],
        *,
        filters: Filters = EVERYTHING,
        found: Found | None = None,
        stop: Event | None = None,
        course: bool = False,
    ) -> Result:
        began = time.perf_counter()
        coverage = articles.coverage(filters)
        retrieved = search({}) if coverage.articles else []
        foreign = self.reader.english_only and is_foreign(standalone)
        if not foreign and (meant := misspelt(standalone, (each.hit.text for each in retrieved), self.reader.is_word)):
            standalone = without_slips(standalone, meant)
            retrieved = search(meant)

        def chosen(extractions: Sequence[Extraction]) -> None:
            if found is not None:
                found(close_passages(retrieved, extractions))

        chosen([])
        retrieved_at = time.perf_counter()
        drafts, read = list[Draft](), NOTHING_READ
        if course and not foreign and not self.reader.reads_courses:
            drafts = course_drafts(standalone, [each.hit for each in retrieved], self.library.encoder)
        if not drafts and not foreign:
            drafts, read = self._read(
                standalone, articles, retrieved[:MOST_READ], coverage, Watch(chosen, stop or Event())
            )
        read_at = time.perf_counter()
        answers, citations = cite(articles, drafts, filters)
        title = articles.article(filters.article).info.heading if filters.article else None
        reason = reason_for(
            read,
            articles,
            filters,
            len(retrieved),
            is_answered=bool(answers),
            is_foreign=foreign or (self.reader.english_only and all(map(_is_foreign, retrieved[:MOST_READ]))),
        )
        shown = close_passages(retrieved, read.extractions)
        best = _place(retrieved, read.extractions[0]) if read.extractions else None
        groups = [answer.group for answer in answers]
        return Result(
            question=question,
            standalone_question=standalone,
            status=status_of(reason),
            reason=reason,
            answers=tuple(answers),
            citations=tuple(citations),
            closest=()
            if answers and read.outcome != "unsure"
            else tuple(sorted(shown, key=lambda p: -p.score)[:CLOSEST_SHOWN]),
            searched=searched_under(coverage, filters, articles, title),
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
        self, question: str, articles: Cited, retrieved: Sequence[Retrieved], coverage: Coverage, watch: Watch
    ) -> tuple[list[Draft], ReadResult]:
        """Return the answers that the passages give, and what was read for them.

        Who said a quotation, and what stands in a table's cell that is named, are told by rule. Passages about another
        flight, case or bill are not read.
        """
        said = who_said(question, [each.hit for each in retrieved], articles)
        if said is not None:
            near = tuple(Extraction(number, *place, 0.0) for number, place in said.unnamed.items())
            return list(said.drafts), ReadResult(near, "answered" if said.drafts else "not_in_library")
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
        cell = named_cell(question, [retrieved[n].hit for n in about], texts)
        if cell is not None:
            return [Draft((cell,), group=1)], ReadResult((), "answered")

        def placed(extractions: Sequence[Extraction]) -> tuple[Extraction, ...]:
            return tuple(replace(e, passage=about[e.passage]) for e in extractions)

        read = self.reader.read(question, passages, Watch(lambda early: watch.chosen(placed(early)), watch.stop))
        read = replace(read, extractions=placed(read.extractions))
        if read.outcome == "not_in_library":
            return [], read
        read_places = [_place(retrieved, extraction) for extraction in read.extractions]
        places = of_the_age_asked(question, asked_in_tables(question, read_places, texts))
        if (
            read.outcome == "answered"
            and places
            and places[0].confidence < min(read.answered_from, read_places[0].confidence)
        ):
            read = replace(read, outcome="unsure")  # what was likeliest is ruled out
        unsure = read.outcome == "unsure"
        drafts = compose(
            question,
            places,
            threshold=self.reader.threshold,
            several=read.several,
            rivals=read.rivals,
            chosen=read.chosen,
            unsure=unsure,
        )
        rivals = [draft for draft in drafts if draft.group == drafts[0].group]
        if unsure and len(rivals) > 1 and surely_one_is_right(rivals, read.answered_from):
            return rivals, replace(read, outcome="answered")
        return drafts, read


def check_question(question: str) -> None:
    """Raise UsageError for a question that is empty, or longer than any that can be understood."""
    if not any(character.isalnum() for character in question):
        raise UsageError("the question is empty: ask something, such as “Who led the delegations?”")
    if len(question) > MAX_QUESTION_CHARACTERS:
        raise UsageError(
            f"the question is {len(question):,} characters long: ask in at most {MAX_QUESTION_CHARACTERS:,} characters"
        )


def version_texts(articles: Cited, retrieved: Sequence[Retrieved]) -> dict[str, str]:
    """Return the texts of the versions that passages stand in, by version."""
    return {hit.version: articles.article(hit.article, hit.version).text for hit in (r.hit for r in retrieved)}


def _place(retrieved: Sequence[Retrieved], extraction: Extraction) -> Place:
    hit = retrieved[extraction.passage].hit
    text = hit.text[extraction.start : extraction.end]
    return Place(
        hit=hit,
        start=hit.start + extraction.start,
        end=hit.start + extraction.end,
        text=text,
        confidence=extraction.confidence,
        kind="sentence" if _is_sentence(hit.text, extraction) else "short",
        checked=extraction.checked,
    )


def _is_sentence(text: str, extraction: Extraction) -> bool:
    """Tell whether an extraction is most of the sentence in which it begins."""
    around = next((s, e) for s, e in sentences(text) if extraction.start < e)
    return extraction.end - extraction.start >= _MOST_OF_A_SENTENCE * (around[1] - around[0])


def _is_foreign(retrieved: Retrieved) -> bool:
    """Return whether a passage, or the article that it stands in, is not written in English."""
    text, language = retrieved.hit.text, retrieved.hit.info.language
    return has_other_script(text) or (language not in (None, "en") and not is_plainly_english(text))
