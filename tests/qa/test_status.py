"""Whether a question is answered, unsure or not in the library."""

import pytest

from qa.status import status_of_rest, surely_one_is_right


@pytest.mark.parametrize(
    ("rest", "status"), [([0.8, 0.1], "answered"), ([0.7], "answered"), ([0.3], "unsure"), ([], "not_in_library")]
)
def test_a_question_whose_best_words_are_ruled_out_is_sure_only_where_the_rest_is(
    rest: list[float], status: str
) -> None:
    assert status_of_rest("answered", rest, best=0.8, answered_from=0.67) == status


def test_words_that_a_reader_is_sure_of_stay_sure_below_its_limit_where_none_is_ruled_out() -> None:
    assert status_of_rest("answered", [0.6], best=0.6, answered_from=0.67) == "answered"
    assert status_of_rest("unsure", [0.6], best=0.6, answered_from=0.67) == "unsure"


@pytest.mark.parametrize(
    ("confidences", "sure"), [([0.62, 0.3], True), ([0.5, 0.45], False), ([0.62, 0.02], False), ([0.9], False)]
)
def test_rivals_that_share_the_probability_are_sure_where_the_best_nearly_is(
    confidences: list[float], sure: bool
) -> None:
    assert surely_one_is_right(confidences, answered_from=0.67) is sure
