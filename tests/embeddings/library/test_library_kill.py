"""A process that adds and removes is killed at random moments: what it reported is there, nothing is half there."""

import random
import shutil
from pathlib import Path

import pytest
from library_checks import faults_of
from small_library import WordEncoder, file_bytes, make_article, make_store, put

from benchmarks.faults.crash import crash
from corpus.store.connection import VECTORS
from embeddings.library.library import create_library, open_library

KILLS = 20


def test_a_library_that_is_killed_opens_whole_with_all_that_was_reported(tmp_path: Path) -> None:
    done = crash(tmp_path, kills=KILLS, calls=0, torn=1)
    assert done.kills == KILLS
    assert done.actions > KILLS
    assert done.in_action > KILLS // 2, "too few kills hit an action"
    assert done.torn_complete > 0


@pytest.mark.long
@pytest.mark.skipif(shutil.which("strace") is None, reason="system calls are chosen by strace")
def test_a_library_that_is_killed_at_a_system_call_opens_whole(tmp_path: Path) -> None:
    done = crash(tmp_path, kills=0, calls=5, torn=1)
    if not done.kills:
        pytest.skip("no process may be traced here")
    assert done.by_call.total() == done.kills


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
            assert faults_of(library) == []
            counts.add(snapshot.counts().articles)
    store.close()
    assert max(counts) <= 6
    assert len(counts) > 2


def test_what_a_kill_left_of_an_index_is_gone_after_the_next_removal(tmp_path: Path) -> None:
    with create_library(tmp_path / "library", encoder=WordEncoder()) as library:
        library.add([make_article("zgone"), make_article("keep")])
        left = library.folder / f"{VECTORS}.new"
        left.write_bytes(b"half an index of zgone")
        library.remove([make_article("zgone").id], purge=True)
        assert not left.exists()
        assert b"zgone" not in file_bytes(library.folder)
