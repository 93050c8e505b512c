import pytest

from qa.question.words import asks_for_a_figure, number_at


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("12 people", (12, 1)),
        ("seventeen people", (17, 1)),
        ("38.4 million dollars", (38_400_000, 2)),
        ("1,200 houses", (1200, 1)),
        ("twenty-one barns", (21, 1)),
        ("three hundred and eleven tons", (311, 4)),
        ("no figure", (None, 0)),
    ],
)
def test_numbers_are_read_in_digits_and_words(words: str, expected: tuple[float | None, int]) -> None:
    assert number_at(words.split(), 0) == expected


def test_a_question_for_a_figure_is_told_from_others() -> None:
    assert asks_for_a_figure("How many people died?")
    assert asks_for_a_figure("What was the death toll?")
    assert not asks_for_a_figure("Who led the delegations?")
