"""The articles tab and feedback on a library that may be changed, in a real browser and by the functions behind it."""

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from page_results import RIVALS
from page_steps import OpenPage, answered, ask, serving, violations
from playwright.sync_api import expect

from corpus.activity import all_feedback
from corpus.article import Article
from corpus.errors import CitewireError, UsageError
from corpus.store import Filters
from embeddings.encoder import Encoder
from embeddings.library import LocalLibrary, create_library
from qa.assistant import Assistant
from qa.feedback import gold_lines, gold_rows, unsettled
from qa.gold.read import read_gold
from qa.page.changes import MAX_FILES, add_files, add_text, remove_article
from qa.page.collection import Bar, bars, find_articles
from qa.page.conversation import Turn
from qa.page.desk import Desk, NotAllowed
from qa.page.feedback import give_feedback
from qa.sentence_reader import SentenceReader

pytest_plugins = ("page_browser",)

HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>**b** $x$ ${window.hit=1} {{1}}'
FERRY = "The ferry Aldona sank off Marbeck on Tuesday with 34 people aboard, the harbour office said."


@pytest.fixture(scope="module")
def library(bundled: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalLibrary]:
    encoder: Encoder = bundled.library.encoder  # type: ignore[attr-defined]
    with create_library(tmp_path_factory.mktemp("page") / "library", encoder=encoder) as made:
        made.add(
            [
                Article(
                    FERRY, title="Ferry sinks", source="Dawn", published="2023-03-07", url="https://dawn.example/f"
                ),
                Article(
                    f"{FERRY} Divers went down.", title="Divers at the wreck", source="Geo", published="2023-09-02"
                ),
                Article(f"The mayor of Marbeck wore {HOSTILE} at the fair.", title=HOSTILE, source=HOSTILE),
            ]
        )
        yield made


@pytest.fixture(scope="module")
def desk(library: LocalLibrary) -> Desk:
    return Desk(Assistant(library, SentenceReader(library.encoder)), may_change=True)


@pytest.fixture(scope="module")
def address(desk: Desk) -> Iterator[str]:
    with serving(desk) as served:
        yield served


def test_the_collection_is_browsed_searched_and_narrowed(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.get_by_role("tab", name="Articles").click()
    listing = page.locator("#cw-listing")
    expect(listing).to_contain_text("3 articles, the newest first")
    assert violations(page) == []
    page.get_by_label("Search the articles").fill("divers at the wreck")
    page.get_by_role("button", name="Search").click()
    expect(listing.locator("li").first).to_contain_text("Divers at the wreck")
    page.get_by_label("Search the articles").fill("")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("button", name="March 2023: 1 article").click()
    expect(listing).to_contain_text("1 article, the newest first")
    expect(page.locator('#articles-days input[name="after"]')).to_have_value("2023-03-01")
    listing.get_by_role("link", name="Ferry sinks").click()
    expect(page.get_by_role("dialog")).to_contain_text("34 people aboard")
    page.keyboard.press("Escape")


def test_articles_are_pasted_uploaded_and_removed_with_confirmation(
    open_page: OpenPage, address: str, tmp_path: Path
) -> None:
    page = open_page(address)
    page.get_by_role("tab", name="Articles").click()
    page.get_by_role("button", name="Add articles").click()
    page.get_by_label("Text of an article").fill(
        "A heron nested on the town hall of Marbeck, the warden said on Friday."
    )
    page.get_by_label("Title").fill("Heron on the roof")
    page.get_by_label("Date").fill("soon")
    page.get_by_role("button", name="Add the text").click()
    expect(page.get_by_role("alert")).to_contain_text("is not a date")
    page.get_by_label("Date").fill("2023-05-01")
    page.get_by_role("button", name="Add the text").click()
    expect(page.locator(".cw-adding")).to_contain_text("1 added.")
    (tmp_path / "good.txt").write_text("Otters in the canal\n\nOtters came back to the canal, the keeper said.")
    (tmp_path / "bad.txt").write_bytes(b"\x7fELF\x00\x01\x02\x03" * 50)
    page.locator('input[type="file"]').set_input_files([tmp_path / "good.txt", tmp_path / "bad.txt"])
    expect(page.get_by_text("good.txt")).to_be_visible()
    page.get_by_role("button", name="Add the files").click()
    expect(page.locator(".cw-adding")).to_contain_text("1 added.")
    expect(page.locator(".cw-bad")).to_contain_text("bad.txt")
    listing = page.locator("#cw-listing")
    expect(listing).to_contain_text("5 articles")
    listing.get_by_role("link", name="Heron on the roof").click()
    page.get_by_role("button", name="Remove from the library").click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Remove from the library").click()
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(listing).to_contain_text("4 articles")
    expect(listing).not_to_contain_text("Heron on the roof")


def test_markup_in_articles_never_runs(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "What did the mayor of Marbeck wear at the fair?")
    expect(page.locator(".cw-turn")).to_contain_text("<script>window.hit=1</script>**b** $x$ ${window.hit=1} {{1}}")
    page.locator(".cw-open").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("wore <img src=x onerror=")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Articles").click()
    expect(page.locator("#cw-listing")).to_contain_text("<script>window.hit=1</script>")
    assert page.evaluate("window.hit") is None


def test_feedback_is_kept_beside_the_library_as_it_was_given(open_page: OpenPage, address: str, desk: Desk) -> None:
    page = open_page(address)
    ask(page, "How many people were aboard the ferry?")
    answered(page, 0)
    page.locator(".cw-feedback summary").click()
    page.get_by_label("Answer wrong").check()
    page.get_by_label("What would be right?").fill("34")
    page.get_by_role("button", name="Send feedback").click()
    expect(page.locator(".cw-form-status")).to_contain_text("Thank you")
    kept = all_feedback(desk.activity_folder)[-1]
    assert (kept.verdict, kept.words) == ("answer_wrong", "34")
    assert json.loads(kept.result)["question"] == "How many people were aboard the ferry?"


def test_another_site_can_neither_give_feedback_nor_remove(address: str) -> None:
    for path, method in (("feedback", "POST"), ("article/abc", "DELETE")):
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(address + path, data=b"{}", method=method, headers={"sec-fetch-site": "cross-site"}))


def test_nobody_changes_the_library_where_it_may_not_be_changed(desk: Desk) -> None:
    closed = Desk(desk.assistant, may_change=False)
    article = find_articles(closed, "").listed[0].info.id
    with pytest.raises(NotAllowed, match="--allow-changes"):
        add_files(closed, [], print)
    with pytest.raises(NotAllowed):
        add_text(closed, "text", None, print)  # type: ignore[arg-type]
    with pytest.raises(NotAllowed):
        remove_article(closed, article)
    with serving(closed) as address:
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(f"{address}article/{article}", method="DELETE"))
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(f"{address}gradio_api/upload", data=b"x", method="POST"))


def test_too_many_files_and_an_empty_text_are_refused(desk: Desk) -> None:
    with pytest.raises(UsageError, match="201 files are more than the 200"):
        add_files(desk, [Path("x")] * (MAX_FILES + 1), print)
    with pytest.raises(UsageError, match="paste the text"):
        add_text(desk, "  \n", None, print)  # type: ignore[arg-type]
    with pytest.raises(CitewireError, match=r"gone\.txt"):
        add_files(desk, [Path("/nowhere/gone.txt")], print)


def test_bars_are_as_fine_as_sixty_of_them_allow_and_count_every_article() -> None:
    assert bars([]) == []
    assert bars([date(2023, 3, 6), date(2023, 3, 6), date(2023, 3, 8)]) == [
        Bar(date(2023, 3, 6), date(2023, 3, 6), 2),
        Bar(date(2023, 3, 7), date(2023, 3, 7), 0),
        Bar(date(2023, 3, 8), date(2023, 3, 8), 1),
    ]
    months = bars([date(2023, 1, 31), date(2023, 12, 1)])
    assert (len(months), months[0], months[-1]) == (
        12,
        Bar(date(2023, 1, 1), date(2023, 1, 31), 1),
        Bar(date(2023, 12, 1), date(2023, 12, 31), 1),
    )
    years = bars([date(1980, 5, 5), date(2024, 2, 29)])
    assert (len(years), sum(bar.articles for bar in years)) == (45, 2)
    long = bars([date(1, 1, 1), date(2024, 2, 29), date(9999, 12, 31)])
    assert (len(long), sum(bar.articles for bar in long)) == (60, 3)


def test_a_list_counts_what_the_filters_let_through(desk: Desk) -> None:
    found = find_articles(desk, "", Filters(("dawn",)))
    assert (found.total, found.outlets, found.undated) == (1, (("Dawn", 1),), 0)
    assert find_articles(desk, "", limit=1).total > 1
    assert len(find_articles(desk, "", limit=1).listed) == 1


def test_feedback_becomes_gold_questions_that_the_evaluation_reads(desk: Desk, tmp_path: Path) -> None:
    result = RIVALS
    before = len(all_feedback(desk.activity_folder))
    turns = [Turn(result.question, ("What sank?",), result=result)]
    for verdict, words in (("answer_wrong", ""), ("right", ""), ("evidence_wrong", ""), ("answer_wrong", "34 people")):
        give_feedback(desk, turns, verdict, words)
    given = all_feedback(desk.activity_folder)[before:]
    assert unsettled(given) == 1
    (row,) = gold_rows(given)
    assert (row["answers"], row["turns"], row["evidence"]) == (["34 people"], ["What sank?"], [])
    (right,) = gold_rows(given[:2])
    assert right["answers"] == list(dict.fromkeys(answer.text for answer in result.answers))
    assert right["need"] == "all"
    assert right["evidence"][0] == {"article": result.citations[0].article, "quote": "61 people 🎈"}
    file = tmp_path / "gold.jsonl"
    file.write_text("\n".join(gold_lines(given)), "utf-8")
    (question,) = read_gold(file).questions
    assert (question.question, question.answers) == (result.question, ("34 people",))
    with pytest.raises(UsageError, match="choose whether"):
        give_feedback(desk, turns, "perfect", "")
    with pytest.raises(UsageError, match="no longer kept"):
        give_feedback(desk, (), "right", "")
