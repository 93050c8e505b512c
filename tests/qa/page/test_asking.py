"""The box and the keys in a real browser: stopping, trying again, long questions, examples."""

from page_assistant import Scripted
from page_steps import OpenPage, answered, ask, chromium, violations
from playwright.sync_api import expect

pytest_plugins = ("page_browser", "page_assistant")
chromium()


def test_stop_ends_the_work_and_the_question_can_be_tried_again(
    open_page: OpenPage, address: str, scripted: Scripted
) -> None:
    scripted.read.clear()
    scripted.stopped.clear()
    page = open_page(address)
    ask(page, "rivals")
    page.get_by_label("Question").fill("slow")
    page.get_by_label("Question").press("Enter")
    page.get_by_role("button", name="Stop").click()
    answered(page, 1)
    expect(page.get_by_role("alert")).to_have_text("Stopped.")
    assert scripted.stopped.wait(60)
    assert violations(page) == []
    scripted.read.set()
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(".cw-turn").nth(1).locator(".cw-marker")).to_have_count(1)
    assert page.locator(".cw-turn h2").all_inner_texts() == ["rivals", "slow"]


def test_a_question_that_is_too_long_stays_in_the_box_with_its_length(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    box, count = page.get_by_label("Question"), page.locator(".cw-count")
    box.fill("a" * 1_600)
    expect(count).to_have_text("1,600 of 2,000 characters")
    box.fill("b" * 2_821)
    expect(count).to_have_text("2,821 of 2,000 characters")
    box.press("Enter")
    expect(count).to_have_text("This question has 2,821 characters. Shorten it to 2,000 to ask it.")
    expect(box).to_have_value("b" * 2_821)
    expect(page.locator(".cw-turn")).to_have_count(0)
    box.fill("rivals")
    expect(count).to_have_text("")
    box.press("Enter")
    answered(page, 0)
    page.locator(".cw-edit").click()
    editing = page.get_by_label("Edit the question")
    editing.fill("c" * 2_001)
    editing.press("Enter")
    expect(count).to_contain_text("This question has 2,001 characters")
    expect(editing).to_have_value("c" * 2_001)


def test_slash_goes_to_the_box_and_arrow_up_brings_the_last_question_back(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "rivals")
    page.locator(".cw-question h2").click()
    page.keyboard.press("/")
    box = page.get_by_label("Question")
    expect(box).to_be_focused()
    expect(box).to_have_value("")
    page.keyboard.press("ArrowUp")
    expect(box).to_have_value("rivals")
    page.keyboard.type(" / more")
    expect(box).to_have_value("rivals / more")


def test_a_double_click_on_an_example_asks_once(open_page: OpenPage, address: str, scripted: Scripted) -> None:
    scripted.read.set()
    page = open_page(address)
    page.locator(".cw-example").first.dblclick()
    answered(page, 0)
    page.wait_for_timeout(1_000)
    expect(page.locator(".cw-turn")).to_have_count(1)
