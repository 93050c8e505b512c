"""Finding quotations: curly or straight, double or single marks, but no apostrophes."""

import re
from dataclasses import dataclass
from itertools import islice

REACH = 600
"""Longest quotation in single marks, in characters."""

_OPENING = re.compile(r"“|«|(?:(?<=[\s(\[—–:/-])|^)[\"'‘](?=[^\s])|(?<=[\s(\[—–:/-])''(?=\S)", re.MULTILINE)
_SINGLE_CLOSE = re.compile(r"['’](?![A-Za-z0-9])")
_DOUBLE = re.compile(r"[\"”]|(?<=[.!?] )“")
_REOPENED = re.compile(r"\s[\"“]\w")
"""A mark that opens again at the start of a further paragraph of one quotation."""
_GUILLEMET = re.compile("»")
_NO_OPENING = re.compile(r"['‘](?:[0-9]{2}s?\b|em\b|til\b|cause\b|tis\b|twas\b|n'?\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quotation:
    """The words `text[start:end]` between two marks. closed: the second mark exists."""

    start: int
    end: int
    closed: bool


def quotations(text: str, start: int, end: int) -> list[Quotation]:
    """Return the outermost quotations of the paragraph `text[start:end]`, in order.

    A double mark that is not closed runs to the end of the paragraph: the next one may continue it.
    """
    found: list[Quotation] = []
    position = start
    while opening := _OPENING.search(text, position, end):
        inner = opening.end()
        close = _close(text, opening, end)
        if close is None:
            position = inner
            continue
        reopened = close < end and _REOPENED.match(text, close - 1) is not None
        last = len(text[inner:close].rstrip()) + inner if reopened else close
        if last > inner:
            found.append(Quotation(inner, last, close < end))
        position = close if reopened else min(end, close + 1)
    return found


def _close(text: str, opening: re.Match[str], end: int) -> int | None:
    """Return the position of the closing mark, `end` if a double mark has none, None if no mark opens here."""
    mark, inner = opening[0], opening.end()
    if mark in '“«"':
        closing = _GUILLEMET if mark == "«" else _DOUBLE
        close = closing.search(text, inner, end)
        return close.start() if close else end
    if _NO_OPENING.match(text, opening.start()):
        return None
    stop = min(end, inner + REACH)
    following = text.find("‘", inner, stop)
    first = None
    for candidate in islice(_SINGLE_CLOSE.finditer(text, inner, stop if following < 0 else following), 8):
        first = candidate.start() if first is None else first
        if text[candidate.start() - 1] in ",.!?…;—":
            return candidate.start()
    return first
