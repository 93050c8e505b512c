"""Answers of every shape in a real browser, given by an assistant that says what the test wants and when."""

from page_assistant import Scripted
from page_steps import DESKTOP, PHONE, OpenPage, answered, ask, chromium, violations
from playwright.sync_api import expect

pytest_plugins = ("page_browser", "page_assistant")
chromium()


def test_passages_are_shown_at_once_and_the_answer_when_it_is_read(
    open_page: OpenPage, address: str, scripted: Scripted
) -> None:
    page = open_page(address)
    page.get_by_label("Question").fill("slow")
    page.get_by_label("Question").press("Enter")
    turn = page.locator(".cw-turn")
    expect(turn.locator(".cw-found")).to_contain_text("We counted 61 people")
    expect(turn).to_contain_text("Found 1 passage; reading them")
    expect(turn).to_have_attribute("aria-busy", "true")
    expect(turn.locator(".cw-marker")).to_have_count(0)
    page.get_by_label("Question").fill("typed meanwhile")
    scripted.read.set()
    expect(turn.locator(".cw-marker")).to_have_count(1)
    expect(turn.locator(".cw-found")).to_have_count(0)
    expect(page.get_by_label("Question")).to_have_value("typed meanwhile")
    expect(turn.locator("mark")).to_have_text("61 people 🎈")
    expect(page.locator(".cw-status")).to_have_text("1 answer with 1 citation: 61 people 🎈")


def test_rivals_stand_beside_each_other_and_under_each_other_on_a_phone(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "rivals")
    first, second = page.locator(".cw-rival").all()
    left, right = first.bounding_box(), second.bounding_box()
    assert left is not None
    assert right is not None
    assert (left["y"], left["x"] < right["x"]) == (right["y"], True)
    expect(second).to_contain_text("newer")
    expect(page.locator(".cw-turn")).to_contain_text("The articles differ")
    assert violations(page) == []
    page.set_viewport_size(PHONE)
    card, answers = page.locator(".cw-evidence").bounding_box(), page.locator(".cw-answers").bounding_box()
    assert card is not None
    assert answers is not None
    assert card["y"] > answers["y"] + answers["height"] - 1
    page.locator(".cw-marker").last.focus()
    tip = page.locator(".cw-tip").last.bounding_box()
    assert tip is not None
    assert tip["x"] >= 0
    assert tip["x"] + tip["width"] <= PHONE["width"]


def test_a_course_of_events_is_a_list_of_days_and_later_cards_open_when_chosen(
    open_page: OpenPage, address: str
) -> None:
    page = open_page(address)
    ask(page, "events")
    assert page.locator(".cw-timeline time").all_inner_texts()[:2] == ["1 March 2023", "2 March 2023"]
    card = page.locator(".cw-card").nth(6)
    expect(card).not_to_have_attribute("open", "")
    page.locator(".cw-marker").nth(6).click()
    expect(card).to_have_attribute("open", "")
    expect(card.locator("mark")).to_be_in_viewport()
    assert violations(page) == []


def test_a_fault_of_the_program_is_one_sentence_and_the_page_goes_on(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "crash")
    expect(page.get_by_role("alert")).to_contain_text("This question could not be answered")
    expect(page.get_by_role("alert")).not_to_contain_text("RuntimeError")
    ask(page, "rivals")


def test_markup_in_an_answer_never_runs(open_page: OpenPage, address: str) -> None:
    page = open_page(address, path="?q=hostile")
    answered(page, 0)
    for scheme in ("light", "dark"):
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", scheme == "dark")
        assert page.evaluate("window.hit") is None
    expect(page.locator(".cw-card-title")).to_contain_text("**bold** $x^2$ ${window.hit=1} {{value}}")
    assert page.locator(".cw-turn img, .cw-turn script, .cw-turn [href^=javascript]").count() == 0
    assert violations(page) == []


def test_the_keyboard_alone_asks_reads_and_starts_again(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.set_viewport_size(DESKTOP)
    page.get_by_label("Question").focus()
    page.keyboard.type("rivals")
    page.keyboard.press("Enter")
    answered(page, 0)
    reached = []
    page.locator(".cw-question h2").first.click()
    for _ in range(14):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.className + ' ' + document.activeElement.tagName"))
    for wanted in ("cw-edit", "cw-marker", "SUMMARY", "cw-open"):
        assert any(wanted in name for name in reached), (wanted, reached)
    new = page.get_by_role("button", name="New conversation")
    new.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".cw-welcome")).to_be_visible()
    expect(page.locator(".cw-turn")).to_have_count(0)
    assert page.url == address
