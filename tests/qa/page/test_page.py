"""The chat on the bundled collection, walked through in a real browser."""

from collections.abc import Iterator
from itertools import product

import pytest
from page_steps import DESKTOP, PHONE, OpenPage, answered, ask, chromium, serving, violations
from playwright.sync_api import expect

from qa.assistant import Assistant
from qa.page.site import Site

pytest_plugins = ("page_browser",)
chromium()


@pytest.fixture(scope="module")
def address(bundled: Assistant) -> Iterator[str]:
    with serving(Site(bundled)) as served:
        yield served


def test_a_question_gets_an_excerpt_with_its_evidence_beside_it(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "Who led the delegations?")
    turn = page.locator(".cw-turn")
    expect(turn.get_by_role("heading", level=2)).to_have_text("Who led the delegations?")
    said = " ".join(turn.locator(".cw-answer q").all_inner_texts())
    assert "Christopher Landberg" in said
    assert "Syed Haider Shah" in said
    card = turn.locator(".cw-card").first
    expect(card).to_contain_text("March 2023")
    marks = turn.locator(".cw-card mark").all_inner_texts()
    assert turn.locator(".cw-answer b").first.inner_text() == marks[0]
    assert marks[0] in turn.locator(".cw-answer q").first.inner_text()
    expect(turn.locator(".cw-coverage")).to_contain_text("Searched 20 articles of 8 outlets")


def test_a_marker_shows_its_quote_and_leads_to_its_card(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "Who led the delegations?")
    marker = page.locator(".cw-marker").first
    tip = page.locator(".cw-tip").first
    expect(tip).to_be_hidden()
    marker.hover()
    expect(tip).to_be_visible()
    page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    page.mouse.move(0, 0)
    marker.focus()
    expect(tip).to_be_visible()
    card = page.locator(".cw-card").first
    card.evaluate("card => card.open = false")
    page.keyboard.press("Enter")
    expect(card).to_have_attribute("open", "")
    expect(card.locator("summary")).to_be_focused()
    expect(card.locator("mark").first).to_be_in_viewport()


def test_open_article_shows_the_whole_article_at_the_quote(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "Who led the delegations?")
    card = page.locator(".cw-card").first
    quote = card.locator("mark").first.inner_text()
    link = card.get_by_role("link", name="Open article")
    link.click()
    dialog = page.get_by_role("dialog")
    expect(dialog.locator("mark")).to_have_text(quote)
    expect(dialog.locator("mark")).to_be_in_viewport()
    expect(dialog.get_by_role("heading", level=1)).to_be_attached()
    original = dialog.get_by_role("link", name="Original")
    assert "#:~:text=" in str(original.get_attribute("href"))
    assert violations(page) == []
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)
    expect(link).to_be_focused()
    page.goto(address + str(link.get_attribute("href")))
    expect(page.locator("mark")).to_have_text(quote)
    expect(page.locator("mark")).to_be_in_viewport()
    assert violations(page) == []


def test_an_opened_article_leads_to_the_citations_before_and_after_it(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "Who led the delegations?")
    quotes = [card.locator(".cw-card-quote").text_content() for card in page.locator(".cw-card").all()]
    assert len(quotes) > 1
    page.locator(".cw-card").first.get_by_role("link", name="Open article").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_role("navigation")).to_contain_text(f"1 of {len(quotes)}")
    expect(dialog.get_by_role("button", name="Previous")).to_be_disabled()
    assert violations(page) == []
    dialog.get_by_role("button", name="Next").click()
    expect(dialog.locator("mark").first).to_have_text(quotes[1] or "")
    expect(dialog.locator("mark").first).to_be_in_viewport()
    dialog.get_by_role("button", name="Previous").click()
    expect(dialog.locator("mark").first).to_have_text(quotes[0] or "")
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_a_follow_up_keeps_the_subject(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "Who led the delegations?")
    ask(page, "And where did they meet?")
    expect(page.locator(".cw-asked-as")).to_contain_text("delegations")
    assert "turn=Who+led+the+delegations%3F" in page.url


def test_what_the_articles_do_not_say_is_said_with_the_closest_passages(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "Which football club won the cup in Lisbon?")
    turn = page.locator(".cw-turn")
    expect(turn).to_contain_text("The articles do not say")
    expect(turn).to_contain_text("None of them is an answer")
    assert turn.locator(".cw-passage").count() == 3
    assert violations(page) == []


def test_odd_questions_get_a_clear_sentence_and_never_run(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "???")
    expect(page.get_by_role("alert")).to_contain_text("The question is empty")
    for question in ("word " * 380, "<img src=x onerror=window.hit=1> **b** $x$ ${window.hit=1} {{1}}"):
        ask(page, question)
        expect(page.locator(".cw-turn h2").last).to_have_text(" ".join(question.split()))
    assert page.evaluate("window.hit") is None
    ask(page, "Who led the delegations?")
    expect(page.locator(".cw-card")).not_to_have_count(0)


def test_a_question_sent_while_another_is_answered_is_asked_after_it(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    box = page.get_by_label("Question")
    box.fill("Who led the delegations?")
    box.press("Enter")
    page.locator('.cw-turn[aria-busy="true"]').wait_for()
    expect(box).to_have_value("")
    box.fill("Who spoke at the rally?")
    box.press("Enter")
    answered(page, 1)
    expect(page.locator(".cw-turn h2")).to_have_text(["Who led the delegations?", "Who spoke at the rally?"])
    expect(box).to_have_value("")
    box.press("Enter")  # nothing is typed, nothing happens
    ask(page, "How many speakers were on the list?")
    expect(page.get_by_role("alert")).to_have_count(0)
    expect(page.locator(".cw-turn")).to_have_count(3)


def test_a_question_edited_while_another_is_answered_is_asked_after_it(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    box = page.locator("#cw-question textarea")
    ask(page, "Who led the delegations?")
    page.locator(".cw-edit").first.click()
    page.get_by_label("Edit the question").fill("How many speakers were on the list?")
    box.fill("Who spoke at the rally?")
    box.press("Enter")
    page.locator('.cw-turn[aria-busy="true"]').wait_for()
    box.fill("Who wrote")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".cw-turn h2")).to_have_text(["How many speakers were on the list?"])
    answered(page, 0)
    expect(box).to_have_value("Who wrote")


def test_a_permanent_link_asks_on_opening_under_its_filters(open_page: OpenPage, address: str) -> None:
    page = open_page(
        address, path="?q=Who+led+the+delegations%3F&source=the+rawal+courier&after=2023-03-01&before=2023-03-07"
    )
    answered(page, 0)
    coverage = page.locator(".cw-coverage")
    expect(coverage).to_contain_text("Searched 1 article of 1 outlet")
    expect(coverage).to_contain_text("from 1 March 2023")
    page.get_by_role("button", name="Filters").click()
    expect(page.locator('input[name="before"]')).to_have_value("2023-03-07")
    expect(page.locator("#ask-outlets")).to_contain_text("The Rawal Courier")
    page.locator('input[name="before"]').fill("2023-02-01")
    ask(page, "Who led the delegations?")
    expect(page.get_by_role("alert")).to_contain_text("The filters cannot be used")
    page.goto(address + "?q=Who&after=yesterday")
    expect(page.get_by_role("alert")).to_contain_text("The filters cannot be used")


def test_a_question_is_edited_and_asked_again_in_its_place(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "Who led the delegations?")
    ask(page, "Who spoke at the rally?")
    page.locator(".cw-edit").first.click()
    box = page.get_by_label("Edit the question")
    box.fill("How many speakers were on the list?")
    box.press("Enter")
    expect(page.locator(".cw-turn")).to_have_count(1)
    answered(page, 0)
    expect(page.locator(".cw-turn h2")).to_have_text("How many speakers were on the list?")


def test_an_answer_is_copied_with_its_citations_and_kept_as_a_fact_sheet(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "Who led the delegations?")
    page.get_by_role("button", name="Copy with citations").click()
    expect(page.locator(".cw-status")).to_have_text("Answer copied with its citations.")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "Christopher Landberg" in copied
    assert "\n[1] " in copied
    page.get_by_role("button", name="Copy link").click()
    expect(page.locator(".cw-status")).to_have_text("Link copied.")
    assert page.evaluate("navigator.clipboard.readText()") == address + "?q=Who+led+the+delegations%3F"
    page.locator(".cw-actions summary", has_text="Export").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").first.click()
    assert download.value.suggested_filename == "citewire-who-led-the-delegations.csv"
    assert "Christopher Landberg" in download.value.path().read_text("utf-8-sig")


def test_nothing_on_the_page_breaks_the_rules_of_access(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.locator(".cw-welcome").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Filters").click()
    expect(page.get_by_role("button", name="Filters")).to_have_attribute("aria-expanded", "true")
    ask(page, "Who led the delegations?")
    ask(page, "Who led the delegations?")
    for size, scheme in product((DESKTOP, PHONE), ("light", "dark")):
        page.set_viewport_size(size)
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", scheme == "dark")
        for summary in page.locator(".cw-turn").last.locator(".cw-actions summary").all():
            page.keyboard.press("Escape")
            summary.click()
        assert violations(page) == []
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_two_people_never_see_each_others_questions(open_page: OpenPage, address: str) -> None:
    one, two = open_page(address), open_page(address)
    ask(one, "Who led the delegations?")
    ask(two, "Who spoke at the rally?")
    ask(one, "Where did they meet?")
    assert one.locator(".cw-turn h2").all_inner_texts() == ["Who led the delegations?", "Where did they meet?"]
    assert two.locator(".cw-turn h2").all_inner_texts() == ["Who spoke at the rally?"]
