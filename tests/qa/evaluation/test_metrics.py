import pytest

from qa.evaluation.metrics import (
    expected_calibration_error,
    recall_at,
    reciprocal_rank,
    reliability_bins,
    sign_test,
)


def test_recall_is_the_share_of_what_is_needed_among_the_first_k() -> None:
    assert [recall_at([3], k) for k in (1, 2, 3, 10)] == [0.0, 0.0, 1.0, 1.0]
    assert [recall_at([3, None, 7, 1], k) for k in (1, 5, 10)] == [0.25, 0.5, 0.75]
    assert recall_at([None], 10) == 0.0


def test_the_reciprocal_rank_is_that_of_the_first_passage_and_ranks_start_at_1() -> None:
    assert reciprocal_rank([4, 2, None]) == 0.5
    assert reciprocal_rank([None, None]) == 0.0


def test_a_bin_holds_its_upper_edge_and_the_first_holds_zero() -> None:
    bins = reliability_bins([(0.0, False), (0.3, True), (0.31, False), (1.0, True)])
    assert [b.count for b in bins] == [1, 0, 1, 1, 0, 0, 0, 0, 0, 1]
    assert (bins[2].confidence, bins[2].accuracy) == (0.3, 1.0)
    assert bins[1].confidence is None


def test_calibration_error_by_hand() -> None:
    # (0.9, 1.0]: 0.95, 0.95, half right, gap 0.45; (0.1, 0.2]: 0.2, wrong, gap 0.2; (2 * 0.45 + 0.2) / 3.
    assert expected_calibration_error([(0.95, True), (0.95, False), (0.2, False)]) == pytest.approx(1.1 / 3)
    assert expected_calibration_error([]) is None


def test_a_change_is_tested_by_the_questions_gained_and_lost() -> None:
    # Two-sided sign test: 2 * P(X >= 3 | 3, 1/2) = 2 / 8, and 2 * P(X >= 16 | 20, 1/2) = 2 * 6196 / 2^20.
    assert sign_test(3, 0) == pytest.approx(2 / 8)
    assert sign_test(4, 16) == sign_test(16, 4) == pytest.approx(2 * 6196 / 2**20)
    assert sign_test(0, 0) == sign_test(5, 5) == 1.0
