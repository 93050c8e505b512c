"""Adding a folder again: what is new or changed is read, the rest is left alone, what is gone is told or removed."""

import builtins
import contextlib
import json
import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from library_checks import faults_of
from repository import ROOT
from small_library import WordEncoder, paragraphs

import app
import corpus.scan.changes
import embeddings.library.library
import qa.cli.opening
from corpus.article import Article
from embeddings.library.library import open_library

Run = Callable[..., tuple[int, str, str]]
LONG_AGO = time.time_ns() - 3600 * 10**9


@pytest.fixture
def encoder(monkeypatch: pytest.MonkeyPatch) -> WordEncoder:
    encoder = WordEncoder()
    monkeypatch.setattr(qa.cli.opening, "load_encoder", lambda *_, **__: encoder)
    monkeypatch.setattr(embeddings.library.library, "load_encoder", lambda *_, **__: encoder)
    return encoder


@pytest.fixture
def run(
    tmp_path: Path, encoder: WordEncoder, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Run `citewire add` in an empty folder; gives the exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CITEWIRE_LIBRARY", raising=False)

    def add(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = app.main(["add", *arguments])
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return add


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the article files that are opened from now on."""
    names: list[str] = []

    def noting(self: Path, *arguments: object, **options: object) -> object:
        names.append(self.name)
        return builtins.open(self, *arguments, **options)  # type: ignore[call-overload]  # noqa: PTH123

    monkeypatch.setattr(Path, "open", noting)
    return names


def write(path: Path, *, name: str | None = None, text: str | None = None, at: int = LONG_AGO) -> Path:
    """Write an article file that looks as if it had been written at a time (nanoseconds)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or paragraphs(name or path.stem, 2), "utf-8")
    os.utime(path, ns=(at, at))
    return path


def dated(title: str, words: str) -> str:
    return f"---\ntitle: {title}\nsource: Dawn\ndate: 2023-03-06\n---\n\n{words}\n"


def paths(root: Path) -> list[str]:
    with open_library(root / ".citewire", encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        assert faults_of(library) == []
        return sorted(Path(info.path or "").name for info in snapshot.articles())


def test_a_second_run_opens_no_file(run: Run, tmp_path: Path, encoder: WordEncoder, opened: list[str]) -> None:
    for name in ("a", "b/c", "b/d/e", "b.x", "b-y"):
        write(tmp_path / "news" / f"{name}.txt")
    assert run("news")[1].startswith(".citewire: 5 added (")
    opened.clear()
    encoder.encoded.clear()
    code, out, _ = run("news")
    assert (code, out.split(" (")[0]) == (0, ".citewire: 0 added; 5 sources as before")
    assert (opened, encoder.encoded) == ([], [])


def test_only_what_is_new_or_changed_is_read(run: Run, tmp_path: Path, encoder: WordEncoder, opened: list[str]) -> None:
    for number in range(9):
        write(tmp_path / "news" / f"n{number}.txt")
    run("news")
    write(tmp_path / "news" / "n3.txt", name="changed", at=LONG_AGO + 1)
    write(tmp_path / "news" / "n9.txt")
    os.utime(tmp_path / "news" / "n5.txt")  # touched: the same content
    opened.clear()
    encoder.encoded.clear()
    _, out, _ = run("news")
    assert out.startswith(".citewire: 1 added, 1 replaced; 8 sources as before")
    assert {name for name in opened if name.endswith(".txt")} == {"n3.txt", "n5.txt", "n9.txt"}
    assert len(encoder.encoded) == 4
    assert run("--again", "news")[1].startswith(".citewire: 0 added, 10 unchanged (")


def test_a_file_written_while_it_is_read_is_looked_into_once_more(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A change within the tick of the file system's clock keeps size and time: the content tells."""
    now = time.time_ns() + 3_600_000_000_000  # an hour ahead, so that a slow machine does not read it much later
    file = write(tmp_path / "news" / "a.txt", text="The harbour opened in May, they said.", at=now)
    run("news")
    write(file, text="The harbour opened in Jun, they said.", at=now)
    assert "1 replaced" in run("news")[1]
    with open_library(tmp_path / ".citewire", encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        assert "Jun" in snapshot.article(snapshot.articles()[0].id).text


def test_other_overrides_read_the_files_again(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "news" / "a.txt")
    run("news")
    assert "1 replaced" in run("news", "--source", "Dawn")[1]
    assert "1 source as before" in run("news", "--source", "Dawn")[1]


def test_files_that_are_gone_are_told_each_time_and_pruned_when_asked(run: Run, tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path / "news" / f"{name}.txt")
    write(tmp_path / "other" / "x.txt")
    run("news", "other")
    (tmp_path / "news" / "a.txt").unlink()
    (tmp_path / "news" / "b.txt").unlink()
    (tmp_path / "other" / "x.txt").unlink()
    for named in (["news"], ["news", "news"]):
        code, _, err = run(*named)
        assert code == 0
        assert "2 files: gone, or with fewer articles than before; 2 articles kept, unless --prune is given" in err
    assert paths(tmp_path) == ["a.txt", "b.txt", "c.txt", "x.txt"]
    _, out, err = run("news", "--prune")
    assert out.startswith(".citewire: 0 added, 2 removed; 1 source as before")
    assert err == ""
    assert paths(tmp_path) == ["c.txt", "x.txt"]  # only what was below the folder named


@pytest.mark.parametrize("how", ["missing", "empty", "of other kinds", "unreadable"])
def test_nothing_is_pruned_where_the_folder_may_just_not_be_there(run: Run, tmp_path: Path, how: str) -> None:
    folder = tmp_path / "news"
    for name in "abc":
        write(folder / f"{name}.txt")
    run("news")
    (tmp_path / "beside").mkdir()
    if how != "unreadable":
        shutil.rmtree(folder)
        folder.mkdir() if how != "missing" else None
        write(folder / "not-mounted.flag") if how == "of other kinds" else None
    else:
        if os.geteuid() == 0:
            pytest.skip("root may read every folder")
        folder.chmod(0)
    code, _, err = run("news", "--prune")
    folder.chmod(0o755) if how == "unreadable" else None
    assert code == 1
    assert "news" in err
    assert paths(tmp_path) == ["a.txt", "b.txt", "c.txt"]
    if how != "unreadable":
        assert "3 articles kept, unless --prune-folders is given" in err
        code, out, _ = run("news", "--prune-folders")
        assert (code, "3 removed" in out) == (0, True)


def test_a_folder_below_that_is_empty_is_not_pruned_and_one_that_is_gone_is(run: Run, tmp_path: Path) -> None:
    for name in ("a", "disk/b", "disk/2021/c", "gone/d"):
        write(tmp_path / "news" / f"{name}.txt")
    run("news")
    shutil.rmtree(tmp_path / "news" / "disk")
    shutil.rmtree(tmp_path / "news" / "gone")
    (tmp_path / "news" / "disk").mkdir()  # as a disk is seen that is not mounted
    code, out, err = run("news", "--prune")
    assert (code, "1 removed" in out) == (1, True)
    assert f"{tmp_path.as_posix()}/news/disk: gone or empty, as when a disk is not there; 2 articles kept" in err
    assert json.loads(run("news", "--prune", "--json")[1])["gone_folders"] == [f"{tmp_path.as_posix()}/news/disk"]
    assert "2 removed" in run("news", "--prune-folders")[1]
    assert paths(tmp_path) == ["a.txt"]


def test_a_renamed_file_is_the_same_article(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "news" / "known.md", text=dated("Harbour opens", paragraphs("harbour", 2)))
    write(tmp_path / "news" / "plain.txt")
    run("news")
    (tmp_path / "news" / "known.md").rename(tmp_path / "news" / "known-2.md")
    (tmp_path / "news" / "sub").mkdir()
    (tmp_path / "news" / "plain.txt").rename(tmp_path / "news" / "sub" / "plain-2.txt")
    code, out, err = run("news")
    assert (code, err.count("\n"), "1 article without a day" in err) == (0, 2, True)
    assert "1 moved" in out
    assert paths(tmp_path) == ["known-2.md", "plain-2.txt"]
    assert run("news")[1].startswith(".citewire: 0 added; 2 sources as before")


def test_a_renamed_folder_is_the_same_archive(run: Run, tmp_path: Path) -> None:
    for name in "abc":
        write(tmp_path / "old" / f"{name}.txt")
    run("old")
    (tmp_path / "old").rename(tmp_path / "new")
    code, out, _ = run("new")
    assert (code, "3 moved" in out) == (0, True)
    assert paths(tmp_path) == ["a.txt", "b.txt", "c.txt"]
    assert run("new", "--prune")[1].startswith(".citewire: 0 added; 3 sources as before")


def test_a_copied_folder_is_kept_beside_the_first(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "old" / "a.txt")
    run("old")
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    assert "moved" not in run("new")[1]
    assert paths(tmp_path) == ["a.txt", "a.txt"]


def test_what_lay_in_a_folder_that_is_gone_is_pruned_by_its_name(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "old" / "a.txt")
    write(tmp_path / "beside" / "b.txt")
    run("old", "beside")
    shutil.rmtree(tmp_path / "old")
    code, _, err = run("old")
    assert code == 1
    assert "1 article kept, unless --prune-folders is given" in err
    assert "removed" not in run("old", "--prune")[1]
    assert "1 removed" in run("old", "--prune-folders")[1]
    assert paths(tmp_path) == ["b.txt"]
    assert "no such file or folder" in run("old", "--prune")[2]


def test_a_link_to_a_folder_that_is_known_adds_nothing(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "news" / "a.txt")
    run("news")
    (tmp_path / "link").symlink_to(tmp_path / "news")
    assert run("link")[1].startswith(".citewire: 0 added; 1 source as before")
    assert paths(tmp_path) == ["a.txt"]
    (tmp_path / "news" / "a.txt").unlink()
    write(tmp_path / "news" / "b.txt")
    assert "1 removed" in run("link", "--prune")[1]


def test_a_link_that_was_added_before_the_folder_adds_nothing_twice(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "news" / "a.txt")
    write(tmp_path / "news" / "may" / "b.txt")
    (tmp_path / "link").symlink_to(tmp_path / "news")
    run("link")
    assert run("news")[1].startswith(".citewire: 0 added, 2 unchanged")
    write(tmp_path / "news" / "a.txt", name="changed", at=LONG_AGO + 1)
    assert run("link")[1].startswith(".citewire: 0 added, 1 replaced; 1 source as before")
    assert run("news")[1].startswith(".citewire: 0 added, 1 unchanged; 1 source as before")
    (tmp_path / "news" / "a.txt").unlink()
    assert "removed" not in run("link", "--prune")[1]  # it was read under the folder's name too
    assert "1 removed" in run("news", "--prune")[1]
    assert paths(tmp_path) == ["b.txt"]


def test_an_article_in_two_files_stays_as_long_as_one_is_there(run: Run, tmp_path: Path) -> None:
    text = dated("Harbour opens", paragraphs("harbour", 2))
    for name in ("a", "b", "other"):
        write(tmp_path / "news" / f"{name}.md", text=text if name != "other" else None)
    assert run("news")[1].startswith(".citewire: 2 added, 1 unchanged")
    assert run("news")[1].startswith(".citewire: 0 added; 3 sources as before")
    (tmp_path / "news" / "a.md").unlink()
    assert run("news", "--prune")[1].startswith(".citewire: 0 added; 2 sources as before")
    assert len(paths(tmp_path)) == 2
    (tmp_path / "news" / "b.md").unlink()
    assert "1 removed" in run("news", "--prune")[1]


def test_lines_that_are_gone_from_a_file_are_gone(run: Run, tmp_path: Path) -> None:
    lines = [
        json.dumps({"title": f"Report {n}", "source": "Dawn", "date": "2023-03-06", "text": paragraphs(f"r{n}", 1)})
        for n in range(5)
    ]
    file = write(tmp_path / "news" / "all.jsonl", text="\n".join(lines))
    assert run("news")[1].startswith(".citewire: 5 added")
    write(file, text="\n".join(lines[:3]), at=LONG_AGO + 1)
    _, _, err = run("news")
    assert "citewire: 1 file: gone, or with fewer articles than before; 2 articles kept, unless --prune" in err
    write(file, text="\n".join(lines[:4]), at=LONG_AGO + 2)  # one comes back
    _, out, _ = run("news", "--prune")
    assert "1 removed" in out
    with open_library(tmp_path / ".citewire", encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        assert sorted(str(info.title) for info in snapshot.articles()) == [f"Report {n}" for n in range(4)]


def test_a_file_with_a_bad_line_is_said_each_time_and_loses_nothing(run: Run, tmp_path: Path) -> None:
    good = [json.dumps({"title": f"Report {n}", "text": paragraphs(f"r{n}", 1), "id": n}) for n in range(3)]
    file = write(tmp_path / "news" / "all.jsonl", text="\n".join(good))
    run("news")
    write(file, text="\n".join([*good[:2], '{"text": ']), at=LONG_AGO + 1)
    for _ in range(2):
        code, _, err = run("news", "--prune")
        assert (code, "line 3" in err) == (1, True)
    assert len(paths(tmp_path)) == 3


def test_what_could_not_be_read_alone_lets_nothing_be_added(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "news" / "a.txt")
    assert run("news", "missing.txt")[2].endswith("citewire: 1 could not be read; everything else was added\n")
    for others in ([], ["news"]):
        code, _, error = run(*others, "missing.txt")
        assert (code, error.count("\n")) == (1, 2)
        assert error.endswith("citewire: 1 could not be read; nothing was added\n")


def test_an_empty_path_is_refused_and_is_not_the_current_folder(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "a.txt")
    sentence = "citewire: a path is empty: name a file, a folder or an address (the current folder is .)\n"
    assert run("") == (2, "", sentence)
    assert not (tmp_path / ".citewire").exists()


def test_an_article_removed_by_hand_comes_back_with_its_file(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "news" / "a.txt")
    write(tmp_path / "news" / "b.txt")
    run("news")
    with open_library(tmp_path / ".citewire", encoder=WordEncoder()) as library:
        with library.snapshot() as snapshot:
            first = snapshot.articles()[0].id
        library.remove([first])
    assert run("news")[1].startswith(".citewire: 1 added; 1 source as before")


def test_odd_names_links_and_hidden_files(run: Run, tmp_path: Path) -> None:
    for name in ("a#b", "with space", "ümlaut", "100%", ".hidden", "z'quote\"s"):
        write(tmp_path / "news" / f"{name}.txt")
    write(tmp_path / "news" / "a.txt")  # sorts around the folder of the same beginning
    write(tmp_path / "news" / "a" / "b.txt")
    write(tmp_path / "outside" / "c.txt")
    (tmp_path / "news" / "linked").symlink_to(tmp_path / "outside")
    (tmp_path / "news" / "link.txt").symlink_to(tmp_path / "outside" / "c.txt")
    assert run("news")[1].startswith(".citewire: 8 added (")
    assert run("news")[1].startswith(".citewire: 0 added; 8 sources as before")
    (tmp_path / "news" / "a#b.txt").unlink()
    assert "1 removed" in run("news", "--prune")[1]
    assert "a.txt" in paths(tmp_path)


def test_an_empty_folder_is_an_error(run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    code, _, err = run("empty")
    assert code == 1
    assert "empty: there are no article files (.txt, .html, .pdf, .docx, .json, .csv …) in this folder" in err


def test_an_empty_folder_is_told_beside_errors_in_a_folder_of_a_longer_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "news").mkdir()
    (tmp_path / "news2").mkdir()
    (tmp_path / "news2" / "nowhere.txt").symlink_to("missing.txt")
    _, _, err = run("news2", "news")
    assert "news2/nowhere.txt: there is no such file or folder, or a link leads nowhere" in err
    assert "news: there are no article files" in err
    assert "news2: there are no article files" not in err


def test_pictures_and_recordings_are_counted_with_what_would_make_them_readable(run: Run, tmp_path: Path) -> None:
    for name in ("a.txt", "1.jpg", "2.JPG", "3.png", "4.mp3"):
        write(tmp_path / "news" / name)
    code, _, err = run("news")
    assert code == 0
    assert "passed over 3 files (.jpg, .png): where one holds an article, have the words in it recognised (OCR)" in err
    assert "passed over 1 file (.mp3): where one holds an article, have what is said written out as .txt" in err


def test_a_relative_and_an_absolute_path_are_the_same_file(run: Run, tmp_path: Path) -> None:
    write(tmp_path / "news" / "a.txt")
    run("news")
    assert "1 source as before" in run(str(tmp_path / "news" / "a.txt"))[1]
    assert "1 source as before" in run("./news/../news")[1]


def test_both_sides_are_compared_in_pages(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus.scan.changes, "_PAGE", 3)
    for number in range(20):
        write(tmp_path / "news" / f"{number % 4}" / f"n{number}.txt")
    run("news")
    for number in (0, 7, 19):
        (tmp_path / "news" / f"{number % 4}" / f"n{number}.txt").unlink()
    write(tmp_path / "news" / "1" / "n1b.txt")
    _, out, err = run("news")
    assert out.startswith(".citewire: 1 added; 17 sources as before")
    assert "3 files: gone, or with fewer articles" in err


def test_an_article_known_by_its_path_keeps_its_id(run: Run, tmp_path: Path) -> None:
    file = write(tmp_path / "news" / "a.txt", text="The harbour opened in May.")
    run("news")
    with open_library(tmp_path / ".citewire", encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        assert snapshot.articles()[0].id == Article("x", path=file.as_posix()).id


CHILD = """
import sys, time
sys.path[:0] = [{root!r}, {tests!r}]
import app, embeddings.library.library, qa.cli.opening
from small_library import WordEncoder

class Slow(WordEncoder):
    def encode(self, texts):
        time.sleep(0.01 * len(texts))
        return super().encode(texts)

qa.cli.opening.load_encoder = embeddings.library.library.load_encoder = lambda *_, **__: Slow()
print("ready", flush=True)
sys.exit(app.main(["add", "news"]))
"""


def _added(folder: Path) -> bool:
    """Whether the library in the folder, which another process may be making, holds an article."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{folder}/.citewire/library.sqlite?mode=ro", uri=True)) as store:
            return bool(store.execute("SELECT count(*) FROM articles").fetchone()[0])
    except sqlite3.Error:
        return False


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_ctrl_c_stops_after_what_is_in_hand_and_the_next_run_goes_on(run: Run, tmp_path: Path) -> None:
    for number in range(600):
        write(tmp_path / "news" / f"n{number:04}.txt", name=f"n{number}")
    child = CHILD.format(root=str(ROOT), tests=str(ROOT / "tests"))
    process = subprocess.Popen(
        [sys.executable, "-c", child], stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8", cwd=tmp_path
    )
    deadline = time.monotonic() + 200
    while not _added(tmp_path) and time.monotonic() < deadline:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=200)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert err.count("citewire: stopped") == 1
    added = int(out.split(".citewire: ")[1].split(" added")[0].replace(",", ""))
    assert 0 < added < 600
    assert len(paths(tmp_path)) == added
    code, out, _ = run("news")
    assert code == 0
    assert out.startswith(f".citewire: {600 - added:,} added")
    assert len(paths(tmp_path)) == 600


@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
def test_a_terminal_shows_how_many_are_done_how_fast_which_is_in_hand_and_the_time_left(
    run: Run, tmp_path: Path
) -> None:
    import fcntl
    import pty
    import struct
    import termios

    for number in range(400):
        write(tmp_path / "news" / f"n{number:04}.txt", name=f"n{number}")
    child = CHILD.format(root=str(ROOT), tests=str(ROOT / "tests"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    process = subprocess.Popen([sys.executable, "-c", child], stdout=subprocess.PIPE, stderr=theirs, cwd=tmp_path)
    os.close(theirs)
    shown = b""
    while process.poll() is None:
        try:
            shown += os.read(ours, 4096)
        except OSError:  # how Linux says that the other end is closed
            break
    os.close(ours)
    process.communicate(timeout=60)
    pattern = r"adding +(\d+)%\|.*\| (\d+)/400 files \[[\d:]+<[\d:?]+\], ([\d.]+) articles/s, .*n\d{4}\.txt"
    lines = [match for line in shown.decode().split("\r") if (match := re.search(pattern, line))]
    assert any(0 < int(match[2]) < 400 and float(match[3]) > 0 for match in lines), shown
    assert all(len(match.string.strip()) <= 100 for match in lines)
