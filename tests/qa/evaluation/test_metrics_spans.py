from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qa.evaluation.metrics import contains, contains_all, exact_match, normalise, set_exact_match, set_f1, token_f1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("The  Eiffel\tTower!", "eiffel tower"),
        ("U.S. $1.5-million", "us 15million"),
        ("a-the-an", "athean"),  # punctuation goes before the articles, as in the official script
        ("An apple a day", "apple day"),
        ("“quoted”", "“quoted”"),  # only ASCII punctuation goes
        ("Ärger, ÖL", "ärger öl"),
        ("The", ""),
    ],
)
def test_normalising_is_that_of_squads_script(text: str, expected: str) -> None:
    assert normalise(text) == expected


def test_exact_match_takes_any_of_the_answers_after_normalising() -> None:
    assert exact_match("the Denver Broncos.", ["Carolina Panthers", "Denver Broncos"]) == 1.0
    assert exact_match("Broncos", ["Denver Broncos"]) == 0.0


def test_f1_is_that_of_the_best_answer_by_hand() -> None:
    # Given 5 words, expected 3, 3 in common: P = 3/5, R = 1, F1 = 0.75. Against the other, 1 in common: 2/7.
    assert token_f1("Christopher Landberg of the State Department", ["Landberg Syed"]) == pytest.approx(2 / 7)
    assert token_f1("Christopher Landberg of State Department", ["Christopher Landberg of", "Landberg Syed"]) == 0.75


def test_f1_counts_a_repeated_word_as_often_as_both_sides_have_it() -> None:
    assert token_f1("very very very good", ["very very bad"]) == pytest.approx(2 * 2 / (4 + 3))


@pytest.mark.parametrize(
    ("given_text", "expected", "f1"), [("The", ["a"], 1.0), ("the", ["cat"], 0.0), ("", ["x"], 0.0)]
)
def test_f1_of_a_side_without_words(given_text: str, expected: list[str], f1: float) -> None:
    assert token_f1(given_text, expected) == f1


def test_contains_wants_whole_words_in_a_row() -> None:
    sentence = "Christopher Landberg, the acting coordinator, led the U.S. side."
    assert contains(sentence, ["Landberg, acting coordinator"]) == 1.0
    assert contains(sentence, ["Landberg led"]) == 0.0
    assert contains("Landbergs plan", ["Landberg"]) == 0.0


def test_contains_all_gives_the_share_of_the_answers_found_anywhere() -> None:
    assert contains_all(["Ann and Bob went", "so did Cy"], ["Ann", "Cy", "Dee"]) == pytest.approx(2 / 3)


def test_set_exact_match_allows_any_order_but_nothing_more_and_nothing_less() -> None:
    assert set_exact_match(["the Bob", "Ann"], ["Ann", "Bob"]) == 1.0
    assert set_exact_match(["Ann"], ["Ann", "Bob"]) == 0.0
    assert set_exact_match(["Ann", "Bob", "Cy"], ["Ann", "Bob"]) == 0.0
    assert set_exact_match(["Ann", "Ann"], ["Ann", "Bob"]) == 0.0


def test_set_f1_pairs_one_to_one_and_sums_overlaps_by_hand() -> None:
    # Pairs: "Ann Smith"~"Ann Smith" 2, "Bob"~"Bob Jones" 1; 3 of 3 words given, 3 of 4 expected: 2*3/7.
    assert set_f1(["Bob", "Ann Smith"], ["Ann Smith", "Bob Jones"]) == pytest.approx(6 / 7)
    # One answer that holds both pairs with one only: overlap 2 of 5 words given and of 4 expected.
    assert set_f1(["Ann Smith met Bob Jones"], ["Ann Smith", "Bob Jones"]) == pytest.approx(4 / 9)
    assert set_f1([], ["Ann"]) == 0.0


def test_set_f1_finds_the_best_pairing_where_taking_the_largest_first_does_not() -> None:
    # Overlaps [[3, 2], [2, 0]]: taking 3 first leaves 0; the other pairing reaches 2 + 2.
    given_answers, expected = ["a1 b1 c1 d1", "a1 b1"], ["a1 b1 c1", "d1 c1"]
    assert set_f1(given_answers, expected) == pytest.approx(2 * 4 / (6 + 5))


_WORDS = st.lists(st.sampled_from("p q r s t".split()), min_size=1, max_size=4).map(" ".join)


@settings(max_examples=150, deadline=None)
@given(st.lists(_WORDS, min_size=1, max_size=4), st.lists(_WORDS, min_size=1, max_size=4))
def test_the_pairing_is_as_good_as_the_best_of_all_pairings(ours: list[str], theirs: list[str]) -> None:
    def overlap(one: str, other: str) -> int:
        return sum(min(one.split().count(w), other.split().count(w)) for w in set(one.split()))

    few, many = sorted((ours, theirs), key=len)
    best = max(sum(overlap(a, b) for a, b in zip(few, order, strict=False)) for order in permutations(many))
    words = sum(len(text.split()) for text in ours + theirs)
    assert set_f1(ours, theirs) == pytest.approx(2 * best / words)


@given(_WORDS, _WORDS)
def test_for_one_answer_on_each_side_the_set_measures_are_the_single_ones(one: str, other: str) -> None:
    assert set_f1([one], [other]) == token_f1(one, [other])
    assert set_exact_match([one], [other]) == exact_match(one, [other])
