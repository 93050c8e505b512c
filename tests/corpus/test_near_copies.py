import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.copies import copy_scores, marked_pairs, similarity
from corpus.near_copies import COPY_SIMILARITY, bands, is_copy, is_reprint

FLOOD = (
    "Heavy rain closed three bridges over the River Ald on Monday and left about 1,200 homes in the valley without "
    "power, the county said. Mayor Ana Ruiz asked people to stay at home until the water falls."
)


@pytest.mark.parametrize(
    "copy",
    [
        FLOOD.upper(),
        FLOOD.replace(",", "").replace(".", ""),
        "ALDHAM, Feb. 3 (North Wire) — " + FLOOD,
        "ALDHAM (NW) - " + FLOOD,
        FLOOD.replace("the county said", "county officials said"),
        FLOOD.replace(" about", ""),
        FLOOD + " It has rained since Sunday.",
    ],
)
def test_the_same_text_in_other_dress_or_a_few_words_changed_is_a_copy(copy: str) -> None:
    assert is_copy(FLOOD, copy)
    assert set(bands(FLOOD)) & set(bands(copy))


@pytest.mark.parametrize(
    ("words", "others"),
    [
        ("1,200", "1,400"),
        ("three", "four"),
        ("Monday", "Tuesday"),
        ("Ana Ruiz", "Ben Holt"),
        ("said", "did not say"),
    ],
)
def test_a_text_that_states_another_fact_is_no_copy_however_alike(words: str, others: str) -> None:
    changed = FLOOD.replace(words, others)
    assert similarity(FLOOD, changed) > COPY_SIMILARITY
    assert not is_copy(FLOOD, changed)


def test_numbers_that_change_places_make_no_copy() -> None:
    text = "The storm killed 12 people in the northern county and injured 14 others in the south, the minister said."
    assert not is_copy(text, text.replace("12", "X").replace("14", "12").replace("X", "14"))


def test_curly_quotes_and_straight_ones_are_the_same() -> None:
    assert similarity("“We don’t know it yet,” she told the council on its first day.",
                      "\"We don't know it yet,\" she told the council on its first day.") == 1.0  # fmt: skip


def test_a_short_text_is_a_copy_of_what_is_equal_only() -> None:
    assert is_copy("“Nobody was hurt.”", "Nobody was hurt")
    assert bands("“Nobody was hurt.”") == bands("Nobody was hurt")
    assert len(bands("Nobody was hurt")) == 1
    assert similarity("Nobody was hurt.", "Nobody was killed.") == 0.0


def test_similarity_is_the_shared_part_of_all_word_triples() -> None:
    a = "one word after another word until there are nine"
    b = "one word after another word until there are ten"
    assert similarity(a, b) == pytest.approx(6 / 8)


def test_unlike_texts_share_no_bucket() -> None:
    other = "The council met in the town hall to talk about a new school, which is to open in the autumn of next year."
    assert similarity(FLOOD, other) == 0.0
    assert not set(bands(FLOOD)) & set(bands(other))


def test_buckets_are_the_same_in_another_process_and_fit_into_64_bits() -> None:
    code = f"from corpus.near_copies import bands; print(*bands({FLOOD!r}))"
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=environment, text=True)
    assert tuple(map(int, printed.stdout.split())) == bands(FLOOD)
    assert len(bands(FLOOD)) == 8
    assert all(-(2**63) <= bucket < 2**63 for bucket in bands(FLOOD))


def test_the_buckets_of_a_stored_library_do_not_change() -> None:
    assert bands("Nobody was hurt") == (3241555084383010041,)
    assert bands(FLOOD)[0] == -3537314686886921382


@given(st.text(max_size=200), st.text(max_size=200))
def test_similarity_is_symmetric_between_0_and_1_and_1_for_a_text_with_words_and_itself(a: str, b: str) -> None:
    assert 0.0 <= similarity(a, b) == similarity(b, a) <= 1.0
    assert similarity(a, a) == float(bool(bands(a)))
    assert bands(a) == bands(a)


def test_pairs_marked_by_hand_in_real_articles_are_told_apart() -> None:
    data = os.environ.get("CITEWIRE_DATA")
    if not data:
        pytest.skip("CITEWIRE_DATA is not set")
    scores = copy_scores(list(marked_pairs(Path(data))))
    assert scores.precision >= 0.97
    assert scores.recall >= 0.8
    assert scores.sharing >= 0.95


def test_a_sentence_with_its_attribution_turned_round_is_a_reprint_and_another_figure_is_not() -> None:
    one = "About 1,340 people have left their homes in Lower Marl and Nine Elms, county manager Joan Adler said."
    turned = (
        "About 1,340 people have left their homes in Lower Marl and Nine Elms, said Joan Adler, the county manager."
    )
    assert is_reprint(one, turned)
    assert not is_reprint(one, turned.replace("1,340", "1,430"))
    assert not is_reprint(one, turned.replace("Nine Elms", "Upper Marl"))
    assert not is_reprint("He said no.", "He said so.")
