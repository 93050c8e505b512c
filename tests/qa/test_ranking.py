"""Ranking: the features that put passages found by meaning and by words in one order."""

import numpy as np
import pytest

from qa.ranking import MOST_WORDS, WEIGHTS, Candidate, ranking_features, standardised, word_coverage, word_pairs


def candidates(*texts: str, title: str | None = None) -> list[Candidate]:
    return [Candidate(title, text, 0.5, 1.0) for text in texts]


def covered(question: str, *texts: str, title: str | None = None) -> list[float]:
    return word_coverage(question, candidates(*texts, title=title)).round(6).tolist()  # type: ignore[no-any-return]


def test_scores_are_standardised_over_the_candidates() -> None:
    assert standardised(np.array([1.0, 2.0, 3.0])) == pytest.approx([-(1.5**0.5), 0, 1.5**0.5])
    assert standardised(np.array([4.0, 4.0])).tolist() == [0, 0]
    assert standardised(np.array([])).tolist() == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Which delegations arrived?", "A delegation arrives"),
        ("1200", "of 1,200 people"),
        ("1,200", "of 1200 people"),
        ("the US", "in the U.S. Senate"),
        ("the U.S.", "the USA"),
        ("Anne O'Brien's", "anne o’brien said"),
        ("the of and", "the end of it and more"),
        ("rate", "RATES"),
    ],
)
def test_all_words_are_covered_in_any_form(question: str, text: str) -> None:
    assert covered(question, text) == [1.0]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("war", "a wardrobe"),
        ("120", "1200 people"),
        ("art", "start"),
        ("US", "bus stops"),
        ("", "a"),
        ("?!", "a"),
        ("🦓", "a"),
    ],
)
def test_other_words_are_not_covered(question: str, text: str) -> None:
    assert covered(question, text) == [0.0]


def test_a_word_that_few_candidates_have_weighs_more() -> None:
    rare, common = np.log(1 + 2.5 / 1.5), np.log(1 + 0.5 / 3.5)
    assert covered("Kabul talks", "talks in Kabul", "talks", "talks") == pytest.approx(
        [1, common / (rare + common), common / (rare + common)], abs=1e-6
    )


def test_neighbouring_words_of_the_question_count_where_they_are_neighbours() -> None:
    texts = ["The central banks’ rates", "rates of banks in central Kabul", "a central bank rate", "no"]
    assert word_pairs("central bank rates of the", candidates(*texts)).tolist() == [2, 1, 2, 0]
    assert word_pairs("bank", candidates(*texts)).tolist() == [0, 0, 0, 0]


def test_the_title_counts_as_the_passages_words() -> None:
    assert covered("Kabul talks", "they met again", title="Talks in Kabul") == [1.0]


def test_any_question_has_features_of_the_same_shape() -> None:
    odd = [
        "",
        "the",
        "(a|b) [c \\",
        '"quoted: "',
        "x" * 100_000,
        " ".join(f"w{n}" for n in range(20_000)),
        "\x00 東京 ﬁ",
    ]
    for question in odd:
        rows = ranking_features(question, candidates("one text", "東京 w19999"))
        assert rows.shape == (2, len(WEIGHTS))
        assert np.isfinite(rows).all()
        assert ranking_features(question, []).shape == (0, len(WEIGHTS))
    assert MOST_WORDS == 32
