"""The conversation on the page: its components, and what each event of theirs does."""

from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr

from corpus.errors import CitewireError
from corpus.store.records import EVERYTHING
from qa.assistant import MAX_QUESTION_CHARACTERS
from qa.page.answering import (
    asked,
    asked_again,
    earlier_questions,
    finished,
    followed,
    opened_at,
    query_of,
    stays_at,
    too_long,
    welcome,
    when_of,
)
from qa.page.conversation import Turn, sentence
from qa.page.desk import Desk
from qa.page.filters import (
    QUIET,
    connect_chips,
    filter_chips,
    filter_inputs,
    filters_set,
    html,
    linked_filters,
    set_filters,
)
from qa.page.security.login import client_of_event
from qa.page.views.markup import CONVERSATION, script
from qa.service import reading_with

_STATUS = '<p class="cw-hidden cw-status" role="status" aria-live="polite"></p>'

_PICKED = "(typed, _, ...chosen) => [typed, window.citewirePicked(typed), ...chosen]"
"""Run as a question leaves the browser, at once or after the answer being made: an edited one or an example counts, and
what it follows is what the browser shows then."""
_PLACE = "() => [{ query: location.search, token: history.state?.token ?? null, when: window.citewireMoved ?? 0 }]"
"""Where the browser is, and since when: what its address names, and the answer that it saw there last."""
_SHOW_MOVED = 'watch("value", () => window.citewireShow(props.value));'


def chat_tab(desk: Desk, blocks: gr.Blocks) -> None:
    """Put the conversation on the page."""
    hello, tried = welcome(desk)
    shown = html(
        hello,
        html_template=f'<div class="cw-turns"{" data-account" if desk.keeps_conversations else ""}></div>{_STATUS}',
        js_on_load=script(*CONVERSATION),
        elem_id="cw-chat",
    )
    # What comes where the person has moved to, apart from what was asked: of values that come at once the browser
    # shows the last alone, and Gradio applies those of two events in any order.
    moved = html({}, js_on_load=_SHOW_MOVED, elem_classes="cw-hidden")
    with gr.Column(elem_classes="cw-composer"):
        chips = filter_chips()
        typed = gr.Textbox(
            label="Question",
            placeholder="Ask about the news",
            show_label=False,
            lines=1,
            max_lines=6,
            submit_btn="Ask",
            elem_id="cw-question",
            elem_classes="cw-asking",
        )
        html(f'<p class="cw-count" role="status" data-most="{MAX_QUESTION_CHARACTERS}"></p>')
        picked, place = gr.JSON(visible=False), gr.JSON(visible=False)
        reader = _reader_choice(desk)
        with gr.Accordion("Filters", open=False, elem_classes="cw-filter-box"):
            outlets, days = filter_inputs("ask")
    start = html(tried, elem_id="cw-start")

    def ask(
        question: str,
        told: Mapping[str, Any] | None,
        chosen: Mapping[str, Any],
        reader: str,
        request: gr.Request,
    ) -> Iterator[tuple[Any, Any]]:
        told = told or {}
        box: Any = gr.skip() if "question" in told else ""
        question = str(told.get("question", question) or "")
        if not question.strip():
            yield gr.skip(), gr.skip()
            return
        if len(question) > MAX_QUESTION_CHARACTERS:
            yield gr.skip(), {"note": too_long(question)}
            return
        so_far, lost = followed(desk, told)
        client, session, when = client_of_event(request), request.session_hash or "", when_of(told)
        try:
            filters = filters_set(chosen)
            is_usual = reader == desk.assistant.reader.name
            assistant = desk.assistant if is_usual else reading_with(desk.assistant, reader)
            if not lost:
                desk.questions.take(client)
        except CitewireError as error:
            failed = Turn(question, earlier_questions(so_far), error=sentence(error))
            yield box, {**finished(so_far, failed, desk), "when": when}
            return
        if lost:
            steps = asked_again(desk, (*lost, question), filters, client, session, when)
        else:
            steps = asked(desk, so_far, question, filters, session=session, when=when, assistant=assistant)
        is_late = True
        for value in steps:
            yield box, {**value, "when": when}
            box, is_late = gr.skip(), False  # what is typed meanwhile stays
        if is_late:
            yield gr.skip(), gr.skip()

    # What a busy browser gets at once Gradio writes into the first of it: the last value has to be whole, no `gr.skip`.
    gr.on(
        [typed.submit, shown.submit],
        ask,
        [typed, picked, chips, reader],
        [typed, shown],
        js=_PICKED,
        trigger_mode="always_last",  # what is sent while an answer is being made is asked after it
        api_name="page_ask",  # "ask" is the endpoint for programs (application.py)
        concurrency_id="ask",
        **QUIET,
    )

    def stop(request: gr.Request) -> None:
        desk.running.stop(request.session_hash or "")

    shown.stop(stop, None, None, queue=False, **QUIET)

    connect_chips(desk, chips, outlets, days)
    filters = [chips, outlets, days]

    def cleared(where: Mapping[str, Any] | None, request: gr.Request) -> tuple[Any, ...]:
        if desk.running.begin(request.session_hash or "", when_of(where or {})).is_set():
            return tuple(gr.skip() for _ in range(2 + len(filters)))
        value, tried = welcome(desk)
        return {**value, **stays_at(where or {}), "say": "A new conversation."}, tried, *set_filters(EVERYTHING)

    shown.clear(cleared, place, [moved, start, *filters], js=_PLACE, **QUIET)

    def linked(where: Mapping[str, Any] | None) -> tuple[Any, ...]:
        return linked_filters(desk, query_of(where or {}))

    named = [moved, start]

    def opened(where: Mapping[str, Any] | None, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        is_late = True
        for value, tried in opened_at(desk, where or {}, client_of_event(request), request.session_hash or ""):
            yield value, tried
            is_late = False
        if is_late:
            yield gr.skip(), gr.skip()

    gr.on([blocks.load, shown.select], linked, place, filters, js=_PLACE, trigger_mode="always_last", **QUIET)
    blocks.load(opened, place, named, js=_PLACE, concurrency_id="ask", **QUIET)
    # Each step back or forward is sent at once: one that Gradio held back would stop what is asked after it.
    again: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_id": "ask", **QUIET}
    shown.select(opened, place, named, js=_PLACE, **again)  # for Back and Forward


def _reader_choice(desk: Desk) -> gr.Radio:
    """Put the choice of who reads on the page, with where passages go; hidden where there is one reader alone."""
    readers = desk.assistant.readers
    choices = [(f"{each.name}: {each.notice or 'Nothing leaves Citewire.'}", each.name) for each in readers]
    return gr.Radio(
        choices, value=readers[0].name, label="Who reads", visible=len(readers) > 1, elem_classes="cw-reader"
    )
