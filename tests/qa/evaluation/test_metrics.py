import random

import numpy as np
import pytest

from qa.evaluation.evaluate import WEIGHED, ratio
from qa.evaluation.metrics import (
    expected_calibration_error,
    paired_randomisation,
    recall_at,
    reciprocal_rank,
    reliability_bins,
)


def test_recall_is_the_share_of_what_is_needed_among_the_first_k() -> None:
    assert [recall_at([3], k) for k in (1, 2, 3, 10)] == [0.0, 0.0, 1.0, 1.0]
    assert [recall_at([3, None, 7, 1], k) for k in (1, 5, 10)] == [0.25, 0.5, 0.75]
    assert recall_at([None], 10) == 0.0


def test_the_reciprocal_rank_is_that_of_the_first_passage_and_ranks_start_at_1() -> None:
    assert reciprocal_rank([4, 2, None]) == 0.5
    assert reciprocal_rank([None, None]) == 0.0


def test_refusals_by_hand() -> None:
    entries = [{"verdict": verdict} for verdict in ("refused", "refused", "missed", "invented", "right")]
    precision, recall = WEIGHED["refusal_precision"], WEIGHED["refusal_recall"]
    assert ratio([precision(entry) for entry in entries]) == pytest.approx(2 / 3)
    assert ratio([recall(entry) for entry in entries]) == pytest.approx(2 / 3)
    assert ratio([precision(entries[3])]) is None
    assert ratio([recall(entries[2])]) is None


def test_a_bin_holds_its_upper_edge_and_the_first_holds_zero() -> None:
    bins = reliability_bins([0.0, 0.3, 0.31, 1.0], [False, True, False, True])
    assert [b.count for b in bins] == [1, 0, 1, 1, 0, 0, 0, 0, 0, 1]
    assert (bins[2].confidence, bins[2].accuracy) == (0.3, 1.0)
    assert bins[1].confidence is None


def test_calibration_error_by_hand() -> None:
    # (0.9, 1.0]: 0.95, 0.95, half right, gap 0.45; (0.1, 0.2]: 0.2, wrong, gap 0.2; (2 * 0.45 + 0.2) / 3.
    assert expected_calibration_error([0.95, 0.95, 0.2], [True, False, False]) == pytest.approx(1.1 / 3)
    assert expected_calibration_error([], []) is None


def test_with_few_differing_questions_every_swap_is_tried() -> None:
    # 5 questions, the second better on 3 and equal on 2: of the 8 swaps, all three kept or all three swapped.
    one = [(0, 1), (0, 1), (0, 1), (1, 1), (0, 1)]
    other = [(1, 1), (1, 1), (1, 1), (1, 1), (0, 1)]
    assert paired_randomisation(one, other) == 2 / 8
    assert paired_randomisation(one, one) == 1.0


def test_drawn_swaps_come_close_to_the_binomial_test_they_stand_for() -> None:
    # 20 questions differ, 16 in favour: two-sided sign test 2 * P(X >= 16 | 20, 1/2) = 2 * 6196 / 2^20 = 0.011818.
    one = [(0, 1)] * 16 + [(1, 1)] * 4
    other = [(1, 1)] * 16 + [(0, 1)] * 4
    drawn = paired_randomisation(one, other)
    assert drawn == pytest.approx(0.0118, abs=0.004)
    assert paired_randomisation(one, other) == drawn
    assert paired_randomisation(other, one) == drawn


def test_a_precision_is_tested_over_the_questions_it_is_taken_over() -> None:
    # First: refused 2, both right. Second: refused 4, two right. Only questions 3 and 4 differ; 4 swaps: gaps
    # |1 - 1/2|, |2/3 - 2/3| twice, |1/2 - 1|: extreme in 2 of 4.
    one = [(1, 1), (1, 1), (0, 0), (0, 0)]
    other = [(1, 1), (1, 1), (0, 1), (0, 1)]
    assert paired_randomisation(one, other) == 0.5


def test_a_paired_test_needs_the_same_questions() -> None:
    with pytest.raises(ValueError, match="the same questions twice"):
        paired_randomisation([(1, 1)], [(1, 1), (0, 1)])


def test_the_p_value_is_uniform_where_there_is_no_difference() -> None:
    random.seed(5)
    draws = [
        paired_randomisation(*([(random.gauss(0, 1), 1) for _ in range(25)] for _ in range(2)), draws=400)
        for _ in range(200)
    ]
    assert 0.02 <= float(np.mean(np.array(draws) <= 0.1)) <= 0.18
