"""`citewire serve` as a process of its own: its address, its quiet, its end."""

import base64
import signal
import socket
from collections.abc import Callable
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import pytest
from serve_process import served
from small_library import WordEncoder

from corpus.errors import CitewireError, UsageError
from embeddings.library.library import create_library
from qa.assistant import Assistant
from qa.page.security.sessions import password_line
from qa.page.serve import Serving, free_port, is_this_computer, public_address, why_not_change
from qa.reader.reader import open_reader

Run = Callable[..., tuple[int, str, str]]


def get(address: str) -> tuple[int, str, dict[str, str]]:
    try:
        with urlopen(address, timeout=100) as answer:
            return answer.status, answer.read().decode(), dict(answer.headers)
    except HTTPError as error:
        return error.code, error.read().decode(), dict(error.headers)


def test_the_page_is_served_without_a_network_and_ends_on_ctrl_c(tmp_path: Path) -> None:
    with served(folder=tmp_path) as (process, address, lines):
        status, page, headers = get(address)
        assert status == 200
        assert "default-src 'self'" in headers["content-security-policy"]
        for tag in page.split("<")[1:]:
            assert not tag.startswith(("script", "link", "img", "meta")) or "//" not in tag.split(">")[0], tag
        assert get(address + "health")[0] == 200
        assert get(address + "article/none")[0] == 404
        assert get(address + "answer/none.csv")[0] == 404
        assert get(address + "gradio_api/file=/etc/passwd")[0] in (403, 404)
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=100) == 0
    assert lines[-1] == "citewire: stopped"
    assert not [line for line in lines if "ATTEMPT" in line or "Traceback" in line]


def test_a_public_link_that_cannot_be_had_is_one_sentence_and_the_page_goes_on(tmp_path: Path) -> None:
    with served("--share", folder=tmp_path) as (process, address, lines):
        assert sum("no public link could be had" in line for line in lines) == 1
        assert "it answers questions and cannot change the library" in lines[-1]
        assert get(address + "health")[0] == 200
        with pytest.raises(HTTPError, match="403"):
            urlopen(Request(address + "gradio_api/upload", data=b"x", method="POST"), timeout=100)
        process.terminate()
        assert process.wait(timeout=100) == 0
    assert not [line for line in lines if "Traceback" in line]


def test_an_empty_folder_such_as_a_new_volume_is_served_as_an_empty_library(run: Run, tmp_path: Path) -> None:
    volume = tmp_path / "volume"
    (volume / "lost+found").mkdir(parents=True)
    with served("--library", str(volume), folder=tmp_path) as (process, address, lines):
        assert any(f'"citewire add --library {volume} PATH..." adds articles' in line for line in lines)
        assert "<h2>The library is empty</h2>" in get(address + "welcome")[1]
        (tmp_path / "ferry.txt").write_text("Ferry sinks\n\nThe ferry Aldona sank off Marbeck.", "utf-8")
        assert run("add", "--library", str(volume), "ferry.txt")[0] == 0
        assert "1 article" in get(address + "welcome")[1]
        process.terminate()
        assert process.wait(timeout=100) == 0


def test_a_folder_that_is_missing_or_holds_something_else_is_no_library(run: Run, tmp_path: Path) -> None:
    (tmp_path / "articles").mkdir()
    (tmp_path / "articles" / "a.txt").write_text("The ferry sank.", "utf-8")
    for name in ("articles", "mistyped"):
        code, _, error = run("serve", "--library", name)
        assert (code, error.count("\n")) == (1, 1)
        assert "there is no library" in error
    assert [path.name for path in tmp_path.rglob("*")] == ["articles", "a.txt"]


def test_a_port_in_use_and_a_host_that_is_none_are_clear_errors() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(
            CitewireError,
            match=f"port {port} of 127.0.0.1 cannot be listened on .*Address already in use.*: .* with --port",
        ):
            free_port("127.0.0.1", port)
    for host, port in (("127.0.0.1", 65_536), ("192.0.2.1", 0), ("no such host", 0)):
        with pytest.raises(CitewireError, match="cannot be listened on"):
            free_port(host, port)


def test_only_loopback_addresses_are_this_computer_alone() -> None:
    assert all(is_this_computer(host) for host in ("127.0.0.1", "127.8.8.8", "localhost", "::1", "[::1]"))
    assert not any(is_this_computer(host) for host in ("0.0.0.0", "::", "192.0.2.1", "host.example", ""))


def test_the_library_is_changed_on_this_computer_alone_or_where_it_is_allowed(tmp_path: Path) -> None:
    with create_library(tmp_path / "library", encoder=WordEncoder()) as library:
        assistant = Assistant(library, open_reader())
        assert why_not_change(assistant, is_private=True, allowed=False) is None
        assert why_not_change(assistant, is_private=False, allowed=True) is None
        refusal = why_not_change(assistant, is_private=False, allowed=False)
    assert refusal == "the page is open to other people, and was not started with --allow-changes"


def test_a_page_behind_a_proxy_is_public_and_known_by_its_name() -> None:
    public = public_address("https://News.example:8443/citewire/")
    assert public == "https://News.example:8443/citewire"
    assert (Serving().is_private, Serving().hosts) == (True, ())
    assert (Serving(public=public).is_private, Serving(public=public).hosts) == (False, ("news.example",))
    assert (Serving(share=True).is_private, Serving(share=True).hosts) == (False, None)
    assert (Serving(host="0.0.0.0").is_private, Serving(host="0.0.0.0").hosts) == (False, None)
    for wrong in (
        "news.example",
        "ftp://news.example",
        "https://",
        "https://a@b",
        "https://a?q",
        "https://[x",
        "http://a:b",
    ):
        with pytest.raises(UsageError, match="is no public address"):
            public_address(wrong)
    with pytest.raises(UsageError, match="choose one"):
        Serving(share=True, public=public)
    with pytest.raises(UsageError, match="from 0"):
        Serving(questions_per_minute=-1)


def test_a_page_with_a_login_and_a_limit_is_served_with_them(tmp_path: Path) -> None:
    people = tmp_path / "people"
    people.write_text(password_line("ada", "a good password"), "utf-8")
    options = ("--auth-file", str(people), "--public-address", "https://news.example/c", "--questions-per-minute", "1")
    with served(*options, folder=tmp_path) as (process, address, lines):
        assert "people reach the page at https://news.example/c/ once a proxy passes it on" in lines[-2]
        assert "cannot change the library" in lines[-1]
        assert (get(address + "health")[0], get(address + "config")[0]) == (200, 401)
        basic = base64.b64encode(b"ada:a good password").decode()
        sent = Request(address + "config", headers={"authorization": f"Basic {basic}", "host": "news.example"})
        assert '"root":"https://news.example/c"' in urlopen(sent, timeout=100).read().decode()
        process.terminate()
        assert process.wait(timeout=100) == 0
    assert not [line for line in lines if "ATTEMPT" in line or "Traceback" in line]
