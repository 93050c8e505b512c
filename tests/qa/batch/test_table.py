"""Tables of answers: the file of questions, the rows, the matrix, spreadsheets, and a run that is killed."""

import csv
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from program_library import FERRY, HERON, program_assistant
from repository import ROOT

from corpus.article import Article
from corpus.errors import CitewireError, UsageError
from corpus.store.records import EVERYTHING, Filters
from qa.assistant import Assistant
from qa.batch.table import COLUMNS, Journal, answer_table
from qa.batch.tasks import FilteredQuestion, read_questions
from qa.output.files import write_whole

Run = Callable[..., tuple[int, str, str]]
FERRY_QUESTION, MOON_QUESTION = "How many were aboard the ferry?", "What colour is cheese?"


@pytest.fixture
def assistant(tmp_path: Path) -> Iterator[Assistant]:
    with program_assistant(tmp_path) as made:
        yield made


def write(folder: Path, name: str, text: str) -> Path:
    (folder / name).write_text(text, "utf-8")
    return folder / name


def fill(assistant: Assistant, questions: Sequence[FilteredQuestion], out: Path, **options: Any) -> tuple[int, int]:  # noqa: ANN401
    with closing(Journal(out, overwrite=True)) as journal:
        return answer_table(assistant, questions, journal, **options)


def table(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))


def test_a_text_file_has_a_question_a_line_and_the_filters_of_the_command(tmp_path: Path) -> None:
    file = write(tmp_path, "q.txt", "Who sank?\n\n  Who nested?  \n")
    only = Filters(("Geo",))
    assert read_questions(file, only) == [FilteredQuestion("Who sank?", only), FilteredQuestion("Who nested?", only)]


def test_a_row_of_a_csv_file_has_filters_of_its_own_and_columns_that_are_carried_along(tmp_path: Path) -> None:
    file = write(tmp_path, "q.csv", "\ufeffid;Question;source;after\n7;Who sank?;Dawn;2023-03-01\n8;Who nested?;;\n")
    first, second = read_questions(file, Filters(before=date(2023, 6, 1)))
    assert first == FilteredQuestion("Who sank?", Filters(("Dawn",), date(2023, 3, 1), date(2023, 6, 1)), {"id": "7"})
    assert second.filters == Filters(before=date(2023, 6, 1))


def test_a_line_of_json_may_name_several_outlets(tmp_path: Path) -> None:
    file = write(tmp_path, "q.jsonl", '{"question": "Who sank?", "source": ["Dawn", "Geo"], "tags": ["sea"]}\n')
    assert read_questions(file, EVERYTHING) == [
        FilteredQuestion("Who sank?", Filters(("Dawn", "Geo")), {"tags": '["sea"]'})
    ]


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("q.txt", "\n \n", "holds no question"),
        ("q.doc", "Who?", "has to end in"),
        ("q.xlsx", "PK\x03\x04\x14\x00", "has to end in"),
        ("q.csv", "a,b\n1,2\n", "no column named question"),
        ("q.csv", "question,after\nWho sank?,monday\n", "line 2: .*no day"),
        ("q.csv", "id,question\n1,\n", "line 2: the question is empty"),
        ("q.csv", "question\nWho sank?\nWhen, and where?\n", "line 3 has more cells than the first row: .*quotation"),
        ("q.jsonl", '"Who?"\n', "line 1: is not an object"),
        ("q.jsonl", "{\n", "line 1: is not JSON"),
        ("q.txt", "a" * 3000, "line 1: the question is 3,000 characters"),
    ],
)
def test_a_file_that_cannot_be_asked_says_why_and_in_which_line(
    tmp_path: Path, name: str, text: str, what: str
) -> None:
    with pytest.raises(UsageError, match=what):
        read_questions(write(tmp_path, name, text), EVERYTHING)


def test_a_row_has_the_answer_its_outcome_and_its_exact_place(assistant: Assistant, tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    questions = [
        FilteredQuestion(FERRY_QUESTION, EVERYTHING, {"id": "=7"}),
        FilteredQuestion(MOON_QUESTION, EVERYTHING),
    ]
    assert fill(assistant, questions, out) == (2, 2)
    ferry, moon = table(out)
    assert list(ferry) == ["id", *COLUMNS]
    assert (ferry["outcome"], ferry["answer"], ferry["confidence"]) == ("sure", FERRY, "0.9")
    assert (ferry["outlet"], ferry["day"], ferry["link"]) == ("Dawn", "2023-03-07", "https://dawn.example/f")
    with assistant.library.snapshot() as snapshot:
        text = snapshot.article(ferry["article"], ferry["version"]).text
    assert text[int(ferry["start"]) : int(ferry["end"])] == ferry["quote"]
    assert ferry["id"] == "'=7"
    assert (moon["outcome"], moon["answer"], moon["article"]) == ("not found", "", "")
    assert not Journal.path_for(out).exists()


def test_no_cell_of_a_spreadsheet_is_a_formula(assistant: Assistant, tmp_path: Path) -> None:
    attack = '=HYPERLINK("evil","ferry")'
    assistant.library.add(
        [Article(f"{attack} is what the smuggler wrote.", title="+cmd|' /C calc'!A0", source="@SUM(A1)")]
    )
    questions = [FilteredQuestion("What did the smuggler wrote?", EVERYTHING)]
    fill(assistant, questions, tmp_path / "a.csv")
    (row,) = table(tmp_path / "a.csv")
    assert (row["quote"][:2], row["title"][:2], row["outlet"][:2]) == ("'=", "'+", "'@")
    fill(assistant, questions, tmp_path / "a.xlsx")
    cells = [cell for line in load_workbook(tmp_path / "a.xlsx").active.iter_rows() for cell in line]
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in cells)
    assert {cell.data_type for cell in cells} == {"s", "n"}
    fill(assistant, questions, tmp_path / "a.md")
    assert r"\|" in (tmp_path / "a.md").read_text("utf-8")


def test_json_lines_hold_the_whole_result(assistant: Assistant, tmp_path: Path) -> None:
    fill(assistant, [FilteredQuestion(FERRY_QUESTION, EVERYTHING)], tmp_path / "a.jsonl")
    (line,) = map(json.loads, (tmp_path / "a.jsonl").read_text("utf-8").splitlines())
    assert line["result"]["schema"] == "citewire/1"
    assert line["result"]["citations"][0]["start"] == line["start"] == 0


def test_the_matrix_has_a_row_for_each_article_and_the_workbook_all_places_too(
    assistant: Assistant, tmp_path: Path
) -> None:
    questions = [
        FilteredQuestion(FERRY_QUESTION, EVERYTHING),
        FilteredQuestion("What did the heron do in Marbeck?", EVERYTHING),
    ]
    assert fill(assistant, questions, tmp_path / "a.xlsx", by="article") == (6, 6)
    book = load_workbook(tmp_path / "a.xlsx")
    assert book.sheetnames == ["by article", "answers"]
    heading, *rows = book["by article"].iter_rows(values_only=True)
    assert heading == ("article", *(question.text for question in questions))
    by_title = {row[0].split(" — ")[0]: row[1:] for row in rows}
    assert by_title["Ferry sinks"][0] == FERRY
    assert by_title["Heron on the roof"] == (None, HERON)
    names, *lines = book["answers"].iter_rows(values_only=True)
    answered = [dict(zip(names, line, strict=True)) for line in lines]
    ferry = next(line for line in answered if line["answer"] == FERRY)
    with assistant.library.snapshot() as snapshot:
        assert snapshot.article(ferry["article"], ferry["version"]).info.title == "Ferry sinks"
    assert len(answered) == 6


def test_by_outlet_only_outlets_under_the_filters_have_a_row(assistant: Assistant, tmp_path: Path) -> None:
    questions = [FilteredQuestion(FERRY_QUESTION, Filters(before=date(2023, 4, 1)))]
    fill(assistant, questions, tmp_path / "a.csv", by="outlet")
    assert table(tmp_path / "a.csv") == [{"outlet": "Dawn", FERRY_QUESTION: FERRY}]


def test_a_question_under_several_filters_has_a_column_for_each(assistant: Assistant, tmp_path: Path) -> None:
    questions = [FilteredQuestion(FERRY_QUESTION, Filters((name,))) for name in ("Dawn", "Geo", "Dawn")]
    fill(assistant, questions, tmp_path / "a.csv", by="outlet")
    dawn, geo = f"{FERRY_QUESTION} (outlet Dawn)", f"{FERRY_QUESTION} (outlet Geo)"
    assert table(tmp_path / "a.csv") == [
        {"outlet": "Dawn", dawn: FERRY, geo: ""},
        {"outlet": "Geo", dawn: "", geo: ""},
    ]


def test_a_run_that_was_stopped_goes_on_and_asks_again_once_the_library_has_changed(
    assistant: Assistant, tmp_path: Path
) -> None:
    out, stop = tmp_path / "a.csv", threading.Event()
    questions = [FilteredQuestion(f"How many were aboard the ferry {n}?", EVERYTHING) for n in range(6)]

    def told(done: int, total: int) -> None:
        if done == 2:
            stop.set()

    done, total = fill(assistant, questions, out, stop=stop, told=told)
    assert 2 <= done < total == 6
    assert not out.exists()
    Journal.path_for(out).open("ab").write(b'{"key": "torn')
    began: list[int] = []
    assert fill(assistant, questions, out, told=lambda done, total: began.append(done), at_once=3) == (6, 6)
    assert began[0] == done
    stop.clear()
    fill(assistant, questions, out, stop=stop, told=told)
    assistant.library.add([Article("The ferry sailed again, with 20 aboard.", title="Again")])
    began.clear()
    fill(assistant, questions, out, told=lambda done, total: began.append(done))
    assert began[0] == 0


@pytest.mark.long
def test_a_killed_run_loses_nothing_that_was_answered(tmp_path: Path) -> None:
    questions = [f"How many houses were damaged{' in all' * n}?" for n in range(8)]
    (tmp_path / "q.txt").write_text("\n".join(questions), "utf-8")
    command = [sys.executable, str(ROOT / "app.py"), "ask", "--questions", "q.txt", "--out", "a.jsonl"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(command, cwd=tmp_path, env=environment, stderr=subprocess.DEVNULL)
    progress = tmp_path / "a.jsonl.progress"
    try:
        until = time.monotonic() + 200
        while time.monotonic() < until and not (progress.exists() and progress.read_bytes().count(b"\n") >= 2):
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()
    kept = [json.loads(line)["result"] for line in progress.read_bytes().split(b"\n")[:-1]]
    assert 2 <= len(kept) < len(questions)
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    lines = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text("utf-8").splitlines()]
    assert [line["question"] for line in lines] == questions
    assert [line["result"] for line in lines[: len(kept)]] == kept  # with the times they took: not asked again
    assert all(line["answer"] for line in lines)
    assert not progress.exists()


def test_the_command_says_what_does_not_go_together_and_keeps_a_file_that_is_there(run: Run, tmp_path: Path) -> None:
    write(tmp_path, "q.txt", "Who sank?\n")
    write(tmp_path, "kept.csv", "mine")
    for arguments, code, words in (
        ((), 2, "ask a question"),
        (("Who?", "--out", "a.csv"), 2, "--questions"),
        (("--questions", "q.txt"), 2, "--out"),
        (("Who?", "--questions", "q.txt", "--out", "a.csv"), 2, "without a question"),
        (("--questions", "q.txt", "--out", "a.ods"), 2, ".xlsx"),
        (("--questions", "q.txt", "--out", "a.csv", "--at-once", "0"), 2, "--at-once"),
        (("--questions", "q.txt", "--out", "."), 2, "no name for a table"),
        (("--questions", "q.txt", "--out", "none/a.csv"), 1, "none/a.csv.progress cannot be written"),
        (
            ("--questions", "q.txt", "--out", "a.csv", "--by", "month", "--after", "2999-01-01"),
            2,
            "No article passes the filters",
        ),
        (("--questions", "none.txt", "--out", "a.csv"), 2, "none.txt"),
        (("--questions", "q.txt", "--out", "kept.csv"), 1, "--overwrite"),
        (("Who?", "--by", "month", "--turn", "Who?"), 2, "--turn"),
    ):
        assert run("ask", *arguments)[0] == code
        assert words in run("ask", *arguments)[2]
    assert (tmp_path / "kept.csv").read_text() == "mine"


def test_a_result_without_its_line_end_is_asked_again_and_loses_nothing_behind_it(tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    Journal.path_for(out).write_bytes(b'{"key": "one", "result": {}}\n{"key": "two", "result": {}}')
    journal = Journal(out)
    assert set(journal.results) == {"one"}
    journal.keep("three", {})
    journal.close()
    assert set(Journal(out).results) == {"one", "three"}


def test_a_folder_cannot_be_written_as_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "here" / "folder").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "here")
    for name in (".", "folder", "../here"):
        with pytest.raises(CitewireError, match="cannot be written"):
            write_whole(Path(name), b"text")
    assert [path.name for path in tmp_path.rglob("*")] == ["here", "folder"]


def test_a_line_that_is_no_record_ends_what_is_used_again(tmp_path: Path) -> None:
    out = tmp_path / "answers.csv"
    Journal.path_for(out).write_bytes(b'{"key": "one", "result": {}}\n3\n')
    assert set(Journal(out).results) == {"one"}
