"""Significance tests: whether two systems differ on the same questions by more than chance.

Every figure is a ratio of sums over the questions, sum(values) / sum(weights). In a mean every weight is 1; in a
precision only the questions it is taken over have weight.
"""

from collections.abc import Iterator

import numpy as np
from numpy.typing import ArrayLike, NDArray

DRAWS = 10_000
SEED = 20160516
_EXACT_UP_TO = 13  # 2^13 = 8,192 swaps: all of them cost less than drawing
_BLOCK = 500

FloatArray = NDArray[np.float64]


def paired_randomisation(one: ArrayLike, other: ArrayLike, *, draws: int = DRAWS, seed: int = SEED) -> float:
    """Return the two-sided p-value of the difference between two systems' figures on the same questions.

    one, other: (questions, 2), value and weight of each question. Under the null hypothesis the two systems' outcomes
    of a question may be swapped: p is the share of swaps with |difference| at least the observed one. All 2^m swaps are
    tried where at most 13 questions differ; else p = (1 + extreme) / (1 + draws), from a fixed seed. A swap that leaves
    a figure without weight counts as extreme. Returns 1 where nothing differs.
    Raises ValueError for different numbers of questions, or for none.
    Source: Noreen, Computer-Intensive Methods for Testing Hypotheses, 1989; Smucker, Allan and Carterette, A Comparison
    of Statistical Significance Tests for Information Retrieval Evaluation, CIKM 2007; for the 1 +, Phipson and Smyth,
    Permutation P-values Should Never Be Zero, 2010.
    """
    first, second = _pair(one, other)
    differs = (first != second).any(axis=1)
    total_first, total_second = first.sum(axis=0), second.sum(axis=0)
    observed = abs(_ratios(total_first[None, :])[0] - _ratios(total_second[None, :])[0])
    if not differs.any() or np.isnan(observed):
        return 1.0
    change = (second - first)[differs]
    count = len(change)
    exact = count <= _EXACT_UP_TO
    extreme, tried = 0, 0
    for swaps in _swaps(count, draws, seed):
        moved = swaps @ change
        gap = np.abs(_ratios(total_first + moved) - _ratios(total_second - moved))
        extreme += int(np.count_nonzero(~(gap < observed - 1e-12)))
        tried += len(swaps)
    return extreme / tried if exact else (1 + extreme) / (1 + tried)


def bootstrap_interval(
    outcomes: ArrayLike, *, level: float = 0.95, draws: int = DRAWS, seed: int = SEED
) -> tuple[float, float] | None:
    """Return the percentile interval of a figure over resampled questions, or None where it has no weight.

    outcomes: (questions, 2), value and weight of each question. Draws without any weight are left out.
    Source: Efron, Bootstrap Methods: Another Look at the Jackknife, Annals of Statistics 7, 1979.
    """
    rows = np.asarray(outcomes, dtype=np.float64).reshape(-1, 2)
    rows = rows[rows[:, 1] != 0]
    if not len(rows):
        return None
    random = np.random.default_rng(seed)
    figures = [
        _ratios(rows[random.integers(len(rows), size=(min(_BLOCK, draws - done), len(rows)))].sum(axis=1))
        for done in range(0, draws, _BLOCK)
    ]
    tail = (1 - level) / 2
    low, high = np.nanquantile(np.concatenate(figures), [tail, 1 - tail])
    return float(low), float(high)


def _pair(one: ArrayLike, other: ArrayLike) -> tuple[FloatArray, FloatArray]:
    first, second = (np.asarray(rows, dtype=np.float64).reshape(-1, 2) for rows in (one, other))
    if len(first) != len(second) or not len(first):
        raise ValueError(f"a paired test needs the same questions twice, not {len(first)} and {len(second)}")
    return first, second


def _ratios(totals: FloatArray) -> FloatArray:
    """Return value / weight for each row of totals, NaN where the weight is 0."""
    weights = np.where(totals[:, 1] == 0, np.nan, totals[:, 1])
    return np.asarray(totals[:, 0] / weights, dtype=np.float64)


def _swaps(count: int, draws: int, seed: int) -> Iterator[FloatArray]:
    """Yield blocks of swaps, one a row, 1 where a question's outcomes change sides: all there are, or drawn ones."""
    if count <= _EXACT_UP_TO:
        numbers = np.arange(2**count)[:, None]
        yield ((numbers >> np.arange(count)) & 1).astype(np.float64)
        return
    random = np.random.default_rng(seed)
    for done in range(0, draws, _BLOCK):
        yield random.integers(2, size=(min(_BLOCK, draws - done), count)).astype(np.float64)
