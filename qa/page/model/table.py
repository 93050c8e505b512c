"""A table of answers on the page: the list that somebody pasted, and its questions asked one after the other."""

from collections.abc import Iterator, Mapping, Sequence
from threading import Event
from typing import Any

from corpus.errors import UsageError
from corpus.store.records import Filters
from qa.assistant import MAX_QUESTION_CHARACTERS
from qa.desk.asked import has_question_column, questions_of
from qa.desk.table import Row, Task, table_tasks
from qa.output.plain_text import plural
from qa.page.model.desk import Desk
from qa.page.model.saved import await_turn

MOST_QUESTIONS = 200
_LIST = "the list"
Results = Mapping[str, Mapping[str, Any]]
"""What was answered (`citewire/1`), by the key of its task."""


def most_questions(desk: Desk) -> int:
    """Return how many questions a table may have: no more than one client may ask in a minute."""
    return min(desk.questions.times or MOST_QUESTIONS, MOST_QUESTIONS)


def limits_sentence(desk: Desk) -> str:
    """Return the sentence that says how much may be asked."""
    pace = f", and no more than {desk.questions.times:,} in any minute" if desk.questions.times else ""
    count = plural(most_questions(desk), "question")
    return f"At most {count} of {MAX_QUESTION_CHARACTERS:,} characters each{pace}."


def tasks_of(desk: Desk, text: str, filters: Filters) -> list[Task]:
    """Return what a list asks: questions a line, the rows of a CSV file or the objects of a JSON Lines file.

    filters: hold where a row names none of its kind. Raises UsageError for a list that cannot be asked.
    """
    asked = questions_of(text, _suffix(text), _LIST, filters)
    if len(asked) > most_questions(desk):
        raise UsageError(f"the list has {len(asked):,} questions: ask {most_questions(desk):,} of them at a time")
    return table_tasks(desk.assistant, asked, None)


def _suffix(text: str) -> str:
    """Return the ending of a file with this text."""
    first = next((line for line in text.splitlines() if line.strip()), "")
    if first.lstrip("\ufeff ").startswith("{"):
        return ".jsonl"
    return ".csv" if has_question_column(first) else ".txt"


def answers(desk: Desk, tasks: Sequence[Task], *, client: str, stop: Event) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Ask the questions one after the other until `stop` is set, no faster than the client may ask.

    Gives the key of each task with its result. What is asked twice is answered once.
    """
    for key, task in {task.key: task for task in tasks}.items():
        await_turn(desk, client, stop)
        if stop.is_set():
            return
        yield key, task.group.ask(desk.assistant, task.asked.question)


def rows_of(tasks: Sequence[Task], known: Results) -> list[Row]:
    """Return the rows that have an answer, in the order of the list."""
    return [Row(task, known[task.key], None) for task in tasks if task.key in known]
