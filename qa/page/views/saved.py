"""Saved questions as HTML: their list, and what has changed once they were asked again."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from corpus.article import parse_published
from corpus.store.activity import SavedQuestion, SavedResult
from qa.desk.saved import Asked, Change
from qa.desk.table import answer_cells
from qa.output.plain_text import plural
from qa.page.views.markup import (
    article_address,
    day_words,
    esc,
    filter_words,
    permanent_link,
    progress_html,
    published_words,
)


def saved_html(saved: Sequence[tuple[SavedQuestion, SavedResult | None]]) -> str:
    """Return the saved questions with what was answered last; each is asked on the page or taken away with a click."""
    if not saved:
        return (
            '<div class="cw-none"><p class="cw-none-title">No question is saved</p><p>Choose “Save” beside a question '
            "that you asked: it comes here, to be asked again as articles come in.</p></div>"
        )
    return f'<ol class="cw-list">{"".join(_item_html(one, last) for one, last in saved)}</ol>'


def _item_html(saved: SavedQuestion, last: SavedResult | None) -> str:
    question, link = esc(saved.question), esc(permanent_link(saved.question, (), saved.filters))
    what = " with what was answered to it" if last else ""
    filters = ", ".join(filter_words(saved.filters))
    told = '<p class="cw-note">Not asked again yet</p>'
    if last is not None:
        answer = answer_cells(json.loads(last.result))["answer"]
        days = _since_words(last)
        told = f"<p>{esc(str(answer))}</p>" if answer else "<p>The articles do not say.</p>"
        told += f'<p class="cw-note">{days}</p>'
    return (
        f"<li{' data-asked' if last else ''}><div>"
        f'<a class="cw-past-open cw-card-title" href="{link}">{question}</a>'
        + (f'<p class="cw-note">Only {esc(filters)}</p>' if filters else "")
        + f'{told}</div><button type="button" class="cw-button cw-remove" data-at="saved/{saved.number}" '
        f'data-ask="Remove “{question}”{what}? This cannot be undone." data-done="“{question}” was removed.">Remove'
        f'<span class="cw-hidden">: {question}</span></button></li>'
    )


def _since_words(last: SavedResult) -> str:
    first, latest = (day_words(parse_published(moment)) for moment in (last.first_asked, last.last_asked))
    return f"Asked on {latest}" if first == latest else f"The same from {first} to {latest}"


def run_html(done: Sequence[Asked], total: int, *, problem: str | None = None) -> str:
    """Return how far asking all again is, and what has changed against the last time.

    problem: once it is over, the sentence that says why not all were asked, "" for none.
    """
    changed = [asked for asked in done if asked.changes]
    items = "".join(_changed_html(asked) for asked in changed)
    changes = f'<ol class="cw-list cw-changed">{items}</ol>' if items else ""
    if problem is None:
        return progress_html(len(done), total, "asked") + changes
    what = f"{len(changed):,} with changes" if changed else "nothing has changed"
    left = f" {plural(total - len(done), 'question')} not asked." if len(done) < total else ""
    alert = f'<p role="alert">{esc(problem)}</p>' if problem else ""
    return f'{alert}<p role="status">{plural(len(done), "question")} asked, {what}.{left}</p>{changes}'


def _changed_html(asked: Asked) -> str:
    changes = "".join(f"<li>{_change_html(change)}</li>" for change in asked.changes)
    return f'<li><p class="cw-card-title">{esc(asked.saved.question)}</p><ul>{changes}</ul></li>'


def _change_html(change: Change) -> str:
    words = esc(change.text) if change.before is None else f"{esc(change.before)} is now {esc(change.text)}"
    where = f" {_place_html(change.citation)}" if change.citation else ""
    return f'<span class="cw-newer">{change.kind}</span> {words}{where}'


def _place_html(citation: Mapping[str, Any]) -> str:
    """Return the outlet and day of a citation, as the way to its words."""
    c = citation
    href = article_address(c["article"], version=c["version"], start=c["start"], end=c["end"])
    words = f"{c['source'] or 'outlet unknown'}, {published_words(c['published'])}"
    return f'<a class="cw-open" href="{esc(href)}">{esc(words)}</a>'
