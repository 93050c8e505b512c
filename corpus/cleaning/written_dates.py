"""Dates as articles and their metadata write them, to ISO 8601.

Strict rather than clever: what could mean two days, as 06/03/2023, is no date, and a time is kept only with its zone.
With dots (06.03.2023) the day comes first: no locale of the Unicode CLDR writes a month first so. Whether a table's
06/03/2023 is 6 March or 3 June is told by its other rows, as 16/03/2023.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta, timezone
from itertools import islice
from typing import Literal

from corpus.cleaning.field_names import field_of, plain_name
from corpus.dates.vocabulary import MONTH_WORD, month_number

Order = Literal["day", "month"]

ROWS = 5_000
"""How many of a file's first rows are looked at."""
_ENOUGH = 100  # rows; if none of them has a date with slashes, later ones have none
_FIELDS = ("published", "modified")
_SLASHED = re.compile(r"\s*(\d{1,2})([/-])(\d{1,2})\2((?:1[6-9]|20)\d\d)(?!\d)")

_MONTH = rf"{MONTH_WORD}\b\.?"
_WEEKDAY = r"(?:mon|tue(?:s)?|wed(?:nes)?|thu(?:r|rs)?|fri|sat(?:ur)?|sun)(?:day)?\b\.?,?"
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:1[6-9]|20)\d\d"
_ZONES = {
    "z": 0, "utc": 0, "gmt": 0, "est": -5, "edt": -4, "cdt": -5, "mst": -7, "mdt": -6, "pdt": -7, "cet": 1, "cest": 2,
    "eet": 2, "eest": 3, "pkt": 5, "hkt": 8, "sgt": 8, "jst": 9, "kst": 9, "aest": 10, "aedt": 11,
}  # fmt: skip
_NAMES_OF_ZONES = (
    "acdt acst adt aedt aest akdt akst ast awst bdt bst cat cdt cest cet cst eat edt eest eet est gmt gst hkt hst ict "
    "ist jst kst mdt msk mst ndt npt nst nzdt nzst pdt pht pkt pst sast sgt utc wat west wet wib"
).split()
_ZONE = rf"z|[+-]\d\d:?\d\d|[+-]\d\d|(?:gmt|utc)[+-]\d{{1,2}}(?::?\d\d)?|{'|'.join(_NAMES_OF_ZONES)}|[ecmp]t"
TIME = rf"\d{{1,2}}[:.h]\d\d(?::\d\d(?:[.,]\d{{1,9}})?)?(?:\s?[ap]\.?m\b\.?)?(?:\s?\(?(?:{_ZONE})\b\)?)?"
"""A time of day as a byline writes it, with or without its zone; for use inside other patterns, ignoring case."""
CLOCKS = rf"\d{{4}} (?:{_ZONE})\b(?: \(\d{{4}} (?:{_ZONE})\))?"
"""The same without a colon, in one or two zones: 1015 GMT (1815 HKT)."""

# A date as a byline or a dateline writes it, with or without weekday and time; for use inside other patterns, ignoring
# case. It has no named groups, so that it may stand more than once in a pattern.
DATE = (
    rf"(?:{_WEEKDAY}\s)?"
    rf"(?:{_MONTH}\s?{_DAY}(?:,|\s|,\s){_YEAR}|{_DAY}(?:\sof)?[\s/-]{_MONTH}(?:,\s|\s|[/,-]){_YEAR}"
    rf"|{_DAY}-{_MONTH}-\d\d(?!\d)"
    rf"|{_YEAR}[-/.]\d\d[-/.]\d\d|\d{{1,2}}[/.]\d{{1,2}}[/.]{_YEAR})"
    rf"(?:(?:t|,?\s?(?:at\s|[|/·•@–—-]\s?)?(?:at\s)?){TIME}(?:\s\([a-z ]{{2,30}}\))?)?"
)

_WRITTEN = re.compile(
    rf"(?:{_WEEKDAY}\s)?(?:(?P<month1>{_MONTH})\s?(?P<day1>\d{{1,2}})(?:st|nd|rd|th)?(?:,|\s|,\s)(?P<year1>{_YEAR})"
    rf"|(?P<day2>\d{{1,2}})(?:st|nd|rd|th)?(?:\sof)?[\s/-](?P<month2>{_MONTH})(?:,\s|\s|[/,-])(?P<year2>{_YEAR}|(?<=-)\d\d(?!\d))"
    rf"|(?P<year3>{_YEAR})[-/.]?(?P<month3>\d\d)[-/.]?(?P<day3>\d\d)"
    rf"|(?P<first>\d{{1,2}})(?P<mark>[/.-])(?P<second>\d{{1,2}})[/.-](?P<year4>{_YEAR}))"
    r"(?P<rest>\D.{0,60}|(?<=\d{4})\d{1,2}:\d\d.{0,40})?",
    re.IGNORECASE,
)
_CLOCK = re.compile(
    r"(?:t|[,\s]{0,3}(?:at\s|[|/·•@–—-]\s?)?(?:at\s)?)(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)"
    r"(?::(?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    rf"\s?(?P<half>[ap]\.?m\b\.?)?\s?\(?(?P<zone>{_ZONE})?\)?(?:\s\([a-z ]{{2,30}}\))?",
    re.IGNORECASE,
)
_OFFSET = re.compile(r"(?:gmt|utc)?(?P<sign>[+-])(?P<hours>\d{1,2}):?(?P<minutes>\d\d)?", re.IGNORECASE)
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}|\d{16}|\d{19}")
_COMPACT = re.compile(r"((?:1[6-9]|20)\d\d)(\d\d)(\d\d)t?(\d\d)(\d\d)(\d\d)(?:\.\d{1,9})?(\D.{0,10})?", re.IGNORECASE)


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
    value = _COMPACT.sub(r"\1-\2-\3T\4:\5:\6\7", value) if _COMPACT.fullmatch(value) else value
    match = _WRITTEN.fullmatch(value)
    if match is None:
        return None
    try:
        day = _day(match)
    except ValueError:  # no day of the calendar
        return None
    if day is None:
        return None
    rest = (match["rest"] or "").strip()
    return _with_time(day, rest) if rest else day.isoformat()


def _day(match: re.Match[str]) -> date | None:
    """Return the day of a match of `_WRITTEN`; None when it could be two. Raises ValueError for no day at all."""
    if match["first"]:
        first, second = int(match["first"]), int(match["second"])
        if match["mark"] != "." and first != second and first <= 12 and second <= 12:
            return None
        day, month = (second, first) if second > 12 and match["mark"] != "." else (first, second)
        return date(int(match["year4"]), month, day)
    if match["month3"]:
        return date(int(match["year3"]), int(match["month3"]), int(match["day3"]))
    month = month_number(match["month1"] or match["month2"])
    year = int(match["year1"] or match["year2"])
    year += (2000 if year < 70 else 1900) if year < 100 else 0  # 04-MAY-21
    return date(year, month, int(match["day1"] or match["day2"]))


def _with_time(day: date, rest: str) -> str | None:
    """Return day and time with zone; the day alone without a certain zone, None when the rest is no time."""
    clock = _CLOCK.fullmatch(rest) or _CLOCK.fullmatch(" " + rest)
    if clock is None:
        return None
    hour, minute, second = int(clock["hour"]), int(clock["minute"]), int(clock["second"] or 0)
    if clock["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if clock["half"].lower().startswith("p") else 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    zone = _zone(clock["zone"])
    if zone is None:
        return day.isoformat()
    return datetime(day.year, day.month, day.day, hour, minute, second, tzinfo=zone).isoformat()


def _zone(name: str | None) -> timezone | None:
    """Return a zone by its offset or by a name that means one zone only (CST, IST and PST mean several)."""
    if not name:
        return None
    if name.lower() in _ZONES:
        hours = _ZONES[name.lower()]
        return timezone(timedelta(hours=hours)) if hours else UTC
    offset = _OFFSET.fullmatch(name)
    if offset is None or int(offset["hours"]) > 14 or int(offset["minutes"] or 0) > 59:
        return None
    span = timedelta(hours=int(offset["hours"]), minutes=int(offset["minutes"] or 0))
    return timezone(-span if offset["sign"] == "-" else span) if span else UTC


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
    slashed = False
    for number, record in enumerate(islice(records, ROWS), start=1):
        for match in filter(None, map(_SLASHED.match, _dates_of(record, mapped).values())):
            slashed = True
            first, second = int(match[1]), int(match[3])
            if first <= 12 < second <= 31:
                found.add("month")
            elif second <= 12 < first <= 31:
                found.add("day")
        if number == _ENOUGH and not slashed:  # this file writes its dates in another way
            return None
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
