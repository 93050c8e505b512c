"""Slips of the finger in a question: "Who is the park's archiect?" where the passages found speak of an architect.

Names and words that the reader knows are never changed: Smyth may be another person than Smith. The result shows how
the question was understood.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping

_WORD = re.compile(r"(?<![\w'’])[^\W\d_]+(?![\w'’])")
_SHORTEST = 5  # letters; shorter words have too many neighbours


def misspelt(question: str, texts: Iterable[str], is_word: Callable[[str], bool]) -> dict[str, str]:
    """Return the question's misspelt words with the words of the texts that are meant.

    A slip is one letter too many, too few or wrong, or two swapped letters. The first letter and the last are right:
    words are inflected at their end. is_word: tells whether a word in lower case is a common word.
    """
    asked = {word for word in _WORD.findall(question) if len(word) >= _SHORTEST and word.islower()}
    unknown = {word for word in asked if not is_word(word)}
    if not unknown:
        return {}
    counts = Counter(word for text in texts for word in _WORD.findall(text))
    there = {word.casefold() for word in counts}
    meant = {}
    for word in unknown - there:
        near = [other for other in counts if other.islower() and _is_one_slip(word, other)]
        if near:
            meant[word] = max(near, key=lambda other: (counts[other], other))
    return meant


def without_slips(text: str, meant: Mapping[str, str]) -> str:
    """Return the text with its slips corrected."""
    return _WORD.sub(lambda found: meant.get(found[0], found[0]), text) if meant else text


def _is_one_slip(word: str, other: str) -> bool:
    """Tell whether two words are one slip apart, with the same first and last letter."""
    if abs(len(word) - len(other)) > 1 or word == other or word[0] != other[0] or word[-1] != other[-1]:
        return False
    pairs = zip(word, other, strict=False)
    start = next((n for n, (a, b) in enumerate(pairs) if a != b), min(len(word), len(other)))
    left, right = word[start:], other[start:]
    swapped = left[:2] == right[1::-1] and left[2:] == right[2:]
    return swapped or left[1:] == right[1:] or left[1:] == right or left == right[1:]
