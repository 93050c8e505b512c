"""The articles tab: search and browse, charts that narrow the list, and the form that adds articles."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import gradio as gr

from corpus.errors import CitewireError
from qa.page.filters import NO_DAYS, FilterInputs, filter_inputs, outlet_choices, read_filters
from qa.page.model.changes import Adding, add_files, add_text, overrides_of
from qa.page.model.collection import find_articles
from qa.page.model.conversation import sentence, steps
from qa.page.model.desk import Desk
from qa.page.security.login import client_of_event
from qa.page.views.articles import adding_html, charts_html, failed_html, listing_html
from qa.page.views.markup import esc

PAGE = 50
_CHARTS_SCRIPT = """
element.addEventListener("click", (event) => {
  const bar = event.target.closest(".cw-bar, .cw-outlet-bar");
  if (bar) trigger("select", { ...bar.dataset });
});
document.addEventListener("cw-changed", () => trigger("change"));
"""


def articles_tab(desk: Desk, tab: gr.Tab) -> None:
    """Put the collection on the page, within `tab`."""
    with gr.Row(elem_classes="cw-search"):
        words = gr.Textbox(
            label="Search the articles",
            placeholder="Words or a question",
            lines=1,
            submit_btn="Search",
            scale=3,
            elem_classes="cw-asking",
        )
    chosen = filter_inputs("articles")
    box = gr.Accordion("Add articles", open=False, elem_classes="cw-add", visible=desk.may_change)
    charts = gr.HTML("", js_on_load=_CHARTS_SCRIPT, apply_default_css=False)
    listing = gr.HTML("", apply_default_css=False, elem_id="cw-listing")
    more = gr.Button("Show more", visible=False, elem_classes="cw-more")
    limit = gr.State(PAGE)

    def shown(
        text: str, outlets: list[str], days: Mapping[str, str], count: int, request: gr.Request
    ) -> tuple[Any, ...]:
        return _shown(desk, text, outlets, days, count, client_of_event(request))

    def narrowed(event: gr.EventData) -> tuple[Any, Any]:
        told: Mapping[str, Any] = event._data or {}
        if source := told.get("source"):
            return [str(source)], gr.skip()
        return gr.skip(), {name: str(told.get(name, "")) for name in NO_DAYS}

    asked = [words, chosen.outlets, chosen.days, limit]
    results = [charts, listing, more]
    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    refresh = [tab.select, words.submit, chosen.outlets.change, chosen.days.change, charts.change, limit.change]
    gr.on(refresh, shown, asked, results, trigger_mode="always_last", **quiet)
    gr.on([tab.select, charts.change], lambda: _choices(desk), None, chosen.outlets, **quiet)
    charts.select(narrowed, None, [chosen.outlets, chosen.days], **quiet).then(shown, asked, results, **quiet)
    more.click(lambda count: count + PAGE, limit, limit, **quiet)
    if desk.may_change:
        with box:
            _adding(desk, asked, results, chosen)
    else:
        note = f"Articles cannot be added or removed here: {desk.why_not}."
        gr.HTML(f'<p class="cw-note">{esc(note)}</p>', apply_default_css=False)


def _adding(desk: Desk, asked: list[Any], results: list[Any], chosen: FilterInputs) -> None:
    """Put the two ways of adding on the page: uploaded files, and a pasted text with its fields."""
    with gr.Row():
        with gr.Column():
            files = gr.File(
                label="Files: text, web pages, PDF, Word, mail, JSON, ZIP and more", file_count="multiple", height=190
            )
            upload = gr.Button("Add the files", elem_classes="cw-primary")
            uploaded = gr.HTML("", apply_default_css=False)
        with gr.Column():
            text = gr.Textbox(label="Text of an article", lines=7, max_lines=14)
            with gr.Row():
                title, source = gr.Textbox(label="Title"), gr.Textbox(label="Outlet")
            with gr.Row():
                author = gr.Textbox(label="Author")
                published = gr.Textbox(label="Date", placeholder="2023-03-06")
            url = gr.Textbox(label="Address")
            paste = gr.Button("Add the text", elem_classes="cw-primary")
            pasted = gr.HTML("", apply_default_css=False)

    def add_uploaded(paths: list[str] | None) -> Iterator[tuple[str, str]]:
        chosen_files = [Path(path) for path in paths or ()]
        yield from _told(lambda tell: add_files(desk, chosen_files, tell), len(chosen_files))

    def add_pasted(body: str, *fields: str) -> Iterator[tuple[str, str]]:
        names = ("title", "source", "author", "published", "url")
        given = dict(zip(names, fields, strict=True))
        yield from _told(lambda tell: add_text(desk, body, overrides_of(given), tell), None)

    quiet: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
    both = [
        upload.click(add_uploaded, files, [uploaded, pasted], trigger_mode="once", **quiet),
        paste.click(
            add_pasted, [text, title, source, author, published, url], [pasted, uploaded], trigger_mode="once", **quiet
        ),
    ]
    for event in both:
        event.then(lambda *values: _shown(desk, *values), asked, results, **quiet).then(
            lambda: _choices(desk), None, chosen.outlets, **quiet
        )


def _told(work: Any, expected: int | None) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - a function told of its steps
    """Yield the progress of an addition as HTML, then its outcome; with it "" to clear what came of the other way."""
    yield adding_html(Adding(), expected), ""
    try:
        for adding in steps(work):
            yield adding_html(adding, expected), ""
    except CitewireError as error:
        yield failed_html(sentence(error)), ""


def _shown(
    desk: Desk, text: str, outlets: list[str], days: Mapping[str, str], count: int, client: str | None = None
) -> tuple[Any, ...]:
    try:
        if client is not None and (text or "").strip():
            desk.questions.take(client)
        found = find_articles(desk, text or "", read_filters(outlets, days), limit=count)
    except CitewireError as error:
        return gr.skip(), failed_html(sentence(error)), gr.Button(visible=False)
    return charts_html(found), listing_html(found, text or ""), gr.Button(visible=found.total > count)


def _choices(desk: Desk) -> gr.Dropdown:
    with desk.assistant.library.snapshot() as snapshot:
        return gr.Dropdown(choices=outlet_choices(snapshot))
