"""The filters: which outlets, and from which day until which; and the chips that show which are set."""

from collections.abc import Mapping
from functools import partial
from typing import Any

import gradio as gr

from corpus.errors import CitewireError
from corpus.store.records import Filters
from qa.filters import meant_filters
from qa.page.site import Site
from qa.page.views.markup import linked_questions, part, script
from qa.service import chosen_filters

html = partial(gr.HTML, apply_default_css=False)
"""A component of our own HTML."""
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Of an event that is no endpoint for programs."""

NO_DAYS = {"after": "", "before": ""}
NO_FILTERS: dict[str, Any] = {"sources": [], **NO_DAYS, "article": None}

_CHIPS_TEMPLATE = '<ul class="cw-chips" aria-label="Filters that are set"></ul>'


def filter_inputs(name: str) -> tuple[gr.Dropdown, gr.HTML]:
    """Put the filters on the page, the outlets and the days; `name` makes their names unique on it."""
    with gr.Row(elem_classes="cw-filters"):
        outlets = gr.Dropdown([], multiselect=True, label="Outlets", elem_id=f"{name}-outlets", scale=1)
        days = html(
            NO_DAYS,
            html_template=part("parts.j2", "days"),
            js_on_load=script("days"),
            elem_id=f"{name}-days",
            min_width=380,
        )
    return outlets, days


def filter_chips() -> gr.HTML:
    """Put the filters that are set on the page as chips, however far their inputs are folded away.

    Its value is what questions are asked under. It changes in one piece, in the browser as a person chooses and from
    the server as an address is opened, so no update can arrive with a part of it as it was before.
    """
    return html(NO_FILTERS, html_template=_CHIPS_TEMPLATE, js_on_load=script("chips"), elem_id="cw-chips")


def connect_chips(site: Site, chips: gr.HTML, outlets: gr.Dropdown, days: gr.HTML) -> None:
    """Let the inputs change the chips, and a chip that is taken away the inputs, within the browser.

    Once articles are added or removed, the outlets to choose from are new.
    """
    quiet: dict[str, Any] = {**QUIET, "queue": False}
    outlets.input(None, [chips, outlets], chips, js="(set, sources) => ({ ...set, sources })", **quiet)
    days.input(None, [chips, days], chips, js="(set, { after, before }) => ({ ...set, after, before })", **quiet)
    left = "({ sources, after, before }) => [sources, { after, before }]"
    chips.select(None, chips, [outlets, days], js=left, **quiet)
    chips.input(lambda: outlet_choices(site), None, outlets, **quiet)


def shown_filters(filters: Filters, title: str = "") -> tuple[dict[str, Any], list[str], dict[str, str]]:
    """Return filters as the chips, the input of outlets and that of days show them. title: that of the article."""
    sources = list(filters.sources)
    days = {name: day.isoformat() if (day := getattr(filters, name)) else "" for name in NO_DAYS}
    article = {"id": filters.article, "title": title} if filters.article else None
    return {"sources": sources, **days, "article": article}, sources, days


def shown_filters_at(site: Site, query: str) -> tuple[Any, ...]:
    """Return the filters that an address names, as chips and inputs show them; one that asks nothing changes none."""
    try:
        linked = linked_questions(query)
        if linked:
            with site.assistant.library.snapshot() as snapshot:
                filters = meant_filters(linked.filters, snapshot)
                title = snapshot.article(filters.article).info.heading if filters.article else ""
            chips, sources, days = shown_filters(filters, title)
            return chips, outlet_choices(site, value=sources), days
    except CitewireError:
        pass  # the conversation says what is wrong
    return gr.skip(), outlet_choices(site), gr.skip()


def outlet_choices(site: Site, **more: Any) -> gr.Dropdown:  # noqa: ANN401 - Gradio's own
    """Return the change of an outlets' input that gives it the outlets of the library, each with how many articles."""
    with site.assistant.library.snapshot() as snapshot:
        return gr.Dropdown(choices=[(f"{source} ({count:,})", source) for source, count in snapshot.sources()], **more)


def filters_of(chosen: Mapping[str, Any]) -> Filters:
    """Return the filters that the chips show, or inputs by the same names. Raises UsageError if a day is not valid."""
    article = chosen.get("article") or {}
    return chosen_filters(chosen["sources"] or (), chosen.get("after"), chosen.get("before"), article.get("id"))
