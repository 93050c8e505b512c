"""The words of a statement in its sentence: the clause after a verb of saying, or before it, or around it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.dates.tense import PAST
from corpus.speakers.names import Span, name_after
from corpus.speakers.quotations import Quotation
from corpus.speakers.vocabulary import ADDRESSEE, ADJUNCT, CONJUNCTIONS, TOLD_WHOM, VERBS_IN

LEAD = re.compile(r"[\s,]*(?:(?:[Aa]nd|[Bb]ut|[Ss]o|[Yy]et|[Tt]hen|[Hh]owever|[Mm]eanwhile|[Ss]till)\b(?!-)[\s,]*)?")
_ADDING = re.compile(
    r"(?:,| and) (?:and )?(?:adding|saying|noting|warning|stressing|insisting|arguing|explaining)(?: that)?(?=[ ,:])"
)
_JOINED = re.compile(r",? (?:and|but|so|yet)\b")
WORDS = re.compile(r"[\w’'-]+")
TOLD = frozenset(("told", "tells"))


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a paragraph: `text[start:end]`; `masked` is the text with all quoted words blotted out."""

    text: str
    masked: str
    start: int
    end: int
    quotes: Sequence[Quotation]


@dataclass(frozen=True, slots=True)
class Attribution:
    """Words and their speaker, as spans of the text; `quoted` tells whether the words are quoted as a whole."""

    words: Span
    speaker: Span
    quoted: bool


def clauses_from(sentence: Sentence, start: int, speaker: Span) -> list[Attribution]:
    """Return the clause from `start` to the sentence's end, and what ", adding that" adds as one of its own."""
    masked, cuts = sentence.masked, [start]
    ends = []
    for adding in _ADDING.finditer(masked, start, sentence.end):
        ends.append(adding.start())
        cuts.append(adding.end())
    ends.append(sentence.end)
    found = []
    for first, last in zip(cuts, ends, strict=True):
        words = _trimmed(masked, first, last)
        if words and len(WORDS.findall(masked, *words)) >= 2:
            found.append(Attribution(words, speaker, False))
    return found


def clause_before(sentence: Sentence, end: int, speaker: Span) -> list[Attribution]:
    """Return the clause from the sentence's start to the comma before the speaker or verb."""
    lead = LEAD.match(sentence.masked, sentence.start, end)
    words = _trimmed(sentence.masked, lead.end() if lead else sentence.start, end)
    if (
        words is None
        or sentence.masked[words[1] : end].strip(" ") not in (",", "—", "–", "")
        or not WORDS.search(sentence.masked, *words)
    ):
        return []
    if not sentence.masked[words[1] : end].strip() or len(WORDS.findall(sentence.masked, *words)) < 3:
        return []
    return [Attribution(words, speaker, False)]


def clauses_around(sentence: Sentence, speaker: Span, after: int) -> list[Attribution]:
    """Read `…, X said, …`: what stands before, what stands after, or both where they are clauses of one statement."""
    masked = sentence.masked
    before = clause_before(sentence, speaker[0], speaker)
    words = WORDS.findall(masked, *before[0].words) if before else []
    if len(words) < 4 or not any(word in VERBS_IN or word in PAST or word.endswith("ed") for word in words):
        before = []
    lead = _JOINED.match(masked, after, sentence.end)
    if before and not lead and words[0].lower() not in CONJUNCTIONS:
        return before
    return before + clauses_from(sentence, lead.end() if lead else after, speaker)


def _trimmed(masked: str, start: int, end: int) -> Span | None:
    while start < end and masked[start] in " ,:;\t\u00a0":
        start += 1
    while end > start and masked[end - 1] in " ,;:.!?—–\t\u00a0\n":
        end -= 1
    return (start, end) if start < end else None


def adjuncts_end(masked: str, verb: re.Match[str], end: int) -> int:
    """Return where the words stated can begin: after the day, the place or the people told."""
    position = verb.end()
    if verb["verb"] in TOLD:
        told = name_after(masked, position, end)
        addressee = ADDRESSEE.match(masked, position, end)
        whom = TOLD_WHOM.match(masked, position, end)
        position = whom.end() if whom else addressee.end() if addressee else told[1] if told else position
    adjunct = ADJUNCT.match(masked, position, end)
    return adjunct.end() if adjunct else position


def only_adjuncts(masked: str, start: int, end: int) -> bool:
    """Tell whether nothing but day, place and people told stands between a verb or name and the sentence's end."""
    rest = masked[start:end].rstrip(" .!?\n")
    adjunct = ADJUNCT.match(rest)
    rest = rest[adjunct.end() :] if adjunct else rest
    return (
        not rest.strip()
        or re.match(r", (?:[a-z]+ing|who|the|an?|its) ", rest) is not None
        or re.fullmatch(r",? (?:in|on|at|during|to|from|via|after|by|of|through|with) [^,.;:“\"]{1,70}", rest)
        is not None
    )
