"""Questions as people type them: in lower case, without the question mark, with a slip of the finger."""

import random
from dataclasses import replace

from qa.train.example import Example

_SHARE_LOWER, _SHARE_BARE, _SHARE_SLIP = 0.15, 0.15, 0.06
_SHORTEST_WORD = 5


def vary(example: Example, random_: random.Random) -> Example:
    """Return the example, its question now and then less carefully typed."""
    question = example.question
    if random_.random() < _SHARE_LOWER:
        question = question.lower()
    if random_.random() < _SHARE_BARE:
        question = question.rstrip(" ?.")
    if random_.random() < _SHARE_SLIP:
        question = _slip(question, random_)
    return example if question == example.question or not question else replace(example, question=question)


def _slip(question: str, random_: random.Random) -> str:
    """Swap, drop or double one letter of one longer word."""
    words = question.split(" ")
    long = [n for n, word in enumerate(words) if len(word) >= _SHORTEST_WORD and word.isalpha()]
    if not long:
        return question
    n = random_.choice(long)
    word, at = words[n], random_.randrange(1, len(words[n]) - 1)
    swapped = word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    words[n] = random_.choice((swapped, word[:at] + word[at + 1 :], word[:at] + word[at] + word[at:]))
    return " ".join(words)
