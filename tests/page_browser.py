"""Fixtures of the browser tests: a real Chromium and an assistant over the bundled collection."""

from collections.abc import Iterator

import pytest
from page_steps import DESKTOP, OpenPage, chromium
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Playwright, expect, sync_playwright

from corpus.article import Article
from embeddings.encoder.encoder import Encoder
from embeddings.library.library import LocalLibrary, create_library, open_library
from qa.assistant import Assistant
from qa.cli.opening import bundled_library
from qa.page.site import Site
from qa.reader.reader import open_reader

HOSTILE = '<img src=x onerror="window.hit=1"><script>window.hit=1</script>**b** $x$ ${window.hit=1} {{1}}'
FERRY = "The ferry Aldona sank off Marbeck on Tuesday with 34 people aboard, the harbour office said."
WAIT = 60_000
"""Milliseconds: a busy machine may take its time, and what is right comes in the end."""
expect.set_options(timeout=WAIT)


@pytest.fixture(scope="module")
def playwright() -> Iterator[Playwright]:
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    started = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
    yield started
    started.close()


@pytest.fixture(scope="module")
def bundled() -> Iterator[Assistant]:
    """An assistant over the bundled collection."""
    with open_library(bundled_library()) as library:
        yield Assistant(library, open_reader())


@pytest.fixture(scope="module")
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
        page.set_default_timeout(WAIT)
        page.on("pageerror", lambda error: wrong.append(f"error: {error}"))
        page.on("console", lambda said: wrong.append(f"console: {said.text}") if _is_complaint(said) else None)
        page.on("request", lambda r: None if _is_own(r.url, address) else wrong.append(f"another host: {r.url}"))
        page.goto(address + path)
        return page

    yield open_one
    for page in context.pages:
        page.close()
    assert not wrong


def _is_complaint(said: ConsoleMessage) -> bool:
    """Tell whether something is wrong.

    A reload cuts off what Gradio listens to, of which it complains. Only a server that a test has ended refuses
    connections: its page is still open for a moment, and looks for it.
    """
    cut = (
        "AbortError",
        "Unexpected error Connection errored out",
        "Failed to load resource: net::ERR_CONNECTION_REFUSED",
    )
    return said.type == "error" and not said.text.startswith(cut)


def _is_own(url: str, address: str) -> bool:
    return url.startswith((address, "data:", "blob:", "about:"))


@pytest.fixture(scope="module")
def library(bundled: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalLibrary]:
    encoder: Encoder = bundled.library.encoder
    with create_library(tmp_path_factory.mktemp("page") / "library", encoder=encoder) as made:
        made.add(
            [
                Article(
                    FERRY, title="Ferry sinks", source="Dawn", published="2023-03-07", url="https://dawn.example/f"
                ),
                Article(
                    f"{FERRY} Divers went down.", title="Divers at the wreck", source="Geo", published="2023-09-02"
                ),
                Article(f"The mayor of Marbeck wore {HOSTILE} at the fair.", title=HOSTILE, source=HOSTILE),
            ]
        )
        yield made


@pytest.fixture(scope="module")
def site(library: LocalLibrary) -> Site:
    return Site(Assistant(library, open_reader()), may_change=True)
