"""What the page shows while questions are asked, and at an address that is opened, step by step."""

import logging
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

import gradio as gr

from corpus.errors import CitewireError
from corpus.store.records import Filters
from qa.assistant import Assistant
from qa.page.limits import stream_from_thread
from qa.page.security.login import client_of_event
from qa.page.site import Site, Turn, sentence, shortened
from qa.page.views.answer import pending_html, said, start_html, turns_html, welcome_html
from qa.page.views.markup import linked_questions, permanent_link
from qa.result import ClosePassage, Result
from qa.service import checked_text

_log = logging.getLogger(__name__)

Turns = tuple[Turn, ...]
Shown = dict[str, Any]
"""What the browser is told: `html` is the whole conversation, or the welcome where it says `welcome`. `link` is the
address of the conversation, or `at` the one that was opened; `when` is the time in the browser at which it was asked
for, `done` says that the answer is there. `note` is a word beside the box.

A busy browser skips all but the latest of what comes quickly, so each says all that the browser has to know."""


@dataclass(frozen=True, slots=True)
class Browser:
    """The open page that asks, and where it is.

    client: whose questions are counted. token: of the last answer that it shows. when: the time of asking by its own
    clock, in milliseconds, 0 where it does not say.
    """

    client: str
    session: str
    query: str = ""
    token: str = ""
    when: float = 0.0


def browser_of(request: gr.Request, sent: Mapping[str, Any] | None) -> Browser:
    """Return the browser of an event. sent: what it says of where it is."""
    sent = sent or {}
    when = sent.get("when")
    return Browser(
        client_of_event(request),
        request.session_hash or "",
        query=str(sent.get("query") or ""),
        token=str(sent.get("token") or ""),
        when=float(when) if isinstance(when, int | float) else 0.0,
    )


def answer_one(
    site: Site, so_far: Turns, question: str, filters: Filters, browser: Browser, assistant: Assistant
) -> Generator[Shown, None, Turn | None]:
    """Yield what the page shows while a question is answered: the passages found, then the answer.

    Nothing more comes once the browser waits for something else. assistant: with the reader chosen. Returns the turn,
    None where the browser does not wait for it.
    """
    stop = site.running.begin(browser.session, browser.when)
    if stop.is_set():
        return None
    question = checked_text("question", question).strip()  # so its address stays the same
    turn = Turn(question, earlier_questions(so_far), filters, error="Stopped.")
    before = turns_html(so_far, may_save=site.may_save)
    begun: Shown = {"link": permanent_link(question, turn.earlier, filters), "say": "Searching.", "when": browser.when}
    answers = ["; ".join(a.text for a in earlier.result.answers) for earlier in so_far if earlier.result is not None]

    def pending(found: Sequence[ClosePassage] | None) -> Shown:
        return {**begun, "html": before + pending_html(shortened(question), len(so_far), found)}

    def work(tell: Callable[[tuple[ClosePassage, ...] | Result], None]) -> None:
        tell(assistant.ask(question, turns=turn.earlier, answers=answers, filters=filters, found=tell, stop=stop))

    try:
        site.question_limit.take(browser.client)
        yield pending(None)
        for step in stream_from_thread(work, stop):
            if isinstance(step, Result):
                turn = replace(turn, result=step, error=None)
            else:
                yield pending(step)
    except CitewireError as error:
        if not stop.is_set():
            turn = replace(turn, question=shortened(question), error=sentence(error))
    except Exception:  # noqa: BLE001 - the outermost boundary: one failed question must not end the page
        _log.exception("the question could not be answered")
        problem = "This question could not be answered: the program's log says why. Other questions still can."
        turn = replace(turn, error=problem)
    finally:
        is_awaited = site.running.end(browser.session, stop)
    if not is_awaited:
        return None
    yield {**begun, **finish(so_far, turn, site)}
    return turn


def answer_all(
    site: Site, turns: Turns, questions: Sequence[str], filters: Filters, browser: Browser, assistant: Assistant
) -> Iterator[Shown]:
    """Yield what the page shows while questions that follow these turns are asked, until one is not answered."""
    for question in questions:
        turn = yield from answer_one(site, turns, question, filters, browser, assistant)
        if turn is None or turn.result is None:
            return
        turns = (*turns, turn)


def turns_before(site: Site, browser: Browser, number: object) -> tuple[Turns, tuple[str, ...]]:
    """Return the conversation that a question follows, or the questions of one whose answers are no longer kept.

    number: of the turn in whose place the question is asked, if any.
    """
    end = number if isinstance(number, int) and number >= 0 else None
    if turns := site.recent.get(browser.token):
        return turns[:end], ()
    with suppress(CitewireError):  # of a link that asks nothing
        if linked := linked_questions(browser.query):
            return (), linked.questions[:end]
    return (), ()


def earlier_questions(turns: Turns) -> tuple[str, ...]:
    """Return the questions of a conversation that were answered, oldest first."""
    return tuple(turn.question for turn in turns if turn.result is not None)


def finish(so_far: Turns, turn: Turn, site: Site) -> Shown:
    """Keep the conversation with its last turn, and return what the page shows of it."""
    turns = (*so_far, turn)
    site.recent.keep(turns)
    return {**shown_turns(turns, site), "say": said(turn)}


def failed(so_far: Turns, question: str, error: CitewireError, site: Site, browser: Browser) -> Shown:
    """Return what the page shows of a question that is not asked, because of an error."""
    turn = Turn(shortened(question), earlier_questions(so_far), error=sentence(error))
    return {**finish(so_far, turn, site), "when": browser.when}


def shown_turns(turns: Turns, site: Site) -> Shown:
    """Return a conversation and how it is found again: by its address, and by the token of its last turn."""
    turn = turns[-1]
    link = permanent_link(turn.question, turn.earlier, turn.filters)
    html = turns_html(turns, may_save=site.may_save)
    return {"html": html, "say": "", "link": link, "token": turn.token, "done": True}


def welcome(site: Site) -> tuple[Shown, str]:
    """Return what stands above the box before anything is asked, and what stands below it."""
    with site.assistant.library.snapshot() as snapshot:
        start = start_html(snapshot, may_add=site.may_change, is_sample=site.is_sample)
        return {"welcome": True, "html": welcome_html(snapshot, is_sample=site.is_sample)}, start


def stays_at(browser: Browser) -> Shown:
    """Return the part of `Shown` that leaves the browser at its address."""
    return {"link": None, "at": browser.query, "when": browser.when}


def open_address(site: Site, browser: Browser) -> Iterator[tuple[Any, ...]]:
    """Yield what the page shows at an address: the welcome, or the conversation that it names under its filters.

    A conversation whose answers are no longer in memory is asked again from its first question on.
    """
    stays = stays_at(browser)
    try:
        linked = linked_questions(browser.query)
    except CitewireError as error:
        yield {**failed((), "A link to a question", error, site, browser), **stays}, gr.skip()
        return
    turns = site.recent.get(browser.token)
    if linked and not (turns and turns[-1].question == linked.questions[-1] and turns[-1].result):
        for value in answer_all(site, (), linked.questions, linked.filters, browser, site.assistant):
            yield {**value, **stays}, gr.skip()
    elif not site.running.begin(browser.session, browser.when).is_set():
        value, tried = (shown_turns(turns, site), gr.skip()) if linked else welcome(site)
        yield {**value, **stays}, tried
