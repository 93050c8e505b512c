"""The figures of an evaluation, computed from the outcomes of its questions."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from qa.evaluation.metrics import (
    RiskCoverage,
    area_under_risk_coverage,
    expected_calibration_error,
    recall_at,
    reciprocal_rank,
    refusal_precision,
    refusal_recall,
    risk_coverage,
)
from qa.evaluation.outcome import Outcome

PERCENTAGES = ("exact_match", "f1", "contains")
FRACTIONS = (
    "recall@1",
    "recall@5",
    "recall@10",
    "mrr",
    "citations_exact",
    "refusal_precision",
    "refusal_recall",
    "right_sure",
    "right_shown",
    "sure_precision",
    "unsure_precision",
    "kept_from_sure",
    "kept_from_shown",
    "calibration_error",
    "risk_coverage_area",
)
LATENCIES = ("latency_ms_p50", "latency_ms_p95")
FIGURES = (*PERCENTAGES, *FRACTIONS, *LATENCIES)


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return every figure of `FIGURES`, None where it does not apply, and `questions`, the number of outcomes.

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
        "calibration_error": _over(expected_calibration_error, *answered(outcomes)),
        "risk_coverage_area": _over(area_under_risk_coverage, *selective(outcomes)),
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


def answered(outcomes: Sequence[Outcome]) -> tuple[list[float], list[bool]]:
    """Return the confidence of each answer given, and whether it was right."""
    shown = [(o.confidence, o.verdict == "right") for o in outcomes if not o.is_refused and o.confidence is not None]
    return [confidence for confidence, _ in shown], [right for _, right in shown]


def selective(outcomes: Sequence[Outcome]) -> tuple[list[float], list[bool]]:
    """Return, for each question, the best confidence (0 if nothing was read) and whether answering would be right."""
    return [o.confidence or 0.0 for o in outcomes], [o.would_be_right for o in outcomes]


def curve(outcomes: Sequence[Outcome]) -> list[RiskCoverage]:
    """Return the risk-coverage curve over all questions."""
    return risk_coverage(*selective(outcomes)) if outcomes else []


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the percentile with linear interpolation, None without values.

    Source: definition 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996.
    """
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _mean(values: Iterable[float]) -> float | None:
    kept = list(values)
    return sum(kept) / len(kept) if kept else None


def _over(
    measure: Callable[[Sequence[float], Sequence[bool]], float], confidences: Sequence[float], right: Sequence[bool]
) -> float | None:
    return measure(confidences, right) if confidences else None
