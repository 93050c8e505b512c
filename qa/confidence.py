"""From a network's scores to probabilities: that a span answers, and that any of the passages does.

Both are logistic regressions on few measures.

Cox, The Regression Analysis of Binary Sequences, 1958; used to calibrate as in Platt, Probabilistic Outputs for
Support Vector Machines, 1999. `benchmarks/calibrate_reader.py` fits it on questions that no training saw.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qa.sentence_places import SENTENCE_MEASURES, log_odds
from qa.signs import UNKNOWN, Signs

_FAR = 12.0  # beyond it, no score says more
_OPENING = 500  # characters of an article; about two paragraphs
_SCORES = 3  # of the network's own, first among the measures


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks for a span.

    log_probability: of the span, if its passage answers. margin: by how many nats the span beats "no answer here".
    holds: the passage's score of holding an answer, in logits (None: the network gives none).
    behind: how far the passage's retrieval score is below the best one's (NaN: not known). start: of its article's
    characters, the one at which the passage begins: news tell first what matters most. signs: of words and form.
    """

    log_probability: float
    margin: float
    holds: float | None
    behind: float
    start: int = 0
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
            math.log1p(self.start / _OPENING),
            *self.signs.measures,
        )


MEASURES = 10
"""How many measures `Evidence` gives."""
TOGETHER = MEASURES + 7
"""How many measures `together` gives."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the measures, and from where something counts as an answer.

    threshold: the confidence from which a reading counts as an answer beside the best one. sentence:
    intercept and weights of the regression that makes a whole sentence's confidence of its best span's
    (`SpanPlace.measures`); as it stands, the sentence is as sure as the span. any_answers: intercept and weights of the
    regression that makes of all passages (`together`) the probability that one of them answers; as it stands, it is
    the best span's. answered_from: the probability from which the question is answered.
    """

    intercept: float
    weights: tuple[float, ...]
    threshold: float
    sentence: tuple[float, ...] = (0.0, 1.0, *[0.0] * (SENTENCE_MEASURES - 1))
    any_answers: tuple[float, ...] = (0.0, 1.0, *[0.0] * (TOGETHER - 1))
    answered_from: float = 0.5

    def confidence(self, evidence: Evidence) -> float:
        """Return the probability that the span answers, in [0, 1]."""
        return self.of(evidence.measures)

    def of_sentence(self, measures: Sequence[float]) -> float:
        """Return the probability that a sentence with these measures answers."""
        return _logistic(self.sentence[0], self.sentence[1:], measures)

    def of(self, measures: Sequence[float]) -> float:
        """Return the probability for measures already taken."""
        return _logistic(self.intercept, self.weights, measures)

    def of_any(self, passages: Sequence[Sequence[float]]) -> float:
        """Return the probability that any passage answers, from the measures of each one's best span; 0 of none."""
        return _logistic(self.any_answers[0], self.any_answers[1:], self.together(passages)) if passages else 0.0

    def together(self, passages: Sequence[Sequence[float]]) -> tuple[float, ...]:
        """Return what speaks for any of the passages answering, from the measures of each one's best span.

        They are the log-odds of the best span, and of any span being right if each were by chance of its own
        ("noisy-or": Pearl, Probabilistic Reasoning in Intelligent Systems, 1988); the best one's measures; the most
        that any has of the network's three scores; the second best's confidence, and whether there is a second.
        """
        sure = [self.of(measures) for measures in passages]
        ranked = sorted(range(len(sure)), key=lambda n: -sure[n])
        none = math.prod(1.0 - each for each in sure)
        return (
            log_odds(sure[ranked[0]]),
            log_odds(1.0 - none),
            *passages[ranked[0]],
            *(max(measures[n] for measures in passages) for n in range(_SCORES)),
            sure[ranked[1]] if len(ranked) > 1 else 0.0,
            float(len(ranked) > 1),
        )


def _logistic(intercept: float, weights: Sequence[float], measures: Sequence[float]) -> float:
    total = intercept + sum(w * m for w, m in zip(weights, measures, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


def _held(value: float) -> float:
    return max(-_FAR, min(_FAR, value))
