"""The comparison as a Markdown table, and as a page with plots."""

import base64
import html
import io
from pathlib import Path
from typing import Any

COLUMNS = {
    "make_s": "passages to searchable, s",
    "make_processor_s": "of the processor, s",
    "make_peak_mb": "peak memory, MB",
    "disk_bytes_per_passage": "disk a passage, bytes",
    "add_one_ms": "adding one, ms",
    "remove_one_ms": "removing one, ms",
    "cold_s": "cold question, s",
    "p50_ms": "question p50, ms",
    "p95_ms": "p95",
    "p99_ms": "p99",
    "processor_ms": "of the processor, ms",
    "hit@1": "hit@1",
    "hit@5": "hit@5",
    "hit@10": "hit@10",
}
"""The figures in their order. Those that a tool does not have (it cannot remove, say) are left empty."""


def write_table(report: dict[str, Any], path: Path) -> None:
    """Write the figures as a Markdown table, a line for each."""
    tools = report["tools"]
    lines = [
        f"{report['passages']} passages of {report['kind']}, {report['questions']} questions, "
        f"medians of {report['repeats']} turns, {report['cores']} cores.",
        "",
        "| | " + " | ".join(tools) + " |",
        "|---|" + "---|" * len(tools),
    ]
    lines += [
        f"| {title} | " + " | ".join(_written(figures.get(name)) for figures in tools.values()) + " |"
        for name, title in COLUMNS.items()
    ]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write_page(report: dict[str, Any], path: Path) -> None:
    """Write a page of bars, one plot for each figure, that needs nothing beside it."""
    from matplotlib.figure import Figure

    tools = report["tools"]
    figure = Figure(figsize=(12, 12), layout="constrained")
    for place, (name, title) in enumerate(COLUMNS.items(), start=1):
        axes = figure.add_subplot(5, 3, place)
        with_it = [tool for tool in tools if name in tools[tool]]
        axes.barh(with_it, [tools[tool][name] for tool in with_it])
        axes.invert_yaxis()
        axes.set_title(title, fontsize=9)
    picture = io.BytesIO()
    figure.savefig(picture, format="svg")
    encoded = base64.b64encode(picture.getvalue()).decode()
    said = html.escape(f"{report['passages']} passages of {report['kind']}, {report['questions']} questions")
    path.write_text(
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Citewire beside its peers</title>'
        f'<h1>Citewire beside its peers</h1><p>{said}</p><img alt="Bars of each figure by tool; the table beside this '
        f'page has the numbers" src="data:image/svg+xml;base64,{encoded}"></html>\n',
        encoding="utf-8",
    )


def _written(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:.3f}" if value < 1 else f"{value:.3g}" if value < 100 else f"{value:.0f}"
