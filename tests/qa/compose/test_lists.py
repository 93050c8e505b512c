"""The items of a series as a sentence writes it, found from the whole, a part or one item."""

import pytest

from qa.compose.lists import joins, series
from qa.compose.people import people

NAMES = "Petra Quill|Otto Lund|Ida Stroud"
BEDS = "Hill School|the Oak Hall in Marl|the old church"
LOSS = "a boat|a van|the loan"
DRAWN = "It was drawn by Petra Quill, Otto Lund and Ida Stroud in 1970."
SERIES = [
    ("Petra Quill, Otto Lund, and Ida Stroud host it.", "Petra Quill, Otto Lund, and Ida Stroud", NAMES),
    (DRAWN, "Petra Quill", NAMES),
    (DRAWN, "Otto Lund", NAMES),
    (DRAWN, "Ida Stroud", NAMES),
    ("Beds stand at Hill School, at the Oak Hall in Marl and at the old church.", "Hill School", BEDS),
    ("The money went on a boat, a van and the loan.", "a boat", LOSS),
    ("The money went on a boat, a van and the loan.", "a boat, a van and the loan", LOSS),
    (
        "Pay rises 4 percent now and 3.5 percent in May.",
        "4 percent now and 3.5 percent in May",
        "4 percent now|3.5 percent in May",
    ),
    ("Tin, lead, and zinc were found.", "Tin, lead, and zinc", "Tin|lead|zinc"),
    ("They met on March 6, 2023, and April 2.", "March 6, 2023", "March 6, 2023|April 2"),
    ("Oslo and Lima signed.", "Oslo and Lima", "Oslo|Lima"),
    ("She sang “Blue Door”, “Last Bus” and “Rain”.", "Blue Door”, “Last Bus", "Blue Door|Last Bus|Rain"),
    (
        "Towns such as Marbeck, Pellow and the lower Kessing were cleared.",
        "Marbeck",
        "Marbeck|Pellow|the lower Kessing",
    ),
]
LED = (
    "It was led by Petra Quill, Acting Head for Water at the Department of Works, and Otto Lund, Deputy Secretary for "
    "Dams and Locks at Marl’s Ministry of Trade."
)
SERIES += [
    (LED, "Petra Quill", "Petra Quill|Otto Lund"),
    (LED, "Otto Lund", "Petra Quill|Otto Lund"),
    ("Petra Quill, the mayor, and Otto Lund, a baker, spoke.", "Petra Quill", "Petra Quill|Otto Lund"),
    ("It named Petra Quill, 54, the mayor of Marl, Otto Lund and Ida Stroud.", "Ida Stroud", NAMES),
    ("It named Petra Quill, mayor of Marl, Otto Lund, a baker, and Ida Stroud.", "Ida Stroud", NAMES),
    ("It was bought by Rep. Petra Quill, a Democrat, and Sen. O. B. Lund.", "Petra Quill", "Petra Quill|O. B. Lund"),
    ("Songs by Petra Quill and P.J. Lund played.", "Petra Quill", "Petra Quill|P.J. Lund"),
]
NO_SERIES = [
    ("It met under the Trade and Investment Framework.", "Trade and Investment Framework"),
    ("After seeing Petra Quill, the crew left, and Otto Lund stayed.", "Petra Quill"),
    ("It took a year of finding ways to keep or sell the boats.", "finding ways to keep or sell the boats"),
    ("Petra led the team, and Otto wrote the song.", "Petra"),
    ("Petra Quill, who had come by train, and her brother left.", "Petra Quill"),
    ("The hall was cold and the paper was long.", "The hall"),
    ("On March 6, 2023, they met.", "March 6, 2023"),
    ("Nobody came.", "Nobody"),
]


@pytest.mark.parametrize(("sentence", "marked", "items"), SERIES)
def test_a_series_is_parted_into_its_items(sentence: str, marked: str, items: str) -> None:
    start = sentence.index(marked)
    assert [sentence[s:e] for s, e in series(sentence, start, start + len(marked))] == items.split("|")


@pytest.mark.parametrize(("sentence", "marked"), NO_SERIES)
def test_what_is_no_series_stays_whole(sentence: str, marked: str) -> None:
    start = sentence.index(marked)
    assert series(sentence, start, start + len(marked)) == []


@pytest.mark.parametrize("between", [", ", " and ", ", and ", " and at the ", "; ", "”, “", " as well as "])
def test_what_joins_items(between: str) -> None:
    assert joins(between)


@pytest.mark.parametrize("between", ["", " of ", ", who led ", ". ", " and left for "])
def test_what_does_not_join_items(between: str) -> None:
    assert not joins(between)


@pytest.mark.parametrize(
    ("question", "sentence", "marked", "row"),
    [
        ("Who drew it?", DRAWN, "Petra Quill", NAMES),
        ("Who led the talks?", LED, "Otto Lund", "Petra Quill|Otto Lund"),
        ("Who wrote it?", "Petra Quill and the Marl composer Otto Lund of Hale wrote it.", "Petra Quill", ""),
        ("Who wrote it?", "Petra Quill and its composer Otto Lund wrote it.", "Petra Quill", ""),
        (
            "Who won?",
            "The Marl Rovers and the Hale Rangers won.",
            "The Marl Rovers",
            "The Marl Rovers|the Hale Rangers",
        ),
    ],
)
def test_who_named_in_a_row_answers_together(question: str, sentence: str, marked: str, row: str) -> None:
    start = sentence.index(marked)
    found = people(question, sentence, start, start + len(marked))
    assert "|".join(sentence[s:e] for s, e in found) == row


@pytest.mark.parametrize(
    ("question", "sentence", "marked"),
    [
        ("Who led it for Marl?", LED, "Otto Lund"),
        ("Who met Petra Quill?", DRAWN, "Otto Lund"),
        ("Who spoke for Hale?", "Petra Quill of Hale and Otto Lund of Marl spoke.", "Petra Quill"),
        ("Who drew it?", DRAWN, "Petra Quill, Otto Lund and Ida Stroud"),
        ("Who sang?", "Petra Quill and American singers sang.", "Petra Quill"),
        ("Who sang?", "Petra Quill and her sister sang.", "Petra Quill"),
        ("Who played?", "Tom (Petra Quill) and Ann (Ida Stroud) argue.", "Petra Quill"),
    ],
)
def test_who_answers_alone(question: str, sentence: str, marked: str) -> None:
    start = sentence.index(marked)
    assert people(question, sentence, start, start + len(marked)) == []
