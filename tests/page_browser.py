"""Fixtures of the browser tests: a real Chromium, and the page served by this process."""

import os
import shutil
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, ViewportSize, sync_playwright

from embeddings.encoder import load_encoder
from embeddings.library import open_library
from embeddings.models import DEFAULT_MODEL
from qa.assistant import Assistant
from qa.bundled import bundled_library
from qa.page.desk import Desk
from qa.page.environment import settle_environment
from qa.sentence_reader import SentenceReader

DESKTOP: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}
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


@contextmanager
def serving(desk: Desk) -> Iterator[str]:
    """Serve a page and give its address."""
    settle_environment()
    from qa.page.application import build, launch_settings

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    blocks = build(desk)
    _, address, _ = blocks.launch(server_name="127.0.0.1", server_port=port, share=False, **launch_settings(desk))
    yield str(address)
    blocks.close(verbose=False)


OpenPage = Callable[..., Page]


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


def ask(page: Page, question: str) -> None:
    """Ask as a person does, and wait for the answer."""
    number = page.locator(".cw-turn").count()
    page.get_by_label("Question").fill(question)
    page.get_by_label("Question").press("Enter")
    answered(page, number)


def answered(page: Page, number: int) -> None:
    """Wait until a turn has its answer."""
    page.locator(f'.cw-turn[data-turn="{number}"][aria-busy="false"]').wait_for()


def violations(page: Page) -> list[str]:
    """Return what axe-core finds wrong, and where."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {node['html'][:200]}" for v in found for node in v["nodes"]]
