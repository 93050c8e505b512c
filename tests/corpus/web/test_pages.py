"""Addresses to articles: pages, feeds with the pages they name, and what is left alone the second time."""

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from small_library import WordEncoder
from web_server import Handler, Server, page, replies, with_etag

from corpus.errors import ReadError
from corpus.scan.read import Overrides, ReadOptions
from corpus.store.records import ArticleInfo
from corpus.web.client import Fetcher
from corpus.web.pages import AddressReader, entries, is_feed
from embeddings.library.library import CurrentOrigins, LocalLibrary, create_library
from embeddings.library.protocol import AddReport

HARBOUR = "The harbour of Lindmar opened on Monday after four years of building, the mayor Anna Berg told reporters."
BRIDGE = "The bridge over the Kess was closed on Friday, and engineers will look at its northern pillar next week."
HTML = "text/html; charset=utf-8"


class Adding:
    """A library that addresses are added to, and what was told."""

    def __init__(self, library: LocalLibrary) -> None:
        self.library = library
        self.bad: list[ReadError] = []
        self.same = 0

    def add(self, *urls: str, limit: int = 100, read_options: ReadOptions | None = None) -> AddReport:
        self.bad.clear()
        self.same = 0
        with Fetcher(allow_private=True, pause_s=0) as fetcher:
            reader = AddressReader(
                fetcher,
                CurrentOrigins(self.library),
                read_options or ReadOptions(),
                self.bad.append,
                self._count,
                limit,
            )
            return self.library.add_from(reading for url in urls for reading in reader.scan(url))

    def _count(self) -> None:
        self.same += 1

    def articles(self) -> Sequence[ArticleInfo]:
        with self.library.snapshot() as snapshot:
            return snapshot.articles(order="added")

    def text(self, info: ArticleInfo) -> str:
        with self.library.snapshot() as snapshot:
            return snapshot.article(info.id).text


@pytest.fixture
def adding(tmp_path: Path) -> Iterator[Adding]:
    with create_library(tmp_path / "library", encoder=WordEncoder()) as library:
        yield Adding(library)


def rss(server: Server, *items: str, channel: str = "The Kess Times") -> bytes:
    return (
        "<?xml version='1.0'?><rss version='2.0'><channel>"
        f"<title>{channel}</title><link>{server.url}/</link>{''.join(items)}</channel></rss>"
    ).encode()


def item(link: str, *, title: str = "A report", date: str = "Mon, 06 Mar 2023 10:00:00 GMT", text: str = "") -> str:
    return (
        f"<item><title>{title}</title><link>{link}</link><pubDate>{date}</pubDate>"
        f"<description>{text}</description></item>"
    )


def test_a_page_becomes_an_article_of_the_address_it_led_to(server: Server, adding: Adding) -> None:
    server.routes["/old"] = replies(301, Location="/harbour?utm_source=x")
    server.routes["/harbour?utm_source=x"] = replies(200, page("Harbour opens", HARBOUR), Content_Type=HTML)
    assert adding.add(f"{server.url}/old").added == 1
    (info,) = adding.articles()
    assert info.key == f"url:https://127.0.0.1:{server.server_port}/harbour"
    assert (info.title, info.path) == ("Harbour opens", f"{server.url}/old")
    assert "Anna Berg" in adding.text(info)


def test_the_charset_of_the_server_is_believed_where_the_page_names_none(server: Server, adding: Adding) -> None:
    words = page("Åsens hamn öppnad", HARBOUR.replace("Anna Berg", "Åsa Löfgren")).decode().encode("iso-8859-1")
    server.routes["/"] = replies(200, words, Content_Type="text/html; charset=iso-8859-1")
    adding.add(f"{server.url}/")
    assert "Åsa Löfgren" in adding.text(adding.articles()[0])


def test_a_page_that_has_not_changed_is_not_sent_and_a_changed_one_is_a_new_version(
    server: Server, adding: Adding
) -> None:
    url = f"{server.url}/harbour"
    server.routes["/harbour"] = with_etag(page("Harbour opens", HARBOUR), '"v1"', Content_Type=HTML)
    adding.add(url)
    again = adding.add(url)
    assert (again.added, again.replaced, adding.same) == (0, 0, 1)
    assert server.asked[-1][1]["if-none-match"] == '"v1"'
    adding.add(url)
    assert server.asked[-1][1]["if-none-match"] == '"v1"'  # still known after a 304
    server.routes["/harbour"] = with_etag(page("Harbour opens", HARBOUR + " It rained."), '"v2"', Content_Type=HTML)
    assert adding.add(url).replaced == 1
    adding.add(url, read_options=ReadOptions(again=True))
    assert "if-none-match" not in server.asked[-1][1]


def test_each_row_of_a_fetched_file_is_an_article(server: Server, adding: Adding) -> None:
    rows = b"".join(json.dumps({"id": n, "text": text}).encode() + b"\n" for n, text in enumerate((HARBOUR, BRIDGE)))
    server.routes["/all.jsonl"] = replies(200, rows, Content_Type="application/jsonl")
    address = f"{server.url}/all.jsonl"
    assert adding.add(address).added == 2
    assert sorted(map(adding.text, adding.articles())) == sorted([HARBOUR, BRIDGE])
    assert [info.path for info in adding.articles()] == [f"{address}#0", f"{address}#1"]
    assert adding.add(address, read_options=ReadOptions(again=True)).unchanged == 2


def test_other_overrides_fetch_a_page_again(server: Server, adding: Adding) -> None:
    url = f"{server.url}/harbour"
    server.routes["/harbour"] = with_etag(page("Harbour opens", HARBOUR), '"v1"', Content_Type=HTML)
    adding.add(url)
    named = ReadOptions(Overrides(source="The Kess Times"))
    assert adding.add(url, read_options=named).replaced == 1
    assert adding.articles()[0].source == "The Kess Times"
    assert adding.add(url, read_options=named).replaced == 0
    assert server.asked[-1][1]["if-none-match"] == '"v1"'


def test_of_a_feed_each_page_is_read_once(server: Server, adding: Adding) -> None:
    feed = rss(server, item(f"{server.url}/harbour"), item("/bridge", title="Bridge closed"))
    server.routes["/feed"] = with_etag(feed, '"f1"', Content_Type="application/rss+xml")
    server.routes["/harbour"] = replies(200, page("Harbour opens", HARBOUR), Content_Type=HTML)
    server.routes["/bridge"] = replies(200, page("Bridge closed", BRIDGE), Content_Type=HTML)
    assert adding.add(f"{server.url}/feed").added == 2
    assert not adding.bad
    assert server.paths() == ["/feed", "/robots.txt", "/harbour", "/bridge"]
    adding.add(f"{server.url}/feed")
    assert server.paths()[4:] == ["/feed"]
    assert adding.same == 1
    # A further item: only its page is fetched.
    grown = rss(server, item(f"{server.url}/new"), item(f"{server.url}/harbour"), item("/bridge"))
    server.routes["/feed"] = with_etag(grown, '"f2"', Content_Type="application/rss+xml")
    server.routes["/new"] = replies(200, page("Ferry sold", "The ferry was sold to Oslo."), Content_Type=HTML)
    assert adding.add(f"{server.url}/feed").added == 1
    assert server.paths()[5:] == ["/feed", "/robots.txt", "/new"]


def test_what_a_feed_calls_updated_is_asked_for_again(server: Server, adding: Adding) -> None:
    def feed(date: str) -> bytes:
        return (
            "<feed xmlns='http://www.w3.org/2005/Atom'><title>Kess</title><entry><title>Harbour</title>"
            f"<link rel='alternate' href='{server.url}/harbour'/><updated>{date}</updated></entry></feed>"
        ).encode()

    server.routes["/feed"] = replies(200, feed("2023-03-06T10:00:00Z"), Content_Type="application/atom+xml")
    server.routes["/harbour"] = with_etag(page("Harbour opens", HARBOUR), '"v1"', Content_Type=HTML)
    assert adding.add(f"{server.url}/feed").added == 1
    adding.add(f"{server.url}/feed")
    assert server.paths().count("/harbour") == 1
    server.routes["/feed"] = replies(200, feed("2093-03-06T10:00:00Z"), Content_Type="application/atom+xml")
    adding.add(f"{server.url}/feed")
    assert server.paths().count("/harbour") == 2
    assert server.asked[-1][1]["if-none-match"] == '"v1"'


def test_what_fails_for_now_is_tried_again(server: Server, adding: Adding) -> None:
    server.routes["/feed"] = with_etag(rss(server, item(f"{server.url}/harbour")), '"f1"')
    server.routes["/harbour"] = replies(500)
    adding.add(f"{server.url}/feed")
    assert "500" in str(adding.bad[0])
    server.routes["/harbour"] = replies(200, page("Harbour opens", HARBOUR), Content_Type=HTML)
    assert adding.add(f"{server.url}/feed").added == 1


def test_pages_that_a_site_keeps_from_programs_are_left_alone(server: Server, adding: Adding) -> None:
    server.routes["/robots.txt"] = replies(200, b"User-agent: *\nDisallow: /harbour")
    server.routes["/feed"] = replies(200, rss(server, item(f"{server.url}/harbour")))
    server.routes["/harbour"] = replies(200, page("Harbour opens", HARBOUR), Content_Type=HTML)
    adding.add(f"{server.url}/feed")
    assert "robots.txt" in str(adding.bad[0])
    assert "/harbour" not in server.paths()
    assert adding.add(f"{server.url}/harbour").added == 1  # named by a person, who may look at it


def test_no_more_pages_of_a_feed_are_read_than_the_limit(server: Server, adding: Adding) -> None:
    server.routes["/feed"] = replies(200, rss(server, *(item(f"/p{number}") for number in range(30))))
    for number in range(30):
        server.routes[f"/p{number}"] = replies(200, page(f"Report {number}", f"{HARBOUR} {number}"), Content_Type=HTML)
    assert adding.add(f"{server.url}/feed", limit=7).added == 7
    assert adding.articles()[-1].title == "Report 6"


def test_one_address_that_fails_costs_no_other(server: Server, adding: Adding) -> None:
    server.routes["/harbour"] = replies(200, page("Harbour opens", HARBOUR), Content_Type=HTML)
    server.routes["/picture"] = replies(200, b"\x89PNG", Content_Type="image/png")
    report = adding.add(f"{server.url}/missing", f"{server.url}/picture", f"{server.url}/harbour")
    assert report.added == 1
    assert len(adding.bad) == 2


@pytest.mark.parametrize(
    "data",
    [
        b"<rss><channel><item><link>https://a.example/1</link></item><item><link>https://a.example/2",
        b"<rss><channel><item><link>https://a.example/1</link>&nbsp;&undefined;<title>A & B</title></item>"
        b"<item><link>https://a.example/2</link></item></channel></rss>",
        b"<?xml version='1.0'?><rdf:RDF xmlns:rdf='r' xmlns='http://purl.org/rss/1.0/'>"
        b"<item><link>https://a.example/1</link></item><item><link>https://a.example/2</link></item></rdf:RDF>",
        b"<rss xmlns:feedburner='f'><channel><item><link>https://proxy.example/x</link>"
        b"<feedburner:origLink>https://a.example/1</feedburner:origLink></item>"
        b"<item><guid>https://a.example/2</guid></item><item><guid isPermaLink='false'>https://b</guid></item>"
        b"<item><link>javascript:alert(1)</link></item><item><link>file:///etc/passwd</link></item></channel></rss>",
    ],
)
def test_feeds_are_read_as_they_come(data: bytes) -> None:
    assert is_feed(data)
    found = entries(data, base="https://a.example/feed", limit=9)
    assert list(found) == ["https://a.example/1", "https://a.example/2"]


def test_entities_that_expand_without_end_do_not() -> None:
    laughs = "".join(f"<!ENTITY l{n} '{f'&l{n - 1};' * 10}'>" for n in range(1, 12))
    data = (
        f"<?xml version='1.0'?><!DOCTYPE rss [<!ENTITY l0 'ha'>{laughs}<!ENTITY f SYSTEM 'file:///etc/passwd'>]>"
        "<rss><channel><item><link>https://a.example/1</link></item>"
        "<item><title>&l11;&f;</title><link>https://a.example/&l11;</link></item></channel></rss>"
    ).encode()
    found = list(entries(data, base="https://a.example/", limit=9))
    assert found[0] == "https://a.example/1"
    assert all(len(url) < 100 for url in found)


def test_a_web_page_is_no_feed() -> None:
    assert not is_feed(page("Feed the rss", "<rss> is a word here."))


@pytest.mark.parametrize("answer", [replies(200, b"<rss><channel></channel></rss>"), replies(200, b"")])
def test_an_empty_feed_or_page_is_said(server: Server, adding: Adding, answer: Callable[[Handler], None]) -> None:
    server.routes["/"] = answer
    assert adding.add(f"{server.url}/").added == 0
    assert len(adding.bad) == 1


def test_where_a_page_gives_no_article_the_feed_does(server: Server, adding: Adding) -> None:
    wall = b"<html><head><title>Sign in</title></head><body><p>Please sign in to read this report.</p></body></html>"
    own = "<![CDATA[<p>" + HARBOUR * 4 + "</p>]]>"
    feed = rss(
        server,
        item(f"{server.url}/gone", title="Harbour opens", text=own),
        item(f"{server.url}/wall", title="Bridge closed", text=own.replace("harbour", "bridge")),
        item(f"{server.url}/neither", title="Nothing"),
    )
    server.routes["/feed"] = replies(200, feed, Content_Type="application/rss+xml")
    server.routes["/wall"] = replies(200, wall, Content_Type=HTML)
    report = adding.add(f"{server.url}/feed")
    texts = {info.url: adding.text(info) for info in adding.articles()}
    assert "four years" in texts[f"{server.url}/gone"]
    assert "four years" in next(text for url, text in texts.items() if url and url.endswith("/wall"))
    assert report.added == 2
    assert [error.where for error in adding.bad] == [f"{server.url}/neither"]
    adding.add(f"{server.url}/feed")  # what will not get better is said once and left alone
    assert not adding.bad
    assert server.paths().count("/neither") == 1


def test_entries_that_share_a_link_are_read_from_the_feed_itself(server: Server, adding: Adding) -> None:
    live, first = f"{server.url}/live", f"{server.url}/"
    server.routes["/feed"] = replies(
        200, rss(server, item(live, text=HARBOUR), item(live, text=BRIDGE), item(first, text="The port office moved."))
    )
    server.routes["/live"] = replies(200, page("Live", HARBOUR), Content_Type=HTML)
    for expected in ((3, 0), (0, 3)):
        report = adding.add(f"{server.url}/feed", read_options=ReadOptions(again=True))
        assert (report.added, report.unchanged) == expected
    assert {adding.text(info) for info in adding.articles()} == {HARBOUR, BRIDGE, "The port office moved."}
    assert "/live" not in server.paths()
    assert adding.bad == []


def test_a_page_that_names_the_sites_first_page_as_its_own_is_known_by_where_it_was(
    server: Server, adding: Adding
) -> None:
    for name, words in (("/harbour", HARBOUR), ("/bridge", BRIDGE)):
        head = f"<link rel='canonical' href='{server.url}/'>"
        server.routes[name] = replies(200, page(name, words, head=head), Content_Type=HTML)
    assert adding.add(f"{server.url}/harbour", f"{server.url}/bridge").added == 2
    assert [info.url for info in adding.articles()] == [f"{server.url}/harbour", f"{server.url}/bridge"]
