import pytest

from qa.figures import asks_for_a_figure, figures, rival_figures


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At least 12 people died.", {"person": {12}}),
        ("Seventeen people died in three towns.", {"person": {17}, "town": {3}}),
        ("It cost $38.4 million.", {"$": {38_400_000}}),
        ("Some 1,200 houses and twenty-one barns", {"house": {1200}, "barn": {21}}),
        ("No figure here.", {}),
        ("About 30% of 6 tons", {"%": {30}, "ton": {6}}),
    ],
)
def test_figures_are_read_in_digits_and_words_with_what_they_count(text: str, expected: dict[str, set[float]]) -> None:
    assert figures(text) == expected


def test_a_question_for_a_figure_is_told_from_others() -> None:
    assert asks_for_a_figure("How many people died?")
    assert asks_for_a_figure("What was the death toll?")
    assert not asks_for_a_figure("Who led the delegations?")


def test_different_figures_for_one_thing_are_rivals_and_others_are_not() -> None:
    question = "How many people died in the flood?"
    early, late = "At least three people died in the flood.", "Five people died in the flood, the county said."
    assert rival_figures(question, early, late)
    assert not rival_figures(question, late, "Five people died in the flood on Tuesday.")
    assert not rival_figures(question, late, "The flood damaged 400 houses.")
    assert not rival_figures("Who died in the flood?", early, late)
