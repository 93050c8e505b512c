"""The grammar of day expressions: shared patterns, and the match of one form in a text."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import NamedTuple

from corpus.dates.tense import PAST, is_future, sentence_before
from corpus.dates.vocabulary import Span, part_of

_ONE = timedelta(days=1)
_PART = r"(?:day|night|morning|afternoon|evening|weekend)"
_SOFTLY = (
    r"(?:(?P<count>two|three|four|five|six|[2-6]) days|(?:[a-z]+ ){0,4}(?P<hours>hours|minutes)) "
    r"(?P<later>before|after)|the (?P<eve>eve) of"
)
_APPOSED = (
    rf"(?i)[\s,(–—-]{{1,3}}(?:on )?(?:the {_PART} (?P<how>before|after|of|when|that|the|it|he|she|they)|{_SOFTLY})\b"
)
_LED = rf"(?i)(?:\bthe {_PART} (?P<how>before|after|of)|(?:\b|^)(?:{_SOFTLY}))\b[^.,;:]{{3,60}}, (?:on |late |early )?$"
_OF = r" of (?:the|a|an|her|his|its|their)\b"
_EVENT = rf"\b(?:on|until|by|during) the {_PART} (?:when |that )?(?:the|it|he|she|they|[A-Z]\w+)\b"
_HAD = r"\b(?:had|['’]d) (?:(?:not|never|already|also|just|only|long) )?(?:been )?(?P<verb>[a-z]+)\b"
_HAD_AFTER = rf",? (?:he|she|it|they|we|I|the [a-z]+|[A-Z][a-z]+) {_HAD}"
_NUMBERS = ("two", "three", "four", "five", "six")

_pattern = cache(re.compile)
"""Patterns are compiled at their first use, so that importing costs nothing."""


class Event(NamedTuple):
    """How a weekday relates to an event of the text: it is so many days from it, if the text dates the event.

    offsets: the days it may be from the event, -1 for the day before. sure: the words say that it belongs to the event,
    so that without a date of that it is in doubt. Else the date has to stand shortly before it.
    """

    offsets: Sequence[int]
    sure: bool = True


_AROUND = Event(range(-3, 4))
_PERHAPS = Event((-1, 0, 1), sure=False)


def relation(text: str, start: int, end: int) -> Event | None:
    """Return the relation of the weekday at `text[start:end]` to an event of the text, None if there is none.

    Found by an apposition ("the night before the break", "hours before it broke"), or by the past perfect ("the gate
    had been down") in a text that speaks of "the night the levee broke".
    """
    if apposed := _pattern(_APPOSED).match(text, end):
        return _relation(apposed)
    before = sentence_before(text, start)
    if before.endswith(" the ") and _pattern(_OF).match(text, end):
        return Event((0,))
    if led := _pattern(_LED).search(before):
        return _relation(led)
    if _is_before_past(before) or _pattern(_HAD_AFTER).match(text, end):
        return _AROUND if _speaks_of_an_event(text) else _PERHAPS
    return None


def days_of_event(last: date, event: Event, dated: Iterable[date]) -> set[date]:
    """Return the days of a weekday that fit the days a text names.

    last: the last day of this weekday up to the published one. dated: the days that the text names with month and day.
    """
    fitting = {day + offset * _ONE for day in dated for offset in event.offsets}
    return {day for day in fitting if day.weekday() == last.weekday() and day <= last}


@lru_cache(maxsize=4)
def _speaks_of_an_event(text: str) -> bool:
    return _pattern(_EVENT).search(text) is not None


def _relation(match: re.Match[str]) -> Event:
    if match["eve"]:
        return Event((-1,), sure=False)
    sign = {"before": -1, "after": 1}.get((match["how"] or match["later"]).lower(), 0)
    if match["how"]:
        return Event((sign,))
    if match["hours"]:
        return Event((0, sign), sure=False)
    count = match["count"].lower()
    return Event((sign * (int(count) if count.isdigit() else 2 + _NUMBERS.index(count)),), sure=False)


def _is_before_past(before: str) -> bool:
    """Tell whether the last verb of a sentence's beginning is in the past perfect."""
    found = list(_pattern(_HAD).finditer(before))
    if not found:
        return False
    last = found[-1]
    if not (last["verb"].endswith(("ed", "en")) or last["verb"] in PAST or " been " in last[0]):
        return False
    return not any(word in PAST or word.endswith("ed") for word in re.findall(r"[a-z]+", before[last.end() :]))


GAP = r"[ \t\u00a0\u2009\u202f]{1,3}"
GAP0 = r"[ \t\u00a0\u2009\u202f]{0,3}"
DASH = r"[-–—‒]"
DAY = r"(?:3[01]|[12][0-9]|0?[1-9])(?:st|nd|rd|th)?(?![0-9A-Za-z:%]|[.,][0-9])"
YEAR = r"(?:1[5-9]|20)[0-9]{2}(?![0-9A-Za-z%]|[.,][0-9])"
STOP = r"(?![0-9A-Za-z])"
WHEN = (
    rf"(?:(?:,?{GAP}(?:of{GAP})?)(?P<year>{YEAR})"
    rf"|,?{GAP}(?:of{GAP})?(?P<rel>[Tt]his|[Ll]ast|[Nn]ext){GAP}year(?![A-Za-z]))"
)
"""A year after what it is the year of: ` 2023`, `, 2023`, ` of 2023`, ` of last year`."""
PART = r"(?:[Ee]arly|[Ll]ate|[Mm]id)"
TIME = r"(?:night|morning|afternoon|evening|noon|midnight|lunchtime)"

_PAST_LEAD = re.compile(r"\b(?:since|after)(?: the)? $")
_FUTURE_LEAD = re.compile(r"\b(?:until|till|(?<!from )through|ahead of)(?: the| at least)? $")


@dataclass(frozen=True, slots=True)
class FoundDays:
    """The days of a day expression. end: the end of its words in the text. span: None where the days are in doubt.

    event: how the days relate to an event in the text, if they are days of its week.
    """

    end: int
    span: Span | None
    event: Event | None = None


@dataclass(frozen=True, slots=True)
class DateMatch:
    """A match of one form, with the text around it and the article's day of publication."""

    text: str
    match: re.Match[str]
    published: date

    def group(self, name: str) -> str:
        """Return a named group of the match in lower case with single spaces, "" if it did not match."""
        return " ".join((self.match[name] or "").lower().split())

    def year(self) -> int | None:
        """Return the year in the expression ("2023", "last year"), None if it names none."""
        if self.match["year"]:
            return int(self.match["year"])
        step = {"last": -1, "this": 0, "next": 1}
        return self.published.year + step[self.group("rel")] if self.match["rel"] else None

    def found(self, span: Span | None) -> FoundDays | None:
        """Return these days with the end of the whole match."""
        return span and FoundDays(self.match.end(), span)

    def in_part(self, span: Span) -> FoundDays | None:
        """Return the part of these days that is named: early, mid, late, or up to the published day, or from it."""
        part = self.group("part")
        if part not in ("earlier", "later"):
            return self.found(part_of(span, part) if part else span)
        earlier = part == "earlier"
        cut = (span[0], min(span[1], self.published)) if earlier else (max(span[0], self.published), span[1])
        return self.found(cut) if cut[0] <= cut[1] else None

    def doubtful(self) -> FoundDays:
        """Return that the words name days, but not for certain which."""
        return FoundDays(self.match.end(), None)

    def future(self, *, programmed: bool = False) -> bool | None:
        """Whether the sentence speaks of what is to come; None when it does not tell. programmed: see `is_future`."""
        lead = self.text[max(0, self.match.start() - 18) : self.match.start()].lower()
        if _PAST_LEAD.search(lead):
            return False
        if _FUTURE_LEAD.search(lead):
            return True
        return is_future(self.text, self.match.start(), self.match.end(), programmed=programmed)


class Form(NamedTuple):
    """A form's words, a regular expression, and what gives its days: None where the words are something else."""

    words: str
    resolve: Callable[[DateMatch], FoundDays | None]


def nearest(candidates: Sequence[Span], published: date, future: bool | None) -> Span:
    """Return the span meant: the last one begun, or the first one not over, or when nothing tells the nearest.

    candidates: at least one, in order.
    """
    begun = [span for span in candidates if span[0] <= published]
    ahead = [span for span in candidates if span[1] >= published]
    if future is None:
        return min(candidates, key=lambda span: max((span[0] - published).days, (published - span[1]).days, 0))
    if future:
        return ahead[0] if ahead else candidates[-1]
    return begun[-1] if begun else candidates[0]
