"""Whether two articles contradict each other in their answers to one question.

Compared are figures, days, times, scores, and the one name, place or post that a question asks for. Answers that may
be about different things do not contradict each other, nor do doubtful cases.
"""

import re
from datetime import date, timedelta

from qa.disagreement.claim import Claim
from qa.disagreement.names import is_known_place, proper_name, same_name
from qa.disagreement.quantities import Quantity, counts_the_same, differ, quantities, quantity_in, singular
from qa.disagreement.same_event import (
    about_different_things,
    asked_stems,
    coverage,
    for_different_parties,
    same_step,
    stems,
)
from qa.disagreement.times import times_differ, times_of_day
from qa.question.answer_type import asked_for
from qa.question.numbers import asks_for_a_figure

FIGURE_COVERAGE = 0.2
"""Share of the question's content words that both sentences need where the question names what it counts."""
UNIT_COVERAGE = 0.3
"""The same where the question does not name it ("$12 million", "six hours")."""
DAY_COVERAGE = 0.5
NAME_COVERAGE = 0.5
"""The same for questions about days and about names."""

_SCORE = re.compile(r"(?i)\b(?:score|result|by what vote|vote count|tally|what was the vote)\b")
_SCORED = re.compile(r"\b(\d{1,3})\s?(?:[-–:]|to)\s?(\d{1,3})\b")
_WHEN = re.compile(r"(?i)\bwhen\b|\b(?:what|which) (?:day|date|year|month|time|hour|week)\b")
_POST = re.compile(
    r"(?i)\bwhat (?:\w+ )?(?:post|position|title|office|role|rank)\b|\bwhat is .+['’]s (?:job|post|position|title)\b"
)
_RANKS = frozenset(
    "additional assistant deputy under vice first second third senior junior joint associate chief principal".split()
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
_SHORT_WORDS = 9
_CIRCA = re.compile(
    r"(?i)\b(?:about|around|circa|roughly|some time|sometime|approximately|perhaps|early|late)\s+(?:the\s+)?$"
)
_ONE_YEAR = re.compile(r"^\s*(?P<year>1[0-9]{3}|20[0-9]{2})\s*$")


def are_contradictory(question: str, one: Claim, other: Claim) -> bool:
    """Tell whether two claims of different articles contradict each other as answers to the question."""
    if one.article == other.article or _folded(one.text) == _folded(other.text):
        return False
    if _SCORE.search(question) and (mine := _score(one)) and (theirs := _score(other)):
        return mine != theirs and not about_different_things(question, one, other)
    if _WHEN.search(question):
        return _times_contradict(question, one, other) and not about_different_things(question, one, other)
    if (mine_q := _figure(question, one)) and (theirs_q := _figure(question, other)):
        return _figures_contradict(question, (one, mine_q), (other, theirs_q)) and not about_different_things(
            question, one, other
        )
    if asks_for_a_figure(question) or one.is_whole or other.is_whole or _is_long(one) or _is_long(other):
        return False
    if _POST.search(question):
        return _posts_contradict(one, other)
    asked = asked_for(question)
    if asked.sentence or asked.several or not (_WHERE.search(question) or _ONE_HOLDER.search(question)):
        return False
    return _names_contradict(question, one, other) and not (
        about_different_things(question, one, other) or for_different_parties(question, one, other)
    )


def _figure(question: str, claim: Claim) -> Quantity | None:
    """Return the quantity in a claim. In a whole sentence it is the one that counts what the question asks for."""
    if not claim.is_whole:
        opens = re.match(r"(?i)^(?:(?:the|an?|about|some|over|under|up to|more than|less than|fewer than|as many as|at|"
                         r"least|most|nearly|almost|around|roughly|between|only|just|estimated|no one|none|nobody|"
                         r"approximately|for|by)\s+)*(?:[$£€]|\w)", claim.text)  # fmt: skip
        if not asks_for_a_figure(question) and not re.match(r"(?i)(?:what|by how)\b", question):
            return None
        return quantity_in(claim.sentence, claim.start, claim.end) if opens else None
    if not asks_for_a_figure(question):
        return None
    counted = _counted(question)
    meant = [q for q in quantities(claim.sentence) if not q.partial and _is_meant(q, counted)]
    return meant[0] if meant else None


def _counted(question: str) -> set[str]:
    """Return what a question counts: the words after "how many", up to the verb."""
    match = re.search(r"(?i)\bhow many\s+((?:[\w'’-]+\s*){1,3})", question)
    return {singular(word) for word in match[1].split()[:2]} if match else set()


def _is_meant(quantity: Quantity, counted: set[str]) -> bool:
    return bool(counted & set(quantity.nouns)) if counted else bool(quantity.dimension)


def _figures_contradict(question: str, mine: tuple[Claim, Quantity], theirs: tuple[Claim, Quantity]) -> bool:
    (one, a), (other, b) = mine, theirs
    asked = frozenset(singular(word) for word in re.findall(r"[\w'’-]+", question))
    if not counts_the_same(a, b, asked) or not differ(a, b):
        return False
    counted = _counted(question)
    for quantity in (a, b):
        if counted and quantity.nouns and not counted & set(quantity.nouns) and a.nouns[:1] != b.nouns[:1]:
            return False
    if any(_knows(claim, quantity) for claim, quantity in ((one, b), (other, a))):
        return False
    named = bool(counted) and any(counted & set(quantity.nouns) for quantity in (a, b))
    least = FIGURE_COVERAGE if named else UNIT_COVERAGE
    return min(coverage(question, one), coverage(question, other)) >= least


def _knows(claim: Claim, quantity: Quantity) -> bool:
    """Tell whether a sentence also has the other's figure, and not as a part or an earlier value."""
    return any(q.value == quantity.value and not q.partial for q in quantities(claim.sentence))


def _score(claim: Claim) -> tuple[int, ...] | None:
    text = claim.sentence if claim.is_whole else claim.text
    found = _SCORED.findall(text)
    return tuple(sorted(map(int, found[0]))) if len(found) == 1 else None


def _times_contradict(question: str, one: Claim, other: Claim) -> bool:
    if any(not _is_about(question, claim) for claim in (one, other)):
        return False
    mine, theirs = _days(one), _days(other)
    if mine and theirs:
        return mine[1] < theirs[0] or theirs[1] < mine[0]
    if mine or theirs or one.is_whole or other.is_whole:
        return False
    first, second = times_of_day(one.text), times_of_day(other.text)
    return bool(first and second and times_differ(first, second))


def _is_about(question: str, claim: Claim) -> bool:
    """Tell whether a sentence shares enough words with a question about a day; a synonym of its verb is enough."""
    return coverage(question, claim) >= DAY_COVERAGE or same_step(question, claim)


def _days(claim: Claim) -> tuple[date, date] | None:
    """Return the first and last day of an answer. None if it names none, or is a sentence with several."""
    if claim.is_whole:
        found = list(claim.days)
        if len(found) != 1:
            return None
    else:
        found = [day for day in claim.days if day.start < claim.end and claim.start < day.end]
    year = _ONE_YEAR.match(claim.text)
    if not found and not year:
        return None
    first = min(day.first for day in found) if found else date(int(year["year"]), 1, 1) if year else date.min
    last = max(day.last for day in found) if found else date(int(year["year"]), 12, 31) if year else date.max
    start = found[0].start if found else claim.start
    if _CIRCA.search(claim.sentence[:start]) or _CIRCA.search(claim.text[: max(0, start - claim.start)]):
        loose = timedelta(days=1830 if (last - first).days > 360 else 31 if (last - first).days > 25 else 3)
        return first - loose, last + loose
    return first, last


def _posts_contradict(one: Claim, other: Claim) -> bool:
    """Tell whether two posts differ only in rank: an assistant secretary is no additional secretary."""
    mine, theirs = (re.findall(r"[^\W\d_]+", claim.text.casefold()) for claim in (one, other))
    ranks = [[word for word in words if word in _RANKS] for words in (mine, theirs)]
    heads = [
        {words[at + 1] for at, word in enumerate(words[:-1]) if word in _RANKS and words[at + 1] not in _RANKS}
        for words in (mine, theirs)
    ]
    return bool(ranks[0] and ranks[1] and set(ranks[0]).isdisjoint(ranks[1]) and heads[0] & heads[1])


def _names_contradict(question: str, one: Claim, other: Claim) -> bool:
    mine, theirs = proper_name(one.text), proper_name(other.text)
    if not mine or not theirs or _is_list(one.text) or _is_list(other.text) or same_name(mine, theirs):
        return False
    if min(coverage(question, one), coverage(question, other)) < NAME_COVERAGE:
        return False
    if any(_names_it(claim.sentence, name) for claim, name in ((one, theirs), (other, mine))):
        return False
    known = [is_known_place(name) for name in (mine, theirs)]
    if _WHERE.search(question):
        alike = mine.split()[-1] == theirs.split()[-1] and len(mine.split()) > 1 < len(theirs.split())
        return all(known) or alike or _wants_a_kind(question)
    return known[0] == known[1] and not stems([*mine.split(), *theirs.split()]) & asked_stems(question)


def _wants_a_kind(question: str) -> bool:
    return re.search(r"(?i)\b(?:what|which) (?:city|town|village)\b", question) is not None


def _names_it(sentence: str, name: str) -> bool:
    """Tell whether a sentence also has the last word of the other name: then it speaks of both."""
    return re.search(rf"\b{re.escape(name.split()[-1])}\b", sentence) is not None


def _is_list(text: str) -> bool:
    return re.search(r",| and | or |&", text) is not None and len(text.split()) > 2


def _is_long(claim: Claim) -> bool:
    return len(claim.text.split()) > _SHORT_WORDS


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())
