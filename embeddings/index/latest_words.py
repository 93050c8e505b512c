"""Passages that came after the last commit of the word index, scored as Tantivy would score them."""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

_K1, _B = 1.2, 0.75  # BM25 as Tantivy has it
_EXACT_LENGTHS = 40  # Tantivy keeps a length in one byte: exactly up to here, then to the first four bits


@dataclass(frozen=True, slots=True)
class LatestPassage:
    """How often a passage has each word, and how many words it has."""

    passage_id: int
    counts: Mapping[str, int]
    length: int


@dataclass(frozen=True, slots=True)
class LatestWords:
    """The latest passages, in the order in which they came."""

    passages: tuple[LatestPassage, ...] = ()

    @property
    def ids(self) -> set[int]:
        """The ids of the passages."""
        return {passage.passage_id for passage in self.passages}

    def later(self, added: Iterable[tuple[int, Sequence[str]]], gone: set[int]) -> "LatestWords":
        """Return them without the passages `gone`, and with those `added`, each an id and its words."""
        left = [passage for passage in self.passages if passage.passage_id not in gone]
        new = [LatestPassage(passage, Counter(words), len(words)) for passage, words in added]
        return LatestWords((*left, *new))

    def having(self, word: str) -> int:
        """Return how many of them have the word."""
        return sum(word in passage.counts for passage in self.passages)

    def scored(
        self, words: Mapping[str, int], having: Callable[[str], int], *, size: int, average_length: float
    ) -> tuple[dict[str, float], dict[int, float]]:
        """Return a weight of each word for the committed passages, and the BM25 scores of the latest that have any.

        words: how often each is asked for. having: how many committed passages have a word. size, average_length: of
        the committed passages. The weights make up for what Tantivy counts otherwise: the document with the stamp is no
        passage, and it does not know how many of the latest have a word.
        """
        lengths = size * average_length + sum(passage.length for passage in self.passages)
        average = max(1.0, lengths / max(1, size + len(self.passages)))
        weights, scores = dict[str, float](), dict[int, float]()
        for word, count in words.items():
            committed, own = having(word), [passage for passage in self.passages if word in passage.counts]
            rarity = _rarity(size + len(self.passages), committed + len(own))
            weights[word] = count * rarity / _rarity(size + 1, committed)
            for passage in own:
                often = passage.counts[word]
                part = often / (often + _K1 * (1 - _B + _B * _rounded(passage.length) / average))
                before = scores.get(passage.passage_id, 0.0)
                scores[passage.passage_id] = before + count * rarity * (_K1 + 1) * part
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
