"""Contradictions on marked pairs of invented sentences, of which nothing was tuned on half, and their parts."""

import os
import subprocess
import sys
from dataclasses import replace
from datetime import date

import pytest
from marked_contradictions import Pair, claim_of_line, marked_pairs
from repository import ROOT

from qa.disagreement.contradictions import are_contradictory, times_differ, times_of_day
from qa.disagreement.names import country, lies_in, proper_name, same_name
from qa.disagreement.quantities import differ, quantities, quantity_in
from qa.disagreement.same_event import claim_in

TUNED_ON = marked_pairs("contradictions_dev.txt")
HELD_OUT = marked_pairs("contradictions_heldout.txt")


@pytest.mark.parametrize("pair", TUNED_ON, ids=lambda pair: f"{pair.sort}: {pair.question}")
def test_marked_pairs_are_told_apart(pair: Pair) -> None:
    assert are_contradictory(pair.question, pair.one, pair.other) == pair.contradictory


def test_at_least_nine_of_ten_flagged_held_out_pairs_contradict_each_other_and_most_that_do_are_flagged() -> None:
    assert sum(pair.contradictory for pair in HELD_OUT) == len(HELD_OUT) / 2 == 38
    flagged = [pair for pair in HELD_OUT if are_contradictory(pair.question, pair.one, pair.other)]
    right = sum(pair.contradictory for pair in flagged)
    assert right / len(flagged) >= 0.9
    assert right / 38 >= 0.85


def test_the_order_of_the_claims_does_not_matter() -> None:
    for pair in [*TUNED_ON, *HELD_OUT]:
        assert are_contradictory(pair.question, pair.one, pair.other) == are_contradictory(
            pair.question, pair.other, pair.one
        )


def test_an_article_does_not_contradict_itself() -> None:
    pair = next(pair for pair in TUNED_ON if pair.contradictory)
    assert not are_contradictory(pair.question, pair.one, replace(pair.other, article=pair.one.article))


def test_answers_of_several_things_or_whole_sentences_contradict_nothing() -> None:
    one = claim_of_line("2024-04-16 [Dana Pruett] signed the letter.", "one")
    other = claim_of_line("2024-04-16 [Ruth Adair] signed the letter.", "other")
    assert are_contradictory("Who signed the letter?", one, other)
    assert not are_contradictory("Who signed the letter?", one, other, several=True)
    assert not are_contradictory("Which commissioners signed the letter?", one, other)
    assert not are_contradictory("Why did she sign the letter?", one, other)
    assert not are_contradictory("Who read the letter that was signed?", one, other)


@pytest.mark.parametrize(
    ("question", "one", "other", "differ"),
    [
        ("What post does Ann Berg hold?", "[deputy mayor of Ullby]", "[the mayor of Ullby]", True),
        (
            "Who is Ann Berg?",
            "[Third Secretary at the embassy in a far, small town]",
            "[First Secretary]",
            True,
        ),
        ("What post does Ann Berg hold?", "[former deputy mayor of Ullby]", "[the mayor of Ullby]", False),
        ("What post does Ann Berg hold?", "[head of the school board]", "[a dentist]", False),
        ("What post does Ann Berg hold?", "[Additional Secretary]", "[Secretary]", False),
    ],
)
def test_posts_of_one_person_differ_where_only_the_rank_does(
    question: str, one: str, other: str, *, differ: bool
) -> None:
    first, second = (claim_of_line(f"2022-03-01 Ann Berg, {post}, spoke.", post) for post in (one, other))
    assert are_contradictory(question, first, second) == differ


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        (
            "Who was the treasurer?",
            "[Ann Berg], treasurer of the harbour trust, read out the accounts.",
            "[Paul Lund], who was treasurer of the golf club, pleaded guilty.",
        ),
        (
            "Who was the treasurer?",
            "The Tarn Choir's treasurer, [Ann Berg], resigned.",
            "The treasurer was [Paul Lund], the Rowing Club said.",
        ),
        (
            "Who chairs the committee?",
            "[Ann Berg] chairs the budget committee.",
            "[Paul Lund] chairs the school committee.",
        ),
    ],
)
def test_the_same_office_of_two_bodies_is_no_contradiction(question: str, one: str, other: str) -> None:
    first, second = claim_of_line(f"2022-03-01 {one}", "one"), claim_of_line(f"2022-03-04 {other}", "other")
    assert not are_contradictory(question, first, second)
    same = claim_of_line(f"2022-03-04 {one.replace('Ann Berg', 'Ruth Holm')}", "other")
    assert are_contradictory(question, first, same)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("How old is she?", "Ann Berg, [34], kept bees.", "Ruth Holm, who was [74], kept none."),
        (
            "When did the talks begin?",
            "Talks on Skarn began on [Sunday].",
            "Talks at Marl began on [Friday].",
        ),
    ],
)
def test_sentences_that_name_nothing_in_common_do_not_contradict_each_other(
    question: str, one: str, other: str
) -> None:
    first, second = claim_of_line(f"2022-03-09 {one}", "one"), claim_of_line(f"2022-03-11 {other}", "other")
    assert not are_contradictory(question, first, second)


def test_a_sentence_that_names_nothing_is_of_what_its_passage_names() -> None:
    question = "Who is the treasurer?"
    fire = claim_of_line("2022-03-01 The Skarn Fire District put its treasurer, [Ann Berg], on leave.", "one")
    said = "The money is gone, treasurer [Paul Lund] said."
    assert not are_contradictory(question, fire, claim_of_line(f"2022-03-04 Marl Mill is on strike. {said}", "other"))
    assert are_contradictory(question, fire, claim_of_line(f"2022-03-04 A fire burns in Skarn. {said}", "other"))


def test_a_passage_that_does_not_name_what_the_question_names_contradicts_none_that_does() -> None:
    question = "Who is the mayor of Skarn?"
    skarn = replace(claim_of_line("2022-03-01 Mayor [Ann Berg] of Skarn spoke first.", "one"), title="A rally")
    other = claim_of_line("2022-03-04 Mayor [Paul Lund] dropped the fees.", "other")
    assert not are_contradictory(question, skarn, replace(other, title="Fees are dropped"))
    assert are_contradictory(question, skarn, replace(other, title="Skarn drops the fees"))


def test_a_sentence_that_names_both_persons_contradicts_neither() -> None:
    one = claim_of_line("2022-03-01 [Ann Berg] became treasurer of the choir after Paul Lund.", "one")
    other = claim_of_line("2022-03-01 [Paul Lund] was treasurer of the choir.", "other")
    alone = claim_of_line("2022-03-01 [Ann Berg] became treasurer of the choir.", "one")
    assert not are_contradictory("Who was the treasurer of the choir?", one, other)
    assert are_contradictory("Who was the treasurer of the choir?", alone, other)


def test_a_claim_has_its_sentence_and_the_days_in_it() -> None:
    text = "It rained. Five died on Sunday, the county said. It stopped."
    start = text.index("Five")
    claim = claim_in(text, start, start + 4, article="a", published=date(2024, 4, 9))
    assert (claim.text, claim.sentence, claim.start) == ("Five", "Five died on Sunday, the county said.", 0)
    assert [(d.text, d.first) for d in claim.days] == [("Sunday", date(2024, 4, 7))]
    assert claim.sentence[claim.days[0].start : claim.days[0].end] == "Sunday"


@pytest.mark.parametrize(
    ("sentence", "low", "high", "dimension", "partial"),
    [
        ("About 400 houses", 360, 440, "", False),
        ("398 houses", 398, 398, "", False),
        ("Nearly 50 houses", 45, 50, "", False),
        ("At least 12 people", 12, 15, "", False),
        ("Up to 100 people", 50, 102.5, "", False),
        ("between 20 and 30 cows", 20, 30, "", False),
        ("$38.4 million", 38_350_000, 38_450_000, "$", False),
        ("three hundred and eleven votes", 311, 311, "", False),
        ("a year and a half", 1.5 * 31_557_600, 1.5 * 31_557_600, "time", False),
        ("two more bodies", 2, 2, "", True),
        ("instead of 15 percent", 15, 15, "%", True),
    ],
)
def test_a_quantity_leaves_open_what_its_words_leave_open(
    sentence: str, low: float, high: float, dimension: str, partial: bool
) -> None:
    (quantity,) = quantities(sentence)
    assert (quantity.low, quantity.high) == pytest.approx((low, high))
    assert (quantity.dimension, quantity.partial) == (dimension, partial)


def test_a_year_is_no_quantity_and_units_are_converted() -> None:
    assert quantities("The levee was built in 1952.") == []
    miles, metric, more = (quantities(text)[0] for text in ("810 miles", "1,300 km", "1,700 km"))
    assert not differ(miles, metric)
    assert differ(miles, more)
    assert not differ(*quantities("5 percent, or 4.8 percent"))
    assert differ(*quantities("4.4 percent, or 4.8 percent"))
    assert quantity_in("Hundreds of people came.", 0, 8) is None


def test_a_zero_with_decimals_is_a_quantity() -> None:
    (zero,) = quantities("Growth was 0.0 percent.")
    assert (zero.value, zero.dimension) == (0, "%")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Landberg", "Christopher Landberg", True),
        ("WHO", "World Health Organization", True),
        ("US", "United States", True),
        ("American", "the United States", True),
        ("Bob Tanner", "Robert Tanner", True),
        ("Zelensky", "Volodymyr Zelenskyy", True),
        ("J. Lindqvist", "Joe Lindqvist", True),
        ("Dr. Amira Haddad", "Amira Haddad", True),
        ("Fed", "Federal Reserve", True),
        ("Kabul", "Afghanistan", True),
        ("Dale Pruitt", "Dana Pruett", False),
        ("Harold Binney", "Edna Binney", False),
        ("Berlin", "Munich", False),
        ("Iran", "Iraq", False),
        ("North Korea", "South Korea", False),
    ],
)
def test_names_of_the_same_are_known(one: str, other: str, same: bool) -> None:
    assert same_name(one, other) == same_name(other, one) == same


def test_the_name_in_an_answer_is_found() -> None:
    assert proper_name("plant manager Marcus Oyelaran") == "Marcus Oyelaran"
    assert proper_name("the chair of the board") == ""


def test_places_lie_in_countries() -> None:
    assert lies_in("Hiroshima", "Japan")
    assert lies_in("Texas", "the U.S.")
    assert not lies_in("Lyon", "Spain")
    assert country("British") == country("UK") == "Britain"


@pytest.mark.parametrize(
    ("text", "minutes"),
    [
        ("2:40 a.m.", 160),
        ("seven o’clock", 420),
        ("14:20", 140),
        ("noon", 0),
        ("Monday", None),
    ],
)
def test_times_of_day_are_read(text: str, minutes: int | None) -> None:
    assert times_of_day(text) == (None if minutes is None else (minutes, minutes))


def test_times_differ_unless_a_word_leaves_them_open() -> None:
    exact, loose, late = (times_of_day(text) for text in ("2:40 a.m.", "about 3 a.m.", "4 a.m."))
    assert exact and loose and late  # noqa: PT018 - for the type checker
    assert not times_differ(exact, loose)
    assert times_differ(exact, late)


def test_the_benchmark_leaves_out_what_is_not_there() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "CITEWIRE_DATA"}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.contradictions"],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "contradictions_heldout.txt: 76 pairs" in done.stdout
    assert "left out, CITEWIRE_DATA is not set" in done.stdout
