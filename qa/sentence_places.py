"""Whole sentences as answers: each is judged by its best span, the question's words in it, and how near it is to it."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.sentences import sentences
from qa.read import ReadPassage
from qa.relevance import Relevance
from qa.signs import Signs

SENTENCE_MEASURES = 4
MOST_COMPARED = 32
"""Sentences, the likeliest by their spans, that are compared with the question."""
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class SpanPlace:
    """Characters `[start, end)` of passage number `passage`, how sure they answer, in (0, 1), and the signs there.

    relevance: the cosine of the sentence and the question; 0 for a mere span.
    """

    passage: int
    start: int
    end: int
    confidence: float
    signs: Signs
    relevance: float = 0.0

    @property
    def measures(self) -> tuple[float, ...]:
        """What the regression for sentences weighs: the span's log-odds, shares of the question's words, the cosine."""
        sure = min(1 - _LEAST, max(_LEAST, self.confidence))
        return math.log(sure / (1 - sure)), self.signs.near, self.signs.covered, self.relevance


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
            best[place] = SpanPlace(*place, span.confidence, span.signs)
    likeliest = sorted(best.values(), key=lambda each: -each.confidence)[:MOST_COMPARED]
    cosines = relevance([passages[each.passage].text[each.start : each.end] for each in likeliest])
    return [replace(each, relevance=cosine) for each, cosine in zip(likeliest, cosines, strict=True)]
