"""The articles tab: search and browse, charts that narrow the list, and adding articles."""

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from corpus.errors import CitewireError
from qa.page.collection import Adding, add_address, add_files, add_text, find_articles, overrides_of
from qa.page.filters import NO_DAYS, QUIET, filter_inputs, filters_of, html, outlet_choices
from qa.page.limits import stream_from_thread
from qa.page.security.login import client_of_event
from qa.page.site import Site
from qa.page.views.markup import error_html, esc, part, script

PAGE = 50
_FIELDS = ("title", "source", "author", "published", "url")
_CHANGED = "() => { document.dispatchEvent(new Event('cw-changed')); }"
Work = Callable[[Callable[[Adding], None]], object]
_part = partial(part, "articles.j2")


def articles_tab(site: Site, tab: gr.Tab) -> None:
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
    outlets, days = filter_inputs("articles")
    charts = html("", js_on_load=script("charts"))
    listing = html("", elem_id="cw-listing")
    more = gr.Button("Show more", visible=False)
    limit = gr.State(PAGE)

    def shown(
        text: str, outlets: list[str], days: Mapping[str, str], count: int, request: gr.Request
    ) -> tuple[Any, ...]:
        words = (text or "").strip()
        try:
            if words:
                site.question_limit.take(client_of_event(request))
            found = find_articles(site, words, filters_of({"sources": outlets, **(days or {})}), limit=count)
        except CitewireError as error:
            return gr.skip(), error_html(error), gr.Button(visible=False)
        return _part("charts", found), _part("listing", found, words), gr.Button(visible=found.total > count)

    def narrowed(event: gr.EventData) -> tuple[Any, Any]:
        sent: Mapping[str, Any] = event._data or {}
        if source := sent.get("source"):
            return [str(source)], gr.skip()
        return gr.skip(), {name: str(sent.get(name, "")) for name in NO_DAYS}

    refresh = [tab.select, words.submit, outlets.change, days.change, charts.change, limit.change]
    inputs, results = [words, outlets, days, limit], [charts, listing, more]
    gr.on(refresh, shown, inputs, results, trigger_mode="always_last", **QUIET)
    gr.on([tab.select, charts.change], lambda: outlet_choices(site), None, outlets, **QUIET)
    charts.select(narrowed, None, [outlets, days], **QUIET)
    more.click(lambda count: count + PAGE, limit, limit, **QUIET)
    if not site.may_change:
        note = f"Articles cannot be added or removed here: {site.why_not}."
        html(f'<p class="cw-note">{esc(note)}</p>')


def adding_tab(site: Site) -> None:
    """Put the ways of adding on the page. Each empties its form once what it names is added."""
    outcome = html("", elem_id="cw-outcome")
    with gr.Row(elem_classes="cw-adding-ways"):
        with gr.Column():
            address = gr.Textbox(
                label="Address of a web page or a feed",
                placeholder="https://news.example/feed",
                lines=1,
                submit_btn="Add",
                elem_classes="cw-asking",
            )
            kinds = "text, web pages, PDF, Word, mail and more"
            files = gr.File(label=f"Files: {kinds}", file_count="multiple", height=170, elem_classes="cw-files")
            folder = gr.File(
                label="A folder, with all that is in it", file_count="directory", height=154, elem_classes="cw-files"
            )
            upload = gr.Button("Add the files", elem_classes="cw-primary")
        with gr.Column():
            text = gr.Textbox(label="Text of an article", lines=7, max_lines=14)
            with gr.Row():
                title, source = gr.Textbox(label="Title"), gr.Textbox(label="Outlet")
            with gr.Row():
                author = gr.Textbox(label="Author")
                published = gr.Textbox(label="Date", placeholder="2023-03-06")
            url = gr.Textbox(label="Address")
            paste = gr.Button("Add the text", elem_classes="cw-primary")
    fields = [text, title, source, author, published, url]

    def add_fetched(named: str) -> Iterator[tuple[Any, ...]]:
        yield from _told(lambda tell: add_address(site, named or "", tell), emptied=("",))

    def add_uploaded(several: list[str] | None, inside: list[str] | None) -> Iterator[tuple[Any, ...]]:
        chosen = [Path(path) for path in (*(several or ()), *(inside or ()))]
        yield from _told(lambda tell: add_files(site, chosen, tell), emptied=(None, None), expected=len(chosen))

    def add_pasted(body: str, *given: str) -> Iterator[tuple[Any, ...]]:
        overrides = dict(zip(_FIELDS, given, strict=True))
        yield from _told(lambda tell: add_text(site, body, overrides_of(overrides), tell), emptied=("",) * len(fields))

    once: dict[str, Any] = {**QUIET, "trigger_mode": "once"}
    for event in (
        address.submit(add_fetched, address, [outcome, address], **once),
        upload.click(add_uploaded, [files, folder], [outcome, files, folder], **once),
        paste.click(add_pasted, fields, [outcome, *fields], **once),
    ):
        event.then(None, None, None, js=_CHANGED)


def _told(work: Work, *, emptied: tuple[Any, ...], expected: int | None = None) -> Iterator[tuple[Any, ...]]:
    """Yield the progress of an addition as HTML and then its outcome, each with the form: emptied once it is done."""
    as_it_was = (gr.skip(),) * len(emptied)
    yield _part("adding", Adding(), expected), *as_it_was
    try:
        for adding in stream_from_thread(work):
            yield _part("adding", adding, expected), *(as_it_was if adding.report is None else emptied)
    except CitewireError as error:
        yield error_html(error), *as_it_was
