"""From a network's scores to probabilities: that a span answers, and that the best of all passages does.

Both are logistic regressions on few measures, fitted by `benchmarks/calibrate_reader.py`. Sources: Cox, The Regression
Analysis of Binary Sequences, 1958; Platt, Probabilistic Outputs for Support Vector Machines, 1999.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from qa.result import Status
from qa.status import status_of

_FAR = 12.0  # scores are clipped to ±12
_OPENING = 500  # characters of an article; about two paragraphs
_LEAST = 1e-6


@dataclass(frozen=True, slots=True)
class SpanFeatures:
    """What speaks for a span, before it is weighed.

    log_probability: of the span, if its passage answers. margin: by how many nats it beats "no answer here". holds: the
    passage's score of holding an answer (logit, 0 where the network gives none). inside: mean logit of its word pieces
    lying inside an answer (0 likewise). score_gap: how far the passage's retrieval score is below the best one's (NaN:
    not known). start: the character of its article at which the passage begins: news tell first what matters most.
    """

    log_probability: float
    margin: float
    holds: float
    inside: float
    score_gap: float
    start: int = 0

    @property
    def measures(self) -> tuple[float, ...]:
        """The measures that the regression weighs; what is not known counts as nothing."""
        gap = 0.0 if math.isnan(self.score_gap) else self.score_gap
        scores = self.log_probability, self.margin, self.holds, self.inside
        return (*map(clamp, scores), gap, math.log1p(self.start / _OPENING))


@dataclass(frozen=True, slots=True)
class Calibration:
    """Weights of the regressions, intercept first, and from where something counts as an answer.

    span: that a span answers (`SpanFeatures`). found, given: that the best span of all passages answers
    (`question_features`); found for passages that were searched for, given for those of the one text asked.
    answered_from, unsure_from: the probability from which the best span is shown as an answer, and from which as
    unsure. threshold: the confidence from which a further span counts as an answer beside it.
    """

    span: tuple[float, ...]
    found: tuple[float, ...]
    given: tuple[float, ...]
    answered_from: float
    unsure_from: float
    threshold: float

    def confidence(self, features: SpanFeatures) -> float:
        """Return the probability that the span answers, in [0, 1], seen by itself."""
        return logistic(self.span, features.measures)

    def of_question(self, passages: Sequence[SpanFeatures]) -> float:
        """Return the probability that the best span answers, from each passage's best span; 0 of none."""
        if not passages:
            return 0.0
        weights = self.given if math.isnan(passages[0].score_gap) else self.found
        return logistic(weights, self.question_features(passages))

    def question_features(self, passages: Sequence[SpanFeatures]) -> tuple[float, ...]:
        """Return the seven features of the best span of all, from each passage's best span.

        1. Its log-odds. 2. The log-odds that any passage is right, if each is so independently of the others
        ("noisy-or": Pearl, Probabilistic Reasoning in Intelligent Systems, 1988). 3. to 6. Its margin, holds, inside
        and score gap. 7. The probability of the second passage.
        """
        sure = [self.confidence(each) for each in passages]
        best, *others = sorted(range(len(sure)), key=lambda n: -sure[n])
        _, margin, holds, inside, gap, _ = passages[best].measures
        any_right = 1.0 - math.prod(1.0 - each for each in sure)
        second = sure[others[0]] if others else 0.0
        return log_odds(sure[best]), log_odds(any_right), margin, holds, inside, gap, second

    def status(self, probability: float) -> Status:
        """Return how a best span with this probability is shown."""
        return status_of(probability, answered_from=self.answered_from, unsure_from=self.unsure_from)


def logistic(weights: Sequence[float], measures: Sequence[float]) -> float:
    """Return the probability of measures under weights, intercept first; of as many weights as measures."""
    total = weights[0] + sum(w * m for w, m in zip(weights[1:], measures, strict=True))
    return 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, total))))


def log_odds(probability: float) -> float:
    """Return the logarithm of the odds, of a probability in [0, 1], kept finite."""
    finite = min(1 - _LEAST, max(_LEAST, probability))
    return math.log(finite / (1 - finite))


def clamp(score: float) -> float:
    """Return the score, clipped to ±12."""
    return max(-_FAR, min(_FAR, score))
