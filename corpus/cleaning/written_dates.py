"""Dates as articles and their metadata write them, to ISO 8601.

Strict rather than clever: what could mean two days, as 06/03/2023, is no date, and a time is kept only with its zone.
With dots (06.03.2023) the day comes first: no locale of the Unicode CLDR writes a month first so. Whether a table's
06/03/2023 is 6 March or 3 June is told by its other rows, as 16/03/2023.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta, timezone
from itertools import islice
from typing import Literal

from corpus.cleaning.field_names import field_of, plain_name
from corpus.dates.vocabulary import MONTH_WORD, month_number

Order = Literal["day", "month"]

ROWS = 5_000
"""How many of a file's first rows are looked at."""
_FIELDS = ("published", "modified")
_SLASHED = re.compile(r"\s*(\d{1,2})([/-])(\d{1,2})\2((?:1[6-9]|20)\d\d)(?!\d)")

_MONTH = rf"{MONTH_WORD}\b\.?"
_WEEKDAY = r"(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:r|rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?"
_YEAR = r"(?:1[6-9]|20)\d\d"
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pdt": -7, "cet": 1, "cest": 2,
    "eet": 2, "eest": 3, "pkt": 5, "hkt": 8, "sgt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11,
}  # fmt: skip
_ZONE = r"(?:gmt|utc)?[+-]\d\d?(?::?\d\d)?|z|gmt|utc|(?-i:[A-Z]{1,4}T)"
_TIME = (
    r"(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?(?:\s?(?P<half>[ap])\.?m\b\.?)?"
    rf"(?:\s?\(?(?P<zone>{_ZONE})\b\)?)?"
)
_DATE = (
    rf"(?:{_WEEKDAY}\s)?"
    rf"(?:(?P<month1>{_MONTH})\s?(?P<day1>\d{{1,2}})(?:st|nd|rd|th)?(?:,|\s|,\s)(?P<year1>{_YEAR})"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?:\sof)?[\s/-](?P<month2>{_MONTH})(?:,\s|\s|[/,-])"
    rf"(?P<year2>{_YEAR}|(?<=-)\d\d(?!\d))"
    rf"|(?P<year3>{_YEAR})[-/.](?P<month3>\d\d)[-/.](?P<day3>\d\d)"
    rf"|(?P<first>\d{{1,2}})(?P<mark>[/.-])(?P<other>\d{{1,2}})[/.-](?P<year4>{_YEAR}))"
    rf"(?:(?:t|,?\s?(?:at\s|[|/·•@–—-]\s?)?(?:at\s)?){_TIME}(?:\s\([a-z ]{{2,30}}\))?)?"
)
_WRITTEN = re.compile(_DATE, re.IGNORECASE)
# The same for use inside other patterns, ignoring case. Without named groups it may stand more than once in a pattern.
TIME, DATE = (re.sub(r"\?P<\w+>", "?:", pattern) for pattern in (_TIME, _DATE))
CLOCKS = rf"\d{{4}} (?:{_ZONE})\b(?: \(\d{{4}} (?:{_ZONE})\))?"
"""A time of day without a colon, in one or two zones: 1015 GMT (1815 HKT)."""

_OFFSET = re.compile(r"(?:gmt|utc)?(?P<sign>[+-])(?P<hours>\d\d?):?(?P<minutes>\d\d)?", re.IGNORECASE)
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}|\d{16}|\d{19}")
_DIGITS = re.compile(r"(\d{8})t?(\d\d)(\d\d)(\d\d)(?!\d)", re.IGNORECASE)
_DAY_OF_DIGITS = re.compile(r"(\d{4})(\d\d)(\d\d)(?=t|$)", re.IGNORECASE)


def iso_date(value: str) -> str | None:
    """Return a date, or a date and time with zone, in ISO 8601; None if it is not a date or could be two.

    Takes ISO 8601, the RFC 2822 form of feeds, the written forms of news pages, 20230306101500 of databases, and
    seconds since 1970 or thousandths, millionths and billionths of them.
    """
    value = " ".join(value.split())
    if len(value) > 100:
        return None
    if _EPOCH.fullmatch(value):
        return _from_epoch(float(value))
    value = _DAY_OF_DIGITS.sub(r"\1-\2-\3", _DIGITS.sub(r"\1T\2:\3:\4", value))
    match = _WRITTEN.fullmatch(value)
    try:
        return _iso(match) if match else None
    except ValueError:  # no day of the calendar, or no time of day
        return None


def _iso(match: re.Match[str]) -> str | None:
    """Return the day of a match of `_WRITTEN`, with its time if its zone is certain; None when it could be two days."""
    if match["first"]:
        day, month = int(match["first"]), int(match["other"])
        if match["mark"] != ".":
            if day != month and day <= 12 and month <= 12:
                return None
            day, month = (month, day) if month > 12 else (day, month)
        found = date(int(match["year4"]), month, day)
    elif match["month3"]:
        found = date(int(match["year3"]), int(match["month3"]), int(match["day3"]))
    else:
        year = int(match["year1"] or match["year2"])
        year += (2000 if year < 70 else 1900) if year < 100 else 0  # 04-MAY-21
        found = date(year, month_number(match["month1"] or match["month2"]), int(match["day1"] or match["day2"]))
    return _with_time(found, match) if match["hour"] else found.isoformat()


def _with_time(day: date, match: re.Match[str]) -> str:
    """Return day and time with zone; the day alone without a certain zone. Raises ValueError for no time of day."""
    hour = int(match["hour"])
    if match["half"]:
        if not 1 <= hour <= 12:
            raise ValueError(f"there is no {hour} {match['half']}m")
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    clock = time(hour, int(match["minute"]), int(match["second"] or 0), tzinfo=_zone(match["zone"] or ""))
    return datetime.combine(day, clock).isoformat() if clock.tzinfo else day.isoformat()


def _zone(name: str) -> timezone | None:
    """Return a zone by its offset or by a name that means one zone only (CST, IST and PST mean several)."""
    if name.lower() in _ZONES:
        return timezone(timedelta(hours=_ZONES[name.lower()]))
    offset = _OFFSET.fullmatch(name)
    if offset is None or int(offset["hours"]) > 14:
        return None
    span = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
    return timezone(-span if offset["sign"] == "-" else span)


def _from_epoch(number: float) -> str | None:
    """Return the UTC time of seconds or parts of them since 1970, where that is a year of news on the web."""
    seconds = next((number / parts for parts in (1e9, 1e6, 1e3) if number >= parts * 1e8), number)
    if not 3e8 <= seconds < 5e9:
        return None
    return datetime.fromtimestamp(int(seconds), tz=UTC).isoformat()


def date_order(records: Iterable[Mapping[str, object]], mapped: Mapping[str, str]) -> Order | None:
    """Return what comes first in the dates of the first records; None where none tells, or they disagree.

    mapped: fields with the names that they have in the records.
    """
    found: set[Order] = set()
    for record in islice(records, ROWS):
        for match in filter(None, map(_SLASHED.match, _dates_of(record, mapped).values())):
            first, second = int(match[1]), int(match[3])
            if first <= 12 < second <= 31:
                found.add("month")
            elif second <= 12 < first <= 31:
                found.add("day")
    return found.pop() if len(found) == 1 else None


def in_order(record: Mapping[str, object], order: Order | None, mapped: Mapping[str, str]) -> Mapping[str, object]:
    """Return a record whose dates with slashes are written as 2023-03-06, by what comes first in its file."""
    if order is None:
        return record

    def rewritten(match: re.Match[str]) -> str:
        day, month = (match[1], match[3]) if order == "day" else (match[3], match[1])
        return f"{match[4]}-{int(month):02}-{int(day):02}"

    return {**record, **{name: _SLASHED.sub(rewritten, value, 1) for name, value in _dates_of(record, mapped).items()}}


def _dates_of(record: Mapping[str, object], mapped: Mapping[str, str]) -> dict[str, str]:
    """Return what a record has in its fields that are dates."""
    date_names = {plain_name(mapped[field]) for field in _FIELDS if field in mapped}
    return {
        name: value
        for name, value in record.items()
        if isinstance(value, str) and (field_of(name) in _FIELDS or plain_name(name) in date_names)
    }
