"""From scores per word piece to spans: the likeliest answers in one passage."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

LONGEST = 60
"""Word pieces of the longest span: a sentence."""
INSIDE = 0.5
"""Probability from which a word piece is taken to lie inside one of several answers."""
_CONSIDERED = 24
_WEIGHED = 16
"""Spans that are weighed against each other for the first one."""


@dataclass(frozen=True, slots=True)
class PieceScores:
    """What the network gives for the word pieces of one passage, (pieces,) each.

    start, end: scores of beginning and ending an answer. inside: logit of lying inside one, None for a network without.
    null: start plus end score of the piece that stands for "no answer here". holds: the passage's score of holding an
    answer (logit), None for a network that gives none. several: logit of the question asking for several things.
    """

    start: FloatArray
    end: FloatArray
    inside: FloatArray | None
    null: float
    holds: float | None
    several: float | None = None


@dataclass(frozen=True, slots=True)
class PieceSpan:
    """Word pieces `first` to `last`, both included.

    log_probability: that it is the answer, if the passage holds one. margin: by how many nats it beats "no answer
    here". inside: mean logit of its pieces lying inside an answer, 0 where not known.
    """

    first: int
    last: int
    log_probability: float
    margin: float
    inside: float


def best_spans(scores: PieceScores, *, most: int = 5) -> list[PieceSpan]:
    """Return at most so many spans that do not overlap, likeliest first.

    The first is the one that shares most words with the likely ones: where an answer may end at several places, the
    likeliest end alone is a poor guess. Source: minimum Bayes risk, Kumar and Byrne, Minimum Bayes-Risk Decoding for
    Statistical Machine Translation, 2004, with F1 over word pieces as the gain.
    """
    start, end = scores.start.astype(np.float64), scores.end.astype(np.float64)
    begin = np.argsort(-start, kind="stable")[:_CONSIDERED]
    finish = np.argsort(-end, kind="stable")[:_CONSIDERED]
    length = finish[None, :] - begin[:, None]
    totals = np.where((length >= 0) & (length < LONGEST), start[begin][:, None] + end[finish][None, :], -np.inf)
    order = [flat for flat in np.argsort(-totals, axis=None, kind="stable") if np.isfinite(totals.flat[flat])]
    places = [(int(begin[flat // len(finish)]), int(finish[flat % len(finish)])) for flat in order]
    found: list[PieceSpan] = []
    for first, last in [*_shared(places[:_WEIGHED], totals.flat[order[:_WEIGHED]]), *places]:
        if len(found) == most:
            break
        if all(last < other.first or first > other.last for other in found):
            found.append(span_of(scores, first, last))
    return found


def _shared(places: list[tuple[int, int]], totals: npt.NDArray[np.float64]) -> list[tuple[int, int]]:
    """Return the place that shares most word pieces with all, weighed by their scores; none of none."""
    if not places:
        return []
    first, last = np.array(places).T
    weights = np.exp(totals - totals.max())
    shared = np.minimum(last[:, None], last) - np.maximum(first[:, None], first) + 1
    lengths = last - first + 1
    gain = 2 * np.clip(shared, 0, None) / (lengths[:, None] + lengths)
    return [places[int(np.argmax(gain @ weights))]]


def tagged_spans(scores: PieceScores) -> list[PieceSpan]:
    """Return the runs of word pieces that lie inside an answer, in the text's order: the items of a list.

    Source: Segal et al., A Simple and Effective Model for Answering Multi-span Questions, 2020.
    """
    if scores.inside is None:
        return []
    threshold = np.log(INSIDE / (1 - INSIDE))
    marked = np.concatenate([[False], scores.inside > threshold, [False]])
    edges = np.flatnonzero(marked[1:] != marked[:-1])
    return [span_of(scores, int(first), int(stop) - 1) for first, stop in zip(edges[::2], edges[1::2], strict=True)]


def span_of(scores: PieceScores, first: int, last: int) -> PieceSpan:
    """Return the span of the word pieces `first` to `last`, both included, with its scores."""
    total = float(scores.start[first]) + float(scores.end[last])
    norm = _log_sum(scores.start) + _log_sum(scores.end)
    inside = 0.0 if scores.inside is None else float(scores.inside[first : last + 1].mean())
    return PieceSpan(first, last, total - norm, total - scores.null, inside)


def _log_sum(values: FloatArray) -> float:
    wide = values.astype(np.float64)
    top = wide.max()
    return float(top + np.log(np.exp(wide - top).sum()))
