"""What the head of a printed page tells: outlet and day, without the time of printing, and no line of the text."""

import pytest
import sample_files as s
from sample_files import BODY, SECOND, TITLE

from corpus.article import Article
from corpus.errors import ReadError
from corpus.readers.documents.pdf_pages import Line, Page, take_margins
from corpus.scan.read import read_bytes


def read(data: bytes) -> Article:
    errors: list[ReadError] = []
    (article,) = read_bytes(data, name="page.pdf", on_bad=errors.append)
    assert errors == []
    return article


def page(*lines: tuple[str, float]) -> Page:
    return Page(800, tuple(Line(text, 50, height, 300, height + 10, 10) for text, height in lines))


HEADS = ("THE QUAY | Monday, May 3, 2021 | 5", "The Quay - 3 May 2021", "5 The Quay, 3.5.2021")


@pytest.mark.parametrize("header", HEADS)
@pytest.mark.parametrize("pages", [1, 3])
def test_the_head_of_the_pages_gives_outlet_and_day_and_leaves_the_text(header: str, pages: int) -> None:
    texts = [[f"{opening} {BODY}", SECOND] for opening in ("At night.", "At dawn, all of it.", "In the end.")[:pages]]
    article = read(s.pdf_of(texts, title=TITLE, header=header))
    assert (article.title, article.source, article.published) == (TITLE, "The Quay", "2021-05-03")
    assert article.text.split("\n\n")[0] == f"At night. {BODY}"
    assert "2021" not in article.text
    assert "quay" not in article.text.lower()


def test_what_the_article_says_itself_comes_first() -> None:
    pages = [["By Ines Falk", "May 1, 2021", " ".join([BODY, SECOND] * 3)]]
    article = read(s.pdf_of(pages, title=TITLE, header="The Quay, 3 May 2021"))
    assert (article.published, article.source, article.author) == ("2021-05-01", "The Quay", "Ines Falk")


def test_outlet_and_day_in_two_corners_or_rows_belong_together() -> None:
    corners = page(("OSTBY COURIER", 770), ("Monday, 3 May 2021", 770), (BODY, 500))
    assert take_margins([corners])[1] == {"source": "Ostby Courier", "published": "2021-05-03"}
    rows = page((BODY, 500), ("The Quay", 40), ("3 May 2021", 25))
    assert take_margins([rows])[1] == {"source": "The Quay", "published": "2021-05-03"}


@pytest.mark.parametrize(
    "line",
    [
        "13/05/2021, 10:15", "The Storm", "3 May 2021", "By Ines Falk, 3 May 2021", "The flood of 3 May 2021 in Marnby",
        "https://quay.example/", "https://quay.example/long/addr…", "1 May 2021 - 3 May 2021",
    ],
)  # fmt: skip
def test_a_lone_line_that_may_be_anything_tells_nothing_and_stays(line: str) -> None:
    (lines,), fields = take_margins([page((line, 770), (BODY, 500))])
    assert ([each.text for each in lines], fields) == ([line, BODY], {})


def test_the_address_that_a_browser_prints_below_is_the_articles() -> None:
    pages = [page((BODY, 500), (f"https://quay.example/gate {number}/2", 20)) for number in (1, 2)]
    assert take_margins(pages)[1] == {"url": "https://quay.example/gate"}


def test_heads_of_several_days_give_no_day() -> None:
    pages = [page((f"The Quay, {day} May 2021", 770), (BODY, 500)) for day in (3, 4)]
    assert take_margins(pages)[1] == {"source": "The Quay"}


@pytest.mark.parametrize(("printed", "written"), [("BBC NEWS", "BBC News"), ("THE QUAY", "The Quay"), ("Echo", "Echo")])
def test_capitals_become_usual_ones(printed: str, written: str) -> None:
    assert take_margins([page((f"{printed}, 3 May 2021", 770), (BODY, 500))])[1]["source"] == written
