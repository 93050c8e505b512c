"""A claim: an answer in the sentence of one article, with the days it names; and whether one corrects another."""

import re
from dataclasses import dataclass
from datetime import date

from corpus.dates.resolve import DayExpression, resolve_days
from corpus.sentences import sentences, sentences_around
from embeddings.library.search import Hit
from qa.disagreement.quantities import quantities, quantity_in

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


@dataclass(frozen=True, slots=True)
class Claim:
    """An answer in its sentence: `text == sentence[start : start + len(text)]`. It may be the whole sentence.

    article: the article's id. published: its day, None if unknown. days: the day expressions of the sentence, resolved
    against that day, with offsets into the sentence. passage: what was read, with the sentence at `sentence_start`; the
    sentence itself where nothing more is known. title: the article's heading, "" where it is not known.
    """

    text: str
    sentence: str
    start: int
    article: str
    published: date | None
    days: tuple[DayExpression, ...] = ()
    passage: str = ""
    sentence_start: int = 0
    title: str = ""

    def __post_init__(self) -> None:
        if not self.text or self.sentence[self.start : self.end] != self.text:
            raise ValueError(f"no claim: {self.text!r} is not at {self.start} of its sentence")

    @property
    def end(self) -> int:
        """The end of the answer in its sentence."""
        return self.start + len(self.text)

    def overlaps(self, start: int, end: int) -> bool:
        """Tell whether the answer has a part in characters `[start, end)` of its sentence."""
        return start < self.end and self.start < end

    @property
    def is_whole(self) -> bool:
        """Tell whether the answer is nearly the whole sentence."""
        return len(self.text) > 0.9 * len(self.sentence) and len(self.text.split()) > 6


def claim_in(text: str, start: int, end: int, *, article: str, published: date | None, title: str = "") -> Claim:
    """Return the claim `text[start:end]` with the sentence or sentences around it."""
    first, last = sentences_around(text, start, end)
    days = tuple(
        DayExpression(day.text, day.start - first, day.end - first, day.first, day.last)
        for day in resolve_days(text, published, start=first, end=last)
    )
    return Claim(text[start:end], text[first:last], start - first, article, published, days, text, first, title)


def claim_of(hit: Hit, start: int, end: int) -> Claim:
    """Return the claim in characters `[start, end)` of a hit's article version. They lie in the hit's passage."""
    info, begin, stop = hit.info, start - hit.start, end - hit.start
    return claim_in(hit.text, begin, stop, article=hit.article, published=info.day, title=info.heading)


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
