"""Ranking: passages found by meaning (vectors) and by words (BM25) in one order.

A passage's score is the weighted sum of four features. `retrieve` in `qa/retrieval.py` sorts by it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from embeddings.index.tokens import telling_tokens, tokens

FloatArray = npt.NDArray[np.float64]

WEIGHTS = np.array([1.45, 0.89, 2.39, 0.55])
"""Of meaning, words, coverage and pairs; fitted by benchmarks/tune_retrieval.py on the tuning half of its questions."""

MOST_WORDS = 32
"""Of a question, so many words and so many pairs of words count at most."""
_ENDING = re.compile(r"(?:'s|ies|ied|ing|ed|es|s|e|y)$")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage to be ranked: article title, text, cosine and BM25 score."""

    title: str | None
    text: str
    dense: float
    lexical: float


def ranking_features(question: str, candidates: Sequence[Candidate]) -> FloatArray:
    """Return the features of each candidate, (candidates, 4): meaning, words, coverage and pairs.

    Meaning and words: cosines and BM25 scores, standardised over the candidates. Coverage: share of the question's
    words in the passage or its title; in BM25 one frequent rare word outweighs several others. Pairs: number of
    neighbouring words of the question that are neighbours in the passage too.
    """
    dense = np.array([candidate.dense for candidate in candidates])
    lexical = np.array([candidate.lexical for candidate in candidates])
    coverage, pairs = word_coverage(question, candidates), word_pairs(question, candidates)
    return np.stack([standardised(dense), standardised(lexical), coverage, pairs], axis=1)


def standardised(scores: FloatArray) -> FloatArray:
    """Return the scores with mean 0 and standard deviation 1, zeros if they are all equal."""
    spread = scores.std() if len(scores) else 0.0
    return (scores - scores.mean()) / spread if spread > 1e-9 else np.zeros_like(scores)


def word_coverage(question: str, candidates: Sequence[Candidate]) -> FloatArray:
    """Return the share of the question's words in each candidate, 0 to 1. Rare words weigh more."""
    prefixes = {_prefix(word) for word in telling_tokens(question)}
    longest = sorted(prefixes, key=lambda prefix: (-len(prefix), prefix))[:MOST_WORDS]
    if not longest or not candidates:
        return np.zeros(len(candidates))
    pattern = re.compile(rf"\b(?:{'|'.join(f'({_forms(prefix)})' for prefix in longest)})")
    has = np.zeros((len(candidates), len(longest)))
    for row, candidate in enumerate(candidates):
        for match in pattern.finditer(_words_of(candidate)):
            has[row, (match.lastindex or 1) - 1] = 1.0
    count = has.sum(axis=0)
    rarity = np.log(1 + (len(candidates) - count + 0.5) / (count + 0.5))
    return np.asarray(has @ rarity / rarity.sum())


def word_pairs(question: str, candidates: Sequence[Candidate]) -> FloatArray:
    """Return the number of pairs of neighbouring words of the question in each candidate, in any form."""
    telling = set(telling_tokens(question))
    sought = [
        f"({_forms(_prefix(first))}\\W{{1,3}}{_forms(_prefix(second))})"
        for first, second in dict.fromkeys(pairwise(tokens(question)))
        if first in telling or second in telling
    ][:MOST_WORDS]
    if not sought:
        return np.zeros(len(candidates))
    # The lookahead lets the second word of a pair be the first of another.
    pattern = re.compile(rf"\b(?={'|'.join(sought)})")
    found = [{match.lastindex for match in pattern.finditer(_words_of(candidate))} for candidate in candidates]
    return np.array([len(kinds) for kinds in found], dtype=np.float64)


def _words_of(candidate: Candidate) -> str:
    return f"{candidate.title or ''}\n{candidate.text}".lower()


def _prefix(word: str) -> str:
    """Return the word without a common ending: what words like it begin with, "terror" and "terrorism" too.

    The stems of the index are stricter. With them 80 of the 232 bundled questions find their passages in another order.
    """
    if len(word) <= 4 or word[0].isdigit():
        return word
    short = _ENDING.sub("", word)
    return short if len(short) >= 3 else word


def _forms(prefix: str) -> str:
    """Return a pattern for how words with this prefix are written, in lower case."""
    if prefix == "usa":
        return r"(?:usa?\b|u\.s\.)"
    if prefix.isdecimal():
        return ",?".join(prefix) + r"\b"
    return re.escape(prefix).replace("'", "['’]") + r"\w{0,4}\b"
