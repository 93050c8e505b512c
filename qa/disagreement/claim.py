"""A claim: an answer in the sentence of one article, with the days that the sentence names."""

from dataclasses import dataclass
from datetime import date

from corpus.article import parse_published
from corpus.dates.resolve import DayExpression, resolve_days
from corpus.sentences import sentences
from embeddings.library.library import Hit


@dataclass(frozen=True, slots=True)
class Claim:
    """An answer in its sentence: `text == sentence[start : start + len(text)]`. It may be the whole sentence.

    article: the article's id. published: its day, None if unknown. days: the day expressions of the sentence, resolved
    against that day, with offsets into the sentence.
    """

    text: str
    sentence: str
    start: int
    article: str
    published: date | None
    days: tuple[DayExpression, ...] = ()

    def __post_init__(self) -> None:
        if not self.text or self.sentence[self.start : self.end] != self.text:
            raise ValueError(f"no claim: {self.text!r} is not at {self.start} of its sentence")

    @property
    def end(self) -> int:
        """The end of the answer in its sentence."""
        return self.start + len(self.text)

    @property
    def is_whole(self) -> bool:
        """Tell whether the answer is nearly the whole sentence."""
        return len(self.text) > 0.9 * len(self.sentence) and len(self.text.split()) > 6


def claim_in(text: str, start: int, end: int, *, article: str, published: date | None) -> Claim:
    """Return the claim `text[start:end]` with the sentence or sentences around it."""
    around = [(first, last) for first, last in sentences(text) if first < end and start < last]
    first, last = (min(around[0][0], start), max(around[-1][1], end)) if around else (start, end)
    days = tuple(
        DayExpression(day.text, day.start - first, day.end - first, day.first, day.last)
        for day in resolve_days(text, published, start=first, end=last)
    )
    return Claim(text[start:end], text[first:last], start - first, article, published, days)


def claim_of(hit: Hit, start: int, end: int) -> Claim:
    """Return the claim in characters `[start, end)` of a hit's article version. They lie in the hit's passage."""
    published = None if hit.info.published is None else parse_published(hit.info.published)
    return claim_in(hit.text, start - hit.start, end - hit.start, article=hit.article, published=published)
