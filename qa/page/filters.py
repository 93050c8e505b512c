"""The filters: which outlets, and from which day until which; and the chips that show which are set."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import gradio as gr

from corpus.errors import CitewireError
from corpus.store.records import EVERYTHING, Filters
from qa.filters import meant_filters
from qa.page.site import Site
from qa.page.views.addresses import linked_question
from qa.page.views.markup import script
from qa.service import chosen_filters

html = partial(gr.HTML, apply_default_css=False)
"""A component of our own HTML."""
QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
"""Of an event that is no endpoint for programs."""

NO_DAYS = {"after": "", "before": ""}
NO_FILTERS: dict[str, Any] = {"sources": [], **NO_DAYS, "article": None}

_DAYS_TEMPLATE = """
<fieldset class="cw-days"><legend>Published</legend>
<label>from <input type="date" name="after" value="${value.after}" max="9999-12-31"></label>
<label>until <input type="date" name="before" value="${value.before}" max="9999-12-31"></label>
</fieldset>
"""
_DAYS_SCRIPT = """
element.addEventListener("change", (event) => {
  if (event.target.type !== "date") return;
  props.value = { ...props.value, [event.target.name]: event.target.value };
  trigger("input");
});
"""
_CHIPS_TEMPLATE = '<ul class="cw-chips" aria-label="Filters that are set"></ul>'


def filter_inputs(name: str) -> tuple[gr.Dropdown, gr.HTML]:
    """Put the filters on the page, the outlets and the days; `name` makes their names unique on it."""
    with gr.Row(elem_classes="cw-filters"):
        outlets = gr.Dropdown([], multiselect=True, label="Outlets", elem_id=f"{name}-outlets", scale=1)
        days = html(
            NO_DAYS,
            html_template=_DAYS_TEMPLATE,
            js_on_load=_DAYS_SCRIPT,
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
    """Return the filters that an address names, as chips and inputs show them.

    An address that asks nothing leaves what is set.
    """
    try:
        linked = linked_question(query)
        with site.assistant.library.snapshot() as snapshot:
            filters = meant_filters(linked.filters, snapshot) if linked else EVERYTHING
            title = snapshot.article(filters.article).info.heading if filters.article else ""
    except CitewireError:  # the conversation says what is wrong
        linked = None
    if linked is None:
        return gr.skip(), outlet_choices(site), gr.skip()
    chips, sources, days = shown_filters(filters, title)
    return chips, outlet_choices(site, value=sources), days


def outlet_choices(site: Site, **more: Any) -> gr.Dropdown:  # noqa: ANN401 - Gradio's own
    """Return the change of an outlets' input that gives it the outlets of the library, each with how many articles."""
    with site.assistant.library.snapshot() as snapshot:
        return gr.Dropdown(choices=[(f"{source} ({count:,})", source) for source, count in snapshot.sources()], **more)


def filters_of_inputs(
    outlets: Sequence[str] | None, days: Mapping[str, Any] | None, article: str | None = None
) -> Filters:
    """Return the filters chosen. Raises UsageError if a day is not valid."""
    after, before = (str((days or {}).get(name) or "") for name in NO_DAYS)
    return chosen_filters(outlets or (), after, before, article)


def filters_of_chips(chips: Mapping[str, Any]) -> Filters:
    """Return the filters that the chips show. Raises UsageError if a day is not valid."""
    return filters_of_inputs(chips["sources"], chips, chips["article"] and chips["article"]["id"])
