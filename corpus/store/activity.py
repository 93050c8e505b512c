"""What people leave in a library, in a second file, `activity.sqlite`.

These are verdicts on answers, saved questions, and the conversations of people who log in.
"""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from corpus.errors import LibraryError, UsageError
from corpus.store.connection import translate_sqlite_errors
from corpus.store.records import Filters

ACTIVITY = "activity.sqlite"
_TABLES = """
CREATE TABLE IF NOT EXISTS feedback (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    given TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('right', 'answer_wrong', 'evidence_wrong')),
    words TEXT NOT NULL,
    turns TEXT NOT NULL,
    result TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS saved_questions (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    added TEXT NOT NULL,
    question TEXT NOT NULL,
    filters TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS saved_results (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    question INTEGER NOT NULL REFERENCES saved_questions (number),
    first_asked TEXT NOT NULL,
    last_asked TEXT NOT NULL,
    state TEXT NOT NULL,
    changes TEXT NOT NULL,
    result TEXT NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS saved_results_question ON saved_results (question, first_asked);
CREATE TABLE IF NOT EXISTS conversations (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    person TEXT NOT NULL,
    link TEXT NOT NULL,
    token TEXT NOT NULL,
    UNIQUE (person, link)
) STRICT;
"""
_SAVED = "SELECT number, added, question, filters FROM saved_questions"
_RESULT = "number, question, first_asked, last_asked, state, changes, result"


@dataclass(frozen=True, slots=True)
class Feedback:
    """One person's verdict on one answer.

    given: UTC time. verdict: `right`, `answer_wrong` or `evidence_wrong`. words: a comment, or empty. turns: JSON list
    of the earlier questions. result: the answer as JSON (`citewire/1`), exactly as it was shown.
    """

    given: str
    verdict: str
    words: str
    turns: str
    result: str


def add_feedback(folder: Path, feedback: Feedback) -> None:
    """Store feedback beside the library in `folder`. Raises LibraryError where it cannot be written."""
    sql = "INSERT INTO feedback (given, verdict, words, turns, result) VALUES (?, ?, ?, ?, ?)"
    _write(folder, sql, astuple(feedback))


def all_feedback(folder: Path) -> list[Feedback]:
    """Return all feedback on the library in `folder`, oldest first."""
    sql = "SELECT given, verdict, words, turns, result FROM feedback ORDER BY number"
    return [Feedback(*row) for row in _rows(folder, sql)]


def _rows(folder: Path, sql: str, parameters: tuple[object, ...] = ()) -> list[tuple]:  # type: ignore[type-arg]
    """Return the rows of a query, none if its table does not exist yet."""
    if not (folder / ACTIVITY).exists():
        return []
    with _connected(folder) as connection:
        try:
            return connection.execute(sql, parameters).fetchall()
        except sqlite3.OperationalError as error:
            if not str(error).startswith("no such table"):
                raise
            return []


def _write(folder: Path, sql: str, parameters: tuple[object, ...]) -> int:
    """Change the file. Create it if it is missing. Return the number of the row that was added."""
    with _changing(folder) as connection:
        return connection.execute(sql, parameters).lastrowid or 0


@contextmanager
def _changing(folder: Path) -> Iterator[sqlite3.Connection]:
    """Give a connection. Its changes are committed together at the end. Deleted rows leave no trace in the file."""
    with _connected(folder) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")
        connection.executescript(_TABLES)
        yield connection
        connection.commit()


@contextmanager
def _connected(folder: Path) -> Iterator[sqlite3.Connection]:
    if not folder.is_dir():
        raise LibraryError(f"{folder} is no folder: name the library's own")
    path = folder / ACTIVITY
    with translate_sqlite_errors(path), closing(sqlite3.connect(path, timeout=10)) as connection:
        yield connection


@dataclass(frozen=True, slots=True)
class SavedQuestion:
    """A question that is asked again and again. added: UTC time."""

    number: int
    added: str
    question: str
    filters: Filters


@dataclass(frozen=True, slots=True)
class SavedResult:
    """An answer that stayed the same from `first_asked` to `last_asked` (UTC times of asking).

    state: names the state of the library and the reader when it was last asked. changes: JSON list of what changed
    against the result before. result: the answer as JSON (`citewire/1`).
    """

    number: int
    question: int
    first_asked: str
    last_asked: str
    state: str
    changes: str
    result: str


class SavedQuestions:
    """The saved questions of the library in `folder`. Raises LibraryError where they cannot be read or written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def add(self, question: str, filters: Filters, *, now: str) -> SavedQuestion:
        """Save a question. The same question with the same filters is saved once."""
        written = json.dumps(filters_json(filters), ensure_ascii=False)
        known = _rows(self.folder, f"{_SAVED} WHERE question = ? AND filters = ?", (question, written))
        if known:
            return _saved_question(known[0])
        sql = "INSERT INTO saved_questions (added, question, filters) VALUES (?, ?, ?)"
        return SavedQuestion(_write(self.folder, sql, (now, question, written)), now, question, filters)

    def all(self) -> list[SavedQuestion]:
        """Return the saved questions, oldest first."""
        return [_saved_question(row) for row in _rows(self.folder, f"{_SAVED} ORDER BY number")]

    def one(self, number: int) -> SavedQuestion:
        """Return the question of this number. Raises UsageError if there is none."""
        found = next((saved for saved in self.all() if saved.number == number), None)  # SQLite refuses huge numbers
        if found is None:
            raise UsageError(f'there is no saved question {number}: "citewire questions list" shows them')
        return found

    def remove(self, number: int) -> None:
        """Remove a question with all its results. Raises UsageError if there is none of this number."""
        self.one(number)
        with _changing(self.folder) as connection:
            connection.execute("DELETE FROM saved_results WHERE question = ?", (number,))
            connection.execute("DELETE FROM saved_questions WHERE number = ?", (number,))

    def latest(self, number: int, *, until: str | None = None) -> SavedResult | None:
        """Return the latest result of a question, or the latest that was first given at or before `until` (UTC)."""
        sql = (
            f"SELECT {_RESULT} FROM saved_results WHERE question = ? AND first_asked <= ? ORDER BY number DESC LIMIT 1"
        )
        rows = _rows(self.folder, sql, (number, until or "9999"))
        return SavedResult(*rows[0]) if rows else None

    def keep(self, number: int, *, now: str, state: str, changes: str, result: str) -> None:
        """Store a result that differs from the one before it."""
        columns = "question, first_asked, last_asked, state, changes, result"
        insert = f"INSERT INTO saved_results ({columns}) VALUES (?, ?, ?, ?, ?, ?)"
        _write(self.folder, insert, (number, now, now, state, changes, result))

    def confirm(self, result: SavedResult, *, now: str, state: str) -> None:
        """Note that the question was asked again and got the same answer."""
        update = "UPDATE saved_results SET last_asked = ?, state = ? WHERE number = ?"
        _write(self.folder, update, (now, state, result.number))

    def changed(self, limit: int) -> list[tuple[SavedQuestion, SavedResult]]:
        """Return the results that had changes, newest first."""
        questions = {saved.number: saved for saved in self.all()}
        sql = f"SELECT {_RESULT} FROM saved_results WHERE changes <> '[]' ORDER BY number DESC LIMIT ?"
        results = [SavedResult(*row) for row in _rows(self.folder, sql, (limit,))]
        return [(questions[result.question], result) for result in results if result.question in questions]


def filters_json(filters: Filters) -> dict[str, Any]:
    """Return the filters of a saved question as JSON."""
    days = {"after": filters.after, "before": filters.before}
    told = {"sources": list(filters.sources), **{name: day and day.isoformat() for name, day in days.items()}}
    return {**told, "article": filters.article} if filters.article else told


def _saved_question(row: Sequence[Any]) -> SavedQuestion:
    number, added, question, written = row
    read = json.loads(written)
    after, before = (date.fromisoformat(read[name]) if read[name] else None for name in ("after", "before"))
    filters = Filters(tuple(read["sources"]), after, before, read.get("article"))
    return SavedQuestion(number, added, question, filters)


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation on the page. link: the address that asks it again. token: finds its answers again."""

    link: str
    token: str


class Conversations:
    """The conversations of one person who logs in. Raises LibraryError where they cannot be read or written."""

    def __init__(self, folder: Path, person: str) -> None:
        self.folder = folder
        self.person = person

    def all(self) -> list[Conversation]:
        """Return the conversations, the latest first."""
        sql = "SELECT link, token FROM conversations WHERE person = ? ORDER BY number DESC"
        return [Conversation(*row) for row in _rows(self.folder, sql, (self.person,))]

    def change(self, *, kept: Conversation | None, dropped: Sequence[str], most: int) -> None:
        """Delete the conversations with the links `dropped`. Then store `kept` as the latest.

        Only the latest `most` conversations stay.
        """
        with _changing(self.folder) as connection:
            links = [*dropped, *([kept.link] if kept else [])]
            delete = "DELETE FROM conversations WHERE person = ? AND "
            connection.executemany(f"{delete} link = ?", [(self.person, link) for link in links])
            if kept:
                add = "INSERT INTO conversations (person, link, token) VALUES (?, ?, ?)"
                connection.execute(add, (self.person, kept.link, kept.token))
            newest = "SELECT number FROM conversations WHERE person = ? ORDER BY number DESC LIMIT ?"
            connection.execute(f"{delete} number NOT IN ({newest})", (self.person, self.person, most))
