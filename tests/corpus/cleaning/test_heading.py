"""Title, byline, day and place from the top of a plain text; what is unsure stays unknown and in the text."""

import pytest

from corpus.cleaning.assemble import Heading, is_title, read_heading
from corpus.cleaning.byline import read_byline
from corpus.cleaning.dateline import read_dateline

BODY = "The river rose above its banks on Monday night and the water reached the old market of the town by dawn."


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("By Jane Doe", {"author": "Jane Doe"}),
        ("by Jane Doe", {"author": "Jane Doe"}),
        ("By: Jane Doe", {"author": "Jane Doe"}),
        ("Written by Jane Doe", {"author": "Jane Doe"}),
        ("By JANE DOE and JOHN ROE", {"author": "JANE DOE and JOHN ROE"}),
        ("By Jane Doe, John Roe and Ann Poe", {"author": "Jane Doe, John Roe and Ann Poe"}),
        ("By JANE DOE, Associated Press", {"author": "JANE DOE"}),
        ("By Jane Doe in Geneva", {"author": "Jane Doe", "place": "Geneva"}),
        ("By Jane van der Doe | Reuters", {"author": "Jane van der Doe"}),
        ("By Our Correspondent", {"author": "Our Correspondent"}),
        ("News Desk March 06, 2023", {"author": "News Desk", "published": "2023-03-06"}),
        ("Jane Doe March 06, 2023", {"author": "Jane Doe", "published": "2023-03-06"}),
        ("Jane Doe | March 6, 2023", {"author": "Jane Doe", "published": "2023-03-06"}),
        ("Jane Doe - 6 March 2023", {"author": "Jane Doe", "published": "2023-03-06"}),
        ("By Jane Doe • Mar 6, 2023 • 4 min read", {"author": "Jane Doe", "published": "2023-03-06"}),
        ("By Jane Doe @janedoe March 6, 2023", {"author": "Jane Doe", "published": "2023-03-06"}),
        ("March 6, 2023", {"published": "2023-03-06"}),
        ("Published: March 6, 2023 10:30 AM GMT", {"published": "2023-03-06T10:30:00+00:00"}),
        (
            "Published March 6, 2023 | Updated March 7, 2023 9:00 pm PKT",
            {"published": "2023-03-06", "modified": "2023-03-07T21:00:00+05:00"},
        ),
        ("2023-03-06", {"published": "2023-03-06"}),
        ("Islamabad, March 6, 2023", {"published": "2023-03-06", "place": "Islamabad"}),
        ("By Tuesday", None),
        ("By the river", None),
        ("By March the water had gone", None),
        ("Breaking News March 6, 2023", None),
        ("Floods hit the south on March 6, 2023", None),
        ("He was born on March 6, 2023.", None),
        ("Jane Doe", None),
        ("Jane Doe, minister", None),
        ("06/03/2023", None),
        ("", None),
    ],
)
def test_a_byline_is_read_whole_or_not_at_all(line: str, byline: dict[str, str] | None) -> None:
    assert read_byline(line) == byline


DAY = "2019-11-18"


@pytest.mark.parametrize(
    ("line", "byline"),
    [
        ("The Lantern, 18 November 2019", {"published": DAY, "source": "The Lantern"}),
        ("Norby Courier | November 18, 2019", {"published": DAY, "source": "Norby Courier"}),
        ("The Lantern (NZ) - Monday, 18 November 2019", {"published": DAY, "source": "The Lantern"}),
        ("18 November 2019 · lantern.example", {"published": DAY, "source": "lantern.example"}),
        ("From Norby Courier, Nov. 18, 2019, page B12", {"published": DAY, "source": "Norby Courier"}),
        ("Source: Norby Courier, Nov. 18, 2019", {"published": DAY, "source": "Norby Courier"}),
        ("NORBY COURIER — NOV 18, 2019", {"published": DAY, "source": "NORBY COURIER"}),
        ("Nov 18, 2019 / 7:31 AM / NBC News", {"published": DAY, "source": "NBC News"}),
        ("Eva Lund, Norby Courier, 18 Nov 2019", {"author": "Eva Lund", "published": DAY, "source": "Norby Courier"}),
        (
            "Story by Eva Lund, The Lantern • 18 Nov 2019",
            {"author": "Eva Lund", "published": DAY, "source": "The Lantern"},
        ),
        ("By Eva Lund, Staff Writer, November 18, 2019", {"author": "Eva Lund", "published": DAY}),
        ("Posted on November 18, 2019 by admin", {"published": DAY}),
        ("Posted by webmaster on 18 Nov 2019", {"published": DAY}),
        ("7:31 AM EST Nov 18, 2019", {"published": DAY}),
        ("Published 07:31, 18 November 2019", {"published": DAY}),
        ("UPDATED 7:31 AM ET, Mon November 18, 2019", {"published": DAY, "modified": DAY}),
        (
            "Last modified on Mon 18 Nov 2019 07.31 GMT",
            {"published": f"{DAY}T07:31:00+00:00", "modified": f"{DAY}T07:31:00+00:00"},
        ),
        (
            "Published: 07:31 GMT, 18 Nov 2019 | Updated: 09:02 GMT, 19 Nov 2019",
            {"published": DAY, "modified": "2019-11-19"},
        ),
        ("Published Mon, Nov 18 20197:31 AM EST", {"published": f"{DAY}T07:31:00-05:00"}),
        ("Mon Nov 18 2019 07:31:00 GMT+0100 (CET)", {"published": f"{DAY}T07:31:00+01:00"}),
        ("November 18, 2019 at 7:31 AM (Updated 3 hours ago)", {"published": DAY}),
        ("Mon., Nov. 18, 2019 | 3 min. read", {"published": DAY}),
        ("Publication date: 2019/11/18", {"published": DAY}),
        ("2019/11/12", {"published": "2019-11-12"}),
        ("18-NOV-19", {"published": DAY}),
        ("18 November 2019 - 07h31", {"published": DAY}),
        ("Updated 0731 GMT (1531 HKT) November 18, 2019", {"published": DAY, "modified": DAY}),
        ("18 November 2019 Last updated at 07:31 GMT", {"published": DAY}),
        ("18 November 2019 (updated 19 November 2019)", {"published": DAY, "modified": "2019-11-19"}),
        ("This article was published on 18 November 2019", {"published": DAY}),
        ("Print edition of 18 November 2019", {"published": DAY}),
        ("Vol. 12, No. 31 | Monday, November 18, 2019", {"published": DAY}),
        ("Press release - 18 November 2019", {"published": DAY}),
        ("Opinion by Eva Lund | November 18, 2019", {"author": "Eva Lund", "published": DAY}),
        ("Posted by Eva Lund at 7:31 AM on Monday, November 18, 2019", {"author": "Eva Lund", "published": DAY}),
        ("Written by Eva Lund. Published on November 18, 2019.", {"author": "Eva Lund", "published": DAY}),
        ("November 18, 2019 By Eva Lund Leave a Comment", {"author": "Eva Lund", "published": DAY}),
        ("Eva Lund e.lund@lantern.example November 18, 2019", {"author": "Eva Lund", "published": DAY}),
        ("Eva Lund and Ole Moen · Nov 18, 2019 · 4 min", {"author": "Eva Lund and Ole Moen", "published": DAY}),
        ("Eva Lund in Norby 18 November 2019", {"author": "Eva Lund", "published": DAY, "place": "Norby"}),
        ("Event date: 18 November 2019", None),
        ("Eva Lund (18 November 1919 - 2 May 2019)", None),
        ("11/12/2019", None),  # November or December
        ("Norby, November 18, 2019", None),  # may be an event
        ("Minutes of the council, 18 November 2019", None),
        ("The council met on November 18, 2019", None),
        ("November 18, 2019 was the coldest day", None),
        ("Breaking News, November 18, 2019", None),
    ],
)
def test_a_line_with_the_day_and_the_outlet_is_read(line: str, byline: dict[str, str] | None) -> None:
    assert read_byline(line) == byline


@pytest.mark.parametrize("line", ["NEWS - MARKET OF NORBY IS UNDER WATER", "NORBY - EVA LUND", "News - Eva Lund"])
def test_a_dash_alone_makes_no_section_and_no_writer(line: str) -> None:
    assert read_heading(["Old market of Norby is under water", line, BODY], title=None).paragraphs == [line, BODY]


@pytest.mark.parametrize("line", ["Norby, November 18, 2019", "Dawn, 18 Nov 2019", "Kyiv Independence | 18 Nov 2019"])
def test_under_a_title_any_short_name_may_stand_beside_the_day(line: str) -> None:
    heading = read_heading(["Old market of Norby is under water", line, BODY], title=None)
    assert heading.known["published"] == DAY
    assert heading.paragraphs == [BODY]


@pytest.mark.parametrize("line", ["Deadline: 18 Nov 2019", "Accessed 18 Nov 2019", "Born 18 Nov 1919"])
def test_a_day_that_is_said_to_be_another_than_that_of_publication_stays_in_the_text(line: str) -> None:
    heading = read_heading(["Old market of Norby is under water", line, BODY], title=None)
    assert "published" not in heading.known
    assert line in heading.paragraphs


def test_a_note_on_the_printed_edition_is_read_under_the_title_and_below_the_text() -> None:
    title = "Old market of Norby is under water"
    top = read_heading([title, "Published in The Lantern, Monday 18 November 2019, page 3", *[BODY] * 5], title=None)
    assert top.known == {"title": title, "source": "The Lantern", "published": DAY}
    below = read_heading(
        [title, BODY, "A version of this article appears in print on Nov. 18, 2019, Page 1"], title=None
    )
    assert below.known == {"title": title, "published": DAY}


def test_outlet_and_day_on_lines_of_their_own_are_read_above_and_below_the_title() -> None:
    title, rest = "Old market of Norby is under water", {"source": "The Lantern", "published": DAY}
    above = read_heading(["The Lantern", "18 November 2019", title, "By Eva Lund", BODY], title=None)
    below = read_heading([title, "By Eva Lund", "The Lantern", "18 November 2019", BODY], title=None)
    assert above.known == below.known == {"title": title, "author": "Eva Lund", **rest}
    assert above.paragraphs == below.paragraphs == [BODY]
    last = read_heading([title, BODY, "(Norby Courier, November 18, 2019)"], title=None)
    assert last.known == {"title": title, "source": "Norby Courier", "published": DAY}


def test_a_headline_under_the_byline_is_no_outlet() -> None:
    lines = ["Old market of Norby is under water", "By Eva Lund", "The River Keeps Rising", BODY]
    assert "source" not in read_heading(lines, title=None).known


@pytest.mark.parametrize(
    ("paragraph", "place"),
    [
        ("ISLAMABAD: The talks began.", "Islamabad"),
        ("ISLAMABAD:", "Islamabad"),
        ("WASHINGTON (Reuters) - The talks began.", "Washington"),
        ("LONDON, March 6 (AP) — The talks began.", "London"),
        ("NEW YORK (AP) — The talks began.", "New York"),
        ("NEW YORK — The talks began.", "New York"),
        ("DUBAI, United Arab Emirates (AP) — The talks began.", "Dubai, United Arab Emirates"),
        ("WASHINGTON, D.C. – The talks began.", "Washington, D.C."),
        ("PORT-AU-PRINCE, Haiti (AP) -- The talks began.", "Port-au-Prince, Haiti"),
        ("RIO DE JANEIRO: The talks began.", "Rio de Janeiro"),
        ("N'DJAMENA: The talks began.", "N'Djamena"),
        ("KARACHI/LAHORE: The talks began.", "Karachi/Lahore"),
        ("UNITED NATIONS: The talks began.", "United Nations"),
        ("Lahore, March 6 (APP): The talks began.", "Lahore"),
        ("New Delhi: The talks began.", "New Delhi"),
        ("Muzaffarabad, 6 March 2023 (APP) - The talks began.", "Muzaffarabad"),
        ("The talks began in ISLAMABAD: nobody came.", None),
        ("BREAKING: The talks began.", None),
        ("NATO: The talks began.", None),
        ("UPDATE - The talks began.", None),
        ("US: The talks began.", None),
        ("COVID-19 — what we know", None),
        ("Pakistan: the facts", None),
        ("Warning: The talks began.", None),
        ("The minister — a lawyer — came.", None),
        ("ISLAMABAD was quiet.", None),
        ("Q: Who came?", None),
    ],
)
def test_a_dateline_gives_its_place(paragraph: str, place: str | None) -> None:
    dateline = read_dateline(paragraph)
    assert (dateline.place if dateline else None) == place


def test_the_agency_of_a_dateline_is_no_outlet_and_no_author() -> None:
    heading = read_heading([f"WASHINGTON (Reuters) - {BODY}", BODY], title=None)
    assert heading.known == {"place": "Washington"}
    assert heading.paragraphs == [f"WASHINGTON (Reuters) - {BODY}", BODY]


def test_title_standfirst_byline_and_lone_dateline_are_told_apart() -> None:
    lines = [
        "River talks open in the capital today",
        "Both sides say that the dams come first",
        "Jane Doe March 06, 2023",
    ]
    heading = read_heading([*lines, "MULTAN:", BODY, "They go on."], title=None)
    assert heading == Heading(
        known={
            "title": "River talks open in the capital today",
            "author": "Jane Doe",
            "published": "2023-03-06",
            "place": "Multan",
        },
        paragraphs=["Both sides say that the dams come first", f"MULTAN: {BODY}", "They go on."],
    )


def test_a_name_above_a_date_is_the_author() -> None:
    heading = read_heading(["River talks open today", "Jane Doe", "March 6, 2023", BODY], title=None)
    assert heading.known == {"title": "River talks open today", "author": "Jane Doe", "published": "2023-03-06"}
    assert heading.paragraphs == [BODY]


@pytest.mark.parametrize(
    "first",
    [
        "The river rose above its banks on Monday night.",
        "river talks open in the capital today",
        "ISLAMABAD: The talks began",
        "By Jane Doe",
        "Contents:",
        "- a list",
        "https://example.org/news/1",
        "Short",
        "The Gazette",
        "From staff and wire reports",
        "Jane Doe and John Roe",
        "SMITH: Thank you all for coming tonight",
        "A very long line that goes on and on about the river and the market and the town and the dawn and the people "
        "who came to see the water before it went away again in the end",
    ],
)
def test_an_ordinary_first_paragraph_is_no_title(first: str) -> None:
    assert "title" not in read_heading([first, BODY, BODY], title=None).known


@pytest.mark.parametrize(
    "first",
    [
        "River talks open in the capital today",
        "Who will open the dams?",
        "‘We want water,’ say the farmers",
        "10 dead as river floods the old market",
        "Talks with the U.S.",
    ],
)
def test_a_first_line_that_looks_like_a_title_is_one(first: str) -> None:
    heading = read_heading([first, BODY], title=None)
    assert heading.known["title"] == first
    assert heading.paragraphs == [BODY]


def test_a_text_of_one_paragraph_has_no_title() -> None:
    assert read_heading(["River talks open today"], title=None) == Heading(
        known={}, paragraphs=["River talks open today"]
    )


def test_a_known_title_leaves_the_text_only_where_it_is_repeated() -> None:
    assert read_heading(["River talks: open today!", BODY], title="River Talks Open Today").paragraphs == [BODY]
    assert read_heading(["Standfirst of the story", BODY], title="River talks").paragraphs == [
        "Standfirst of the story",
        BODY,
    ]


def test_the_imprint_at_the_end_gives_outlet_and_day() -> None:
    heading = read_heading([BODY, BODY, "Published in The Daily Gazette, March 6th, 2023."], title=None)
    assert heading == Heading(known={"source": "The Daily Gazette", "published": "2023-03-06"}, paragraphs=[BODY, BODY])


def test_the_speakers_of_a_transcript_are_no_places() -> None:
    lines = [f"{speaker}: {BODY}" for speaker in ("SMITH", "JONES", "SMITH", "JONES")]
    assert read_heading(lines, title=None) == Heading(known={}, paragraphs=lines)


def test_a_date_deep_in_the_text_is_not_the_day_of_publication() -> None:
    paragraphs = [BODY] * 8 + ["March 6, 2023", BODY]
    assert read_heading(paragraphs, title=None) == Heading(known={}, paragraphs=paragraphs)


def test_titles_in_scripts_without_capitals_or_blanks_are_titles() -> None:
    arabic = "استقال رئيس البلدية كريم حداد يوم الاثنين بسبب خلاف على الجسر، وقالت البلدية إن الجسر سيكلف كثيرا جدا."
    japanese = "市長の田中一郎氏は月曜日、橋の建設をめぐる争いを理由に辞任した。新しい市長は六月に選ばれる。"
    assert is_title(["رئيس البلدية يستقيل", arabic])
    assert is_title(["市長が辞任", japanese])
    assert not is_title([japanese, japanese])
