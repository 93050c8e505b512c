"""Citing: each place becomes a citation with exact offsets, checked against the stored version on the way out."""

import logging
import re
from collections.abc import Iterable, Sequence
from typing import Protocol

from corpus.article import parse_published
from corpus.dates.resolve import resolve_days
from corpus.sentences import sentences
from corpus.speakers.statements import statements
from corpus.store.store import ArticleInfo, Coverage, Filters, StoredArticle
from qa.compose.drafts import Draft, Place
from qa.result import Answer, Citation, Copy, ResolvedDay, Slice, Speaker

log = logging.getLogger(__name__)

# A sentence that opens with one of these leans on an earlier one for what it is about.
_LEANS = re.compile(
    r"(?i)^[\"'“‘(]*(?:(?:and|but)\s+)?(?:he|she|it|they|his|her|its|their|this|that|these|those|"
    r"the (?:two|men|women|pair|latter|former|delegations?|talks|meeting|statement|company|agency|group|ministry))\b"
)


class Cited(Protocol):
    """Where citations point to: one state of a library, or one text."""

    def article(self, article: str, version: str | None = None) -> StoredArticle:
        """Return an article's current version or the one named, checked against its hash."""

    def copies(self, groups: Iterable[int]) -> dict[int, list[ArticleInfo]]:
        """Return for each copy group the articles that hold one of its passages."""

    def coverage(self, filters: Filters) -> Coverage:
        """Return how much passes the filters."""


def cite(articles: Cited, drafts: Sequence[Draft]) -> tuple[list[Answer], list[Citation]]:
    """Return the answers with numbered citations, numbers starting at 1 in the order they are first used."""
    answers: list[Answer] = []
    citations: list[Citation] = []
    for draft in drafts:
        numbers: list[int] = []
        for place in draft.places:
            reprints = draft.reprints if place is draft.best else ()
            citation = _citation(articles, place, reprints, number=len(citations) + 1)
            citations.append(citation)
            numbers.append(citation.number)
        answers.append(
            Answer(
                text=citations[numbers[0] - 1].quote,
                kind=draft.best.kind,
                confidence=draft.best.confidence,
                group=draft.group,
                newer=draft.newer,
                checked=draft.best.checked,
                citations=tuple(numbers),
            )
        )
    return answers, citations


def _citation(articles: Cited, place: Place, reprints: Sequence[Place], *, number: int) -> Citation:
    stored = articles.article(place.hit.article, place.hit.version)
    info, text = stored.info, stored.text
    verified = text[place.start : place.end] == place.text
    if not verified:
        log.error("citation %d of article %s does not match its stored version", number, place.hit.article)
    first, last = _sentence_around(text, place)
    published = None if info.published is None else parse_published(info.published)
    return Citation(
        number=number,
        article=place.hit.article,
        version=place.hit.version,
        title=info.heading,
        source=info.source,
        author=info.author,
        published=info.published,
        url=info.url,
        start=place.start,
        end=place.end,
        quote=place.text,
        sentence=text[first:last],
        sentence_start=first,
        context=_context(text, first, place.hit.start),
        speaker=_speaker(text, place),
        dates=tuple(
            ResolvedDay(day.text, day.start, day.end, day.first, day.last)
            for day in resolve_days(text, published, start=first, end=last)
        ),
        also_in=_also_in(articles, place, reprints),
        verified=verified,
    )


def _also_in(articles: Cited, place: Place, reprints: Sequence[Place]) -> tuple[Copy, ...]:
    """Return the other articles that print the cited passage or sentence, each once."""
    group = place.hit.copy_group
    printed = [*articles.copies([group]).get(group, []), *(reprint.hit.info for reprint in reprints)]
    others = {info.id: Copy(info.id, info.source, info.published, info.url) for info in printed}
    others.pop(place.hit.article, None)
    return tuple(others.values())


def paragraph_around(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the bounds of the paragraphs around some characters; paragraphs are set apart by a blank line."""
    first = text.rfind("\n\n", 0, start)
    last = text.find("\n\n", end)
    return (0 if first < 0 else first + 2), (len(text) if last < 0 else last)


def _sentence_around(text: str, place: Place) -> tuple[int, int]:
    """Return the bounds of the sentence or sentences that the place, or what is to be shown around it, lies in."""
    start, end = place.around or (place.start, place.end)
    around = [(s, e) for s, e in sentences(text, *paragraph_around(text, start, end)) if e > start]
    touched = [(s, e) for s, e in around if s < end]
    if not touched:
        return start, end
    return min(touched[0][0], start), max(touched[-1][1], end)


def _context(text: str, sentence_start: int, passage_start: int) -> tuple[Slice, ...]:
    """Return the sentence before one that leans on it ("He added ..."), or nothing."""
    if not _LEANS.match(text[sentence_start : sentence_start + 60]):
        return ()
    from_here = max(0, min(passage_start, sentence_start) - 1500)
    start, _ = paragraph_around(text, from_here, from_here)
    before = [(s, e) for s, e in sentences(text, start, sentence_start) if e <= sentence_start]
    return tuple(Slice(s, e, text[s:e]) for s, e in before[-1:])


def _speaker(text: str, place: Place) -> Speaker | None:
    """Return who says the place's words: the speaker of the statement that covers most of it."""
    start, end = paragraph_around(text, place.start, place.end)
    # One paragraph back, because a quotation may have been opened, or its speaker named, there.
    start, _ = paragraph_around(text, max(0, start - 3), max(0, start - 3))
    covering = [(min(s.end, place.end) - max(s.start, place.start), s) for s in statements(text, start=start, end=end)]
    overlap, best = max(covering, key=lambda pair: pair[0], default=(0, None))
    if best is None or 2 * overlap < min(place.end - place.start, best.end - best.start):
        return None
    return Speaker(best.speaker, best.voice)
