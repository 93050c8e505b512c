"""Composing: extractions become answers; equal ones merge, rivals share a group, the newer one is marked."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from corpus.article import parse_published
from corpus.near_copies import is_reprint
from qa.compose.drafts import Draft, Place
from qa.compose.same_answer import fullest_first, same_answer, unparted
from qa.disagreement.claim import claim_of
from qa.disagreement.contradictions import are_contradictory

MOST = 8
MOST_UNSURE = 3
_CITED = 0.5
"""Of the threshold, what a place needs to be cited for an answer that is shown already."""
_REPRINT_MARGIN = 0.3
"""Of the best's confidence: what prints an answer again is about as likely an answer; the rest need not be compared."""

Contradict = Callable[[Place, Place], bool]
"""Tells whether two places contradict each other as answers to the question."""


@dataclass(frozen=True, slots=True)
class _Margins:
    """Of the best's confidence, what a second and a further answer need; of the whole, what any needs."""

    second: float
    further: float
    least: float


def compose(
    question: str,
    places: Sequence[Place],
    *,
    threshold: float,
    several: bool = False,
    rivals: bool = False,
    chosen: bool = False,
    unsure: bool = False,
) -> list[Draft]:
    """Return the answers that the places give, most confident first: the best, and what counts beside it.

    places: most confident first; none where nothing is shown. threshold: the confidence from which a further place
    counts. several: the question asks for several things; those of one article then come in its order. rivals: the
    places are known to contradict each other. chosen: each was chosen as an answer, so that all count. unsure: the
    answers are shown as unsure, so that what else may answer stands beside the likeliest.
    """
    if not places:
        return []
    contradict: Contradict = (lambda one, other: True) if rivals else _contradict(question)
    margins, most = _Margins(0.55, 0.55, threshold), MOST
    if chosen:
        margins, threshold = _Margins(0.0, 0.0, 0.0), 0.0
    elif several:
        # One thing of a list being sure, the others are judged by it: they share the probability between them.
        margins = _Margins(0.25, 0.4, 0.0)
    elif unsure:
        margins, most = _Margins(0.3, 0.3, 0.0), MOST_UNSURE
    groups = _grouped(places, margins, most, threshold, contradict)
    if several:
        groups = sorted(groups, key=lambda group: _order(group[0], groups))
    drafts = [Draft(tuple(fullest_first(group)), group=number) for number, group in enumerate(groups, start=1)]
    return _mark_rivals([_with_reprints(_sources_once(draft), places) for draft in drafts], contradict)


def any_right(rivals: Sequence[Draft]) -> float:
    """Return the probability that one of several answers is right, which contradict each other and so share it."""
    return min(1.0, sum(draft.best.confidence for draft in rivals))


def _contradict(question: str) -> Contradict:
    claim = cache(lambda place: claim_of(place.hit, place.start, place.end))
    return lambda one, other: are_contradictory(question, claim(one), claim(other))


def _grouped(
    places: Sequence[Place], margins: _Margins, most: int, threshold: float, contradict: Contradict
) -> list[list[Place]]:
    """Return the places of each answer, best first."""
    best = places[0].confidence
    groups: list[list[Place]] = []
    for place in places:
        same = next((group for group in groups if all(same_answer(place.text, other.text) for other in group)), None)
        if same is not None:
            if place.confidence >= threshold * _CITED and not any(place.overlaps(other) for other in same):
                same.append(place)
            continue
        margin = margins.second if len(groups) < 2 else margins.further
        likely = not groups or place.confidence >= max(margins.least, best * margin)
        rival = bool(groups) and place.confidence >= threshold and contradict(groups[0][0], place)
        shown = (other for group in groups for other in group)
        apart = not any(place.overlaps(other) or unparted(place, other) for other in shown)
        if (likely or rival) and apart and len(groups) < most:
            groups.append([place])
    return groups


def _order(place: Place, groups: Sequence[Sequence[Place]]) -> tuple[float, int]:
    """Sort articles by their best answer, and answers of one article by their place in it."""
    best = max(group[0].confidence for group in groups if group[0].hit.version == place.hit.version)
    return -best, place.start


def _sources_once(draft: Draft) -> Draft:
    """Return the draft with one place a source: what prints a cited sentence or passage again is a reprint."""
    kept: list[Place] = []
    reprints: list[Place] = []
    for place in draft.places:
        (reprints if any(_printed_again(place, other) for other in kept) else kept).append(place)
    return replace(draft, places=tuple(kept), reprints=tuple(reprints))


def _printed_again(place: Place, other: Place) -> bool:
    if place.hit.article == other.hit.article:
        return False
    mine, theirs = (claim_of(p.hit, p.start, p.end).sentence for p in (place, other))
    return place.hit.copy_group == other.hit.copy_group or is_reprint(mine, theirs)


def _with_reprints(draft: Draft, places: Sequence[Place]) -> Draft:
    """Return the draft with the places that print a sentence of it again, also those too unsure to be answers."""
    if draft.best.kind != "sentence":
        return draft
    floor = draft.best.confidence * _REPRINT_MARGIN
    known = {*draft.places, *draft.reprints}
    more = (p for p in places if p.confidence >= floor and p not in known and _prints_again(p, draft))
    return replace(draft, reprints=(*draft.reprints, *more))


def _prints_again(place: Place, draft: Draft) -> bool:
    return any(place.hit.article != other.hit.article and is_reprint(place.text, other.text) for other in draft.places)


def _mark_rivals(drafts: Sequence[Draft], contradict: Contradict) -> list[Draft]:
    """Give drafts that contradict each other one group, and mark the newest of them."""
    marked = list(drafts)
    for n, draft in enumerate(marked):
        rival = next((other for other in marked[:n] if contradict(other.best, draft.best)), None)
        if rival is not None:
            marked[n] = replace(draft, group=rival.group)
    for group in {draft.group for draft in marked}:
        rivals = [n for n, draft in enumerate(marked) if draft.group == group]
        days = {n: marked[n].best.hit.info.published for n in rivals}
        dated = {n: parse_published(day) for n, day in days.items() if day is not None}
        if len(rivals) > 1 and len(dated) == len(rivals) and len(set(dated.values())) > 1:
            newest = max(dated.values())
            marked = [replace(d, newer=True) if dated.get(n) == newest else d for n, d in enumerate(marked)]
    return marked
