"""Answers in tables: a cell under its own heading and in its own row, or the whole row."""

import pytest

from qa.compose.drafts import Place
from qa.compose.tables import asked_in_tables, heading_row, table_around
from qa.retrieval import SingleText

FERRIES = "\n\n".join(
    (
        "The harbour board set new prices on Monday.",
        "Crossing | Adult | Under 12 | Car",
        "Skarn to Holm | 4.10 | 2.00 | 19.50",
        "Skarn to Tarnwick | 6.30 | 3.10 | 24.00",
        "A yearly pass costs 310.",
    )
)
VOTES = (
    "Four towns voted.\n\n| Town | Yes | No |\n\n| Ullby | 4,120 | 3,877 |\n\n| Marl | 1,902 | 2,240 |\n\nIt rained."
)


def asked(question: str, words: str, text: str = FERRIES) -> list[str]:
    [hit] = SingleText(text, None).hits()
    start = text.index(words)
    place = Place(hit, start, start + len(words), words, 0.6, "short")
    return [found.text for found in asked_in_tables(question, [place], {hit.version: text})]


@pytest.mark.parametrize(
    ("question", "read", "cell"),
    [
        ("What does an adult pay from Skarn to Tarnwick?", "24.00", "6.30"),
        ("How much is it for a car from Skarn to Holm?", "2.00", "19.50"),
        ("What is the price under 12 from Skarn to Holm?", "4.10 | 2.00", "2.00"),
        ("What does an adult pay from Skarn to Holm?", "6.30", "4.10"),
    ],
)
def test_a_cell_is_the_one_under_its_heading_in_its_row(question: str, read: str, cell: str) -> None:
    assert asked(question, read) == [cell]


def test_a_heading_of_one_small_word_counts() -> None:
    assert asked("How many voted no in Marl?", "1,902 | 2,240", VOTES) == ["2,240"]
    assert asked("How many voted yes in Ullby?", "3,877", VOTES) == ["4,120"]


def test_an_empty_cell_moves_no_other_and_is_no_answer() -> None:
    tolls = "Tolls rose.\n\n| | Weekday | Weekend |\n\n| Lorry | $9.75 | $12.40 |\n\n| Coach | | $8.60 |\n\nIt rained."
    assert asked("What does a lorry pay at the weekend?", "$9.75", tolls) == ["$12.40"]
    assert asked("What does a coach pay at the weekend?", "$8.60", tolls) == ["$8.60"]
    assert asked("What does a coach pay on a weekday?", "$8.60", tolls) == []


def test_years_may_head_columns() -> None:
    people = "It grew.\n\nTown | 2011 | 2021\n\nUllby | 4,120 | 3,877\n\nMarl | 1,902 | 2,240"
    assert asked("How many lived in Marl in 2011?", "2,240", people) == ["1,902"]


def test_without_a_heading_in_the_question_the_whole_row_answers() -> None:
    assert asked("How much is it from Skarn to Holm?", "2.00") == ["Skarn to Holm | 4.10 | 2.00 | 19.50"]


def test_a_row_that_the_question_does_not_name_is_no_answer() -> None:
    assert asked("What is the lowest price for a car?", "4.10") == []
    assert asked("What does an adult pay from Ullby to Marl?", "4.10") == []


def test_the_name_of_a_row_may_be_what_is_asked_for() -> None:
    assert asked("Which town cast 2,240 no votes?", "Marl", VOTES) == ["Marl"]


def test_a_cell_of_a_table_about_something_else_is_left_out() -> None:
    assert asked("How much is a yearly pass?", "19.50") == []
    assert asked("How much is a yearly pass?", "310") == ["310"]


def test_a_table_ends_with_its_rows_and_has_its_headings() -> None:
    start = FERRIES.index("6.30")
    table = table_around(FERRIES, start, start + 4)
    assert table is not None
    assert [len(row) for row in table.rows] == [4, 4, 4]
    assert table_around(FERRIES, 0, 10) is None
    headings = heading_row(FERRIES, start, start + 4)
    assert headings is not None
    assert FERRIES[slice(*headings)] == "Crossing | Adult | Under 12 | Car"
    first = FERRIES.index("Crossing")
    assert heading_row(FERRIES, first, first + 4) is None
