"""Fixtures of the browser tests: a real Chromium and an assistant over the bundled collection."""

import os
import shutil
from collections.abc import Iterator

import pytest
from page_steps import DESKTOP, OpenPage
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

from embeddings.encoder import load_encoder
from embeddings.library import open_library
from embeddings.models import DEFAULT_MODEL
from qa.assistant import Assistant
from qa.bundled import bundled_library
from qa.sentence_reader import SentenceReader

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


@pytest.fixture(scope="session")
def chromium() -> str:
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CITEWIRE_REQUIRE_BROWSER"):
            pytest.fail("no Chromium is on the PATH, and CITEWIRE_REQUIRE_BROWSER asks for one", pytrace=False)
        pytest.skip("no Chromium is on the PATH: the browser tests need one")
    return found


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(chromium: str, playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
    yield started
    started.close()


@pytest.fixture(scope="session")
def bundled(chromium: str) -> Iterator[Assistant]:
    """An assistant over the bundled collection."""
    with open_library(bundled_library(DEFAULT_MODEL, load_encoder)) as library:
        yield Assistant(library, SentenceReader(library.encoder))


@pytest.fixture(scope="session")
def context(browser: Browser) -> Iterator[BrowserContext]:
    """One person's browser, so that Gradio's scripts are fetched once."""
    started = browser.new_context(permissions=["clipboard-read", "clipboard-write"], reduced_motion="reduce")
    yield started
    started.close()


@pytest.fixture
def open_page(context: BrowserContext) -> Iterator[OpenPage]:
    """Open pages; afterwards none of them may have failed, complained or asked another host for anything."""
    wrong: list[str] = []

    def open_one(address: str, *, path: str = "") -> Page:
        page = context.new_page()
        page.set_viewport_size(DESKTOP)
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("console", lambda said: wrong.append(f"console: {said.text}") if said.type == "error" else None)
        page.on("request", lambda r: None if _is_own(r.url, address) else wrong.append(f"another host: {r.url}"))
        page.goto(address + path)
        return page

    yield open_one
    for page in context.pages:
        page.close()
    assert not wrong


def _is_own(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:", "about:"))
