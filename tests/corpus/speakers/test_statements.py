import os
from pathlib import Path

import pytest
from growth import growth
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.speakers import MARKED, Case, invented_cases, marked_cases, score
from corpus.speakers.statements import statements
from corpus.speakers.vocabulary import quotations

PIECES = (
    "“ ” \" ' ‘ ’ said added that Ana Ruiz Holm the mayor police he she , . ? : \n “We win,” 'No,' statement according "
    "to told reporters read issued by on Monday adding who leads and but Mr. U.S. 😀 — ( )"
).split(" ")


@pytest.mark.parametrize("case", list(invented_cases(MARKED / "speakers_invented.jsonl")), ids=lambda case: case.name)
def test_every_invented_statement_is_found_with_its_speaker_and_nothing_else(case: Case) -> None:
    found = {(s.start, s.end, s.speaker, s.voice) for s in statements(case.text)}
    assert found == {(s.start, s.end, s.speaker, s.voice) for s in case.statements}


@pytest.mark.parametrize(("half", "precision", "recall"), [("dev", 0.95, 0.85), ("test", 0.95, 0.85)])
def test_statements_in_real_articles_have_the_right_speaker(half: str, precision: float, recall: float) -> None:
    if not (data := os.environ.get("CITEWIRE_DATA")):
        pytest.skip("CITEWIRE_DATA is not set")
    scores = score(list(marked_cases(MARKED / f"speakers_{half}.jsonl", Path(data))))
    assert scores.precision >= precision
    assert scores.recall >= recall
    assert scores.voices == scores.right


def test_a_range_gives_the_statements_that_reach_into_it_with_their_speakers() -> None:
    text = "“We begin here,” Ola Berg said. “And we go on.\n\n“We end there.”\n\nNothing more."
    end_there = text.index("We end")
    (last,) = statements(text, start=end_there, end=end_there + 6)
    assert (text[last.start : last.end], last.speaker, last.speaker_start) == ("We end there.", "Ola Berg", 17)
    assert statements(text, start=text.index("Nothing")) == []


def test_quotation_marks_are_told_from_apostrophes() -> None:
    text = "‘The boys’ club isn’t shut,’ he said. \"It's 'new' to us\" and the ’90s. “Open"
    found = [(text[q.start : q.end], q.closed) for q in quotations(text, 0, len(text))]
    assert found == [("The boys’ club isn’t shut,", True), ("It's 'new' to us", True), ("Open", False)]


@given(
    st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=25).map(" ".join)),
    st.integers(0, 80),
    st.integers(0, 160),
)
def test_statements_are_slices_in_order_and_name_their_speaker_word_for_word(text: str, start: int, end: int) -> None:
    previous = (0, 0)
    for statement in statements(text, start=start, end=end):
        assert 0 <= statement.start < statement.end <= len(text)
        assert statement.start < end
        assert statement.end > start
        assert text[statement.speaker_start : statement.speaker_end] == statement.speaker
        assert statement.speaker.strip() == statement.speaker != ""
        assert (statement.start, statement.end) >= previous
        previous = (statement.start, statement.end)


@pytest.mark.parametrize(
    "piece",
    [
        "“a,” said X ",
        "‘",
        '"',
        "said ",
        "X said that ",
        "according to ",
        "he said. ",
        "“a” X said\n",
        ", and ",
        "a, ",
        "A B ",
    ],
)
@pytest.mark.long
def test_reading_is_linear_in_the_text(piece: str) -> None:
    assert growth(lambda size: list(statements(piece * (size // len(piece)))), small=20_000, times=4) < 8


@pytest.mark.parametrize(
    "text",
    [
        "The harbour opened on Monday,)said Mayor Jane Doe.",
        "“It took 12 years,” Jane Doe, of Rome,) said.",
        "Jane Doe, of Rome, mayor) said it was late.",
    ],
)
def test_a_bracket_that_was_never_opened_names_nobody(text: str) -> None:
    """Found by fuzzing."""
    assert list(statements(text)) == []
