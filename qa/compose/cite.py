"""Citing: each place becomes a citation with exact offsets, checked against the stored version on the way out.

Its link opens the article's own page at the quoted words, by a text fragment.
"""

import logging
import re
from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import quote

from corpus.dates.resolve import resolve_days
from corpus.sentences import paragraph_around, sentences, sentences_around
from corpus.speakers.statements import statements
from corpus.store.records import EVERYTHING, ArticleInfo, Filters, StoredArticle
from embeddings.library.protocol import Articles
from qa.compose.drafts import Draft, Place
from qa.compose.tables import heading_row
from qa.result import Answer, Citation, Copy, ResolvedDay, Slice, Speaker

log = logging.getLogger(__name__)

# A sentence that opens with one of these leans on an earlier one for what it is about.
_LEANS = re.compile(
    r"(?i)^[\"'“‘(]*(?:(?:and|but)\s+)?(?:he|she|it|they|his|her|its|their|this|that|these|those|"
    r"the (?:two|men|women|pair|latter|former|delegations?|talks|meeting|statement|company|agency|group|ministry))\b"
)
_ENDS = 6
"""Words at either end of a long quote that stand for all of it."""
_AROUND = 8
"""Words before a quote, or after it, that tell it from the same words elsewhere."""


def cite(
    articles: Articles, drafts: Sequence[Draft], filters: Filters = EVERYTHING
) -> tuple[list[Answer], list[Citation]]:
    """Return the answers with numbered citations, numbers starting at 1 in the order they are first used.

    filters: what was searched; a copy of a passage in an article that does not pass is not named.
    """
    answers: list[Answer] = []
    citations: list[Citation] = []
    numbered: dict[Place, int] = {}
    for draft in drafts:
        numbers: list[int] = []
        for place in draft.places:
            reprints = draft.reprints if place is draft.best else ()
            citation = _citation(articles, place, reprints, filters, number=len(citations) + 1)
            citations.append(citation)
            numbers.append(citation.number)
            numbered[place] = citation.number
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
    corrected = [tuple(sorted(numbered[place] for place in draft.corrects)) for draft in drafts]
    return [replace(answer, corrects=c) for answer, c in zip(answers, corrected, strict=True)], citations


def _citation(
    articles: Articles, place: Place, reprints: Sequence[Place], filters: Filters, *, number: int
) -> Citation:
    stored = articles.article(place.hit.article, place.hit.version)
    verified = stored.text[place.start : place.end] == place.text
    if not verified:
        log.error("citation %d of article %s does not match its stored version", number, place.hit.article)
    cited = citation_at(stored, place.start, place.end, number=number, around=place.around, near=place.hit.start)
    printed = [reprint.hit.info for reprint in reprints]
    also_in = copies_of(articles, place.hit.article, place.hit.copy_group, more=printed, filters=filters)
    return replace(cited, quote=place.text, also_in=also_in, verified=verified)


def citation_at(
    stored: StoredArticle,
    start: int,
    end: int,
    *,
    number: int,
    around: tuple[int, int] | None = None,
    near: int | None = None,
) -> Citation:
    """Return the citation of characters `[start, end)` of an article, with all that is known of them there.

    around: what is shown around them, where that is more than their sentence. near: where their passage begins.
    """
    info, text = stored.info, stored.text
    first, last = sentences_around(text, *(around or (start, end)))
    headings = heading_row(text, start, end) if "|" in text[first:last] else None
    before = [Slice(*headings, text[slice(*headings)])] if headings else _context(text, first, near or start)
    return Citation(
        number=number,
        article=info.id,
        version=info.version,
        title=info.heading,
        source=info.source,
        author=info.author,
        published=info.published,
        url=info.url,
        start=start,
        end=end,
        quote=text[start:end],
        sentence=text[first:last],
        sentence_start=first,
        context=tuple(before),
        speaker=_speaker(text, start, end),
        dates=tuple(
            ResolvedDay(day.text, day.start, day.end, day.first, day.last)
            for day in resolve_days(text, info.day, start=first, end=last)
        ),
        fragment=text_fragment(text, start, end, heading=info.heading),
    )


def copies_of(
    articles: Articles, article: str, group: int, *, more: Sequence[ArticleInfo] = (), filters: Filters = EVERYTHING
) -> tuple[Copy, ...]:
    """Return the other articles under the filters that print a passage of an article, each once.

    group: the copy group of the passage. more: articles that print the words in another passage.
    """
    printed = [*articles.copies([group]).get(group, []), *more]
    passing = [info for info in printed if filters.passes(info)]
    others = {info.id: Copy(info.id, info.source, info.published, info.url) for info in passing}
    others.pop(article, None)
    return tuple(others.values())


def _context(text: str, sentence_start: int, passage_start: int) -> tuple[Slice, ...]:
    """Return the sentence before one that leans on it ("He added ..."), or nothing."""
    if not _LEANS.match(text[sentence_start : sentence_start + 60]):
        return ()
    from_here = max(0, min(passage_start, sentence_start) - 1500)
    start, _ = paragraph_around(text, from_here, from_here)
    before = [(s, e) for s, e in sentences(text, start, sentence_start) if e <= sentence_start]
    return tuple(Slice(s, e, text[s:e]) for s, e in before[-1:])


def _speaker(text: str, first: int, last: int) -> Speaker | None:
    """Return who says characters `[first, last)`: the speaker of the statement that covers most of it."""
    start, end = paragraph_around(text, first, last)
    # One paragraph back, because a quotation may have been opened, or its speaker named, there.
    start, _ = paragraph_around(text, max(0, start - 3), max(0, start - 3))
    covering = [(min(s.end, last) - max(s.start, first), s) for s in statements(text, start=start, end=end)]
    overlap, best = max(covering, key=lambda pair: pair[0], default=(0, None))
    if best is None or 2 * overlap < min(last - first, best.end - best.start):
        return None
    return Speaker(best.speaker, best.voice)


def text_fragment(text: str, start: int, end: int, *, heading: str = "") -> str:
    """Return the directive that finds `text[start:end]`, such as `killed-,five,-people`; "" where nothing is quoted.

    Words before the quote are given where the article, or its heading, has the quoted words again, and words after it
    where that is not enough. They are of the quote's paragraph, since a browser looks for each part within one.
    """
    quoted = text[start:end].strip()
    if not quoted:
        return ""
    first, last = paragraph_around(text, start, end)
    parts = [quoted]
    if "\n\n" in quoted or len(quoted.split()) > 2 * _ENDS:
        parts = [" ".join(quoted.split("\n\n")[0].split()[:_ENDS]), " ".join(quoted.split("\n\n")[-1].split()[-_ENDS:])]
    directive = ",".join(map(_encoded, parts))
    everything = _plain(f"{heading}\n\n{text}")

    def is_repeated(words: str) -> bool:
        return len(re.findall(rf"(?<!\w){re.escape(_plain(words))}(?!\w)", everything)) > 1

    if not is_repeated(parts[0]):
        return directive
    before, after = text[first:start].split()[-_AROUND:], text[end:last].split()[:_AROUND]
    if after and len(parts) == 1 and is_repeated(" ".join([*before, parts[0]])):
        directive += f",-{_encoded(' '.join(after))}"
    return f"{_encoded(' '.join(before))}-,{directive}" if before else directive


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def _encoded(words: str) -> str:
    return quote(" ".join(words.split()), safe="").replace("-", "%2D")
