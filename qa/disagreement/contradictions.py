"""Whether two articles contradict each other in their answers to one question, and whether one corrects the other.

Compared are figures, days, times, scores, and the one name, place or post that a question asks for. Answers that may
be about different things do not contradict each other, nor do doubtful cases.
"""

import re
from datetime import date, timedelta

from corpus.dates.vocabulary import BELOW_TWENTY
from corpus.sentences import sentences
from qa.disagreement.names import is_known_place, proper_name, same_name
from qa.disagreement.quantities import Quantity, counts_the_same, differ, noun_of, quantities, quantity_in
from qa.disagreement.same_event import (
    Claim,
    about_different_things,
    coverage,
    name_nothing_in_common,
    only_one_has_the_name,
)
from qa.question.words import asks_for_a_figure, number_at

FIGURE_COVERAGE = 0.2
"""Share of the question's content words that both sentences need where the question names what it counts."""
UNIT_COVERAGE = 0.3
"""The same where the question does not name it ("$12 million", "six hours")."""
COVERAGE = 0.5
"""The same for questions about days and about names."""

_SCORE = re.compile(r"(?i)\b(?:score|result|by what vote|vote count|tally|what was the vote)\b")
_SCORED = re.compile(r"\b(\d{1,3})\s?(?:[-–:]|to)\s?(\d{1,3})\b")
_WHEN = re.compile(r"(?i)\bwhen\b|\b(?:what|which) (?:day|date|year|month|time|hour|week)\b")
_POST = re.compile(
    r"(?i:\bwhat (?:\w+ )?(?:post|position|title|office|role|rank)\b|\bwhat is .+['’]s (?:job|post|position|title)\b)|"
    r"\b[Ww]ho(?:['’]s|\s+(?:is|was))\s+(?:[A-Z][\w.'’-]*\s*)+\??$"
)
_RANK = r"additional|assistant|deputy|under|vice|first|second|third|senior|junior|joint|associate|chief|principal"
_RANKED = re.compile(rf"(?P<ranks>(?:\b(?:{_RANK})\W+)*)\b(?P<office>[^\W\d_]+)")
_FORMER = re.compile(r"(?i)\b(?:former(?:ly)?|ex|then|outgoing|incoming|designate|elect)\b")
_BELOW = frozenset("assistant deputy under vice associate".split())
"""Ranks that are never left out: a deputy mayor is no mayor."""
_PLURAL = re.compile(
    r"(?i)\b(?:which|what)\s+(?:(?!is\b|was\b|has\b|does\b)[\w-]+\s+)?(?!is\b|was\b|has\b|does\b|news\b)"
    r"[\w-]*[a-hj-rtv-z]s\b|^\W*who (?:are|were)\b|\bboth\b"
)
_WHERE = re.compile(
    r"(?i)\bwhere\b|\b(?:what|which) (?:country|city|town|village|state|place|region|province|county)\b"
)
_ONE_HOLDER = re.compile(
    r"(?i)\bwho(?:'s|’s)?\s+(?:\w+ly\s+)?(?:is|was|will be)\s+(?!\w+ing\b)"
    r"(?:(?:the|its|their|his|her|\w+['’]s)\b(?! \w+s\b)|"
    r"head\b|chief\b|president\b|king\b|\w+ed by)|"
    r"\bwho\s+(?:has\s+|had\s+|will\s+|currently\s+|now\s+)?(?:w[io]ns?|leads?|led|heads?|headed|chairs?|chaired|runs?|ran|owns?|owned|"
    r"signed|shot|killed|murdered|built|designed|discovered|invented|founded|wrote|scored|drove|found|replaced?|"
    r"succeed(?:ed|s)?|opened|closed|commands?|commanded|captained|bought|painted|directed|composed|started|piloted)\b|"
    r"\b(?:which|what)\s+(?!(?:are|were|is|was|did|does|do|has|have)\b)(?:\w+\s+)?\w*[a-rt-z]\s+(?!of\b)\w+|"
    r"\bwhat(?: is|['’]s| was) the (?:name|capital|nickname|winner)\b|\bby whom\b"
)
_CIRCA = re.compile(
    r"(?i)\b(?:about|around|circa|roughly|some time|sometime|approximately|perhaps|early|late)\s+(?:the\s+)?$"
)
_HEDGED = re.compile(r"(?i)\b(?:about|around|shortly|just|nearly|almost|roughly|before|after|by)\b")
_CLOCK = re.compile(
    rf"(?i)\b(?P<hour>\d{{1,2}}|{'|'.join(BELOW_TWENTY)})"
    r"(?:[:.](?P<minute>[0-5]\d)\b(?:\s*[ap]\.?\s?m\b)?|\s*(?:[ap]\.?\s?m\b|o[’']clock))|\b(?:noon|midday|midnight)\b"
)
_JUST_BEFORE = re.compile(r"(?i)(?:\bnot|n[’']t(?: be)?|\binstead of|\brather than)\s+(?:the\s+|an?\s+|of\s+)?[$£€]?$")
_SAYS_SO = re.compile(
    r"(?i)\bcorrect(?:s|ed|ing|ion)\b|\b(?:wrong|mistaken|erroneous|incorrect)(?:ly)?\b|\bin error\b|\bmisstated\b|"
    r"\brevised\b(?! plan)|\bretracted\b|\b(?:earlier|previously|initially|originally|at first|first)\s+"
    r"(?:said|reported|stated|announced|given|gave|put|estimated|counted|thought|believed|named)\b|"
    r"\b(?:said|reported|stated|announced|given|gave|put|estimated|counted)\s+(?:\w+\s+){0,2}?"
    r"(?:earlier|previously|initially|originally|at first)\b|"
    r"\ban? (?:earlier|previous|initial|first) (?:\w+ )?"
    r"(?:version|report|count|figure|estimate|toll|statement|article)\b"
)
_HALF_DAY = 720  # minutes
_LOOSE = 30  # minutes that "about noon" may be off


def are_contradictory(question: str, one: Claim, other: Claim, *, several: bool = False) -> bool:
    """Tell whether two claims of different articles contradict each other as answers to the question.

    several: it asks for several things, so that two names may both be right.
    """
    if one.article == other.article or one.text.casefold().split() == other.text.casefold().split():
        return False
    if _SCORE.search(question) and (mine := _score(one)) and (theirs := _score(other)):
        contradict = mine != theirs
    elif _WHEN.search(question):
        contradict = _times_contradict(question, one, other)
    elif (a := _figure(question, one)) and (b := _figure(question, other)):
        contradict = _figures_contradict(question, (one, a), (other, b))
    elif asks_for_a_figure(question):
        return False
    elif _POST.search(question):
        return _posts_contradict(one, other)  # to `about_different_things`, another rank is another person's role
    else:
        contradict = not several and _names_contradict(question, one, other)
    return contradict and not about_different_things(question, one, other)


def _figure(question: str, claim: Claim) -> Quantity | None:
    """Return the quantity of a claim if the question may ask for one."""
    may_ask = asks_for_a_figure(question) or re.match(r"(?i)(?:what|by how)\b", question)
    return quantity_in(claim.sentence, claim.start, claim.end) if may_ask else None


def _figures_contradict(question: str, mine: tuple[Claim, Quantity], theirs: tuple[Claim, Quantity]) -> bool:
    (one, a), (other, b) = mine, theirs
    if not counts_the_same(a, b) or not differ(a, b) or _knows(one, b) or _knows(other, a):
        return False
    is_named = any(noun_of(word) in (*a.nouns, *b.nouns) for word in re.findall(r"[\w'’-]+", question))
    return _both_cover(question, one, other, FIGURE_COVERAGE if is_named else UNIT_COVERAGE)


def _both_cover(question: str, one: Claim, other: Claim, least: float) -> bool:
    """Tell whether both sentences have at least this share of the question's content words."""
    return min(coverage(question, one), coverage(question, other)) >= least


def _knows(claim: Claim, quantity: Quantity) -> bool:
    """Tell whether a sentence also has the other's figure, and not as a part or an earlier value."""
    return any(
        q.value == quantity.value and not q.partial and not is_corrected(claim.sentence, q.start, q.end)
        for q in quantities(claim.sentence)
    )


def _score(claim: Claim) -> tuple[int, ...] | None:
    found = _SCORED.findall(claim.text)
    return tuple(sorted(map(int, found[0]))) if len(found) == 1 else None


def _times_contradict(question: str, one: Claim, other: Claim) -> bool:
    if not _both_cover(question, one, other, COVERAGE):
        return False
    mine, theirs = _days(one), _days(other)
    if mine and theirs:
        return mine[1] < theirs[0] or theirs[1] < mine[0]
    if mine or theirs:
        return False
    first, second = times_of_day(one.text), times_of_day(other.text)
    return bool(first and second and times_differ(first, second))


def _days(claim: Claim) -> tuple[date, date] | None:
    """Return the first and last day of an answer, with what "about" leaves open. None if it names no day."""
    found = [day for day in claim.days if claim.overlaps(day.start, day.end)]
    if not found:
        return None
    first, last = min(day.first for day in found), max(day.last for day in found)
    is_loose = _CIRCA.search(claim.sentence[: found[0].start])
    loose = max(timedelta(days=3), last - first) if is_loose else timedelta()
    return first - loose, last + loose


def _posts_contradict(one: Claim, other: Claim) -> bool:
    """Tell whether two posts differ only in rank: an assistant secretary is no additional secretary."""
    if any(_FORMER.search(claim.text) for claim in (one, other)):
        return False
    mine, theirs = _ranks(one.text), _ranks(other.text)
    for a, b in ((mine[office], theirs[office]) for office in mine.keys() & theirs.keys()):
        if (a and b and a.isdisjoint(b)) or (not (a and b) and (a | b) & _BELOW):
            return True
    return False


def _ranks(text: str) -> dict[str, set[str]]:
    """Return the offices in a text with their ranks: "the deputy mayor of Ullby" has the mayor, deputy."""
    return {found["office"]: {*re.findall(r"\w+", found["ranks"])} for found in _RANKED.finditer(text.casefold())}


def _names_contradict(question: str, one: Claim, other: Claim) -> bool:
    """Tell whether two short answers give different names to a question to which only one name can be right."""
    one_thing = _WHERE.search(question) or _ONE_HOLDER.search(question)
    if not one_thing or _PLURAL.search(question):
        return False
    mine, theirs = proper_name(one.text), proper_name(other.text)
    if not mine or not theirs or same_name(mine, theirs):
        return False
    if not _both_cover(question, one, other, COVERAGE):
        return False
    if any(_names_it(claim.sentence, name) for claim, name in ((one, theirs), (other, mine))):
        return False
    if _WHERE.search(question) and not (is_known_place(mine) and is_known_place(theirs)):
        return False
    # "Who is the treasurer?" of two stories: the sentences may name nothing, but the passages do.
    unrelated = name_nothing_in_common(question, one, other, passages=True)
    return not unrelated and not only_one_has_the_name(question, one, other)


def _names_it(sentence: str, name: str) -> bool:
    """Tell whether a sentence also has the last word of the other name, not as a correction: it speaks of both."""
    found = re.finditer(rf"\b{re.escape(name)}\b|\b{re.escape(name.split()[-1])}\b", sentence)
    return any(not is_corrected(sentence, *match.span()) for match in found)


def times_of_day(text: str) -> tuple[int, int] | None:
    """Return the earliest and latest minute of half a day that a text's time may mean, None if it has none."""
    time = _CLOCK.search(text)
    if time is None:
        return None
    hour = number_at([time["hour"].casefold()], 0)[0] if time["hour"] else 0
    minutes = int(60 * (hour or 0)) % _HALF_DAY + int(time["minute"] or 0)
    loose = _LOOSE if _HEDGED.search(text) else 0
    return minutes - loose, minutes + loose


def times_differ(one: tuple[int, int], other: tuple[int, int]) -> bool:
    """Tell whether two times differ, if neither need tell which half of the day it means."""
    return all(one[1] + shift < other[0] or other[1] < one[0] + shift for shift in (-_HALF_DAY, 0, _HALF_DAY))


def corrects(claim: Claim, other: Claim) -> bool:
    """Tell whether the passage of a claim says that the other's value was wrong or is no longer held to be right."""
    return any(
        is_corrected(claim.passage[first:last], start - first, end - first)
        for first, last in sentences(claim.passage)
        for start, end in _mentions(claim.passage, first, last, other)
        if not (start < claim.sentence_start + claim.end and claim.sentence_start + claim.start < end)
    )


def is_corrected(sentence: str, start: int, end: int) -> bool:
    """Tell whether a sentence mentions the value `sentence[start:end]` only to correct it."""
    if _JUST_BEFORE.search(sentence[:start]):
        return True
    return _SAYS_SO.search(f"{sentence[:start]} {sentence[end:]}") is not None


def _mentions(text: str, first: int, last: int, other: Claim) -> list[tuple[int, int]]:
    """Return where a sentence of a text has the other's value: its figure, or its very words."""
    figure = quantity_in(other.sentence, other.start, other.end)
    if figure is not None:
        return [
            (first + q.start, first + q.end)
            for q in quantities(text[first:last])
            if (q.value, q.dimension) == (figure.value, figure.dimension)
        ]
    words = re.escape(re.sub(r"(?i)^(?:the|an?)\s+", "", other.text)).replace(r"\ ", r"\s+")
    return [match.span() for match in re.compile(rf"(?i)\b{words}\b").finditer(text, first, last)]
