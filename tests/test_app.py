"""The command line, on real parts: what it prints, its exit codes, and what it keeps when something is wrong."""

import argparse
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import pytest
from repository import ROOT
from tiny_models import Tiny, save_tiny

import app
from corpus.store.connection import VECTORS
from embeddings.library.library import open_library
from qa.cli.opening import bundled_library

TALKS = ROOT / "corpus" / "articles" / "talks-open.md"
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shared") / "library"
    assert app.main(["add", "--library", str(folder), str(TALKS), str(TALKS.with_name("talks-close.md"))]) == 0
    return folder


def test_the_delegations_question_is_answered_with_both_names_and_exact_citations(run: Run, library: Path) -> None:
    code, out, _ = run("ask", "Who led the delegations?", "--json", "--library", str(library))
    result = json.loads(out)
    assert code == 0
    assert result["status"] == "answered"
    assert {"Christopher Landberg", "Syed Haider Shah"} <= {answer["text"] for answer in result["answers"]}
    for citation in result["citations"]:
        _, shown, _ = run("show", citation["article"], "--json", "--library", str(library))
        text = json.loads(shown)["text"]
        assert text[citation["start"] : citation["end"]] == citation["quote"]
        assert text[citation["sentence_start"] :].startswith(citation["sentence"])


def test_a_question_the_articles_do_not_answer_gets_a_reason_and_the_closest_passages(run: Run, library: Path) -> None:
    code, out, _ = run("ask", "What is the price of copper in Peru?", "--json", "--library", str(library))
    result = json.loads(out)
    assert code == 0
    assert (result["status"], result["answers"], result["reason"]["code"]) == ("not_in_library", [], "below_threshold")
    assert len(result["closest"]) == 3


def test_an_earlier_turn_gives_the_question_its_subject(run: Run) -> None:
    result = json.loads(run("ask", "What is his position?", "--turn", "Who is Syed Haider Shah?", "--json")[1])
    assert result["standalone_question"] == "What is Syed Haider Shah's position?"
    assert any("Secretary" in answer["text"] for answer in result["answers"])
    assert all("Shah" in citation["sentence"] for citation in result["citations"])


def test_a_day_in_the_question_finds_the_weekday_in_the_text(run: Run, library: Path) -> None:
    result = json.loads(run("ask", "What happened on 6 March?", "--json", "--library", str(library))[1])
    days = [day for citation in result["citations"] for day in citation["dates"]]
    assert ("Monday", "2023-03-06", "2023-03-06") in [(day["text"], day["from"], day["to"]) for day in days]


def test_filters_by_outlet_and_date_hold(run: Run, library: Path) -> None:
    outlet = run(
        "ask",
        "Who leads the American delegation?",
        "--source",
        "the rawal courier",
        "--json",
        "--library",
        str(library),
    )
    assert {c["source"] for c in json.loads(outlet[1])["citations"]} == {"The Rawal Courier"}
    late = run("ask", "Who led the delegations?", "--after", "2023-03-07", "--json", "--library", str(library))
    assert json.loads(late[1])["searched"] | {"from": None} == {
        "articles": 1,
        "sources": 1,
        "from": None,
        "to": "2023-03-08",
        "filters": {"after": "2023-03-07"},
        "undated_left_out": 0,
    }
    code, _, err = run("ask", "Who?", "--after", "2023-03-07", "--before", "2023-03-01", "--library", str(library))
    assert (code, err.count("\n")) == (2, 1)


def test_one_article_is_asked_alone(run: Run, library: Path) -> None:
    question = ["ask", "Who led the delegations?", "--json", "--library", str(library)]
    for listed in json.loads(run("list", "--json", "--library", str(library))[1]):
        result = json.loads(run(*question, "--article", listed["article"])[1])
        searched = result["searched"]
        assert (searched["articles"], searched["filters"]["article"]) == (1, listed["article"])
        assert {passage["article"] for passage in result["citations"] + result["closest"]} == {listed["article"]}
    code, _, err = run(*question, "--article", "https://news.example/talks")
    assert (code, err) == (
        2,
        "citewire: the library has no article https://news.example/talks: the list of articles gives their ids\n",
    )


def test_add_list_show_remove_and_info_agree(run: Run, tmp_path: Path) -> None:
    shutil.copy(TALKS, tmp_path / "one.md")
    assert run("add", "one.md")[0] == 0
    (listed,) = json.loads(run("list", "--json")[1])
    assert listed["source"] == "The Rawal Courier"
    shown = json.loads(run("show", listed["article"], "--json")[1])
    assert {"text", "passages", "sentences", "days", "statements", "versions"} <= shown.keys()
    assert json.loads(run("info", "--json")[1])["articles"] == 1
    assert run("add", "one.md")[1].startswith(".citewire: 0 added; 1 source as before")
    assert run("remove", listed["article"])[0] == 0
    assert run("remove", "--purge") == (0, "Removed 0 articles.\n", "")
    assert "no article is named" in run("remove")[2]
    code, _, err = run("remove", listed["article"])
    assert code == 1
    assert "not in the library" in err
    result = json.loads(run("ask", "Who led the delegations?", "--json")[1])
    assert (result["status"], result["reason"]["code"]) == ("empty_library", "empty_library")


def test_a_changed_article_keeps_its_earlier_version(run: Run, tmp_path: Path) -> None:
    text = TALKS.read_text("utf-8")
    (tmp_path / "one.md").write_text(text, "utf-8")
    run("add", "one.md")
    (first,) = json.loads(run("list", "--json")[1])
    (tmp_path / "one.md").write_text(text.replace("Monday", "Tuesday"), "utf-8")
    assert "1 replaced" in run("add", "one.md")[1]
    (second,) = json.loads(run("list", "--json")[1])
    assert (first["article"], first["version"] != second["version"]) == (second["article"], True)
    old = json.loads(run("show", first["article"], "--version", first["version"], "--json")[1])
    assert "Tuesday" not in old["text"]
    assert not old["current"]


def test_standard_input_is_read(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b'{"title": "A", "text": "The harbour opened in May, Anna Berg said."}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))
    assert run("add", "-", "--source", "Test Gazette", "--published", "2024-05-02")[0] == 0
    (listed,) = json.loads(run("list", "--json")[1])
    assert (listed["source"], listed["published"]) == ("Test Gazette", "2024-05-02")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("empty.txt", b"", "empty"),
        ("binary.txt", bytes(range(256)) * 40, "text"),
        ("broken.md", b"---\ntitle: [unclosed\n---\n\nText of it.\n", "front matter"),
        ("bad.jsonl", b'{"text": "Fine words here."}\n' * 6 + b'{"text": \n', "line 7"),
    ],
)
def test_a_bad_file_is_named_and_the_good_ones_are_kept(
    run: Run, tmp_path: Path, name: str, content: bytes, says: str
) -> None:
    (tmp_path / name).write_bytes(content)
    shutil.copy(TALKS, tmp_path / "good.md")
    code, _, err = run("add", name, "good.md")
    assert code == 1
    assert name in err
    assert says in err
    assert "Traceback" not in err
    assert "The Rawal Courier" in {info["source"] for info in json.loads(run("list", "--json")[1])}


def test_nothing_readable_leaves_no_library_behind(run: Run, tmp_path: Path) -> None:
    code, _, err = run("add", "missing.txt")
    assert code == 1
    assert "missing.txt" in err
    assert not (tmp_path / ".citewire").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (("ask", ""), 2, "empty"),
        (("ask", " ?! "), 2, "empty"),
        (("ask", "x" * 100_000), 2, "100,000 characters"),
        (("ask", 'who led "the'), 0, ""),
        (("ask", "a:b AND (c"), 0, ""),
        (("add", "ftp://news.example/a"), 2, "http and https"),
        (("add", "https://anna@news.example/a"), 2, "user name"),
        (("add", "https://news.example:22/a"), 2, "port 22"),
        (("show", "nothere"), 2, "nothere"),
        (("list", "--after", "soon"), 2, "2023-03-06"),
        (("evaluate", "no-such.jsonl"), 2, "no-such.jsonl"),
    ],
)
def test_wrong_use_gets_one_clear_sentence(
    run: Run, library: Path, arguments: tuple[str, ...], code: int, says: str
) -> None:
    done, _, err = run(*arguments, "--library", str(library))
    assert done == code
    assert says in err
    assert "Traceback" not in err


def test_a_file_of_questions_with_a_broken_line_is_wrong_use(run: Run, tmp_path: Path) -> None:
    (tmp_path / "broken.jsonl").write_text('{"id": ', encoding="utf-8")
    for command in (("evaluate", "broken.jsonl"), ("ask", "--questions", "broken.jsonl", "--out", "a.csv")):
        code, _, err = run(*command, "--library", "not-opened")
        assert code == 2
        assert "is not JSON" in err


def test_each_command_that_can_be_named_is_there() -> None:
    (commands,) = (each for each in app.parser()._actions if isinstance(each, argparse._SubParsersAction))
    for name in commands.choices:
        module = import_module(f"qa.cli.{app._MODULES.get(name, 'commands')}")
        assert callable(getattr(module, f"{name}_command"))


def test_a_named_library_that_is_missing_is_an_error(run: Run) -> None:
    for command in (("ask", "Who?"), ("list",), ("info",), ("remove", "x")):
        code, _, err = run(*command, "--library", "nowhere")
        assert code == 1
        assert "nowhere" in err


def test_without_a_library_the_bundled_collection_is_used_and_named(run: Run) -> None:
    code, out, err = run("ask", "Who led the delegations?")
    assert code == 0
    assert "bundled collection" in err
    assert "Landberg" in out


def test_a_question_on_the_bundled_collection_runs_through_faiss_and_tantivy() -> None:
    import faiss

    with open_library(bundled_library()) as library, library.snapshot() as snapshot:
        assert snapshot.search("Who led the delegations?")
        pair, passages = library._indexes.newest, snapshot.counts().passages
        assert pair is not None
        assert (pair.vectors.index.ntotal, pair.words.searcher.num_docs) == (passages, passages + 1)
        assert faiss.read_index(str(library.folder / VECTORS)).ntotal == passages


def test_json_leaves_nothing_else_on_standard_output(run: Run) -> None:
    for command in (("ask", "Who led the delegations?"), ("list",), ("info",)):
        json.loads(run(*command, "--json")[1])


def test_a_library_of_another_model_is_refused_and_says_what_to_run(run: Run, library: Path, tmp_path: Path) -> None:
    model = save_tiny(tmp_path / "tiny", Tiny())
    code, _, err = run("ask", "Who led the delegations?", "--library", str(library), "--model", str(model))
    assert code == 1
    assert "citewire add" in err


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can become another user")
def test_a_read_only_folder_is_read_and_not_written(library: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    place = Path(subprocess.run(["mktemp", "-d"], capture_output=True, text=True, check=True).stdout.strip())
    shutil.copytree(library, place / "library")
    for path in [place, *place.rglob("*")]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    cache = place.with_name(place.name + "-cache")
    models = os.environ.get("CITEWIRE_CACHE") or Path.home() / ".cache" / "citewire"
    # Not what can be made again quickly, some of which another process may be making.
    shutil.copytree(models, cache, ignore=shutil.ignore_patterns("*.new", "compiled", "bundled-*", "8-*"))
    (cache / "compiled").mkdir()
    for path in [cache, *cache.rglob("*")]:
        path.chmod(0o777)
    # The first commands, still as root, load what lies in folders that others may not read.
    code = (
        f"import os, sys; sys.path.insert(0, {str(ROOT)!r}); import app, corpus.scan.read, tqdm; "
        f"app.main(['add', {str(TALKS)!r}, '--library', {str(place / 'of-root')!r}]); "
        "app.main(['ask', 'Who?', '--library', sys.argv[-1]]); os.setgid(65534); os.setuid(65534); "
        "print('now as nobody'); sys.exit(app.main(sys.argv[1:]))"
    )

    def as_nobody(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-c", code, *arguments, "--library", str(place / "library")],
            capture_output=True,
            encoding="utf-8",
            cwd="/tmp",
            env={**os.environ, "CITEWIRE_CACHE": str(cache), "HOME": str(cache)},
            check=False,
        )

    asked = as_nobody("ask", "Who led the delegations?")
    assert "Landberg" in asked.stdout.partition("now as nobody")[2], asked.stderr
    added = as_nobody("add", str(TALKS.with_name("flood-monday.md")))
    assert added.returncode == 1
    assert "read" in added.stderr
    assert "Traceback" not in added.stderr
    shutil.rmtree(place, ignore_errors=True)
    shutil.rmtree(cache, ignore_errors=True)
