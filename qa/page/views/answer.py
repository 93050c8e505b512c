"""One turn of the conversation as HTML: the question, the answers with their markers, the evidence beside them."""

from collections.abc import Sequence
from datetime import date

from corpus.article import parse_published
from qa.page.model.conversation import Turn
from qa.page.views.cards import card_html, open_cards, passage_html, preview_html
from qa.page.views.export import FORMATS, copied_text
from qa.page.views.markup import day_words, esc, permanent_link, plural, published_words
from qa.result import Answer, Citation, ClosePassage, Result

SHOWN_WHILE_READING = 5


def turn_html(turn: Turn, number: int) -> str:
    """Return a finished turn; `number` is its place in the conversation and names its parts."""
    name = f"t{number}"
    if turn.result is None:
        body = f'<div class="cw-error" role="alert"><p>{esc(turn.error or "")}</p></div>'
    elif turn.result.answers:
        body = _answered_html(turn, turn.result, name)
    else:
        body = _not_found_html(turn.result) + _foot_html(turn, turn.result, name)
    return _frame(turn.question, number, _asked_as(turn) + body, tools=question_tools_html(turn, number))


def pending_html(question: str, number: int, found: Sequence[ClosePassage] | None) -> str:
    """Return a turn that is still being answered: what was found so far, if anything."""
    if not found:
        return _frame(question, number, '<p class="cw-busy">Searching the articles</p>', busy=True)
    shown = "".join(passage_html(passage) for passage in found[:SHOWN_WHILE_READING])
    said = f'<p class="cw-busy">Found {plural(len(found), "passage")}; reading them</p>'
    return _frame(question, number, f'{said}<ol class="cw-passages cw-found">{shown}</ol>', busy=True)


def said(turn: Turn) -> str:
    """Return the sentence that a screen reader is told when the turn is there."""
    if turn.result is None:
        return turn.error or ""
    if turn.result.answers:
        answers, citations = plural(len(turn.result.answers), "answer"), plural(len(turn.result.citations), "citation")
        return f"{answers} with {citations}: {turn.result.answers[0].text}"
    return turn.result.reason.message if turn.result.reason else "No answer."


def coverage_html(result: Result) -> str:
    """Return what was searched: how many articles and outlets, which days, under which filters."""
    s = result.searched
    days = ""
    if s.first and s.last:
        first, last = day_words(parse_published(s.first)), day_words(parse_published(s.last))
        days = f", published {first}" if first == last else f", published {first} to {last}"
    filters = "".join(f" <span class='cw-filter'>{esc(words)}</span>" for words in _filter_words(s.filters))
    return (
        f'<p class="cw-coverage">Searched {plural(s.articles, "article")} of {plural(s.sources, "outlet")}{days}.'
        f"{' Only' + filters if filters else ''}</p>"
    )


def _frame(question: str, number: int, body: str, *, tools: str = "", busy: bool = False) -> str:
    return (
        f'<article class="cw-turn" data-turn="{number}" aria-labelledby="t{number}-q" aria-busy="{str(busy).lower()}">'
        f'<header class="cw-question"><h2 id="t{number}-q">{esc(question)}</h2>{tools}</header>{body}</article>'
    )


def _asked_as(turn: Turn) -> str:
    result = turn.result
    if result is None or result.standalone_question == result.question:
        return ""
    return f'<p class="cw-asked-as">Understood as: {esc(result.standalone_question)}</p>'


def _foot_html(turn: Turn, result: Result, name: str) -> str:
    return f'<div class="cw-foot">{coverage_html(result)}{actions_html(turn, name)}</div>'


def _answered_html(turn: Turn, result: Result, name: str) -> str:
    groups: dict[int, list[Answer]] = {}
    for answer in result.answers:
        groups.setdefault(answer.group, []).append(answer)
    timeline = [group[0] for group in groups.values() if group[0].kind == "timeline"]
    blocks = [_timeline_html(timeline, result, name)] if timeline else []
    blocks += [
        _answer_html(group[0], result, name) if len(group) == 1 else _rivals(group, result, name)
        for group in groups.values()
        if group[0].kind != "timeline"
    ]
    is_open = open_cards(result)
    cards = "".join(
        card_html(citation, result, turn=name, is_open=citation.number in is_open) for citation in result.citations
    )
    return (
        f'<div class="cw-columns"><div class="cw-answers">{"".join(blocks)}{_foot_html(turn, result, name)}</div>'
        f'<div class="cw-evidence"><h3>Evidence</h3>'
        f'<ol class="cw-cards">{cards}</ol></div></div>'
    )


def _answer_html(answer: Answer, result: Result, name: str) -> str:
    return f'<p class="cw-answer cw-{answer.kind}">{_quoted(answer, result, name)}{_newer(answer)}</p>'


def _quoted(answer: Answer, result: Result, name: str) -> str:
    cited = result.cited(answer)
    markers = "".join(preview_html(citation, turn=name) for citation in cited)
    return f'<q>{esc(answer.text)}</q><span class="cw-markers">{markers}</span>'


def _newer(answer: Answer) -> str:
    return ' <span class="cw-newer">newer</span>' if answer.newer else ""


def _rivals(group: Sequence[Answer], result: Result, name: str) -> str:
    """Return answers that differ, side by side: the words, who prints them and when, and no verdict."""
    columns = []
    for answer in group:
        printed = "".join(f"<li>{_printed(citation)}</li>" for citation in result.cited(answer))
        columns.append(
            f'<li class="cw-rival"><p class="cw-answer cw-{answer.kind}">{_quoted(answer, result, name)}'
            f'{_newer(answer)}</p><ul class="cw-printed">{printed}</ul></li>'
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
        citation = result.cited(answer)[0]
        day = _event_day(citation)
        shown = f'<time datetime="{day}">{day_words(day)}</time>' if day else "<span>no date</span>"
        lines.append(f'<li><p class="cw-when">{shown}</p>{_answer_html(answer, result, name)}</li>')
    return f'<ol class="cw-timeline">{"".join(lines)}</ol>'


def _event_day(citation: Citation) -> date | None:
    if citation.dates:
        return citation.dates[0].first
    return parse_published(citation.published) if citation.published else None


def _not_found_html(result: Result) -> str:
    title = "The library is empty" if result.status == "empty_library" else "The articles do not say"
    reason = f"<p>{esc(result.reason.message)}</p>" if result.reason else ""
    closest = ""
    if result.closest:
        shown = "".join(passage_html(passage) for passage in result.closest)
        closest = (
            '<h3>Closest passages</h3><p class="cw-note">They come nearest to the question. None of them is an '
            f'answer.</p><ol class="cw-passages">{shown}</ol>'
        )
    return f'<div class="cw-none"><p class="cw-none-title">{title}</p>{reason}{closest}</div>'


def _filter_words(filters: object) -> list[str]:
    """Return the filters of a result in words, from its JSON form."""
    if not isinstance(filters, dict):
        return []
    words = [f"outlet {source}" for source in filters.get("sources", ())]
    words += [f"from {day_words(date.fromisoformat(filters['after']))}"] if filters.get("after") else []
    words += [f"until {day_words(date.fromisoformat(filters['before']))}"] if filters.get("before") else []
    return words


def question_tools_html(turn: Turn, number: int) -> str:
    """Return the buttons beside a question."""
    link = esc(permanent_link(turn.question, turn.earlier, turn.filters))
    about = f'<span class="cw-hidden">: {esc(turn.question)}</span>'
    return (
        '<div class="cw-tools">'
        f'<button type="button" class="cw-button cw-edit" data-turn="{number}">Edit{about}</button>'
        f'<button type="button" class="cw-button cw-copy" data-link="{link}">Copy link{about}</button></div>'
    )


def actions_html(turn: Turn, name: str) -> str:
    """Return the row of actions under an answer."""
    token = esc(turn.token)
    one = "".join(_download("answer", token, suffix, label) for suffix, label in FORMATS.items())
    whole = "".join(_download("conversation", token, suffix, label) for suffix, label in FORMATS.items())
    return (
        f'<div class="cw-actions"><button type="button" class="cw-button cw-copy" '
        f'data-text="{esc(copied_text(turn))}">Copy with citations</button>'
        f'<details class="cw-menu"><summary class="cw-button">Export</summary><div class="cw-menu-body">'
        f"<p>This answer</p><ul>{one}</ul><p>Conversation so far</p><ul>{whole}</ul></div></details>"
        f"{_feedback_html(token, name)}</div>"
    )


def _download(what: str, token: str, suffix: str, label: str) -> str:
    return f'<li><a href="{what}/{token}.{suffix}" download>{label}</a></li>'


def _feedback_html(token: str, name: str) -> str:
    choices = "".join(
        f'<label><input type="radio" name="{name}-verdict" value="{value}"{" required" if value == "right" else ""}> '
        f"{label}</label>"
        for value, label in (("right", "Right"), ("answer_wrong", "Answer wrong"), ("evidence_wrong", "Evidence wrong"))
    )
    return (
        f'<details class="cw-menu cw-feedback"><summary class="cw-button">Feedback</summary>'
        f'<form class="cw-menu-body" data-token="{token}"><fieldset><legend>How was this answer?</legend>{choices}'
        f'</fieldset><label for="{name}-words">What would be right? In the articles’ words, if you can.</label>'
        f'<textarea id="{name}-words" name="words" rows="2" maxlength="2000"></textarea>'
        f'<button type="submit" class="cw-button cw-primary">Send feedback</button>'
        f'<p class="cw-form-status" role="status"></p></form></details>'
    )
