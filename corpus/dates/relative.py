"""Forms that count from the published day: "Monday", "yesterday", "last week", "two days ago", "last summer"."""

import re
from datetime import date, timedelta

from corpus.dates.grammar import DASH, DAY, GAP, PART, STOP, TIME, WHICH, YEAR, DateMatch, Form, FoundDays
from corpus.dates.vocabulary import (
    COUNTS,
    MONTH,
    SEASON,
    SEASONS,
    WEEKDAY,
    Span,
    counts_on,
    quarter_span,
    season_span,
    shift,
    unit_span,
    weekday_is_a_name,
    weekday_number,
    word_after,
    words_before,
    years_around,
)

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_BEFORE, _AFTER = 80, 20
"""Characters looked at before and after a weekday."""
_NEAR = 4_000
"""Characters before a weekday in which an event may be named."""
# Plain strings: compiled at their first use, so that importing costs nothing.
_OF_A_MONTH = rf" (?:of |(?:in|before) {MONTH})"
_OF_ANOTHER_WEEK = r" (?:of )?(?:last|next) week"
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
_COUNT = rf"(?:[0-9]{{1,3}}|{'|'.join(sorted(COUNTS, key=len, reverse=True)).replace(' ', GAP)})"
_UNITS = r"(?:day|week|month|year|decade)s?"
_VAGUE = re.compile(r"(?:(?:more|less|fewer) than|over|under|least|most|up to) $", re.IGNORECASE)


def _weekday(matched: DateMatch) -> FoundDays | None:
    """Resolve `Monday`, `late Sunday`, `Sunday night`, `last Friday`, `Monday (today)`, `Monday to Friday`.

    "last" is the last such day before the published one, "next" the one of the next week (Monday to Sunday), "this" the
    one of the published day's week. A span ("from Monday to Friday") starts before the day it ends.
    """
    match = matched.match
    which, note = matched.group("which"), matched.group("note")
    if not (which or note) and weekday_is_a_name(matched.text, match.start("weekday"), match.end()):
        return None
    weekday = weekday_number(match["weekday2"] or match["weekday"])
    following = matched.text[match.end() : match.end() + _AFTER]
    if re.match(_OF_ANOTHER_WEEK, following) or (which in ("last", "next") and re.match(_OF_A_MONTH, following)):
        end = None
    elif which or note:
        end = _end_by_words(matched, weekday, which, note)
    else:
        end = _end_by_sentence(matched, weekday)
    return FoundDays(match.end(), (_first(match, end), end) if end else None)


def _end_by_words(matched: DateMatch, weekday: int, which: str, note: str) -> date | None:
    """Return the day, or the end of the span, as the words beside it tell. None if that is in doubt."""
    published = matched.published
    if note:
        noted = published + {"yesterday": -1, "today": 0, "tomorrow": 1}[note] * _DAY
        return _last_such_day(noted + 3 * _DAY, weekday)  # the nearest one
    if which in ("next", "this"):
        return published + ({"this": 0, "next": 7}[which] + weekday - published.weekday()) * _DAY
    if which in ("last", "past", "this past"):
        return _last_such_day(published - _DAY, weekday)
    return _coming(matched, weekday)


def _end_by_sentence(matched: DateMatch, weekday: int) -> date | None:
    """Return the last such day, or the coming one if the sentence speaks of what will be. None if that is in doubt."""
    published, start = matched.published, matched.match.start()
    before = matched.text[max(0, start - _BEFORE) : start]
    future = matched.future(programmed=True)
    if future:
        return _coming(matched, weekday)
    if future is None and matched.match["weekday2"] and not before.endswith("from "):
        return None
    if published.weekday() != weekday and re.search(_IS_DONE, before):
        return None  # "is held on Monday": each week
    end = _last_such_day(published, weekday)
    if end < published and re.search(_HAD, before) and re.search(_EVENT, matched.text[max(0, start - _NEAR) : start]):
        return None  # what "had been shut on Sunday" may be of the week of "the night the levee broke"
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


def _unit(matched: DateMatch) -> FoundDays | None:
    """Resolve `last week`, `earlier this month`, `late next year`, `this quarter`, `last summer`, `this weekend`."""
    published = matched.published
    unit, which = matched.group("unit"), matched.group("which")
    step = {"last": -1, "next": 1}.get(which, 0)
    # "the last week" is the seven days up to now, "last week" is not.
    by_days = words_before(matched.text, matched.match.start())[1].lower() == "the" and not matched.match["part"]
    if which in ("past", "coming") or (step and by_days):
        has_length = unit in ("week", "month", "year", "decade")
        return _rolling(matched, 1, unit, back=which in ("past", "last")) if has_length else None
    if unit == "weekend":
        span = _weekend(matched, which)
    elif unit == "quarter":
        span = quarter_span(published.year, (published.month + 2) // 3 + step)
    elif unit in SEASONS:
        span = _season(matched, unit, which)
    else:
        span = unit_span(shift(published, step, unit), unit)
    return matched.in_part(span)


def _rolling(matched: DateMatch, count: int, unit: str, *, back: bool) -> FoundDays | None:
    """Return so many units up to the published day, or from it on; "the last week of the campaign" is neither."""
    if word_after(matched.text, matched.match.end()) in ("of", "before"):
        return None
    other = shift(matched.published, -count if back else count, unit)
    return matched.found((min(other, matched.published), max(other, matched.published)))


def _season(matched: DateMatch, season: str, which: str) -> Span:
    published = matched.published
    spans = [season_span(year, season) for year in years_around(published, 2) if year < 9999]  # whose winter ends
    if which in ("last", "this past"):
        return [span for span in spans if span[1] < published][-1]
    if which == "next":
        return next(span for span in spans if span[0] > published)
    around = [span for span in spans if span[0] <= published <= span[1]]
    return around[0] if around else next(span for span in spans if span[0].year == published.year)


def _weekend(matched: DateMatch, which: str) -> Span:
    """Return the weekend meant: "next" is five days off or more; the sentence tells for "this" and "the"."""
    first, last = unit_span(matched.published, "weekend")
    weeks = 0
    if which == "next":
        weeks = int((first - matched.published).days < 5)
    elif which in ("last", "this past"):
        weeks = -1
    elif matched.published < first and which != "this coming":
        future = matched.future()
        weeks = 0 if future or (future is None and which == "this") else -1
    return first + weeks * _WEEK, last + weeks * _WEEK


def _the_weekend(matched: DateMatch) -> FoundDays:
    return matched.found(_weekend(matched, "the"))


def _several(matched: DateMatch) -> FoundDays | None:
    """Resolve `past three days`, `last 24 hours`, `next two weeks`; the published day is one end."""
    count, unit, which = _count(matched.match["count"]), matched.group("unit").rstrip("s"), matched.group("which")
    if unit == "hour":
        if count % 24:
            return None
        count, unit = count // 24, "day"
    return _rolling(matched, count, unit, back=which not in ("next", "coming"))


def _ago(matched: DateMatch) -> FoundDays | None:
    """Resolve `two days ago` to the day and `three weeks ago`, `a year ago` to the calendar week, month or year."""
    if _VAGUE.search(matched.text[max(0, matched.match.start() - 12) : matched.match.start()]):
        return None
    unit = matched.group("unit").rstrip("s")
    return matched.found(unit_span(shift(matched.published, -_count(matched.match["count"]), unit), unit))


def _count(words: str) -> int:
    return int(words) if words.isdigit() else COUNTS[" ".join(words.lower().split())]


def _season_year(matched: DateMatch) -> FoundDays | None:
    """Resolve `spring of 2021`, `summer 2022`, `autumn of last year`."""
    year = matched.year()
    return matched.found(season_span(year, matched.group("season"))) if year else None


# "Monday, 6 March" is a date: another form has it.
_NO_DATE = rf"(?!,?{GAP}\(?(?:the{GAP})?(?:{MONTH}{GAP}{DAY}|{DAY}{GAP}(?:of{GAP})?{MONTH}))"
ON_WEEKDAY = Form(
    rf"(?:{PART}{GAP}(?:on{GAP})?)?(?:{WHICH}{GAP})?(?P<weekday>{WEEKDAY})(?:{GAP}{TIME}(?![A-Za-z]))?{_NO_DATE}"
    rf"(?:(?:{DASH}|{GAP}(?:to|through){GAP})(?P<weekday2>{WEEKDAY}))?(?:{GAP}\((?P<note>today|yesterday|tomorrow)\))?",
    _weekday,
)
DAY_WORDS = Form(
    rf"(?:[Tt]he{GAP}day{GAP}(?:before{GAP}yesterday|after{GAP}tomorrow)|[Tt]oday|[Tt]onight"
    rf"|[Yy]esterday(?:{GAP}{TIME})?|[Tt]omorrow(?:{GAP}{TIME})?"
    rf"|[Ll]ast{GAP}night|[Tt]his{GAP}(?:morning|afternoon|evening))(?![A-Za-z])",
    _day_word,
)
UNIT = Form(
    rf"(?:(?P<part>{PART}|[Ee]arlier|[Ll]ater)(?:{GAP}|-))?{WHICH}{GAP}"
    rf"(?P<unit>week|weekend|month|quarter|year|decade|{SEASON}){STOP}",
    _unit,
)
THE_WEEKEND = Form(rf"[Tt]he{GAP}weekend(?!{GAP}(?:before|after)){STOP}", _the_weekend)
SEVERAL = Form(
    rf"(?P<which>[Pp]ast|[Ll]ast|[Nn]ext|[Cc]oming){GAP}(?P<count>{_COUNT}){GAP}(?P<unit>{_UNITS}|hours){STOP}",
    _several,
)
AGO = Form(rf"(?i:(?P<count>{_COUNT}){GAP}(?P<unit>{_UNITS}){GAP}ago){STOP}", _ago)
SEASON_YEAR = Form(
    rf"(?P<season>{SEASON}){GAP}(?:of{GAP})?(?:(?P<year>{YEAR})|(?P<rel>this|last|next){GAP}year{STOP})", _season_year
)
