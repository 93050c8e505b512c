"""The tab of many questions: the saved ones, asked again, and a table of answers."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import gradio as gr
from gradio.processing_utils import save_bytes_to_cache

from corpus.errors import CitewireError
from corpus.store.activity import SavedQuestion
from qa.desk.saved import Asked
from qa.desk.table import Row, Task, table_bytes
from qa.output.plain_text import as_sentence
from qa.page.filters import filter_inputs, new_choices, read_filters
from qa.page.model.conversation import Running, sentence, steps
from qa.page.model.desk import Desk
from qa.page.model.saved import ask_saved, saved_questions
from qa.page.model.table import Results, answers, limits_sentence, rows_of, tasks_of
from qa.page.security.login import client_of_event
from qa.page.views.markup import citation_address, esc, part

AT_ONCE = 2
"""Runs of many questions that the page works on; further ones wait. Each has one question in hand at a time, so that
whoever asks a single question waits for few others."""
_SHOW = "() => { document.dispatchEvent(new Event('cw-saved')); }"
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}
_LONG: dict[str, Any] = {"concurrency_id": "many", "concurrency_limit": AT_ONCE, **_QUIET}
COLUMNS = ("Question", "Outcome", "Answer", "Sentence", "Speaker", "Outlet", "Day", "Article")
WIDTHS = (172, 96, 164, 228, 108, 124, 104, 142)
"""Of the columns, in pixels."""
_CELLS = ("question", "outcome", "answer", "sentence", "speaker", "outlet", "day")
FILES = {"csv": "CSV", "xlsx": "Excel", "md": "Markdown", "jsonl": "JSON Lines"}
_FILE = (
    '<label class="cw-file">Or a file, .csv, .txt or .jsonl: <input type="file" accept=".csv,.tsv,.txt,.jsonl"></label>'
)


def questions_tab(desk: Desk, tab: gr.Tab) -> None:
    """Put many questions on the page, within `tab`."""
    if desk.may_save:
        _saved(desk, tab)
    _table(desk, tab)


def _saved(desk: Desk, tab: gr.Tab) -> None:
    """Put the saved questions on the page, with the way to ask all of them again."""
    running = Running()
    gr.HTML('<h2 class="cw-part">Saved questions</h2>', apply_default_css=False)
    with gr.Row(elem_classes="cw-run"):
        again = gr.Button("Ask all again", elem_classes="cw-primary", min_width=160, scale=0)
        halt = gr.Button("Stop", visible=False, elem_classes="cw-plain", min_width=90, scale=0)
    outcome = gr.HTML("", apply_default_css=False, elem_id="cw-changes")
    gr.HTML(
        '<div class="cw-saved" role="group" aria-label="Saved questions" tabindex="0"></div>',
        js_on_load='document.dispatchEvent(new Event("cw-saved"));',
        apply_default_css=False,
    )

    def run(request: gr.Request) -> Iterator[tuple[str, Any]]:
        session, client = request.session_hash or "", client_of_event(request)
        stop = running.begin(session)
        done: list[Asked] = []
        questions: list[SavedQuestion] = []
        problem = ""

        def work(tell: Callable[[Asked], None]) -> None:
            for asked in ask_saved(desk, questions, client=client, stop=stop):
                tell(asked)

        try:
            questions = saved_questions(desk).all()
            yield part("saved.j2", "run", done, len(questions)), gr.Button(visible=True)
            for asked in steps(work, stop):
                done.append(asked)
                yield part("saved.j2", "run", done, len(questions)), gr.skip()
        except CitewireError as error:
            problem = sentence(error)
        finally:
            running.end(session, stop)
        yield part("saved.j2", "run", done, len(questions), problem), gr.Button(visible=False)

    def stopped(request: gr.Request) -> None:
        running.stop(request.session_hash or "")

    asked = again.click(_waiting, None, outcome, queue=False, **_QUIET).then(run, None, [outcome, halt], **_LONG)
    asked.then(None, None, None, js=_SHOW)
    halt.click(stopped, None, None, queue=False, **_QUIET)
    tab.select(None, None, None, js=_SHOW)


def _waiting() -> str:
    return '<p role="status">Waiting for its turn.</p>'


def _table(desk: Desk, tab: gr.Tab) -> None:
    """Put a table of answers on the page: a list of questions, the table as it is filled, and its files."""
    running = Running()
    notice = f" {as_sentence(desk.assistant.reader.notice)}" if desk.assistant.reader.notice else ""
    gr.HTML(
        f'<h2 class="cw-part">A table of answers</h2><p class="cw-note">{esc(limits_sentence(desk) + notice)}</p>',
        apply_default_css=False,
    )
    listed = gr.Textbox(label="Questions, one a line", lines=5, max_lines=12, elem_id="cw-list")
    gr.HTML(_FILE, apply_default_css=False)
    with gr.Accordion("Filters", open=False, elem_classes="cw-filter-box"):
        chosen = filter_inputs("table")
    with gr.Row(elem_classes="cw-run"):
        fill = gr.Button("Fill the table", elem_classes="cw-primary", min_width=160, scale=0)
        halt = gr.Button("Stop", visible=False, elem_classes="cw-plain", min_width=90, scale=0)
    outcome = gr.HTML("", apply_default_css=False, elem_id="cw-filled")
    frame = gr.Dataframe(
        headers=list(COLUMNS),
        datatype=["str"] * (len(COLUMNS) - 1) + ["html"],
        column_widths=list(WIDTHS),
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
    known = gr.State({})

    def filled(
        text: str, outlets: list[str], days: Mapping[str, str], known: Results, request: gr.Request
    ) -> Iterator[tuple[Any, ...]]:
        session, client = request.session_hash or "", client_of_event(request)
        same = [gr.skip()] * len(FILES)
        try:
            tasks = tasks_of(desk, text or "", read_filters(outlets, days))
        except CitewireError as error:
            yield part("articles.j2", "failed", sentence(error)), gr.skip(), gr.skip(), gr.skip(), gr.skip(), *same
            return
        known = {task.key: known[task.key] for task in tasks if task.key in known}
        stop = running.begin(session)
        problem = ""

        def shown(end: str | None = None) -> tuple[Any, Any]:
            html = part("saved.j2", "filled", len(rows_of(tasks, known)), len(tasks), end)
            return html, gr.Dataframe(value=[_cells(task, known) for task in tasks], visible=True)

        def work(tell: Callable[[tuple[str, Mapping[str, Any]]], None]) -> None:
            for answer in answers(desk, [task for task in tasks if task.key not in known], client=client, stop=stop):
                tell(answer)

        yield *shown(), known, gr.Button(visible=True), gr.Row(visible=False), *same
        try:
            for key, result in steps(work, stop):
                known = {**known, key: result}
                yield *shown(), known, gr.skip(), gr.skip(), *same
        except CitewireError as error:
            problem = sentence(error)
        finally:
            running.end(session, stop)
        rows = rows_of(tasks, known)
        yield (
            *shown(problem),
            known,
            gr.Button(visible=False),
            gr.Row(visible=bool(rows)),
            *_files(rows, files[0].GRADIO_CACHE),
        )

    def stopped(request: gr.Request) -> None:
        running.stop(request.session_hash or "")

    inputs, outputs = [listed, chosen.outlets, chosen.days, known], [outcome, frame, known, halt, saving, *files]
    fill.click(_waiting, None, outcome, queue=False, **_QUIET).then(filled, inputs, outputs, **_LONG)
    halt.click(stopped, None, None, queue=False, **_QUIET)
    tab.select(lambda: new_choices(desk), None, chosen.outlets, **_QUIET)


def _cells(task: Task, known: Results) -> list[str]:
    """Return the cells of a question, empty where there is no answer yet. The last column is HTML."""
    if task.key not in known:
        return [task.asked.question, *[""] * (len(COLUMNS) - 1)]
    cells = Row(task, known[task.key], None).cells
    shown = ["" if cells[name] is None else str(cells[name]) for name in _CELLS]
    if cells["article"] is None:
        return [*shown, ""]
    title = str(cells["title"] or "Article")
    return [*shown, f'<a class="cw-open" href="{esc(citation_address(cells))}">{esc(title)}</a>']


def _files(rows: Sequence[Row], cache: str) -> list[str]:
    """Return the paths of the table as files, which Gradio gives to whoever has filled it and deletes after an hour."""
    name, asked = f"citewire-answers-{datetime.now(UTC):%Y-%m-%d}", [row.task.asked for row in rows]
    return [save_bytes_to_cache(table_bytes(rows, asked, f".{end}", None), f"{name}.{end}", cache) for end in FILES]
