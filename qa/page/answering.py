"""What the page shows while questions are asked, and at an address that is opened, step by step."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import gradio as gr

from corpus.errors import CitewireError
from corpus.store.records import Filters
from qa.assistant import MAX_QUESTION_CHARACTERS, Assistant
from qa.page.conversation import Turn, cleaned, sentence, shortened, steps
from qa.page.desk import Desk
from qa.page.views.answer import pending_html, said, turns_html
from qa.page.views.markup import linked_question, permanent_link, start_html, welcome_html
from qa.result import ClosePassage

_log = logging.getLogger(__name__)

Turns = tuple[Turn, ...]
Shown = dict[str, Any]
"""What the browser is told: `html` is the whole conversation, or the welcome where it says `welcome`. `link` is the
address of the conversation, or `at` the one that was opened; `when` is the time in the browser at which it was asked
for, `done` says that the answer is there. `note` is a word beside the box.

A busy browser skips all but the latest of what comes quickly, so each says all that the browser has to know."""


def asked(
    desk: Desk,
    so_far: Turns,
    question: str,
    filters: Filters,
    *,
    session: str,
    when: float,
    assistant: Assistant,
) -> Iterator[Shown]:
    """Yield what the page shows while a question is answered: the passages found, then the answer.

    session: the open page that waits for it, since `when` by its clock. Nothing more comes once it waits for something
    else. assistant: with the reader chosen.
    """
    question = cleaned(question)  # its address is then the same before and after it is answered
    earlier = earlier_questions(so_far)
    before = turns_html(so_far, may_save=desk.may_save)
    begun: Shown = {"link": permanent_link(question, earlier, filters), "say": "Searching."}

    def pending(found: Sequence[ClosePassage] | None) -> Shown:
        return {**begun, "html": before + pending_html(shortened(question), len(so_far), found)}

    stop = desk.running.begin(session, when)
    if stop.is_set():
        return
    last: Turn | None = None
    answers = [turn.answered for turn in so_far if turn.result is not None]

    def work(tell: Callable[[tuple[ClosePassage, ...] | Turn], None]) -> None:
        try:
            result = assistant.ask(question, turns=earlier, answers=answers, filters=filters, found=tell, stop=stop)
        except CitewireError as error:
            if not stop.is_set():
                tell(Turn(shortened(question), earlier, filters, error=sentence(error)))
        except Exception:  # noqa: BLE001 - the outermost boundary: one failed question must not end the page
            _log.exception("the question could not be answered")
            problem = "This question could not be answered: the program's log says why. Other questions still can."
            tell(Turn(question, earlier, filters, error=problem))
        else:
            tell(Turn(question, earlier, filters, result=result))

    try:
        yield pending(None)
        for step in steps(work, stop):
            if isinstance(step, Turn):
                last = step
            else:
                yield pending(step)
    finally:
        is_awaited = desk.running.end(session, stop)
    if is_awaited:
        yield {**begun, **finished(so_far, last or Turn(question, earlier, filters, error="Stopped."), desk)}


def followed(desk: Desk, told: Mapping[str, Any]) -> tuple[Turns, tuple[str, ...]]:
    """Return the conversation that a question follows, or the questions of one whose answers are no longer kept.

    told: what the browser shows, by the token of the last answer and by address; an edited question names its `turn`.
    """
    number = told.get("turn")
    before = slice(number if isinstance(number, int) and number >= 0 else None)
    if kept := desk.kept.conversation(str(told.get("follows") or "")):
        return kept[before], ()
    try:
        linked = linked_question(query_of(told))
    except CitewireError:
        linked = None
    return (), (*linked[1], linked[0])[before] if linked else ()


def earlier_questions(turns: Turns) -> tuple[str, ...]:
    """Return the questions of a conversation that were answered, oldest first."""
    return tuple(turn.question for turn in turns if turn.result is not None)


def too_long(question: str) -> str:
    """Return why a question is not asked."""
    length, most = f"{len(question):,}", f"{MAX_QUESTION_CHARACTERS:,}"
    return f"This question has {length} characters. Shorten it to {most} to ask it."


def finished(so_far: Turns, turn: Turn, desk: Desk) -> Shown:
    """Keep the conversation with its last turn, and return what the page shows of it."""
    turns = (*so_far, turn)
    desk.kept.keep(turns)
    return {**shown_turns(turns, desk), "say": said(turn)}


def shown_turns(turns: Turns, desk: Desk) -> Shown:
    """Return a conversation and how it is found again: by its address, and by the token of its last turn."""
    turn = turns[-1]
    link = permanent_link(turn.question, turn.earlier, turn.filters)
    html = turns_html(turns, may_save=desk.may_save)
    return {"html": html, "say": "", "link": link, "token": turn.token, "done": True}


def welcome(desk: Desk) -> tuple[Shown, str]:
    """Return what stands above the box before anything is asked, and what stands below it."""
    with desk.assistant.library.snapshot() as snapshot:
        start = start_html(snapshot, may_add=desk.may_change, is_sample=desk.is_sample)
        return {"welcome": True, "html": welcome_html(snapshot, is_sample=desk.is_sample)}, start


def query_of(where: Mapping[str, Any]) -> str:
    """Return the query of the address where a browser is."""
    return str(where.get("query") or "").removeprefix("?")


def stays_at(where: Mapping[str, Any]) -> Shown:
    """Return what says that something is shown where the browser is, whose address stays as it is."""
    return {"link": None, "at": str(where.get("query") or ""), "when": when_of(where)}


def when_of(told: Mapping[str, Any]) -> float:
    """Return when a browser sent something, by its own clock, in milliseconds; 0 where it does not say."""
    when = told.get("when")
    return float(when) if isinstance(when, int | float) else 0.0


def opened_at(desk: Desk, where: Mapping[str, Any], client: str, session: str) -> Iterator[tuple[Any, ...]]:
    """Yield what the page shows at an address: the welcome, or the conversation that it names under its filters.

    A conversation whose answers are still in memory comes back as it was; another is asked again from its first
    question on.
    """
    stays = stays_at(where)
    try:
        linked = linked_question(query_of(where))
    except CitewireError as error:
        yield {**finished((), Turn("A link to a question", error=sentence(error)), desk), **stays}, gr.skip()
        return
    if linked is None:
        value, tried = welcome(desk)
        if not desk.running.begin(session, when_of(where)).is_set():
            yield {**value, **stays}, tried
        return
    question, before, filters = linked
    kept = desk.kept.conversation(str(where.get("token") or ""))
    if kept and kept[-1].question == question and kept[-1].result is not None:
        if not desk.running.begin(session, when_of(where)).is_set():
            yield {**shown_turns(kept, desk), **stays}, gr.skip()
        return
    for value in asked_again(desk, (*before, question), filters, client, session, when_of(where)):
        yield {**value, **stays}, gr.skip()


def asked_again(
    desk: Desk, questions: Sequence[str], filters: Filters, client: str, session: str, when: float
) -> Iterator[Shown]:
    """Yield what the page shows while the questions of a conversation are asked one after another.

    It ends at the first that is not answered.
    """
    turns: Turns = ()
    for question in questions:
        value: Shown = {}
        try:
            desk.questions.take(client)
            told = asked(desk, turns, question, filters, session=session, when=when, assistant=desk.assistant)
        except CitewireError as error:
            told = iter([finished(turns, Turn(shortened(question), error=sentence(error)), desk)])
        for value in told:
            yield value
        turns = desk.kept.conversation(value.get("token", ""))
        if not turns or turns[-1].result is None:
            return
