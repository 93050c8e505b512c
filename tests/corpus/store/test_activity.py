"""Saved questions in the file beside a library: saved once, found by number, removed whole or not at all."""

import sqlite3
from contextlib import closing
from datetime import date
from pathlib import Path

import pytest

from corpus.errors import LibraryError, UsageError
from corpus.store.activity import ACTIVITY, SavedQuestions
from corpus.store.records import EVERYTHING, Filters

NOW = "2026-04-01T00:00:00+00:00"


def test_a_question_is_saved_once_with_the_same_filters_and_found_by_its_number(tmp_path: Path) -> None:
    kept = SavedQuestions(tmp_path)
    only = Filters(("Dawn",), date(2023, 3, 1), None, "0" * 16)
    first = kept.add("Who led?", EVERYTHING, now=NOW)
    second = kept.add("Who led?", only, now=NOW)
    assert kept.add("Who led?", EVERYTHING, now="2027-01-01T00:00:00+00:00") == first
    assert kept.all() == [first, second]
    assert kept.one(second.number) == second
    for unknown in (3, 10**30):
        with pytest.raises(UsageError, match=f"no saved question {unknown}"):
            kept.one(unknown)


def test_a_removal_that_fails_leaves_the_question_with_its_results(tmp_path: Path) -> None:
    kept = SavedQuestions(tmp_path)
    number = kept.add("Who led?", EVERYTHING, now=NOW).number
    kept.keep(number, now=NOW, state="1", changes="[]", result="{}")
    with closing(sqlite3.connect(tmp_path / ACTIVITY)) as connection:
        connection.execute(
            "CREATE TRIGGER refuse BEFORE DELETE ON saved_questions BEGIN SELECT RAISE(ABORT, 'not now'); END"
        )
    with pytest.raises(LibraryError):
        kept.remove(number)
    assert kept.one(number).question == "Who led?"
    assert kept.latest(number) is not None
