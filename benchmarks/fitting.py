"""Fitting the regressions of a reader (`qa/reader/calibration.py`) on questions that were read.

One turns what the network says of a span, and the signs beside it, into the share of the answer that it gets right. Two
turn what all passages of a question say together into the probability that it has an answer there: one where they were
retrieved from a library, one where they are the one text asked.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
from scipy.optimize import Bounds, minimize

from qa.reader.calibration import MEASURES, RETRIEVED, TOGETHER, Calibration

FIRST_GUESS = Calibration(-2.0, (0.7, 0.1, 0.6, *[0.0] * (MEASURES - 3)), 0.5)
WITHOUT, CUT = " without it", " cut"
"""Ends the name of questions read a second time: in a library without their own text, of it without what answers."""
_COUNTED = {WITHOUT: 0.5, CUT: 0.2}
"""They count less: a third of a library's questions have no answer, a sixth of those about a text of many passages."""

_START, _HAS_SECOND, _SURE_OF = 7, 12, (2, 3, 11)  # in `Calibration.together`
_PULL = 0.1  # towards 0

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as it was read: the measures of each passage's best span, (passages, measures), and its F1."""

    name: str
    half: int
    measures: FloatArray
    f1: FloatArray
    answerable: bool

    @property
    def retrieved(self) -> bool:
        """Whether its passages were retrieved from a library, and are not the one text asked."""
        return len(self.measures) > 0 and bool(self.measures[0][RETRIEVED])


def fit(asked: Sequence[Asked]) -> Calibration:
    """Fit all three regressions; the questions of a cut text only tell whether there is an answer."""
    spans = _fit_spans([one for one in asked if not one.name.endswith(CUT)])
    found = np.array([float(one.retrieved) for one in asked])
    counted = np.array([_counted(one) for one in asked])
    return replace(
        spans,
        any_found=_fit_any(spans, asked, counted * found, free={_HAS_SECOND}),
        any_given=_fit_any(spans, asked, counted * (1.0 - found), free={*_SURE_OF, _HAS_SECOND}),
    )


def _counted(one: Asked) -> float:
    return next((weight for ending, weight in _COUNTED.items() if one.name.endswith(ending)), 1.0)


def _fit_spans(asked: Sequence[Asked]) -> Calibration:
    """Fit on the best span of each question by the last fit, and with less weight on every passage's."""
    current = FIRST_GUESS
    counted = [_counted(one) for one in asked]
    for _ in range(5):
        tops = [int(np.argmax([current.of(m) for m in one.measures])) for one in asked]
        x = np.concatenate([*(a.measures[[t]] for a, t in zip(asked, tops, strict=True)), *(a.measures for a in asked)])
        y = np.concatenate([*(a.f1[[t]] for a, t in zip(asked, tops, strict=True)), *(a.f1 for a in asked)])
        of_passages = (np.full(len(a.f1), 0.3 * c / len(a.f1)) for a, c in zip(asked, counted, strict=True))
        weight = np.concatenate([counted, *of_passages])
        intercept, *weights = regress(x, y, weight)
        current = Calibration(intercept, tuple(weights), 0.5)
    return current


def _fit_any(
    calibration: Calibration, asked: Sequence[Asked], weight: FloatArray, *, free: Collection[int]
) -> tuple[float, ...]:
    """Fit whether there is an answer to what the passages say together.

    But for the free ones, nothing that speaks for an answer may count against one, nor a late place for one: else a
    library in which many articles say the same, as none that is fitted on does, would be told that it says nothing.
    """
    x = np.column_stack([np.ones(len(asked)), [calibration.together(one.measures.tolist()) for one in asked]])
    y = np.array([float(one.answerable) for one in asked])
    least, most = [0.0] * TOGETHER, [np.inf] * TOGETHER
    least[_START], most[_START] = -np.inf, 0.0
    for n in free:
        least[n] = -np.inf
    bounds = Bounds([-np.inf, *least], [np.inf, *most])

    def loss(beta: FloatArray) -> tuple[float, FloatArray]:
        odds = x @ beta
        pulled = _PULL * np.r_[0.0, beta[1:]]
        surprise = weight @ (np.logaddexp(0.0, odds) - y * odds) + pulled @ beta / 2
        return float(surprise), x.T @ (weight * (1 / (1 + np.exp(-odds)) - y)) + pulled

    found = minimize(loss, np.zeros(x.shape[1]), jac=True, method="L-BFGS-B", bounds=bounds)
    return tuple(float(b) for b in found.x)


def regress(x: FloatArray, y: FloatArray, weight: FloatArray) -> tuple[float, ...]:
    """Fit a logistic regression to shares in [0, 1] by Newton's method, with a slight pull to 0: intercept, weights."""
    design = np.column_stack([np.ones(len(x)), x])
    beta = np.zeros(design.shape[1])
    for _ in range(40):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        gradient = design.T @ (weight * (y - p)) - _PULL * beta
        curvature = (design * (weight * p * (1 - p))[:, None]).T @ design + _PULL * np.eye(len(beta))
        beta = beta + np.linalg.solve(curvature, gradient)
    return tuple(float(b) for b in beta)
