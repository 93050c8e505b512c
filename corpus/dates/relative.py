"""Forms that count weeks, months, seasons and years from the published day: "last week", "two days ago"."""

import re
from datetime import date, timedelta
from functools import lru_cache

from corpus.dates.grammar import DASH, DAY, GAP, PART, TIME, YEAR, DateMatch, Form, FoundDays
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
)

_COUNT = rf"(?:[0-9]{{1,3}}|{'|'.join(sorted(COUNTS, key=len, reverse=True)).replace(' ', GAP)})"
_UNITS = r"(?:day|week|month|year|decade)s?"
_VAGUE = re.compile(r"(?:(?:more|less|fewer) than|over|under|least|most|up to) $", re.IGNORECASE)
_WEEK = timedelta(days=7)


def _count(words: str) -> int:
    return int(words) if words.isdigit() else COUNTS[" ".join(words.lower().split())]


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
    spans = [season_span(year, season) for year in range(max(1, published.year - 2), min(9998, published.year + 2) + 1)]
    if which in ("last", "this past"):
        return [span for span in spans if span[1] < published][-1]
    if which == "next":
        return next(span for span in spans if span[0] > published)
    around = [span for span in spans if span[0] <= published <= span[1]]
    return around[0] if around else next(span for span in spans if span[0].year == published.year)


def _weekend(matched: DateMatch, which: str) -> Span:
    """Return the weekend meant: "next" is five days off or more; the sentence tells for "this" and "the"."""
    own = unit_span(matched.published, "weekend")
    last, coming = (own[0] - _WEEK, own[1] - _WEEK), (own[0] + _WEEK, own[1] + _WEEK)
    if which == "next":
        return own if (own[0] - matched.published).days >= 5 else coming
    if which in ("last", "this past"):
        return last
    future = matched.future()
    if matched.published.weekday() >= 5 or which == "this coming":
        return own
    return own if future or (future is None and which == "this") else last


def _the_weekend(matched: DateMatch) -> FoundDays | None:
    """Resolve `the weekend`, as in "over the weekend"; not "the weekend before"."""
    after = word_after(matched.text, matched.match.end())
    if after in ("before", "after", "when", "edition", "following"):
        return None
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
    day = shift(matched.published, _count(matched.match["count"]) * (-1 if matched.group("way") == "ago" else 1), unit)
    return matched.found(unit_span(day, unit))


def _season_year(matched: DateMatch) -> FoundDays | None:
    """Resolve `spring of 2021`, `summer 2022`, `autumn of last year`."""
    year = matched.year()
    return matched.found(season_span(year, matched.group("season"))) if year else None


_END = r"(?![0-9A-Za-z])"
_WHICH = rf"(?P<which>[Tt]his{GAP}past|[Tt]his{GAP}coming|[Tt]his|[Ll]ast|[Nn]ext|[Pp]ast|[Cc]oming)"
UNIT = Form(
    rf"(?:(?P<part>{PART}|[Ee]arlier|[Ll]ater)(?:{GAP}|-))?{_WHICH}{GAP}"
    rf"(?P<unit>week|weekend|month|quarter|year|decade|{SEASON}){_END}",
    _unit,
)
THE_WEEKEND = Form(rf"[Tt]he{GAP}weekend{_END}", _the_weekend)
SEVERAL = Form(
    rf"(?P<which>[Pp]ast|[Ll]ast|[Nn]ext|[Cc]oming){GAP}(?P<count>{_COUNT}){GAP}(?P<unit>{_UNITS}|hours){_END}",
    _several,
)
AGO = Form(rf"(?i:(?P<count>{_COUNT}){GAP}(?P<unit>{_UNITS}){GAP}(?P<way>ago|from{GAP}now)){_END}", _ago)
SEASON_YEAR = Form(
    rf"(?P<season>{SEASON}){GAP}(?:of{GAP})?(?:(?P<year>{YEAR})|(?P<rel>this|last|next){GAP}year{_END})", _season_year
)


_ONE = timedelta(days=1)
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


@lru_cache(maxsize=4)
def _speaks_of_an_event(text: str) -> bool:
    """Tell whether a text speaks of "the night the levee broke": what "had been shut on Sunday" may be of its week."""
    return re.search(_EVENT, text) is not None


def _weekday(matched: DateMatch) -> FoundDays | None:
    """Resolve `Monday`, `late Sunday`, `Sunday night`, `last Friday`, `Monday (today)`, `Tuesday last week`.

    "last" is the last such day before the published one, "next" the one of the next week (Monday to Sunday), "this" the
    one of the published day's week. A span ("from Monday to Friday") starts before the day it ends.
    """
    match, published = matched.match, matched.published
    which, week, note = matched.group("which"), matched.group("week"), matched.group("note")
    lead, following = matched.text[max(0, match.start() - 80) : match.start()], matched.text[match.end() :][:20]
    if not (which or week or note) and weekday_is_a_name(matched.text, match.start("weekday"), match.end()):
        return None
    number = weekday_number(match["weekday2"] or match["weekday"])
    monday = published - published.weekday() * _ONE
    if not week and which in ("last", "next") and re.match(_OF_A_MONTH, following):
        return matched.doubtful()
    if note:
        told = published + {"yesterday": -1, "today": 0, "tomorrow": 1}[note] * _ONE
        last = told if told.weekday() == number else told + ((number - told.weekday() + 3) % 7 - 3) * _ONE
    elif week or which in ("next", "this"):
        last = monday + {"last": -7, "this": 0, "next": 7}[week or which] * _ONE + number * _ONE
    elif which in ("last", "past", "this past"):
        last = published - ((published.weekday() - number - 1) % 7 + 1) * _ONE
    elif which or (future := matched.future(programmed=True)):
        last = published + (number - published.weekday()) % 7 * _ONE
        if match["weekday2"] and _first(match, last) < published:  # what is done every week, or next week
            return matched.doubtful()
    elif (future is None and match["weekday2"] and not lead.endswith("from ")) or (
        published.weekday() != number and re.search(_IS_DONE, lead)
    ):
        return matched.doubtful()
    else:
        last = published - (published.weekday() - number) % 7 * _ONE
        if last < published and re.search(_HAD, lead) and _speaks_of_an_event(matched.text):
            return matched.doubtful()
    return matched.found((_first(match, last), last))


def _first(match: re.Match[str], last: date) -> date:
    """Return the first day of a span of weekdays that ends on a day."""
    return last - (last.weekday() - weekday_number(match["weekday"])) % 7 * _ONE


_AFTER_DAY_WORD = ("show", "Show", "programme", "Programme", "week")


def _day_word(matched: DateMatch) -> FoundDays | None:
    """Resolve `today`, `tonight`, `yesterday morning`, `tomorrow`, `last night`, `this morning`."""
    words = " ".join(matched.match[0].split())
    before = words_before(matched.text, matched.match.start())[1]
    lead = matched.text[max(0, matched.match.start() - 2) : matched.match.start()].rstrip(" \t“\"‘'(—–-")
    if words[0].isupper() and lead[-1:] not in ("", "\n", ".", "!", "?", ":", "…"):
        return None  # a name: USA Today
    after = word_after(matched.text, matched.match.end())
    if counts_on(matched.text, matched.match.start()):
        return None
    if (before.lower() in ("of", "than") and words.startswith("tomorrow")) or after in _AFTER_DAY_WORD:
        return None
    word = words.lower()
    offset = {"y": -1, "l": -1, "t": 0}[word[0]] if not word.startswith("tomorrow") else 1
    if word.startswith("the day"):
        offset = -2 if word.endswith("yesterday") else 2
    day = matched.published + offset * _ONE
    return matched.found((day, day))


ON_WEEKDAY = Form(
    rf"(?:{PART}{GAP}(?:on{GAP})?)?(?:(?P<which>[Tt]his{GAP}past|[Tt]his{GAP}coming|[Tt]his|[Ll]ast|[Nn]ext|[Pp]ast|[Cc]oming)"
    rf"{GAP})?(?P<weekday>{WEEKDAY})(?:{GAP}{TIME}(?![A-Za-z]))?(?!,?{GAP}\(?(?:the{GAP})?(?:{MONTH}{GAP}{DAY}|{DAY}{GAP}(?:of{GAP})?{MONTH}))"
    rf"(?:(?:{DASH}|{GAP}(?:to|through){GAP})(?P<weekday2>{WEEKDAY}))?"
    rf"(?:{GAP}\((?P<note>today|yesterday|tomorrow)\))?(?:{GAP}(?:of{GAP})?(?P<week>last|this|next){GAP}week(?![A-Za-z]))?",
    _weekday,
)
DAY_WORDS = Form(
    rf"(?:[Tt]he{GAP}day{GAP}(?:before{GAP}yesterday|after{GAP}tomorrow)|[Tt]oday|[Tt]onight"
    rf"|[Yy]esterday(?:{GAP}{TIME})?|[Tt]omorrow(?:{GAP}{TIME})?"
    rf"|[Ll]ast{GAP}night|[Tt]his{GAP}(?:morning|afternoon|evening))(?![A-Za-z])",
    _day_word,
)
