"""Forms that name a weekday or count days from the published one: "Monday", "late last Sunday", "today", "tomorrow"."""

import re
from datetime import date, timedelta
from functools import lru_cache

from corpus.dates.grammar import DASH, DAY, GAP, PART, TIME, WHICH, DateMatch, Form, FoundDays
from corpus.dates.vocabulary import (
    MONTH,
    WEEKDAY,
    counts_on,
    weekday_is_a_name,
    weekday_number,
    word_after,
    words_before,
)

_DAY = timedelta(days=1)
_BEFORE, _AFTER = 80, 20
"""Characters looked at before and after a weekday."""
# Plain strings: compiled at their first use, so that importing costs nothing.
_OF_A_MONTH = rf" (?:of (?!(?:last|this|next) )|(?:in|before) {MONTH})"
_IS_DONE = (
    r"\b(?:is|are) (?!pictured|photographed|shown)(?:[a-z]+ed|held|built|read|sung) "
    r"(?:[a-z]+ (?:the |a )?[A-Za-z]+ )?(?:on )?$"
)
_HAD = r"\bhad (?:been )?[a-z]+ (?:on )?$"
_EVENT = (
    r"\b(?:on|until|by|during) the (?:day|night|morning|afternoon|evening|weekend) "
    r"(?:when |that )?(?:the|it|he|she|they|[A-Z]\w+)\b"
)
_OFFSETS = {"the day before": -2, "yesterday": -1, "last": -1, "tomorrow": 1, "the day after": 2}
"""How many days after the published one an expression means, by its first words. All others mean the published day."""
_AFTER_NAME = ("show", "Show", "programme", "Programme", "week")


def _weekday(matched: DateMatch) -> FoundDays | None:
    """Resolve `Monday`, `late Sunday`, `Sunday night`, `last Friday`, `Monday (today)`, `Tuesday last week`.

    "last" is the last such day before the published one, "next" the one of the next week (Monday to Sunday), "this" the
    one of the published day's week. A span ("from Monday to Friday") starts before the day it ends.
    """
    match = matched.match
    which, week, note = (matched.group(name) for name in ("which", "week", "note"))
    if not (which or week or note) and weekday_is_a_name(matched.text, match.start("weekday"), match.end()):
        return None
    following = matched.text[match.end() : match.end() + _AFTER]
    if which in ("last", "next") and not week and re.match(_OF_A_MONTH, following):
        return matched.doubtful()
    weekday = weekday_number(match["weekday2"] or match["weekday"])
    if which or week or note:
        end = _end_by_words(matched, weekday, which, week, note)
    else:
        end = _end_by_sentence(matched, weekday)
    return matched.found((_first(match, end), end)) if end else matched.doubtful()


def _end_by_words(matched: DateMatch, weekday: int, which: str, week: str, note: str) -> date | None:
    """Return the day, or the end of the span, as the words beside it tell. None if that is in doubt."""
    published = matched.published
    if note:
        noted = published + {"yesterday": -1, "today": 0, "tomorrow": 1}[note] * _DAY
        return _last_such_day(noted + 3 * _DAY, weekday)  # the nearest one
    if week or which in ("next", "this"):
        monday = published - published.weekday() * _DAY
        return monday + ({"last": -7, "this": 0, "next": 7}[week or which] + weekday) * _DAY
    if which in ("last", "past", "this past"):
        return _last_such_day(published - _DAY, weekday)
    return _coming(matched, weekday)


def _end_by_sentence(matched: DateMatch, weekday: int) -> date | None:
    """Return the last such day, or the coming one if the sentence speaks of what will be. None if that is in doubt."""
    published = matched.published
    before = matched.text[max(0, matched.match.start() - _BEFORE) : matched.match.start()]
    future = matched.future(programmed=True)
    if future:
        return _coming(matched, weekday)
    if future is None and matched.match["weekday2"] and not before.endswith("from "):
        return None
    if published.weekday() != weekday and re.search(_IS_DONE, before):
        return None  # "is held on Monday": each week
    end = _last_such_day(published, weekday)
    if end < published and re.search(_HAD, before) and _speaks_of_an_event(matched.text):
        return None
    return end


def _coming(matched: DateMatch, weekday: int) -> date | None:
    """Return the first such day from the published one on. None for a span that has begun: it may be of each week."""
    end = _last_such_day(matched.published + 6 * _DAY, weekday)
    return None if matched.match["weekday2"] and _first(matched.match, end) < matched.published else end


def _last_such_day(day: date, weekday: int) -> date:
    """Return the last day that is a certain weekday, up to a day."""
    return day - (day.weekday() - weekday) % 7 * _DAY


def _first(match: re.Match[str], end: date) -> date:
    """Return the first day of a span of weekdays that ends on a day."""
    return _last_such_day(end, weekday_number(match["weekday"]))


@lru_cache(maxsize=4)
def _speaks_of_an_event(text: str) -> bool:
    """Tell whether a text speaks of "the night the levee broke": what "had been shut on Sunday" may be of its week."""
    return re.search(_EVENT, text) is not None


def _day_word(matched: DateMatch) -> FoundDays | None:
    """Resolve `today`, `tonight`, `yesterday morning`, `tomorrow`, `last night`, `this morning`."""
    text, start = matched.text, matched.match.start()
    words = " ".join(matched.match[0].split())
    lead = text[max(0, start - 2) : start].rstrip(" \t“\"‘'(—–-")
    if words[0].isupper() and lead[-1:] not in ("", "\n", ".", "!", "?", ":", "…"):
        return None  # a name: USA Today
    before, after = words_before(text, start)[1].lower(), word_after(text, matched.match.end())
    if counts_on(text, start) or (before in ("of", "than") and words.startswith("tomorrow")) or after in _AFTER_NAME:
        return None
    offset = next((days for opening, days in _OFFSETS.items() if words.lower().startswith(opening)), 0)
    day = matched.published + offset * _DAY
    return matched.found((day, day))


# "Monday, 6 March" is a date: another form has it.
_NO_DATE = rf"(?!,?{GAP}\(?(?:the{GAP})?(?:{MONTH}{GAP}{DAY}|{DAY}{GAP}(?:of{GAP})?{MONTH}))"
ON_WEEKDAY = Form(
    rf"(?:{PART}{GAP}(?:on{GAP})?)?(?:{WHICH}{GAP})?(?P<weekday>{WEEKDAY})(?:{GAP}{TIME}(?![A-Za-z]))?{_NO_DATE}"
    rf"(?:(?:{DASH}|{GAP}(?:to|through){GAP})(?P<weekday2>{WEEKDAY}))?(?:{GAP}\((?P<note>today|yesterday|tomorrow)\))?"
    rf"(?:{GAP}(?:of{GAP})?(?P<week>last|this|next){GAP}week(?![A-Za-z]))?",
    _weekday,
)
DAY_WORDS = Form(
    rf"(?:[Tt]he{GAP}day{GAP}(?:before{GAP}yesterday|after{GAP}tomorrow)|[Tt]oday|[Tt]onight"
    rf"|[Yy]esterday(?:{GAP}{TIME})?|[Tt]omorrow(?:{GAP}{TIME})?"
    rf"|[Ll]ast{GAP}night|[Tt]his{GAP}(?:morning|afternoon|evening))(?![A-Za-z])",
    _day_word,
)
