"""Things named by letters and digits are told apart by rule."""

import pytest

from qa.question.words import Identifier, identifiers, names_another


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Where did flight QR812 land?", "Flight QR811 landed in Oslo."),
        ("Where did flight QR812 land?", "Flight ZB9 landed in Oslo, the airline said."),
        ("when did QR812 land", "QR-81 landed at noon."),
        ("What did the court rule in case C-402/19?", "In case C-401/19 the court ruled for the state."),
        ("What did the court rule in C-402/19?", "Ruling on C‑402/18, the court found for the state."),
        ("Who wrote Bill 2207?", "Bill 2208 was written by Lunde."),
        ("who wrote bill 2207", "Bill No. 2208 was written by Lunde."),
        ("What is on page 12 of the report?", "On page 14 of the report stands a map."),
        ("What is on page 12?", "On page 120 stands a map."),
        ("How many F-16s were sent?", "Norway sent 20 F-35s."),
        ("Who spoke at the G7?", "The G20 met in Rome, where Moe spoke."),
        ("What is new in Form 12?", "Form 13 has a new line."),
    ],
)
def test_a_passage_about_another_thing_of_the_kind_is_told(question: str, text: str) -> None:
    assert names_another(question, "", text)


@pytest.mark.parametrize(
    ("question", "title", "text"),
    [
        ("Where did flight QR812 land?", "", "Flight QR812 landed in Oslo, QR811 in Rome."),
        ("Where did flight QR812 land?", "", "QR 812 landed in Oslo, flight 811 in Rome."),
        ("Where did flight QR812 land?", "QR812 lands", "Like QR811 before it, it landed in Oslo."),
        ("Where did flight QR812 land?", "", "The plane landed in Oslo."),
        ("How many F-16s were sent?", "", "An F-16 was sent with two F-35s."),
        ("Which of QR811 and QR812 landed first?", "", "QR811 landed at noon."),
        ("Who killed 12 people?", "", "Vik killed 14 people."),
        ("What happened on 5 June?", "", "On 7 June it rained."),
        ("What happened on June 5?", "", "On June 7 it rained."),
        ("What happened in 2019?", "", "In 2018 it rained."),
        ("Who won the year 2019?", "", "She won in the year 2018."),
        ("How much did prices rise, 5%?", "", "Prices rose 7%."),
        ("Who spread COVID-19?", "", "COVID was spread by people."),
        ("Who won by 3 to 1?", "", "They won by 2 to 1."),
        ("Who is 18?", "", "Of the 20 pupils one is 17."),
    ],
)
def test_other_passages_are_read(question: str, title: str, text: str) -> None:
    assert not names_another(question, title, text)


def test_identifiers_have_a_kind_and_letters() -> None:
    assert identifiers("Flight QR812 and Bill No. 2207, 3 ships, May 5, since 1990") == [
        Identifier("flight", "qr", "812"),
        Identifier("bill", "", "2207"),
    ]
