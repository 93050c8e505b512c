"""From a network's scores to probabilities: that a span answers, and that any of the passages does.

Both are logistic regressions on few measures.

Cox, The Regression Analysis of Binary Sequences, 1958; used to calibrate as in Platt, Probabilistic Outputs for
Support Vector Machines, 1999. `benchmarks/calibrate_reader.py` fits it on questions that no training saw.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qa.reader.features import UNKNOWN, Signs
from qa.reader.sentences import SENTENCE_MEASURES, log_odds

_FAR = 12.0  # beyond it, no score says more
_OPENING = 500  # characters of an article; about two paragraphs
_HOLDS = 2  # the measure that is the passage's score of holding an answer


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
RETRIEVED = 4
"""The measure that is 1 where the passage was retrieved, and 0 where it is of the one text asked."""
TOGETHER = 13
"""How many measures `together` gives."""


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the measures, and from where something counts as an answer.

    threshold: the confidence from which a reading counts as an answer beside the best one. sentence:
    intercept and weights of the regression that makes a whole sentence's confidence of its best span's
    (`SpanPlace.measures`); as it stands, the sentence is as sure as the span. any_found, any_given: intercept and
    weights of the regressions that make of all passages (`together`) the probability that one of them answers, where
    they were retrieved and where they are the one text asked; as they stand, it is the best span's. answered_from: the
    probability from which the question is answered.
    """

    intercept: float
    weights: tuple[float, ...]
    threshold: float
    sentence: tuple[float, ...] = (0.0, 1.0, *[0.0] * (SENTENCE_MEASURES - 1))
    any_found: tuple[float, ...] = (0.0, 1.0, *[0.0] * (TOGETHER - 1))
    any_given: tuple[float, ...] = (0.0, 1.0, *[0.0] * (TOGETHER - 1))
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
        if not passages:
            return 0.0
        intercept, *weights = self.any_found if passages[0][RETRIEVED] else self.any_given
        return _logistic(intercept, weights, self.together(passages))

    def together(self, passages: Sequence[Sequence[float]]) -> tuple[float, ...]:
        """Return what speaks for any of the passages answering, from the measures of each one's best span.

        They are the log-odds of the surest span; those of any span being right, if each were by chance of its own
        ("noisy-or": Pearl, Probabilistic Reasoning in Intelligent Systems, 1988); of the surest span, its
        log-probability and margin; the highest score of holding an answer; of the surest one's passage that score, how
        far it is behind, where it begins, its share of the question's names and of its telling words, and whether the
        span has the form asked for; how sure the second passage is, and whether there is one.
        """
        sure = [self.of(measures) for measures in passages]
        ranked = sorted(range(len(sure)), key=lambda n: -sure[n])
        likelihood, margin, holds, behind, _, start, named, covered, _, fits = passages[ranked[0]]
        second = sure[ranked[1]] if len(ranked) > 1 else 0.0
        return (
            log_odds(sure[ranked[0]]),
            log_odds(1.0 - math.prod(1.0 - each for each in sure)),
            likelihood,
            margin,
            max(measures[_HOLDS] for measures in passages),
            holds,
            behind,
            start,
            named,
            covered,
            fits,
            second,
            float(second > 0),
        )


def _logistic(intercept: float, weights: Sequence[float], measures: Sequence[float]) -> float:
    total = intercept + sum(w * m for w, m in zip(weights, measures, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


def _held(value: float) -> float:
    return max(-_FAR, min(_FAR, value))
