"""Nothing gets lost: Back and Forward, reloading, links, and a restart of the server."""

from urllib.parse import urlsplit

from page_assistant import Scripted
from page_steps import OpenPage, answered, ask, chromium, launched, serving
from playwright.sync_api import Page, expect

from qa.page.site import Site

pytest_plugins = ("page_browser", "page_assistant")
chromium()


def questions(page: Page) -> list[str]:
    return page.locator(".cw-turn h2").all_inner_texts()


def test_back_closes_an_article_and_then_steps_a_question(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "rivals")
    ask(page, "article")
    page.get_by_role("link", name="Open article").last.click()
    page.get_by_role("dialog").wait_for()
    page.go_back()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert questions(page) == ["rivals", "article"]
    page.go_back()
    expect(page.locator(".cw-turn")).to_have_count(1)
    page.go_back()
    expect(page.locator(".cw-welcome")).to_be_visible()
    for _ in range(2):
        page.go_forward()
    expect(page.locator(".cw-turn")).to_have_count(2)
    assert questions(page) == ["rivals", "article"]
    page.go_back()
    expect(page.locator(".cw-turn")).to_have_count(1)
    ask(page, "hostile")
    assert urlsplit(page.url).query == "q=hostile&turn=rivals"


def test_closing_an_article_leaves_the_conversation_where_it_was(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "article")
    asked_at = page.url
    page.get_by_role("link", name="Open article").last.click()
    page.get_by_role("dialog").get_by_role("button", name="Close").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url == asked_at
    page.go_back()
    expect(page.locator(".cw-welcome")).to_be_visible()


def test_the_whole_conversation_comes_back_on_reload_and_from_its_link(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "rivals")
    ask(page, "events")
    token = page.locator(".cw-turn").first.get_attribute("data-token")
    page.reload()
    answered(page, 1)
    assert questions(page) == ["rivals", "events"]
    assert page.locator(".cw-turn").first.get_attribute("data-token") == token, "the same answer, not asked again"
    ask(page, "hostile")
    other = open_page(address, path="?" + urlsplit(page.url).query)
    answered(other, 2)
    assert questions(other) == ["rivals", "events", "hostile"]
    assert other.url == page.url


def test_the_address_changes_when_the_question_is_sent_and_a_reload_asks_it_again(
    open_page: OpenPage, address: str, scripted: Scripted
) -> None:
    scripted.read.clear()
    page = open_page(address)
    page.get_by_label("Question").fill("slow")
    page.get_by_label("Question").press("Enter")
    page.locator('.cw-turn[aria-busy="true"]').wait_for()
    assert page.url == f"{address}?q=slow"
    page.reload()
    page.locator('.cw-turn[aria-busy="true"]').wait_for()
    scripted.read.set()
    answered(page, 0)
    assert questions(page) == ["slow"]


def test_back_stops_the_question_that_was_sent_last(open_page: OpenPage, address: str, scripted: Scripted) -> None:
    scripted.read.clear()
    scripted.stopped.clear()
    page = open_page(address)
    ask(page, "rivals")
    page.get_by_label("Question").fill("slow")
    page.get_by_label("Question").press("Enter")
    page.locator('.cw-turn[aria-busy="true"]').wait_for()
    page.go_back()
    expect(page.locator(".cw-turn")).to_have_count(1)
    assert scripted.stopped.wait(60)
    ask(page, "events")
    assert questions(page) == ["rivals", "events"]
    scripted.read.set()


def test_turns_and_what_is_typed_survive_a_restart_of_the_server(open_page: OpenPage, scripted: Scripted) -> None:
    with launched(Site(scripted)) as (_, address):
        page = open_page(address)
        ask(page, "rivals")
        ask(page, "events")
        page.get_by_label("Question").press_sequentially("half a question")
    with serving(Site(scripted), port=urlsplit(address).port or 0):
        page.reload()
        answered(page, 1)
        assert questions(page) == ["rivals", "events"]
        expect(page.get_by_label("Question")).to_have_value("half a question")
        page.close()  # before its server, whose end it would complain of
