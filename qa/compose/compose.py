"""Composing: readings become answers; equal ones merge, contradictory ones share a group, the newer one is marked."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import cache, partial

from corpus.article import parse_published
from corpus.near_copies import is_reprint
from qa.compose.drafts import Draft, Place
from qa.compose.people import people
from qa.compose.short_answers import short_drafts
from qa.disagreement.claim import claim_of
from qa.disagreement.contradictions import are_contradictory
from qa.question.answer_type import asked_for

# A further sentence is shown only when it is nearly as likely an answer as the best one.
SENTENCE_MARGIN = 0.75
MAX_SENTENCES = 3
# What prints an answer again is about as likely an answer; the rest need not be compared.
REPRINT_MARGIN = 0.3

Contradict = Callable[[Place, Place], bool]
"""Tells whether two places contradict each other as answers to the question."""


def compose(question: str, places: Sequence[Place], *, threshold: float) -> list[Draft]:
    """Return the answers that the places give, most confident first: the best, and what from the threshold counts.

    places: most confident first, all of kind short or all of kind sentence; none where the question is not answered.
    """
    contradict = _contradict(question)
    if places and places[0].kind == "short":
        asked = asked_for(question)
        short = short_drafts(
            places,
            threshold=threshold,
            several=asked.several,
            row=partial(people, question) if asked.whoever else None,
            contradict=contradict,
            number=asked.number,
        )
        drafts = [_sources_once(draft) for draft in short]
    else:
        drafts = [_with_reprints(draft, places) for draft in _sentence_drafts(places, threshold, contradict)]
    return _mark_rivals(drafts, contradict)


def _contradict(question: str) -> Contradict:
    claim = cache(lambda place: claim_of(place.hit, place.start, place.end))
    return lambda one, other: are_contradictory(question, claim(one), claim(other))


def _sentence_drafts(places: Sequence[Place], threshold: float, contradict: Contradict) -> list[Draft]:
    drafts: list[Draft] = []
    for place in _worth_showing(places, threshold, contradict):
        if any(_is_reprint(draft, place) for draft in drafts):
            continue
        same = next((n for n, draft in enumerate(drafts) if _says_the_same(draft, place)), None)
        if same is not None:
            drafts[same] = replace(drafts[same], places=(*drafts[same].places, place))
        elif len(drafts) < MAX_SENTENCES:
            drafts.append(Draft((place,), group=len(drafts) + 1))
    return drafts


def _worth_showing(places: Sequence[Place], threshold: float, contradict: Contradict) -> list[Place]:
    """Return the places that are answers: those nearly as likely as the best, and what contradicts it."""
    if not places:
        return []
    best = places[0]
    floor = max(threshold, best.confidence * SENTENCE_MARGIN)
    beside = (p for p in places[1:] if p.confidence >= floor or (p.confidence >= threshold and contradict(best, p)))
    return [best, *beside]


def _says_the_same(draft: Draft, place: Place) -> bool:
    """Tell whether the place's words contain the shown ones or are contained in them, so that its quote proves them."""
    new, shown = _normal(place.text), _normal(draft.best.text)
    return new in shown or shown in new


def _with_reprints(draft: Draft, places: Sequence[Place]) -> Draft:
    """Return the draft with the places that print it again, also those too unsure to be answers themselves."""
    floor = draft.best.confidence * REPRINT_MARGIN
    return replace(draft, reprints=tuple(p for p in places if p.confidence >= floor and _is_reprint(draft, p)))


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


def _is_reprint(draft: Draft, place: Place) -> bool:
    """Tell whether another article prints a sentence of the draft again, word for word or with slight edits."""
    return any(place.hit.article != other.hit.article and is_reprint(place.text, other.text) for other in draft.places)


def _normal(text: str) -> str:
    return " ".join(text.casefold().split())


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
