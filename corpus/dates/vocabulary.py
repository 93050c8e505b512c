"""The calendar as news English names it: weekdays, months, seasons, and the spans of days they stand for."""

import calendar
from collections.abc import Callable
from datetime import date, timedelta

Span = tuple[date, date]
"""First and last day, both inclusive."""

MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
SEASONS = {"spring": 3, "summer": 6, "autumn": 9, "fall": 9, "winter": 12}
_NUMBERS = "one two three four five six seven eight nine ten eleven twelve".split()
COUNTS = {"a": 1, "an": 1, "a couple of": 2, "couple of": 2, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40}
COUNTS |= {word: number for number, word in enumerate(_NUMBERS, 1)}
ORDINALS = {"first": 1, "second": 2, "third": 3, "fourth": 4}

# Regular expressions for one of them each. The names are Capitalised: "march" and "may" are verbs.
MONTH = (
    r"(?:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sep(?:t(?:ember)?)?|Oct(?:ober)?"
    r"|Nov(?:ember)?|Dec(?:ember)?)(?:(?:(?<=\b[A-Z][a-z][a-z])(?<!May)|(?<=Sept))\.|(?![A-Za-z]))"
)
WEEKDAY = r"(?:(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day(?![A-Za-z]))"
SHORT_WEEKDAY = r"(?:(?:Mon|Tues?|Wed|Thu(?:rs?)?|Fri|Sat|Sun)\.?(?![A-Za-z]))"
SEASON = r"(?:[Ss]pring|[Ss]ummer|[Aa]utumn|[Ff]all|[Ww]inter)"


def month_number(name: str) -> int:
    """Return 1 to 12 for a month's name, short or long, with or without its full stop."""
    start = name.lower()[:3]
    return next(number for month, number in MONTHS.items() if month.startswith(start))


def weekday_number(name: str) -> int:
    """Return 0 for Monday to 6 for Sunday, for a name that is short or long."""
    start = name.lower()[:3]
    return next(number for day, number in WEEKDAYS.items() if day.startswith(start))


def month_span(year: int, month: int) -> Span:
    """Return the days of a month; `month` may run over into other years (13 is January of the next)."""
    year, month = year + (month - 1) // 12, (month - 1) % 12 + 1
    return date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1])


def year_span(first: int, last: int | None = None) -> Span:
    """Return the days of a year, or of the years from first to last."""
    return date(first, 1, 1), date(first if last is None else last, 12, 31)


def week_span(day: date) -> Span:
    """Return the week that holds the day, Monday to Sunday."""
    monday = day - timedelta(days=day.weekday())
    return monday, monday + timedelta(days=6)


def weekend_span(day: date) -> Span:
    """Return Saturday and Sunday of the week that holds the day."""
    saturday = week_span(day)[0] + timedelta(days=5)
    return saturday, saturday + timedelta(days=1)


def quarter_span(year: int, quarter: int) -> Span:
    """Return a calendar quarter; 0 is the last of the year before, 5 the first of the next."""
    return month_span(year, quarter * 3 - 2)[0], month_span(year, quarter * 3)[1]


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
    """Return the calendar unit that holds the day: day, week, weekend, month, quarter, year or decade."""
    spans: dict[str, Callable[[], Span]] = {
        "day": lambda: (day, day),
        "week": lambda: week_span(day),
        "weekend": lambda: weekend_span(day),
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
