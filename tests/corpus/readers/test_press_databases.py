"""Downloads of press databases, as their files look, with the sample articles' words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_files import BODY, SECOND, docx_of, docx_paragraph

from corpus.article import Article
from corpus.cleaning.fields import known_fields
from corpus.readers.press_databases import press_records
from corpus.scan.read import read_bytes

NEXIS_OLD = f"""
                              1 of 2 DOCUMENTS

                              The Daily Gazette

                          March 6, 2023 Monday
                          Late Edition - Final

Market under water

BYLINE: By JANE DOE

SECTION: Section A; Column 1; Metropolitan Desk; Pg. 1

LENGTH: 142 words

DATELINE: MULTAN, March 5

BODY:

{BODY}

{SECOND}

URL: http://www.example.com

GRAPHIC: Photo: The river in May.

LOAD-DATE: March 7, 2023

LANGUAGE: ENGLISH

Copyright 2023 The Daily Gazette


                              2 of 2 DOCUMENTS

The Daily Gazette

March 7, 2023 Tuesday

Ferry for walkers

LENGTH: 90 words

BODY:

{SECOND}

LOAD-DATE: March 7, 2023
"""

NEXIS = f"""Market under water

The Daily Gazette
March 6, 2023 Monday

Copyright 2023 The Daily Gazette All Rights Reserved

Section: NEWS; Pg. 1
Length: 142 words
Byline: Jane Doe
Dateline: MULTAN
Body

{BODY}

{SECOND}

Classification

Language: ENGLISH
Subject: FLOODS (90%)

End of Document


Ferry for walkers

The Daily Gazette
March 7, 2023 Tuesday

Copyright 2023 The Daily Gazette All Rights Reserved

Length: 90 words
Body

{SECOND}

Load-Date: March 7, 2023

End of Document
"""

FACTIVA = f"""SE    News
HD    Market under water
BY    By Jane Doe
WC    142 words
PD    6 March 2023
SN    The Daily Gazette
SC    DGZ
LA    English
CY    Copyright 2023. The Daily Gazette. All rights reserved.

LP

{BODY}

TD

{SECOND}

CO    exmpl : Example Corp.
PUB   The Daily Gazette Company
AN    Document DGZ0000020230306ek3500001

HD    Ferry for walkers
WC    90 words
PD    7 March 2023
SN    The Daily Gazette
LP
{SECOND}
AN    Document DGZ0000020230307ek3600002
"""

FACTIVA_LINES = f"""Market under water

By Jane Doe
142 words
6 March 2023
10:15 GMT
The Daily Gazette
DGZ
English
Copyright 2023. The Daily Gazette. All rights reserved.

{BODY}

{SECOND}

Document DGZ0000020230306ek3500001


Ferry for walkers
90 words
7 March 2023
The Daily Gazette
DGZ
2
English
(c) 2023 The Daily Gazette

{SECOND}

Document DGZ0000020230307ek3600002

Search Summary
Text\triver
"""

PROQUEST = f"""{"_" * 60}

Market under water: [Metro Edition]

Full text:

{BODY}

{SECOND}

Title: Market under water
Author: Doe, Jane
Publication title: The Daily Gazette; Multan
Publication date: Mar 6, 2023
Section: News
Language of publication: English
ProQuest document ID: 123456

{"_" * 60}

Abstract: {SECOND}
Title: Ferry for walkers
Publication title: The Daily Gazette
Publication date: Mar 7, 2023
ProQuest document ID: 123457

{"_" * 60}
Database contact: ask your library
"""

ALL = {
    "Nexis, old": NEXIS_OLD,
    "Nexis": NEXIS,
    "Factiva": FACTIVA,
    "Factiva's lines": FACTIVA_LINES,
    "ProQuest": PROQUEST,
}


def read(data: bytes, name: str) -> tuple[list[Article], list[str]]:
    bad: list[str] = []
    return list(read_bytes(data, name=name, on_bad=lambda error: bad.append(str(error)))), bad


@pytest.mark.parametrize("database", ALL)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_download_gives_each_article_with_its_fields(database: str, newline: str) -> None:
    articles, bad = read(ALL[database].replace("\n", newline).encode(), "download.txt")
    assert bad == []
    published = "2023-03-06T10:15:00+00:00" if database == "Factiva's lines" else "2023-03-06"
    assert [(a.title, a.source, a.author, a.published, a.text) for a in articles] == [
        ("Market under water", "The Daily Gazette", "Jane Doe", published, f"{BODY}\n\n{SECOND}"),
        ("Ferry for walkers", "The Daily Gazette", None, "2023-03-07", SECOND),
    ]
    assert {a.language for a in articles} == {"en"}
    assert articles[0].place == ("Multan" if database.startswith("Nexis") else None)


def test_a_download_as_a_word_file_is_read_too() -> None:
    paragraphs = "".join(docx_paragraph(line) for line in NEXIS.split("\n") if line)
    articles, bad = read(docx_of(paragraphs), "download.docx")
    assert (bad, [article.title for article in articles]) == ([], ["Market under water", "Ferry for walkers"])


@pytest.mark.parametrize(
    ("above", "section", "title"),
    [
        (
            "News\nLock keeper of Vesle retires after forty years",
            "News",
            "Lock keeper of Vesle retires after forty years",
        ),
        ("City & Region\nLock keeper of Vesle\nretires", "City & Region", "Lock keeper of Vesle retires"),
        ("Lock keeper of Vesle retires\nafter forty years", None, "Lock keeper of Vesle retires after forty years"),
        ("Lock shut", None, "Lock shut"),
    ],
)
def test_the_section_above_a_title_of_factiva_is_no_part_of_it(above: str, section: str | None, title: str) -> None:
    head = f"{above}\nBy Jane Doe\n142 words\n6 March 2023\nThe Daily Gazette\nDGZ\nEnglish\n(c) 2023 Gazette"
    ((article,), bad) = read(f"{head}\n\n{BODY}\n\nDocument DGZ0000020230306ek3500001\n".encode(), "download.txt")
    assert (bad, article.text) == ([], BODY)
    assert (article.section, article.title, article.author) == (section, title, "Jane Doe")


COVER = """User Name: reader

Date and Time: Tuesday, 8 October 2024 10:12:00 o'clock

Documents (2)

1. Weir board votes to raise fees

Search Terms: weir AND fees

2. Fees row: owners walk out

Page 1 of 1

Weir board votes to raise fees

Marn Gazette

8 March 2022 Tuesday 6:15 AM GMT

Copyright 2022 Marn Newspapers All Rights Reserved

Length: 88 words

Byline: Ines Falk ifalk@marn.example

Highlight: Owners of small boats will pay a third more from April

Body

Fees at the Marn weir will rise by 34 percent in April, the board decided on Monday.

Graphic

Boats at the weir. Picture: I. Falk

Classification

Language: ENGLISH

Load-Date: March 8, 2022

End of Document
"""


def test_cover_contents_and_graphics_of_nexis_are_no_part_of_an_article() -> None:
    (record,) = press_records(COVER)
    assert record == {
        "title": "Weir board votes to raise fees",
        "source": "Marn Gazette",
        "published": "8 March 2022",
        "author": "Ines Falk ifalk@marn.example",
        "language": "ENGLISH",
        "text": "Fees at the Marn weir will rise by 34 percent in April, the board decided on Monday.",
    }
    assert known_fields(record)["author"] == "Ines Falk"


@pytest.mark.parametrize(
    ("written", "writers"),
    [
        ("By Ines Falk <ifalk@marn.example>", "Ines Falk"), ("ifalk@marn.example", None), ("(anonymous)", None),
        ("Ines Falk (@ifalk), Ola Brun", "Ines Falk, Ola Brun"), ("Ines Falk, E-mail: ifalk@marn.example", "Ines Falk"),
    ],
)  # fmt: skip
def test_addresses_are_no_writers(written: str, writers: str | None) -> None:
    assert known_fields({"author": written}).get("author") == writers


def test_an_article_without_its_text_is_named_and_the_rest_is_read() -> None:
    articles, bad = read(FACTIVA_LINES.replace("90 words\n", "").encode(), "download.txt")
    assert [article.title for article in articles] == ["Market under water"]
    assert ["article 2" in why for why in bad] == [True]


@pytest.mark.parametrize(
    "text",
    [
        f"Market under water\n\n{BODY}\n\n1 of 2 documents was found, he said.\n\n{SECOND}\n",
        f"Title: Market under water\nAuthor: Jane Doe\n\n{BODY}\n\nDocument 12 was lost.\n\nFull text: see the page.\n",
        f"{BODY}\n\n{'_' * 30}\n\n{SECOND}\n",
        "",
    ],
)
def test_other_texts_are_no_download(text: str) -> None:
    assert press_records(text) == []


@given(
    st.lists(st.sampled_from(["\n", " ", *NEXIS.split("\n"), *FACTIVA.split("\n"), *PROQUEST.split("\n")])).map(
        "\n".join
    )
)
def test_no_order_of_lines_breaks_it(text: str) -> None:
    for record in press_records(text):
        assert all(isinstance(value, str) for value in record.values())


def test_ap_copy_loses_its_slug_and_gives_the_time_it_was_sent() -> None:
    copy = (
        f"BC-AS--Flood, 1st Ld-Writethru,150\nOld market under water\nEds: UPDATES with quote.\nBy JANE DOE\n"
        f"Associated Press\n\nMULTAN, Pakistan (AP) - {BODY}\n\n{SECOND}\n\nAP-WF-03-06-23 1012GMT\n"
    )
    (article,), bad = read(copy.encode(), "wire.txt")
    assert bad == []
    assert (article.title, article.author) == ("Old market under water", "Jane Doe")
    assert article.published == "2023-03-06T10:12:00+00:00"
    assert article.text == f"MULTAN, Pakistan (AP) - {BODY}\n\n{SECOND}"


def test_proquest_without_a_colon_is_read_up_to_its_details() -> None:
    part = (
        "______________________________\n\nBoat owners walk out\n\nFULL TEXT\n\nOwners of boats left the hall.\n\n"
        "DETAILS\n\nTitle: Boat owners walk out\n\nPublication title: The Quay\n\nPublication date: Mar 10, 2022\n\n"
        "ProQuest document ID: {}\n\n"
    )
    first, second = press_records(part.format(26) + part.format(27))
    assert (first["text"], first["published"], first["source"]) == (
        "Owners of boats left the hall.",
        "Mar 10, 2022",
        "The Quay",
    )
    assert second["id"] == "27"
