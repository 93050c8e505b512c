"""Composing: readings become answers; equal ones merge, rivals share a group, the newer one is marked."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.article import parse_published
from corpus.copies import is_reprint
from embeddings.library import Hit
from qa.answer import Kind
from qa.figures import rival_figures

MAX_ANSWERS = 6
# A further sentence is shown only when it is nearly as likely an answer as the best one.
SENTENCE_MARGIN = 0.75
MAX_SENTENCES = 3
# What prints an answer again is about as likely an answer; the rest need not be compared.
REPRINT_MARGIN = 0.3


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `[start, end)` of a hit's article version, read as an answer."""

    hit: Hit
    start: int
    end: int
    text: str
    confidence: float
    kind: Kind


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before its citations are made: the places that say it, best first; rivals share a group.

    `reprints` are places in other articles that print the same sentence: no further sources.
    """

    places: tuple[Place, ...]
    group: int
    reprints: tuple[Place, ...] = ()
    newer: bool = False

    @property
    def best(self) -> Place:
        """The place whose words are shown."""
        return self.places[0]


def compose(question: str, places: Sequence[Place], *, threshold: float) -> list[Draft]:
    """Return the answers that the places give, most confident first; none when every place is below the threshold.

    places: most confident first.
    """
    drafts: list[Draft] = []
    for place in _worth_showing(question, places, threshold):
        if any(_is_reprint(draft, place) for draft in drafts):
            continue
        same = next((n for n, draft in enumerate(drafts) if _says_the_same(draft, place)), None)
        if same is not None:
            drafts[same] = replace(drafts[same], places=(*drafts[same].places, place))
        elif len(drafts) < (MAX_SENTENCES if place.kind == "sentence" else MAX_ANSWERS):
            drafts.append(Draft((place,), group=len(drafts) + 1))
    shown = [_with_reprints(draft, places) for draft in drafts]
    return _mark_rivals(question, shown)


def _worth_showing(question: str, places: Sequence[Place], threshold: float) -> list[Place]:
    """Return the places that are answers: of sentences those nearly as likely as the best, and its rivals' figures."""
    if not places or places[0].confidence < threshold:
        return []
    best = places[0]
    floor = max(threshold, best.confidence * SENTENCE_MARGIN)
    return [
        place
        for place in places
        if place.confidence >= (floor if place.kind == "sentence" else threshold)
        or (place.confidence >= threshold and _are_rivals(question, best, place))
    ]


def _are_rivals(question: str, one: Place, other: Place) -> bool:
    """Tell whether two places of different articles state different figures for what the question asks."""
    return one.hit.article != other.hit.article and rival_figures(question, one.text, other.text)


def _says_the_same(draft: Draft, place: Place) -> bool:
    """Tell whether the place's words contain the shown ones or are contained in them, so that its quote proves them."""
    new, shown = _normal(place.text), _normal(draft.best.text)
    return new in shown or shown in new


def _with_reprints(draft: Draft, places: Sequence[Place]) -> Draft:
    """Return the draft with the places that print it again, also those too unsure to be answers themselves."""
    floor = draft.best.confidence * REPRINT_MARGIN
    return replace(draft, reprints=tuple(p for p in places if p.confidence >= floor and _is_reprint(draft, p)))


def _is_reprint(draft: Draft, place: Place) -> bool:
    """Tell whether another article prints a sentence of the draft again, word for word or with slight edits."""
    return place.kind == "sentence" and any(
        place.hit.article != other.hit.article and is_reprint(place.text, other.text) for other in draft.places
    )


def _normal(text: str) -> str:
    return " ".join(text.casefold().split())


def _mark_rivals(question: str, drafts: list[Draft]) -> list[Draft]:
    """Give drafts that state different figures for the same thing one group, and mark the newest of them."""
    marked = list(drafts)
    for n, draft in enumerate(marked):
        for earlier in range(n):
            other = marked[earlier]
            if _are_rivals(question, other.best, draft.best):
                marked[n] = replace(draft, group=other.group)
                break
    for group in {draft.group for draft in marked}:
        rivals = [n for n, draft in enumerate(marked) if draft.group == group]
        days = {n: marked[n].best.hit.info.published for n in rivals}
        dated = {n: parse_published(day) for n, day in days.items() if day is not None}
        if len(rivals) > 1 and len(dated) == len(rivals) and len(set(dated.values())) > 1:
            newest = max(dated.values())
            marked = [replace(d, newer=True) if dated.get(n) == newest else d for n, d in enumerate(marked)]
    return marked
