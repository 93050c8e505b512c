"""People's feedback on answers, stored beside the library in a file of its own."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import LibraryError
from corpus.store.connection import clear_errors

ACTIVITY = "activity.sqlite"
_TABLE = """
CREATE TABLE IF NOT EXISTS feedback (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    given TEXT NOT NULL,
    verdict TEXT NOT NULL CHECK (verdict IN ('right', 'answer_wrong', 'evidence_wrong')),
    words TEXT NOT NULL,
    turns TEXT NOT NULL,
    result TEXT NOT NULL
) STRICT
"""


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
    path = folder / ACTIVITY
    with clear_errors(path), _connected(path) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute(_TABLE)
        f = feedback
        connection.execute(
            "INSERT INTO feedback (given, verdict, words, turns, result) VALUES (?, ?, ?, ?, ?)",
            (f.given, f.verdict, f.words, f.turns, f.result),
        )
        connection.commit()


def all_feedback(folder: Path) -> list[Feedback]:
    """Return all feedback on the library in `folder`, oldest first."""
    path = folder / ACTIVITY
    if not path.exists():
        return []
    with clear_errors(path), _connected(path) as connection:
        rows = connection.execute("SELECT given, verdict, words, turns, result FROM feedback ORDER BY number")
        return [Feedback(*row) for row in rows]


@contextmanager
def _connected(path: Path) -> Iterator[sqlite3.Connection]:
    if not path.parent.is_dir():
        raise LibraryError(f"{path.parent} is no folder: name the library's own")
    with closing(sqlite3.connect(path, timeout=10)) as connection:
        yield connection
