"""From a network's scores to the probability that a span answers: a logistic regression on few measures.

Cox, The Regression Analysis of Binary Sequences, 1958; used to calibrate as in Platt, Probabilistic Outputs for
Support Vector Machines, 1999. `benchmarks/calibrate_reader.py` fits it on questions that no training saw.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qa.sentence_places import SENTENCE_MEASURES
from qa.signs import UNKNOWN, Signs

_FAR = 12.0  # beyond it, no score says more


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a span.

    log_probability: of the span, if its passage answers. margin: by how many nats the span beats "no answer here".
    holds: the passage's score of holding an answer, in logits (None: the network gives none).
    behind: how far the passage's retrieval score is below the best one's (NaN: not known). signs: of words and form.
    """

    log_probability: float
    margin: float
    holds: float | None
    behind: float
    signs: Signs = UNKNOWN

    @property
    def measures(self) -> tuple[float, ...]:
        """The measures that the regression weighs; what is not known counts as nothing."""
        known = not math.isnan(self.behind)
        return (
            _held(self.log_probability),
            _held(self.margin),
            _held(self.holds or 0.0),
            self.behind if known else 0.0,
            float(known),
            *self.signs.measures,
        )


MEASURES = 9
"""How many measures `Evidence` gives."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the measures, and the confidence from which a span counts as an answer.

    sentence: intercept and weights of the regression that makes a whole sentence's confidence of its best span's
    (`SpanPlace.measures`); as it stands, the sentence is as sure as the span.
    """

    intercept: float
    weights: tuple[float, ...]
    threshold: float
    sentence: tuple[float, ...] = (0.0, 1.0, *[0.0] * (SENTENCE_MEASURES - 1))

    def confidence(self, evidence: Evidence) -> float:
        """Return the probability that the span answers, in [0, 1]."""
        return self.of(evidence.measures)

    def of_sentence(self, measures: Sequence[float]) -> float:
        """Return the probability that a sentence with these measures answers."""
        return _logistic(self.sentence[0], self.sentence[1:], measures)

    def of(self, measures: Sequence[float]) -> float:
        """Return the probability for measures already taken."""
        return _logistic(self.intercept, self.weights, measures)


def _logistic(intercept: float, weights: Sequence[float], measures: Sequence[float]) -> float:
    total = intercept + sum(w * m for w, m in zip(weights, measures, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


def _held(value: float) -> float:
    return max(-_FAR, min(_FAR, value))
