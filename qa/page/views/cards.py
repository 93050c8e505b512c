"""What of a result stands where: its answers in blocks, and its evidence in a card an article."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from markupsafe import Markup

from corpus.article import parse_published
from qa.page.views.markup import Span, esc
from qa.result import Answer, Citation, Result


@dataclass(frozen=True, slots=True)
class QuotedPassage:
    """Characters `[start, end)` of an article, and the citations of it that stand there."""

    start: int
    end: int
    text: str
    cited: list[Citation]

    def spans(self, turn: str) -> list[Span]:
        """Return the quotes to mark in the text; `turn` makes their names unique on the page."""
        return [(c.start - self.start, c.end - self.start, f"{turn}-c{c.number}") for c in self.cited]

    @property
    def before(self) -> list[str]:
        """The earlier sentences of the citations that the text does not show."""
        context = (s for c in self.cited for s in c.context if s.start < self.start or s.end > self.end)
        return list(dict.fromkeys(sentence.text for sentence in context))


def evidence_of(result: Result) -> list[list[QuotedPassage]]:
    """Return the passages of each article cited, in the order of the citations."""
    articles: dict[tuple[str, str], dict[tuple[int, int, str], QuotedPassage]] = {}
    for c in result.citations:
        passages = articles.setdefault((c.article, c.version), {})
        place = _around(c, result)
        passages.setdefault(place, QuotedPassage(*place, [])).cited.append(c)
    return [list(passages.values()) for passages in articles.values()]


def _around(c: Citation, result: Result) -> tuple[int, int, str]:
    """Return the passage that the quote stands in; the sentence alone for a passage that is not at hand."""
    for p in result.retrieved:
        if (p.article, p.version) == (c.article, c.version) and p.start <= c.start and c.end <= p.end:
            return p.start, p.end, p.text
    return c.sentence_start, c.sentence_start + len(c.sentence), c.sentence


def per_cent(c: Citation, result: Result) -> int | None:
    """Return how sure the reader is of a citation's answers; None for one that no answer has."""
    confidence = max((a.confidence for a in result.answers if c.number in a.citations), default=None)
    return None if confidence is None else round(100 * confidence)


Block = Literal["timeline", "rivals", "sentence"]


def answer_blocks(result: Result) -> list[tuple[Block, list[Answer]]]:
    """Return the answers as they stand together: a course of events, those that differ, those in one sentence."""
    timeline = [group[0] for group in result.groups if group[0].kind == "timeline"]
    others = [group for group in result.groups if group[0].kind != "timeline"]
    sentences: dict[tuple[str, str, int], list[Answer]] = {}
    for group in others:
        if len(group) == 1:
            lead = result.cited(group[0])[0]
            sentences.setdefault((lead.article, lead.version, lead.sentence_start), []).append(group[0])
    blocks: list[tuple[Block, list[Answer]]] = [("timeline", timeline)] if timeline else []
    blocks += [("rivals", group) for group in others if len(group) > 1]
    return blocks + [("sentence", answers) for answers in sentences.values()]


def telling(answers: Sequence[Answer], result: Result) -> Markup:
    """Return the answers' sentence as HTML with their words marked, or the answer alone where it is more than that."""
    lead = result.cited(answers[0])[0]
    end = lead.sentence_start + len(lead.sentence)
    quotes = sorted((result.cited(a)[0] for a in answers), key=lambda c: c.start)
    is_inside = all(lead.sentence_start <= c.start and c.end <= end for c in quotes)
    if answers[0].kind != "short" or not is_inside:
        return esc(answers[0].text)
    shown, at = Markup(""), 0
    for c in quotes:
        first, last = max(at, c.start - lead.sentence_start), c.end - lead.sentence_start
        if first < last:
            shown += esc(lead.sentence[at:first])
            shown += Markup('<b class="cw-key">{}</b>').format(esc(lead.sentence[first:last]))
            at = last
    return shown + esc(lead.sentence[at:])


def event_day(citation: Citation) -> date | None:
    """Return the day of an event that a citation tells of, else that of its publication."""
    if citation.dates:
        return citation.dates[0].first
    return parse_published(citation.published) if citation.published else None
