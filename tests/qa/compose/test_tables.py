"""Answers in tables: a cell under its own heading and in its own row, with a reader or without; or the whole row."""

import pytest

from qa.compose.drafts import Place
from qa.compose.tables import NAMED, asked_in_tables, heading_row, named_cell, table_around
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


YARDS = "Yards report.\n\nYard | Revenue | Profit | Staff\n\nHolm | 412 | 31 | 1890\n\nVesper Marine | 268 | -12 | 1105"
TOTAL = f"{YARDS}\n\nTotal | 680 | 19 | 2995"


def named(question: str, *texts: str, title: str = "A mixed year for yards") -> list[tuple[str, float]]:
    """Return the cell that a question names in the tables of texts, each an article, and how sure it is."""
    hits = [hit for text in texts for hit in SingleText(text, title).hits()]
    by_version = {hit.version: text for hit, text in zip(hits, texts, strict=True)}
    cell = named_cell(question, hits, by_version)
    return [] if cell is None else [(cell.text, cell.confidence)]


@pytest.mark.parametrize(
    ("question", "text", "cell"),
    [
        ("What was the profit of Vesper Marine?", YARDS, "-12"),
        ("staff of holm", YARDS, "1890"),
        ("How much revenue did the yards make in total?", TOTAL, "680"),
        ("What is the car price from Skarn to Tarnwick?", FERRIES.replace("Crossing", "Price by crossing"), "24.00"),
    ],
)
def test_a_cell_of_which_row_and_heading_are_named_is_sure(question: str, text: str, cell: str) -> None:
    assert named(question, text) == [(cell, NAMED)]


@pytest.mark.parametrize(
    "question",
    [
        "How much profit was paid by Holm?",
        "What was the profit of Marl?",  # no such row
        "What was the loss of Holm?",  # no such heading
        "What was the profit of Holm in 2016?",
        "What was the profit of Holm in March?",
        "What was the profit of Holm after three months?",
        "What was the profit of holm and marl?",
        "What were the profits of Holm and Vesper Marine?",
        "How much more profit than revenue did Holm make?",
        "What were revenue and profit of Holm?",
        "Who has more staff than Holm?",
        "Why did the profit of Holm fall?",
        "When did the staff of Holm strike?",
        "Did Holm make a profit?",
        "How did the staff of Holm vote?",
        "What did the staff of Holm say about the mayor?",
    ],
)
def test_no_cell_is_taken_where_the_question_names_another_thing_or_asks_for_something_else(question: str) -> None:
    assert named(question, YARDS) == []


def test_the_row_of_the_total_is_not_that_of_a_yard() -> None:
    assert named("What was the total revenue of Holm?", TOTAL) == []


def test_of_rows_or_headings_that_are_alike_none_is_taken() -> None:
    assert named("What was the profit of Holm?", f"{YARDS}\n\nHolm | 7 | 8 | 9") == []
    assert named("What was the profit of Holm?", YARDS.replace("Revenue", "Profit")) == []


def test_a_number_at_the_head_of_a_row_is_no_name() -> None:
    ranks = "They played.\n\nPlace | Club | Points\n\n1 | Skarn | 43\n\n2 | Marl | 41"
    assert named("How many points did Marl have in round 1?", ranks) == []


def test_headings_that_span_columns_or_rows_name_no_cell() -> None:
    assert named("What was the profit of Holm?", YARDS.replace("268 | -12", "268 and -12")) == []
    assert named("What was the profit of Holm?", YARDS.replace(" | Staff", " |")) == []
    two = YARDS.replace("Staff\n\n", "Staff\n\n| in millions | before tax | at work |\n\n")
    assert named("What was the profit of Holm?", two) == []


def test_of_two_tables_that_differ_none_is_taken_unless_the_question_tells_them_apart() -> None:
    other = YARDS.replace("31", "55")
    assert named("What was the profit of Holm?", YARDS, other) == []
    assert (
        named("What was the profit of Holm?", f"{YARDS}\n\nThe year before:{other.removeprefix('Yards report.')}") == []
    )
    assert named("What was the profit of Holm?", YARDS, f"{other} ") == []
    assert named("What was the profit of Holm?", YARDS, "They met.\n\nYard | Games\n\nHolm | 4") == [("31", NAMED)]
    section = "\n\nIn the south:\n\nHolm | 7 | 8 | 9\n\nMarl | 7 | 8 | 9"
    assert named("What was the profit of Holm?", YARDS + section) == []


def test_an_empty_cell_is_not_named() -> None:
    assert named("What was the profit of Holm?", YARDS.replace("31", "")) == []
