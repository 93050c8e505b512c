"""The articles tab and feedback on a library that may be changed, in a real browser and by the functions behind it."""

import json
from collections.abc import Iterator
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from page_steps import OpenPage, answered, ask, chromium, serving, violations
from playwright.sync_api import expect

from corpus.store.activity import all_feedback
from qa.page.site import Site

pytest_plugins = ("page_browser",)
chromium()


@pytest.fixture(scope="module")
def address(site: Site) -> Iterator[str]:
    with serving(site) as served:
        yield served


def test_the_collection_is_browsed_searched_and_narrowed(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.get_by_role("tab", name="Articles", exact=True).click()
    listing = page.locator("#cw-listing")
    expect(listing).to_contain_text("3 articles, the newest first")
    assert violations(page) == []
    page.get_by_label("Search the articles").fill("divers at the wreck")
    page.get_by_role("button", name="Search").click()
    expect(listing).to_contain_text("the best fit first")
    expect(listing.locator("li").first).to_contain_text("Divers at the wreck")
    assert "Divers" in listing.locator("li").first.locator(".cw-snippet mark").all_inner_texts()
    listing.get_by_role("link", name="Divers at the wreck").click()
    expect(page.get_by_role("dialog").locator("mark")).to_have_text(["Divers"])
    page.keyboard.press("Escape")
    page.wait_for_function("!history.state?.article")  # a reload cancels the step back, which then never ends
    assert page.url == address + "#articles"
    page.reload()
    expect(page.get_by_role("tab", name="Articles", exact=True)).to_have_attribute("aria-selected", "true")
    expect(listing).to_contain_text("3 articles, the newest first")
    page.get_by_label("Search the articles").fill("")
    page.get_by_role("button", name="Search").click()
    expect(listing).to_contain_text("3 articles, the newest first")
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
    expect(page.locator(".cw-held")).to_contain_text("3 articles of 3 outlets")
    page.get_by_role("tab", name="Add", exact=True).click()
    assert violations(page) == []
    page.get_by_label("Text of an article").fill(
        "A heron nested on the town hall of Marbeck, the warden said on Friday."
    )
    page.get_by_label("Title").fill("Heron on the roof")
    page.get_by_label("Date").fill("soon")
    page.get_by_role("button", name="Add the text").click()
    expect(page.get_by_role("alert")).to_contain_text("is not a date")
    page.get_by_label("Date").fill("2023-05-01")
    page.get_by_role("button", name="Add the text").click()
    expect(page.locator(".cw-adding")).to_contain_text("1 article added.")
    for label in ("Text of an article", "Title", "Date"):
        expect(page.get_by_label(label)).to_have_value("")
    page.get_by_role("tab", name="Ask").click()
    expect(page.locator(".cw-held")).to_contain_text("4 articles of 3 outlets")
    page.get_by_role("tab", name="Add", exact=True).click()
    (tmp_path / "good.txt").write_text("Otters in the canal\n\nOtters came back to the canal, the keeper said.")
    (tmp_path / "bad.txt").write_bytes(b"\x7fELF\x00\x01\x02\x03" * 50)
    page.locator('input[type="file"]').first.set_input_files([tmp_path / "good.txt", tmp_path / "bad.txt"])
    expect(page.get_by_role("cell", name="good.txt")).to_be_visible()  # its name is in two parts there
    page.get_by_role("button", name="Add the files").click()
    expect(page.locator(".cw-adding")).to_contain_text("1 article added.")
    expect(page.locator(".cw-bad")).to_contain_text("bad.txt")
    page.get_by_label("Address of a web page or a feed").fill("ftp://news.example/feed")
    page.get_by_label("Address of a web page or a feed").press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("only http and https addresses are fetched")
    expect(page.get_by_label("Address of a web page or a feed")).to_have_value("ftp://news.example/feed")
    page.get_by_role("tab", name="Articles", exact=True).click()
    listing = page.locator("#cw-listing")
    expect(listing).to_contain_text("5 articles")
    listing.get_by_role("link", name="Heron on the roof").click()
    page.get_by_role("button", name="Remove from the library").click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="Remove from the library").click()
    padding = page.locator(".cw-confirm").evaluate("e => parseFloat(getComputedStyle(e).paddingLeft)")
    assert padding >= 16
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(page.locator(".cw-toast")).to_have_text("“Heron on the roof” was removed.")
    expect(listing).to_contain_text("4 articles")
    expect(listing).not_to_contain_text("Heron on the roof")
    page.get_by_role("tab", name="Ask").click()
    expect(page.locator(".cw-held")).to_contain_text("4 articles of 3 outlets")


def test_markup_in_articles_never_runs(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "What did the mayor of Marbeck wear at the fair?")
    expect(page.locator(".cw-turn")).to_contain_text("<script>window.hit=1</script>**b** $x$ ${window.hit=1} {{1}}")
    page.locator(".cw-open").first.click()
    expect(page.get_by_role("dialog")).to_contain_text("wore <img src=x onerror=")
    page.keyboard.press("Escape")
    page.get_by_role("tab", name="Articles", exact=True).click()
    expect(page.locator("#cw-listing")).to_contain_text("<script>window.hit=1</script>")
    assert page.evaluate("window.hit") is None


def test_feedback_is_kept_beside_the_library_as_it_was_given(open_page: OpenPage, address: str, site: Site) -> None:
    page = open_page(address)
    ask(page, "How many people were aboard the ferry?")
    answered(page, 0)
    page.locator(".cw-feedback summary").click()
    page.get_by_label("Answer wrong").check()
    page.get_by_label("What would be right?").fill("34")
    page.get_by_role("button", name="Send feedback").click()
    expect(page.locator(".cw-form-status")).to_contain_text("Thank you")
    kept = all_feedback(site.activity_folder)[-1]
    assert (kept.verdict, kept.words) == ("answer_wrong", "34")
    assert json.loads(kept.result)["question"] == "How many people were aboard the ferry?"


def test_another_site_can_neither_give_feedback_nor_remove(address: str) -> None:
    for path, method in (("feedback", "POST"), ("article/abc", "DELETE")):
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(address + path, data=b"{}", method=method, headers={"sec-fetch-site": "cross-site"}))
