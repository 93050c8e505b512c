"""An evaluation as plain text, and as one self-contained HTML page. `report.html.j2` is its template."""

from collections.abc import Sequence

from jinja2 import Environment, PackageLoader

from qa.evaluation.evaluate import Evaluation, Passages
from qa.evaluation.figures import (
    LATENCIES,
    PERCENTAGES,
    Comparison,
    answered,
    figures,
    model_figures,
    reliability_bins,
)
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
    count = dict.fromkeys(("right", "partly", "wrong", "missed", "refused", "invented"), 0)
    for outcome in outcomes:
        count[outcome.verdict] += 1
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
    return [
        f"{o.verdict:8}  {o.id:{width}}  {o.f1:5.1f}  {_shown(o.question)} → {_given(o)} (expected: {_expected(o)})"
        for o in outcomes
    ]


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
        change = "-" if row.change is None else f"{'+' if row.change >= 0 else ''}{figure_text(row.figure, row.change)}"
        p = "-" if row.p is None else f"{row.p:.4f}"
        rows.append(
            [HEADINGS[row.figure], figure_text(row.figure, row.before), figure_text(row.figure, row.now), change, p]
        )
    return rows


def aligned(rows: Sequence[Sequence[str]]) -> str:
    """Format rows of cells as a table: first column left-aligned, others right-aligned."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    return "\n".join(
        "  ".join(
            cell.rjust(width) if n else cell.ljust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in rows
    )


def _given(outcome: Outcome) -> str:
    return " | ".join(map(_shown, outcome.answers)) if outcome.answers else "no answer"


def _expected(outcome: Outcome) -> str:
    joined = (" and " if outcome.need == "all" else " or ").join(map(_shown, outcome.expected))
    return joined or "no answer"


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
