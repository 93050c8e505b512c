"""Whole sentences as answers: each is judged by its best span, the question's words in it, and how near it is to it.

So is the sentence before it: what explains a matter often follows the sentence that names the matter.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.sentences import sentences
from qa.reader.features import Signs
from qa.reader.protocol import ReadPassage
from qa.reader.relevance import Relevance

SENTENCE_MEASURES = 5
MOST_COMPARED = 32
"""Sentences, the likeliest by their spans, that are compared with the question."""
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class SpanPlace:
    """Characters `[start, end)` of passage number `passage`, how sure they answer, in (0, 1), and the signs there.

    relevance, before: the cosines of the sentence, and of the one before it in the passage, with the question; 0 for a
    mere span, and where there is none before. key: of a sentence, the characters of its best span.
    """

    passage: int
    start: int
    end: int
    confidence: float
    signs: Signs
    relevance: float = 0.0
    before: float = 0.0
    key: tuple[int, int] | None = None

    @property
    def measures(self) -> tuple[float, ...]:
        """What the regression for sentences weighs: the span's log-odds, shares of the question's words, cosines."""
        return log_odds(self.confidence), self.signs.near, self.signs.covered, self.relevance, self.before


def sentence_places(
    spans: Sequence[SpanPlace], passages: Sequence[ReadPassage], relevance: Relevance
) -> list[SpanPlace]:
    """Return the likeliest sentences that the spans touch, each with the confidence and the signs of its best span."""
    best: dict[tuple[int, int, int], SpanPlace] = {}
    bounds = {number: sentences(passages[number].text) for number in {span.passage for span in spans}}
    for span in sorted(spans, key=lambda each: each.confidence):
        touched = [(s, e) for s, e in bounds[span.passage] if s < span.end and span.start < e]
        if touched:
            place = span.passage, touched[0][0], touched[-1][1]
            best[place] = SpanPlace(*place, span.confidence, span.signs, key=(span.start, span.end))
    likeliest = sorted(best.values(), key=lambda each: -each.confidence)[:MOST_COMPARED]
    before = [_before(bounds[each.passage], each.start) for each in likeliest]
    compared = dict.fromkeys((each.passage, each.start, each.end) for each in likeliest)
    compared |= dict.fromkeys((each.passage, *bound) for each, bound in zip(likeliest, before, strict=True) if bound)
    cosines = dict(zip(compared, relevance([passages[n].text[s:e] for n, s, e in compared]), strict=True))
    return [
        replace(
            each,
            relevance=cosines[each.passage, each.start, each.end],
            before=cosines[each.passage, *bound] if bound else 0.0,
        )
        for each, bound in zip(likeliest, before, strict=True)
    ]


def log_odds(probability: float) -> float:
    """Return the logarithm of the odds, of a probability in [0, 1], held within what a regression can weigh."""
    held = min(1 - _LEAST, max(_LEAST, probability))
    return math.log(held / (1 - held))


def _before(bounds: Sequence[tuple[int, int]], start: int) -> tuple[int, int] | None:
    """Return the bounds of the sentence before the one that starts there; None where that is the first."""
    return next((bound for bound in reversed(bounds) if bound[1] <= start), None)
