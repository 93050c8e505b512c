"""The tab of many questions: the saved ones, asked again, and a table of answers, at the pace of the page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
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
from qa.page.filters import QUIET, filter_inputs, filters_of_inputs, html, outlet_choices
from qa.page.rate_limit import CONCURRENT_RUNS
from qa.page.running import Running, stream_from_thread
from qa.page.security.login import client_of_event
from qa.page.site import Site, sentence
from qa.page.user_data import saved_questions
from qa.page.views.addresses import citation_address
from qa.page.views.markup import error_html, esc, part
from qa.reader.protocol import QuestionCancelled

MOST_QUESTIONS = 200
_SHOW = "() => { document.dispatchEvent(new Event('cw-saved')); }"
_LONG: dict[str, Any] = {"concurrency_id": "many", "concurrency_limit": CONCURRENT_RUNS, **QUIET}
COLUMNS = {
    "Question": 172,
    "Outcome": 96,
    "Answer": 164,
    "Sentence": 228,
    "Speaker": 108,
    "Outlet": 124,
    "Day": 104,
    "Article": 142,
}
"""The columns of the table on the page, with their widths in pixels."""
FILES = {"csv": "CSV", "xlsx": "Excel", "md": "Markdown", "jsonl": "JSON Lines"}
_FILE = (
    '<label class="cw-file">Or a file, .csv, .txt or .jsonl: <input type="file" accept=".csv,.tsv,.txt,.jsonl"></label>'
)
Results = Mapping[str, Mapping[str, Any]]
"""What was answered (`citewire/1`), by the key of its task."""
Updates = dict[Any, Any]
"""The new values of the page's components."""
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
        try:
            questions = saved_questions(site).all()
        except CitewireError as error:
            yield {outcome: error_html(error)}
            return
        for done, end in _run(running, request, partial(ask_saved, site, questions)):
            yield {outcome: part("saved.j2", "run", done, len(questions), end), halt: gr.Button(visible=end is None)}

    ending = again.click(_waiting, None, outcome, queue=False, **QUIET).then(run, None, [outcome, halt], **_LONG)
    ending.then(None, None, None, js=_SHOW)
    tab.select(None, None, None, js=_SHOW)


def _stop_button(running: Running) -> gr.Button:
    """Put a button on the page that stops what runs. It shows once something does."""

    def stopped(request: gr.Request) -> None:
        running.stop(request.session_hash or "")

    halt = gr.Button("Stop", visible=False, elem_classes="cw-plain", min_width=90, scale=0)
    halt.click(stopped, None, None, queue=False, **QUIET)
    return halt


def _run(
    running: Running, request: gr.Request, ask: Callable[[str, Event], Iterator[Answer]]
) -> Iterator[tuple[list[Answer], str | None]]:
    """Ask many questions for an open page. Yield the answers so far and None; at the end why some are missing, or "".

    ask: gives the answers to a client until the event is set.
    """
    session, problem = request.session_hash or "", ""
    stop = running.begin(session)
    answers: list[Answer] = []

    def work(tell: Callable[[Answer], None]) -> None:
        for answer in ask(client_of_event(request), stop):
            tell(answer)

    try:
        yield answers, None
        for answer in stream_from_thread(work, stop):
            answers.append(answer)
            yield answers, None
    except CitewireError as error:
        problem = sentence(error)
    finally:
        running.end(session, stop)
    yield answers, problem


def ask_saved(site: Site, questions: Sequence[SavedQuestion], client: str, stop: Event) -> Iterator[Rerun]:
    """Ask saved questions again until `stop` is set, no faster than the client may ask."""
    kept = saved_questions(site)
    for saved in questions:
        if not site.question_limit.await_turn(client, stop):
            return
        yield from ask_again(site.assistant, kept, [saved])


def _waiting() -> str:
    return '<p role="status">Waiting for its turn.</p>'


def _table(site: Site, tab: gr.Tab) -> None:
    """Put a table of answers on the page: a list of questions, the table as it is filled, and its files."""
    running = Running()
    notice = f" {as_sentence(site.assistant.reader.notice)}" if site.assistant.reader.notice else ""
    html(f'<h2 class="cw-part">A table of answers</h2><p class="cw-note">{esc(limits_sentence(site) + notice)}</p>')
    listed = gr.Textbox(label="Questions, one a line", lines=5, max_lines=12, elem_id="cw-list")
    html(_FILE)
    with gr.Accordion("Filters", open=False, elem_classes="cw-filter-box"):
        outlets, days = filter_inputs("table")
    with gr.Row(elem_classes="cw-run"):
        fill = gr.Button("Fill the table", elem_classes="cw-primary", min_width=160, scale=0)
        halt = _stop_button(running)
    outcome = html("", elem_id="cw-filled")
    frame = gr.Dataframe(
        headers=list(COLUMNS),
        datatype=["str"] * (len(COLUMNS) - 1) + ["html"],
        column_widths=list(COLUMNS.values()),
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
        files = [
            gr.DownloadButton(f"Download {name}", elem_classes="cw-plain", min_width=170, scale=0)
            for name in FILES.values()
        ]
    answered = gr.State({})

    def filled(
        text: str, outlets: list[str], days: Mapping[str, str], earlier: Results, request: gr.Request
    ) -> Iterator[Updates]:
        try:
            tasks = tasks_of(site, text or "", filters_of_inputs(outlets, days))
        except CitewireError as error:
            yield {outcome: error_html(error)}
            return
        todo = [task for task in tasks if task.key not in earlier]
        for new, end in _run(running, request, partial(ask_tasks, site, todo)):
            results = {**earlier, **dict(new)}
            rows = [Row(task, results[task.key]) for task in tasks if task.key in results]
            paths = [] if end is None else _files(rows, files[0].GRADIO_CACHE)
            yield {
                outcome: part("saved.j2", "filled", len(rows), len(tasks), end),
                frame: gr.Dataframe(value=[_cells(task, results) for task in tasks], visible=True),
                answered: {row.task.key: row.result for row in rows},
                halt: gr.Button(visible=end is None),
                saving: gr.Row(visible=end is not None and bool(rows)),
                **dict(zip(files, paths, strict=False)),
            }

    inputs, outputs = [listed, outlets, days, answered], [outcome, frame, answered, halt, saving, *files]
    fill.click(_waiting, None, outcome, queue=False, **QUIET).then(filled, inputs, outputs, **_LONG)
    tab.select(lambda: outlet_choices(site), None, outlets, **QUIET)


def limits_sentence(site: Site) -> str:
    """Return the sentence that says how much may be asked."""
    pace = f", and no more than {site.question_limit.times:,} in any minute" if site.question_limit.times else ""
    return f"At most {plural(_most(site), 'question')} of {MAX_QUESTION_CHARACTERS:,} characters each{pace}."


def _most(site: Site) -> int:
    """Return how many questions a table may have: no more than one client may ask in a minute."""
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
        raise UsageError(f"the list has {len(questions):,} questions: ask {_most(site):,} of them at a time")
    return table_tasks(site.assistant, questions, None)


def ask_tasks(site: Site, tasks: Sequence[Task], client: str, stop: Event) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Ask the questions one after the other until `stop` is set, no faster than the client may ask.

    Gives the key of each task with its result. What is asked twice is answered once.
    """
    for key, task in {task.key: task for task in tasks}.items():
        if not site.question_limit.await_turn(client, stop):
            return
        try:
            result = site.assistant.ask(task.question.text, filters=task.filters, stop=stop)
        except QuestionCancelled:
            return
        yield key, result.to_json()


def _cells(task: Task, results: Results) -> list[str]:
    """Return the cells of a question, empty where there is no answer yet. The last column is HTML."""
    if task.key not in results:
        return [task.question.text, *[""] * (len(COLUMNS) - 1)]
    cells = Row(task, results[task.key]).cells
    shown = [str(cells[name.lower()] or "") for name in list(COLUMNS)[:-1]]
    if cells["article"] is None:
        return [*shown, ""]
    title = str(cells["title"] or "Article")
    return [*shown, f'<a class="cw-open" href="{esc(citation_address(cells))}">{esc(title)}</a>']


def _files(rows: Sequence[Row], cache: str) -> list[str]:
    """Return the paths of the table as files, which Gradio gives to whoever has filled it and deletes after an hour."""
    name = f"citewire-answers-{datetime.now(UTC):%Y-%m-%d}"
    return [save_bytes_to_cache(table_bytes(rows, f".{end}"), f"{name}.{end}", cache) for end in FILES]
