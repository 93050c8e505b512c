"""The feed of saved questions: for people who log in, or own the library; each entry opens the quoted words."""

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import pytest
from program_library import program_assistant
from starlette.applications import Starlette
from starlette.testclient import TestClient

from corpus.store.activity import SavedQuestions
from corpus.store.records import EVERYTHING
from qa.assistant import Assistant
from qa.batch.saved_questions import ask_again
from qa.page.routes import routes
from qa.page.site import Site


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with program_assistant(tmp_path) as made:
        yield made


def client(site: Site) -> TestClient:
    return TestClient(Starlette(routes=routes(site)))


def test_an_entry_opens_the_article_at_the_quoted_words(assistant: Assistant) -> None:
    site = Site(assistant, has_login=True)
    kept = SavedQuestions(site.activity_folder)
    kept.add("How many were aboard the ferry?", EVERYTHING, now="2026-04-01T00:00:00+00:00")
    (asked,) = ask_again(assistant, kept, kept.all())
    served = client(site).get("/questions.atom")
    assert served.headers["content-type"] == "application/atom+xml; charset=utf-8"
    name = "{http://www.w3.org/2005/Atom}"
    (entry,) = ElementTree.fromstring(served.content).findall(f"{name}entry")
    link = entry.find(f"{name}link")
    assert link is not None
    address = link.get("href") or ""
    (cited,) = asked.result["citations"]
    assert address.startswith(f"http://testserver/article/{cited['article']}?version=")
    opened = client(site).get(address).text
    assert "<mark" in opened
    assert cited["quote"] in opened


def test_a_page_that_anybody_reads_has_no_feed(assistant: Assistant) -> None:
    assert client(Site(assistant)).get("/questions.atom").status_code == 403
    assert client(Site(assistant, may_change=True)).get("/questions.atom").status_code == 200
