"""Evidence cards: one citation, with its quote in its paragraph and all that is known of where it comes from."""

from collections.abc import Sequence
from datetime import date

from corpus.article import parse_published
from qa.page.views.markup import (
    VOICES,
    about_html,
    article_address,
    day_words,
    esc,
    marked_paragraphs,
    origin_html,
    paragraphs,
    published_words,
    quote_address,
    resolved_words,
    web_address,
)
from qa.result import Answer, Citation, ClosePassage, Result

OPEN_CARDS = 4
"""Cards of an answer that are open from the start at most; the others show their first quote in a line until chosen."""
_DAYS_SHOWN = 2


def cards_html(result: Result, *, turn: str) -> str:
    """Return the evidence: a card an article with all that is cited of it, in the order of the citations."""
    articles: dict[tuple[str, str], list[Citation]] = {}
    for citation in result.citations:
        articles.setdefault((citation.article, citation.version), []).append(citation)
    opened = len(articles) if len(articles) <= OPEN_CARDS else OPEN_CARDS - 1
    cards = "".join(
        card_html(cited, result, turn=turn, is_open=number < opened) for number, cited in enumerate(articles.values())
    )
    return f'<ol class="cw-cards">{cards}</ol>'


def card_html(cited: Sequence[Citation], result: Result, *, turn: str, is_open: bool) -> str:
    """Return the card of the citations of one article; `turn` makes the names of its parts unique on the page."""
    first = cited[0]
    passages: dict[tuple[int, int, str], list[Citation]] = {}
    for citation in cited:
        passages.setdefault(_around(citation, result), []).append(citation)
    numbers = "".join(f'<span class="cw-number">{c.number}</span>' for c in cited)
    named = " and ".join(str(c.number) for c in cited)
    body = "".join(_passage(place, of, result, turn) for place, of in passages.items())
    return (
        f'<li><details class="cw-card"{" open" if is_open else ""}>'
        f'<summary><span class="cw-numbers" aria-hidden="true">{numbers}</span><span class="cw-card-head">'
        f'<span class="cw-hidden">Citation {named}: </span><span class="cw-card-title">{esc(first.title)}</span>'
        f'<span class="cw-origin">{origin_html(first.source, first.author, first.published)}</span>'
        f'<q class="cw-card-quote">{esc(first.quote)}</q></span></summary>'
        f'<div class="cw-card-body">{body}</div></details></li>'
    )


def _passage(place: tuple[int, int, str], cited: Sequence[Citation], result: Result, turn: str) -> str:
    """Return a passage with its quotes marked, what is known of each, and the ways to the article."""
    start, end, text = place
    outside = dict.fromkeys(s.text for c in cited for s in c.context if s.start < start or s.end > end)
    context = "".join(f'<p class="cw-context"><span>Before it:</span> {esc(words)}</p>' for words in outside)
    spans = [(c.start - start, c.end - start, f"{turn}-c{c.number}") for c in cited]
    facts = "".join(_facts(c, result, is_alone=len(cited) == 1) for c in cited)
    return (
        f"{context}<blockquote>{marked_paragraphs(text, spans)}</blockquote>"
        f'{facts}<p class="cw-links">{_links(cited[0])}</p>'
    )


def _facts(c: Citation, result: Result, *, is_alone: bool) -> str:
    confidence = max((a.confidence for a in result.answers if c.number in a.citations), default=None)
    facts = [
        None if is_alone else f"<dt>Citation</dt><dd>{c.number}</dd>",
        _speaker(c),
        *_days(c),
        also_in_html(c),
        None if confidence is None else f"<dt>Confidence</dt><dd>{_confidence(confidence)}</dd>",
        None if c.verified else '<dt>Warning</dt><dd class="cw-warning">The stored text differs from this quote.</dd>',
    ]
    return f'<dl class="cw-facts">{"".join(fact for fact in facts if fact)}</dl>'


def preview_html(citation: Citation, *, turn: str) -> str:
    """Return the marker of a citation: a link to its card, whose quote shows on hovering and focus."""
    c = citation
    tip = f"{turn}-tip{c.number}"
    outlet = esc(c.source or "outlet unknown")
    return (
        f'<span class="cw-ref"><a class="cw-marker" href="#{turn}-c{c.number}" aria-describedby="{tip}" '
        f'aria-label="Citation {c.number}, {outlet}">{c.number}</a>'
        f'<span class="cw-tip" role="tooltip" id="{tip}"><q>{esc(c.sentence)}</q> '
        f"<span>{outlet}, {published_words(c.published)}</span></span></span>"
    )


def passage_html(passage: ClosePassage) -> str:
    """Return a passage that was found, with a way to its article; it is no citation."""
    p = passage
    href = esc(article_address(p.article, version=p.version, start=p.start, end=p.end))
    return (
        f'<li class="cw-passage"><p class="cw-card-title">{esc(p.title)}</p>'
        f'<p class="cw-origin">{origin_html(p.source, None, p.published)}</p>'
        f"<blockquote>{paragraphs(p.text)}</blockquote>"
        f'<p class="cw-links"><a class="cw-open" href="{href}">Open article'
        f'<span class="cw-hidden">: {esc(p.title)}</span></a></p></li>'
    )


def _around(c: Citation, result: Result) -> tuple[int, int, str]:
    """Return the passage that the quote stands in; the sentence alone for a passage that is not at hand."""
    for p in result.retrieved:
        if (p.article, p.version) == (c.article, c.version) and p.start <= c.start and c.end <= p.end:
            return p.start, p.end, p.text
    return c.sentence_start, c.sentence_start + len(c.sentence), c.sentence


def _speaker(c: Citation) -> str | None:
    if c.speaker is None:
        return None
    return f"<dt>Said by</dt><dd>{esc(c.speaker.name)}, {VOICES[c.speaker.voice]}</dd>"


def _days(c: Citation) -> list[str]:
    return [f"<dt>“{esc(d.text)}”</dt><dd>{words}</dd>" for d in c.dates if (words := resolved_words(d))]


def also_in_html(c: Citation) -> str | None:
    """Return which other outlets print a citation's words, as an entry of a list; None where there are none."""
    if not c.also_in:
        return None
    others = ", ".join(
        f'<a class="cw-open" href="{esc(article_address(o.article))}">{esc(o.source or "outlet unknown")}</a>'
        for o in c.also_in
    )
    return f"<dt>Also in</dt><dd>{others}</dd>"


def _confidence(value: float) -> str:
    per_cent = round(100 * value)
    return f'<span class="cw-meter" aria-hidden="true"><i style="width:{per_cent}%"></i></span> {per_cent}%'


def _links(c: Citation) -> str:
    href = esc(article_address(c.article, version=c.version, start=c.start, end=c.end))
    links = [f'<a class="cw-open" href="{href}">Open article<span class="cw-hidden">: {esc(c.title)}</span></a>']
    if url := web_address(c.url):
        links.append(
            f'<a href="{esc(quote_address(url, c.fragment))}" target="_blank" rel="noopener noreferrer">Original'
            f'<span class="cw-hidden">: {esc(c.title)} (opens a new tab)</span><span aria-hidden="true"> ↗</span></a>'
        )
    links.append(
        f'<button type="button" class="cw-link cw-pin" data-article="{esc(c.article)}" data-version="{esc(c.version)}" '
        f'data-start="{c.start}" data-end="{c.end}">Pin<span class="cw-hidden"> to the notebook: {esc(c.title)}</span>'
        "</button>"
    )
    links.append(about_html(c.article, c.title, kind="cw-link"))
    return " ".join(links)


def answers_html(result: Result, name: str) -> str:
    """Return the answers of a result; `name` makes the names of its turn's parts unique on the page."""
    groups: dict[int, list[Answer]] = {}
    for answer in result.answers:
        groups.setdefault(answer.group, []).append(answer)
    blocks: list[str] = []
    timeline = [group[0] for group in groups.values() if group[0].kind == "timeline"]
    if timeline:
        blocks.append(_timeline_html(timeline, result, name))
    of_sentences: dict[tuple[str, str, int], list[Answer]] = {}
    for group in groups.values():
        if group[0].kind == "timeline":
            continue
        if len(group) > 1:
            blocks.append(_rivals_html(group, result, name))
        else:
            lead = result.cited(group[0])[0]
            of_sentences.setdefault((lead.article, lead.version, lead.sentence_start), []).append(group[0])
    blocks += [_sentence_html(answers, result, name) for answers in of_sentences.values()]
    return "".join(blocks)


def _sentence_html(answers: Sequence[Answer], result: Result, name: str) -> str:
    """Return the sentence in which these answers stand, with their words marked in it."""
    lead = result.cited(answers[0])[0]
    kind = answers[0].kind
    numbers = dict.fromkeys(number for answer in answers for number in answer.citations)
    markers = "".join(preview_html(c, turn=name) for c in result.citations if c.number in numbers)
    marks = "".join(_standing_html(answer) for answer in answers)
    return (
        f'<div class="cw-line"><p class="cw-answer cw-{kind}"><q>{_telling(answers, lead, result)}</q>'
        f'<span class="cw-markers">{markers}</span>{marks}</p>{_by_html(lead)}</div>'
    )


def _telling(answers: Sequence[Answer], lead: Citation, result: Result) -> str:
    """Return the sentence as HTML with the answers' words marked, or the answer alone where it is more than that."""
    end = lead.sentence_start + len(lead.sentence)
    quotes = sorted((result.cited(a)[0] for a in answers), key=lambda c: c.start)
    is_inside = all(lead.sentence_start <= c.start and c.end <= end for c in quotes)
    if answers[0].kind != "short" or not is_inside:
        return esc(answers[0].text)
    shown, at = [], 0
    for c in quotes:
        first, last = max(at, c.start - lead.sentence_start), c.end - lead.sentence_start
        if first < last:
            shown += [esc(lead.sentence[at:first]), f'<b class="cw-key">{esc(lead.sentence[first:last])}</b>']
            at = last
    return "".join([*shown, esc(lead.sentence[at:])])


def _by_html(c: Citation) -> str:
    """Return who says the words, the outlet and day, and the days that expressions of the sentence stand for."""
    said = f'<span class="cw-speaker">{esc(c.speaker.name)}</span> in ' if c.speaker else ""
    origin = f'<span class="cw-outlet">{esc(c.source or "outlet unknown")}</span>, {published_words(c.published)}'
    days = "".join(
        f'<span class="cw-day">“{esc(d.text)}” is {words}</span>'
        for d in c.dates[:_DAYS_SHOWN]
        if (words := resolved_words(d))
    )
    return f'<p class="cw-by"><span>{said}{origin}</span>{days}</p>'


def _standing_html(answer: Answer) -> str:
    marks = ["newer"] if answer.newer else []
    marks += [f"corrects {''.join(f'[{number}]' for number in answer.corrects)}"] if answer.corrects else []
    return "".join(f' <span class="cw-newer">{mark}</span>' for mark in marks)


def _quote_html(answer: Answer, result: Result, name: str) -> str:
    """Return the answer's own words with their markers."""
    markers = "".join(preview_html(citation, turn=name) for citation in result.cited(answer))
    return (
        f'<p class="cw-answer cw-{answer.kind}"><q>{esc(answer.text)}</q>'
        f'<span class="cw-markers">{markers}</span>{_standing_html(answer)}</p>'
    )


def _rivals_html(group: Sequence[Answer], result: Result, name: str) -> str:
    """Return answers that differ, side by side: the words, who says and prints them and when, and no verdict."""
    columns = []
    for answer in group:
        cited = result.cited(answer)
        speakers = dict.fromkeys(c.speaker.name for c in cited if c.speaker)
        said = f'<p class="cw-says">{esc("; ".join(speakers))}</p>' if speakers else ""
        printed = "".join(f"<li>{_printed(citation)}</li>" for citation in cited)
        columns.append(
            f'<li class="cw-rival">{_quote_html(answer, result, name)}{said}<ul class="cw-printed">{printed}</ul></li>'
        )
    return (
        f'<div class="cw-disagreement"><h3>The articles differ</h3><ul class="cw-rivals">{"".join(columns)}</ul></div>'
    )


def _printed(citation: Citation) -> str:
    outlets = [(citation.source, citation.published), *((copy.source, copy.published) for copy in citation.also_in)]
    return "; ".join(f"{esc(source or 'outlet unknown')}, {published_words(day)}" for source, day in outlets)


def _timeline_html(answers: Sequence[Answer], result: Result, name: str) -> str:
    """Return a course of events: one verbatim line a day, in the order of the result."""
    lines = []
    for answer in answers:
        day = _event_day(result.cited(answer)[0])
        shown = f'<time datetime="{day}">{day_words(day)}</time>' if day else "<span>no date</span>"
        lines.append(f'<li><p class="cw-when">{shown}</p>{_quote_html(answer, result, name)}</li>')
    return f'<ol class="cw-timeline">{"".join(lines)}</ol>'


def _event_day(citation: Citation) -> date | None:
    if citation.dates:
        return citation.dates[0].first
    return parse_published(citation.published) if citation.published else None
