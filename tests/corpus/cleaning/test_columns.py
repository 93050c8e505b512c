"""Lines in columns become rows of cells; prose and lists stay as they are."""

import pytest
from growth import growth

from corpus.cleaning.clean import clean
from corpus.cleaning.columns import row_of, with_rows

ROWS = ["Ward | Yes | No", "North | 412 | 388", "Old Town | 633 | 629"]


@pytest.mark.parametrize(
    "lines",
    [
        "Ward\tYes\tNo\nNorth\t412\t388\nOld Town\t633\t629",
        "Ward,Yes,No\nNorth,412,388\nOld Town,633,629",
        "Ward;Yes;No\nNorth;412;388\nOld Town;633;629",
        "Ward       Yes    No\nNorth      412   388\nOld Town   633   629",
        "Ward       Yes    No\n---------  ----  ----\nNorth      412   388\nOld Town   633   629",
    ],
)
def test_lines_in_columns_become_rows(lines: str) -> None:
    cleaned = clean(f"It was counted.\n\n{lines}\n\nThe mayor spoke.")
    assert cleaned.split("\n\n") == ["It was counted.", *ROWS, "The mayor spoke."]
    assert clean(cleaned) == cleaned


def test_an_empty_cell_keeps_its_column() -> None:
    assert clean("Item    Half day  Full day\nSkis                   19.50\nBoots       6.00       9.00").split(
        "\n\n"
    ) == [
        "Item | Half day | Full day",
        "Skis | | 19.50",
        "Boots | 6.00 | 9.00",
    ]
    assert row_of(["", "Yes"]) == "|  | Yes |"
    assert row_of(["", ""]) == ""


@pytest.mark.parametrize(
    "text",
    [
        "1,204\n2,311\n3,988",
        "Paris,1,204\nLyon,2,311\nNice,3,988",
        "He came, saw, and left.\nShe stayed, sang, and slept.\nThey ate, drank, and went.",
        "He left.  She stayed on.\nNobody knew.  It rained.\nThe end came.  All went home.",
        "Q:\tWhy did you leave?\nA:\tI had to.\nQ:\tWho knew?",
        "| Line  | Boats |\n| North | 4  10 |\n| South | 3  88 |",
    ],
)
def test_what_is_no_table_stays(text: str) -> None:
    assert with_rows(text) == text


def test_tables_are_looked_for_in_linear_time() -> None:
    three = "Ward,Yes,No\tx\nNorth,412,388\tx\nHill,10,12\tx\n"
    four = "Ward,Yes,No,Blank\tx\nNorth,412,388,7\tx\nHill,10,12,1\tx\n"

    def within_a_run_of_tabs(lines: int) -> object:  # which is no table itself
        return with_rows((three + four) * (lines // 6))

    def wide(cells: int) -> object:
        return with_rows("\n".join(["a  " * cells] * 3))

    assert growth(within_a_run_of_tabs, small=300, times=8) < 8**1.5
    assert growth(wide, small=500, times=8) < 8**1.5
