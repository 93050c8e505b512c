"""From scores per piece to spans, and from scores to a probability, by hand-worked numbers."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.reader.calibration import MEASURES, TOGETHER, Calibration, Evidence
from qa.reader.features import Signs
from qa.reader.protocol import ReadPassage
from qa.reader.sentences import SpanPlace, sentence_places
from qa.reader.spans import LONGEST, passage_scores

FLAT = [0.0] * 6


def scored(start: list[float], end: list[float], *, most: int = 5, first: int = 2) -> list[tuple[int, int]]:
    found = passage_scores(
        np.array(start, dtype=np.float32),
        np.array(end, dtype=np.float32),
        first=first,
        last=len(start) - 1,
        holds=None,
        most=most,
    )
    return [(span.first, span.last) for span in found.spans]


def test_the_best_span_begins_and_ends_where_the_scores_are_highest() -> None:
    assert scored([0, 0, 1, 9, 0, 0, 0], [0, 0, 0, 1, 8, 0, 2], most=1) == [(3, 4)]


def test_pieces_of_the_question_are_never_answers() -> None:
    assert all(first >= 2 for first, _ in scored([9, 9, 1, 0, 0, 0], [9, 9, 1, 0, 0, 0]))


def test_a_span_never_ends_before_it_begins() -> None:
    assert all(first <= last for first, last in scored([0, 0, 0, 0, 5, 0], [0, 0, 5, 0, 0, 0]))


def test_the_probability_of_a_span_is_the_product_of_two_softmaxes_over_the_passage() -> None:
    found = passage_scores(
        np.array([0, 0, math.log(3), 0], dtype=np.float32),
        np.array([0, 0, 0, math.log(7)], dtype=np.float32),
        first=2,
        last=3,
        holds=1.5,
    )
    assert (found.spans[0].first, found.spans[0].last) == (2, 3)
    assert found.spans[0].log_probability == pytest.approx(math.log(3 / 4) + math.log(7 / 8), abs=1e-6)
    assert found.margin == pytest.approx(math.log(3) + math.log(7), abs=1e-6)
    assert found.holds == 1.5


@given(st.lists(st.tuples(st.floats(-9, 9), st.floats(-9, 9)), min_size=4, max_size=120))
def test_spans_do_not_overlap_are_not_too_long_and_come_likeliest_first(pairs: list[tuple[float, float]]) -> None:
    start, end = (np.array(column, dtype=np.float32) for column in zip(*pairs, strict=True))
    found = passage_scores(start, end, first=1, last=len(pairs) - 1, holds=None).spans
    taken = [piece for span in found for piece in range(span.first, span.last + 1)]
    assert len(taken) == len(set(taken))
    assert all(span.last - span.first < LONGEST for span in found)
    assert [s.log_probability for s in found] == sorted((s.log_probability for s in found), reverse=True)


def weights(*first: float) -> tuple[float, ...]:
    return (*first, *[0.0] * (MEASURES - len(first)))


def test_confidence_is_the_logistic_function_of_the_weighed_measures() -> None:
    calibration = Calibration(-1.0, weights(1.0, 0.5, 2.0), 0.5)
    evidence = Evidence(log_probability=-2.0, margin=4.0, holds=1.0, behind=math.nan)
    assert calibration.confidence(evidence) == pytest.approx(1 / (1 + math.exp(-1)))


def test_what_is_not_known_weighs_nothing() -> None:
    calibration = Calibration(0.0, weights(0.0, 0.0, 1.0, 1.0, 1.0), 0.5)
    assert calibration.confidence(Evidence(0.0, 0.0, None, math.nan)) == 0.5
    assert calibration.confidence(Evidence(0.0, 0.0, None, 0.5)) == pytest.approx(1 / (1 + math.exp(-1.5)))


def test_the_later_a_passage_begins_the_more_its_place_weighs() -> None:
    calibration = Calibration(0.0, weights(0.0, 0.0, 0.0, 0.0, 0.0, -1.0), 0.5)
    first, later = (calibration.confidence(Evidence(0.0, 0.0, None, math.nan, start)) for start in (0, 1000))
    assert [first, later] == pytest.approx([0.5, 0.25])  # odds of 1 / (1 + 1000 / 500)


def test_whether_any_passage_answers_is_as_likely_as_the_best_until_fitted() -> None:
    alone = Calibration(0.0, weights(1.0), 0.5)
    half, quarter = weights(0.0), weights(-math.log(3))
    assert alone.of_any([quarter, half]) == pytest.approx(0.5)
    assert alone.of_any([]) == 0.0


def test_passages_that_were_retrieved_are_weighed_otherwise_than_one_text() -> None:
    fitted = replace(
        Calibration(0.0, weights(1.0), 0.5),
        any_found=(math.log(3), *[0.0] * TOGETHER),
        any_given=(0.0, *[0.0] * (TOGETHER - 1), math.log(4)),
    )
    retrieved, given = weights(0.0, 0.0, 0.0, 0.0, 1.0), weights(0.0)
    assert fitted.of_any([retrieved]) == pytest.approx(0.75)
    assert fitted.of_any([given]) == pytest.approx(0.5)
    assert fitted.of_any([given, given]) == pytest.approx(0.8)  # since there is a second


def test_what_passages_say_together_is_told_in_its_order() -> None:
    alone = Calibration(0.0, weights(1.0), 0.5)
    lesser, best = (-1.0, 5.0, 2.0, *[0.5] * (MEASURES - 3)), (0.0, 4.0, 1.0, -0.25, 1.0, 0.75, 0.9, 0.8, 0.7, -1.0)
    p = alone.of(lesser)
    told = alone.together([lesser, best])
    assert told[1] == pytest.approx(math.log((1 + p) / (1 - p)))  # the odds of 1 - (1 - p) / 2
    assert (told[0], *told[2:]) == (0.0, 0.0, 4.0, 2.0, 1.0, -0.25, 0.75, 0.9, 0.8, -1.0, p, 1.0)
    assert len(alone.together([best])) == TOGETHER
    assert alone.together([best])[-2:] == (0.0, 0.0)


def test_a_passage_without_a_piece_is_endlessly_unlikely_and_no_overflow() -> None:
    calibration = Calibration(0.0, weights(1.0, 1.0, 1.0), 0.5)
    assert 0.0 <= calibration.confidence(Evidence(-math.inf, -math.inf, -math.inf, math.nan)) < 1e-9


def test_a_sentence_is_as_sure_as_its_span_until_fitted() -> None:
    signs = Signs(1.0, 0.5, 0.25, 0.0)
    place = SpanPlace(0, 0, 4, 0.3, signs)
    assert Calibration(0.0, weights(), 0.5).of_sentence(place.measures) == pytest.approx(0.3)
    fitted = Calibration(0.0, weights(), 0.5, sentence=(math.log(3), 1.0, 4.0, -2.0, 5.0, 7.0))
    odds = 3 * 0.3 / 0.7
    assert fitted.of_sentence(place.measures) == pytest.approx(odds / (1 + odds))


def test_sentences_take_their_best_span_and_know_how_near_the_one_before_is() -> None:
    text = "Berg led the talks. Reyes wrote the paper."
    signs, better = Signs(1.0, 0.5, 0.25, 0.0), Signs(1.0, 1.0, 0.75, 1.0)
    spans = [SpanPlace(0, 0, 4, 0.3, signs), SpanPlace(0, 9, 18, 0.6, better), SpanPlace(0, 20, 25, 0.1, signs)]
    lengths = sentence_places(spans, [ReadPassage(text, "", math.nan)], lambda texts: [len(each) for each in texts])
    assert [(text[p.start : p.end], p.confidence, p.signs, p.relevance, p.before) for p in lengths] == [
        ("Berg led the talks.", 0.6, better, 19, 0.0),
        ("Reyes wrote the paper.", 0.1, signs, 22, 19),
    ]
    assert lengths[1].measures[-2:] == (22, 19)
