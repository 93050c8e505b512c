"""From scores per piece to spans, and from scores to a probability, by hand-worked numbers."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.calibration import Calibration, SpanFeatures
from qa.reader.spans import LONGEST, WORTH, PieceScores, best_spans, falls_apart, item_spans

MEASURES, TOGETHER = 6, 7
"""How many measures `SpanFeatures` and `Calibration.question_features` give."""


def piece_scores(
    start: list[float], end: list[float], *, inside: list[float] | None = None, null: float = 0.0
) -> PieceScores:
    arrays = [np.array(each, dtype=np.float32) for each in (start, end)]
    tags = np.array(inside or [0.0] * len(start), dtype=np.float32)
    return PieceScores(arrays[0], arrays[1], tags, null)


def best(start: list[float], end: list[float], *, most: int = 5) -> list[tuple[int, int]]:
    return [(span.first, span.last) for span in best_spans(piece_scores(start, end), most=most)]


def test_the_best_span_begins_and_ends_where_the_scores_are_highest() -> None:
    assert best([1, 9, 0, 0, 0], [0, 1, 8, 0, 2], most=1) == [(1, 2)]


def test_a_span_never_ends_before_it_begins() -> None:
    assert all(first <= last for first, last in best([0, 0, 0, 5, 0], [0, 5, 0, 0, 0]))


def test_the_probability_of_a_span_is_the_product_of_two_softmaxes_over_the_passage() -> None:
    [span, *_] = best_spans(piece_scores([math.log(3), 0], [0, math.log(7)], inside=[1.0, 2.0], null=0.5))
    assert (span.first, span.last) == (0, 1)
    assert span.log_probability == pytest.approx(math.log(3 / 4) + math.log(7 / 8), abs=1e-6)
    assert span.margin == pytest.approx(math.log(3) + math.log(7) - 0.5, abs=1e-6)
    assert span.inside == pytest.approx(1.5)


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=3, max_size=120))
def test_spans_do_not_overlap_and_are_not_too_long_and_after_the_first_come_likeliest_first(
    pairs: list[tuple[float, float]],
) -> None:
    start, end = (list(column) for column in zip(*pairs, strict=True))
    found = best_spans(piece_scores(start, end))
    taken = [piece for span in found for piece in range(span.first, span.last + 1)]
    assert len(taken) == len(set(taken))
    assert all(span.last - span.first < LONGEST for span in found)
    others = [span.log_probability for span in found[1:]]
    assert others == sorted(others, reverse=True)


def test_where_the_end_is_open_the_span_that_shares_most_with_all_comes_first() -> None:
    start = [9.0, 0.0, 0.0, 0.0]
    end = [2.0, 0.0, 2.1, 2.0]  # "one", "one two three" and "one two three four" are about as likely
    assert best(start, end, most=1) == [(0, 2)]
    assert best([9.0, 0.0], [9.0, 0.0], most=1) == [(0, 0)]


LOW = -WORTH - 1


def items(start: list[float], end: list[float]) -> list[tuple[int, int]]:
    return [(span.first, span.last) for span in item_spans(piece_scores(start, end))]


def test_each_likely_beginning_with_its_end_is_an_item_and_not_one_span_that_holds_them_all() -> None:
    # live music , hot cakes and gifts
    start = [6, LOW, LOW, 6, LOW, LOW, 5]
    end = [LOW, 5, LOW, LOW, 6, LOW, 6]
    assert items(start, end) == [(0, 1), (3, 4), (6, 6)]


def test_of_several_beginnings_with_one_end_the_likeliest_counts() -> None:
    assert items([5, LOW, LOW, 6, LOW], [LOW, LOW, LOW, LOW, 6]) == [(3, 4)]
    assert items([6, LOW, LOW, LOW, LOW], [LOW, LOW, LOW, LOW, 6]) == [(0, 4)]


def test_what_falls_too_far_below_the_likeliest_is_no_item() -> None:
    assert items([6, LOW, 6 - WORTH / 2 + 0.1], [6, LOW, 6 - WORTH / 2]) == [(0, 0), (2, 2)]
    assert items([6, LOW, 6 - WORTH / 2 - 0.1], [6, LOW, 6 - WORTH / 2]) == [(0, 0)]


def test_a_best_span_that_is_two_items_from_end_to_end_falls_apart() -> None:
    joined = piece_scores([7, LOW, 5.5, LOW, LOW], [5.5, LOW, LOW, 7, LOW])
    assert [(span.first, span.last) for span in best_spans(joined, most=1)] == [(0, 3)]
    assert falls_apart(joined)


def test_a_best_span_with_one_beginning_or_one_end_does_not_fall_apart() -> None:
    assert not falls_apart(piece_scores([7, LOW, LOW, LOW], [5.5, LOW, LOW, 7]))
    assert not falls_apart(piece_scores([7, LOW, 5.5, LOW], [LOW, LOW, LOW, 7]))


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=1, max_size=90))
def test_items_stand_in_order_do_not_overlap_and_are_not_too_long(pairs: list[tuple[float, float]]) -> None:
    start, end = (list(column) for column in zip(*pairs, strict=True))
    found = items(start, end)
    assert all(first <= last < first + LONGEST for first, last in found)
    assert all(one[1] < other[0] for one, other in pairwise(found))


def calibration(*span: float, found: tuple[float, ...] = (), given: tuple[float, ...] = ()) -> Calibration:
    def padded(weights: tuple[float, ...], measures: int) -> tuple[float, ...]:
        return (*weights, *[0.0] * (1 + measures - len(weights)))

    return Calibration(
        span=padded(span, MEASURES),
        found=padded(found or (0.0, 1.0), TOGETHER),
        given=padded(given or (0.0, 1.0), TOGETHER),
        answered_from=0.6,
        unsure_from=0.3,
        threshold=0.2,
    )


def features(log_probability: float, *, gap: float = math.nan, start: int = 0, margin: float = 0.0) -> SpanFeatures:
    return SpanFeatures(log_probability, margin, 0.0, 0.0, gap, start)


def test_confidence_is_the_logistic_function_of_the_weighed_measures() -> None:
    weighed = calibration(-1.0, 1.0, 0.5, 2.0)
    told = SpanFeatures(log_probability=-2.0, margin=4.0, holds=1.0, inside=9.0, score_gap=math.nan)
    assert weighed.confidence(told) == pytest.approx(1 / (1 + math.exp(-1)))


def test_what_is_not_known_weighs_nothing() -> None:
    weighed = calibration(0.0, 0.0, 0.0, 0.0, 0.0, 1.0)
    assert weighed.confidence(features(0.0)) == 0.5
    assert weighed.confidence(features(0.0, gap=-0.5)) == pytest.approx(1 / (1 + math.exp(0.5)))


def test_the_later_a_passage_begins_the_more_its_place_weighs() -> None:
    weighed = calibration(0.0, 0.0, 0.0, 0.0, 0.0, 0.0, -1.0)
    first, later = (weighed.confidence(features(0.0, start=start)) for start in (0, 1000))
    assert [first, later] == pytest.approx([0.5, 0.25])  # odds of 1 / (1 + 1000 / 500)


def test_the_question_is_as_surely_answered_as_the_best_span_until_fitted() -> None:
    alone = calibration(0.0, 1.0)
    assert alone.of_question([features(-math.log(3)), features(0.0)]) == pytest.approx(0.5)
    assert alone.of_question([]) == 0.0


def test_passages_that_were_retrieved_are_weighed_otherwise_than_one_text() -> None:
    fitted = calibration(0.0, 1.0, found=(math.log(3),), given=(0.0, *[0.0] * (TOGETHER - 1), 2 * math.log(4)))
    assert fitted.of_question([features(0.0, gap=0.0)]) == pytest.approx(0.75)
    assert fitted.of_question([features(0.0)]) == pytest.approx(0.5)
    assert fitted.of_question([features(0.0), features(0.0)]) == pytest.approx(0.8)  # a second, as sure: 16 ** 0.5


def test_what_passages_say_together_is_told_in_its_order() -> None:
    alone = calibration(0.0, 1.0)
    best_one = SpanFeatures(0.0, 4.0, 1.0, 2.0, -0.25, 0)
    lesser = SpanFeatures(-1.0, 5.0, 2.0, 3.0, 0.0, 0)
    p = alone.confidence(lesser)
    told = alone.question_features([lesser, best_one])
    assert told[1] == pytest.approx(math.log((1 + p) / (1 - p)))  # the odds of 1 - (1 - p) / 2
    assert (told[0], *told[2:]) == (0.0, 4.0, 1.0, 2.0, -0.25, p)
    assert len(told) == TOGETHER


def test_a_score_beyond_measure_is_no_overflow() -> None:
    weighed = calibration(0.0, 1.0, 1.0, 1.0)
    assert 0.0 <= weighed.confidence(SpanFeatures(-math.inf, -math.inf, -math.inf, 0.0, math.nan)) < 1e-9


def test_one_probability_gives_three_statuses() -> None:
    status = calibration(0.0).status
    assert [status(p) for p in (0.6, 0.59, 0.3, 0.29)] == ["answered", "unsure", "unsure", "not_in_library"]
