"""A table of answers on the page: a list is pasted or taken from a file, the table filled, stopped and downloaded."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import product
from pathlib import Path
from threading import Event

import pytest
from openpyxl import load_workbook
from page_steps import DESKTOP, PHONE, OpenPage, chromium, serving, violations
from playwright.sync_api import FilePayload, Page, expect
from program_library import FERRY, FirstSentence, program_assistant

from corpus.errors import UsageError
from corpus.store.records import EVERYTHING, Filters
from qa.assistant import Assistant
from qa.batch.tasks import Task
from qa.page import questions_tab
from qa.page.limits import questions_per_minute
from qa.page.questions_tab import Results, answers_so_far, ask_task, limits_sentence, tasks_of, unanswered
from qa.page.site import Site
from qa.reader.protocol import UNCONTROLLED, ReadControl, ReadPassage, ReadResult

pytest_plugins = ("page_browser",)
chromium()
QUESTION = "How many people were aboard the ferry?"
LIST = f"id;question;source\n7;{QUESTION};Dawn\n8;What did the mayor of Marbeck wear?;\n9;What colour is cheese?;\n"


class Held(FirstSentence):
    """Reads no question about cheese before it is let go."""

    def __init__(self) -> None:
        self.go = Event()

    def read(self, question: str, passages: Sequence[ReadPassage], control: ReadControl = UNCONTROLLED) -> ReadResult:
        while "cheese" in question and not self.go.wait(0.05):
            control.raise_if_cancelled()
        return super().read(question, passages, control)


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    with program_assistant(tmp_path_factory.mktemp("table")) as made:
        yield made


@pytest.fixture
def reader() -> Iterator[Held]:
    made = Held()
    yield made
    made.go.set()


@pytest.fixture
def address(assistant: Assistant, reader: Held) -> Iterator[str]:
    """A page that strangers may ask, and nobody may change."""
    with serving(Site(Assistant(assistant.library, reader))) as served:
        yield served


def open_table(open_page: OpenPage, address: str) -> Page:
    page = open_page(address)
    page.get_by_role("tab", name="Questions").click()
    return page


def give_file(page: Page, name: str, content: bytes) -> None:
    page.get_by_label("Or a file").set_input_files(FilePayload(name=name, mimeType="text/csv", buffer=content))


def downloaded(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.get_by_role("button", name=f"Download {name}").click()
    assert download.value.suggested_filename.startswith("citewire-answers-20")
    return Path(download.value.path()).read_bytes()


def test_a_file_fills_a_table_that_is_stopped_goes_on_and_is_downloaded(
    open_page: OpenPage, address: str, reader: Held
) -> None:
    page = open_table(open_page, address)
    expect(page.get_by_text("At most 200 questions of 2,000 characters each.")).to_be_visible()
    assert violations(page) == []
    give_file(page, "list.csv", LIST.encode("utf-16"))
    expect(page.get_by_label("Questions, one a line")).to_have_value(LIST)
    page.get_by_role("button", name="Fill the table").press("Enter")
    told = page.locator("#cw-filled")
    expect(told).to_contain_text("2 of 3 answered.")
    page.get_by_role("button", name="Stop").press("Enter")
    expect(told).to_contain_text("Stopped: 2 of 3 answered. “Fill the table” goes on with the rest.")
    grid = page.get_by_role("grid", name="Answers")
    expect(grid.get_by_role("row").nth(1)).to_contain_text(FERRY)
    expect(grid.get_by_role("row").nth(3)).to_have_text("What colour is cheese?")
    assert [row["id"] for row in csv.DictReader(io.StringIO(downloaded(page, "CSV").decode("utf-8-sig")))] == [
        "7",
        "8",
    ]
    reader.go.set()
    page.get_by_role("button", name="Fill the table").click()
    expect(told).to_contain_text("3 questions answered.")
    expect(grid.get_by_role("row").nth(3)).to_contain_text("not found")
    grid.get_by_role("link", name="Ferry sinks").click()
    expect(page.get_by_role("dialog").locator("mark")).to_have_text(FERRY)
    page.keyboard.press("Escape")
    rows = load_workbook(io.BytesIO(downloaded(page, "Excel"))).active
    assert rows is not None
    assert [row[0] for row in rows.iter_rows(values_only=True)] == ["id", "7", "8", "9"]
    assert downloaded(page, "Markdown").decode().count("\n") == 5
    first = json.loads(downloaded(page, "JSON Lines").decode().splitlines()[0])
    assert (first["answer"], first["result"]["schema"]) == (FERRY, "citewire/1")
    for size, is_dark in product((DESKTOP, PHONE), (False, True)):
        page.set_viewport_size(size)
        page.evaluate("dark => document.body.classList.toggle('dark', dark)", is_dark)
        assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("window.hit") is None


def drop_file(page: Page, file: Path) -> None:
    """Drag a file from outside over the list's box and let it go there, as a hand does."""
    box = page.get_by_label("Questions, one a line").bounding_box()
    assert box is not None
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send(
            "Input.dispatchDragEvent",
            {
                "type": kind,
                "x": box["x"] + box["width"] / 2,
                "y": box["y"] + box["height"] / 2,
                "data": {"items": [], "files": [str(file)], "dragOperationsMask": 1},
            },
        )
    session.detach()


def test_a_file_that_is_dropped_on_the_list_is_read_into_it_and_not_uploaded(
    open_page: OpenPage, address: str, tmp_path: Path
) -> None:
    page = open_table(open_page, address)
    listed = page.get_by_label("Questions, one a line")
    listed.scroll_into_view_if_needed()
    posted: list[str] = []
    page.on("request", lambda request: posted.append(request.url) if request.method == "POST" else None)
    file = tmp_path / "list.csv"
    file.write_text(LIST, "utf-8")
    drop_file(page, file)
    expect(listed).to_have_value(LIST)
    expect(listed).to_be_focused()
    other = tmp_path / "picture.png"
    other.write_bytes(b"PNG")
    drop_file(page, other)
    expect(page.locator(".cw-toast")).to_contain_text("A list of questions is a .csv, .tsv, .txt or .jsonl file.")
    expect(listed).to_have_value(LIST)
    assert not [url for url in posted if "upload" in url]
    page.get_by_role("button", name="Fill the table").press("Enter")
    expect(page.locator("#cw-filled")).to_contain_text("2 of 3 answered.")
    page.get_by_role("button", name="Stop").press("Enter")


def test_a_list_that_cannot_be_asked_is_refused_in_one_sentence(open_page: OpenPage, address: str) -> None:
    page = open_table(open_page, address)
    fill = page.get_by_role("button", name="Fill the table")
    fill.click()
    expect(page.get_by_role("alert")).to_contain_text("The list holds no question: write one a line.")
    page.get_by_label("Questions, one a line").fill("question,after\nWho sank?,soon")
    fill.click()
    expect(page.get_by_role("alert")).to_contain_text("The list line 2: ")
    give_file(page, "list.xlsx", b"PK")
    expect(page.locator(".cw-toast")).to_contain_text("A list of questions is a .csv, .tsv, .txt or .jsonl file.")
    expect(page.get_by_label("Questions, one a line")).to_have_value("question,after\nWho sank?,soon")


@pytest.mark.parametrize(
    ("text", "questions"),
    [
        ("Who, when and why?\n\n Who nested? ", ["Who, when and why?", "Who nested?"]),
        ('Question\n"Who, when and why?"\n', ["Who, when and why?"]),
        ("nr\tquestion\n1\tWho, when and why?", ["Who, when and why?"]),
        ('{"question": "Who, when and why?", "source": ["Geo", "Dawn"]}\n', ["Who, when and why?"]),
        ("w" * 1999 + "?", ["w" * 1999 + "?"]),
    ],
)
def test_a_list_is_read_for_what_it_is(assistant: Assistant, text: str, questions: list[str]) -> None:
    tasks = tasks_of(Site(assistant), text, EVERYTHING)
    assert [task.question.text for task in tasks] == questions


def answers(site: Site, tasks: Sequence[Task], stop: Event) -> Results:
    """Return what is answered to these tasks until `stop` is set."""
    *_, (answered, problem) = answers_so_far(site, "ada", stop, tasks, partial(ask_task, site, stop))
    assert problem == ""
    return dict(answered)


def test_no_more_is_asked_than_the_page_lets_one_client_ask(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    site = Site(assistant, question_limit=questions_per_minute(2))
    assert limits_sentence(site) == "At most 2 questions of 2,000 characters each, and no more than 2 in any minute."
    with pytest.raises(UsageError, match="the list has 3 questions: ask 2 of them at a time"):
        tasks_of(site, "one?\ntwo?\nthree?", EVERYTHING)
    with pytest.raises(UsageError, match="the list line 1: "):
        tasks_of(site, "w" * 2001, EVERYTHING)
    site.question_limit.take("ada")
    waited: list[float] = []
    stop = Event()
    monkeypatch.setattr(stop, "wait", _noting(waited, stop))
    tasks = tasks_of(site, f"{QUESTION}\nWho nested?", Filters(("Dawn",)))
    assert [result["question"] for result in answers(site, tasks, stop).values()] == [QUESTION]
    assert len(waited) == 1
    assert 0 < waited[0] <= 60


def test_a_question_that_is_being_read_ends_with_the_run(assistant: Assistant) -> None:
    stop = Event()

    class StoppedMeanwhile(FirstSentence):
        def read(
            self, question: str, passages: Sequence[ReadPassage], control: ReadControl = UNCONTROLLED
        ) -> ReadResult:
            stop.set()
            control.raise_if_cancelled()
            return super().read(question, passages, control)

    site = Site(Assistant(assistant.library, StoppedMeanwhile()))
    assert answers(site, tasks_of(site, f"{QUESTION}\nWho nested?", EVERYTHING), stop) == {}


def _noting(waited: list[float], stop: Event) -> Callable[[float], None]:
    """Return what notes how long it should wait, and stops."""

    def wait(seconds: float) -> None:
        waited.append(seconds)
        stop.set()

    return wait


def test_what_is_asked_twice_is_answered_once(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> None:
    site = Site(assistant)
    monkeypatch.setattr(questions_tab, "MOST_QUESTIONS", 2)
    tasks = tasks_of(site, f"{QUESTION}\n{QUESTION}", EVERYTHING)
    (task,) = unanswered(tasks, {})
    assert [each.key for each in tasks] == [task.key] * 2
    assert unanswered(tasks, answers(site, [task], Event())) == []
