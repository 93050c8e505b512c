"""Short answers from spans: near-equal ones are one answer, of several a question gets all, in the text's order."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from corpus.sentences import sentences
from qa.compose.appositions import Span
from qa.compose.drafts import Draft, Place
from qa.compose.lists import series

SeriesOf = Callable[[str, int, int], list[Span]]
"""Finds the items of the series that a place in a sentence belongs to, [] where it belongs to none."""

MOST = 8
_ALTERNATIVE = 0.75
"""For one thing asked: a further answer has to be nearly as likely as the best."""
_LISTED = 0.4
"""For several things asked: so likely as that, of the best."""
_SECOND = 0.25
"""The same for the second, since there are at least two."""
_FULLER = 0.5
_WORD = re.compile(r"\w+(?:[.,:’'-]\w+)*|[%$£€]")
_LEAD = re.compile(r"(?i)^(?:the|a|an)\s+")
_APART = re.compile(r"[,;:.!?()\[\]\"“”—–\n]|(?i:\b(?:and|or|nor|but|with|while|by|then|as)\b)")
_NEAR = 4
"""Words between two spans that may belong to one phrase."""


def short_drafts(
    places: Sequence[Place],
    *,
    threshold: float,
    several: bool,
    row: SeriesOf | None = None,
    contradict: Callable[[Place, Place], bool],
    number: int | None = None,
) -> list[Draft]:
    """Return the answers that the spans give: the best, and what from the threshold counts beside it.

    places: short ones, most confident first; none give none. several: whether several things are asked for, number:
    how many of them (None: it does not say); those from one article then come in its order. row: where one thing or
    several may be the answer, finds what the text names in a row with the best. contradict: tells whether two places
    are rivals: a rival of the best answer is shown also where it is far less likely.
    """
    if not places:
        return []
    best = places[0].confidence
    second = further = max(threshold, best * _ALTERNATIVE)
    if several:
        # One thing of a list being sure, the others are judged by it: they share the probability between them.
        second, further = best * _SECOND, best * _LISTED
        least = min(second, threshold * _FULLER)  # below it nothing is shown nor cited
        places = _items([place for place in places if place.confidence >= least])
    elif row is not None:
        items = _items(places[:1], row)
        if len(items) > 1:  # the text's own row is complete
            places = [*items, *(p for p in places[1:] if p.hit.version != items[0].hit.version or _is_in(items, p))]
    drafts: list[list[Place]] = []
    for place in places:
        same = next((draft for draft in drafts if all(same_answer(place.text, other.text) for other in draft)), None)
        if same is not None:
            if place.confidence >= threshold * _FULLER and not any(_overlap(place, other) for other in same):
                same.append(place)
        elif (
            len(drafts) < (number or MOST)
            and not any(_overlap(place, other) or _unparted(place, other) for draft in drafts for other in draft)
            and (
                not drafts
                or place.confidence >= (second if len(drafts) < 2 else further)
                or (place.confidence >= threshold and contradict(drafts[0][0], place))
            )
        ):
            drafts.append([place])
    ordered = [_fullest_first(draft) for draft in drafts]
    if several:
        ordered = sorted(ordered, key=lambda draft: _order(draft[0], drafts))
    return [Draft(tuple(draft), group=number) for number, draft in enumerate(ordered, start=1)]


def _items(places: Sequence[Place], series_of: SeriesOf = series) -> list[Place]:
    """Return the places, each item of a written series in the place of what was marked of it and as sure."""
    items: list[Place] = []
    for place in places:
        text = place.hit.text
        start, end = place.start - place.hit.start, place.end - place.hit.start
        first, last = next(((s, e) for s, e in sentences(text) if s <= start < e), (start, end))
        found = series_of(text[first : max(last, end)], start - first, end - first)
        for s, e in found or [(start - first, end - first)]:
            begin = place.hit.start + first + s
            item = replace(place, start=begin, end=begin + e - s, text=text[first + s : first + e])
            if not any(_overlap(item, other) for other in items):
                items.append(item)
    return items


def _is_in(items: Sequence[Place], place: Place) -> bool:
    return any(same_answer(place.text, item.text) for item in items)


def same_answer(one: str, other: str) -> bool:
    """Tell whether the words of one answer stand in a row in the other: "Landberg" in "Christopher Landberg"."""
    a, b = _words(one), _words(other)
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    mine, theirs = _squeezed(one), _squeezed(other)
    if not short or not (mine in theirs or theirs in mine):  # a citation's quote has to hold the answer's words
        return False
    return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))


def _words(text: str) -> list[str]:
    words = [word.casefold() for word in _WORD.findall(_LEAD.sub("", text.strip()))]
    return [word.removesuffix("'s").removesuffix("’s") for word in words]


def _squeezed(text: str) -> str:
    return " ".join(text.casefold().split())


def _overlap(one: Place, other: Place) -> bool:
    return one.hit.version == other.hit.version and one.start < other.end and other.start < one.end


def _unparted(one: Place, other: Place) -> bool:
    """Tell whether nothing parts two places: "some" and "programmes" in "some of the old programmes"."""
    if one.hit.version != other.hit.version or one.hit.start != other.hit.start:
        return False
    first, last = sorted((one, other), key=lambda place: place.start)
    between = one.hit.text[first.end - one.hit.start : last.start - one.hit.start]
    return len(between.split()) <= _NEAR and not _APART.search(between)


def _fullest_first(draft: Sequence[Place]) -> list[Place]:
    return sorted(draft, key=lambda place: not _fuller(place, draft[0]))


def _fuller(place: Place, best: Place) -> bool:
    """Tell whether a place gives the whole name of what the best gives a part of."""
    if place is best or place.confidence < best.confidence * _FULLER or not same_answer(place.text, best.text):
        return False
    more = _words(place.text)
    return len(_words(best.text)) < len(more) <= 5 and all(word[:1].isupper() for word in place.text.split())


def _order(place: Place, drafts: Sequence[Sequence[Place]]) -> tuple[float, int]:
    """Sort articles by their best answer, and answers of one article by their place in it."""
    best = max(d[0].confidence for d in drafts if d[0].hit.version == place.hit.version)
    return -best, place.start
