"""How sure a language model's choice is: from the probabilities of the tokens it chose by, never from what it says.

A model copies words nearly without doubt once it has begun. Its doubt is in which sentence it names and how the words
begin, so what counts is the probability of the whole choice: number and words together.
Cox, The Regression Analysis of Binary Sequences, 1958.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate

from qa.reader.llm.chat import Reply
from qa.reader.llm.reply import Quote

_NAMED = re.compile(r'"sentence"\s*:\s*"?\[?(\d+)|"words"\s*:\s*"((?:[^"\\]|\\.)*)"')
_FAR = 12.0  # beyond it, no score says more


@dataclass(frozen=True, slots=True)
class Weights:
    """Of a logistic regression: of the choice's log-probability, and of the log-odds of the built-in reader's score."""

    intercept: float
    choice: float
    checked: float


WEIGHTS = Weights(0.5, 0.25, 0.5)
ANSWERED_FROM, UNSURE_FROM = 0.5, 0.15
"""The confidence of the best words from which a question is answered, and from which they are shown as unsure."""


def choice_log_probabilities(reply: Reply, quotes: Sequence[Quote]) -> list[float] | None:
    """Return the log-probability with which each quote was chosen; None where the server gives none for this reply."""
    written = reply.text.encode()
    if not reply.tokens or not b"".join(token.data for token in reply.tokens).startswith(written):
        return None
    ends = list(accumulate(len(token.data) for token in reply.tokens))
    starts = [0, *ends[:-1]]
    found: list[float] = []
    for quote in quotes:
        places = [match.span(match.lastindex or 0) for match in _NAMED.finditer(reply.text, quote.start, quote.end)]
        spans = [(len(reply.text[:start].encode()), len(reply.text[:end].encode())) for start, end in places]
        named = [
            token.log_probability
            for token, start, end in zip(reply.tokens, starts, ends, strict=True)
            if any(start < last and first < end for first, last in spans)
        ]
        found.append(max(-_FAR, sum(named)))
    return found


def confidence(choice: float | None, checked: float, weights: Weights = WEIGHTS) -> float:
    """Return the probability that the words answer, in [0, 1].

    choice: the log-probability of the model's choice; where there is none it is the built-in reader's score alone.
    checked: the built-in reader's probability that the same words answer.
    """
    if choice is None:
        return checked
    odds = math.log(max(checked, 1e-6) / max(1.0 - checked, 1e-6))
    total = weights.intercept + weights.choice * choice + weights.checked * max(-_FAR, min(_FAR, odds))
    return 1.0 / (1.0 + math.exp(-total))
