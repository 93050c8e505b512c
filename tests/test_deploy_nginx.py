"""Two servers of one library behind a real nginx: each browser stays at its own, and both follow what is added."""

import http.cookiejar
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pytest
from page_steps import ask, chromium
from playwright.sync_api import sync_playwright
from program_library import FERRY
from repository import ROOT
from serve_process import served

from corpus.article import Article
from embeddings.encoder.encoder import load_encoder
from embeddings.library.library import create_library, open_library
from qa.page.serve import free_port

CONFIGURATION = ROOT / "deploy" / "nginx-several.conf"
FRAME = """
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 64; }}
http {{
    log_format upstream '$upstream_addr "$request"';
    access_log {folder}/access.log upstream;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    {inside}
}}
"""


@contextmanager
def nginx(folder: Path, ports: list[int], own: int) -> Iterator[Path]:
    """Run nginx with the configuration that is shipped, on these ports; gives its log of requests."""
    program = shutil.which("nginx")
    if program is None:
        pytest.skip("no nginx is on the PATH")
    inside = CONFIGURATION.read_text("utf-8").replace("127.0.0.1:8080", f"127.0.0.1:{own}")
    for number, port in enumerate(ports):
        assert f"127.0.0.1:{7861 + number};" in inside
        inside = inside.replace(f"127.0.0.1:{7861 + number};", f"127.0.0.1:{port};")
    (folder / "nginx.conf").write_text(FRAME.format(folder=folder, inside=inside), "utf-8")
    with subprocess.Popen([program, "-p", folder, "-c", folder / "nginx.conf", "-g", "daemon off;"]) as process:
        try:
            yield folder / "access.log"
        finally:
            process.terminate()


def person() -> OpenerDirector:
    """Return somebody with cookies of their own."""
    return build_opener(HTTPCookieProcessor(http.cookiejar.CookieJar()))


def found(someone: OpenerDirector, address: str, query: str) -> str:
    """Search as a program does and return the answer's events."""
    call = f"{address}/gradio_api/call/search"
    data = f'{{"data": ["{query}", null, null, null, 3]}}'.encode()
    headers = {"content-type": "application/json"}
    event = re.search(rb'"event_id":\s*"(\w+)"', someone.open(Request(call, data, headers), timeout=60).read())
    assert event
    return str(someone.open(f"{call}/{event[1].decode()}", timeout=60).read().decode())


def until(true: Callable[[], bool], seconds: float) -> float:
    """Wait until something is so and return how long it took."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds
        time.sleep(0.05)
    return time.monotonic() - began


@pytest.mark.long
def test_two_servers_behind_nginx_keep_conversations_apart_and_follow_the_library(tmp_path: Path) -> None:
    library = tmp_path / "library"
    with create_library(library, encoder=load_encoder()) as made:
        made.add([Article(FERRY, title="The ferry", source="Harbour News", published="2023-03-05")])
    own = free_port("127.0.0.1", 0)
    address = f"http://127.0.0.1:{own}"
    with ExitStack() as stack:
        ports = []
        for _ in range(2):
            options = ("--library", str(library), "--public-address", address)
            _, server, _ = stack.enter_context(served(*options, folder=tmp_path))
            ports.append(int(server.rstrip("/").rpartition(":")[2]))
        log = stack.enter_context(nginx(tmp_path, ports, own))
        until(lambda: log.is_file(), 30)
        people = _one_for_each(address, log, ports)

        fresh = "A lighthouse was painted green at Cape Marl."
        assert not any(fresh in found(someone, address, "lighthouse") for someone in people)
        with open_library(library, encoder=load_encoder()) as writer:
            writer.add([Article(fresh, title="Green", source="Harbour News", published="2023-03-06")])
        for someone in people:
            until(lambda someone=someone: fresh in found(someone, address, "lighthouse"), 5)  # type: ignore[misc]
        _browse(address, log)


def _one_for_each(address: str, log: Path, ports: list[int]) -> list[OpenerDirector]:
    """Return people whose requests go to one server each, all of them."""
    people: dict[str, OpenerDirector] = {}
    for _ in range(40):
        someone, before = person(), log.read_text().count("\n")
        for _ in range(4):
            someone.open(f"{address}/health", timeout=60).read()
        until(lambda before=before: log.read_text().count("\n") == before + 4, 10)  # type: ignore[misc]
        servers = {line.split()[0] for line in log.read_text().splitlines()[before + 1 :]}  # after it has its cookie
        assert len(servers) == 1
        people.setdefault(servers.pop(), someone)
        if len(people) == len(ports):
            break
    assert set(people) == {f"127.0.0.1:{port}" for port in ports}
    return list(people.values())


def _browse(address: str, log: Path) -> None:
    """Ask and ask on in a browser, all of it at one server."""
    before = log.read_text().count("\n")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(address)
        ask(page, "Where did the ferry sink?")
        ask(page, "What was painted?")
        assert "Cape Marl" in page.locator(".cw-turn").nth(1).inner_text()
        browser.close()
    lines = log.read_text().splitlines()[before:]
    first = next(n for n, line in enumerate(lines) if '"GET / ' in line)  # the last of the others' may come before it
    assert len({line.split()[0] for line in lines[first + 1 :]}) == 1  # after it, the browser has its cookie
