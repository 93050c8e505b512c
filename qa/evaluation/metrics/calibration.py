"""Calibration of confidences, and the trade-off between coverage and risk."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

BINS = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers with a confidence in (low, high]; the first bin includes 0.

    confidence: mean confidence. accuracy: share of right answers. Both are None in an empty bin.
    """

    low: float
    high: float
    count: int
    confidence: float | None
    accuracy: float | None


@dataclass(frozen=True, slots=True)
class RiskCoverage:
    """A point of the risk-coverage curve: share answered at a threshold, and share of these that are wrong."""

    threshold: float
    coverage: float
    risk: float


def reliability_bins(confidences: Sequence[float], right: Sequence[bool], *, bins: int = BINS) -> list[Bin]:
    """Group the answers by confidence into bins of equal width: the points of a reliability diagram.

    Source: Niculescu-Mizil and Caruana, Predicting Good Probabilities with Supervised Learning, ICML 2005.
    """
    _check(confidences, right)
    members: list[list[int]] = [[] for _ in range(bins)]
    for place, confidence in enumerate(confidences):
        # The bin of c is ceil(c * bins) - 1. Comparing avoids rounding errors of products such as 0.3 * 10.
        members[next(b for b in range(bins) if confidence <= (b + 1) / bins)].append(place)
    return [
        Bin(
            low=b / bins,
            high=(b + 1) / bins,
            count=len(places),
            confidence=sum(confidences[p] for p in places) / len(places) if places else None,
            accuracy=sum(right[p] for p in places) / len(places) if places else None,
        )
        for b, places in enumerate(members)
    ]


def expected_calibration_error(confidences: Sequence[float], right: Sequence[bool], *, bins: int = BINS) -> float:
    """Return the mean difference between confidence and accuracy.

    ECE = sum over bins b of n_b / n * |acc(b) - conf(b)|. n_b: answers in the bin, acc: share right, conf: mean
    confidence. Raises ValueError for no answers.
    Source: Naeini, Cooper and Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI 2015.
    """
    if not confidences:
        raise ValueError("no answers to calibrate on")
    gaps = 0.0
    for group in reliability_bins(confidences, right, bins=bins):
        if group.confidence is not None and group.accuracy is not None:
            gaps += group.count * abs(group.accuracy - group.confidence)
    return gaps / len(confidences)


def risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> list[RiskCoverage]:
    """Return coverage and risk for a threshold at every confidence that occurs, highest first.

    coverage(t) = |{i : c_i >= t}| / n and risk(t) = |{i : c_i >= t and i is wrong}| / |{i : c_i >= t}|.
    Source: El-Yaniv and Wiener, On the Foundations of Noise-free Selective Classification, JMLR 11, 2010.
    """
    _check(confidences, right)
    points, covered, wrong = [], 0, 0
    surest_first = sorted(zip(confidences, right, strict=True), reverse=True)
    for threshold, tied in groupby(surest_first, key=itemgetter(0)):
        verdicts = [is_right for _, is_right in tied]
        covered, wrong = covered + len(verdicts), wrong + verdicts.count(False)
        points.append(RiskCoverage(threshold, covered / len(confidences), wrong / covered))
    return points


def area_under_risk_coverage(confidences: Sequence[float], right: Sequence[bool]) -> float:
    """Return the mean risk over all coverages. 0 is perfect; a useless confidence gives about the overall error rate.

    AURC = 1/n * sum over k = 1..n of (wrong among the k most confident) / k. The wrong answers among ties are
    spread evenly over the ties, so that the order of the questions does not matter.
    Raises ValueError for no questions.
    Source: Geifman, Uziel and El-Yaniv, Bias-Reduced Uncertainty Estimation for Deep Neural Classifiers, ICLR 2019.
    """
    if not confidences:
        raise ValueError("no questions, no curve")
    area, before, wrong_before = 0.0, 0, 0.0
    for point in risk_coverage(confidences, right):
        covered = round(point.coverage * len(confidences))
        wrong = point.risk * covered
        for k in range(before + 1, covered + 1):
            area += (wrong_before + (wrong - wrong_before) * (k - before) / (covered - before)) / k
        before, wrong_before = covered, wrong
    return area / len(confidences)


def _check(confidences: Sequence[float], right: Sequence[bool]) -> None:
    if len(confidences) != len(right):
        raise ValueError(f"{len(confidences)} confidences for {len(right)} verdicts")
    if any(not 0.0 <= c <= 1.0 for c in confidences):
        raise ValueError("a confidence is a probability, from 0 to 1")
