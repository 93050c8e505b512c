"""Evidence cards: one citation, with its quote in its paragraph and all that is known of where it comes from."""

from qa.page.views.markup import (
    article_address,
    day_words,
    esc,
    origin_html,
    paragraphs,
    published_words,
    quote_address,
    web_address,
)
from qa.result import Citation, ClosePassage, Result

OPEN_CARDS = 4
"""Cards of an answer that are open from the start at most; the others show their quote in a line until chosen."""


def open_cards(result: Result) -> frozenset[int]:
    """Return the numbers of the citations whose cards are open from the start: the first few, a passage once."""
    citations = result.citations
    first = citations if len(citations) <= OPEN_CARDS else citations[: OPEN_CARDS - 1]
    by_passage = {(c.article, c.version, _around(c, result)[0]): c.number for c in reversed(first)}
    return frozenset(by_passage.values())


def card_html(citation: Citation, result: Result, *, turn: str, is_open: bool) -> str:
    """Return the card of a citation; `turn` makes its name unique on the page."""
    c = citation
    confidence = max((a.confidence for a in result.answers if c.number in a.citations), default=None)
    facts = [
        _speaker(c),
        *_days(c),
        _also_in(c),
        None if confidence is None else f"<dt>Confidence</dt><dd>{_confidence(confidence)}</dd>",
        None if c.verified else '<dt>Warning</dt><dd class="cw-warning">The stored text differs from this quote.</dd>',
    ]
    return (
        f'<li><details class="cw-card" id="{turn}-c{c.number}"{" open" if is_open else ""}>'
        f'<summary><span class="cw-number" aria-hidden="true">{c.number}</span><span class="cw-card-head">'
        f'<span class="cw-hidden">Citation {c.number}: </span><span class="cw-card-title">{esc(c.title)}</span>'
        f'<span class="cw-origin">{origin_html(c.source, c.author, c.published)}</span>'
        f'<q class="cw-card-quote">{esc(c.quote)}</q></span></summary>'
        f'<div class="cw-card-body">{_quoted(c, result)}'
        f'<dl class="cw-facts">{"".join(fact for fact in facts if fact)}</dl>'
        f'<p class="cw-links">{_links(c)}</p></div></details></li>'
    )


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


def _quoted(c: Citation, result: Result) -> str:
    """Return the passage that the quote stands in, the quote marked, and the context that lies outside it."""
    start, end, text = _around(c, result)
    outside = [s for s in c.context if s.start < start or s.end > end]
    context = "".join(f'<p class="cw-context"><span>Before it:</span> {esc(s.text)}</p>' for s in outside)
    return f"{context}<blockquote>{paragraphs(text, c.start - start, c.end - start)}</blockquote>"


def _around(c: Citation, result: Result) -> tuple[int, int, str]:
    """Return the passage that the quote stands in; the sentence alone for a passage that is not at hand."""
    for p in result.retrieved:
        if (p.article, p.version) == (c.article, c.version) and p.start <= c.start and c.end <= p.end:
            return p.start, p.end, p.text
    return c.sentence_start, c.sentence_start + len(c.sentence), c.sentence


def _speaker(c: Citation) -> str | None:
    if c.speaker is None:
        return None
    voice = "quoted directly" if c.speaker.voice == "direct" else "in reported speech"
    return f"<dt>Said by</dt><dd>{esc(c.speaker.name)}, {voice}</dd>"


def _days(c: Citation) -> list[str]:
    shown = []
    for d in c.dates:
        first = day_words(d.first, weekday=d.first == d.last)
        until = "" if d.first == d.last else f" to {day_words(d.last)}"
        shown.append(f"<dt>“{esc(d.text)}”</dt><dd>{first}{until}</dd>")
    return shown


def _also_in(c: Citation) -> str | None:
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
            f'<a href="{esc(quote_address(url, c.quote))}" target="_blank" rel="noopener noreferrer">Original'
            f'<span class="cw-hidden">: {esc(c.title)} (opens a new tab)</span><span aria-hidden="true"> ↗</span></a>'
        )
    return " ".join(links)
