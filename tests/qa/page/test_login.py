"""The login: every address is behind it but one, by whatever way it is asked for."""

import base64
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import patient
import pytest
from gradio_client import Client
from gradio_client.exceptions import AuthenticationError
from page_steps import launched
from program_library import FERRY, program_assistant
from repository import ROOT

from app import main
from corpus.errors import CitewireError, UsageError
from qa.page.limits import TooOften
from qa.page.security.login import COOKIE, within
from qa.page.security.sessions import (
    SESSION_SECONDS,
    WRONG_PASSWORDS,
    WRONG_SECONDS,
    LoginFailed,
    Sessions,
    hashed,
    password_fits,
    password_line,
    read_passwords,
)
from qa.page.site import Site

PASSWORD = "a good password"
BROWSER = {"accept": "text/html,*/*", "sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate"}


@pytest.fixture(scope="module", autouse=True)
def cheap() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("qa.page.security.sessions._COST", 10)
        yield


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    file = tmp_path_factory.mktemp("people") / "people"
    file.write_text(f"# the desk\n\n{password_line('ada', PASSWORD)}\n", "utf-8")
    return read_passwords(file)


@pytest.fixture(scope="module")
def page(people: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    with (
        program_assistant(tmp_path_factory.mktemp("login")) as assistant,
        launched(Site(assistant, may_change=True, has_login=True), sessions=Sessions(people), mcp=True) as started,
    ):
        yield started


@pytest.fixture(scope="module")
def address(page: tuple[Any, str]) -> str:
    return page[1]


def asked_of(page: tuple[Any, str]) -> list[tuple[str, str]]:
    """Return every address of the page with its methods, the names in it filled in."""
    found: list[tuple[str, str]] = []
    for route in page[0].app.routes:
        for path, methods in _paths(route):
            filled = re.sub(r"\{[^}]*\}", "x", path)
            found += [(method, filled) for method in sorted(methods or {"GET", "POST", "DELETE"})]
    return found


def _paths(route: Any) -> list[tuple[str, set[str] | None]]:  # noqa: ANN401 - routes of several packages
    inner = getattr(getattr(route, "original_router", None), "routes", None) or getattr(route, "routes", None)
    if inner:
        return [path for one in inner for path in _paths(one)]
    return [(route.path, getattr(route, "methods", None))]


def test_no_address_but_health_answers_without_a_login(page: tuple[Any, str], address: str) -> None:
    every = asked_of(page)
    named = {path for _, path in every}
    assert {"/mcp", "/feedback", "/article/x", "/gradio_api/upload", "/gradio_api/queue/join", "/config"} <= named
    assert {"/gradio_api/run/x", "/gradio_api/call/x", "/gradio_api/info", "/gradio_api/startup-events"} <= named
    every += [
        ("GET", "/"),
        ("POST", "/"),
        ("GET", "/assets/index.js"),
        ("GET", "//health"),
        ("GET", "/health/../config"),
    ]
    let_in = []
    with patient.Client(base_url=address.rstrip("/")) as client:
        for method, path in every:
            if path in ("/health", "/login", "/login/"):
                continue
            answer = client.request(method, path, headers={"accept": "*/*"})
            if answer.status_code != 401:
                let_in.append((method, path, answer.status_code))
        assert client.get("/health").json()["status"] == "ok"
        sent = client.post("/gradio_api/upload", files={"files": ("a.txt", b"text")})
        assert (sent.status_code, sent.json()["detail"][:12]) == (401, "Log in first")
    assert let_in == []
    assert len(every) > 60


def test_a_person_logs_in_by_the_form_and_out_again(address: str) -> None:
    with patient.Client(base_url=address, headers=BROWSER) as person:
        sent = person.get("article/abc?version=1")
        assert (sent.status_code, sent.headers["location"]) == (303, "/login?next=%2Farticle%2Fabc%3Fversion%3D1")
        form = person.get(sent.headers["location"])
        assert 'name="next" value="/article/abc?version=1"' in form.text
        wrong = person.post("login", data={"username": "<b>ada", "password": "wrong", "next": "//evil.example/"})
        assert (wrong.status_code, "set-cookie" in wrong.headers) == (401, False)
        assert "Name and password do not belong together." in wrong.text
        assert '<input type="hidden" name="next" value="/">' in wrong.text
        assert "&lt;b&gt;ada" in wrong.text
        right = person.post("login", data={"username": "ada", "password": PASSWORD, "next": "/config"})
        assert (right.status_code, right.headers["location"]) == (303, "/config")
        assert all(word in right.headers["set-cookie"] for word in ("HttpOnly", "SameSite=lax", "Path=/"))
        assert person.get("config").status_code == 200
        token = person.cookies[COOKIE]
        assert person.post("logout").status_code == 303
        assert patient.get(f"{address}config", cookies={COOKIE: token}).status_code == 401


def test_programs_come_in_with_credentials_and_see_who_asks(address: str) -> None:
    assert patient.get(f"{address}config", auth=("ada", PASSWORD)).status_code == 200
    for credentials in ("Basic !", "Basic " + base64.b64encode(b"ada").decode(), "Basic " + "a" * 7, "Bearer x"):
        refused = patient.get(f"{address}config", headers={"authorization": credentials})
        assert (refused.status_code, refused.headers["www-authenticate"][:5]) == (401, "Basic")
    client = Client(address, auth=("ada", PASSWORD), verbose=False)
    assert client.predict("Where did the ferry sink?", api_name="/ask")["answers"][0]["text"] == FERRY
    with pytest.raises(AuthenticationError):
        Client(address, auth=("bob", PASSWORD), verbose=False)


def test_mcp_is_behind_the_login_and_works_with_credentials(address: str) -> None:
    pytest.importorskip("mcp")
    request = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
    sent = {"accept": "application/json, text/event-stream"}
    assert patient.post(f"{address}mcp", json=request, headers=sent).status_code == 401
    listed = patient.post(f"{address}mcp", json=request, headers=sent, auth=("ada", PASSWORD)).json()
    assert {tool["name"] for tool in listed["result"]["tools"]} == {"ask", "search", "read_article", "list_articles"}


def test_ten_wrong_passwords_keep_that_client_alone_out_for_a_while(people: dict[str, str]) -> None:
    now = [0.0]
    sessions = Sessions(people, clock=lambda: now[0])
    for _ in range(WRONG_PASSWORDS):
        with pytest.raises(LoginFailed, match="do not belong together"):
            sessions.log_in("ada", "wrong password", "192.0.2.1")
    with pytest.raises(TooOften, match="too many wrong passwords from here: wait 10 minutes and try again"):
        sessions.log_in("ada", PASSWORD, "192.0.2.1")
    assert sessions.person(sessions.log_in("ada", PASSWORD, "192.0.2.2")) == "ada"
    now[0] = WRONG_SECONDS + 1
    assert sessions.person(sessions.log_in("ada", PASSWORD, "192.0.2.1")) == "ada"


def test_a_wrong_password_ten_times_over_http_is_refused_clearly_and_logged(
    people: dict[str, str], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with program_assistant(tmp_path) as assistant, launched(Site(assistant), sessions=Sessions(people)) as (_, address):
        tries = [patient.post(f"{address}login", data={"username": "ada", "password": f"wrong {n}"}) for n in range(11)]
        assert [one.status_code for one in tries] == [401] * 10 + [429]
        assert tries[-1].json()["detail"].startswith("Too many wrong passwords from here: wait")
        assert patient.get(f"{address}config", auth=("ada", PASSWORD)).status_code == 429
        assert patient.post(f"{address}login", content=b"x" * 20_000).status_code == 413
    assert sum("a wrong name or password from 127.0.0.1, for 'ada'" in said for said in caplog.messages) == 10
    assert PASSWORD not in caplog.text


def test_a_session_ends_when_it_is_not_used(people: dict[str, str]) -> None:
    now = [0.0]
    sessions = Sessions(people, clock=lambda: now[0])
    token = sessions.log_in("ada", PASSWORD, "here")
    now[0] = SESSION_SECONDS - 1
    assert sessions.person(token) == "ada"
    now[0] = 2 * SESSION_SECONDS - 2
    assert sessions.person(token) == "ada"
    now[0] = 4 * SESSION_SECONDS
    assert sessions.person(token) is None
    assert sessions.person("guessed") is None


def test_one_goes_on_to_addresses_of_this_page_only() -> None:
    assert within("/?q=a b&source=x") == "/?q=a b&source=x"
    for address in ("//evil.example", "https://evil.example", "/\\evil.example", "javascript:x", "", "/a\r\nb", "//[x"):
        assert within(address) == "/"


def test_a_password_is_kept_as_a_hash_that_fits_it_alone(
    people: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert password_fits(people, "ada", PASSWORD)
    assert not password_fits(people, "ada", PASSWORD + " ")
    assert not password_fits(people, "bob", PASSWORD)
    assert not password_fits(people, "ada", PASSWORD + "x" * 10_000)
    one, two = password_line("ada", PASSWORD), password_line("ada", PASSWORD)
    assert one != two
    assert PASSWORD not in one
    for name, password in (("a:b", PASSWORD), ("", PASSWORD), ("# a", PASSWORD), ("ada", "short")):
        with pytest.raises(UsageError):
            password_line(name, password)
    # RFC 7914, section 12: the vector of N = 16384, r = 8, p = 1, of which 32 bytes are kept.
    vector = bytes.fromhex("7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2")
    monkeypatch.setattr("qa.page.security.sessions._COST", 14)
    monkeypatch.setattr("qa.page.security.sessions._LANES", 1)
    assert hashed("pleaseletmein", b"SodiumChloride").endswith("$" + base64.b64encode(vector).decode().rstrip("="))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "names nobody"),
        ("ada:secret", "line 1: this is no line of the form name:hash"),
        ("# x\nada:$scrypt$ln=99,r=8,p=1$AAAA$AAAA", "line 2: this is no line of the form"),
        ("ada:$scrypt$ln=15,r=8,p=3$AAAA$AAAA", "line 1: this is no line of the form"),
    ],
)
def test_a_password_file_that_is_none_says_where_and_never_what(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "people"
    file.write_text(text, "utf-8")
    with pytest.raises(CitewireError, match=said) as raised:
        read_passwords(file)
    assert "secret" not in str(raised.value)
    with pytest.raises(CitewireError, match="cannot be read"):
        read_passwords(tmp_path / "none")


def test_the_command_prints_a_line_that_the_page_takes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "password", "ada"],
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    file = tmp_path / "people"
    file.write_text(done.stdout, "utf-8")
    monkeypatch.setattr("qa.page.security.sessions._COST", 15)
    assert password_fits(read_passwords(file), "ada", PASSWORD)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    typed = iter([PASSWORD, "another password"])
    monkeypatch.setattr("getpass.getpass", lambda prompt: next(typed))
    assert main(["password", "ada"]) == 2
    assert "the two passwords differ" in capsys.readouterr().err
