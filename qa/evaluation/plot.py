"""Plots as SVG inside the page: no script, no other file, colours from the page's style sheet.

Every plot has a title and a description for screen readers. The page also shows its numbers as a table.
Classes used: `axis`, `grid`, `mark`, `second`, `ideal`, `point`, `number`.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from qa.evaluation.metrics import Bin, RiskCoverage

WIDTH, HEIGHT = 560, 340
_LEFT, _RIGHT, _TOP, _BOTTOM = 58, 16, 16, 46
_ROW = 26
_LABEL = 170
_HISTOGRAM_BINS = 24

Scale = Callable[[float], float]


@dataclass(frozen=True, slots=True)
class _Axes:
    """The two axes of a plot: names, ranges, and number formats."""

    x_label: str
    y_label: str
    x_end: float = 1.0
    y_end: float = 1.0
    x_text: Callable[[float], str] = "{:.0%}".format
    y_text: Callable[[float], str] = "{:.0%}".format

    def x(self, value: float) -> float:
        return round(_LEFT + (WIDTH - _LEFT - _RIGHT) * value / self.x_end, 2)

    def y(self, value: float) -> float:
        return round(HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / self.y_end, 2)


def risk_coverage_plot(
    points: Sequence[RiskCoverage], *, shown: tuple[float, float] | None, name: str = "risk-coverage"
) -> str:
    """Return the risk-coverage curve. shown: coverage and risk of the answers given, None if there are none.

    points: by falling threshold.
    """
    highest = max([0.1, *(p.risk for p in points), *((shown[1],) if shown else ())])
    axes = _Axes("share of the questions answered", "share of the answers wrong", y_end=_nice(highest))
    path = " ".join(f"{'L' if n else 'M'}{axes.x(p.coverage)} {axes.y(p.risk)}" for n, p in enumerate(_thinned(points)))
    body = f'<path class="line" d="{path}"/>' if path else ""
    description = "No question was asked."
    if points:
        description = f"Answering every question gets {points[-1].risk:.1%} of them wrong."
    if shown:
        body += f'<circle class="point" cx="{axes.x(shown[0])}" cy="{axes.y(shown[1])}" r="5"/>'
        description += f" In use {shown[0]:.1%} are answered, {shown[1]:.1%} of these wrongly."
    return _svg(name, "Risk-coverage curve", description, _grid(axes) + body)


def reliability_plot(bins: Sequence[Bin], *, error: float | None, name: str = "reliability") -> str:
    """Return the reliability diagram: share of right answers by confidence, against the ideal."""
    axes = _Axes("confidence of the answer", "share that is right")
    body = f'<line class="ideal" x1="{axes.x(0)}" y1="{axes.y(0)}" x2="{axes.x(1)}" y2="{axes.y(1)}"/>'
    for group in bins:
        if group.accuracy is None or group.confidence is None:
            continue
        left, right, top = axes.x(group.low) + 2, axes.x(group.high) - 2, axes.y(group.accuracy)
        height = round(axes.y(0) - top, 2)
        body += f'<rect class="mark" x="{left}" y="{top}" width="{round(right - left, 2)}" height="{height}"/>'
        body += f'<circle class="point" cx="{axes.x(group.confidence)}" cy="{top}" r="4"/>'
        body += f'<text class="number" x="{round((left + right) / 2, 2)}" y="{max(top - 8, _TOP)}">{group.count}</text>'
    given = sum(group.count for group in bins)
    description = f"{given} answers in {len(bins)} bins of confidence; numbers are answers in the bin."
    if error is not None:
        description += f" On the average answer confidence and correctness are {error:.3f} apart."
    return _svg(name, "Reliability diagram", description, _grid(axes) + body)


def kind_bars(rows: Sequence[tuple[str, float, float]], *, name: str = "by-kind") -> str:
    """Return a bar for each kind of question: F1, with a tick at exact match.

    rows: kind, F1 and exact match, both in percent.
    """
    height = _TOP + _ROW * len(rows) + 30
    span = WIDTH - _LABEL - 60

    def x(value: float) -> float:
        return round(_LABEL + span * value / 100, 2)

    body = "".join(
        f'<line class="grid" x1="{x(v)}" y1="{_TOP}" x2="{x(v)}" y2="{height - 30}"/>'
        f'<text class="number" x="{x(v)}" y="{height - 10}">{v}</text>'
        for v in range(0, 101, 25)
    )
    for n, (kind, f1, exact) in enumerate(rows):
        y = _TOP + _ROW * n
        body += (
            f'<text class="label" x="{_LABEL - 8}" y="{y + 17}">{escape(_cut(kind))}</text>'
            f'<rect class="mark" x="{_LABEL}" y="{y + 5}" width="{round(x(f1) - _LABEL, 2)}" height="{_ROW - 10}"/>'
            f'<line class="second" x1="{x(exact)}" y1="{y + 3}" x2="{x(exact)}" y2="{y + _ROW - 3}"/>'
            f'<text class="value" x="{x(100) + 8}" y="{y + 17}">{f1:.1f}</text>'
        )
    worst = min(rows, key=lambda row: row[1], default=None)
    description = "Bars are F1, ticks are exact match, in percent."
    if worst is not None:
        description += f" Lowest: {worst[0]}, F1 {worst[1]:.1f}."
    return _svg(name, "F1 and exact match by kind of question", description, body, height=height)


def latency_histogram(latencies: Sequence[float], *, name: str = "latency") -> str:
    """Return a histogram of latencies, in milliseconds."""
    end = _nice(max(latencies, default=1.0))
    counts = [0] * _HISTOGRAM_BINS
    for value in latencies:
        counts[min(int(value / end * _HISTOGRAM_BINS), _HISTOGRAM_BINS - 1)] += 1
    top = _nice(max([5, *counts]))
    axes = _Axes("milliseconds for a question", "questions", end, top, _plain, _plain)
    body = ""
    for n, count in enumerate(counts):
        left, right, y = axes.x(n * end / _HISTOGRAM_BINS), axes.x((n + 1) * end / _HISTOGRAM_BINS), axes.y(count)
        if count:
            box = f'x="{left + 1}" y="{y}" width="{round(right - left - 2, 2)}" height="{round(axes.y(0) - y, 2)}"'
            body += f'<rect class="mark" {box}/>'
    longest = max(latencies, default=0.0)
    description = f"{len(latencies)} questions; the longest took {longest:.0f} milliseconds."
    return _svg(name, "Time to answer", description, _grid(axes) + body)


def _svg(name: str, title: str, description: str, body: str, *, height: int = HEIGHT) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{name}-title {name}-desc">'
        f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(description)}</desc>'
        f"{body}</svg>"
    )


def _grid(axes: _Axes) -> str:
    """Return grid lines, their numbers and the names of the axes."""
    left, right, top, bottom = _LEFT, WIDTH - _RIGHT, _TOP, HEIGHT - _BOTTOM
    parts = []
    for n in range(6):
        x, y = axes.x(axes.x_end * n / 5), axes.y(axes.y_end * n / 5)
        parts.append(f'<line class="grid" x1="{left}" y1="{y}" x2="{right}" y2="{y}"/>')
        parts.append(f'<text class="label" x="{left - 8}" y="{y + 4}">{axes.y_text(axes.y_end * n / 5)}</text>')
        parts.append(f'<text class="number" x="{x}" y="{bottom + 18}">{axes.x_text(axes.x_end * n / 5)}</text>')
    parts.append(f'<path class="axis" d="M{left} {top}V{bottom}H{right}"/>')
    parts.append(f'<text class="number" x="{(left + right) / 2}" y="{HEIGHT - 8}">{escape(axes.x_label)}</text>')
    middle = (top + bottom) / 2
    parts.append(
        f'<text class="number" x="14" y="{middle}" transform="rotate(-90 14 {middle})">{escape(axes.y_label)}</text>'
    )
    return "".join(parts)


def _nice(value: float) -> float:
    """Round the value up to 1, 2, 2.5 or 5 times a power of ten."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return float(next(step * power for step in (1, 2, 2.5, 5, 10) if step * power >= value * (1 - 1e-9)))


def _plain(value: float) -> str:
    return f"{value:,.0f}" if value >= 10 or value == int(value) else f"{value:.1f}"


def _thinned(points: Sequence[RiskCoverage], most: int = 400) -> list[RiskCoverage]:
    step = max(1, len(points) // most)
    return [point for n, point in enumerate(points) if n % step == 0 or n == len(points) - 1]


def _cut(label: str, most: int = 24) -> str:
    return label if len(label) <= most else label[: most - 1] + "…"
