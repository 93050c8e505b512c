"""Comparing an evaluation with an earlier one."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import ReadError, UsageError
from qa.evaluation.figures import percentile
from qa.evaluation.gold.question import GoldSet
from qa.evaluation.metrics import paired_randomisation, recall_at, reciprocal_rank

Entry = Mapping[str, Any]
"""One entry of `questions` in an evaluation's JSON."""


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
    only_before: tuple[str, ...]
    only_now: tuple[str, ...]


def load_evaluation(path: Path) -> dict[str, Any]:
    """Return what `citewire evaluate --json` wrote.

    Raises UsageError for a missing file, ReadError for a file of another kind.
    """
    try:
        content = json.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist: name a file written by citewire evaluate --json") from None
    except OSError as error:
        raise ReadError(str(path), f"cannot be read ({error.strerror})") from error
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ReadError(str(path), "is not JSON: name a file written by citewire evaluate --json") from error
    questions = content.get("questions") if isinstance(content, dict) else None
    needed = {"id", "question", "expected", "status", *_NEEDED}
    if not isinstance(questions, list) or not all(isinstance(q, dict) and needed <= q.keys() for q in questions):
        raise ReadError(str(path), "is not an evaluation: name a file written by citewire evaluate --json")
    return dict(content)


def require_common(before: Mapping[str, Any], gold: GoldSet) -> None:
    """Raise UsageError if the earlier evaluation asked none of these questions, before they are asked in vain."""
    if not {str(entry["id"]) for entry in before["questions"]} & {question.id for question in gold.questions}:
        raise UsageError(
            f"the earlier evaluation asked none of the questions of {gold.name}: name one of the same questions"
        )


def compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> Comparison:
    """Compare two evaluations in their JSON form, question by question.

    Raises UsageError if they have no question in common.
    """
    old, new = ({str(q["id"]): q for q in side["questions"]} for side in (before, now))
    shared = [identity for identity in new if identity in old]
    changed = [i for i in shared if any(old[i][field] != new[i][field] for field in ("question", "expected"))]
    kept = [identity for identity in shared if identity not in set(changed)]
    if not kept:
        raise UsageError("the two evaluations have no question in common: compare evaluations of the same questions")
    pairs = [(old[identity], new[identity]) for identity in kept]
    return Comparison(
        questions=len(pairs),
        rows=(*(_row(figure, weigh, pairs) for figure, weigh in _WEIGHED.items()), *_latency_rows(pairs)),
        gained=tuple(str(n["id"]) for o, n in pairs if _is_right(n) and not _is_right(o)),
        lost=tuple(str(n["id"]) for o, n in pairs if _is_right(o) and not _is_right(n)),
        changed=tuple(changed),
        only_before=tuple(identity for identity in old if identity not in new),
        only_now=tuple(identity for identity in new if identity not in old),
    )


def _is_right(entry: Entry) -> bool:
    return entry["verdict"] in ("right", "refused")


def _refused(entry: Entry) -> bool:
    return entry["status"] not in ("answered", "unsure")


def _ranked(measure: Callable[[Sequence[int | None]], float]) -> Callable[[Entry], tuple[float, float]]:
    return lambda entry: (measure(entry["ranks"]), 1) if entry["ranks"] else (0, 0)


# Value and weight of a question in each figure: a figure is the sum of values over the sum of weights.
_WEIGHED: Mapping[str, Callable[[Entry], tuple[float, float]]] = {
    "exact_match": lambda entry: (entry["exact_match"], 1),
    "f1": lambda entry: (entry["f1"], 1),
    "contains": lambda entry: (entry["contains"], 1),
    "recall@1": _ranked(lambda ranks: recall_at(ranks, 1)),
    "recall@5": _ranked(lambda ranks: recall_at(ranks, 5)),
    "recall@10": _ranked(lambda ranks: recall_at(ranks, 10)),
    "mrr": _ranked(reciprocal_rank),
    "citations_exact": lambda entry: (entry["citations_exact"], entry["citations"]),
    "refusal_precision": lambda entry: (_refused(entry) and not entry["expected"], _refused(entry)),
    "refusal_recall": lambda entry: (_refused(entry) and not entry["expected"], not entry["expected"]),
}
_NEEDED = ("verdict", "exact_match", "f1", "contains", "ranks", "citations", "citations_exact", "latency_ms")


def _row(figure: str, weigh: Callable[[Entry], tuple[float, float]], pairs: Sequence[tuple[Entry, Entry]]) -> Row:
    before, now = [weigh(old) for old, _ in pairs], [weigh(new) for _, new in pairs]
    first, second = _ratio(before), _ratio(now)
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


def _ratio(weighed: Sequence[tuple[float, float]]) -> float | None:
    weight = sum(w for _, w in weighed)
    return sum(value for value, _ in weighed) / weight if weight else None
