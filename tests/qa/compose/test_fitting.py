"""Answers to how old."""

import pytest

from qa.compose.compose import of_the_age_asked
from qa.compose.drafts import Place
from qa.retrieval import SingleText


def fitting(question: str, *answers: str) -> list[str]:
    text = ". ".join(answers)
    [hit] = SingleText(text, None).hits()
    places = [Place(hit, at := text.index(words), at + len(words), words, 0.5, "short") for words in answers]
    return [place.text for place in of_the_age_asked(question, places)]


@pytest.mark.parametrize(
    ("question", "answers", "kept"),
    [
        ("How old is she?", ("a welder from Skarn", "41", "forty-one"), ["41", "forty-one"]),
        ("How old is the ferry?", ("the Holm yard", "half a century"), ["half a century"]),
        ("Who came?", ("the mayor", "41"), ["the mayor", "41"]),
    ],
)
def test_an_answer_has_what_its_question_asks_for(question: str, answers: tuple[str, ...], kept: list[str]) -> None:
    assert fitting(question, *answers) == kept
