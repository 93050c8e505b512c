"""The filters: which outlets, and from which day until which."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import gradio as gr

from corpus.store.store import Filters
from embeddings.library.library import Snapshot
from qa.service.actions import chosen_filters

NO_DAYS = {"after": "", "before": ""}

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
  trigger("change");
});
"""


@dataclass(frozen=True, slots=True)
class FilterInputs:
    """The components in which filters are chosen."""

    outlets: gr.Dropdown
    days: gr.HTML


def filter_inputs(name: str) -> FilterInputs:
    """Put the filters on the page; `name` makes their names unique on it."""
    with gr.Row(elem_classes="cw-filters"):
        outlets = gr.Dropdown([], multiselect=True, label="Outlets", elem_id=f"{name}-outlets", scale=1)
        days = gr.HTML(
            NO_DAYS,
            html_template=_DAYS_TEMPLATE,
            js_on_load=_DAYS_SCRIPT,
            apply_default_css=False,
            elem_id=f"{name}-days",
            min_width=380,
        )
    return FilterInputs(outlets, days)


def outlet_choices(snapshot: Snapshot) -> list[tuple[str, str]]:
    """Return the outlets with their numbers of articles, as choices."""
    return [(f"{source} ({count:,})", source) for source, count in snapshot.sources()]


def read_filters(outlets: Sequence[str] | None, days: Mapping[str, str] | None) -> Filters:
    """Return the filters chosen. Raises UsageError for days that are none."""
    days = days or NO_DAYS
    return chosen_filters(outlets or (), days.get("after"), days.get("before"))


def shown_days(filters: Filters) -> dict[str, str]:
    """Return the days of filters as the page shows them."""
    return {
        "after": filters.after.isoformat() if filters.after else "",
        "before": filters.before.isoformat() if filters.before else "",
    }
