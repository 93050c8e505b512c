"""The page among people, in a real browser: the login, the limit of questions, and text that turns its direction."""

from collections.abc import Iterator

import pytest
from page_steps import DESKTOP, PHONE, OpenPage, answered, ask, chromium, serving, violations
from playwright.sync_api import expect
from program_library import FERRY, program_assistant

from corpus.article import Article
from qa.assistant import Assistant
from qa.page.limits import questions_per_minute
from qa.page.security.sessions import Sessions, password_line, read_passwords
from qa.page.site import Site

pytest_plugins = ("page_browser",)
chromium()
PASSWORD = "a good password"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with program_assistant(tmp_path_factory.mktemp("sharing")) as made:
        made.library.add(
            [
                Article(
                    "The lighthouse keeper left.", title="\u202eredaelruoy", source="\u202eswen", published="2023-03-09"
                )
            ]
        )
        yield made


@pytest.fixture(scope="module")
def address(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    file = tmp_path_factory.mktemp("people") / "people"
    file.write_text(password_line("ada", PASSWORD), "utf-8")
    with serving(Site(assistant, has_login=True), sessions=Sessions(read_passwords(file))) as served:
        yield served


def test_a_person_logs_in_and_a_link_to_a_question_is_kept(open_page: OpenPage, address: str) -> None:
    page = open_page(address, path="?q=Where+did+the+ferry+sink%3F")
    expect(page).to_have_title("Log in – Citewire")
    expect(page.get_by_label("Name")).to_be_focused()
    for size in (DESKTOP, PHONE):
        for scheme in ("light", "dark"):
            page.set_viewport_size(size)
            page.emulate_media(color_scheme=scheme)
            assert violations(page) == []
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(DESKTOP)
    page.keyboard.type("ada")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    answered(page, 0)
    expect(page.locator(".cw-answer q").first).to_contain_text(FERRY)
    assert violations(page) == []
    page.get_by_role("button", name="Log out").click()
    expect(page).to_have_title("Log in – Citewire")
    page.goto(address + "config")
    expect(page.locator("body")).to_contain_text("behind a password")


def test_whoever_asks_too_often_reads_how_long_to_wait(open_page: OpenPage, assistant: Assistant) -> None:
    with serving(Site(assistant, question_limit=questions_per_minute(1))) as address:
        page = open_page(address)
        ask(page, "Where did the ferry sink?")
        ask(page, "Where did the ferry sink?")
        expect(page.get_by_role("alert")).to_contain_text("More than 1 question in a minute")
        expect(page.get_by_role("alert")).to_contain_text("seconds and try again")
        page.goto(f"{address}?q=ferry")
        expect(page.get_by_role("alert")).to_contain_text("More than 1 question in a minute")
        page.get_by_role("tab", name="Articles").click()
        page.get_by_label("Search the articles").fill("ferry")
        page.get_by_role("button", name="Search").click()
        expect(page.locator("#cw-listing")).to_contain_text("More than 1 question in a minute")
        page.close()  # before its server, whose end it would complain of


def test_text_that_turns_its_direction_turns_no_text_around_it(open_page: OpenPage, assistant: Assistant) -> None:
    with serving(Site(assistant)) as address:
        page = open_page(address)
        ask(page, "Who left the lighthouse?")
        outlet = page.locator(".cw-card .cw-outlet").first.bounding_box()
        day = page.locator(".cw-card .cw-origin time").first.bounding_box()
        assert outlet is not None
        assert day is not None
        assert outlet["x"] + outlet["width"] < day["x"]
        page.close()  # before its server, whose end it would complain of
