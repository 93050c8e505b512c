"""Whether two places say the same thing, and which of several says it most fully."""

import re
from collections.abc import Sequence

from qa.compose.drafts import Place

_FULLER = 0.5
"""Of the best's confidence, what a fuller name needs to be shown in its place."""
_MOST_NAME_WORDS = 5
_NEAR = 4
"""Words between two spans that may belong to one phrase."""
_WORD = re.compile(r"\w+(?:[.,:’'-]\w+)*|[%$£€]")
_LEAD = re.compile(r"(?i)^(?:the|a|an)\s+")
_APART = re.compile(r"[,;:.!?()\[\]\"“”—–\n]|(?i:\b(?:and|or|nor|but|with|while|by|then|as)\b)")


def same_answer(one: str, other: str) -> bool:
    """Tell whether the words of one answer stand in a row in the other: "Landberg" in "Christopher Landberg"."""
    a, b = _words(one), _words(other)
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    mine, theirs = normal(one), normal(other)
    if not short or not (mine in theirs or theirs in mine):  # a citation's quote has to hold the answer's words
        return False
    return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))


def normal(text: str) -> str:
    """Return the text in lower case with single spaces."""
    return " ".join(text.casefold().split())


def unparted(one: Place, other: Place) -> bool:
    """Tell whether nothing parts two places: "some" and "programmes" in "some of the old programmes"."""
    if one.hit.version != other.hit.version or one.hit.start != other.hit.start:
        return False
    first, last = sorted((one, other), key=lambda place: place.start)
    between = one.hit.text[first.end - one.hit.start : last.start - one.hit.start]
    return len(between.split()) <= _NEAR and not _APART.search(between)


def fullest_first(places: Sequence[Place]) -> list[Place]:
    """Return the places of one answer, one that gives the whole name of what the best gives a part of first."""
    return sorted(places, key=lambda place: not _fuller(place, places[0]))


def _fuller(place: Place, best: Place) -> bool:
    if place is best or place.confidence < best.confidence * _FULLER or not same_answer(place.text, best.text):
        return False
    words = _words(place.text)
    named = all(word[:1].isupper() for word in place.text.split())
    return len(_words(best.text)) < len(words) <= _MOST_NAME_WORDS and named


def _words(text: str) -> list[str]:
    words = [word.casefold() for word in _WORD.findall(_LEAD.sub("", text.strip()))]
    return [word.removesuffix("'s").removesuffix("’s") for word in words]
