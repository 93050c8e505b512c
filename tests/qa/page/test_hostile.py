"""What strangers send: other sites' pages, foreign names, too much at once, tricks with paths. Nothing gets through."""

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import patient
import pytest
from page_steps import launched
from program_library import HOSTILE, program_assistant

from embeddings.library.library import LocalLibrary
from qa.assistant import Assistant
from qa.page.collection import find_articles
from qa.page.limits import CONCURRENT_QUESTIONS
from qa.page.security import request_checks
from qa.page.site import Site
from qa.result import Result


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with program_assistant(tmp_path_factory.mktemp("hostile")) as made:
        yield made


@pytest.fixture(scope="module")
def page(assistant: Assistant) -> Iterator[tuple[Any, str]]:
    with launched(Site(assistant, may_change=True), hosts=("news.example",), mcp=True) as started:
        yield started


@pytest.fixture(scope="module")
def address(page: tuple[Any, str]) -> str:
    return page[1]


def detail(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["detail"]


def test_names_that_are_not_the_pages_are_refused(address: str) -> None:
    port = httpx.URL(address).port
    for host in (
        "localhost",
        f"localhost:{port}",
        f"127.0.0.1:{port}",
        f"[::1]:{port}",
        "NEWS.example",
        "me.localhost",
    ):
        assert patient.get(f"{address}config", headers={"host": host}).status_code == 200, host
    for host in ("evil.example", f"evil.example:{port}", "news.example.evil.example", "127.0.0.1.evil.example", "x y"):
        status, said = detail(patient.get(f"{address}config", headers={"host": host}))
        assert (status, said[:13]) == (403, "This name is "), host


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "gradio_api/call/remove_article"),
        ("POST", "gradio_api/queue/join"),
        ("POST", "gradio_api/upload"),
        ("POST", "feedback"),
        ("DELETE", "article/abc"),
        ("POST", "mcp"),
    ],
)
def test_pages_of_other_sites_can_send_nothing(address: str, method: str, path: str) -> None:
    port = httpx.URL(address).port
    for headers in (
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": f"http://127.0.0.1:{port}"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
    ):
        answer = patient.request(method, address + path, headers=headers, content=b"{}")
        assert detail(answer) == (403, "Requests of another site's page are refused."), headers
    own = {"sec-fetch-site": "same-origin", "origin": f"http://127.0.0.1:{port}"}
    assert "another site" not in patient.request(method, address + path, headers=own, content=b"{}").text


def test_too_much_at_once_is_refused_and_what_does_not_say_its_length(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    long = b"x" * 9_000_000
    said = (413, "At most 8 MB can be sent at once.")
    assert detail(patient.post(f"{address}gradio_api/queue/join", content=long)) == said
    for path in ("gradio_api/queue/join", "gradio_api/upload", "mcp", "feedback"):
        assert patient.post(address + path, content=iter([long[:5_000_000]] * 3)).status_code == 411
    assert patient.post(f"{address}feedback", content=long).status_code == 413
    one = patient.post(f"{address}gradio_api/upload", files={"files": ("big.txt", b"x" * 21_000_000)})
    assert one.status_code == 413
    several = [("files", (f"{n}.txt", b"x" * 19_000_000)) for n in range(11)]  # 209 MB
    answer = patient.post(f"{address}gradio_api/upload", files=several)
    assert detail(answer) == (413, "At most 200 MB can be sent at once.")
    many = patient.post(f"{address}gradio_api/upload", files=[("files", (f"{n}.txt", b"x")) for n in range(1_001)])
    assert (many.status_code, many.text) == (400, "Too many files. Maximum number of files is 1000.")
    assert any("refused: POST '/gradio_api/queue/join' from 127.0.0.1" in message for message in caplog.messages)


TRICKS = [
    "gradio_api/file=/etc/passwd",
    "gradio_api/file=../../../../../../etc/passwd",
    "gradio_api/file=..%2f..%2f..%2f..%2f..%2fetc%2fpasswd",
    "gradio_api/file=file:///etc/passwd",
    "gradio_api/file//etc/passwd",
    "gradio_api/file/..%2f..%2f..%2fetc%2fpasswd",
    "gradio_api/proxy=http://169.254.169.254/latest",
    "gradio_api/proxy=file:///etc/passwd",
    "static/..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
    "static//etc/passwd",
    "assets/..%2f..%2f..%2f..%2f..%2f..%2fetc/passwd",
    "custom_component/x/component/..%2f..%2fetc/passwd",
    "gradio_api/custom_component/x/component/a/..%2f..%2fetc/passwd",
    "theme.css/..%2f..%2fetc/passwd",
    "article/..%2f..%2f..%2fetc%2fpasswd",
    "article/%00",
    "answer/..%2f..%2fetc%2fpasswd.csv",
    "conversation/x.csv%00.md",
    "monitoring/summary",
]


@pytest.mark.parametrize("path", TRICKS)
def test_tricks_with_paths_find_nothing(address: str, path: str) -> None:
    answer = patient.get(address + path)
    assert 400 <= answer.status_code < 500 or "text/html" in answer.headers["content-type"], answer.text[:200]
    assert "root:" not in answer.text
    assert "Traceback" not in answer.text


NONSENSE = [
    ("POST", "gradio_api/call/v2/ask", {}),  # without the question
    ("POST", "gradio_api/call/v2/ask", {"question": "Who?", "": []}),
    ("POST", "gradio_api/call/v2/nothing", {}),
    ("POST", "gradio_api/run/nothing", {"data": []}),
    ("POST", "gradio_api/queue/join", {"data": [], "fn_index": -31, "session_hash": "x"}),
    ("GET", "gradio_api/call/v2/ask/nothing", None),
    ("GET", "gradio_api/call/ask/nothing", None),
    ("GET", "?page=%01", None),
    ("GET", f"article/x?start={'9' * 5_000}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), NONSENSE)
def test_nonsense_is_refused_in_a_sentence_and_a_line_of_the_log(
    address: str, caplog: pytest.LogCaptureFixture, method: str, path: str, body: object
) -> None:
    answer = patient.request(method, address + path, json=body)
    stream = answer.headers["content-type"].startswith("text/event-stream")
    assert "event: error" in answer.text if stream else 400 <= answer.status_code < 500
    assert not [record for record in caplog.records if record.exc_info]


def test_an_upload_with_more_than_files_is_refused_in_a_line_of_the_log(
    address: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Gradio takes each part for a file where it is to tell how far an upload has come."""
    form: dict[str, Any] = {"data": {"a": "b"}, "files": [("files", ("a.txt", b"x"))]}
    answer = patient.post(f"{address}gradio_api/upload?upload_id=x", **form)
    assert answer.status_code == 400
    assert "does not understand" in answer.text
    assert not [record for record in caplog.records if record.exc_info]


def test_the_questions_of_clients_that_leave_are_not_asked_and_nothing_is_printed(
    page: tuple[Any, str], assistant: Assistant, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    blocks, address = page
    asked: list[str] = []
    go_on = threading.Event()
    ask = assistant.ask

    def slowly(question: str, **given: Any) -> Result:  # noqa: ANN401
        asked.append(question)
        go_on.wait()
        return ask(question, **given)

    monkeypatch.setattr(assistant, "ask", slowly)
    calls = f"{address}gradio_api/call/v2/ask"

    def call(question: str) -> str:
        return str(patient.post(calls, json={"question": question}).json()["event_id"])

    events = [call(f"Who sank ferry {number}?") for number in range(CONCURRENT_QUESTIONS + 4)]
    while len(asked) < CONCURRENT_QUESTIONS:
        time.sleep(0.05)
    for event in events:  # each client looks for its answer, and leaves
        with (
            contextlib.suppress(httpx.ReadTimeout, StopIteration),
            patient.stream("GET", f"{calls}/{event}", timeout=0.3) as stream,
        ):
            next(stream.iter_raw())
    while blocks._queue.pending_messages_per_session:  # until the server has noticed that all have left
        time.sleep(0.05)
    go_on.set()
    last = call("Who said that the ferry sank?")
    assert "event: complete" in patient.get(f"{calls}/{last}").text
    assert len(asked) == CONCURRENT_QUESTIONS + 1
    assert "Traceback" not in capfd.readouterr().err


def test_the_librarys_own_files_are_not_given_away(address: str, assistant: Assistant) -> None:
    assert isinstance(assistant.library, LocalLibrary)
    files = [file for file in assistant.library.folder.rglob("*") if file.is_file()]
    assert files
    for file in files:
        assert patient.get(f"{address}gradio_api/file={file}").status_code in (403, 404)
    assert patient.get(f"{address}gradio_api/file={Path(request_checks.__file__)}").status_code in (403, 404)


def test_a_file_of_this_computer_cannot_be_passed_off_as_an_upload(
    page: tuple[Any, str], tmp_path: Path, assistant: Assistant
) -> None:
    blocks, address = page
    secret = tmp_path / "secret.txt"
    secret.write_text("The secret of the harbour office is in this file and in no article.\n" * 3, "utf-8")
    upload = next(n for n, fn in blocks.fns.items() if fn.name == "add_uploaded")
    for path in (str(secret), "/etc/passwd", f"file://{secret}", "http://127.0.0.1:1/secret.txt"):
        file = {"path": path, "url": path, "meta": {"_type": "gradio.FileData"}, "orig_name": "a.txt"}
        sent = {"data": [[file]], "fn_index": upload, "session_hash": "stranger", "trigger_id": 1}
        joined = patient.post(f"{address}gradio_api/queue/join", json=sent)
        if joined.status_code == 200:
            stream = patient.get(f"{address}gradio_api/queue/data?session_hash=stranger").text
            last = json.loads(stream.strip().splitlines()[-1].removeprefix("data: "))
            assert "added" not in json.dumps(last)
            assert "root:" not in stream
    assert find_articles(Site(assistant), "").total == 3


def test_articles_give_their_text_back_as_text(address: str, assistant: Assistant) -> None:
    with assistant.library.snapshot() as snapshot:
        hostile = next(i for i in snapshot.articles() if i.title == HOSTILE)
    for query in ("", "?part=1", "?start=20&end=60", "?start=-1&end=99999999999999999999", "?version=%3Cscript%3E"):
        shown = patient.get(f"{address}article/{hostile.id}{query}")
        assert "<script" not in shown.text
        assert "<img" not in shown.text
        assert shown.headers["x-content-type-options"] == "nosniff"
    assert "&lt;script&gt;" in patient.get(f"{address}article/{hostile.id}").text


@pytest.mark.parametrize(
    "query",
    [
        "q=%3Cscript%3Ewindow.hit=1%3C/script%3E&turn=%3Cimg%20src=x%20onerror=hit()%3E",
        "q=" + "x" * 30_000,
        "q=%ED%A0%80%00&source=%00&after=%00",
        "q=a&after=0000-00-00&before=99999-01-01",
        "q=a" + "&source=x" * 2_000,
        "deep_link=..%2f..%2fetc%2fpasswd",
        "__theme=%22%3E%3Cscript%3E",
    ],
)
def test_hostile_links_open_the_page_and_nothing_else(address: str, query: str) -> None:
    answer = patient.get(f"{address}?{query}")
    assert answer.status_code == 200
    for opened in ("<script>", "\\u003cscript\\u003e"):  # as a tag of the page, and as one that its script would write
        assert f"{opened}window.hit" not in answer.text
