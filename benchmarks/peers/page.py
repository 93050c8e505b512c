"""The comparison as Markdown tables, and as a page with plots."""

import base64
import html
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

Figures = dict[str, dict[str, Any]]
"""The figures of each tool by their names. Those that a tool does not have are missing or None, and left empty."""

TIMES = {
    "make_s": "passages to searchable, s",
    "make_processor_s": "of the processor, s",
    "make_peak_mb": "peak memory, MB",
    "disk_bytes_per_passage": "disk a passage, bytes",
    "add_one_ms": "adding one and saving, ms",
    "remove_one_ms": "removing one and saving, ms",
    "cold_s": "cold search, s",
    "p50_ms": "search p50, ms",
    "p95_ms": "search p95, ms",
    "p99_ms": "search p99, ms",
    "processor_ms": "of the processor, ms",
    "clients_1": "searches a second, 1 client",
    "clients_8": "8 clients",
    "clients_32": "32 clients",
}
QUALITY = {
    "hit@1": "hit@1",
    "hit@5": "hit@5",
    "hit@10": "hit@10",
    "f1": "F1 of answerable",
    "f1_unrefused": "the same if it never refused",
    "f1_all": "F1 of all, a right refusal counting 100",
    "refusal_precision": "refusals, precision",
    "refusal_recall": "refusals, recall",
    "exact": "answers at the place named",
    "in_passage": "answers in the passage named",
    "answer_p50_ms": "answer p50, ms",
    "answer_p95_ms": "answer p95, ms",
}
LARGE = {
    "p50_ms": "search p50, ms",
    "p95_ms": "search p95, ms",
    "add_one_ms": "adding one and saving, ms",
    "remove_one_ms": "removing one and saving, ms",
}


def write_table(report: dict[str, Any], path: Path) -> None:
    """Write the figures as Markdown tables, a line for each figure."""
    lines = [f"Other tools' extractive answers are read by {report['reader']}.", ""]
    for title, columns, tools in _tables(report):
        lines += [title, "", "| | " + " | ".join(tools) + " |", "|---|" + "---|" * len(tools)]
        lines += [
            f"| {called} | " + " | ".join(_written(figures.get(name)) for figures in tools.values()) + " |"
            for name, called in columns.items()
        ]
        lines.append("")
    lines += [f"{tool} failed: {reason}" for tool, reason in report["failed"].items()]
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def write_page(report: dict[str, Any], path: Path) -> None:
    """Write a page of bars, one plot for each figure, that needs nothing beside it."""
    parts = [
        f'<h2>{html.escape(title)}</h2><img alt="Bars of each figure by tool; the table beside this page has the '
        f'numbers" src="data:image/svg+xml;base64,{_bars(columns, tools)}">'
        for title, columns, tools in _tables(report)
    ]
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Citewire beside its peers</title>'
        f"<h1>Citewire beside its peers</h1>{''.join(parts)}</html>\n",
        encoding="utf-8",
    )


def _tables(report: dict[str, Any]) -> Iterator[tuple[str, dict[str, str], Figures]]:
    """Give each table's title, its figures' names and titles, and the tools' figures."""
    of = f"{report['passages']:,} passages of {report['kind']}, {report['questions']} questions"
    yield f"{of}, medians of {report['repeats']} turns, {report['cores']} cores.", TIMES, report["tools"]
    for name, tools in report["quality"].items():
        yield f"What is found and answered of {name}.", QUALITY, tools
    if report["large"]:
        yield f"Among {report['large_passages']:,} passages with made-up vectors.", LARGE, report["large"]


def _bars(columns: dict[str, str], tools: Figures) -> str:
    from matplotlib.figure import Figure

    rows = -(-len(columns) // 3)
    figure = Figure(figsize=(12, 2.4 * rows), layout="constrained")
    for place, (name, title) in enumerate(columns.items(), start=1):
        axes = figure.add_subplot(rows, 3, place)
        with_it = [tool for tool in tools if tools[tool].get(name) is not None]
        axes.barh(with_it, [tools[tool][name] for tool in with_it])
        axes.invert_yaxis()
        axes.set_title(title, fontsize=9)
    picture = io.BytesIO()
    figure.savefig(picture, format="svg")
    return base64.b64encode(picture.getvalue()).decode()


def _written(value: float | None) -> str:
    if value is None:
        return ""
    return "0" if value == 0 else f"{value:.3f}" if value < 1 else f"{value:.3g}" if value < 100 else f"{value:,.0f}"
