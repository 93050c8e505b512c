"""Courses of events: which questions ask for one, and lines from the bundled collection."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from repository import MARKED

from embeddings.library.library import LocalLibrary, open_library
from embeddings.library.search import Hit
from qa.cli.opening import bundled_library
from qa.compose.timeline import MOST_LINES, Line, asks_for_timeline, timeline
from qa.retrieval import retrieve

QUESTIONS = [
    (line[2:], line[0] == "y")
    for line in (MARKED / "course_questions.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
STRIKE = "How did the strike at Tolliver Glass unfold, from the walkout to the return to work?"
FUND = "How did the case against Colin Rooke develop?"
BRIDGE = "Give me the course of the bridge dispute up to the decision."
TOLL = "How did the death toll change over the week of the flood?"
TALKS = "How did the counterterrorism talks between Pakistan and the US unfold?"
FLOOD = "timeline of the Lower Marl flood"


@pytest.fixture(scope="module")
def library() -> Iterator[LocalLibrary]:
    with open_library(bundled_library()) as opened:
        yield opened


def hits_of(library: LocalLibrary, question: str) -> list[Hit]:
    with library.snapshot() as snapshot:
        return [retrieved.hit for retrieved in retrieve(snapshot, question, k=40)]


def lines_of(library: LocalLibrary, question: str) -> list[Line]:
    asked = library.encoder.encode_question(question)

    def relevance(texts: Sequence[str]) -> list[float]:
        return [float(score) for score in library.encoder.encode(list(texts)) @ asked]

    return timeline(question, hits_of(library, question), relevance=relevance)


def all_alike(texts: Sequence[str]) -> list[float]:
    return [1.0] * len(texts)


def on(lines: list[Line], day: str) -> str:
    """Return the text of the line on a day, "" where there is none."""
    return next((line.text for line in lines if line.day_from == line.day_to == date.fromisoformat(day)), "")


@pytest.mark.parametrize(("question", "wanted"), QUESTIONS)
def test_questions_for_a_course_of_events_are_told_from_others(question: str, wanted: bool) -> None:
    assert asks_for_timeline(question) == wanted


def test_at_least_thirty_questions_of_each_kind_are_tried() -> None:
    assert sum(wanted for _, wanted in QUESTIONS) >= 30
    assert sum(not wanted for _, wanted in QUESTIONS) >= 30


@pytest.mark.parametrize("question", [STRIKE, FUND, BRIDGE, TOLL, TALKS, FLOOD])
def test_lines_are_verbatim_one_a_date_and_oldest_first(library: LocalLibrary, question: str) -> None:
    lines = lines_of(library, question)
    assert 2 <= len(lines) <= MOST_LINES
    for line in lines:
        assert line.text == line.hit.text[line.start - line.hit.start : line.end - line.hit.start]
        assert 0 <= line.confidence <= 1
    assert all(earlier.day_to < later.day_from for earlier, later in pairwise(lines))


def test_the_strike_runs_from_the_vote_to_the_contract(library: LocalLibrary) -> None:
    lines = lines_of(library, STRIKE)
    assert "approved on March 3" in on(lines, "2024-03-03")
    assert "walked out" in on(lines, "2024-03-11")
    assert "Talks broke off" in on(lines, "2024-03-29")
    assert on(lines, "2024-04-17")
    assert "ratified" in on(lines, "2024-04-18") or "voted" in on(lines, "2024-04-18")
    assert not any("1987" in line.text and line.day_from.year == 1987 for line in lines)


def test_the_case_of_the_fund_runs_from_the_leave_to_the_arrest(library: LocalLibrary) -> None:
    lines = lines_of(library, FUND)
    assert "on leave" in on(lines, "2024-03-21")
    assert "resigned on April 2" in on(lines, "2024-04-02")
    assert "arrested on Friday" in on(lines, "2024-04-19")


def test_the_bridge_has_its_hearing_its_rally_and_its_vote(library: LocalLibrary) -> None:
    lines = lines_of(library, BRIDGE)
    assert "speakers' list Monday night" in on(lines, "2024-03-11")
    assert "marched" in on(lines, "2024-03-16")
    assert "4 to 3" in on(lines, "2024-03-19") or "commissioners voted" in on(lines, "2024-03-19")


def test_the_named_day_counts_before_the_day_of_the_article(library: LocalLibrary) -> None:
    lines = lines_of(library, TOLL)
    assert "two more bodies on Tuesday" in on(lines, "2024-04-09")
    ended = next(line for line in lines if "ended Thursday" in line.text)
    assert ended.day_from == date(2024, 4, 11)
    assert ended.hit.info.published == "2024-04-12"


def test_what_three_outlets_print_is_one_line(library: LocalLibrary) -> None:
    lines = lines_of(library, FLOOD)
    assert sum("found two more bodies" in line.text for line in lines) == 1


def test_a_correction_is_no_event(library: LocalLibrary) -> None:
    assert not any("CORRECTION" in line.text for line in lines_of(library, "latest developments in the levee inquiry"))


def test_nothing_is_made_of_one_date_of_no_hits_or_of_a_question_without_a_topic(library: LocalLibrary) -> None:
    hits = hits_of(library, FUND)
    passage = next(hit for hit in hits if "arrested on Friday" in hit.text)
    text = "Colin Rooke was arrested on Friday at his home, and the case went to court on Monday."
    both = "Colin Rooke was arrested on Friday at his home. The case of Colin Rooke went to court on Monday."
    one_day, two_days = (replace(passage, text=words, end=passage.start + len(words)) for words in (text, both))
    assert timeline(FUND, [one_day], relevance=all_alike) == []
    assert len(timeline(FUND, [two_days], relevance=all_alike)) == 2
    assert timeline(FUND, [], relevance=all_alike) == []
    assert timeline("What happened next?", hits, relevance=all_alike) == []


@pytest.mark.parametrize("wanted", ["Helen Tolliver, the company's president, signed", "The deal itself was struck"])
def test_the_relevance_that_the_caller_gives_decides_between_sentences_of_a_day(
    library: LocalLibrary, wanted: str
) -> None:
    def relevance(texts: Sequence[str]) -> list[float]:
        return [1.0 if text.startswith(wanted) else 0.4 for text in texts]

    assert on(timeline(STRIKE, hits_of(library, STRIKE), relevance=relevance), "2024-04-17").startswith(wanted)
