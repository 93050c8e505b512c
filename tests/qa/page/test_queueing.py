"""No question is lost: one sent as the page's stream of messages ends, and one whose first steps the browser missed."""

import json
import threading
from collections.abc import Iterator
from secrets import token_hex
from typing import Any

import httpx
import pytest
from page_assistant import Scripted
from page_steps import OpenPage, answered, ask, chromium
from playwright.sync_api import Route, expect

from corpus.store.records import EVERYTHING
from qa.page.answering import Browser, answer_one, open_address
from qa.page.site import Site, Turn

pytest_plugins = ("page_browser", "page_assistant")
chromium()


@pytest.fixture
def client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, timeout=60) as opened:
        yield opened


def queue(client: httpx.Client, session: str) -> None:
    """Queue what Gradio's page does first: showing the conversation that its address names."""
    dependencies = client.get("config").json()["dependencies"]
    first = next(each["id"] for each in dependencies if any(event == "load" for _, event in each["targets"]))
    told = {"data": [{"query": "", "token": None}], "fn_index": first, "session_hash": session}
    client.post("gradio_api/queue/join", json=told).raise_for_status()


def messages(stream: httpx.Response) -> Iterator[dict[str, Any]]:
    return (json.loads(line.removeprefix("data: ")) for line in stream.iter_lines() if line.startswith("data: "))


def test_a_client_hears_that_its_question_waits_only_once_it_has_left_the_stream_that_ended(
    client: httpx.Client,
) -> None:
    session = token_hex(6)
    queue(client, session)
    replied = threading.Event()

    def ask_again() -> None:
        queue(client, session)
        replied.set()

    with client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as stream:
        heard = messages(stream)  # held, since the stream is left once nothing reads it
        while next(heard)["msg"] != "close_stream":
            pass
        again = threading.Thread(target=ask_again)
        again.start()
        assert not replied.wait(1)
    again.join()
    assert replied.is_set()
    with client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as stream:
        kinds = [next(messages(stream))["msg"]]
    assert kinds != ["close_stream"], "the question is there to be heard of"


def test_each_step_says_all_since_a_busy_browser_sees_the_last_of_them_alone(scripted: Scripted) -> None:
    site = Site(scripted)
    turns: tuple[Turn, ...] = ()
    for number, question in enumerate(("rivals", "events", "hostile")):
        shown = list(
            answer_one(site, turns, question, EVERYTHING, Browser("ada", "a page", when=number), site.assistant)
        )
        turns = site.recent.get(shown[-1]["token"])
        assert len(shown) == 3, "the question, the passages, the answer"
        assert {value["link"] for value in shown} == {shown[-1]["link"]}
        for value in shown:
            assert [f'data-turn="{n}"' in value["html"] for n in range(4)] == [n <= number for n in range(4)]
            assert all(turn.token in value["html"] for turn in turns[:number])


def test_back_that_arrives_late_does_not_stop_the_question_asked_after_it(scripted: Scripted) -> None:
    site = Site(scripted)
    steps = answer_one(site, (), "rivals", EVERYTHING, Browser("ada", "a page", when=2), site.assistant)
    next(steps)
    early = Browser("ada", "a page", when=1)
    assert list(open_address(site, early)) == []
    *_, shown = steps
    assert shown["done"]
    assert site.recent.get(shown["token"])[0].result is not None
    assert list(answer_one(site, (), "events", EVERYTHING, early, site.assistant)) == []
    ((welcome_shown, _),) = open_address(site, Browser("ada", "a page", when=3))
    assert welcome_shown["welcome"]


def test_what_was_asked_for_earlier_comes_too_late(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    ask(page, "rivals")
    welcome = "<section class='cw-welcome'>The welcome of a page that has just been opened</section>"
    page.evaluate("html => citewireShow({ welcome: true, html, link: null, at: location.search, when: 0 })", welcome)
    expect(page.locator(".cw-turn h2")).to_have_text("rivals")
    expect(page.locator(".cw-welcome")).to_have_count(0)


def test_what_comes_before_the_reply_that_announces_it_is_shown(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    page.get_by_label("Question").fill("something that takes long")
    page.get_by_label("Question").press("Enter")
    page.locator('.cw-turn[aria-busy="true"]').wait_for()

    def hold(route: Route) -> None:
        reply = route.fetch()
        page.wait_for_timeout(500)  # the stream of the question brings it meanwhile, and ends
        route.fulfill(response=reply)

    page.route("**/queue/join?*", hold)
    page.go_back()
    expect(page.locator(".cw-welcome")).to_be_visible()


def test_questions_sent_one_upon_the_other_are_all_answered(open_page: OpenPage, address: str) -> None:
    page = open_page(address)
    box = page.get_by_label("Question")
    for question in ("rivals", "events", "hostile"):
        box.fill(question)
        box.press("Enter")
        expect(box).to_have_value("")
    answered(page, 2)
    assert page.locator('.cw-turn[aria-busy="false"] h2').all_inner_texts() == ["rivals", "events", "hostile"]
