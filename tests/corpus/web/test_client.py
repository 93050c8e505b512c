"""Fetching: only from the public internet, within the limits, politely; from a real server on this machine."""

import gzip
import threading
import tracemalloc
from collections.abc import Iterator

import pytest
from web_server import Handler, Server, replies, with_etag

import corpus.web.client
import corpus.web.safe_connection
from corpus.web.client import Fetcher, FetchError, FetchStopped, checked_address
from corpus.web.pages import Robots
from corpus.web.safe_connection import is_public, resolve


class Waits(threading.Event):
    """Notes how long it was to be waited for, and does not wait."""

    def __init__(self) -> None:
        super().__init__()
        self.waited: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.waited.append(timeout or 0)
        return False


@pytest.fixture
def fetcher(monkeypatch: pytest.MonkeyPatch) -> Iterator[Fetcher]:
    monkeypatch.setattr(corpus.web.client, "TIME_LIMIT_S", 2)
    monkeypatch.setattr(corpus.web.client, "LARGEST", 100_000)
    with Fetcher(allow_private=True, pause_s=0) as made:
        yield made


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1"),
        *("169.254.169.254", "100.64.0.1", "100.100.100.200", "168.63.129.16", "192.0.0.192", "192.0.2.1"),
        *("198.18.0.1", "198.51.100.7", "203.0.113.9", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1"),
        *("::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1"),
        *("64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "2002:7f00:1::1", "2001::1", "100::1", "3fff::1", "no address", ""),
    ],
)
def test_an_address_that_is_not_of_the_public_internet_is_known(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address",
    ["1.1.1.1", "93.184.215.14", "172.32.0.1", "2606:4700::1111", "2a00:1450::1", "::ffff:1.1.1.1", "64:ff9b::101:101"],
)
def test_an_address_of_the_public_internet_is_known(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "127.1", "0x7f.0.0.1", "2130706433", "[::1]", "[::ffff:7f00:1]"]
)
def test_this_machine_is_refused_however_it_is_written(host: str) -> None:
    with Fetcher(pause_s=0) as fetcher, pytest.raises(FetchError, match="not on the public internet") as refused:
        fetcher.get(f"http://{host}:8080/")
    assert refused.value.permanent


def test_a_name_is_refused_when_one_of_its_addresses_is_private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus.web.safe_connection, "resolve", lambda host, port: ["93.184.215.14", "10.0.0.1"])
    with Fetcher(pause_s=0) as fetcher, pytest.raises(FetchError, match=r"10\.0\.0\.1.*--allow-private"):
        fetcher.get("http://news.example/")


def test_the_connection_goes_to_the_address_that_was_checked(
    server: Server, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second look at the name would give another address: there is none."""
    monkeypatch.setattr(corpus.web.safe_connection, "is_public", lambda address: address == "127.0.0.1")
    monkeypatch.setattr(corpus.web.client, "_PORTS", {server.server_port})
    server.routes["/"] = replies(200, b"reached")
    answers = iter([["127.0.0.1"], ["10.0.0.1"]])
    monkeypatch.setattr(corpus.web.safe_connection, "resolve", lambda host, port: next(answers))
    with Fetcher(pause_s=0) as rebound:
        assert rebound.get(f"http://rebinding.example:{server.server_port}/").data == b"reached"
    assert server.asked[0][1]["host"] == f"rebinding.example:{server.server_port}"
    assert next(answers) == ["10.0.0.1"]


def test_a_redirect_to_a_private_address_is_refused(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus.web.safe_connection, "is_public", lambda address: address == "127.0.0.1")
    monkeypatch.setattr(corpus.web.client, "_PORTS", {server.server_port})
    names = {"news.example": ["127.0.0.1"], "inside.example": ["127.0.0.2"]}
    port = server.server_port
    server.routes["/"] = replies(302, Location=f"http://inside.example:{port}/secret")
    server.routes["/meta"] = replies(302, Location="http://169.254.169.254/latest/meta-data")
    server.routes["/port"] = replies(302, Location="http://news.example:22/")
    server.routes["/file"] = replies(302, Location="file:///etc/passwd")
    names["169.254.169.254"] = ["169.254.169.254"]
    monkeypatch.setattr(corpus.web.safe_connection, "resolve", lambda host, port: names[host])
    with Fetcher(pause_s=0) as fetcher:
        for path, says in (("", "127.0.0.2"), ("meta", "169.254"), ("port", "port 22"), ("file", "http and https")):
            with pytest.raises(FetchError, match=says):
                fetcher.get(f"http://news.example:{port}/{path}")
    assert "/secret" not in server.paths()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("ftp://news.example/a", "http and https"),
        ("file:///etc/passwd", "http and https"),
        ("http://anna:secret@news.example/", "user name"),
        ("http://news.example:6379/", "port 6379"),
        ("http://news.example:99999/", "no address"),
        ("http:///path", "no such host"),
        ("http://news example/", "no such host"),
        ("http://news.example\r\nX-Injected: 1/", "no address"),
    ],
)
def test_what_is_never_fetched_is_said(url: str, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        checked_address(url)


def test_addresses_are_written_as_servers_expect_them() -> None:
    assert checked_address("HTTPS://Bücher.Example/Straße?q=ä b#part") == (
        "https://xn--bcher-kva.example/Stra%C3%9Fe?q=%C3%A4%20b"
    )
    assert checked_address("http://news.example") == "http://news.example/"


def test_redirects_are_followed_to_where_they_lead_and_not_in_circles(server: Server, fetcher: Fetcher) -> None:
    server.routes["/old"] = replies(301, Location="/new?x=1")
    server.routes["/new?x=1"] = replies(307, Location=f"{server.url}/final")
    server.routes["/final"] = replies(200, b"words", Content_Type="text/plain; charset=utf-8")
    found = fetcher.get(f"{server.url}/old")
    assert (found.url, found.data, found.content_type) == (
        f"{server.url}/final",
        b"words",
        "text/plain; charset=utf-8",
    )
    server.routes["/a"] = replies(302, Location="/b")
    server.routes["/b"] = replies(302, Location="/a")
    with pytest.raises(FetchError, match="more than 10 times"):
        fetcher.get(f"{server.url}/a")


def test_what_has_not_changed_is_not_sent_again(server: Server, fetcher: Fetcher) -> None:
    server.routes["/"] = with_etag(b"words", '"v1"', Last_Modified="Mon, 06 Mar 2023 10:00:00 GMT")
    first = fetcher.get(f"{server.url}/")
    again = fetcher.get(f"{server.url}/", etag=first.etag, last_modified=first.last_modified)
    assert (first.data, again.data) == (b"words", None)
    assert server.asked[1][1]["if-modified-since"] == "Mon, 06 Mar 2023 10:00:00 GMT"


def test_packed_answers_are_unpacked(server: Server, fetcher: Fetcher) -> None:
    words = b"words of an article " * 1000
    server.routes["/gzip"] = replies(200, gzip.compress(words), Content_Encoding="gzip")
    assert fetcher.get(f"{server.url}/gzip").data == words
    server.routes["/two"] = replies(200, gzip.compress(b"one ") + gzip.compress(b"two"), Content_Encoding="gzip")
    assert fetcher.get(f"{server.url}/two").data == b"one two"
    server.routes["/odd"] = replies(200, b"??", Content_Encoding="br")
    with pytest.raises(FetchError, match="br"):
        fetcher.get(f"{server.url}/odd")
    server.routes["/broken"] = replies(200, b"no gzip at all", Content_Encoding="gzip")
    with pytest.raises(FetchError, match="cannot be fetched"):
        fetcher.get(f"{server.url}/broken")


def test_a_gzip_bomb_stops_at_the_limit(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus.web.client, "LARGEST", 1_000_000)
    bomb = gzip.compress(bytes(200_000_000), compresslevel=9)  # 190 KB on the line
    with Fetcher(allow_private=True, pause_s=0) as limited:
        server.routes["/"] = replies(200, bomb, Content_Encoding="gzip")
        tracemalloc.start()
        with pytest.raises(FetchError, match="larger than 1 MB"):
            limited.get(f"{server.url}/")
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert most < 20_000_000, "it is not unpacked whole"


def test_an_endless_or_large_answer_stops_at_the_limit(server: Server, fetcher: Fetcher) -> None:
    sent = 0

    def endless(handler: Handler) -> None:
        nonlocal sent
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        while True:
            handler.wfile.write(b"3e8\r\n" + b"x" * 1000 + b"\r\n")
            sent += 1000

    server.routes["/"] = endless
    with pytest.raises(FetchError, match="larger than"):
        fetcher.get(f"{server.url}/")
    assert sent < 20_000_000
    server.routes["/large"] = replies(200, bytes(200_000))
    with pytest.raises(FetchError, match="larger than"):
        fetcher.get(f"{server.url}/large")


@pytest.mark.parametrize("slow", ["body", "head", "silent"])
def test_a_server_that_drips_or_says_nothing_does_not_hold_us(
    server: Server, slow: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus.web.client, "TIME_LIMIT_S", 0.4)
    over = threading.Event()

    def drip(handler: Handler) -> None:
        if slow == "body":
            handler.send_response(200)
            handler.send_header("Content-Length", "100000")
            handler.end_headers()
        elif slow == "head":
            handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
        while not over.wait(0.05):
            if slow != "silent":
                handler.wfile.write(b"a" if slow == "body" else b"X-Drip: 1\r\n")

    server.routes["/"] = drip
    with (
        Fetcher(allow_private=True, pause_s=0, stop=Waits()) as fetcher,
        pytest.raises(FetchError, match="in time") as failed,
    ):
        fetcher.get(f"{server.url}/")
    over.set()
    assert not failed.value.permanent


def test_refusals_are_said_in_a_sentence(server: Server, fetcher: Fetcher) -> None:
    with pytest.raises(FetchError, match="404 Not Found") as failed:
        fetcher.get(f"{server.url}/missing")
    assert failed.value.permanent
    with pytest.raises(FetchError, match="cannot be fetched"):
        fetcher.get("http://127.0.0.1:1/")


def test_retry_after_is_waited_for(server: Server) -> None:
    waits = Waits()
    after = iter(["7"])

    def busy(handler: Handler) -> None:
        if (wait := next(after, None)) is None:
            handler.reply(200, b"words")
        else:
            handler.reply(429, Retry_After=wait)

    server.routes["/"] = busy
    with Fetcher(allow_private=True, pause_s=0, stop=waits) as fetcher:
        assert fetcher.get(f"{server.url}/").data == b"words"
        assert waits.waited == [7]
        server.routes["/later"] = replies(503, Retry_After="3600")
        with pytest.raises(FetchError, match="come back in 3600 s") as failed:
            fetcher.get(f"{server.url}/later")
    assert (failed.value.retry_after_s, failed.value.permanent) == (3600, False)
    assert server.paths().count("/later") == 1


def test_a_host_is_given_time_between_requests_and_is_told_who_asks(server: Server) -> None:
    waits = Waits()
    server.routes["/"] = replies(200, b"words")
    with Fetcher(allow_private=True, pause_s=5, stop=waits) as fetcher:
        fetcher.get(f"{server.url}/")
        assert waits.waited == []
        fetcher.get(f"{server.url}/")
    assert 4 < waits.waited[0] <= 5
    assert server.asked[0][1]["user-agent"].startswith("Citewire/")


def test_asked_to_stop_nothing_is_fetched_any_more(server: Server) -> None:
    stopped = threading.Event()
    stopped.set()
    with Fetcher(allow_private=True, stop=stopped) as fetcher, pytest.raises(FetchStopped):
        fetcher.get(f"{server.url}/")
    assert not server.asked


def test_robots_txt_is_asked_for_once_and_obeyed(server: Server, fetcher: Fetcher) -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: Citewire\nDisallow: /private/\nAllow: /private/open$\n"
    server.routes["/robots.txt"] = replies(200, rules)
    robots = Robots(fetcher)
    allowed = [robots.allow(f"{server.url}/{path}") for path in ("news", "private/a", "private/open")]
    assert allowed == [True, False, True]
    assert server.paths() == ["/robots.txt"]


def test_a_site_without_robots_txt_allows_all_and_one_that_fails_nothing_for_now(server: Server) -> None:
    with Fetcher(allow_private=True, pause_s=0, stop=Waits()) as fetcher:
        server.routes["/robots.txt"] = replies(503)
        assert not Robots(fetcher).allow(f"{server.url}/a")
        del server.routes["/robots.txt"]
        assert Robots(fetcher).allow(f"{server.url}/a")


def test_names_are_resolved_and_failures_are_errors() -> None:
    assert resolve("127.0.0.1", 80) == ["127.0.0.1"]
    with pytest.raises(OSError, match=r"\w"):
        resolve("no-such-host.invalid", 80)
