"""The grammar of day expressions: shared patterns, and the match of one form in a text."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from corpus.dates.tense import is_future
from corpus.dates.vocabulary import Span, part_of

GAP = r"[ \t\u00a0\u2009\u202f]{1,3}"
GAP0 = r"[ \t\u00a0\u2009\u202f]{0,3}"
DASH = r"[-–—‒]"
DAY = r"(?:3[01]|[12][0-9]|0?[1-9])(?:st|nd|rd|th)?(?![0-9A-Za-z:%]|[.,][0-9])"
YEAR = r"(?:1[5-9]|20)[0-9]{2}(?![0-9A-Za-z%]|[.,][0-9])"
STOP = r"(?![0-9A-Za-z])"
WHEN = (
    rf"(?:(?:,?{GAP}(?:of{GAP})?)(?P<year>{YEAR})"
    rf"|,?{GAP}(?:of{GAP})?(?P<rel>[Tt]his|[Ll]ast|[Nn]ext){GAP}year(?![A-Za-z]))"
)
"""A year after what it is the year of: ` 2023`, `, 2023`, ` of 2023`, ` of last year`."""
PART = r"(?:[Ee]arly|[Ll]ate|[Mm]id)"
WHICH = rf"(?P<which>[Tt]his{GAP}past|[Tt]his{GAP}coming|[Tt]his|[Ll]ast|[Nn]ext|[Pp]ast|[Cc]oming)"
TIME = r"(?:night|morning|afternoon|evening|noon|midnight|lunchtime)"

_PAST_LEAD = re.compile(r"\b(?:since|after)(?: the)? $")
_FUTURE_LEAD = re.compile(r"\b(?:until|till|(?<!from )through|ahead of)(?: the| at least)? $")


@dataclass(frozen=True, slots=True)
class FoundDays:
    """The days of a day expression. end: the end of its words in the text. span: None where the days are in doubt."""

    end: int
    span: Span | None


@dataclass(frozen=True, slots=True)
class DateMatch:
    """A match of one form, with the text around it and the article's day of publication."""

    text: str
    match: re.Match[str]
    published: date

    def group(self, name: str) -> str:
        """Return a named group of the match in lower case with single spaces, "" if it did not match."""
        return " ".join((self.match[name] or "").lower().split())

    def year(self) -> int | None:
        """Return the year in the expression ("2023", "last year"), None if it names none."""
        if self.match["year"]:
            return int(self.match["year"])
        step = {"last": -1, "this": 0, "next": 1}
        return self.published.year + step[self.group("rel")] if self.match["rel"] else None

    def found(self, span: Span) -> FoundDays:
        """Return these days with the end of the whole match."""
        return FoundDays(self.match.end(), span)

    def in_part(self, span: Span) -> FoundDays | None:
        """Return the part of these days that is named: early, mid, late, or up to the published day, or from it."""
        part = self.group("part")
        if part not in ("earlier", "later"):
            return self.found(part_of(span, part) if part else span)
        earlier = part == "earlier"
        cut = (span[0], min(span[1], self.published)) if earlier else (max(span[0], self.published), span[1])
        return self.found(cut) if cut[0] <= cut[1] else None

    def future(self, *, programmed: bool = False) -> bool | None:
        """Whether the sentence speaks of what is to come; None when it does not tell. programmed: see `is_future`."""
        lead = self.text[max(0, self.match.start() - 18) : self.match.start()].lower()
        if _PAST_LEAD.search(lead):
            return False
        if _FUTURE_LEAD.search(lead):
            return True
        return is_future(self.text, self.match.start(), self.match.end(), programmed=programmed)


class Form(NamedTuple):
    """A form's words, a regular expression, and what gives its days: None where the words are something else."""

    words: str
    resolve: Callable[[DateMatch], FoundDays | None]


def nearest(candidates: Sequence[Span], published: date, future: bool | None) -> Span:
    """Return the span meant: the last one begun, or the first one not over, or when nothing tells the nearest.

    candidates: at least one, in order.
    """
    begun = [span for span in candidates if span[0] <= published]
    ahead = [span for span in candidates if span[1] >= published]
    if future is None:
        return min(candidates, key=lambda span: max((span[0] - published).days, (published - span[1]).days, 0))
    if future:
        return ahead[0] if ahead else candidates[-1]
    return begun[-1] if begun else candidates[0]
