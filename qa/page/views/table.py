"""A table of answers as the page shows it while it is filled."""

from collections.abc import Sequence

from qa.desk.table import Row, Task
from qa.output.plain_text import plural
from qa.page.model.table import Results
from qa.page.views.markup import article_address, esc, progress_html

COLUMNS = ("Question", "Outcome", "Answer", "Sentence", "Speaker", "Outlet", "Day", "Article")
WIDTHS = (172, 96, 164, 228, 108, 124, 104, 142)
"""Of the columns, in pixels."""
_SHOWN = ("question", "outcome", "answer", "sentence", "speaker", "outlet", "day")
FILES = {"csv": "CSV", "xlsx": "Excel", "md": "Markdown", "jsonl": "JSON Lines"}


def table_rows(tasks: Sequence[Task], known: Results) -> list[list[str]]:
    """Return the cells of all questions, empty where there is no answer yet. The last column is HTML."""
    return [
        _cells(Row(task, known[task.key], None))
        if task.key in known
        else [task.asked.question, *[""] * (len(COLUMNS) - 1)]
        for task in tasks
    ]


def _cells(row: Row) -> list[str]:
    cells = row.cells
    shown = ["" if cells[name] is None else str(cells[name]) for name in _SHOWN]
    if cells["article"] is None:
        return [*shown, ""]
    start, end = int(cells["start"] or 0), int(cells["end"] or 0)
    href = article_address(str(cells["article"]), version=str(cells["version"]), start=start, end=end)
    return [*shown, f'<a class="cw-open" href="{esc(href)}">{esc(str(cells["title"] or "Article"))}</a>']


def filled_html(answered: int, total: int, *, problem: str | None = None) -> str:
    """Return how far the table is. problem: once it is over, the sentence that says why it is not full, "" for none."""
    if problem is None:
        return progress_html(answered, total, "answered")
    alert = f'<p role="alert">{esc(problem)}</p>' if problem else ""
    if answered == total:
        return f'{alert}<p role="status">{plural(total, "question")} answered.</p>'
    told = f"Stopped: {answered:,} of {total:,} answered. “Fill the table” goes on with the rest."
    return f'{alert}<p role="status">{told}</p>'
