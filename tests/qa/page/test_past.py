"""Earlier conversations in the sidebar of a real browser: kept, found, reopened, deleted."""

from collections.abc import Iterator

import pytest
from page_assistant import Scripted
from page_steps import PHONE, OpenPage, ask, chromium, serving, violations
from playwright.sync_api import expect

from qa.assistant import Assistant
from qa.page.site import Site

pytest_plugins = ("page_browser",)
chromium()


@pytest.fixture(scope="module")
def address(bundled: Assistant) -> Iterator[str]:
    with serving(Site(Scripted(bundled))) as served:
        yield served


def test_conversations_are_kept_found_reopened_and_deleted(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "rivals")
    ask(page, "events")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".cw-welcome")).to_be_visible()
    ask(page, "hostile")
    page.reload()
    page.get_by_role("button", name="Toggle Sidebar").click()
    kept = page.locator(".cw-past-open")
    expect(kept).to_have_text(["hostile", "rivals"])
    assert violations(page) == []
    page.get_by_label("Search the conversations").fill("event")
    expect(kept).to_have_text(["rivals"])
    kept.click()
    expect(page.locator(".cw-turn h2")).to_have_text(["rivals", "events"])
    page.get_by_label("Search the conversations").fill("")
    page.get_by_role("button", name="Delete: hostile").click()
    expect(kept).to_have_text(["rivals"])
    page.go_back()
    expect(page.locator(".cw-turn h2")).to_have_text(["hostile"])
    page.set_viewport_size(PHONE)
    kept.filter(has_text="rivals").click()
    expect(page.locator(".sidebar.open")).to_have_count(0)  # it would cover the conversation
    expect(page.locator(".cw-turn h2")).to_have_text(["rivals", "events"])
