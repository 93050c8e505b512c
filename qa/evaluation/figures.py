"""The figures of an evaluation, computed from the outcomes of its questions.

Beside how often answers are right: how well confidence tells it, the trade-off between coverage and risk, and refusals.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np

from qa.evaluation.metrics import recall_at, reciprocal_rank
from qa.evaluation.outcome import Outcome

PERCENTAGES = ("exact_match", "f1", "contains")
LATENCIES = ("latency_ms_p50", "latency_ms_p95")
BINS = 10
LIKELY = 0.5
"""The built-in reader's confidence from which it takes words for an answer."""


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers with a confidence in (low, high]; the first bin includes 0.

    confidence: mean confidence. accuracy: share of right answers. Both are None in an empty bin.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """A point of the risk-coverage curve: share answered at a threshold, and share of these that are wrong."""

    threshold: float
    coverage: float
    risk: float


def reliability_bins(confidences: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Group the answers by confidence into bins of equal width: the points of a reliability diagram.

    Source: Niculescu-Mizil and Caruana, Predicting Good Probabilities with Supervised Learning, ICML 2005.
    """
    members: list[list[int]] = [[] for _ in range(BINS)]
    for position, confidence in enumerate(confidences):
        # The bin of c is ceil(c * BINS) - 1. Comparing avoids rounding errors of products such as 0.3 * 10.
        members[next(b for b in range(BINS) if confidence <= (b + 1) / BINS)].append(position)
    return [
        Bin(
            low=b / BINS,
            high=(b + 1) / BINS,
            count=len(positions),
            confidence=sum(confidences[p] for p in positions) / len(positions) if positions else None,
            accuracy=sum(right[p] for p in positions) / len(positions) if positions else None,
        )
        for b, positions in enumerate(members)
    ]


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Return the mean difference between confidence and accuracy, None for no answers.

    ECE = sum over bins b of n_b / n * |acc(b) - conf(b)|. n_b: answers in the bin, acc: share right, conf: mean
    confidence.
    Source: Naeini, Cooper and Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI 2015.
    """
    if not confidences:
        return None
    groups = reliability_bins(confidences, right)
    return sum(g.count * abs((g.accuracy or 0) - (g.confidence or 0)) for g in groups) / len(confidences)


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> list[RiskCoverage]:
    """Return coverage and risk for a threshold at every confidence that occurs, highest first.

    coverage(t) = |{i : c_i >= t}| / n and risk(t) = |{i : c_i >= t and i is wrong}| / |{i : c_i >= t}|.
    Source: El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, JMLR 11, 2010.
    """
    points, covered, wrong = [], 0, 0
    surest_first = sorted(zip(confidences, right, strict=True), reverse=True)
    for threshold, tied in groupby(surest_first, key=itemgetter(0)):
        verdicts = [is_right for _, is_right in tied]
        covered, wrong = covered + len(verdicts), wrong + verdicts.count(False)
        points.append(RiskCoverage(threshold, covered / len(confidences), wrong / covered))
    return points


def area_under_risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> float | None:
    """Return the mean risk over all coverages, None for no questions. 0 is perfect.

    A useless confidence gives about the overall error rate.

    AURC = 1/n * sum over k = 1..n of (wrong among the k most confident) / k. The wrong answers among ties are
    spread evenly over the ties, so that the order of the questions does not matter.
    Source: Geifman, Uziel and El-Yaniv, Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers, ICLR 2019.
    """
    if not confidences:
        return None
    points = risk_coverage(confidences, right)
    covered = [0.0, *(point.coverage * len(confidences) for point in points)]
    wrong = [0.0, *(point.risk * point.coverage * len(confidences) for point in points)]
    ranks = np.arange(1, len(confidences) + 1)
    return float(np.mean(np.interp(ranks, covered, wrong) / ranks))


def refusal_precision(refused: Sequence[bool], unanswerable: Sequence[bool]) -> float | None:
    """Return the share of the refused questions that are unanswerable, None if none was refused.

    precision = |R & U| / |R|. R: questions refused; U: questions whose answer the texts do not hold.
    Source: the measures of van Rijsbergen, Information Retrieval, 1979, with "unanswerable" as the class looked for,
    as Rajpurkar et al., Know What You Don't Know, ACL 2018 (SQuAD 2.0) frame abstention.
    """
    right = sum(r and u for r, u in zip(refused, unanswerable, strict=True))
    return right / sum(refused) if any(refused) else None


def refusal_recall(refused: Sequence[bool], unanswerable: Sequence[bool]) -> float | None:
    """Return the share of the unanswerable questions that were refused, None if every question has an answer.

    recall = |R & U| / |U|, with R and U as in `refusal_precision`.
    """
    right = sum(r and u for r, u in zip(refused, unanswerable, strict=True))
    return right / sum(unanswerable) if any(unanswerable) else None


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return every figure, None where it does not apply, and `questions`, the number of outcomes.

    `exact_match`, `f1` and `contains` are percentages over all questions. Retrieval is over questions with evidence,
    `citations_exact` over all citations, `calibration_error` over the answers given, `risk_coverage_area` over all
    questions; a refused question counts with its most confident extraction.
    """
    found = [outcome.ranks for outcome in outcomes if outcome.ranks]
    refused = [outcome.is_refused for outcome in outcomes]
    unanswerable = [outcome.is_unanswerable for outcome in outcomes]
    given = sum(len(outcome.citations) for outcome in outcomes)
    latencies = [outcome.latency_ms for outcome in outcomes]
    return {
        "questions": len(outcomes),
        "exact_match": _mean(outcome.exact_match for outcome in outcomes),
        "f1": _mean(outcome.f1 for outcome in outcomes),
        "contains": _mean(outcome.contains for outcome in outcomes),
        **{f"recall@{k}": _mean(recall_at(ranks, k) for ranks in found) for k in (1, 5, 10)},
        "mrr": _mean(map(reciprocal_rank, found)),
        "citations_exact": sum(outcome.citations_exact for outcome in outcomes) / given if given else None,
        "refusal_precision": refusal_precision(refused, unanswerable),
        "refusal_recall": refusal_recall(refused, unanswerable),
        **_outcomes(outcomes),
        "calibration_error": expected_calibration_error(*answered(outcomes)),
        "risk_coverage_area": area_under_risk_coverage(*selective(outcomes)),
        "latency_ms_p50": percentile(latencies, 50),
        "latency_ms_p95": percentile(latencies, 95),
    }


def _outcomes(outcomes: Sequence[Outcome]) -> dict[str, float | None]:
    """Return how often answers shown as sure, and as sure or unsure, are right.

    right_sure, right_shown: share of the answerable questions with a right answer shown as sure; shown at all.
    sure_precision, unsure_precision: share of the answers shown so that are right or partly right. kept_from_sure,
    kept_from_shown: share of the unanswerable questions without a sure answer; without any answer.
    """
    answerable = [o for o in outcomes if not o.is_unanswerable]
    others = [o for o in outcomes if o.is_unanswerable]
    shown = [o for o in outcomes if not o.is_refused]
    useful = ("right", "partly")
    return {
        "right_sure": _mean(o.is_sure and o.verdict == "right" for o in answerable),
        "right_shown": _mean(o.verdict == "right" for o in answerable),
        "sure_precision": _mean(o.verdict in useful for o in shown if o.is_sure),
        "unsure_precision": _mean(o.verdict in useful for o in shown if not o.is_sure),
        "kept_from_sure": _mean(not o.is_sure for o in others),
        "kept_from_shown": _mean(o.is_refused for o in others),
    }


def model_figures(outcomes: Sequence[Outcome]) -> dict[str, Any] | None:
    """Return what the outcomes say of a language model, None where none was asked.

    asked: questions put to it. fell_back: of these, those that the built-in reader answered. prompt_tokens and
    completion_tokens: of all that its server counted, None where it counted none. quotes_dropped: quotes that stand
    nowhere. checked_likely and checked_unlikely: of the answers it chose, those whose words the built-in reader takes
    for an answer, and the others, each with how many are right.
    """
    asked = [outcome for outcome in outcomes if outcome.usage is not None]
    if not asked:
        return None
    usages = [outcome.usage for outcome in asked if outcome.usage is not None]
    prompts = [usage.prompt_tokens for usage in usages if usage.prompt_tokens is not None]
    replies = [usage.completion_tokens for usage in usages if usage.completion_tokens is not None]
    checked = [(o.checked, o.verdict == "right") for o in asked if not o.is_refused and o.checked is not None]
    return {
        "asked": len(asked),
        "fell_back": sum(outcome.fell_back for outcome in asked),
        "requests": sum(usage.requests for usage in usages),
        "prompt_tokens": sum(prompts) if prompts else None,
        "completion_tokens": sum(replies) if replies else None,
        "quotes_dropped": sum(usage.quotes_dropped for usage in usages),
        "checked_likely": _counted(right for score, right in checked if score >= LIKELY),
        "checked_unlikely": _counted(right for score, right in checked if score < LIKELY),
    }


def answered(outcomes: Sequence[Outcome]) -> tuple[list[float], list[bool]]:
    """Return the confidence of each answer given, and whether it was right."""
    shown = [(o.confidence, o.verdict == "right") for o in outcomes if not o.is_refused and o.confidence is not None]
    return [confidence for confidence, _ in shown], [right for _, right in shown]


def selective(outcomes: Sequence[Outcome]) -> tuple[list[float], list[bool]]:
    """Return, for each question, the best confidence (0 if nothing was read) and whether answering would be right."""
    return [o.confidence or 0.0 for o in outcomes], [o.would_be_right for o in outcomes]


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the percentile with linear interpolation, None without values.

    Source: definition 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996.
    """
    return float(np.percentile(values, percent)) if len(values) else None


def _counted(right: Iterable[bool]) -> dict[str, int]:
    verdicts = list(right)
    return {"count": len(verdicts), "right": sum(verdicts)}


def _mean(values: Iterable[float]) -> float | None:
    kept = list(values)
    return sum(kept) / len(kept) if kept else None
