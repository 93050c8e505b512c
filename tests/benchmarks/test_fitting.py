"""Fitting a reader's regressions on questions whose truth is known."""

import math
import random

import numpy as np
import pytest

from benchmarks.fitting import CUT, WITHOUT, Asked, fit, regress
from qa.reader.calibration import MEASURES, RETRIEVED


def asked(name: str, holds: list[float], f1: list[float], *, retrieved: bool = True) -> Asked:
    """Return a question whose passages differ in the score of holding an answer alone."""
    measures = np.zeros((len(holds), MEASURES))
    measures[:, 2] = holds
    measures[:, RETRIEVED] = retrieved
    return Asked(name, 0, measures, np.array(f1), answerable=max(f1) > 0)


def many(name: str, *, retrieved: bool, vague: bool = False) -> list[Asked]:
    """Return questions that are answered where a passage scores high; vague: but not where several do."""
    draw = random.Random(1)
    questions = []
    for _ in range(200):
        high, second = draw.gauss(0, 2), draw.gauss(-3, 2)
        true = draw.random() < 1 / (1 + math.exp(-high)) and not (vague and second > -3)
        questions.append(asked(name, [high, second], [float(true), 0.0], retrieved=retrieved))
    return questions


def test_a_regression_finds_the_odds_that_made_its_questions() -> None:
    draw = np.random.default_rng(2)
    x = draw.normal(size=(20_000, 2))
    y = (draw.random(len(x)) < 1 / (1 + np.exp(-(0.5 + x @ [2.0, -1.0])))).astype(np.float64)
    assert list(regress(x, y, np.ones(len(x)))) == pytest.approx([0.5, 2.0, -1.0], abs=0.1)


def test_a_passage_that_scores_higher_makes_an_answer_likelier_alone_and_together() -> None:
    fitted = fit([*many("library", retrieved=True), *many("text", retrieved=False)])
    for retrieved in (True, False):
        low, high = (asked("", [holds, -3.0], [0, 0], retrieved=retrieved).measures.tolist() for holds in (-1.0, 3.0))
        assert fitted.of(high[0]) > fitted.of(low[0])
        assert fitted.of_any(high) > 0.7 > 0.4 > fitted.of_any(low)


def test_in_a_library_a_second_passage_that_may_answer_never_makes_an_answer_less_likely() -> None:
    fitted = fit(many("library", retrieved=True, vague=True))
    one, two = (asked("", [2.0, second], [0, 0]).measures.tolist() for second in (-6.0, 2.0))
    assert fitted.of_any(two) >= fitted.of_any(one)
    assert all(weight >= 0 for n, weight in enumerate(fitted.any_found[1:]) if n not in (7, 12))


def test_questions_read_a_second_time_without_their_answer_count_less() -> None:
    whole = [asked("set", [1.0], [1.0], retrieved=False) for _ in range(40)]
    probability = {}
    for ending in ("", WITHOUT, CUT):
        rest = [asked(f"set{ending}", [1.0], [0.0], retrieved=False) for _ in range(40)]
        probability[ending] = fit([*whole, *rest]).of_any(whole[0].measures.tolist())
    assert list(probability.values()) == pytest.approx([1 / 2, 2 / 3, 5 / 6], abs=0.02)
