from datetime import date

from corpus.dates.resolve import resolve_days
from qa.reader.input import noted

TEXT = "The talks opened on Monday in Oslo. On Tuesday they went on."
DAYS = resolve_days(TEXT, date(2023, 3, 8))


def test_days_are_written_out_after_their_words() -> None:
    assert noted(TEXT, DAYS).text == (
        "The talks opened on Monday, 6 March 2023 in Oslo. On Tuesday, 7 March 2023 they went on."
    )


def test_every_character_of_the_noted_text_goes_back_to_its_place() -> None:
    with_notes = noted(TEXT, DAYS)
    inside = {place for at, length in with_notes.notes for place in range(at, at + length)}
    kept = [n for n in range(len(with_notes.text)) if n not in inside]
    assert "".join(TEXT[with_notes.original_offset(n)] for n in kept) == TEXT
    assert with_notes.original_offset(len(with_notes.text)) == len(TEXT)
    assert [with_notes.original_offset(n) for n in range(len(with_notes.text) + 1)] == sorted(
        with_notes.original_offset(n) for n in range(len(with_notes.text) + 1)
    )


def test_without_days_nothing_changes() -> None:
    assert noted(TEXT, []).text == TEXT
    assert noted(TEXT, []).original_offset(7) == 7
