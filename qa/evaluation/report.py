"""The evaluation as one self-contained HTML page: figures, plots, and every question with its answers."""

from collections.abc import Sequence
from html import escape

from qa.evaluation.compare import Comparison
from qa.evaluation.evaluate import Evaluation, Passages
from qa.evaluation.figures import answered, curve, figures
from qa.evaluation.metrics import Bin, RiskCoverage, reliability_bins
from qa.evaluation.outcome import Outcome, Verdict
from qa.evaluation.plot import kind_bars, latency_histogram, reliability_plot, risk_coverage_plot
from qa.evaluation.tables import COMPARED, HEADINGS, comparison_rows, figure_rows, figure_text, verdict_line

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
_MEANINGS = {
    "exact_match": "percent of questions whose answer equals an expected one (SQuAD's exact match); a question without "
    "an answer counts when it is refused",
    "f1": "percent of words that answer and expected answer share (SQuAD's F1), counted likewise",
    "contains": "percent of questions whose answer holds an expected one word for word: the fair measure for sentences",
    "recall@1": "share of what questions need that the first passage holds; likewise the first 5 and 10",
    "mrr": "mean of 1 / rank of the first passage that holds the evidence",
    "citations_exact": "share of citations whose words stand in the stored article exactly where they say",
    "refusal_precision": "share of the refused questions that have no answer",
    "refusal_recall": "share of the questions without an answer that were refused",
    "calibration_error": "how far confidence and correctness are apart on the average answer (0 is best)",
    "risk_coverage_area": "mean share wrong over all thresholds (area under the risk-coverage curve; 0 is best)",
    "latency_ms_p50": "milliseconds that half of the questions stay within; p95: nineteen of twenty",
}
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2127;--soft:#5a6570;--paper:#fff;--line:#d5dbe1;--mark:#3f7cac;--second:#9c3b00;
--good:#1e6b3a;--bad:#a3242b;--half:#8a5a00}
@media(prefers-color-scheme:dark){:root{--ink:#e6eaee;--soft:#a5b0ba;--paper:#15191d;--line:#39424b;--mark:#5f9fd0;
--second:#f0a35c;--good:#7fce9a;--bad:#ff9aa0;--half:#e9bf6a}}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;padding:1.5rem;
max-width:76rem}
h1{font-size:1.6rem;margin:.2em 0}h2{font-size:1.2rem;margin:2em 0 .5em}p{max-width:44rem}.soft{color:var(--soft)}
.scroll{overflow-x:auto}table{border-collapse:collapse;font-variant-numeric:tabular-nums}caption{text-align:left;
color:var(--soft);padding:.3em 0}th,td{padding:.3em .6em;border-bottom:1px solid var(--line);text-align:left;
vertical-align:top}.figures{font-size:.9rem}.figures td,.figures thead th+th{text-align:right;white-space:nowrap}
tbody th{font-weight:600}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,28rem),1fr));gap:1.5rem}figure{margin:0}
figcaption{color:var(--soft);font-size:.9rem}svg{width:100%;height:auto;font-size:12px}svg text{fill:var(--ink)}
.grid{stroke:var(--line)}.axis{stroke:var(--ink);fill:none}.line{stroke:var(--mark);stroke-width:2;fill:none}
.mark{fill:var(--mark)}.second{stroke:var(--second);stroke-width:3}.ideal{stroke:var(--soft);stroke-dasharray:5 4}
.point{fill:var(--second)}.number{text-anchor:middle}.label{text-anchor:end}
.right,.refused{color:var(--good)}.wrong,.missed,.invented{color:var(--bad)}.partly{color:var(--half)}
td.verdict{font-weight:600}
.given{min-width:20rem}.warning{border-left:4px solid var(--half);padding-left:.8em}
""".strip()


def report_html(evaluation: Evaluation, *, comparison: Comparison | None = None) -> str:
    """Return the page. It loads nothing, runs no script, and follows the light or dark setting of the browser."""
    title = f"Evaluation of {evaluation.name}"
    sections = [
        _heading(evaluation, title),
        _figures(evaluation),
        _plots(evaluation),
        "" if comparison is None else _comparison(comparison),
        _questions(evaluation.outcomes),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head>\n<body>\n<main>\n"
        + "\n".join(section for section in sections if section)
        + "\n</main>\n</body></html>\n"
    )


def _heading(evaluation: Evaluation, title: str) -> str:
    count = len(evaluation.outcomes)
    about = "".join(
        f'<tr><th scope="row">{escape(name)}</th><td>{escape(value)}</td></tr>'
        for name, value in evaluation.about.items()
    )
    warnings = "".join(f'<p class="warning">{escape(warning)}</p>' for warning in evaluation.warnings)
    return (
        f"<h1>{escape(title)}</h1><p>{count:,} questions, {_ASKED[evaluation.passages]}. "
        f"{escape(verdict_line(evaluation.outcomes))}.</p>{warnings}"
        + (f"<table><caption>What was evaluated</caption><tbody>{about}</tbody></table>" if about else "")
    )


def _figures(evaluation: Evaluation) -> str:
    meanings = "".join(f"<dt>{HEADINGS[name]}</dt><dd>{escape(text)}</dd>" for name, text in _MEANINGS.items())
    return (
        "<h2>Figures</h2>"
        + _table(
            ["kind", *HEADINGS.values()], figure_rows(evaluation), "Figures by kind and overall; - where none applies"
        )
        + f"<details><summary>What the figures mean</summary><dl>{meanings}</dl></details>"
    )


def _plots(evaluation: Evaluation) -> str:
    outcomes = evaluation.outcomes
    values, points, bins = figures(outcomes), curve(outcomes), reliability_bins(*answered(outcomes))
    by_kind = [(kind, figures(evaluation.of_kind(kind))) for kind in evaluation.kinds]
    given = [outcome for outcome in outcomes if not outcome.is_refused]
    shown = (len(given) / len(outcomes), sum(o.verdict != "right" for o in given) / len(given)) if given else None
    plots = [
        _plot(
            risk_coverage_plot(points, shown=shown),
            "How many answers would be wrong if only the most confident questions were answered. "
            "The dot is what was answered: all passages of a question decide that, so it may lie off the curve.",
            _curve_table(points),
        ),
        _plot(
            reliability_plot(bins, error=values["calibration_error"]),
            "Bars on the dashed line mean that a confidence of 70 % is right 7 times in 10. Numbers count answers.",
            _bin_table(bins),
        ),
        _plot(
            kind_bars([(kind, v["f1"], v["exact_match"]) for kind, v in by_kind]),
            "Bars: F1; ticks: exact match; in percent. The table of figures above has the numbers.",
            "",
        ),
        _plot(
            latency_histogram([outcome.latency_ms for outcome in outcomes]),
            f"Half of the questions took at most {figure_text('latency_ms_p50', values['latency_ms_p50'])} ms, "
            f"19 of 20 at most {figure_text('latency_ms_p95', values['latency_ms_p95'])} ms.",
            "",
        ),
    ]
    return f'<h2>Plots</h2><div class="plots">{"".join(plots)}</div>'


def _plot(svg: str, caption: str, table: str) -> str:
    numbers = f"<details><summary>The numbers</summary>{table}</details>" if table else ""
    return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption>{numbers}</figure>"


def _curve_table(points: Sequence[RiskCoverage]) -> str:
    wanted = [next((p for p in points if p.coverage >= tenth / 10), None) for tenth in range(1, 11)]
    kept = list(dict.fromkeys(point for point in wanted if point is not None))
    rows = [[f"{p.coverage:.1%}", f"{p.risk:.1%}", f"{p.threshold:.3f}"] for p in kept]
    return _table(["answered", "wrong of these", "threshold"], rows, "Risk at every tenth of coverage")


def _bin_table(bins: Sequence[Bin]) -> str:
    rows = [
        [
            f"{b.low:.1f} to {b.high:.1f}",
            str(b.count),
            "-" if b.confidence is None else f"{b.confidence:.3f}",
            "-" if b.accuracy is None else f"{b.accuracy:.3f}",
        ]
        for b in bins
    ]
    return _table(["confidence", "answers", "mean confidence", "share right"], rows, "Answers by confidence")


def _comparison(comparison: Comparison) -> str:
    caption = f"Over the {comparison.questions} questions of both; p by a paired randomisation test"
    return (
        "<h2>Compared with the earlier evaluation</h2>"
        + _table(["figure", *COMPARED], comparison_rows(comparison), caption)
        + f"<p>Gained: {escape(', '.join(comparison.gained) or 'none')}.</p>"
        + f"<p>Lost: {escape(', '.join(comparison.lost) or 'none')}.</p>"
    )


def _questions(outcomes: Sequence[Outcome]) -> str:
    names = ("verdict", "id and kind", "question", "expected", "given, with its citations", "confidence", "F1")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = "\n".join(_question_row(outcome) for outcome in outcomes)
    return (
        '<h2>Questions</h2><div class="scroll" role="region" aria-label="Questions" tabindex="0"><table>'
        "<caption>Every question with what was expected and given</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table></div>"
    )


def _question_row(o: Outcome) -> str:
    asked = f'<br><span class="soft">asked as: {escape(o.standalone_question)}</span>'
    expected = (" <b>and</b> " if o.need == "all" else " <b>or</b> ").join(escape(answer) for answer in o.expected)
    given = "<br>".join(escape(answer) for answer in o.answers) or "no answer"
    cited = "".join(
        f'<br><span class="soft">{escape(c.title)}{", " + escape(c.source) if c.source else ""}, '
        f"article {escape(c.article)}, characters {c.start} to {c.end}</span>"
        for c in o.citations
    )
    return (
        f'<tr><td class="verdict {o.verdict}">{_VERDICTS[o.verdict]}</td>'
        f'<th scope="row">{escape(o.id)}<br><span class="soft">{escape(o.kind)}</span></th>'
        f"<td>{escape(o.question)}{asked if o.standalone_question != o.question else ''}</td>"
        f'<td>{expected or "no answer"}</td><td class="given">{given}{cited}</td>'
        f"<td>{'-' if o.confidence is None else f'{o.confidence:.2f}'}</td><td>{o.f1:.1f}</td></tr>"
    )


def _table(names: Sequence[str], rows: Sequence[Sequence[str]], caption: str) -> str:
    """Return a table whose first column names the rows. It scrolls if the page is narrow."""
    head = "".join(f'<th scope="col">{escape(name)}</th>' for name in names)
    body = "".join(
        f'<tr><th scope="row">{escape(row[0])}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in row[1:])}</tr>'
        for row in rows
    )
    return (
        f'<div class="scroll" role="region" aria-label="{escape(caption)}" tabindex="0"><table class="figures">'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>"
    )
