"""The words of news English for numbers and for the calendar: weekdays, months, seasons, and the days they stand for.

It also tells words that only look like days: names, verbs, habits and quantities.
"""

import calendar
import re
from collections.abc import Callable
from datetime import date, timedelta

Span = tuple[date, date]
"""First and last day, both inclusive."""

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_TO_NINETEEN = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen".split()
)
BELOW_TWENTY = {word: number for number, word in enumerate(_TO_NINETEEN)}
TENS = {
    word: 10 * number for number, word in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), 2)
}
SCALES = {"hundred": 100, "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000, "trillion": 10**12}
COUNTS = {"a": 1, "an": 1, "a couple of": 2, "couple of": 2} | BELOW_TWENTY | TENS
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5}

# Patterns of one name each. A name has a capital letter: "march" and "may" are verbs.
MONTH_WORD = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)"
)
MONTH = MONTH_WORD + r"(?:(?:(?<=\b[A-Z][a-z][a-z])(?<!May)|(?<=Sept))\.|(?![A-Za-z]))"
WEEKDAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?![A-Za-z]))"
SHORT_WEEKDAY = r"(?:(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.?(?![A-Za-z]))"
SEASON = r"(?:[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter)"
_WORDS_BEFORE = re.compile(r"(?:([A-Za-z’']+)[ \t\u00a0]{1,2})?([A-Za-z’']+)[ \t\u00a0]{1,2}[(“\"‘]?$")
_WORD_AFTER = re.compile(r"[ \t\u00a0]{1,2}([A-Za-z]+)")

_DAY_NAMES = frozenset(
    "black cyber good super ash holy maundy easter palm bloody giving fat whit spy taco throwback freaky sheffield "
    "ruby small wacky selection blue meatless shrove pancake joe girl happy orthodox stormy gaudy casual bowl".split()
)
_SUNDAY_PAPERS = ("Sun", "Mail", "Star", "Scotland", "Wales", "Independent")  # "on Sunday"
_HABITS = frozenset(
    "every each any some most one that following previous first second third fourth fifth final alternate consecutive "
    "typical normal average another which".split()
)
_HABIT_LIST = rf"\b(?:[Ee]very|[Ee]ach|[Mm]ost) (?:{WEEKDAY}(?:,? and|,? or|,| to| through) )+$"
_COUNTED = r"\b(?:[Aa] week (?:from|on)|(?:week|month|year)s? ago,?(?: on)?) $"
_AFTER_DAY = frozenset(
    "Times Telegraph Express Mirror Mail Herald Post World Business Night Morning Ticket School Sports Sport Addams "
    "Funday Club Today school roast roasts best lunchtimes week".split()
)
# Words before a year or a month that make it a time; words before a year that do if it is not too early; and words
# before a year that belongs to a noun ("the 2018 vote").
_STRONG = frozenset("in since until till during mid early late".split())
_WEAK = frozenset(
    "by from before after through of to between around about for circa and or ending throughout over".split()
)
_OWNERS = frozenset("the a an his her its their our my this that original inaugural upcoming".split())
_MONTH_NAMES = frozenset("april may june august january".split())
_PLAIN_MONTHS = frozenset("january february july september october november december".split())
_BEFORE_MONTH = frozenset("black red blue operation every each any a an one typical fourth".split())
_LISTED = re.compile(r"(?<![0-9,.$£€])(?:1[5-9]|20)[0-9]{2}(?:, |,? and |,? or )$")
_QUANTITY = re.compile(
    r"[ \t\u00a0]{1,2}(?:people|persons?|others?|more|votes?|cases|deaths?|miles?|kilomet|km\b|met(?:er|re)s?\b|feet"
    r"|foot|square|acres|hectares|calories|words|students|seats|men\b|women|children|troops|soldiers|workers|jobs|points?|yards?|times\b"
    r"|hours?|hrs|minutes|tons|tonnes|pounds|dollars|euros?\b|cents|homes|houses|employees|residents|patients|fans|items|units|pages"
    r"|species|percent|per cent|million|billion|thousand|GMT|UTC|local time"
    r"|[a-z]\.m\b|[ap]m\b|degrees|copies|schools|companies|buildings|victims|members|years|[A-Z]{1,3}[0-9])"
)


def month_number(name: str) -> int:
    """Return 1 to 12 for a month's name, short or long, with or without its full stop."""
    return next(number for month, number in MONTHS.items() if month[:3] == name[:3].lower())


def weekday_number(name: str) -> int:
    """Return 0 for Monday to 6 for Sunday, for a name that is short or long."""
    return next(number for day, number in WEEKDAYS.items() if day[:3] == name[:3].lower())


def month_span(year: int, month: int) -> Span:
    """Return the days of a month; `month` may run over into other years (13 is January of the next)."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def year_span(first: int, last: int | None = None) -> Span:
    """Return the days of a year, or of the years from first to last."""
    return date(first, 1, 1), date(first if last is None else last, 12, 31)


def quarter_span(year: int, quarter: int) -> Span:
    """Return a calendar quarter; 0 is the last of the year before, 5 the first of the next."""
    return month_span(year, quarter * 3 - 2)[0], month_span(year, quarter * 3)[1]


def years_around(day: date, distance: int) -> range:
    """Return the years up to `distance` before and after a day's, as far as the calendar has them."""
    return range(max(1, day.year - distance), min(9999, day.year + distance) + 1)


def season_span(year: int, season: str) -> Span:
    """Return the three months of a northern season; winter is named by the year of its December."""
    month = SEASONS[season.lower()]
    return month_span(year, month)[0], month_span(year, month + 2)[1]


def shift(day: date, count: int, unit: str) -> date:
    """Return the day `count` units later (earlier when negative); a day its month lacks becomes the month's last.

    unit: day, week, month, year or decade.
    """
    if unit in ("day", "week"):
        return day + timedelta(days=count * (7 if unit == "week" else 1))
    months = count * {"month": 1, "year": 12, "decade": 120}[unit]
    first, last = month_span(day.year, day.month + months)
    return first.replace(day=min(day.day, last.day))


def unit_span(day: date, unit: str) -> Span:
    """Return the calendar unit that holds the day: day, week, month, quarter, year or decade.

    A week begins on Monday. Its `weekend` is Saturday and Sunday.
    """
    sunday = day + timedelta(days=6 - day.weekday())
    spans: dict[str, Callable[[], Span]] = {
        "day": lambda: (day, day),
        "week": lambda: (sunday - timedelta(days=6), sunday),
        "weekend": lambda: (sunday - timedelta(days=1), sunday),
        "month": lambda: month_span(day.year, day.month),
        "quarter": lambda: quarter_span(day.year, (day.month + 2) // 3),
        "year": lambda: year_span(day.year),
        "decade": lambda: year_span(day.year // 10 * 10, day.year // 10 * 10 + 9),
    }
    return spans[unit]()


def part_of(span: Span, part: str) -> Span:
    """Return the early, mid or late part of a week, month, season, year, decade or century.

    A week's are Monday to Wednesday, Tuesday to Thursday and Thursday to Sunday; a month's are its days to the 10th, to
    the 20th and the rest; a decade's are years 0-3, 4-6 and 7-9; all others are thirds.
    """
    first, last = span
    which = ("early", "mid", "late").index(part)
    days = (last - first).days + 1
    if days <= 7:
        offsets = ((0, 2), (1, 3), (3, 6))[which]
        return first + timedelta(days=offsets[0]), first + timedelta(days=offsets[1])
    if days <= 31:
        return first.replace(day=(1, 11, 21)[which]), last if which == 2 else first.replace(day=(10, 20)[which])
    if days <= 366:
        third = round(days / 30.4) // 3
        start = month_span(first.year, first.month + which * third)[0]
        return start, month_span(start.year, start.month + third - 1)[1]
    years = last.year - first.year + 1
    cuts = (0, 4, 7, 10) if years == 10 else (0, years // 3 + 1, years // 3 * 2 + 1, years)
    return year_span(first.year + cuts[which], first.year + cuts[which + 1] - 1)


def words_before(text: str, start: int) -> tuple[str, str]:
    """Return the two words right before a place as they are written, "" for what is not there."""
    match = _WORDS_BEFORE.search(text[max(0, start - 40) : start])
    return (match[1] or "", match[2]) if match else ("", "")


def word_after(text: str, end: int) -> str:
    """Return the word right after a place, "" where punctuation comes first."""
    match = _WORD_AFTER.match(text, end)
    return match[1] if match else ""


def counts_on(text: str, start: int) -> bool:
    """Tell whether weeks or years are counted from or to a day: "a week ago Friday", "a year ago today"."""
    return re.search(_COUNTED, text[max(0, start - 16) : start]) is not None


def weekday_is_a_name(text: str, start: int, end: int) -> bool:
    """Tell whether a weekday is part of a name ("Black Friday", "Sunday Times"), a habit or another week's."""
    first, second = words_before(text, start)
    before, after = second.lower(), word_after(text, end)
    if before in _DAY_NAMES or before in _HABITS or after in _AFTER_DAY or counts_on(text, start):
        return True
    if before in ("a", "an"):
        return (
            first.lower() == "on" or not after.islower() or after in ("in", "of", "on", "at", "and", "or", "to", "when")
        )
    if re.search(_HABIT_LIST, text[max(0, start - 60) : start]):
        return True
    if before == "on" and first in _SUNDAY_PAPERS and text.startswith("Sunday", start):
        return True
    return after in ("before", "after", "in") and before == "the" and text[end : end + 6] != " after"


def bare_month_is_a_time(text: str, start: int, end: int, month: str) -> bool:
    """Tell whether a month that stands alone is a time: no given name, no verb, no "every May"."""
    first, second = words_before(text, start)
    before, after, name = second.lower(), word_after(text, end), month.lower().rstrip(".")
    if before in _BEFORE_MONTH or (before == "of" and first.lower() == "fourth"):
        return False
    if before == "the":
        return after.islower() or name in _PLAIN_MONTHS
    if name in _MONTH_NAMES and after[:1].isupper() and after[1:].islower() and before != "in":
        return False
    if before in ("after", "before", "to", "for", "and", "or", "from", "of", "by", "with"):
        return name in _PLAIN_MONTHS or (before in ("of", "by", "from") and not after)
    return before in _STRONG or before in ("through", "between", "around", "throughout") or name in _PLAIN_MONTHS


def year_is_a_time(text: str, start: int, end: int, first_year: int) -> bool:
    """Tell whether four digits are a year: after "in" or "since", or before a noun ("the 2018 vote")."""
    if _QUANTITY.match(text, end):  # 2019 votes
        return False
    if _LISTED.search(text[max(0, start - 10) : start]) and first_year >= 1800:
        return True  # "in 2009, 2013 and 2015"
    first, second = words_before(text, start)
    before, after = second.lower(), word_after(text, end)
    line = start == 0 or text[start - 1] == "\n"
    if line and re.match(r"[ \t]?[:–—]", text[end : end + 2]):
        return True
    if text[start - 1 : start] == "(" and text[end : end + 1] == ")":
        return first_year >= 1900
    if not second or text[start - 1 : start] in '(“"‘':
        return False
    if before in _STRONG or before == "year":
        return first.lower() not in ("fiscal", "financial", "tax", "model")
    if before in _WEAK:
        return first_year >= 1800
    if before in _OWNERS or before.endswith(("’s", "'s", "s’", "s'")):
        return first_year >= 1850 and bool(after)
    return False
