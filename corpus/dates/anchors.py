"""Weekdays of an event that a text tells of later: "on Sunday night, the night before the break", a week after it.

The last Sunday before the article is then the wrong one. What the text dates itself, with month and day, tells which
Sunday it was; where it dates nothing, or several things that would do, the weekday is left alone.
"""

import re
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Literal

from corpus.dates.tense import PAST, sentence_before

Relation = Literal["before", "after", "of", "around", "perhaps"]
"""How a weekday stands to an event: told of as before, after or of it, in its days, or perhaps in its days."""

_ONE = timedelta(days=1)
_PART = r"(?:day|night|morning|afternoon|evening|weekend)"
_APPOSED = rf"(?i)[\s,(–—-]{{1,3}}(?:on )?the {_PART} (?P<how>before|after|of|when|that|the|it|he|she|they)\b"
_LED = rf"(?i)\bthe {_PART} (?P<how>before|after|of)\b[^.,;:]{{3,60}}, (?:on |late |early )?$"
_OF = r" of (?:the|a|an|her|his|its|their)\b"
_EVENT = rf"\b(?:on|until|by|during) the {_PART} (?:when |that )?(?:the|it|he|she|they|[A-Z]\w+)\b"
_HAD = r"\b(?:had|['’]d) (?:(?:not|never|already|also|just|only|long) )?(?:been )?(?P<verb>[a-z]+)\b"

_pattern = cache(re.compile)
"""Compiled when first looked for, so that importing costs nothing."""


def relation(text: str, start: int, end: int) -> Relation | None:
    """Return how the weekday at `text[start:end]` stands to an event that the text tells of, None where it does not.

    An apposition says so; or a past before the past ("the gate had been down"), in a text that speaks of "the night the
    levee broke".
    """
    if apposed := _pattern(_APPOSED).match(text, end):
        return _relation(apposed["how"])
    before = sentence_before(text, start)
    if before.endswith(" the ") and _pattern(_OF).match(text, end):
        return "of"
    if led := _pattern(_LED).search(before):
        return _relation(led["how"])
    if _is_before_past(before):
        return "around" if _speaks_of_an_event(text) else "perhaps"
    return None


def days_of_event(last: date, how: Relation, dated: Iterable[date]) -> set[date]:
    """Return the days of a weekday that fit the days a text names.

    last: the last day of this weekday up to the published one. dated: the days that the text names with month and day.
    """
    offsets = {"before": (-1,), "after": (1,), "of": (0,), "around": range(-3, 4), "perhaps": range(-1, 2)}[how]
    fitting = {day + offset * _ONE for day in dated for offset in offsets}
    return {day for day in fitting if day.weekday() == last.weekday() and day <= last}


@lru_cache(maxsize=4)
def _speaks_of_an_event(text: str) -> bool:
    return _pattern(_EVENT).search(text) is not None


def _relation(how: str) -> Relation:
    word = how.lower()
    return "before" if word == "before" else "after" if word == "after" else "of"


def _is_before_past(before: str) -> bool:
    """Return whether the last verb of a sentence's beginning is in the past perfect."""
    found = list(_pattern(_HAD).finditer(before))
    if not found:
        return False
    last = found[-1]
    if not (last["verb"].endswith(("ed", "en")) or last["verb"] in PAST or " been " in last[0]):
        return False
    return not any(word in PAST or word.endswith("ed") for word in re.findall(r"[a-z]+", before[last.end() :]))
