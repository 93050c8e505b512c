"""One turn of the conversation as HTML: the question, the answers with their markers, the evidence beside them."""

from collections.abc import Sequence

from corpus.article import parse_published
from qa.output.plain_text import articles_of, as_sentence, plural, undated_words
from qa.page.model.conversation import Turn, cleaned
from qa.page.model.examples import next_questions
from qa.page.views.cards import answers_html, cards_html, passage_html
from qa.page.views.export import copied_text
from qa.page.views.markup import day_words, esc, filter_words, permanent_link
from qa.page.views.office import FILES
from qa.result import ClosePassage, Result
from qa.service.actions import chosen_filters

SHOWN_WHILE_READING = 5
_NOT_FOUND = {
    "empty_library": "The library is empty",
    "nothing_under_filters": "Nothing passes the filters",
    "nothing_asked": "Nothing was asked",
}


def turns_html(turns: Sequence[Turn], *, may_save: bool = False) -> str:
    """Return a conversation's finished turns. may_save: see `turn_html`."""
    return "".join(turn_html(turn, number, may_save=may_save) for number, turn in enumerate(turns))


def turn_html(turn: Turn, number: int, *, may_save: bool = False) -> str:
    """Return a finished turn; `number` is its place in the conversation and names its parts.

    may_save: its question can be saved, to be asked again.
    """
    name = f"t{number}"
    if turn.result is None:
        again = f'<button type="button" class="cw-button cw-retry" data-turn="{number}">Try again</button>'
        body = f'<div class="cw-error" role="alert"><p>{esc(turn.error or "")}</p></div>{again}'
    else:
        body = _asked_as(turn.result) + _result_html(turn, turn.result, name)
    return _frame(turn.question, number, body, question_tools_html(turn, number, may_save=may_save), turn.token)


def pending_html(question: str, number: int, found: Sequence[ClosePassage] | None) -> str:
    """Return a turn that is still being answered: what was found so far, if anything."""
    busy = f"Found {plural(len(found), 'passage')}; reading them" if found else "Searching the articles"
    stop = '<button type="button" class="cw-button cw-stop">Stop</button>'
    shown = "".join(passage_html(passage) for passage in (found or ())[:SHOWN_WHILE_READING])
    passages = f'<ol class="cw-passages cw-found">{shown}</ol>' if shown else ""
    return _frame(question, number, _columns(f'<p class="cw-busy"><span>{busy}</span> {stop}</p>', passages))


def said(turn: Turn) -> str:
    """Return the sentence that a screen reader is told when the turn is there."""
    if turn.result is None:
        return turn.error or ""
    if turn.result.answers:
        answers, citations = plural(len(turn.result.answers), "answer"), plural(len(turn.result.citations), "citation")
        return f"{answers} with {citations}: {turn.result.answers[0].text}"
    return as_sentence(turn.result.reason.message) if turn.result.reason else "No answer."


def coverage_html(result: Result) -> str:
    """Return what was searched: how many articles and outlets, which days, under which filters."""
    s = result.searched
    days = ""
    if s.first and s.last:
        first, last = day_words(parse_published(s.first)), day_words(parse_published(s.last))
        days = f", published {first}" if first == last else f", published {first} to {last}"
    f = s.filters
    chosen = chosen_filters(f.get("sources", ()), f.get("after"), f.get("before"), f.get("article"))
    first, *more = [f'<span class="cw-filter">{esc(w)}</span>' for w in filter_words(chosen, f.get("title", ""))] or [
        ""
    ]
    only = " ".join([f' <span class="cw-only">Only&nbsp;{first}</span>', *more]) if first else ""
    return (
        f'<p class="cw-coverage">Searched {articles_of(s.articles, s.sources)}{days}.'
        f"{only}{' ' + undated_words(s.undated) if s.undated else ''}</p>"
    )


def _frame(question: str, number: int, body: str, tools: str = "", token: str = "") -> str:
    """Return a turn around its body. token: of a finished one."""
    named = f' data-token="{esc(token)}"' if token else ""
    return (
        f'<article class="cw-turn" data-turn="{number}"{named} aria-labelledby="t{number}-q" '
        f'aria-busy="{str(not token).lower()}">'
        f'<header class="cw-question"><h2 id="t{number}-q">{esc(question)}</h2>{tools}</header>{body}</article>'
    )


def _asked_as(result: Result) -> str:
    if result.standalone_question == result.question:
        return ""
    return f'<p class="cw-asked-as">Understood as: {esc(result.standalone_question)}</p>'


def _result_html(turn: Turn, result: Result, name: str) -> str:
    """Return what was found: answers, unsure answers or none, and their evidence beside them."""
    below = (coverage_html(result), _reader_html(result), _next_html(result), actions_html(turn, name))
    foot = f'<div class="cw-foot">{"".join(below)}</div>'
    cited = {(c.article, c.version) for c in result.citations}
    beside = (passage for passage in result.closest if (passage.article, passage.version) not in cited)
    closest = "".join(passage_html(passage) for passage in beside)
    near = f'<ol class="cw-passages">{closest}</ol>' if closest else ""
    code = result.reason.code if result.reason else ""
    is_said = result.reason is None or code == "below_threshold"  # the verdict says the same
    reason = "" if is_said or result.reason is None else f"<p>{esc(as_sentence(result.reason.message))}</p>"
    if not result.answers:
        asked = "article does" if result.searched.filters.get("article") else "articles do"
        title = _NOT_FOUND.get(code, f"The {asked} not say")
        note = '<p class="cw-note">They come nearest to the question. None of them is an answer.</p>' if near else ""
        heading = f"<h3>Closest passages</h3>{note}{near}" if near else ""
        return _columns(f'<div class="cw-none"><p class="cw-verdict">{title}</p>{reason}</div>{foot}', heading)
    evidence = f"<h3>Evidence</h3>{cards_html(result, turn=name)}"
    if result.status == "unsure":
        evidence += f'<h3 class="cw-near">Also near</h3>{near}' if near else ""
        verdict = f'<div class="cw-unsure"><p class="cw-verdict">Not sure</p>{reason}{answers_html(result, name)}</div>'
        return _columns(verdict + foot, evidence)
    return _columns(f'<div class="cw-sure">{answers_html(result, name)}</div>{foot}', evidence)


def _reader_html(result: Result) -> str:
    """Return who read, where it was not the built-in reader alone, and why it was not the reader asked for."""
    used = result.usage
    if used is None and result.why is None:
        return ""
    model = f" ({used.model} at {used.host}, {plural(used.requests, 'request')})" if used else ""
    why = f" {as_sentence(result.why)}" if result.why else ""
    return f'<p class="cw-note">{esc(f"Read by {result.reader}{model}.{why}")}</p>'


def _columns(answers: str, evidence: str) -> str:
    """Return the answer, which stays in view, and the evidence beside it, which scrolls by itself."""
    beside = f'<div class="cw-evidence" role="group" aria-label="Evidence" tabindex="0">{evidence}</div>'
    return f'<div class="cw-columns"><div class="cw-answers">{answers}</div>{beside if evidence else ""}</div>'


def _next_html(result: Result) -> str:
    """Return questions that lead on, as buttons that ask them."""
    buttons = "".join(
        f'<li><button type="button" class="cw-button cw-example" data-question="{question}">{question}</button></li>'
        for question in map(esc, next_questions(result))
    )
    return f'<h3>Ask next</h3><ul class="cw-next">{buttons}</ul>' if buttons else ""


def question_tools_html(turn: Turn, number: int, *, may_save: bool = False) -> str:
    """Return the buttons beside a question. may_save: with a star, which saves it as it stands alone."""
    link = esc(permanent_link(turn.question, turn.earlier, turn.filters))
    about = f'<span class="cw-hidden">: {esc(turn.question)}</span>'
    star = ""
    if may_save and turn.result is not None:
        alone = esc(permanent_link(cleaned(turn.result.standalone_question), (), turn.filters))
        star = (
            f'<button type="button" class="cw-button cw-star" data-saved="{alone}" aria-pressed="false">Save{about}'
            "</button>"
        )
    return (
        f'<div class="cw-tools">{star}'
        f'<button type="button" class="cw-button cw-edit" data-turn="{number}">Edit{about}</button>'
        f'<button type="button" class="cw-button cw-copy" data-link="{link}">Copy link{about}</button></div>'
    )


def actions_html(turn: Turn, name: str) -> str:
    """Return the row of actions under an answer; where nothing is cited, nothing is copied with its citations."""
    token = esc(turn.token)
    one = "".join(_download("answer", token, suffix, label) for suffix, label in FILES.items())
    whole = "".join(_download("conversation", token, suffix, label) for suffix, label in FILES.items())
    copy = ""
    if turn.result is not None and turn.result.citations:
        text = esc(copied_text(turn))
        copy = f'<button type="button" class="cw-button cw-copy" data-text="{text}">Copy with citations</button>'
    return (
        f'<div class="cw-actions">{copy}'
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
        f'<div class="cw-actions"><button type="submit" class="cw-button cw-primary">Send feedback</button>'
        f'<p class="cw-form-status" role="status"></p></div></form></details>'
    )
