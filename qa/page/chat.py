"""The conversation on the page: asking, editing, and opening a permanent link."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import gradio as gr

from corpus.errors import CitewireError
from corpus.store.store import Filters
from qa.page.filters import filter_inputs, outlet_choices, read_filters, shown_days
from qa.page.model.conversation import Turn, answer, sentence, shortened
from qa.page.model.desk import Desk
from qa.page.security.login import client_of_event
from qa.page.views.answer import pending_html, said, turn_html
from qa.page.views.markup import linked_question, permanent_link
from qa.page.views.shell import script
from qa.page.views.welcome import welcome_html

Turns = tuple[Turn, ...]
Shown = dict[str, Any]
"""What the browser is told: `turn` is the number of the turn that `html` holds (those after it go), -1 for none."""

_TEMPLATE = """
<div class="cw-turns"></div>
<p class="cw-hidden cw-status" role="status" aria-live="polite"></p>
"""

_PICKED = "(typed, turns, _, ...filters) => [typed, turns, window.citewirePicked(), ...filters]"
"""Run as a question leaves the browser, at once or after the answer being made: an edited one or an example counts."""


def chat_tab(desk: Desk, blocks: gr.Blocks) -> None:
    """Put the conversation on the page."""
    turns = gr.State(())
    shown = gr.HTML(
        html_template=_TEMPLATE,
        js_on_load=script(),
        apply_default_css=False,
        elem_id="cw-chat",
    )
    with gr.Column(elem_classes="cw-composer"):
        typed = gr.Textbox(
            label="Question",
            placeholder="Ask about people, figures, places, days",
            show_label=False,
            lines=1,
            max_lines=6,
            submit_btn="Ask",
            elem_id="cw-question",
            elem_classes="cw-asking",
        )
        picked = gr.JSON(visible=False)
        with gr.Accordion("Filters", open=False, elem_classes="cw-filter-box") as box:
            chosen = filter_inputs("ask")

    def ask(
        question: str,
        so_far: Turns,
        told: Mapping[str, Any] | None,
        outlets: list[str],
        days: Mapping[str, str],
        request: gr.Request,
    ) -> Iterator[tuple[Any, Any, Any]]:
        box: Any = ""
        if told:
            box = gr.skip()
            number = told.get("turn")
            so_far = so_far[:number] if isinstance(number, int) and number >= 0 else so_far
            question = str(told.get("question") or "")
        if not question.strip():
            yield gr.skip(), gr.skip(), gr.skip()
            return
        try:
            desk.questions.take(client_of_event(request))
            filters = read_filters(outlets, days)
        except CitewireError as error:
            yield box, *_finished(so_far, Turn(shortened(question), error=sentence(error)), desk)
            return
        for step in asked(desk, so_far, question, filters):
            yield box, *step
            box = gr.skip()  # what is typed meanwhile stays

    gr.on(
        [typed.submit, shown.submit],
        ask,
        [typed, turns, picked, chosen.outlets, chosen.days],
        [typed, shown, turns],
        js=_PICKED,
        show_progress="hidden",
        trigger_mode="always_last",  # what is sent while an answer is being made is asked after it
        api_name="page_ask",  # "ask" is the endpoint for programs (api.py)
        api_visibility="private",
        concurrency_id="ask",
    )

    def cleared() -> tuple[Shown, Turns]:
        with desk.assistant.library.snapshot() as snapshot:
            return {"turn": -1, "html": welcome_html(snapshot), "say": "A new conversation."}, ()

    shown.clear(cleared, None, [shown, turns], show_progress="hidden", api_visibility="private")

    def opened(request: gr.Request) -> Iterator[tuple[Any, ...]]:
        yield from _opened(desk, request.url.query if request.request else "", client_of_event(request))

    blocks.load(
        opened,
        None,
        [shown, turns, chosen.outlets, chosen.days, box],
        show_progress="hidden",
        api_visibility="private",
        concurrency_id="ask",
    )


def asked(
    desk: Desk, so_far: Turns, question: str, filters: Filters, *, before: Sequence[str] = ()
) -> Iterator[tuple[Shown, Turns]]:
    """Yield what the page shows while a question is answered: the passages found, then the answer.

    before: questions that came before the conversation shown, oldest first.
    """
    number, shown = len(so_far), shortened(question)
    yield {"turn": number, "html": pending_html(shown, number, None), "say": "Searching."}, so_far
    told = [turn for turn in so_far if turn.result is not None]
    earlier = (*before, *(turn.question for turn in told))
    answers = (*("" for _ in before), *(turn.answered for turn in told))
    for step in answer(desk.assistant, question, earlier=earlier, answers=answers, filters=filters):
        if isinstance(step, Turn):
            yield _finished(so_far, step, desk)
        else:
            yield {"turn": number, "html": pending_html(shown, number, step), "say": ""}, so_far


def _finished(so_far: Turns, turn: Turn, desk: Desk) -> tuple[Shown, Turns]:
    turns = (*so_far, turn)
    desk.kept.keep(turns)
    link = permanent_link(turn.question, turn.earlier, turn.filters)
    number = len(so_far)
    return {"turn": number, "html": turn_html(turn, number), "say": said(turn), "link": link, "done": True}, turns


def _opened(desk: Desk, query: str, client: str) -> Iterator[tuple[Any, ...]]:
    """Yield what the page shows when it opens: the welcome, and for a permanent link its filters and its answer."""
    with desk.assistant.library.snapshot() as snapshot:
        choices = outlet_choices(snapshot)
        welcome: Shown = {"turn": -1, "html": welcome_html(snapshot)}
    outlets = gr.Dropdown(choices=choices, value=[])
    try:
        linked = linked_question(query)
        if linked is not None:
            desk.questions.take(client)
    except CitewireError as error:
        turn = Turn("A link to a question", error=sentence(error))
        yield (*_finished((), turn, desk), outlets, gr.skip(), gr.skip())
        return
    if linked is None:
        # Whoever was quick enough to ask already keeps the conversation.
        yield {**welcome, "first": True}, gr.skip(), outlets, gr.skip(), gr.skip()
        return
    question, before, filters = linked
    known = {source.casefold(): source for _, source in choices}
    chosen = [known[source.casefold()] for source in filters.sources if source.casefold() in known]
    shown = (gr.Dropdown(choices=choices, value=chosen), shown_days(filters), gr.Accordion(open=bool(filters)))
    for step in asked(desk, (), question, filters, before=before):
        yield (*step, *shown)
