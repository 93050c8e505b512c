"""Watching folders and feeds: a real process, real changes, a real server, a real Ctrl-C."""

import os
import queue
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from repository import ROOT
from small_library import WordEncoder, paragraphs
from web_server import page, replies, serving

from corpus.article import Article
from corpus.scan.read import ReadOptions
from corpus.store.activity import SavedQuestions
from corpus.store.records import EVERYTHING
from embeddings.library.library import CurrentOrigins, create_library, open_library
from qa.cli.sources import FileSource, Problems

CHILD = f"""
import sys
sys.path[:0] = [{str(ROOT)!r}, {str(ROOT / "tests")!r}]
import app, corpus.web.client, embeddings.library.library, qa.cli.opening
from small_library import WordEncoder
qa.cli.opening.load_encoder = embeddings.library.library.load_encoder = lambda *_, **__: WordEncoder()
sys.exit(app.main(["watch", *sys.argv[1:]]))
"""


class Watcher:
    """A `citewire watch` in a process of its own, and the lines it prints."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            [sys.executable, "-c", CHILD, *arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            cwd=folder,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
        )
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self.errors: list[str] = []
        self._readers = [threading.Thread(target=self._read_lines), threading.Thread(target=self._read_errors)]
        for reader in self._readers:
            reader.start()

    def next_line(self, timeout: float = 200) -> str:
        """Return the next line; for a change without its time."""
        line = self._lines.get(timeout=timeout)
        return line if line.startswith("Watching") else " ".join(line.split()[2:])

    def quiet(self, seconds: float) -> bool:
        time.sleep(seconds)
        return self._lines.empty()

    def interrupt(self) -> int:
        self.process.send_signal(signal.SIGINT)
        try:
            return self.process.wait(timeout=100)
        finally:
            self.process.kill()
            for reader in self._readers:
                reader.join(5)

    def _read_lines(self) -> None:
        assert self.process.stdout
        for line in self.process.stdout:
            self._lines.put(line.strip())

    def _read_errors(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.errors.append(line.strip())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "news").mkdir()
    return tmp_path


def paths(root: Path) -> list[str]:
    with open_library(root / ".citewire", encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        return sorted(Path(info.path or "").name for info in snapshot.articles())


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_each_change_of_a_folder_is_a_line(folder: Path) -> None:
    news = folder / "news"
    (news / "before.txt").write_text(paragraphs("before", 1))
    watcher = Watcher(folder, "news", "--prune", "--interval", "3600")
    try:
        assert watcher.next_line() == "Watching news; Ctrl-C stops."
        assert "before.txt" in watcher.next_line()
        (news / "later.txt").write_text(paragraphs("later", 1))
        (news / ".hidden.txt").write_text(paragraphs("hidden", 1))
        (news / "picture.png").write_bytes(b"\x89PNG")
        assert watcher.next_line().startswith("added ")
        with (news / "slow.txt").open("w") as file:  # written piece by piece: one article, not one a piece
            for number in range(12):
                file.write(paragraphs(f"s{number}", 1) + "\n\n")
                file.flush()
                time.sleep(0.2)
        assert watcher.next_line().endswith("/news/slow.txt)")
        (news / "later.txt").write_text(paragraphs("other", 1))
        assert watcher.next_line().startswith("replaced ")
        (news / "new").mkdir()
        (folder / "inside.txt").write_text(paragraphs("inside", 1))
        (folder / "inside.txt").rename(news / "new" / "inside.txt")
        assert watcher.next_line().endswith("/news/new/inside.txt)")
        (news / "before.txt").unlink()
        assert watcher.next_line() == f"removed {news / 'before.txt'}"
        assert watcher.quiet(0.5)
    finally:
        code = watcher.interrupt()
    assert code == 0
    assert watcher.errors[-1] == "citewire: stopped; 4 added, 1 replaced, 1 removed while watching"
    assert not [line for line in watcher.errors if "Traceback" in line]
    assert paths(folder) == ["inside.txt", "later.txt", "slow.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_a_link_to_a_folder_that_the_library_knows_is_watched_as_that_folder(folder: Path) -> None:
    news = folder / "news"
    (news / "before.txt").write_text(paragraphs("before", 1))
    with create_library(folder / ".citewire", encoder=WordEncoder()) as library:
        library.add_from(FileSource(news, ReadOptions()).scan(CurrentOrigins(library), Problems()))
    (folder / "link").symlink_to(news)
    (news / "first.txt").write_text(paragraphs("first", 1))
    watcher = Watcher(folder, "link", "--interval", "3600")
    try:
        assert watcher.next_line() == "Watching link; Ctrl-C stops."
        assert watcher.next_line().endswith("/news/first.txt)")
        (news / "later.txt").write_text(paragraphs("later", 1))
        assert watcher.next_line().startswith("added ")
        (news / "before.txt").unlink()
        assert watcher.next_line(timeout=60) == f"gone {news / 'before.txt'} (kept; --prune removes)"
    finally:
        assert watcher.interrupt() == 0
    with open_library(folder / ".citewire", encoder=WordEncoder()) as library:
        read = CurrentOrigins(library).under(str(folder), after="", limit=9)
    assert [origin.location for origin in read] == [str(news / f"{name}.txt") for name in ("before", "first", "later")]


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_a_feed_is_asked_again_and_what_is_wrong_is_said_once(folder: Path) -> None:
    words = "The harbour of Lindmar opened on Monday after four years of building, the mayor told reporters."
    items = ["<item><link>/one</link></item>"]
    with serving() as server:
        server.routes["/feed"] = lambda handler: handler.reply(
            200, f"<rss><channel>{''.join(items)}</channel></rss>".encode()
        )
        server.routes["/one"] = replies(200, page("One", words), Content_Type="text/html")
        server.routes["/two"] = replies(200, page("Two", f"{words} It rained."), Content_Type="text/html")
        feed = f"{server.url}/feed"
        watcher = Watcher(folder, feed, f"{server.url}/missing", "--allow-private", "--interval", "1")
        try:
            assert watcher.next_line().startswith("Watching")
            assert watcher.next_line() == f"added One ({server.url}/one)"
            items.insert(0, "<item><link>/two</link></item>")
            assert watcher.next_line() == f"added Two ({server.url}/two)"
            deadline = time.monotonic() + 100
            while server.paths().count("/missing") < 2 and time.monotonic() < deadline:
                time.sleep(0.05)
        finally:
            code = watcher.interrupt()
        assert code == 0
        assert server.paths().count("/one") == 1
        assert server.paths().count("/missing") >= 2
    assert sum("404" in line for line in watcher.errors) == 1


@pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGINT to send")
def test_saved_questions_are_asked_at_the_start_and_after_each_batch(folder: Path) -> None:
    news = folder / "news"
    flood = "The flood at Ardle damaged 612 houses, the county said on Monday."
    with create_library(folder / ".citewire", encoder=WordEncoder()) as library:
        library.add([Article("Mayor Ann Tolland opened the bridge at Ardle on Friday.", title="Bridge")])
        kept = SavedQuestions(folder / ".citewire")
        kept.add("Who opened the bridge?", EVERYTHING, now="2026-04-01T00:00:00+00:00")
        kept.add("How many houses were damaged at Ardle?", EVERYTHING, now="2026-04-01T00:00:00+00:00")
    watcher = Watcher(folder, "news", "--interval", "3600")
    try:
        assert watcher.next_line().startswith("Watching")
        assert "Ann Tolland" in watcher.next_line()
        (news / "flood.txt").write_text(flood)
        assert watcher.next_line().startswith("added ")
        assert watcher.next_line().startswith("answer How many houses were damaged at Ardle? new answer: 612")
        (news / "flood.txt").write_text(flood.replace("612", "587"))
        assert watcher.next_line().startswith("replaced ")
        corrected = watcher.next_line()
        assert "corrected: 612" in corrected
        assert "is now 587" in corrected
    finally:
        assert watcher.interrupt() == 0
    assert len(kept.changed(10)) == 3
