"""Filters from what a person chose on the page or a program gave: outlets, and the first and last day."""

from collections.abc import Sequence
from datetime import date

from corpus.errors import UsageError
from corpus.store.store import Filters


def chosen_filters(sources: Sequence[str], after: str | None, before: str | None) -> Filters:
    """Return the filters; an empty day is none. Raises UsageError for a day that is not one."""
    try:
        return Filters(tuple(sources), _day(after), _day(before))
    except ValueError as error:
        raise UsageError(f"the filters cannot be used: {error}") from None


def _day(value: str | None) -> date | None:
    if not value:
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError(f"{value[:40]!r} is no day, write it as 2023-03-06") from None
