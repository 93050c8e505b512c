"""The figures of an evaluation, computed from the outcomes of its questions, and compared with those of an earlier one.

Beside how often answers are right: how well confidence tells it, what is shown as sure or unsure, and refusals.
"""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import ReadError, UsageError
from qa.evaluation.gold_questions import GoldQuestion
from qa.evaluation.metrics import paired_randomisation, recall_at, reciprocal_rank
from qa.evaluation.outcome import Outcome

PERCENTAGES = ("exact_match", "f1", "contains")
LATENCIES = ("latency_ms_p50", "latency_ms_p95")
BINS = 10
LIKELY = 0.5
"""The built-in reader's confidence from which it takes words for an answer."""
Entry = Mapping[str, Any]
"""One entry of `questions` in an evaluation's JSON."""
Weigh = Callable[[Entry], tuple[float, float]]


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


def reliability_bins(confidences: Sequence[float], right: Sequence[bool]) -> list[Bin]:
    """Group the answers by confidence into bins of equal width: the points of a reliability diagram.

    Source: Niculescu-Mizil and Caruana, Predicting Good Probabilities with Supervised Learning, ICML 2005.
    """
    places = np.searchsorted(np.arange(1, BINS + 1) / BINS, confidences).tolist()
    bins = []
    for b in range(BINS):
        inside = [each for each, place in zip(zip(confidences, right, strict=True), places, strict=True) if place == b]
        confidence, accuracy = (sum(v) / len(v) for v in zip(*inside, strict=True)) if inside else (None, None)
        bins.append(Bin(b / BINS, (b + 1) / BINS, len(inside), confidence, accuracy))
    return bins


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


def ratio(weighed: Sequence[tuple[float, float]]) -> float | None:
    """Return the sum of the values over the sum of the weights, None without any weight."""
    weight = sum(w for _, w in weighed)
    return sum(value for value, _ in weighed) / weight if weight else None


def _ranked(measure: Callable[[Sequence[int | None]], float]) -> Weigh:
    return lambda entry: (measure(entry["ranks"]), 1) if entry["ranks"] else (0, 0)


_UNANSWERABLE, _USEFUL = ("refused", "invented"), ("right", "partly")
WEIGHED: Mapping[str, Weigh] = {
    "exact_match": lambda entry: (entry["exact_match"], 1),
    "f1": lambda entry: (entry["f1"], 1),
    "contains": lambda entry: (entry["contains"], 1),
    "recall@1": _ranked(lambda ranks: recall_at(ranks, 1)),
    "recall@5": _ranked(lambda ranks: recall_at(ranks, 5)),
    "recall@10": _ranked(lambda ranks: recall_at(ranks, 10)),
    "mrr": _ranked(reciprocal_rank),
    "citations_exact": lambda entry: (entry["citations_exact"], entry["citations"]),
    "refusal_precision": lambda e: (e["verdict"] == "refused", e["verdict"] in ("refused", "missed")),
    "refusal_recall": lambda e: (e["verdict"] == "refused", e["verdict"] in _UNANSWERABLE),
    "right_sure": lambda e: (e["verdict"] == "right" and e["status"] == "answered", e["verdict"] not in _UNANSWERABLE),
    "right_shown": lambda e: (e["verdict"] == "right", e["verdict"] not in _UNANSWERABLE),
    "sure_precision": lambda e: (e["verdict"] in _USEFUL and e["status"] == "answered", e["status"] == "answered"),
    "unsure_precision": lambda e: (e["verdict"] in _USEFUL and e["status"] == "unsure", e["status"] == "unsure"),
    "kept_from_sure": lambda e: (
        e["verdict"] in _UNANSWERABLE and e["status"] != "answered",
        e["verdict"] in _UNANSWERABLE,
    ),
    "kept_from_shown": lambda e: (e["verdict"] == "refused", e["verdict"] in _UNANSWERABLE),
}
"""The value and the weight of a question in each figure that is the sum of the values over the sum of the weights.

refusal_precision: share of the refused questions that are unanswerable. refusal_recall: share of the unanswerable ones
that were refused; after van Rijsbergen, Information Retrieval, 1979, with "unanswerable" as the class looked for, as
Rajpurkar et al., Know What You Don't Know, ACL 2018, frame abstention. right_sure, right_shown: share of the answerable
questions with a right answer shown as sure; shown at all. sure_precision, unsure_precision: share of the answers shown
so that are right or partly right. kept_from_sure, kept_from_shown: share of the unanswerable questions without a sure
answer; without any answer.
"""


def figures(outcomes: Sequence[Outcome]) -> dict[str, Any]:
    """Return every figure, None where it does not apply, and `questions`, the number of outcomes.

    `exact_match`, `f1` and `contains` are percentages over all questions. Retrieval is over questions with evidence,
    `citations_exact` over all citations, `calibration_error` over the answers given.
    """
    entries = [outcome.to_json() for outcome in outcomes]
    latencies = [outcome.latency_ms for outcome in outcomes]
    return {
        "questions": len(outcomes),
        **{name: ratio([weigh(entry) for entry in entries]) for name, weigh in WEIGHED.items()},
        "calibration_error": expected_calibration_error(*answered(outcomes)),
        "latency_ms_p50": percentile(latencies, 50),
        "latency_ms_p95": percentile(latencies, 95),
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


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the percentile with linear interpolation, None without values.

    Source: definition 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996.
    """
    return float(np.percentile(values, percent)) if len(values) else None


def _counted(right: Iterable[bool]) -> dict[str, int]:
    verdicts = list(right)
    return {"count": len(verdicts), "right": sum(verdicts)}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure before and now, and the p-value of a paired randomisation test; None where it does not apply."""

    figure: str
    before: float | None
    now: float | None
    change: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """Differences of two evaluations, over the `questions` that both asked with the same expected answers.

    gained, lost: ids of questions that only the new, or only the old evaluation got right. changed: ids that ask or
    expect something else now; they are left out.
    """

    questions: int
    rows: tuple[Row, ...]
    gained: tuple[str, ...]
    lost: tuple[str, ...]
    changed: tuple[str, ...]


_NAME_ONE = "name a file written by citewire evaluate --json"
_NONE_IN_COMMON = "the two evaluations have no question in common: compare evaluations of the same questions"
_NEEDED = frozenset(
    "id question expected status verdict exact_match f1 contains ranks citations citations_exact latency_ms".split()
)


def load_evaluation(path: Path) -> dict[str, Any]:
    """Return what `citewire evaluate --json` wrote.

    Raises UsageError for a missing file, ReadError for a file of another kind.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
        is_whole = all(entry.keys() >= _NEEDED for entry in content["questions"])
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): {_NAME_ONE}") from error
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        is_whole = False
    if not is_whole:
        raise ReadError(str(path), f"is not an evaluation: {_NAME_ONE}")
    return dict(content)


def require_common(before: Mapping[str, Any], questions: Iterable[GoldQuestion]) -> None:
    """Raise UsageError if the earlier evaluation asked none of these questions, before they are asked in vain."""
    asked = {(str(entry["id"]), str(entry["question"]), str(entry["expected"])) for entry in before["questions"]}
    if asked.isdisjoint((q.id, q.question, str(list(q.answers))) for q in questions):
        raise UsageError(_NONE_IN_COMMON)


def compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> Comparison:
    """Compare two evaluations in their JSON form, question by question.

    Raises UsageError if they have no question in common.
    """
    old, new = ({str(q["id"]): q for q in side["questions"]} for side in (before, now))
    shared = [identity for identity in new if identity in old]
    changed = [i for i in shared if any(old[i][field] != new[i][field] for field in ("question", "expected"))]
    kept = [identity for identity in shared if identity not in set(changed)]
    if not kept:
        raise UsageError(_NONE_IN_COMMON)
    pairs = [(old[identity], new[identity]) for identity in kept]
    return Comparison(
        questions=len(pairs),
        rows=(*(_row(figure, weigh, pairs) for figure, weigh in WEIGHED.items()), *_latency_rows(pairs)),
        gained=tuple(str(n["id"]) for o, n in pairs if _is_right(n) and not _is_right(o)),
        lost=tuple(str(n["id"]) for o, n in pairs if _is_right(o) and not _is_right(n)),
        changed=tuple(changed),
    )


def _is_right(entry: Entry) -> bool:
    return entry["verdict"] in ("right", "refused")


def _row(figure: str, weigh: Weigh, pairs: Sequence[tuple[Entry, Entry]]) -> Row:
    before, now = [weigh(old) for old, _ in pairs], [weigh(new) for _, new in pairs]
    first, second = ratio(before), ratio(now)
    if first is None or second is None:
        return Row(figure, first, second, None, None)
    return Row(figure, first, second, second - first, paired_randomisation(before, now))


def _latency_rows(pairs: Sequence[tuple[Entry, Entry]]) -> list[Row]:
    """Return the latencies, without a test: the evaluations may have run on different or busy machines."""
    rows = []
    for percent in (50, 95):
        before = percentile([old["latency_ms"] for old, _ in pairs], percent)
        now = percentile([new["latency_ms"] for _, new in pairs], percent)
        change = None if before is None or now is None else now - before
        rows.append(Row(f"latency_ms_p{percent}", before, now, change, None))
    return rows
