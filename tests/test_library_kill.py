"""A process that adds and removes is killed at random moments: what it reported is there, nothing is half there."""

import json
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from small_library import DIMENSION, WordEncoder, file_bytes, make_article, make_store, paragraphs, put

from corpus.article import Article
from corpus.split import split
from embeddings.library import create_library, open_library
from embeddings.vectors import VectorView
from embeddings.views import VIEW_FILES
from embeddings.words import WordView

ROOT = Path(__file__).parent.parent
Turns = Mapping[str, int | None]
"""By the article's name, the turn whose version it has, or None where it was removed."""

KILLS = 20
NAMES = 12


def article_of(name: str, turn: int) -> Article:
    """Return the version of an article that one turn adds; its words are its own."""
    return make_article(name, paragraphs(f"{name}v{turn}t", 1 + turn % 4))


def work(folder: Path, first: int) -> None:
    """Add, replace and remove until killed, saying before and after each action what it does."""
    drawn = random.Random(first)
    with open_library(folder, encoder=WordEncoder()) as library:
        turn = first
        while True:
            turn += 1
            names = drawn.sample([f"n{i}" for i in range(NAMES)], 1 + turn % 3)
            removing = turn % 4 == 0
            action = dict.fromkeys(names, None if removing else turn)
            print("start", json.dumps(action), flush=True)  # noqa: T201 - the parent reads it
            if removing:
                library.remove([article_of(name, 0).id for name in names])
            else:
                library.add(article_of(name, turn) for name in names)
            print("done", json.dumps(action), flush=True)  # noqa: T201


def run_and_kill(folder: Path, first: int, seconds: float) -> list[tuple[str, dict[str, int | None]]]:
    """Return what a worker said until it was killed, so many seconds after its first action was done."""
    command = [sys.executable, "-c", f"import test_library_kill as t; t.work(t.Path({str(folder)!r}), {first})"]
    environment = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PATH": "/usr/bin:/bin"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as worker:
        assert worker.stdout is not None
        said = [worker.stdout.readline(), worker.stdout.readline()]
        time.sleep(seconds)
        worker.kill()
        said += worker.stdout.readlines()
    assert said[1].startswith("done"), said
    lines = [line for line in said if line.endswith("\n")]
    return [(line.split(" ", 1)[0], json.loads(line.split(" ", 1)[1])) for line in lines]


def verify(folder: Path, reported: Turns, open_action: Turns) -> dict[str, int | None]:
    """Assert that the library is whole and holds what was reported; return what it holds of each article."""
    held: dict[str, int | None] = {}
    with open_library(folder, encoder=WordEncoder()) as library:
        assert list(library.check()) == []
        with library._store.snapshot() as state, library.snapshot() as snapshot:
            versions = state.current_versions([article_of(f"n{i}", 0).id for i in range(NAMES)])
            for name in (f"n{i}" for i in range(NAMES)):
                allowed = {reported.get(name), open_action.get(name, reported.get(name))}
                expected = {turn: article_of(name, turn).version for turn in allowed if turn is not None}
                version = versions.get(article_of(name, 0).id, (None, None))[0]
                fitting = [turn for turn, kept in expected.items() if kept == version]
                assert fitting or (version is None and None in allowed), (name, allowed, version)
                held[name] = fitting[0] if fitting else None
                if fitting:
                    article = article_of(name, fitting[0])
                    passages = snapshot.passages_of(article.id)
                    assert [(p.start, p.text) for p in passages] == [(p.start, p.text) for p in split(article.text)]
                    assert snapshot.article(article.id).text == article.text
            snapshot.search("words")
            vectors, words = library._views.follow(state)
            compare_vectors(vectors, {p.id: p.text for p in state.all_passages(0, 10_000)})
            compare_words(words, {p.id: p.text for p in state.all_passages(0, 10_000)})
    return held


def compare_vectors(view: VectorView, texts: Mapping[int, str]) -> None:
    """Assert that the view holds each passage's vector, and no other."""
    assert view.size == len(texts)
    ids = np.array(sorted(texts), dtype=np.int64)
    for passage, text in texts.items():
        vector = WordEncoder().encode([text])[0].astype(np.float16).astype(np.float32)
        assert abs(float(view.scores(vector, np.array([passage]))[0]) - float(vector @ vector)) < 1e-5
    found, _ = view.search(np.eye(DIMENSION, dtype=np.float32)[0], len(texts) + 10)
    assert sorted(found.tolist()) == ids.tolist()


def compare_words(view: WordView, texts: Mapping[int, str]) -> None:
    """Assert that each passage is found by a word that only it has, and that there are no others."""
    assert view.size == len(texts)
    for passage, text in texts.items():
        found, _ = view.search(text.split()[0], 5)
        assert found.tolist() == [passage]


def test_a_library_that_is_killed_opens_whole_with_all_that_was_reported(tmp_path: Path) -> None:
    folder, drawn = tmp_path / "library", random.Random(11)
    create_library(folder, encoder=WordEncoder()).close()
    reported: dict[str, int | None] = {}
    actions = cut = 0
    for kill in range(KILLS):
        said = run_and_kill(folder, 1000 * kill, drawn.uniform(0.0, 0.4))
        open_action: dict[str, int | None] = {}
        for word, action in said:
            if word == "done":
                reported.update(action)
                actions += 1
            open_action = action if word == "start" else {}
        cut += bool(open_action)
        reported = verify(folder, reported, open_action)
    assert actions > KILLS
    assert cut > KILLS // 2, "too few kills hit an action"


def test_a_folder_copied_at_any_moment_with_its_log_cut_short_opens_whole(tmp_path: Path) -> None:
    store = make_store(tmp_path / "library")
    for turn in range(6):
        put(store, make_article(f"n{turn}"))
    log = store.folder / "library.sqlite-wal"
    size, drawn = log.stat().st_size, random.Random(5)
    counts = set()
    for number in range(20):
        copy = tmp_path / f"copy{number}"
        shutil.copytree(store.folder, copy, ignore=shutil.ignore_patterns("*-shm"))
        with (copy / log.name).open("r+b") as file:
            file.truncate(drawn.randrange(size))
        with open_library(copy, encoder=WordEncoder()) as library, library.snapshot() as snapshot:
            assert list(library.check()) == []
            counts.add(snapshot.counts().articles)
    store.close()
    assert max(counts) <= 6
    assert len(counts) > 2


def test_what_a_kill_left_in_view_files_is_gone_after_the_next_removal(tmp_path: Path) -> None:
    with create_library(tmp_path / "library", encoder=WordEncoder()) as library:
        library.add([make_article("zgone"), make_article("keep")])
        left = library.folder / f"{VIEW_FILES[0]}.abc123.new"
        left.write_bytes(b"half a view of zgone")
        library.remove([make_article("zgone").id])
        assert not left.exists()
        assert b"zgone" not in file_bytes(library.folder)
