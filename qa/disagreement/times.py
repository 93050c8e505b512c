"""Times of day in an answer: "2:40 a.m.", "half past nine", "noon"; in minutes after midnight."""

import re

from qa.question.numbers import number_at

_HEDGED = re.compile(r"(?i)\b(?:about|around|shortly|just|nearly|almost|roughly|before|after|by)\b")
_DIGITS = re.compile(
    r"(?i)\b(?P<hour>[01]?\d|2[0-3])(?:[:.](?P<minute>[0-5]\d))?\s*(?P<half>[ap]\.?\s?m\b\.?|o[’']clock)?"
)
_PAST = re.compile(
    r"(?i)\b(?:(?P<part>half|a quarter|quarter|[a-z]+)(?: minutes)? (?P<way>past|to) )?"
    r"(?P<hour>one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b(?P<clock> o[’']clock)?"
)
_HALF_DAY = 720
_LOOSE = 30


def times_of_day(text: str) -> tuple[int, int] | None:
    """Return the earliest and latest minute that a text's time may mean, None if it has none."""
    found = _minutes(text)
    if found is None:
        return None
    loose = _LOOSE if _HEDGED.search(text) else 0
    return found - loose, found + loose


def times_differ(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether two times differ, if neither need tell which half of the day it means."""
    return all(one[1] + shift < other[0] or other[1] < one[0] + shift for shift in (-_HALF_DAY, 0, _HALF_DAY))


def _minutes(text: str) -> int | None:
    if re.search(r"(?i)\b(?:noon|midday|midnight)\b", text):
        return 0
    digits = _DIGITS.search(text)
    if digits and (digits["minute"] or digits["half"]):
        return int(digits["hour"]) % 12 * 60 + int(digits["minute"] or 0)
    words = _PAST.search(text)
    if words is None or not (words["part"] or words["clock"]):
        return None
    hour, part = number_at([words["hour"].casefold()], 0)[0] or 0, (words["part"] or "").casefold()
    minutes = 30 if part == "half" else 15 if "quarter" in part else number_at([part], 0)[0] if part else 0
    if minutes is None:
        return None
    signed = -minutes if (words["way"] or "").casefold() == "to" else minutes
    return int(hour * 60 + signed) % _HALF_DAY
