"""From scores per word piece to spans: the likeliest places of an answer in one passage."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

LONGEST = 30
"""Word pieces of the longest span."""
_CONSIDERED = 24


@dataclass(frozen=True, slots=True)
class PieceSpan:
    """Word pieces `first` to `last` (both included), with the log-probability that they are the answer, if one is."""

    first: int
    last: int
    log_probability: float


@dataclass(frozen=True, slots=True)
class PassageScores:
    """What a reader network gives for one passage.

    spans: likeliest first, not overlapping. margin: how much better the best span scores than the "no answer here"
    piece, in nats. holds: the score of holding an answer (logit), None for a network that gives none.
    """

    spans: tuple[PieceSpan, ...]
    margin: float
    holds: float | None


def passage_scores(
    start: FloatArray, end: FloatArray, *, first: int, last: int, holds: float | None, most: int = 5
) -> PassageScores:
    """Return the best spans of one passage.

    start, end: scores per word piece, (length,); piece 0 stands for "no answer here". The passage's pieces are
    `first` to `last`, both included.
    """
    starts, ends = start[first : last + 1].astype(np.float64), end[first : last + 1].astype(np.float64)
    begin = np.argsort(-starts, kind="stable")[:_CONSIDERED]
    finish = np.argsort(-ends, kind="stable")[:_CONSIDERED]
    length = finish[None, :] - begin[:, None]
    totals = np.where((length >= 0) & (length < LONGEST), starts[begin][:, None] + ends[finish][None, :], -np.inf)
    norm = _log_sum(starts) + _log_sum(ends)
    spans: list[PieceSpan] = []
    for flat in np.argsort(-totals, axis=None, kind="stable"):
        row, column = divmod(int(flat), len(finish))
        if not np.isfinite(totals[row, column]) or len(spans) == most:
            break
        one, two = int(begin[row]) + first, int(finish[column]) + first
        if all(two < other.first or one > other.last for other in spans):
            spans.append(PieceSpan(one, two, float(totals[row, column] - norm)))
    best = spans[0].log_probability + norm if spans else -np.inf
    return PassageScores(tuple(spans), float(best - start[0] - end[0]), holds)


def _log_sum(values: npt.NDArray[np.float64]) -> float:
    top = values.max()
    return float(top + np.log(np.exp(values - top).sum()))
