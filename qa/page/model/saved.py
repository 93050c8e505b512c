"""Questions saved through the page, with what was answered to them, and asking them again at the pace of the page."""

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from threading import Event

from corpus.errors import UsageError
from corpus.store.activity import SavedQuestion, SavedQuestions, SavedResult
from corpus.store.records import Filters
from qa.assistant import check_question
from qa.desk.saved import Asked, ask_again
from qa.desk.table import answer_cells
from qa.output.tables import Cell
from qa.page.model.conversation import cleaned
from qa.page.model.desk import Desk, NotAllowed, TooOften

MOST_SAVED = 500


def saved_questions(desk: Desk) -> SavedQuestions:
    """Return the saved questions of the page's library. Raises NotAllowed where the page has none."""
    if not desk.may_save:
        raise NotAllowed("questions are saved only where people log in (--auth-file), or where articles may be added")
    return SavedQuestions(desk.activity_folder)


def save_question(desk: Desk, question: str, filters: Filters) -> None:
    """Save a question; one that is saved already stays so. Raises UsageError, NotAllowed or LibraryError."""
    kept = saved_questions(desk)
    check_question(question)
    if len(kept.all()) >= MOST_SAVED:
        raise UsageError(f"{MOST_SAVED} questions are saved: remove one to save another")
    kept.add(cleaned(question), filters, now=datetime.now(UTC).isoformat(timespec="seconds"))


def listed(kept: SavedQuestions) -> list[tuple[SavedQuestion, SavedResult | None, Cell]]:
    """Return the questions, oldest first, each with what was answered the last time and its answer in words, if any."""
    latest = [(saved, kept.latest(saved.number)) for saved in kept.all()]
    return [(one, last, answer_cells(json.loads(last.result))["answer"] if last else None) for one, last in latest]


def ask_saved(desk: Desk, questions: Sequence[SavedQuestion], *, client: str, stop: Event) -> Iterator[Asked]:
    """Ask saved questions again until `stop` is set, no faster than the client may ask."""
    kept = saved_questions(desk)
    for saved in questions:
        await_turn(desk, client, stop)
        if stop.is_set():
            return
        yield from ask_again(desk.assistant, kept, [saved])


def await_turn(desk: Desk, client: str, stop: Event) -> None:
    """Wait until the client may ask another question, which is then counted, or until `stop` is set."""
    while not stop.is_set():
        try:
            desk.questions.take(client)
            return
        except TooOften as often:
            stop.wait(often.seconds)
