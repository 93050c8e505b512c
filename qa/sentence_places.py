"""Whole sentences as answers: each is judged by its best span and by how many of the question's words it has."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.sentences import sentences
from qa.read import ReadPassage
from qa.signs import Signs

SENTENCE_MEASURES = 3
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class SpanPlace:
    """Characters `[start, end)` of passage number `passage`, how sure they answer, in (0, 1), and the signs there."""

    passage: int
    start: int
    end: int
    confidence: float
    signs: Signs

    @property
    def measures(self) -> tuple[float, ...]:
        """What the regression for sentences weighs: the span's log-odds and the shares of the question's words."""
        sure = min(1 - _LEAST, max(_LEAST, self.confidence))
        return math.log(sure / (1 - sure)), self.signs.near, self.signs.covered


def sentence_places(spans: Sequence[SpanPlace], passages: Sequence[ReadPassage]) -> list[SpanPlace]:
    """Return the sentences that the spans touch, each with the confidence and the signs of its best span."""
    best: dict[tuple[int, int, int], SpanPlace] = {}
    bounds = {number: sentences(passages[number].text) for number in {span.passage for span in spans}}
    for span in sorted(spans, key=lambda each: each.confidence):
        touched = [(s, e) for s, e in bounds[span.passage] if s < span.end and span.start < e]
        if touched:
            place = span.passage, touched[0][0], touched[-1][1]
            best[place] = SpanPlace(*place, span.confidence, span.signs)
    return list(best.values())
