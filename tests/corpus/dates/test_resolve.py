import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from growth import growth
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.days import MARKED, Case, invented_cases, marked_cases, ours, score
from corpus.dates.resolve import DayExpression, days_in_question, resolve_days

WEDNESDAY = date(2023, 3, 8)
WORDS = (
    "on Sunday Monday March May 6 7 31 30 2023 2019 1990s last next this week month year weekend ago two the today "
    "tonight yesterday early late mid- until since will met of and to - – , . ( ) (today) Feb. Q3 first quarter "
    "Jan. 1 / past days 's a"
).split()


@pytest.mark.parametrize("case", list(invented_cases(MARKED / "days_invented.jsonl")), ids=lambda case: case.name)
def test_every_invented_expression_is_found_and_resolved_and_nothing_else(case: Case) -> None:
    assert ours(case.text, case.published) == list(case.days)


@pytest.mark.parametrize(("half", "floor"), [("dev", 0.97), ("test", 0.97)])
def test_expressions_in_real_articles_are_found_and_resolved(half: str, floor: float) -> None:
    if not (data := os.environ.get("CITEWIRE_DATA")):
        pytest.skip("CITEWIRE_DATA is not set")
    scores = score(list(marked_cases(MARKED / f"days_{half}.jsonl", Path(data))), ours)
    assert scores.exact / scores.found >= floor
    assert scores.resolved / scores.marked >= floor


def test_without_a_published_day_nothing_is_resolved() -> None:
    assert resolve_days("It was on Sunday, on March 6, 2023, on 2023-03-06.", None) == []


@pytest.mark.parametrize(
    ("text", "published", "left"),
    [("It rained last March.", date(1, 1, 1), []), ("They meet next November.", date(9999, 12, 31), ["November"])],
)
def test_a_month_that_no_calendar_has_is_not_resolved(text: str, published: date, left: list[str]) -> None:
    assert [found.text for found in resolve_days(text, published)] == left
    assert len(resolve_days(text, date(2023, 5, 1))) == 1


def test_offsets_count_code_points_and_a_range_gives_the_expressions_within_it() -> None:
    text = "😀 Élan, on Sunday. 𝒳 came last week."
    assert resolve_days(text, WEDNESDAY) == [
        DayExpression("Sunday", 11, 17, date(2023, 3, 5), date(2023, 3, 5)),
        DayExpression("last week", 26, 35, date(2023, 2, 27), date(2023, 3, 5)),
    ]
    assert [d.text for d in resolve_days(text, WEDNESDAY, start=18)] == ["last week"]
    assert [d.text for d in resolve_days(text, WEDNESDAY, start=0, end=34)] == ["Sunday"]


@pytest.mark.parametrize(
    ("question", "words", "first", "last"),
    [
        ("what happened on 6 march?", "6 march", date(2023, 3, 6), date(2023, 3, 6)),
        ("What happened on 9 May?", "9 May", date(2022, 5, 9), date(2022, 5, 9)),
        ("what will happen on march 9", "march 9", date(2023, 3, 9), date(2023, 3, 9)),
        ("Who met whom on sunday", "sunday", date(2023, 3, 5), date(2023, 3, 5)),
        ("what may open in may 2024?", "may 2024", date(2024, 5, 1), date(2024, 5, 31)),
        ("How many died in 2021?", "2021", date(2021, 1, 1), date(2021, 12, 31)),
        ("What was decided last week?", "last week", date(2023, 2, 27), date(2023, 3, 5)),
        ("Who left thirteen days ago?", "thirteen days ago", date(2023, 2, 23), date(2023, 2, 23)),
    ],
)
def test_a_question_names_days_in_its_own_spelling(question: str, words: str, first: date, last: date) -> None:
    (found,) = days_in_question(question, today=WEDNESDAY)
    assert (found.text, found.first, found.last) == (words, first, last)
    assert question[found.start : found.end] == words


@pytest.mark.parametrize("question", ["who may march?", "What did the Sunday Times say?", "who leads the council?"])
def test_a_question_without_a_day_names_none(question: str) -> None:
    assert days_in_question(question, today=WEDNESDAY) == []


def test_without_today_a_question_names_only_days_with_a_year() -> None:
    question = "What was said on 6 March 2023, on Sunday, last year, on 7 March and in 2019?"
    assert [d.text for d in days_in_question(question, today=None)] == ["6 March 2023", "2019"]


@given(
    st.one_of(st.text(), st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)),
    st.dates(),
    st.integers(0, 30),
    st.integers(0, 60),
)
def test_expressions_are_slices_in_order_within_the_range(text: str, published: date, start: int, end: int) -> None:
    position = start
    for day in resolve_days(text, published, start=start, end=end):
        assert position <= day.start < day.end <= min(end, len(text))
        assert text[day.start : day.end] == day.text
        assert day.first <= day.last
        position = day.end
    days_in_question(text, today=published)


@pytest.mark.parametrize(
    "piece", ["Monday ", "last ", "6 and 7 ", "2019, ", "early late mid-", "(", "a ", "to be ", "March ", " "]
)
@pytest.mark.long
def test_reading_is_linear_in_the_text(piece: str) -> None:
    assert growth(lambda size: resolve_days(piece * (size // len(piece)), WEDNESDAY), small=20_000, times=4) < 8


def test_importing_compiles_only_what_finds_where_to_look() -> None:
    code = (
        "import re\ncompiled = []\nold = re.compile\n"
        "re.compile = lambda *a: compiled.append(a) or old(*a)\nimport corpus.dates.resolve\nprint(len(compiled))"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True).stdout
    assert int(printed) <= 22


FRIDAY = date(2022, 9, 9)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("The senators vote on Monday evening.", "2022-09-12"),
        ("The senate votes on Monday.", "2022-09-12"),
        ("The night train departs on Wednesday from the old station.", "2022-09-14"),
        ("Mrs Holt flies to Lima on Tuesday, her office said.", "2022-09-13"),
        ("A jury decides on Tuesday whether he goes free.", "2022-09-13"),
        ("Farmers march on the capital on Tuesday.", "2022-09-13"),
        ("The regatta, which ends on Sunday, drew 40 boats.", "2022-09-11"),
        ("Norway play Austria on Wednesday.", "2022-09-14"),
        ("The ferry, which broke down on Thursday, sails on Tuesday.", "2022-09-08"),
        ("A service is being held on Sunday.", "2022-09-11"),
        ("The pool will be shut on Sunday.", "2022-09-11"),
        ("Parties hold talks on Sunday.", "2022-09-11"),
        ("Rain is forecast for Sunday.", "2022-09-11"),
        ("If the bill passes on Monday, it becomes law.", "2022-09-12"),
        ("Sunday marks ten years since the flood.", "2022-09-11"),
        ("The opera, first seen on Monday, returns.", "2022-09-05"),
        ("The park was open on Monday.", "2022-09-05"),
        ("The door was found open on Monday, less than an hour later.", "2022-09-05"),
        ("Residents return home after the flood on Monday.", "2022-09-05"),
        ("The plan announced Monday is part of the budget.", "2022-09-05"),
        ("The senators voted on Monday evening.", "2022-09-05"),
        ("The senators' vote on Monday was close.", "2022-09-05"),
        ("Senate votes on Monday showed a split.", "2022-09-05"),
        ("The agency said in a news release Tuesday that it was over.", "2022-09-06"),
        ("Workers who cast votes on Tuesday and Wednesday decided against it.", "2022-09-06"),
        ("His visits on Monday were brief.", "2022-09-05"),
        ("The pool stayed open on Monday.", "2022-09-05"),
        ("He announced the plan on Monday.", "2022-09-05"),
        ("Mayor Iva Ross speaks to reporters on Monday. Ann Poe/AP", "2022-09-05"),
    ],
)
def test_what_is_set_down_for_a_weekday_is_ahead_and_what_happened_then_is_not(text: str, day: str) -> None:
    assert resolve_days(text, FRIDAY)[0].first.isoformat() == day


def test_the_present_tense_of_a_chronicle_tells_of_what_was() -> None:
    assert [d.first.isoformat() for d in resolve_days("She signs the bill on August 3.", FRIDAY)] == ["2022-08-03"]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("It burned a week ago Monday.", ["2022-08-29"]),  # of that week
        ("It burned a week ago today.", ["2022-08-29"]),
        ("It opens a week from Monday.", []),
        ("It opens a week on Monday, the clerk said.", []),
        ("It opens Monday week.", []),
        ("It will shut for two weeks from Monday.", ["2022-09-12"]),
        ("It burned a week ago, on Monday.", ["2022-08-29"]),
        ("It burned two days ago, on Wednesday.", ["2022-09-07", "2022-09-07"]),
        ("It burned two years ago, on Monday.", ["2020-01-01"]),
        ("It burned a year ago today.", ["2021-01-01"]),
        ("It is held on the last Friday of the month.", []),
        ("It opens every Tuesday and Thursday.", []),
        ("The office is open Monday to Friday.", []),
        ("Ballots are counted on Sunday.", []),
        ("It docked on Thursday and sailed on Sunday.", []),  # one of them was a week before
        ("It burned early on Monday, August 29.", ["2022-08-29"]),
        ("It burned on Monday night, 29 August.", ["2022-08-29"]),
        ("It burned last Monday (August 29).", ["2022-08-29"]),
    ],
)
def test_a_weekday_with_words_around_it_is_the_day_they_tell_or_none(text: str, days: list[str]) -> None:
    assert [d.first.isoformat() for d in resolve_days(text, FRIDAY)] == days


LATER = date(2022, 9, 21)  # a Wednesday


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("It was open on the night the dam gave way. He said it had been shut on Sunday evening.", None),
        # a past before the past by itself is no sign of an earlier week
        ("He said that he had slept badly on Sunday.", "2022-09-18"),
        ("She resigned on Sunday, a day after the vote.", "2022-09-18"),
        ("Nobody had been found as of Tuesday night. It was open on the night the dam gave way.", "2022-09-20"),
    ],
)
def test_a_weekday_of_an_event_that_is_told_of_later_is_left_alone(text: str, day: str | None) -> None:
    weekdays = [d for d in resolve_days(text, LATER) if "day" in d.text]
    assert [d.first.isoformat() for d in weekdays] == ([day] if day else [])
