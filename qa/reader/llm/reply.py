"""Reading a model's reply: the quotes that it names, and how they stand to each other. Nothing else of it is kept."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal, get_args

Relation = Literal["same", "several", "rivals", "none"]
RELATIONS: tuple[Relation, ...] = get_args(Relation)
MOST_QUOTES = 12
_MOST_TRIES = 200  # braces at which an object may begin; each costs a look at all that follows
_THOUGHT = re.compile(r"<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)
_DECODER = json.JSONDecoder()


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
