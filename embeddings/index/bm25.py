"""BM25 as Tantivy computes it, for passages that are not in its index yet.

Source: Robertson and Zaragoza, The Probabilistic Relevance Framework: BM25 and Beyond, 2009.
"""

import math
from collections import Counter
from collections.abc import Callable, Mapping

_K1, _B = 1.2, 0.75  # Tantivy's
_EXACT_LENGTHS = 40  # Tantivy keeps a length in one byte: exactly up to here, then to the first four bits

WordCounts = dict[int, tuple[Counter[str], int]]
"""Passages by id: how often each has each word, and how many words it has."""


def score_added(
    added: WordCounts, question: Mapping[str, int], having: Callable[[str], int], *, size: int, average_length: float
) -> tuple[dict[str, float], dict[int, float]]:
    """Return a weight of each word for the committed passages, and the BM25 scores of the added passages.

    question: its words with their counts. having: returns how many committed passages have a word. size,
    average_length: of the committed passages. The weights correct Tantivy's own: it counts the document with the
    stamp as a passage, and does not count the added passages.
    """
    lengths = size * average_length + sum(length for _, length in added.values())
    average = max(1.0, lengths / max(1, size + len(added)))
    weights, scores = dict[str, float](), dict[int, float]()
    for word, count in question.items():
        committed = having(word)
        matching = [(passage, words[word], length) for passage, (words, length) in added.items() if word in words]
        rarity = _rarity(size + len(added), committed + len(matching))
        weights[word] = count * rarity / _rarity(size + 1, committed)
        for passage, often, length in matching:
            part = often / (often + _K1 * (1 - _B + _B * _rounded(length) / average))
            scores[passage] = scores.get(passage, 0.0) + count * rarity * (_K1 + 1) * part
    return weights, scores


def _rarity(size: int, having: int) -> float:
    """Return the inverse document frequency, as in Lucene: log(1 + (N - n + 0.5) / (n + 0.5))."""
    return math.log(1 + (max(size, having) - having + 0.5) / (having + 0.5))


def _rounded(length: int) -> int:
    """Return a length as Tantivy keeps it."""
    if length < _EXACT_LENGTHS:
        return length
    rest = length - 24
    lost = rest.bit_length() - 4
    return (rest >> lost << lost) + 24
