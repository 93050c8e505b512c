"""What the browser tests do again and again: serve a page, ask, wait, check the rules of access."""

import os
import shutil
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

from qa.page.security.sessions import Sessions
from qa.page.serve import settle_environment
from qa.page.site import Site

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
DESKTOP: ViewportSize = {"width": 1280, "height": 860}
PHONE: ViewportSize = {"width": 390, "height": 844}

OpenPage = Callable[..., Page]


def chromium() -> str:
    """Return the Chromium of this machine; without one skip the tests, or fail where one is asked for."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        if os.environ.get("CITEWIRE_REQUIRE_BROWSER"):
            pytest.fail("no Chromium is on the PATH, and CITEWIRE_REQUIRE_BROWSER asks for one", pytrace=False)
        pytest.skip("no Chromium is on the PATH: the browser tests need one", allow_module_level=True)
    return found


@contextmanager
def launched(
    site: Site,
    *,
    sessions: Sessions | None = None,
    hosts: Collection[str] | None = None,
    mcp: bool = False,
    port: int = 0,
) -> Iterator[tuple[Any, str]]:
    """Serve a page, with these settings of `launch_settings`, and give it with its address. port: 0 for a free one."""
    settle_environment()
    from qa.page.application import build, launch_settings
    from qa.page.serve import free_port

    blocks = build(site)
    settings = launch_settings(site, blocks, sessions=sessions, hosts=hosts, mcp=mcp)
    port = free_port("127.0.0.1", port)  # last: a free one may be taken by anybody before long
    _, address, _ = blocks.launch(server_name="127.0.0.1", server_port=port, share=False, **settings)
    yield blocks, str(address)
    blocks.close(verbose=False)


@contextmanager
def serving(
    site: Site,
    *,
    sessions: Sessions | None = None,
    hosts: Collection[str] | None = None,
    mcp: bool = False,
    port: int = 0,
) -> Iterator[str]:
    """Serve a page and give its address."""
    with launched(site, sessions=sessions, hosts=hosts, mcp=mcp, port=port) as (_, address):
        yield address


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
