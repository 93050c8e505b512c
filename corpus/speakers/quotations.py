"""Where quotation marks open and close, curly or straight, double or single; apostrophes are none."""

import re
from dataclasses import dataclass
from itertools import islice

REACH = 600
"""How far a single quotation mark is looked for its partner, in characters."""

_OPENING = re.compile(r"“|«|(?:(?<=[\s(\[—–:/-])|^)[\"'‘](?=[^\s])|(?<=[\s(\[—–:/-])''(?=\S)", re.MULTILINE)
_SINGLE_CLOSE = re.compile(r"['’](?![A-Za-z0-9])")
_DOUBLE = re.compile(r"[\"”]|(?<=[.!?] )“")
_REOPENED = re.compile(r"\s[\"“]\w")
"""A mark that opens again where a paragraph of the quotation began, with none that closed it before."""
_GUILLEMET = re.compile("»")
_NO_OPENING = re.compile(r"['‘](?:[0-9]{2}s?\b|em\b|til\b|cause\b|tis\b|twas\b|n'?\b)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Quotation:
    """The words between two marks, `text[start:end]`; `closed` tells whether the second mark is there."""

    start: int
    end: int
    closed: bool


def quotations(text: str, start: int, end: int) -> list[Quotation]:
    """Return the quotations of one paragraph, `text[start:end]`, without those inside others, in order.

    A double mark that nothing closes runs to the paragraph's end: the next paragraph may go on with it.
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
    """Return where the closing mark stands, `end` where a double one has none, None where nothing was opened."""
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
