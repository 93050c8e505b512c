"""Composing: extractions become answers; equal ones merge, rivals share a group, the newer one is marked.

A question that asks how old somebody is takes only words with a number or an age.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date
from functools import cache

from corpus.near_copies import is_reprint
from qa.compose.drafts import Draft, Place, fullest_first, items, same_answer, same_place, unparted
from qa.disagreement.contradictions import are_contradictory, corrects
from qa.disagreement.same_event import Claim, claim_of
from qa.question.words import NUMBER_WORDS
from qa.reader.protocol import ReadResult
from qa.result import Status
from qa.status import status_of_rest, surely_one_is_right

MOST = 8
MOST_UNSURE = 3
_CITED = 0.5
"""Share of the threshold that a place needs to be cited for an answer that is shown already."""
_REPRINT_MARGIN = 0.3
"""Share of the best place's confidence. Places below it are not compared: a reprint is about as likely an answer."""

Contradict = Callable[[Place, Place], bool]
"""Tells whether two places contradict each other as answers to the question."""
_HOW_OLD = re.compile(r"(?i)^\W*(?:(?:and|but|so)\s+)*how\s+old\b|\bwhat (?:age|is (?:his|her|their|its) age)\b")
_AGE = re.compile(
    rf"(?i)\d|\b(?:{'|'.join(sorted(NUMBER_WORDS))})\b|\b(?:an?|half|few|several|many|couple)\b.*\b(?:decade|centur|year|month|"
    r"week|day|hour)|\b(?:twent|thirt|fort|fift|sixt|sevent|eight|ninet)(?:y\b|ies)|\bteen|\b(?:newborn|infant|toddler|"
    r"middle-aged|elderly|centur|decades|ancient|prehistoric|medieval|oldest|youngest)"
)


def compose(
    question: str, places: Sequence[Place], read: ReadResult, *, threshold: float
) -> tuple[list[Draft], Status]:
    """Return the answers that the places give, most confident first, and the status of the question.

    places: those of what was read that fit the question, most confident first. threshold: the confidence from which a
    further place counts beside the best. Of a question for several things, those of one article come in its order.
    Beside the likeliest of unsure answers stands what else may answer.
    """
    best = max((extraction.confidence for extraction in read.extractions), default=0.0)
    rest = [place.confidence for place in places]
    status = status_of_rest(read.status, rest, best=best, answered_from=read.answered_from)
    if status == "not_in_library":
        return [], status
    contradict: Contradict = (lambda one, other: True) if read.rivals else _contradict(question, several=read.several)
    # What a second and a further answer need: a share of the best one's confidence, and at least so much.
    second, further, least, most = 0.55, 0.55, threshold, MOST
    if read.chosen:
        second, further, least, threshold = 0.0, 0.0, 0.0, 0.0
    elif read.several:
        # One thing of a list being sure, the others are judged by it: they share the probability between them.
        second, further, least = 0.25, 0.4, 0.0
    elif status == "unsure":
        second, further, least, most = 0.3, 0.3, 0.0, MOST_UNSURE
    if read.several:
        places = [item for place in places for item in items(place)]
    shares = (0.0, second, *[further] * (most - 2))
    found = _grouped(places, [max(least, share * rest[0]) for share in shares], threshold, contradict)
    groups = [_without_denied(group, found) for group in found]
    if read.several:
        groups = sorted((_once_an_article(group) for group in groups), key=lambda group: _order(group[0], groups))
    drafts = [Draft(tuple(fullest_first(group)), group=number) for number, group in enumerate(groups, start=1)]
    drafts = _mark_rivals([_sources_once(draft, places) for draft in drafts], contradict)
    rivals = [draft for draft in drafts if draft.group == drafts[0].group]
    shared = [draft.best.confidence for draft in rivals]
    if status == "unsure" and surely_one_is_right(shared, answered_from=read.answered_from):
        return rivals, "answered"
    return drafts, status


def _claim(place: Place) -> Claim:
    return claim_of(place.hit, place.start, place.end)


def _contradict(question: str, *, several: bool) -> Contradict:
    claim = cache(_claim)  # each place is compared with several others
    return lambda one, other: are_contradictory(question, claim(one), claim(other), several=several)


def _grouped(
    places: Sequence[Place], needed: Sequence[float], threshold: float, contradict: Contradict
) -> list[list[Place]]:
    """Return the places of each answer, best first. needed: the confidence of each further answer, 0 of the first."""
    groups: list[list[Place]] = []
    for place in places:
        same = next((group for group in groups if all(same_answer(place.text, other.text) for other in group)), None)
        if same is not None:
            if place.confidence >= threshold * _CITED and not any(place.overlaps(other) for other in same):
                same.append(place)
            continue
        if any(same_place(place.text, group[0].text) for group in groups):
            continue
        if len(groups) == len(needed):
            continue
        likely = not groups or place.confidence >= needed[len(groups)]
        rival = bool(groups) and place.confidence >= threshold and contradict(groups[0][0], place)
        shown = (other for group in groups for other in group)
        apart = not any(place.overlaps(other) or unparted(place, other) for other in shown)
        if (likely or rival) and apart:
            groups.append([place])
    return groups


def _without_denied(group: list[Place], groups: Sequence[Sequence[Place]]) -> list[Place]:
    """Return the places without those that their own article calls wrong: "587, not 612" is no source for 612."""
    others = [place for other in groups if other is not group for place in other]
    return [place for place in group if not any(_denies(other, place) for other in others)] or group


def _denies(place: Place, other: Place) -> bool:
    if place.hit.article != other.hit.article:
        return False
    mine, theirs = _claim(place), _claim(other)
    return corrects(mine, theirs) and not corrects(theirs, mine)


def _once_an_article(group: Sequence[Place]) -> list[Place]:
    """Return the places of one item of a list, one of each article."""
    return list({place.hit.article: place for place in reversed(group)}.values())[::-1]


def _order(place: Place, groups: Sequence[Sequence[Place]]) -> tuple[float, int]:
    """Sort articles by their best answer, and answers of one article by their place in it."""
    best = max(group[0].confidence for group in groups if group[0].hit.version == place.hit.version)
    return -best, place.start


def _sources_once(draft: Draft, places: Sequence[Place]) -> Draft:
    """Return the draft with one place a source: what prints a cited sentence or passage again is a reprint.

    Of a whole sentence, places that are too unsure to be answers may be reprints, too.
    """
    kept: list[Place] = []
    for place in draft.places:
        if not any(_printed_again(place, other) for other in kept):
            kept.append(place)
    floor = draft.best.confidence * _REPRINT_MARGIN
    unsure = [p for p in places if p.confidence >= floor] if draft.best.kind == "sentence" else []
    others = (place for place in dict.fromkeys((*draft.places, *unsure)) if place not in kept)
    reprints = (place for place in others if any(_printed_again(place, other) for other in kept))
    return replace(draft, places=tuple(kept), reprints=tuple(reprints))


def _printed_again(place: Place, other: Place) -> bool:
    if place.hit.article == other.hit.article:
        return False
    return place.hit.copy_group == other.hit.copy_group or is_reprint(_claim(place).sentence, _claim(other).sentence)


def _mark_rivals(drafts: Sequence[Draft], contradict: Contradict) -> list[Draft]:
    """Give drafts that contradict each other one group, mark the newest and what corrects another, in order of days."""
    marked = list(drafts)
    for n, draft in enumerate(marked):
        rival = next((other for other in marked[:n] if contradict(other.best, draft.best)), None)
        if rival is not None:
            marked[n] = replace(draft, group=rival.group)
    groups = dict.fromkeys(draft.group for draft in marked)
    return [draft for group in groups for draft in _in_order([d for d in marked if d.group == group])]


def _in_order(rivals: list[Draft]) -> list[Draft]:
    """Return the drafts of one group in the order of their days, those without a day last."""
    if len(rivals) == 1:
        return rivals
    days = [day for draft in rivals if (day := draft.best.hit.info.day)]
    differ = len(days) == len(rivals) and len(set(days)) > 1
    claims = [_claim(draft.best) for draft in rivals]
    marked = [
        replace(
            draft,
            newer=differ and days[n] == max(days),
            corrects=tuple(o.best for o, theirs in zip(rivals, claims, strict=True) if corrects(claims[n], theirs)),
        )
        for n, draft in enumerate(rivals)
    ]
    return sorted(marked, key=lambda draft: draft.published or date.max)


def of_the_age_asked(question: str, places: Sequence[Place]) -> list[Place]:
    """Return the places that may answer a question for how old somebody or something is; of other questions all."""
    return [place for place in places if not _HOW_OLD.search(question) or _AGE.search(place.text)]
