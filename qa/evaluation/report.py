"""An evaluation, and its comparison with an earlier one, as plain text and as an HTML page (`report.html.j2`)."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader

from corpus.errors import UsageError
from qa.evaluation.evaluate import (
    PERCENTAGES,
    Evaluation,
    answers_given,
    figures,
    figures_by_kind,
    model_figures,
)
from qa.evaluation.metrics import reliability_bins, sign_test
from qa.evaluation.outcome import Outcome

COMPARED = ("before", "now", "change")
"""The columns of a comparison."""

_SHOWN = 60
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Comparison:
    """The figures of two evaluations over the questions that both asked with the same expected answers.

    gained, lost: ids of questions that only the new, or only the old evaluation got right. changed: ids that ask or
    expect something else now; they are left out.
    """

    before: Mapping[str, Any]
    now: Mapping[str, Any]
    gained: Sequence[str]
    lost: Sequence[str]
    changed: Sequence[str]


def load_evaluation(path: Path) -> dict[str, Any]:
    """Return what `citewire evaluate --json` wrote. Raises UsageError for anything else."""
    try:
        content = json.loads(path.read_text("utf-8"))
        figures(content["questions"])  # fails where a field is missing
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}): name an evaluation") from error
    except (ValueError, LookupError, TypeError, RecursionError) as error:
        raise UsageError(f"{path} is not an evaluation: name a file written by citewire evaluate --json") from error
    return dict(content)


def compare(before: Mapping[str, Any], now: Mapping[str, Any]) -> Comparison:
    """Compare two evaluations in their JSON form, question by question."""
    old, new = ({entry["id"]: entry for entry in side["questions"]} for side in (before, now))
    shared = [identity for identity in new if identity in old]
    changed = [i for i in shared if any(old[i][field] != new[i][field] for field in ("question", "expected"))]
    kept = [identity for identity in shared if identity not in set(changed)]
    was, is_ = ({i: side[i]["verdict"] in ("right", "refused") for i in kept} for side in (old, new))
    return Comparison(
        figures([old[identity] for identity in kept]),
        figures([new[identity] for identity in kept]),
        [identity for identity in kept if is_[identity] and not was[identity]],
        [identity for identity in kept if was[identity] and not is_[identity]],
        changed,
    )


def figure_text(name: str, value: float | None) -> str:
    """Format a figure: percentages and milliseconds with one decimal, fractions with three, `-` for none."""
    if value is None:
        return "-"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.1f}" if name in PERCENTAGES or name.startswith("latency") else f"{value:.3f}"


def figure_table(evaluation: Evaluation) -> str:
    """Return warnings, the figures by kind and overall, and the counts of verdicts."""
    warnings = [f"warning: {warning}" for warning in evaluation.warnings]
    table = aligned(figure_rows(evaluation))
    return "\n".join([*warnings, table, verdict_line(evaluation.outcomes), *model_lines(evaluation.outcomes)])


def figure_rows(evaluation: Evaluation) -> list[list[str]]:
    """Return the names of the columns, kinds of question where there are several and "overall", and a row a figure."""
    entries = evaluation.entries
    overall, kinds = figures(entries), figures_by_kind(entries)
    columns = {**(kinds if len(kinds) > 1 else {}), "overall": overall}
    rows = [[name, *(figure_text(name, values[name]) for values in columns.values())] for name in overall]
    return [["", *columns], *rows]


def verdict_line(outcomes: Sequence[Outcome]) -> str:
    """Return the counts of verdicts in one line."""
    count = Counter(outcome.verdict for outcome in outcomes)
    answerable = sum(bool(outcome.expected) for outcome in outcomes)
    return (
        f"{answerable} answerable: {count['right']} right, {count['partly']} partly, {count['wrong']} wrong, "
        f"{count['missed']} refused · {len(outcomes) - answerable} unanswerable: {count['refused']} refused, "
        f"{count['invented']} answered"
    )


def model_lines(outcomes: Sequence[Outcome]) -> list[str]:
    """Return what a language model cost and was worth, in one line; nothing where none was asked."""
    values = model_figures(outcomes) or {}
    told = ", ".join(f"{name.replace('_', ' ')} {figure_text(name, value)}" for name, value in values.items())
    return [f"language model: {told}"] if told else []


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
    """Return the comparison: a row per figure, and the questions gained and lost with their test."""
    lines = [
        f"compared with the earlier evaluation, over the {comparison.now['questions']} questions of both",
        aligned([["", *COMPARED], *comparison_rows(comparison)]),
        *change_lines(comparison),
    ]
    if left_out := comparison.changed:
        named = ", ".join(left_out[:_NAMED]) + (", …" if len(left_out) > _NAMED else "")
        lines.append(f"asked otherwise now, left out ({len(left_out)}): {named}")
    return "\n".join(lines)


def change_lines(comparison: Comparison) -> list[str]:
    """Return the questions gained and lost, and the p-value of their numbers."""
    told = (("gained", comparison.gained), ("lost", comparison.lost))
    lines = [f"{name} ({len(ids)}): {', '.join(ids) or 'none'}" for name, ids in told]
    p = sign_test(len(comparison.gained), len(comparison.lost))
    return [*lines, f"p of such a difference by chance: {p:.4f}"]


def comparison_rows(comparison: Comparison) -> list[list[str]]:
    """Return a row for each figure: its name and the columns of `COMPARED`."""
    rows = []
    for name, now in comparison.now.items():
        before = comparison.before[name]
        change = None if None in (before, now) else now - before
        sign = "+" if change is not None and change >= 0 else ""
        rows.append([name, *(figure_text(name, value) for value in (before, now)), sign + figure_text(name, change)])
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


def report_html(evaluation: Evaluation, *, comparison: Comparison | None = None) -> str:
    """Return the page. It loads nothing, runs no script, and follows the light or dark setting of the browser."""
    template = Environment(loader=PackageLoader("qa", "evaluation"), autoescape=True).get_template("report.html.j2")
    return template.render(
        title=f"Evaluation of {evaluation.name}",
        evaluation=evaluation,
        verdicts=verdict_line(evaluation.outcomes),
        figure_rows=figure_rows(evaluation),
        bins=reliability_bins(answers_given(evaluation.entries)),
        compared=COMPARED,
        comparison_rows=comparison_rows(comparison) if comparison else [],
        changes=change_lines(comparison) if comparison else [],
    )
