"""From scores per word piece to spans: the likeliest answers in one passage, in pieces and in characters."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from tokenizers import Encoding

from qa.reader.calibration import SpanFeatures
from qa.reader.input import PassageInput
from qa.reader.protocol import ReadPassage

FloatArray = npt.NDArray[np.float32]

LONGEST = 60
"""Word pieces of the longest span: a sentence."""
WORTH = 4.0
"""Nats by which beginning and end of a list's item, together, may fall below the passage's likeliest ones."""
_CONSIDERED = 24
_WEIGHED = 16
"""Spans that are weighed against each other for the first one."""


@dataclass(frozen=True, slots=True)
class PieceScores:
    """What the network gives for the word pieces of one passage, (pieces,) each.

    start, end: scores of beginning and ending an answer. inside: logit of lying inside one, 0 for a network without.
    null: start plus end score of the piece that stands for "no answer here". holds: the passage's score of holding an
    answer (logit), 0 for a network that gives none. several: logit of the question asking for several things.
    """

    start: FloatArray
    end: FloatArray
    inside: FloatArray
    null: float
    holds: float = 0.0
    several: float = -math.inf


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
    order = np.argsort(-totals, axis=None, kind="stable")[: np.isfinite(totals).sum()]
    rows, columns = np.unravel_index(order, totals.shape)
    places = list(zip(begin[rows].tolist(), finish[columns].tolist(), strict=True))
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


def item_spans(scores: PieceScores) -> list[PieceSpan]:
    """Return the items of a list in the text's order: the spans apart from each other that are worth most together.

    Each is worth `WORTH` less what its beginning and end fall below the likeliest of the passage. So three likely
    beginnings and ends give three items, and not one that holds them all. Source: weighted interval scheduling,
    Kleinberg and Tardos, Algorithm Design, 2005, chapter 6.1.
    """
    start, end = scores.start - scores.start.max(), scores.end - scores.end.max()
    begin = np.flatnonzero(start > -WORTH)
    worth, chosen = [0.0], [list[tuple[int, int]]()]  # up to each piece
    for last in range(len(end)):
        most, spans = worth[last], chosen[last]
        for first in map(int, begin[(begin > last - LONGEST) & (begin <= last)]) if end[last] > -WORTH else ():
            total = worth[first] + WORTH + float(start[first]) + float(end[last])
            if total > most:
                most, spans = total, [*chosen[first], (first, last)]
        worth.append(most)
        chosen.append(spans)
    return [span_of(scores, first, last) for first, last in chosen[-1]]


def falls_apart(scores: PieceScores) -> bool:
    """Tell whether the best span of a passage is several items of a list, but for a word piece at either end."""
    return any(
        len(items) > 1 and items[0].first <= best.first + 1 and items[-1].last >= best.last - 1
        for best in best_spans(scores, most=1)
        for items in [[i for i in item_spans(scores) if best.first <= i.first and i.last <= best.last]]
    )


def span_of(scores: PieceScores, first: int, last: int) -> PieceSpan:
    """Return the span of the word pieces `first` to `last`, both included, with its scores."""
    total = float(scores.start[first]) + float(scores.end[last])
    norm = _log_sum(scores.start) + _log_sum(scores.end)
    return PieceSpan(first, last, total - norm, total - scores.null, float(scores.inside[first : last + 1].mean()))


def _log_sum(values: FloatArray) -> float:
    wide = values.astype(np.float64)
    top = wide.max()
    return float(top + np.log(np.exp(wide - top).sum()))


@dataclass(frozen=True, slots=True)
class ScoredSpan:
    """A span of a passage, `[start, end)` in its code points, with what speaks for it.

    item: it was taken as one of several answers, not as the answer.
    """

    passage: int
    start: int
    end: int
    features: SpanFeatures
    item: bool = False


@dataclass(frozen=True, slots=True)
class ScoredPassage:
    """A passage as the network saw it. first: the word piece at which the passage begins."""

    given: PassageInput
    encoding: Encoding
    first: int
    scores: PieceScores


def in_characters(
    spans: Iterable[PieceSpan], number: int, passage: ReadPassage, scored: ScoredPassage, *, item: bool = False
) -> list[ScoredSpan]:
    """Return those of the spans of passage `number` that have characters, whole words each, with their features."""
    found: list[ScoredSpan] = []
    offsets = scored.encoding.offsets
    for span in spans:
        first, last = _whole_words(scored, span)
        start, end = scored.given.original_offset(offsets[first][0]), scored.given.original_offset(offsets[last][1])
        end = _closed(passage.text, start, end)
        words = any(map(str.isalnum, passage.text[start:end]))
        if words and not any(start < other.end and other.start < end for other in found):
            found.append(ScoredSpan(number, start, end, span_features(passage, scored.scores, span), item))
    return found


def span_features(passage: ReadPassage, scores: PieceScores, span: PieceSpan) -> SpanFeatures:
    """Return what speaks for a span of the passage."""
    return SpanFeatures(span.log_probability, span.margin, scores.holds, span.inside, passage.score_gap, passage.start)


def _closed(text: str, start: int, end: int) -> int:
    """Return the end of a span, one character later where that closes a bracket or quotation that it opens."""
    closes = {")": "(", "]": "[", "”": "“", "’": "‘", '"': '"'}
    opener = closes.get(text[end : end + 1])
    inside = text[start:end]
    if opener is None or opener not in inside:
        return end
    is_open = inside.count('"') % 2 == 1 if opener == '"' else inside.count(opener) > inside.count(text[end])
    return end + 1 if is_open else end


def _whole_words(scored: ScoredPassage, span: PieceSpan) -> tuple[int, int]:
    """Return the word pieces of the whole encoding that the span's words consist of."""
    words = scored.encoding.word_ids
    first, last = span.first + scored.first, span.last + scored.first
    while first > scored.first and words[first - 1] == words[first]:
        first -= 1
    while last + 1 < len(words) and words[last + 1] is not None and words[last + 1] == words[last]:
        last += 1
    return first, last


def pieces_of(scored: ScoredPassage, start: int, end: int) -> list[int]:
    """Return the passage's word pieces that lie in its characters `[start, end)`, counted from its first."""
    offsets = scored.encoding.offsets[scored.first : scored.first + len(scored.scores.start)]
    places = [(scored.given.original_offset(s), scored.given.original_offset(e)) for s, e in offsets]
    return [n for n, (s, e) in enumerate(places) if s < end and start < e]


def piece_scores(tensors: tuple[FloatArray, ...], row: int, first: int, stop: int) -> PieceScores:
    """Return the scores of one row of the network's outputs, for the word pieces `[first, stop)` of the passage."""
    start, end, *more = (tensor[row] for tensor in tensors)
    null = float(start[0] + end[0])
    if not more:
        return PieceScores(start[first:stop], end[first:stop], np.zeros_like(start[first:stop]), null)
    inside, holds, several = more
    return PieceScores(start[first:stop], end[first:stop], inside[first:stop], null, float(holds), float(several))


def mean_scores(one: PieceScores, other: PieceScores) -> PieceScores:
    """Return the mean of what two of Citewire's networks score, over the word pieces that both have.

    The mean of logits weighs the networks as experts that have to agree. Source: Hinton, Training Products of Experts
    by Minimizing Contrastive Divergence, 2002.
    """
    length = min(len(one.start), len(other.start))

    def mean(a: FloatArray, b: FloatArray) -> FloatArray:
        return (a[:length] + b[:length]) / np.float32(2)

    return PieceScores(
        mean(one.start, other.start),
        mean(one.end, other.end),
        mean(one.inside, other.inside),
        (one.null + other.null) / 2,
        (one.holds + other.holds) / 2,
        (one.several + other.several) / 2,
    )
