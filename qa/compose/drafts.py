"""Answers before they are cited: the places that were read, how two of them compare, and drafts of answers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from corpus.sentences import sentences
from embeddings.library.search import Hit
from qa.disagreement.names import country, is_known_place
from qa.question.words import POSSESSIVE
from qa.reader.protocol import Extraction
from qa.result import Kind

_MOST_OF_A_SENTENCE = 0.8
_FULLER = 0.5
"""Share of the best place's confidence that a fuller name needs to be shown in its place."""
_MOST_NAME_WORDS = 5
_NEAR = 4
"""Words between two spans that may belong to one phrase."""
_WORD = re.compile(r"\w+(?:[.,:’'-]\w+)*|[%$£€]")
_LEAD = re.compile(r"(?i)^(?:the|a|an)\s+")
_JOINT = re.compile(r"\s*[,;\n]\s*(?:and\s+)?|\s+and\s+")
_APART = re.compile(r"[,;:.!?()\[\]\"“”—–\n]|(?i:\b(?:and|or|nor|but|with|while|by|then|as)\b)")


@dataclass(frozen=True, slots=True)
class Place:
    """Characters `[start, end)` of a hit's article version, read as an answer.

    around: what is shown around them, where that is more than their sentence: a speaker's name with the quotation.
    checked: the built-in reader's confidence in them, where another reader chose them.
    """

    hit: Hit
    start: int
    end: int
    text: str
    confidence: float
    kind: Kind
    around: tuple[int, int] | None = None
    checked: float | None = None

    def overlaps(self, other: "Place") -> bool:
        """Tell whether the two share characters of one version."""
        return self.hit.version == other.hit.version and self.start < other.end and other.start < self.end


def place_of(hit: Hit, extraction: Extraction) -> Place:
    """Return what was extracted from a hit's passage as a place of its article version."""
    text = hit.text[extraction.start : extraction.end]
    sentence = next((start, end) for start, end in sentences(hit.text) if extraction.start < end)
    is_sentence = len(text) >= _MOST_OF_A_SENTENCE * (sentence[1] - sentence[0])
    return Place(
        hit=hit,
        start=hit.start + extraction.start,
        end=hit.start + extraction.end,
        text=text,
        confidence=extraction.confidence,
        kind="sentence" if is_sentence else "short",
        checked=extraction.checked,
    )


@dataclass(frozen=True, slots=True)
class Draft:
    """An answer before its citations are made: the places that say it, best first; rivals share a group.

    `reprints` are places in other articles that print the same sentence: no further sources. `corrects` are the places
    of other answers that these articles say were wrong.
    """

    places: tuple[Place, ...]
    group: int
    reprints: tuple[Place, ...] = ()
    newer: bool = False
    corrects: tuple[Place, ...] = ()

    @property
    def published(self) -> date | None:
        """The first day on which an article says it, None where none has a day."""
        return min((day for place in self.places if (day := place.hit.info.day)), default=None)

    @property
    def best(self) -> Place:
        """The place whose words are shown."""
        return self.places[0]


def same_answer(one: str, other: str) -> bool:
    """Tell whether the words of one answer stand in a row in the other: "Landberg" in "Christopher Landberg"."""
    a, b = _words(one), _words(other)
    short, long = (a, b) if len(a) <= len(b) else (b, a)
    mine, theirs = (" ".join(text.casefold().split()) for text in (one, other))
    if not short or not (mine in theirs or theirs in mine):  # a citation's quote has to hold the answer's words
        return False
    return any(long[at : at + len(short)] == short for at in range(len(long) - len(short) + 1))


def same_place(one: str, other: str) -> bool:
    """Tell whether two answers are names of one country: "US", "the United States"."""
    mine = country(one)
    return mine is not None and mine == country(other)


def items(place: Place) -> list[Place]:
    """Return the names that one place joins ("Anna Berg, Paul Lund and Peru"), each as a place; else the place alone.

    Only full names and known places are told apart: "the Trade and Investment Board" is one name.
    """
    edges = [0, *(edge for match in _JOINT.finditer(place.text) for edge in match.span()), len(place.text)]
    spans = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if a < b]
    if len(spans) < 2 or not all(_is_whole_name(place.text[a:b]) for a, b in spans):
        return [place]
    return [replace(place, start=place.start + a, end=place.start + b, text=place.text[a:b]) for a, b in spans]


def _is_whole_name(text: str) -> bool:
    words = _LEAD.sub("", text).split()
    return is_known_place(text) or (len(words) > 1 and all(word[0].isupper() for word in words))


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
    return [POSSESSIVE.sub("", word.casefold()) for word in _WORD.findall(_LEAD.sub("", text.strip()))]
