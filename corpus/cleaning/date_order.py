"""Whether a table writes 06/03/2023 for 6 March or for 3 June: other rows, as 16/03/2023, tell."""

import re
from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Literal

from corpus.cleaning.field_names import field_of, plain_name

Order = Literal["day", "month"]

ROWS = 5_000
"""How many of a file's first rows are looked at."""
_ENOUGH = 100  # rows; if none of them has a date with slashes, later ones have none

_DATES = ("published", "modified")
_SLASHED = re.compile(r"\s*(\d{1,2})([/-])(\d{1,2})\2((?:1[6-9]|20)\d\d)(?!\d)")


def date_order(records: Iterable[Mapping[str, object]], mapped: Mapping[str, str]) -> Order | None:
    """Return what comes first in the dates of the first records; None where none tells, or they disagree.

    mapped: fields with the names that they have in the records.
    """
    found: set[Order] = set()
    slashed = False
    for number, record in enumerate(islice(records, ROWS), start=1):
        for match in filter(None, map(_SLASHED.match, _dates(record, mapped).values())):
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

    return {**record, **{name: _SLASHED.sub(rewritten, value, 1) for name, value in _dates(record, mapped).items()}}


def _dates(record: Mapping[str, object], mapped: Mapping[str, str]) -> dict[str, str]:
    """Return what a record has in its fields that are dates."""
    date_names = {plain_name(mapped[field]) for field in _DATES if field in mapped}
    return {
        name: value
        for name, value in record.items()
        if isinstance(value, str) and (field_of(name) in _DATES or plain_name(name) in date_names)
    }
