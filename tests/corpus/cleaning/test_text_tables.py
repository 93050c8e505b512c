"""Lines in columns become rows of cells; prose and lists stay as they are."""

import pytest
from growth import growth

from corpus.cleaning.clean import clean
from corpus.cleaning.text_tables import row_of, with_rows
from corpus.errors import ReadError
from corpus.scan.read import read_bytes

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


def printed(rows: list[list[str]]) -> str:
    """Return what is read of a PDF file with a paragraph, lines in columns, and a paragraph."""
    from fpdf import FPDF

    paper = FPDF()
    paper.add_page()
    paper.set_font("Helvetica", size=11)
    paper.multi_cell(0, 6, BEFORE, new_x="LMARGIN", new_y="NEXT")
    paper.ln(4)
    for row in rows:
        for cell in row:
            paper.cell(180 / len(row), 7, cell)
        paper.ln(7)
    paper.ln(4)
    paper.multi_cell(0, 6, AFTER, new_x="LMARGIN", new_y="NEXT")
    errors: list[ReadError] = []
    (article,) = read_bytes(bytes(paper.output()), name="league.pdf", on_bad=errors.append)
    assert errors == []
    return article.text


BEFORE = "Skarn went top of the league on Saturday before 3,100 spectators in the rain."
AFTER = "They meet Marl next, whose coach said that they had nothing to lose."


def test_lines_in_columns_of_a_printed_page_become_rows() -> None:
    table = [["Club", "Won", "Points"], ["Skarn", "13", "43"], ["Holm Town", "10", "36"]]
    assert printed(table).split("\n\n") == [
        BEFORE, "Club | Won | Points", "Skarn | 13 | 43", "Holm Town | 10 | 36", AFTER,
    ]  # fmt: skip


def test_words_beside_each_other_on_a_printed_page_are_no_table() -> None:
    beside = [["The mayor", "thanked all helpers"], ["who had come", "on Sunday."], ["Nobody", "was hurt."]]
    text = printed(beside)
    assert "|" not in text
    assert "The mayor thanked all helpers who had come on Sunday. Nobody was hurt." in text
