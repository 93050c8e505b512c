"""Adding an address on the page: what it names is fetched as `citewire add` fetches it, for the owner alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from small_library import WordEncoder
from web_server import Server, page, replies, serving

from corpus.errors import CitewireError, UsageError
from embeddings.library.library import create_library
from qa.assistant import Assistant
from qa.page.collection import Adding, add_address
from qa.page.site import NotAllowed, Site
from qa.page.views.markup import part
from qa.reader.reader import open_reader

HARBOUR = "The harbour of Lindmar opened on Monday after four years of building, the mayor Anna Berg told reporters."


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    with create_library(tmp_path / "library", encoder=WordEncoder()) as library:
        yield Site(Assistant(library, open_reader()), may_change=True)


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as started:
        answer = replies(200, page("Harbour opens", HARBOUR), Content_Type="text/html; charset=utf-8")
        started.routes["/harbour"] = answer
        yield started


def test_the_article_of_a_page_is_added_once(site: Site, server: Server) -> None:
    told: list[Adding] = []
    add_address(site, f" {server.url}/harbour ", told.append, allow_private=True)
    report = told[-1].report
    assert report is not None
    assert report.added == 1
    assert "1 article added." in part("articles.j2", "adding", told[-1])
    with site.assistant.library.snapshot() as snapshot:
        (info,) = snapshot.articles(order="added")
        assert HARBOUR in snapshot.article(info.id).text
    add_address(site, f"{server.url}/harbour", told.append, allow_private=True)
    again = told[-1].report
    assert again is not None
    assert again.added == 0


def test_what_cannot_be_fetched_is_one_sentence(site: Site, server: Server) -> None:
    for url, problem in (
        ("", "write the address"),
        ("ftp://a.example/x", "only http and https"),
        ("https://user@a.example/x", "addresses with a user name"),
    ):
        with pytest.raises(UsageError, match=problem):
            add_address(site, url, print)
    with pytest.raises(CitewireError, match="404"):
        add_address(site, f"{server.url}/nothing", print, allow_private=True)
    with pytest.raises(CitewireError, match="not on the public internet: save it and add the file"):
        add_address(site, server.url.rpartition(":")[0] + "/harbour", print)  # this machine, for strangers' pages
    with pytest.raises(UsageError, match=r"port 99 is not one of web pages .*: save it and add the file"):
        add_address(site, "https://a.example:99/x", print)
    assert server.paths().count("/harbour") == 0


def test_only_the_owner_adds_addresses(site: Site) -> None:
    closed = Site(site.assistant, may_change=False, why_not="the page is open to other people")
    with pytest.raises(NotAllowed):
        add_address(closed, "https://a.example/x", print)
