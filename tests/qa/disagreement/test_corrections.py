"""Corrections: what one article says of another's value."""

from datetime import date

import pytest

from qa.disagreement.contradictions import are_contradictory, corrects
from qa.disagreement.same_event import Claim, claim_in


def claim(passage: str, words: str, article: str) -> Claim:
    start = passage.index(words)
    return claim_in(passage, start, start + len(words), article=article, published=date(2022, 3, 4))


EARLIER = claim("The flood drowned 40 cows at Holm farm.", "40 cows", "earlier")


@pytest.mark.parametrize(
    "passage",
    [
        "The flood drowned 31 cows, not 40, at Holm farm.",
        "The flood drowned 31 cows. The farm had earlier said 40.",
        "The farm corrected its count: 31 cows drowned, where it had spoken of forty.",
        "The flood drowned 31 cows. A previous version of this report gave the number as 40.",
        "The flood drowned 31 cows instead of 40, the farm wrote.",
    ],
)
def test_a_text_that_says_that_a_figure_was_wrong_corrects_it(passage: str) -> None:
    later = claim(passage, "31 cows", "later")
    assert corrects(later, EARLIER)
    assert not corrects(EARLIER, later)
    assert are_contradictory("How many cows drowned at Holm farm?", EARLIER, later)


@pytest.mark.parametrize(
    "passage",
    [
        "The flood drowned 31 cows at Holm farm.",
        "The flood drowned 31 cows and left 40 without a barn.",
        "The flood drowned 31 cows, not sheep.",
        "The farm corrected its count: 31 cows drowned. The vet needs 40 days.",
    ],
)
def test_another_figure_alone_is_no_correction(passage: str) -> None:
    assert not corrects(claim(passage, "31 cows", "later"), EARLIER)


def test_a_name_may_be_corrected_too() -> None:
    first = claim("Ann Berg won the race.", "Ann Berg", "first")
    second = claim("Ruth Holm won the race; an earlier report named Ann Berg.", "Ruth Holm", "second")
    assert corrects(second, first)
    assert are_contradictory("Who won the race?", first, second)
