"""The days that an article's words stand for: "on Sunday", "last week", "March 6", seen from the published day."""

import re
from dataclasses import dataclass
from datetime import date
from functools import cache
from itertools import pairwise

from corpus.dates.grammar import DateMatch, Form, FoundDays
from corpus.dates.relative import AGO, DAY_WORDS, ON_WEEKDAY, SEASON_YEAR, SEVERAL, THE_WEEKEND, UNIT
from corpus.dates.vocabulary import BELOW_TWENTY, MONTHS, SEASON, TENS, WEEKDAYS
from corpus.dates.with_month import DAY_MONTH, DECADE, ISO, MONTH_DAY, MONTH_YEAR, QUARTER, YEARS

_NUMBERS = "|".join(f"[{word[0].upper()}{word[0]}]{word[1:]}" for word in (*BELOW_TWENTY, *TENS))
# What can start an expression, by its first word, and the forms to try there, in order.
_STARTS: dict[str, tuple[Form, ...]] = {
    r"['’‘]?[0-9]{1,4}": (ISO, DAY_MONTH, AGO, DECADE, YEARS),
    "|".join(day[:3].title() for day in WEEKDAYS): (MONTH_DAY, DAY_MONTH, ON_WEEKDAY),
    "|".join(month[:3].title() for month in MONTHS): (MONTH_DAY, MONTH_YEAR),
    rf"{SEASON}(?![A-Za-z])": (SEASON_YEAR,),
    r"[Tt]oday|[Tt]onight|[Yy]esterday|[Tt]omorrow": (DAY_WORDS,),
    r"(?:[Ll]ast|[Tt]his|[Nn]ext|[Pp]ast|[Cc]oming|[Ee]arlier|[Ll]ater|[Ee]arly|[Ll]ate|[Mm]id)(?![A-Za-z])": (
        SEVERAL, DAY_WORDS, UNIT, ON_WEEKDAY, MONTH_YEAR, DECADE, YEARS,
    ),
    r"(?:[Ff]irst|[Ss]econd|[Tt]hird|[Ff]ourth|Q[1-4])(?![A-Za-z])": (QUARTER,),
    rf"(?:[Aa]n?|[Tt]he(?=\W{{1,3}}(?:weekend|day))|[Cc]ouple|{_NUMBERS})(?![A-Za-z])": (
        AGO, THE_WEEKEND, DAY_WORDS,
    ),
}  # fmt: skip
_START = re.compile(r"(?<![\w$£€#.@/&])(?:" + "|".join(f"({words})" for words in _STARTS) + ")")
_FORMS = tuple(_STARTS.values())

_compiled = cache(re.compile)
"""Compiled when first tried, so that importing costs nothing."""
_AND = r",? (?:and|before|then) (?:[a-z]+ ){0,4}"
_WEEKDAY_NAMES = frozenset(day.title() for day in WEEKDAYS)
_SHOUTED = re.compile("|".join([*WEEKDAYS, *MONTHS]).upper())
# For questions, which may have weekdays and months in small letters. "may" and "march" are also verbs.
_IN_LOWER_CASE = re.compile(r"\b(?:" + "|".join([*WEEKDAYS, *MONTHS]) + r")\b")
_BEFORE_MONTH = re.compile(
    r"(?:\b(?:in|on|of|by|since|until|during|from|early|late|mid|last|next|this|[0-9]{1,2}(?:st|nd|rd|th)?)[ -])$"
)
_FULL_YEAR = re.compile(r"\b(?:1[5-9]|20)[0-9]{2}\b")


@dataclass(frozen=True, slots=True)
class DayExpression:
    """Words for a day or a span of days: `text == article.text[start:end]`, first and last day inclusive."""

    text: str
    start: int
    end: int
    first: date
    last: date


def resolve_days(text: str, published: date | None, *, start: int = 0, end: int | None = None) -> list[DayExpression]:
    """Return every day expression within `text[start:end]`, in order, with the days it stands for.

    Without a published day nothing is resolved. The words around an expression, also outside the range, tell whether a
    bare weekday or month is past or to come. What stands for more than a century is left alone.
    """
    if published is None:
        return []
    stop = len(text) if end is None else min(end, len(text))
    plain = _SHOUTED.sub(lambda match: match[0].title(), text)
    found: list[DayExpression] = []
    position = start
    while match := _START.search(plain, position, stop):
        hit = _read(plain, match, published)
        if hit is None or hit.end > stop:
            position = match.end()
            continue
        position = hit.end
        if hit.span is not None:
            found.append(DayExpression(text[match.start() : hit.end], match.start(), hit.end, *hit.span))
    return _in_order(text, found)


def _in_order(text: str, found: list[DayExpression]) -> list[DayExpression]:
    """Return the days without pairs of weekdays that the text gives in the wrong order.

    Of "docked on Monday and sailed on Thursday", written on a Wednesday, one is another week's, and which is in doubt.
    """
    crossed = {
        day
        for a, b in pairwise(found)
        if b.first < a.first and a.text in _WEEKDAY_NAMES and b.text in _WEEKDAY_NAMES
        if re.fullmatch(_AND, text[a.end : b.start])
        for day in (a, b)
    }
    return [day for day in found if day not in crossed]


def _read(text: str, start: re.Match[str], published: date) -> FoundDays | None:
    """Return what the first form that fits stands for."""
    for words, resolve in _FORMS[(start.lastindex or 0) - 1]:
        match = _compiled(words).match(text, start.start())
        if match is None:
            continue
        try:
            found = resolve(DateMatch(text, match, published))
        except (ValueError, OverflowError):  # a day that no calendar has: 31 June, or one before year 1
            continue
        if found is not None:
            return found
    return None


def days_in_question(question: str, *, today: date | None) -> list[DayExpression]:
    """Return the days that a question names; weekdays and months may be written small.

    today: what "yesterday", "on Sunday" or "6 March" count from: the present day, or the day of the newest article. A
    month or a day without its year is then the last one, in a question about what will be the next one. Without it
    only what has a year of its own is resolved.
    """
    named = _IN_LOWER_CASE.sub(lambda m: _capital(question, m), question)
    found = [
        DayExpression(question[d.start : d.end], d.start, d.end, d.first, d.last)
        for d in resolve_days(named, today or date(2000, 6, 15))
    ]
    return found if today else [d for d in found if _FULL_YEAR.search(d.text)]


def _capital(question: str, match: re.Match[str]) -> str:
    name, before = match[0], question[max(0, match.start() - 12) : match.start()].lower()
    following = question[match.end() : match.end() + 3]
    if name in ("may", "march") and not _BEFORE_MONTH.search(before) and not re.match(r" [0-9]", following):
        return name
    return name.title()
