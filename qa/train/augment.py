"""Questions as people type them: in lower case, without the question mark, with a slip of the finger."""

import random
import re
from dataclasses import replace

from qa.train.data import Example

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


_AFTER_SENTENCE = re.compile(r"(?<=[.!?]['\")\]”’])\s+|(?<=[.!?])\s+|\n+")
_BETWEEN_WORDS = re.compile(r"\s+")
_SHORT, _USUAL, _LONG = 160, 340, 860
_JOINED_BELOW = 300
_SHARE_CUT_ANYWHERE = 0.25
_SHARE_JOINED = 0.35


def cut(example: Example, random_: random.Random) -> Example:
    """Return the example with a part of its passage, which holds all the spans; where there are none, any part.

    Most parts begin and end with a sentence, as paragraphs do; some anywhere between two words.
    """
    text = example.passage
    length = int(random_.triangular(_SHORT, _LONG, _USUAL))
    if len(text) <= length + 60:
        return example
    low, high = (min(s for s, _ in example.spans), max(e for _, e in example.spans)) if example.spans else (0, 0)
    if not example.spans:
        low = high = random_.randrange(len(text))
    spare = max(0, length - (high - low))
    before = random_.randint(0, spare)
    anywhere = random_.random() < _SHARE_CUT_ANYWHERE
    breaks = [m.end() for m in (_BETWEEN_WORDS if anywhere else _AFTER_SENTENCE).finditer(text)]
    start = max((b for b in breaks if low - before - 90 <= b <= low), default=0, key=lambda b: -abs(low - before - b))
    wanted_end = max(high, start + length)
    ends = [b for b in (*breaks, len(text)) if b >= high]
    end = min(ends, key=lambda b: abs(wanted_end - b))
    return _part(example, start, end)


def _part(example: Example, start: int, end: int) -> Example:
    part = example.passage[start:end]
    lead = len(part) - len(part.lstrip())
    stripped = part.strip()
    shift = start + lead
    spans = tuple((s - shift, e - shift) for s, e in example.spans)
    if not stripped or any(not 0 <= s < e <= len(stripped) for s, e in spans):
        return example
    return replace(example, passage=stripped, spans=spans)


def join(example: Example, other: str, random_: random.Random) -> Example:
    """Return a short passage now and then with other sentences of the same sort before or after it."""
    if len(example.passage) >= _JOINED_BELOW or random_.random() >= _SHARE_JOINED:
        return example
    other = other[:400].rsplit(". ", 1)[0].strip().rstrip(".") + "."
    gap = random_.choice((" ", "\n"))
    if any(answer.casefold() in other.casefold() for answer in example.answers):
        return example
    if random_.random() < 0.5:
        return replace(example, passage=f"{example.passage}{gap}{other}")
    shift = len(other) + len(gap)
    spans = tuple((start + shift, end + shift) for start, end in example.spans)
    return replace(example, passage=f"{other}{gap}{example.passage}", spans=spans)
