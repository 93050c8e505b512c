"""The conversation on the page: its components, and what each event of theirs does."""

from collections.abc import Iterator, Mapping
from typing import Any

import gradio as gr

from corpus.errors import CitewireError
from corpus.store.records import EVERYTHING
from qa.assistant import MAX_QUESTION_CHARACTERS
from qa.page.answering import (
    answer_all,
    browser_of,
    failed,
    open_address,
    stays_at,
    turns_before,
    welcome,
)
from qa.page.filters import (
    QUIET,
    connect_chips,
    filter_chips,
    filter_inputs,
    filters_of,
    html,
    shown_filters,
    shown_filters_at,
)
from qa.page.site import Site
from qa.page.views.markup import CONVERSATION, script
from qa.service import reading_with

_STATUS = '<p class="cw-hidden cw-status" role="status" aria-live="polite"></p>'

_PICKED = "(typed, _, ...chosen) => [typed, window.citewirePicked(typed), ...chosen]"
"""Run as a question leaves the browser, at once or after the answer being made: an edited one or an example counts, and
what it follows is what the browser shows then."""
_PLACE = "() => [{ query: location.search, token: history.state?.token ?? null, when: window.citewireMoved ?? 0 }]"
"""Where the browser is, and since when: what its address names, and the answer that it saw there last."""
_SHOW_MOVED = 'watch("value", () => window.citewireShow(props.value));'


def chat_tab(site: Site, blocks: gr.Blocks) -> None:
    """Put the conversation on the page."""
    hello, tried = welcome(site)
    shown = html(
        hello,
        html_template=f'<div class="cw-turns"{" data-account" if site.keeps_conversations else ""}></div>{_STATUS}',
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
        readers = site.assistant.readers
        choices = [(f"{each.name}: {each.notice or 'Nothing leaves Citewire.'}", each.name) for each in readers]
        reader = gr.Radio(
            choices, value=readers[0].name, label="Who reads", visible=len(readers) > 1, elem_classes="cw-reader"
        )
        with gr.Accordion("Filters", open=False, elem_classes="cw-filter-box"):
            outlets, days = filter_inputs("ask")
    start = html(tried, elem_id="cw-start")
    nothing = (gr.skip(), gr.skip())  # Gradio empties two components of which an event says nothing at all

    def ask(
        question: str,
        sent: Mapping[str, Any] | None,
        chosen: Mapping[str, Any],
        reader: str,
        request: gr.Request,
    ) -> Iterator[tuple[Any, Any]]:
        sent = sent or {}
        box: Any = gr.skip() if "question" in sent else ""
        question = str(sent.get("question", question) or "")
        if not question.strip():
            yield nothing
            return
        if len(question) > MAX_QUESTION_CHARACTERS:
            length, most = f"{len(question):,}", f"{MAX_QUESTION_CHARACTERS:,}"
            yield gr.skip(), {"note": f"This question has {length} characters. Shorten it to {most} to ask it."}
            return
        browser = browser_of(request, sent)
        so_far, lost = turns_before(site, browser, sent.get("turn"))
        try:
            filters = filters_of(chosen)
            is_usual = reader == site.assistant.reader.name
            assistant = site.assistant if is_usual else reading_with(site.assistant, reader)
        except CitewireError as error:
            yield box, failed(so_far, question, error, site, browser)
            return
        values = answer_all(site, so_far, (*lost, question), filters, browser, assistant)
        first = next(values, None)
        yield (box, first) if first else nothing
        for value in values:
            yield gr.skip(), value  # what is typed meanwhile stays

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
        site.running.stop(request.session_hash or "")

    shown.stop(stop, None, None, queue=False, **QUIET)

    connect_chips(site, chips, outlets, days)
    filters = [chips, outlets, days]

    def cleared(where: Mapping[str, Any] | None, request: gr.Request) -> tuple[Any, ...]:
        browser = browser_of(request, where)
        if site.running.begin(browser.session, browser.when).is_set():
            return tuple(gr.skip() for _ in range(2 + len(filters)))
        value, tried = welcome(site)
        return {**value, **stays_at(browser), "say": "A new conversation."}, tried, *shown_filters(EVERYTHING)

    shown.clear(cleared, place, [moved, start, *filters], js=_PLACE, **QUIET)

    def linked(where: Mapping[str, Any] | None, request: gr.Request) -> tuple[Any, ...]:
        return shown_filters_at(site, browser_of(request, where).query)

    def opened(where: Mapping[str, Any] | None, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        values = open_address(site, browser_of(request, where))
        yield next(values, nothing)
        yield from values

    moves = [blocks.load, shown.select]  # the page is opened; Back and Forward
    gr.on(moves, linked, place, filters, js=_PLACE, trigger_mode="always_last", **QUIET)
    # Each step back or forward is sent at once: one that Gradio held back would stop what is asked after it.
    at_once: dict[str, Any] = {"trigger_mode": "multiple", "concurrency_id": "ask", **QUIET}
    gr.on(moves, opened, place, [moved, start], js=_PLACE, **at_once)
