"""The filters on the page: what is set is always seen, and taken away with a click or with a new conversation."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import pytest
from page_steps import PHONE, OpenPage, answered, ask, chromium, serving, violations
from playwright.sync_api import expect
from program_library import program_assistant

from qa.page.site import Site

pytest_plugins = ("page_browser",)
chromium()


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with program_assistant(tmp_path_factory.mktemp("filters")) as assistant, serving(Site(assistant)) as served:
        yield served


def test_filters_are_chips_above_the_box_and_go_with_a_click_or_a_new_conversation(
    open_page: OpenPage, address: str
) -> None:
    page = open_page(address, path="?q=Where+did+the+ferry+sink%3F&source=dawn&after=2023-03-01&before=2023-03-31")
    answered(page, 0)
    chips = page.locator("#cw-chips")
    expect(chips.locator("button span:first-child")).to_have_text(["Dawn", "from 1 March 2023", "until 31 March 2023"])
    box, above = page.locator("#cw-question").bounding_box(), chips.bounding_box()
    assert box is not None
    assert above is not None
    assert above["y"] + above["height"] <= box["y"]
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Remove the filter: from 1 March 2023").click()
    expect(chips.locator("button span:first-child")).to_have_text(["Dawn", "until 31 March 2023"])
    page.get_by_role("button", name="Remove the filter: Dawn").click()
    expect(chips).to_contain_text("All outlets")
    ask(page, "Where did the ferry sink?")
    coverage = page.locator(".cw-coverage").last
    expect(coverage).to_contain_text("until 31 March 2023")
    expect(coverage).not_to_contain_text("outlet Dawn")
    page.get_by_role("button", name="New conversation").click()
    expect(chips.locator("button")).to_have_count(0)
    expect(chips).to_have_text("All outlets")
    ask(page, "Where did the ferry sink?")
    expect(page.locator(".cw-coverage")).to_contain_text("Searched 3 articles")


def test_chips_of_a_link_come_with_the_page_in_one_piece(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.post_data or "") if request.method == "POST" else None)
    page.goto(f"{address}?q=Where+did+the+ferry+sink%3F&source=DAWN&after=2023-03-01&before=2023-03-31")
    chips = page.locator("#cw-chips button span:first-child")
    expect(chips).to_have_text(["Dawn", "from 1 March 2023", "until 31 March 2023"])
    answered(page, 0)
    asked = len(posted)
    for name in ("Dawn", "until 31 March 2023"):
        page.get_by_role("button", name=f"Remove the filter: {name}").click()
    expect(chips).to_have_text(["from 1 March 2023"])
    assert len(posted) == asked  # nothing that another answer could overtake


def test_what_is_chosen_in_the_inputs_stands_on_the_chips_and_back(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.locator(".cw-filter-box > button").click()
    page.locator("#ask-outlets input").click()
    page.get_by_role("option", name="Dawn").click()
    page.get_by_label("from", exact=True).first.fill("2023-03-01")
    page.get_by_label("until", exact=True).first.fill("2023-03-31")
    chips = page.locator("#cw-chips button span:first-child")
    expect(chips).to_have_text(["Dawn", "from 1 March 2023", "until 31 March 2023"])
    page.get_by_role("button", name="Remove the filter: Dawn").click()
    page.get_by_role("button", name="Remove the filter: from 1 March 2023").click()
    expect(page.locator("#ask-outlets .token")).to_have_count(0)
    expect(page.get_by_label("from", exact=True).first).to_have_value("")
    expect(page.get_by_label("until", exact=True).first).to_have_value("2023-03-31")


def test_an_article_is_asked_alone_until_its_chip_goes(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "Where did the ferry sink?")
    card = page.locator(".cw-card").first
    title = card.locator(".cw-card-title").inner_text()
    card.get_by_role("button", name="Ask this article").click()
    chips = page.locator("#cw-chips button span:first-child")
    expect(chips).to_have_text([f"Only “{title}”"])
    expect(page.get_by_label("Question")).to_be_focused()
    for number in (1, 2):  # a follow-up keeps it
        ask(page, "Where did it sink?")
        assert len(parse_qs(urlsplit(page.url).query)["article"]) == 1
        expect(page.locator(".cw-coverage").nth(number)).to_contain_text("Searched 1 article of 1 outlet")
        expect(page.locator(".cw-coverage").nth(number)).to_contain_text(f"Only “{title}”")
    assert violations(page) == []
    page.reload()
    answered(page, 2)
    expect(chips).to_have_text([f"Only “{title}”"])
    page.get_by_role("button", name="Remove the filter: Only").click()
    expect(page.locator("#cw-chips")).to_have_text("All outlets")


def test_an_opened_article_leads_back_to_the_box_from_any_tab(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.get_by_role("tab", name="Articles").click()
    page.locator("#cw-listing .cw-open").first.click()
    page.get_by_role("dialog").get_by_role("button", name="Ask this article").click()
    expect(page.get_by_label("Question")).to_be_focused()
    expect(page.locator("#cw-chips button")).to_have_count(1)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.get_by_role("tab", name="Ask", exact=True)).to_have_attribute("aria-selected", "true")


def test_a_link_to_an_article_that_is_gone_says_so(open_page: OpenPage, address: str) -> None:
    page = open_page(address, path="?q=Where%3F&article=0000")
    expect(page.locator(".cw-error")).to_contain_text("no article 0000")
    expect(page.locator("#cw-chips")).to_have_text("All outlets")
