import numpy as np
import pytest

from benchmarks.retrieval_judge import Asked, answered, cross_validated, documents_found, fit, p_value, shares
from benchmarks.retrieval_pool import PoolQuestion, half
from benchmarks.tune_retrieval import dense_alone, rank_fusion, scaled_sum, words_alone


def asked(dense: list[float], lexical: list[float], right: int, *, kind: str = "one", name: str = "q") -> Asked:
    question = PoolQuestion(name, kind, "tune", "?", frozenset([right]), frozenset([f"d{right}"]))
    rows = np.stack([dense, lexical], axis=1)
    answers = np.arange(len(dense)) == right
    documents = tuple(f"d{n}" for n in range(len(dense)))
    return Asked(question, np.array(dense), np.array(lexical), rows, answers, documents)


def test_ranks_of_rank_fusion_start_at_1_and_no_matching_word_is_no_rank() -> None:
    fused = rank_fusion(asked([0.9, 0.5, 0.1], [0.0, 2.0, 7.0], 0), candidates=2)
    assert fused.tolist() == [1 / 61, 1 / 62 + 1 / 62, 1 / 61]


def test_recall_counts_the_first_passages_and_the_first_articles() -> None:
    one = asked([0.9, 0.8, 0.7, 0.6, 0.5, 0.4], [1, 2, 3, 4, 5, 6], 5)
    assert answered([one], dense_alone).tolist() == [[0, 0, 1]]
    assert answered([one], words_alone).tolist() == [[1, 1, 1]]
    assert answered([one], lambda a: scaled_sum(a, dense=0.4)).tolist() == [[1, 1, 1]]
    twins = Asked(one.question, one.dense, one.lexical, one.features, one.answers, ("a", "a", "a", "a", "a", "d5"))
    assert documents_found([twins], dense_alone).tolist() == [[0, 1, 1]]


def test_sets_of_questions_weigh_the_same() -> None:
    some = [asked([1], [1], 0, kind=kind) for kind in ("one", "one", "one", "two")]
    assert shares(some) == pytest.approx([1 / 6, 1 / 6, 1 / 6, 1 / 2])


def test_the_randomisation_test_tells_chance_from_difference() -> None:
    weights = np.ones(200)
    better, same = np.ones(200), np.tile([1.0, 0.0], 100)
    assert p_value(better, same, weights) < 0.001
    assert p_value(same, 1 - same, weights) > 0.9
    assert p_value(same, same, weights) == 1.0


def test_weights_are_fitted_to_the_evidence_that_tells() -> None:
    rng = np.random.default_rng(0)
    some = []
    for n in range(60):
        noise, signal = rng.normal(size=8), rng.normal(size=8)
        some.append(asked(noise.tolist(), signal.tolist(), int(np.argmax(signal)), name=f"q{n}"))
    weights = fit(some, [0, 1])
    assert abs(weights[0]) < weights[1] / 5
    assert cross_validated(some, [0, 1])[:, 0].mean() > 0.9


def test_a_question_is_always_in_the_same_half() -> None:
    assert [half(name) for name in "abcde"] == ["tune", "tune", "tune", "tune", "report"]
