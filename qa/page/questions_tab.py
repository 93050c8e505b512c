"""The tab of many questions: the saved ones, asked again, and a table of answers, at the pace of the page."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from threading import Event
from typing import Any, TypeVar

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache

from corpus.errors import CitewireError, UsageError
from corpus.store.activity import SavedQuestion
from corpus.store.records import Filters
from qa.assistant import MAX_QUESTION_CHARACTERS
from qa.batch.saved_questions import Rerun, ask_again
from qa.batch.table import Row, table_bytes
from qa.batch.tasks import Task, delimiter_of, questions_of, table_tasks
from qa.output.plain_text import as_sentence, plural
from qa.page.filters import QUIET, filter_inputs, filters_of, html, outlet_choices
from qa.page.limits import CONCURRENT_RUNS, Running
from qa.page.security.login import client_of_event
from qa.page.site import Site, sentence
from qa.page.user_data import saved_questions
from qa.page.views.markup import citation_address, error_html, esc, part
from qa.reader.protocol import QuestionCancelled

MOST_QUESTIONS = 200
_SHOW = "() => { document.dispatchEvent(new Event('cw-saved')); }"
_WAITING = """() => '<p role="status">Waiting for its turn.</p>'"""
_LONG: dict[str, Any] = {"concurrency_id": "many", "concurrency_limit": CONCURRENT_RUNS, **QUIET}
COLUMNS = "Question Outcome Answer Sentence Speaker Outlet Day Article".split()
WIDTHS = [172, 96, 164, 228, 108, 124, 104, 142]
"""Of the columns, in pixels."""
FILES = {"csv": "CSV", "xlsx": "Excel", "md": "Markdown", "jsonl": "JSON Lines"}
Results = Mapping[str, Mapping[str, Any]]
"""What was answered (`citewire/1`), by the key of its task."""
Updates = dict[Any, Any]
"""The new values of the page's components."""
Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


def questions_tab(site: Site, tab: gr.Tab) -> None:
    """Put many questions on the page, within `tab`."""
    if site.may_save:
        _saved(site, tab)
    _table(site, tab)


def _saved(site: Site, tab: gr.Tab) -> None:
    """Put the saved questions on the page, with the way to ask all of them again."""
    running = Running()
    html('<h2 class="cw-part">Saved questions</h2>')
    with gr.Row(elem_classes="cw-run"):
        again = gr.Button("Ask all again", elem_classes="cw-primary", min_width=160, scale=0)
        halt = _stop_button(running)
    outcome = html("", elem_id="cw-changes")
    html(
        '<div class="cw-saved" role="group" aria-label="Saved questions" tabindex="0"></div>',
        js_on_load='document.dispatchEvent(new Event("cw-saved"));',
    )

    def run(request: gr.Request) -> Iterator[Updates]:
        questions = saved_questions(site).all()
        stop = running.begin(request.session_hash or "")
        ask = partial(ask_saved, site)
        for done, end in answers_so_far(site, client_of_event(request), stop, questions, ask):
            yield {outcome: part("saved.j2", "run", done, len(questions), end), halt: gr.Button(visible=end is None)}

    ending = again.click(None, None, outcome, js=_WAITING, **QUIET).then(run, None, [outcome, halt], **_LONG)
    ending.then(None, None, None, js=_SHOW)
    tab.select(None, None, None, js=_SHOW)


def _stop_button(running: Running) -> gr.Button:
    """Put a button on the page that stops what runs. It shows once something does."""

    def stopped(request: gr.Request) -> None:
        running.stop(request.session_hash or "")

    halt = gr.Button("Stop", visible=False, elem_classes="cw-plain", min_width=90, scale=0)
    halt.click(stopped, None, None, queue=False, **QUIET)
    return halt


def answers_so_far(
    site: Site, client: str, stop: Event, todo: Iterable[Asked], ask: Callable[[Asked], Answer]
) -> Iterator[tuple[list[Answer], str | None]]:
    """Yield the answers so far and None, as fast as the client may ask; at the end why some are missing, or ""."""
    answers: list[Answer] = []
    problem = ""
    yield answers, None
    try:
        for each in todo:
            if not site.question_limit.await_turn(client, stop):
                break
            answers.append(ask(each))
            yield answers, None
    except QuestionCancelled:
        pass
    except CitewireError as error:
        problem = sentence(error)
    yield answers, problem


def _table(site: Site, tab: gr.Tab) -> None:
    """Put a table of answers on the page: a list of questions, the table as it is filled, and its files."""
    running = Running()
    notice = f" {as_sentence(site.assistant.reader.notice)}" if site.assistant.reader.notice else ""
    html(f'<h2 class="cw-part">A table of answers</h2><p class="cw-note">{esc(limits_sentence(site) + notice)}</p>')
    listed = gr.Textbox(label="Questions, one a line", lines=5, max_lines=12, elem_id="cw-list")
    html(part("saved.j2", "list_file"))
    with gr.Accordion("Filters", open=False, elem_classes="cw-filter-box"):
        outlets, days = filter_inputs("table")
    with gr.Row(elem_classes="cw-run"):
        fill = gr.Button("Fill the table", elem_classes="cw-primary", min_width=160, scale=0)
        halt = _stop_button(running)
    outcome = html("", elem_id="cw-filled")
    frame = gr.Dataframe(
        headers=COLUMNS,
        datatype=["str"] * (len(COLUMNS) - 1) + ["html"],
        column_widths=WIDTHS,
        type="array",
        interactive=False,
        wrap=True,
        visible=False,
        label="Answers",
        show_label=False,
        buttons=[],
        elem_id="cw-table",
    )
    with gr.Row(visible=False, elem_classes="cw-run") as saving:
        files = {
            kind: gr.DownloadButton(f"Download {name}", elem_classes="cw-plain", min_width=170, scale=0)
            for kind, name in FILES.items()
        }
    answered = gr.State({})

    def filled(
        text: str, outlets: list[str], days: Mapping[str, str], earlier: Results, request: gr.Request
    ) -> Iterator[Updates]:
        try:
            tasks = tasks_of(site, text or "", filters_of({"sources": outlets, **(days or {})}))
        except CitewireError as error:
            yield {outcome: error_html(error)}
            return
        stop = running.begin(request.session_hash or "")
        ask = partial(ask_task, site, stop)
        name = f"citewire-answers-{datetime.now(UTC):%Y-%m-%d}"
        for new, end in answers_so_far(site, client_of_event(request), stop, unanswered(tasks, earlier), ask):
            results = {**earlier, **dict(new)}
            rows = [Row(task, results[task.key]) for task in tasks if task.key in results]
            ready = (
                {}
                if end is None
                else {
                    button: save_bytes_to_cache(table_bytes(rows, f".{kind}"), f"{name}.{kind}", button.GRADIO_CACHE)
                    for kind, button in files.items()
                }
            )
            yield {
                outcome: part("saved.j2", "filled", len(rows), len(tasks), end),
                frame: gr.Dataframe(value=[_cells(task, results) for task in tasks], visible=True),
                answered: {row.task.key: row.result for row in rows},
                halt: gr.Button(visible=end is None),
                saving: gr.Row(visible=end is not None and bool(rows)),
                **ready,
            }

    inputs, outputs = [listed, outlets, days, answered], [outcome, frame, answered, halt, saving, *files.values()]
    fill.click(None, None, outcome, js=_WAITING, **QUIET).then(filled, inputs, outputs, **_LONG)
    tab.select(lambda: outlet_choices(site), None, outlets, **QUIET)


def limits_sentence(site: Site) -> str:
    """Return the sentence that says how much may be asked."""
    pace = f", and no more than {site.question_limit.times:,} in any minute" if site.question_limit.times else ""
    return f"At most {plural(_most(site), 'question')} of {MAX_QUESTION_CHARACTERS:,} characters each{pace}."


def _most(site: Site) -> int:
    """Return how many questions a table may have: two long ones of strangers would hold up all others for minutes."""
    return min(site.question_limit.times or MOST_QUESTIONS, MOST_QUESTIONS)


def tasks_of(site: Site, text: str, filters: Filters) -> list[Task]:
    """Return what a list asks: questions a line, the rows of a CSV file or the objects of a JSON Lines file.

    filters: hold where a row names none of its kind. Raises CitewireError for a list that cannot be asked.
    """
    first = next((line for line in text.splitlines() if line.strip()), "")
    suffix = ".csv" if delimiter_of(first) else ".txt"
    if first.lstrip("\ufeff ").startswith("{"):
        suffix = ".jsonl"
    questions = questions_of(text, suffix, "the list", filters)
    if len(questions) > _most(site):
        raise UsageError(f"the list has {len(questions):,} questions: ask {_most(site)} of them at a time")
    return table_tasks(site.assistant, questions, None)


def ask_saved(site: Site, saved: SavedQuestion) -> Rerun:
    """Ask a saved question again. Raises NotAllowed where the page has none, and LibraryError."""
    return next(ask_again(site.assistant, saved_questions(site), [saved]))


def unanswered(tasks: Sequence[Task], results: Results) -> list[Task]:
    """Return the tasks without a result; what is asked twice stands there once."""
    return list({task.key: task for task in tasks if task.key not in results}.values())


def ask_task(site: Site, stop: Event, task: Task) -> tuple[str, Mapping[str, Any]]:
    """Return the task's key with its result. Raises QuestionCancelled once `stop` is set."""
    return task.key, site.assistant.ask(task.question.text, filters=task.filters, stop=stop).to_json()


def _cells(task: Task, results: Results) -> list[str]:
    """Return the cells of a question, empty where there is no answer yet. The last column is HTML."""
    if task.key not in results:
        return [task.question.text, *[""] * (len(COLUMNS) - 1)]
    cells = Row(task, results[task.key]).cells
    shown = [str(cells[name.lower()] or "") for name in COLUMNS[:-1]]
    if cells["article"] is None:
        return [*shown, ""]
    title = str(cells["title"] or "Article")
    return [*shown, f'<a class="cw-open" href="{esc(citation_address(cells))}">{esc(title)}</a>']
