"""Reading a model's reply: the quotes that it names, how they stand to each other, and how sure its choice is.

How sure it is comes from the probabilities of the tokens it chose by, never from what it says. A model copies words
nearly without doubt once it has begun. Its doubt is in which sentence it names and how the words begin.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Literal, get_args

from qa.reader.calibration import log_odds, logistic
from qa.reader.llm.chat import Reply

Relation = Literal["same", "several", "rivals", "none"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
MOST_QUOTES = 12
_MOST_TRIES = 200  # braces at which an object may begin; each costs a look at all that follows
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_DECODER = json.JSONDecoder()
_NAMED = re.compile(r'"sentence"\s*:\s*"?\[?(\d+)|"words"\s*:\s*"((?:[^"\\]|\\.)*)"')
_FAR = 12.0  # beyond it, no score says more


@dataclass(frozen=True, slots=True)
class Quote:
    """Words that a model says stand in sentence number `sentence`; "" for the whole sentence.

    start and end: the characters of the reply that name them.
    """

    sentence: int
    words: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Choice:
    """What a model chose: quotes, the best first, and how they stand to each other."""

    quotes: tuple[Quote, ...]
    relation: Relation


def parse_reply(text: str) -> Choice | None:
    """Return what a reply chooses, whatever stands around the object; None where it is not of the form asked for."""
    hidden = _without_thoughts(text)
    for at, value, end in _objects(hidden):
        if not isinstance(value.get("quotes"), list):
            continue
        quotes = tuple(_quotes(hidden, at, end))
        if len(quotes) < min(len(value["quotes"]), MOST_QUOTES):
            return None  # one of them names no sentence, or no words
        relation: Any = value.get("relation")
        if relation not in RELATIONS:
            relation = "same"
        return Choice(quotes[:MOST_QUOTES], relation if quotes else "none")
    return None


def quotes_so_far(text: str) -> list[Quote]:
    """Return the quotes that are whole in the beginning of a reply."""
    hidden = _without_thoughts(text)
    return list(_quotes(hidden, 0, len(hidden)))[:MOST_QUOTES]


def _without_thoughts(text: str) -> str:
    """Return the reply with what the model thought aloud blanked, so that places in it stay the same."""
    return _THOUGHT.sub(lambda match: " " * len(match.group()), text)


def _quotes(text: str, start: int, end: int) -> Iterator[Quote]:
    for at, value, stop in _objects(text, start, end):
        sentence, words = value.get("sentence"), value.get("words")
        if isinstance(sentence, str) and sentence.strip(" []").isdecimal():
            sentence = int(sentence.strip(" []")[:9])
        if isinstance(sentence, int) and not isinstance(sentence, bool) and isinstance(words, str):
            yield Quote(sentence, words, at, stop)


def _objects(text: str, start: int = 0, end: int | None = None) -> Iterator[tuple[int, dict[str, Any], int]]:
    """Yield every JSON object in a text, also those inside others, with the characters it takes up."""
    end = len(text) if end is None else end
    at = text.find("{", start, end)
    for _ in range(_MOST_TRIES):
        if at < 0:
            return
        try:
            value, stop = _DECODER.raw_decode(text, at)
        except (ValueError, RecursionError):
            pass
        else:
            if isinstance(value, dict):
                yield at, value, stop
        at = text.find("{", at + 1, end)


WEIGHTS = (2.64, 0.78, 1.08)
"""Of a logistic regression: intercept, the choice's log-probability, the log-odds of the built-in reader's score.

Fitted on 74 replies of a model of 1.5 billion parameters; docs/llm.md tells how well.
"""
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


def confidence(choice: float | None, checked: float) -> float:
    """Return the probability that the words answer, in [0, 1].

    choice: the log-probability of the model's choice; where there is none it is the built-in reader's score alone.
    checked: the built-in reader's probability that the same words answer.
    """
    if choice is None:
        return checked
    return logistic(WEIGHTS, (choice, max(-_FAR, min(_FAR, log_odds(checked)))))
