"""Conversations on a page with a login: kept with the account, seen in each of its browsers and by nobody else."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import patient
import pytest
from page_assistant import Scripted
from page_steps import ask, chromium, serving, violations
from playwright.sync_api import Browser, Page, expect
from program_library import program_assistant
from starlette.applications import Starlette
from starlette.testclient import TestClient
from starlette.types import Receive, Scope, Send

from corpus.store.activity import ACTIVITY
from qa.assistant import Assistant
from qa.page.routes import routes
from qa.page.security.login import USER
from qa.page.security.sessions import Sessions, password_line, read_passwords
from qa.page.site import Site
from qa.page.user_data import MOST_CONVERSATIONS

pytest_plugins = ("page_browser",)
chromium()
PASSWORD = "a good password"


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with program_assistant(tmp_path / "library") as made:
        yield made


@pytest.fixture
def site(assistant: Assistant) -> Site:
    return Site(Scripted(assistant), has_login=True)


@pytest.fixture
def address(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A page that ada and bob may log in to."""
    monkeypatch.setattr("qa.page.security.sessions._COST", 10)
    people = tmp_path / "people"
    people.write_text("".join(f"{password_line(name, PASSWORD)}\n" for name in ("ada", "bob")), "utf-8")
    with serving(site, sessions=Sessions(read_passwords(people))) as served:
        yield served


def log_in(browser: Browser, address: str, name: str) -> Page:
    """Return the page in a browser of its own."""
    page = browser.new_context(reduced_motion="reduce").new_page()
    page.goto(address)
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.get_by_label("Question").wait_for()
    return page


def show_past(page: Page) -> None:
    page.get_by_role("button", name="Toggle Sidebar").click()


def test_a_person_sees_them_in_each_browser_and_nobody_else_does(browser: Browser, site: Site, address: str) -> None:
    first, second, other = (log_in(browser, address, name) for name in ("ada", "ada", "bob"))
    ask(first, "rivals")
    ask(first, "events")
    first.get_by_role("button", name="New conversation").click()
    ask(first, "hostile")
    for page in (first, second):
        show_past(page)
        expect(page.locator(".cw-past-open")).to_have_text(["hostile", "rivals"])
    assert first.evaluate("localStorage.getItem('citewire-conversations')") is None
    expect(second.locator(".cw-past .cw-note")).to_have_text("Kept with your account.")
    second.locator(".cw-past-open", has_text="rivals").click()
    expect(second.locator(".cw-turn h2")).to_have_text(["rivals", "events"])
    assert violations(second) == []
    show_past(other)
    expect(other.locator(".cw-past .cw-note")).to_have_text("What you ask is kept here, with your account.")
    ask(other, "rivals")
    expect(other.locator(".cw-past-open")).to_have_text(["rivals"])
    second.get_by_role("button", name="Delete: rivals").press("Enter")
    expect(second.locator(".cw-past-open")).to_have_text(["hostile"])
    for _ in range(2):
        show_past(first)
    expect(first.locator(".cw-past-open")).to_have_text(["hostile"])
    expect(other.locator(".cw-past-open")).to_have_text(["rivals"])
    assert b"q=events" not in (site.activity_folder / ACTIVITY).read_bytes(), "what is deleted is gone from the file"
    for page in (first, second, other):
        page.context.close()  # before the server, whose end they would complain of


def test_a_stranger_gets_none(address: str) -> None:
    assert patient.get(f"{address}conversations").status_code == 401
    assert patient.post(f"{address}conversations", json={"keep": None, "drop": []}).status_code == 401
    mine = {"keep": {"link": "?q=Who", "token": "t"}, "drop": []}
    given = patient.post(f"{address}conversations", json=mine, auth=("ada", PASSWORD))
    assert given.json() == [{"link": "?q=Who", "token": "t"}]
    assert patient.get(f"{address}conversations", auth=("bob", PASSWORD)).json() == []
    dropped = patient.post(f"{address}conversations", json={"keep": None, "drop": ["?q=Who"]}, auth=("bob", PASSWORD))
    assert dropped.json() == []
    assert patient.get(f"{address}conversations", auth=("ada", PASSWORD)).json() == [mine["keep"]]


def test_without_a_login_they_stay_in_the_browser(browser: Browser, assistant: Assistant) -> None:
    site = Site(Scripted(assistant), may_change=True)
    with serving(site) as address:
        page = browser.new_context(reduced_motion="reduce").new_page()
        sent: list[str] = []
        page.on("request", lambda request: sent.append(request.url))
        page.goto(address)
        ask(page, "rivals")
        show_past(page)
        expect(page.locator(".cw-past-open")).to_have_text(["rivals"])
        expect(page.locator(".cw-past .cw-note")).to_have_text("Kept in this browser only.")
        assert not [url for url in sent if url.endswith("/conversations")]
        assert patient.get(f"{address}conversations").status_code == 403
        page.context.close()
    assert not (site.activity_folder / ACTIVITY).exists()


def as_ada(site: Site) -> TestClient:
    """Return a program that is logged in."""
    app = Starlette(routes=routes(site))

    async def logged_in(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, USER: "ada"}, receive, send)

    return TestClient(logged_in)


def change(link: str = "?q=Who", token: str = "t", drop: Sequence[str] = ()) -> bytes:
    return json.dumps({"keep": {"link": link, "token": token}, "drop": list(drop)}).encode()


def test_the_latest_are_kept_and_the_rest_goes(site: Site) -> None:
    ada = as_ada(site)
    for number in range(MOST_CONVERSATIONS + 1):
        ada.post("/conversations", content=change(f"?q={number}"))
    ada.post("/conversations", content=change("?q=7&turn=3", drop=["?q=3"]))
    links = [each["link"] for each in ada.get("/conversations").json()]
    assert len(links) == MOST_CONVERSATIONS
    assert links[:2] == ["?q=7&turn=3", f"?q={MOST_CONVERSATIONS}"]
    assert not {"?q=0", "?q=3"} & set(links)
    assert ada.post("/conversations", content=change("?q=7", "new")).json()[0] == {"link": "?q=7", "token": "new"}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b'{"keep": null}',
        b'{"keep": {"link": 7, "token": ""}, "drop": []}',
        b'{"keep": {"link": "?q=\\ud800", "token": ""}, "drop": []}',
        b"[" * 100_000,
        change("javascript:hit()"),
        change(f"?q={'w' * 500_000}"),
    ],
)
def test_what_is_no_conversation_is_refused(site: Site, body: bytes) -> None:
    assert as_ada(site).post("/conversations", content=body).status_code == 400
