"""Metrics, each with its definition, formula and source.

The functions take plain values. Most return a fraction from 0 to 1.
"""

import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
BINS = 10


def recall_at(ranks: Sequence[int | None], k: int) -> float:
    """Return the share of the needed things that are in the first k passages.

    recall@k = |{w in W : rank(w) <= k}| / |W|. W: the things needed; most questions need one, and then this is 1 or 0
    (also called success@k, hit@k or top-k accuracy).

    ranks: for each thing needed, at least one, the rank (from 1) of the best passage with it, or None if none was
    retrieved.
    Source: Karpukhin et al., Dense Passage Retrieval for Open-Domain Question Answering, EMNLP 2020.
    """
    return sum(rank is not None and rank <= k for rank in ranks) / len(ranks)


def reciprocal_rank(ranks: Sequence[int | None]) -> float:
    """Return 1 / r, where r is the rank of the first passage with evidence, or 0 if none was retrieved.

    MRR = 1/|Q| * sum over q in Q of 1 / r(q). Ranks start at 1.
    ranks: as in `recall_at`.
    Source: Voorhees, The TREC-8 Question Answering Track Report, TREC 1999.
    """
    return max((1.0 / rank for rank in ranks if rank is not None), default=0.0)


def normalise(text: str) -> str:
    """Return the text in lower case, without ASCII punctuation and the words a, an and the, with single spaces.

    The steps and their order are those of SQuAD's official script.
    Source: Rajpurkar et al., SQuAD: 100,000+ Questions for Machine Comprehension of Text, EMNLP 2016.
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(given: str, expected: Sequence[str]) -> float:
    """Return 1 if the answer given equals one of those expected once both are normalised, else 0.

    EM = max over e in E of [norm(g) = norm(e)].
    Source: as for `normalise`.
    """
    return float(any(normalise(given) == normalise(one) for one in expected))


def token_f1(given: str, expected: Sequence[str]) -> float:
    """Return the best F1 of the words given against the words of one expected answer.

    F1 = max over e in E of 2 P R / (P + R), with P = o / |g|, R = o / |e|, and o the size of the intersection of the
    two bags of normalised words g and e. Where one side has no word left, F1 is 1 if neither has, else 0.
    Source: as for `normalise`; empty sides as in SQuAD 2.0's script.
    """
    words = normalise(given).split()
    return max(_f1(_overlap(words, wanted), len(words), len(wanted)) for wanted in map(_words, expected))


def contains(given: str, expected: Sequence[str]) -> float:
    """Return 1 if the words of one expected answer stand in a row in the answer given, else 0.

    The fair measure for an answer that is a whole sentence, whose F1 against a name is low by nature.
    Source: the answer match of Chen et al., Reading Wikipedia to Answer Open-Domain Questions, ACL 2017.
    """
    return float(any(_holds(given, one) for one in expected))


def set_exact_match(given: Sequence[str], expected: Sequence[str]) -> float:
    """Return 1 if the answers given are those expected, each once and nothing more, in any order, else 0.

    Source: the exact match of Li et al., MultiSpanQA, NAACL 2022, with SQuAD's normalisation.
    """
    return float(Counter(map(normalise, given)) == Counter(map(normalise, expected)))


def set_f1(given: Sequence[str], expected: Sequence[str]) -> float:
    """Return the F1 of several answers against several expected ones, paired one to one as suits best.

    F1 = 2 P R / (P + R), with P = O / sum |g|, R = O / sum |e|, and O the largest sum of word overlaps that any
    one-to-one pairing of answers given with answers expected reaches. An answer too many costs precision, a missing one
    recall, each by its number of words. For one answer on each side this is `token_f1`.
    Source: the alignment of Dua et al., DROP, NAACL 2019, with overlaps summed before the F1 is taken.
    """
    ours, theirs = [_words(text) for text in given], [_words(text) for text in expected]
    overlaps = [[_overlap(mine, wanted) for wanted in theirs] for mine in ours]
    return _f1(_best_pairing(overlaps), sum(map(len, ours)), sum(map(len, theirs)))


def contains_all(given: Sequence[str], expected: Sequence[str]) -> float:
    """Return the share of the expected answers whose words stand in a row in one of the answers given."""
    return sum(any(_holds(text, one) for text in given) for one in expected) / len(expected)


def _words(text: str) -> list[str]:
    return normalise(text).split()


def _overlap(words: Sequence[str], wanted: Sequence[str]) -> int:
    return (Counter(words) & Counter(wanted)).total()


def _f1(overlap: int, given: int, wanted: int) -> float:
    if not given or not wanted:
        return float(given == wanted)
    # 2PR / (P + R) with P = overlap / given and R = overlap / wanted.
    return 2 * overlap / (given + wanted)


def _holds(given: str, wanted: str) -> bool:
    words = normalise(wanted)
    return f" {words} " in f" {normalise(given)} " if words else not normalise(given)


def _best_pairing(overlaps: Sequence[Sequence[int]]) -> int:
    """Return the largest sum of one-to-one chosen overlaps; rows are answers given, columns answers expected."""
    if not overlaps:
        return 0
    from scipy.optimize import linear_sum_assignment  # its import takes half a second

    sizes = np.array(overlaps)
    return int(sizes[linear_sum_assignment(sizes, maximize=True)].sum())


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


def reliability_bins(answers: Sequence[tuple[float, bool]]) -> list[Bin]:
    """Group answers by confidence into bins of equal width: the points of a reliability diagram.

    answers: the confidence of each, and whether it is right.
    Source: Niculescu-Mizil and Caruana, Predicting Good Probabilities with Supervised Learning, ICML 2005.
    """
    edges = np.arange(1, BINS + 1) / BINS
    places = np.searchsorted(edges, [confidence for confidence, _ in answers]).tolist()
    bins = []
    for b in range(BINS):
        inside = [answer for answer, place in zip(answers, places, strict=True) if place == b]
        confidence, accuracy = (sum(v) / len(v) for v in zip(*inside, strict=True)) if inside else (None, None)
        bins.append(Bin(b / BINS, (b + 1) / BINS, len(inside), confidence, accuracy))
    return bins


def expected_calibration_error(answers: Sequence[tuple[float, bool]]) -> float | None:
    """Return the mean difference between confidence and accuracy, None for no answers.

    ECE = sum over bins b of n_b / n * |acc(b) - conf(b)|. n_b: answers in the bin, acc: share right, conf: mean
    confidence. answers: as for `reliability_bins`.
    Source: Naeini, Cooper and Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning, AAAI 2015.
    """
    bins = reliability_bins(answers)
    return sum(b.count * abs((b.accuracy or 0) - (b.confidence or 0)) for b in bins) / len(answers) if answers else None


def percentile(values: Sequence[float], percent: float) -> float | None:
    """Return the percentile with linear interpolation, None without values.

    Source: definition 7 of Hyndman and Fan, Sample Quantiles in Statistical Packages, 1996.
    """
    return float(np.percentile(values, percent)) if len(values) else None


def sign_test(gained: int, lost: int) -> float:
    """Return the two-sided p-value of a change that made so many questions right and so many wrong, 1 for no change.

    p = 2 * P(X >= max(gained, lost)) with X ~ Binomial(gained + lost, 1/2), at most 1: McNemar's exact test.
    Source: McNemar, Note on the sampling error of the difference between correlated proportions, Psychometrika 1947.
    """
    from scipy.stats import binomtest  # its import takes a second

    return float(binomtest(gained, gained + lost).pvalue) if gained + lost else 1.0
