"""The signs of words and form beside a reader's scores."""

import pytest

from qa.reader.features import QuestionSigns

PASSAGE = "The delegation from Pakistan was led by Syed Haider Shah. Talks went on for two days in March 2023."


@pytest.mark.parametrize(
    ("question", "named"),
    [
        ("Who led the Pakistani delegation?", 1.0),
        ("Who led the Indian delegation?", 0.0),
        ("Who met Haider Shah in London?", 2 / 3),
        ("Who led the delegation in 2023?", 1.0),
        ("Who led the delegation in 2021?", 0.0),
        ("who led the indian delegation", 1.0),
        ("What did the US say?", 0.0),
    ],
)
def test_names_and_figures_are_looked_for_with_other_endings(question: str, named: float) -> None:
    signs = QuestionSigns(question).passage("Talks", PASSAGE).of("Syed Haider Shah", PASSAGE)
    assert signs.named == pytest.approx(named)


def test_a_title_counts_as_the_passage() -> None:
    question = QuestionSigns("Who led the delegation to Oslo?")
    assert question.passage("Talks in Oslo", PASSAGE).of("Shah", PASSAGE).named == 1.0
    assert question.passage("", PASSAGE).of("Shah", PASSAGE).named == 0.0


def test_words_near_the_span_are_those_of_its_sentence() -> None:
    first, second = PASSAGE[: PASSAGE.index("Talks")].strip(), PASSAGE[PASSAGE.index("Talks") :]
    signs = QuestionSigns("Who led the delegation?").passage("", PASSAGE)
    assert signs.of("Shah", first).near == 1.0
    assert signs.of("two days", second).near == 0.0
    assert signs.of("two days", second).covered == 1.0


@pytest.mark.parametrize(
    ("question", "span", "fits"),
    [
        ("Who led it?", "Syed Haider Shah", 1.0),
        ("Who led it?", "two days", -1.0),
        ("When was it?", "March 2023", 1.0),
        ("When was it?", "the delegation", -1.0),
        ("In which year was it?", "2023", 1.0),
        ("How many days did it take?", "two", 1.0),
        ("How long did it take?", "Pakistan", -1.0),
        ("What was it about?", "water", 0.0),
    ],
)
def test_a_span_has_the_form_asked_for(question: str, span: str, fits: float) -> None:
    assert QuestionSigns(question).fits(span) == fits


def test_a_question_without_words_finds_no_fault() -> None:
    signs = QuestionSigns("?").passage("", "").of("", "")
    assert signs.measures == (1.0, 1.0, 1.0, 0.0)


@pytest.mark.parametrize(
    "span", ["88", "nearly ninety", "thirty-one", "a teenager", "six weeks", "in his fifties", "1952"]
)
def test_an_age_is_told_in_numbers_or_years(span: str) -> None:
    assert QuestionSigns("How old is Petra Quill?").may_answer(span)


@pytest.mark.parametrize("span", ["retired history teacher", "a lawyer", "president", "heads the group", "often"])
def test_what_else_is_said_of_somebody_is_no_age(span: str) -> None:
    assert not QuestionSigns("how old is Petra Quill").may_answer(span)
    assert QuestionSigns("Who is Petra Quill?").may_answer(span)
    assert QuestionSigns("Why did nobody say how old Petra Quill is?").may_answer(span)
