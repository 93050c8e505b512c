"""Saved questions on the page: a star saves, a list asks again and removes, and only those who may do so."""

from collections.abc import Iterator
from functools import partial
from itertools import product
from pathlib import Path
from threading import Event
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from page_steps import DESKTOP, PHONE, OpenPage, answered, ask, chromium, serving, violations
from playwright.sync_api import Page, expect
from program_library import FERRY, HOSTILE, program_assistant

from corpus.article import Article
from corpus.store.activity import SavedQuestions
from corpus.store.records import EVERYTHING, Filters
from qa.assistant import Assistant
from qa.page.limits import questions_per_minute
from qa.page.questions_tab import answers_so_far, ask_saved
from qa.page.site import Site
from qa.page.user_data import save_question

pytest_plugins = ("page_browser",)
chromium()
QUESTION = "How many people were aboard the ferry?"


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with program_assistant(tmp_path) as made:
        yield made


@pytest.fixture
def site(assistant: Assistant) -> Site:
    return Site(assistant, may_change=True)


@pytest.fixture
def address(site: Site) -> Iterator[str]:
    with serving(site) as served:
        yield served


def kept(site: Site) -> list[tuple[str, Filters]]:
    return [(each.question, each.filters) for each in SavedQuestions(site.activity_folder).all()]


def open_questions(page: Page) -> None:
    page.get_by_role("tab", name="Questions").click()


def test_a_star_saves_a_question_as_it_stands_alone_and_takes_it_away(
    open_page: OpenPage, address: str, site: Site
) -> None:
    page = open_page(address, path="?q=Where+did+the+ferry+sink%3F&source=Dawn&after=2023-03-01")
    answered(page, 0)
    star = page.get_by_role("button", name="Save").filter(has_text=": Where did the ferry sink?")
    expect(star).to_have_attribute("aria-pressed", "false")
    star.press("Enter")
    expect(page.locator(".cw-toast")).to_contain_text("Saved")
    expect(star).to_have_attribute("aria-pressed", "true")
    assert violations(page) == []
    ask(page, "And the heron?")
    page.get_by_role("button", name="Save").filter(has_text=": And the heron?").click()
    expect(page.locator('.cw-star[aria-pressed="true"]')).to_have_count(2)
    (first, filters), (alone, _) = kept(site)
    assert (first, filters.sources, str(filters.after)) == ("Where did the ferry sink?", ("Dawn",), "2023-03-01")
    assert "ferry" in alone
    assert "heron" in alone
    page.reload()
    expect(page.locator('.cw-star[aria-pressed="true"]')).to_have_count(2)
    star.click()
    expect(star).to_have_attribute("aria-pressed", "false")
    assert [question for question, _ in kept(site)] == [alone]


def test_saved_questions_are_listed_asked_again_and_removed(
    open_page: OpenPage, address: str, site: Site, assistant: Assistant
) -> None:
    page = open_page(address)
    open_questions(page)
    listed = page.locator(".cw-saved")
    expect(listed).to_contain_text("No question is saved")
    save_question(site, QUESTION, Filters(("Dawn", "Post")))
    save_question(site, f"What did {HOSTILE} wear?", EVERYTHING)
    page.get_by_role("tab", name="Articles").click()
    open_questions(page)
    expect(listed).to_contain_text("Only outlet Dawn, outlet Post")
    page.get_by_role("button", name="Ask all again").click()
    changes = page.locator("#cw-changes")
    expect(changes).to_contain_text("2 questions asked, 2 with changes.")
    expect(changes).to_contain_text(f"new answer {FERRY} Dawn, 7 March 2023")
    expect(listed.get_by_role("listitem").first).to_contain_text(FERRY)
    text = "How many people were aboard the ferry? 36 people were aboard the ferry."
    assistant.library.add([Article(text, source="Post", published="2023-08-01")])
    page.get_by_role("button", name="Ask all again").click()
    expect(changes).to_contain_text("2 questions asked, 1 with changes.")
    expect(changes).to_contain_text("36 people")
    for size, is_dark in product((DESKTOP, PHONE), (False, True)):
        page.set_viewport_size(size)
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", is_dark)
        assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(page.get_by_role("tab")).to_have_count(5)
    changes.get_by_role("link", name="Post, 1 August 2023").click()
    expect(page.get_by_role("dialog").locator("mark").first).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Remove").filter(has_text=QUESTION).click()
    expect(page.get_by_role("dialog")).to_contain_text("with what was answered to it? This cannot be undone.")
    page.get_by_role("button", name="Remove", exact=True).click()
    expect(listed.get_by_role("listitem")).to_have_count(1)
    listed.get_by_role("link").click()
    answered(page, 0)
    expect(page.get_by_role("tab", name="Ask")).to_have_attribute("aria-selected", "true")
    expect(page.locator(".cw-turn h2")).to_contain_text("<img src=x")
    expect(page.locator(".cw-star")).to_have_attribute("aria-pressed", "true")
    assert page.evaluate("window.hit") is None
    page.locator(".cw-star").click()
    expect(page.get_by_role("dialog")).to_contain_text("This cannot be undone.")  # its answers would go with it
    page.get_by_role("button", name="Keep it").click()
    assert len(kept(site)) == 1


def test_strangers_neither_see_nor_change_what_is_saved(open_page: OpenPage, assistant: Assistant) -> None:
    save_question(Site(assistant, may_change=True), QUESTION, EVERYTHING)
    site = Site(assistant)
    with serving(site) as address:
        page = open_page(address)
        ask(page, QUESTION)
        expect(page.locator(".cw-edit")).to_be_visible()
        assert page.locator(".cw-star").count() == 0
        assert page.get_by_role("button", name="Ask all again").count() == 0
        for path, method in (("saved", "GET"), ("saved?q=Who%3F", "POST"), ("saved/1", "DELETE")):
            with pytest.raises(HTTPError, match="403"):
                urlopen(Request(address + path, method=method))
        assert kept(site) == [(QUESTION, EVERYTHING)]
        page.close()  # before its server, whose end it would complain of


def test_what_cannot_be_saved_is_refused_in_one_sentence(address: str) -> None:
    for path, method, status in (
        ("saved", "POST", 400),
        ("saved?q=Who&after=soon", "POST", 400),
        (f"saved?q={'w' * 2001}", "POST", 400),
        ("saved/7", "DELETE", 400),
        (f"saved/{'9' * 5000}", "DELETE", 400),
    ):
        with pytest.raises(HTTPError, match=str(status)):
            urlopen(Request(address + path, method=method))
    with pytest.raises(HTTPError, match="403"):
        urlopen(Request(address + "saved?q=Who", method="POST", headers={"sec-fetch-site": "cross-site"}))


def test_asking_all_again_keeps_to_the_pace_of_the_page_and_stops(assistant: Assistant) -> None:
    site = Site(assistant, has_login=True, question_limit=questions_per_minute(1))
    for question in (QUESTION, "Who nested?"):
        save_question(site, question, EVERYTHING)
    stop = Event()
    questions = SavedQuestions(site.activity_folder).all()
    asking = answers_so_far(site, "person ada", stop, questions, partial(ask_saved, site))
    assert next(asking) == ([], None)
    (rerun,), _ = next(asking)
    assert rerun.saved.question == QUESTION
    stop.set()  # else the second waits for a minute
    assert list(asking) == [([rerun], "")]
