"""An evaluation compared with an earlier one, as plain text, and as one HTML page: `report.html.j2` is its template."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from corpus.errors import ReadError, UsageError
from qa.evaluation.evaluate import (
    LATENCIES,
    PERCENTAGES,
    WEIGHED,
    Entry,
    Evaluation,
    Passages,
    answered,
    figures,
    model_figures,
    ratio,
)
from qa.evaluation.gold_questions import GoldQuestion
from qa.evaluation.metrics import paired_randomisation, percentile, reliability_bins
from qa.evaluation.outcome import Outcome, Verdict

HEADINGS = {
    "questions": "asked",
    "exact_match": "EM",
    "f1": "F1",
    "contains": "contains",
    "recall@1": "R@1",
    "recall@5": "R@5",
    "recall@10": "R@10",
    "mrr": "MRR",
    "citations_exact": "cit.exact",
    "refusal_precision": "ref.prec",
    "refusal_recall": "ref.rec",
    "right_sure": "sure",
    "right_shown": "shown",
    "sure_precision": "sure.prec",
    "unsure_precision": "uns.prec",
    "kept_from_sure": "kept.sure",
    "kept_from_shown": "kept",
    "calibration_error": "ECE",
    "latency_ms_p50": "p50 ms",
    "latency_ms_p95": "p95 ms",
}
"""The short heading of each figure in tables."""

COMPARED = ("before", "now", "change", "p")
"""The columns of a comparison."""

_SHOWN = 60
_NAMED = 10
_ASKED: dict[Passages, str] = {
    "library": "asked of the library",
    "given": "each asked of its own paragraph alone",
    "all": "asked of a library of all paragraphs of the file",
}
_VERDICTS: dict[Verdict, str] = {
    "right": "right",
    "partly": "partly right",
    "wrong": "wrong",
    "missed": "refused, though answerable",
    "refused": "rightly refused",
    "invented": "answered, though unanswerable",
}


@dataclass(frozen=True, slots=True)
class Row:
    """One figure before and now, and the p-value of a paired randomisation test; None where it does not apply."""

    figure: str
    before: float | None
    now: float | None
    p: float | None

    @property
    def change(self) -> float | None:
        """What the figure has gained."""
        return None if self.before is None or self.now is None else self.now - self.before


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
        rows=(*(_row(figure, pairs) for figure in WEIGHED), *(_latency_row(percent, pairs) for percent in (50, 95))),
        gained=tuple(str(n["id"]) for o, n in pairs if _is_right(n) and not _is_right(o)),
        lost=tuple(str(n["id"]) for o, n in pairs if _is_right(o) and not _is_right(n)),
        changed=tuple(changed),
    )


def _is_right(entry: Entry) -> bool:
    return entry["verdict"] in ("right", "refused")


def _row(figure: str, pairs: Sequence[tuple[Entry, Entry]]) -> Row:
    before, now = ([WEIGHED[figure](entry) for entry in side] for side in zip(*pairs, strict=True))
    first, second = ratio(before), ratio(now)
    return Row(figure, first, second, None if None in (first, second) else paired_randomisation(before, now))


def _latency_row(percent: int, pairs: Sequence[tuple[Entry, Entry]]) -> Row:
    """Return a latency without a test: the evaluations may have run on different or busy machines."""
    before, now = (percentile([entry["latency_ms"] for entry in side], percent) for side in zip(*pairs, strict=True))
    return Row(f"latency_ms_p{percent}", before, now, None)


def figure_text(name: str, value: float | None) -> str:
    """Format a figure: percentages and milliseconds with one decimal, fractions with three, `-` for none."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.1f}" if name in PERCENTAGES or name in LATENCIES else f"{value:.3f}"


def figure_table(evaluation: Evaluation) -> str:
    """Return warnings, the figures by kind and overall, and the counts of verdicts."""
    table = aligned([["", *HEADINGS.values()], *figure_rows(evaluation)])
    warnings = [f"warning: {warning}" for warning in evaluation.warnings]
    return "\n".join([*warnings, table, verdict_line(evaluation.outcomes), *model_lines(evaluation.outcomes)])


def figure_rows(evaluation: Evaluation) -> list[list[str]]:
    """Return a row of figures overall, and one for each kind if there are several."""
    kinds = evaluation.kinds if len(evaluation.kinds) > 1 else []
    rows = []
    for name, outcomes in [*((k, evaluation.of_kind(k)) for k in kinds), ("overall", evaluation.outcomes)]:
        values = figures(outcomes)
        rows.append([name, *(figure_text(figure, values[figure]) for figure in HEADINGS)])
    return rows


def verdict_line(outcomes: Sequence[Outcome]) -> str:
    """Return the counts of verdicts in one line."""
    count = Counter(outcome.verdict for outcome in outcomes)
    answerable = sum(not outcome.is_unanswerable for outcome in outcomes)
    return (
        f"{answerable} answerable: {count['right']} right, {count['partly']} partly, {count['wrong']} wrong, "
        f"{count['missed']} refused · {len(outcomes) - answerable} unanswerable: {count['refused']} refused, "
        f"{count['invented']} answered"
    )


def model_lines(outcomes: Sequence[Outcome]) -> list[str]:
    """Return what a language model cost and was worth, in sentences; nothing where none was asked."""
    values = model_figures(outcomes)
    if values is None:
        return []
    likely, unlikely = values["checked_likely"], values["checked_unlikely"]
    return [
        f"language model: {values['asked']} questions, {values['requests']} requests, "
        f"{_tokens(values['prompt_tokens'])} tokens sent, {_tokens(values['completion_tokens'])} received; "
        f"{values['quotes_dropped']} quotes that stand nowhere were dropped, "
        f"{values['fell_back']} questions were left to the built-in reader",
        f"its words checked by the built-in reader: likely {likely['count']}, of which {likely['right']} right; "
        f"unlikely {unlikely['count']}, of which {unlikely['right']} right",
    ]


def question_lines(outcomes: Sequence[Outcome]) -> list[str]:
    """Return one line per question: verdict, id, F1, question, given and expected answers."""
    width = max((len(outcome.id) for outcome in outcomes), default=0)
    lines = []
    for o in outcomes:
        given = " | ".join(map(_shown, o.answers)) or "no answer"
        expected = (" and " if o.need == "all" else " or ").join(map(_shown, o.expected)) or "no answer"
        lines.append(
            f"{o.verdict:8}  {o.id:{width}}  {o.f1:5.1f}  {_shown(o.question)} → {given} (expected: {expected})"
        )
    return lines


def comparison_text(comparison: Comparison) -> str:
    """Return the comparison: a row per figure with the paired test, and the questions gained and lost."""
    told = (("gained", comparison.gained), ("lost", comparison.lost))
    lines = [
        f"compared with the earlier evaluation, over the {comparison.questions} questions of both",
        aligned([["", *COMPARED], *comparison_rows(comparison)]),
    ]
    lines += [f"{name} ({len(ids)}): {', '.join(ids) or 'none'}" for name, ids in told]
    if left_out := comparison.changed:
        named = ", ".join(left_out[:_NAMED]) + (", …" if len(left_out) > _NAMED else "")
        lines.append(f"asked otherwise now, left out ({len(left_out)}): {named}")
    return "\n".join(lines)


def comparison_rows(comparison: Comparison) -> list[list[str]]:
    """Return a row for each figure: its heading and the columns of `COMPARED`."""
    rows = []
    for row in comparison.rows:
        before, now, change = (figure_text(row.figure, value) for value in (row.before, row.now, row.change))
        sign = "+" if row.change is not None and row.change >= 0 else ""
        rows.append([HEADINGS[row.figure], before, now, sign + change, "-" if row.p is None else f"{row.p:.4f}"])
    return rows


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Format rows of cells as a table: first column left-aligned, others right-aligned."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *map(str.rjust, row[1:], widths[1:])]).rstrip() for row in rows
    )


def _shown(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SHOWN else line[: _SHOWN - 1] + "…"


def _tokens(count: int | None) -> str:
    return "an unknown number of" if count is None else f"{count:,}"


def report_html(evaluation: Evaluation, *, comparison: Comparison | None = None) -> str:
    """Return the page. It loads nothing, runs no script, and follows the light or dark setting of the browser."""
    template = Environment(loader=PackageLoader("qa", "evaluation"), autoescape=True).get_template("report.html.j2")
    return template.render(
        title=f"Evaluation of {evaluation.name}",
        evaluation=evaluation,
        asked=_ASKED[evaluation.passages],
        verdicts=verdict_line(evaluation.outcomes),
        verdict_names=_VERDICTS,
        headings=HEADINGS,
        figure_rows=figure_rows(evaluation),
        bins=reliability_bins(*answered(evaluation.outcomes)),
        comparison=comparison,
        compared=COMPARED,
        comparison_rows=comparison_rows(comparison) if comparison else [],
    )
