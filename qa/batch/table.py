"""A table of answers: many questions in one run that may be stopped, or killed, and goes on where it was."""

import json
import os
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from io import BufferedRandom
from pathlib import Path
from typing import Any, NamedTuple

from corpus.errors import CitewireError, UsageError
from corpus.store.activity import filters_json
from qa.assistant import Assistant
from qa.batch.tasks import By, FilteredQuestion, Task, table_tasks
from qa.output.files import Cell, Table, csv_bytes, markdown_bytes, write_whole, xlsx_bytes
from qa.output.plain_text import in_brackets

COLUMNS = (
    *"question outcome answer confidence quote sentence speaker outlet day title link article version".split(),
    *("start", "end", "other answers", "articles differ"),
)
FORMATS = (".csv", ".xlsx", ".md", ".jsonl")
_OUTCOMES = {"answered": "sure", "unsure": "unsure"}


@dataclass(frozen=True, slots=True)
class Row:
    """A task with its result (`citewire/1`)."""

    task: Task
    result: Mapping[str, Any]

    @property
    def cells(self) -> dict[str, Cell]:
        """The row's cells, by column: those of the file of questions first."""
        task, cells = self.task, answer_cells(self.result) | {"question": self.task.question.text}
        own = {name: value for name, value in task.question.others.items() if name not in cells}
        return own | ({task.by: task.group} if task.by else {}) | cells


class Journal:
    """The results of an unfinished run, beside its output: a line each, on the disk before the next is asked.

    A result is used again for the same question, filters, reader and release as long as the library is the same.
    Raises UsageError for a folder and for a name that is none of `FORMATS`, CitewireError where it cannot be written,
    and where `out` is there already and is neither to be overwritten nor of an unfinished run.
    """

    def __init__(self, out: Path, *, overwrite: bool = False) -> None:
        if out.is_dir() or out.suffix.lower() not in FORMATS:
            raise UsageError(f"{out} is no name for a table: name a file that ends in {', '.join(FORMATS)}")
        self.out = out
        self.path = self.path_for(out)
        if out.exists() and not overwrite and not self.path.exists():
            raise CitewireError(f"{out} is there already: name another file, or give --overwrite to replace it")
        self.results: dict[str, Mapping[str, Any]] = {}
        self._lock = threading.Lock()
        try:
            self._file: BufferedRandom = self.path.open("a+b")
            self._file.seek(0)
            whole = 0
            for line in self._file:
                try:
                    record = json.loads(line) if line.endswith(b"\n") else {}
                    self.results[record["key"]] = record["result"]
                except (ValueError, TypeError, KeyError):
                    break  # the last line of a killed run, which goes
                whole += len(line)
            self._file.truncate(whole)
        except OSError as error:
            raise CitewireError(f"{self.path} cannot be written: {error.strerror}; name another --out") from error

    @staticmethod
    def path_for(out: Path) -> Path:
        """Return where the journal of a run that writes `out` stands."""
        return out.with_name(f"{out.name}.progress")

    def keep(self, key: str, result: Mapping[str, Any]) -> None:
        """Write down a result. Raises CitewireError where the disk is full."""
        line = json.dumps({"key": key, "result": result}, ensure_ascii=False) + "\n"
        try:
            with self._lock:
                self._file.write(line.encode("utf-8", "surrogatepass"))
                self._file.flush()
                os.fsync(self._file.fileno())
                self.results[key] = result
        except OSError as error:
            raise CitewireError(f"{self.path} cannot be written: {error.strerror}; make room and go on") from error

    def close(self) -> None:
        """Close the file, and remove it where it has nothing to go on with."""
        self._file.close()
        if not self.results:
            self.path.unlink(missing_ok=True)


def answer_table(
    assistant: Assistant,
    questions: Sequence[FilteredQuestion],
    journal: Journal,
    *,
    by: By | None = None,
    at_once: int = 1,
    stop: threading.Event | None = None,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> tuple[int, int]:
    """Ask all questions, of each group where `by` says so, and write the answers to the journal's `out`.

    at_once: questions in hand at a time. told: called with the numbers of answers and of questions. Returns both
    numbers. They differ where `stop` was set: then `out` is not written, and the same call goes on with the rest.
    Raises UsageError where no group has articles, CitewireError where `out` cannot be written.
    """
    stop = stop or threading.Event()
    tasks = table_tasks(assistant, questions, by)
    keys = {task.key: task for task in tasks}
    todo = [task for key, task in keys.items() if key not in journal.results]
    told(len(keys) - len(todo), len(keys))

    def ask(task: Task) -> None:
        if stop.is_set():
            return
        try:
            journal.keep(task.key, assistant.ask(task.question.text, filters=task.filters).to_json())
        except BaseException:
            stop.set()  # the questions that wait are not asked
            raise

    with ThreadPoolExecutor(at_once) as pool:
        for done, _ in enumerate(pool.map(ask, todo), start=1):
            told(len(keys) - len(todo) + done, len(keys))
    answered = sum(key in journal.results for key in keys)
    if answered == len(keys):
        rows = [Row(task, journal.results[task.key]) for task in tasks]
        write_whole(journal.out, table_bytes(rows, journal.out.suffix.lower(), by, questions))
        journal.results.clear()  # the output has them
    return answered, len(keys)


def answer_cells(result: Mapping[str, Any]) -> dict[str, Cell]:
    """Return the cells of a result (`citewire/1`), by column: the newest answer, else the first, and the rest."""
    answers = result["answers"]
    chosen = next((answer for answer in answers if answer["newer"]), answers[0] if answers else None)
    cells: dict[str, Cell] = dict.fromkeys(COLUMNS)
    cells |= {"question": result["question"], "outcome": _OUTCOMES.get(result["status"], "not found")}
    if chosen is None:
        return cells
    cited = next(c for c in result["citations"] if c["number"] == chosen["citations"][0])
    cells |= {name: cited[name] for name in ("quote", "sentence", "title", "article", "version", "start", "end")}
    return cells | {
        "answer": chosen["text"],
        "confidence": chosen["confidence"],
        "speaker": cited["speaker"]["name"] if cited["speaker"] else None,
        "outlet": cited["source"],
        "day": (cited["published"] or "")[:10] or None,
        "link": cited["url"],
        "other answers": " | ".join(answer["text"] for answer in answers if answer is not chosen) or None,
        "articles differ": "yes" if result["disagreement"] else None,
    }


def table_bytes(
    rows: Sequence[Row], suffix: str, by: By | None = None, questions: Sequence[FilteredQuestion] = ()
) -> bytes:
    """Return the table as a file with one of the endings of `FORMATS`.

    rows: in the order of `questions`, which name the columns of the groups' table where `by` says so.
    """
    if suffix == ".jsonl":
        lines = ({**row.cells, "result": row.result} for row in rows)
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode("utf-8", "replace")
    columns = list(dict.fromkeys(name for row in rows for name in row.cells))
    answers = Table("answers", columns, [row.cells for row in rows])
    tables = [answers] if by is None else [_matrix(rows, questions, by), answers]
    if suffix == ".xlsx":
        return xlsx_bytes(tables)
    return (csv_bytes if suffix == ".csv" else markdown_bytes)(tables[0])


def _matrix(rows: Sequence[Row], questions: Sequence[FilteredQuestion], by: By) -> Table:
    """Return a row for each group and a column for each question. An unsure answer has a question mark after it.

    A question that is asked under several filters has a column for each, which names them.
    """
    different = dict.fromkeys((each.text, each.filters) for each in questions)
    often = Counter(question for question, _ in different)
    names = {(q, f): q + (in_brackets(filters_json(f)) if often[q] > 1 else "") for q, f in different}
    matrix: dict[tuple[str, str | None], dict[str, Cell]] = {}
    for row in rows:
        cells, task = row.cells, row.task
        column = names[task.question.text, task.question.filters]
        mark = " (?)" if cells["outcome"] == "unsure" else ""
        answer = f"{cells['answer']}{mark}" if cells["answer"] else None
        matrix.setdefault((task.group, task.filters.article), {by: task.group})[column] = answer
    return Table(f"by {by}", [by, *names.values()], list(matrix.values()))


class FirstTold(NamedTuple):
    """An answer with the day on which it was first told and the outlet that told it."""

    day: str | None
    text: str
    source: str
    unsure: bool


def first_told(results: Iterable[Mapping[str, Any]]) -> list[FirstTold]:
    """Return each answer once as it was first told, earliest first, those without a day last.

    results: as `citewire/1`. Answers that differ in letter case and space only are the same.
    """
    found: dict[str, FirstTold] = {}
    for result in results:
        cited = {citation["number"]: citation for citation in result["citations"]}
        for answer in result["answers"]:
            for citation in map(cited.__getitem__, answer["citations"]):
                day, source = (citation["published"] or "")[:10] or None, citation["source"] or "outlet unknown"
                told = FirstTold(day, answer["text"], source, unsure=result["status"] == "unsure")
                words = " ".join(answer["text"].casefold().split())
                found[words] = min(found.get(words, told), told, key=lambda each: each.day or "9999")
    return sorted(found.values(), key=lambda told: told.day or "9999")
