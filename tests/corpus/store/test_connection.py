"""Errors of SQLite as sentences: what is wrong with the library file, and what to do."""

import sqlite3
from pathlib import Path

import pytest

from corpus.errors import LibraryError
from corpus.store.connection import translate_sqlite_errors


@pytest.mark.parametrize(
    ("code", "said"),
    [
        (sqlite3.SQLITE_FULL, "there is no space left"),
        (sqlite3.SQLITE_READONLY_DBMOVED, "it may only be read"),
        (sqlite3.SQLITE_MISMATCH, "SQLite reports"),
    ],
)
def test_an_error_says_what_is_wrong_and_where(code: int, said: str) -> None:
    error = sqlite3.OperationalError("of a test")
    error.sqlite_errorcode = code
    with (
        pytest.raises(LibraryError, match=f"library.sqlite cannot be used: {said}"),
        translate_sqlite_errors(Path("library.sqlite")),
    ):
        raise error
