"""A writer of any kind of library is killed at random moments: what it reported is there, nothing is half there."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from library_checks import Known, check_nothing_left, check_whole
from library_kinds import FOLDER, LITE, SERVER, Place, milvus_server, skip_without_cluster
from library_worker import PATIENCE_S, wanted
from repository import ROOT
from small_library import WordEncoder, make_article

from embeddings.opening import open_or_create_library_at


def kill_one(place: str, first: int, seconds: float) -> list[tuple[str, int]]:
    """Let a process work and kill it so long after it has begun; return what it said."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])}
    command = [sys.executable, str(ROOT / "tests" / "library_worker.py"), place, str(first)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as worker:
        assert worker.stdout is not None
        lines = [worker.stdout.readline()]
        try:
            worker.wait(seconds)
        except subprocess.TimeoutExpired:
            worker.kill()
        lines += worker.stdout.readlines()
    said = [line.split() for line in lines if line.endswith("\n")]
    assert said, "the worker did not begin"
    return [(word, int(turn)) for word, turn in said]


def versions_after(turn: int, before: Known) -> Known:
    """Return the version of each article, None for none, after a turn."""
    removed, added = wanted(turn)
    return {
        **before,
        **dict.fromkeys((make_article(name).id for name in removed), None),
        **{article.id: article.version for article in added},
    }


def survive(place: Place, kills: int, *, seed: int) -> int:
    """Kill so many writers and check after each; return how many were killed within an action."""
    drawn, within, known = random.Random(seed), 0, Known()
    with open_or_create_library_at(place.name, encoder=WordEncoder):
        pass
    for kill in range(kills):
        said = kill_one(place.name, 1000 * kill, drawn.uniform(0.0, 0.6))
        sure = known
        for word, turn in said:
            if word == "done":
                sure = versions_after(turn, sure)
        cut = said[-1][0] == "begin"
        within += cut
        maybe = versions_after(said[-1][1], sure) if cut else sure
        with open_or_create_library_at(place.name, encoder=WordEncoder, patience=PATIENCE_S) as library:
            known = check_whole(library, sure, maybe, settled=place.kind == FOLDER)
            library.remove(["0" * 16])  # the next writer finishes or undoes what was left
            assert check_whole(library, known, known, settled=True) == known
            if place.kind != FOLDER:
                check_nothing_left(library)
    return within


@pytest.mark.parametrize("kind", [FOLDER, pytest.param(SERVER, marks=pytest.mark.long)])
def test_a_killed_writer_loses_and_doubles_nothing(kind: str, tmp_path: Path) -> None:
    _kill(kind, tmp_path, kills=2)


@pytest.mark.long
@pytest.mark.parametrize("kind", [LITE, SERVER])
def test_fifty_killed_writers_lose_and_double_nothing(kind: str, tmp_path: Path) -> None:
    assert _kill(kind, tmp_path, kills=50) > 10


def _kill(kind: str, folder: Path, *, kills: int) -> int:
    if kind == FOLDER:
        return survive(Place(kind, str(folder / "library")), kills, seed=1)
    skip_without_cluster()
    if kind == LITE:
        return survive(Place(kind, f"milvus-lite:{folder / 'library'}"), kills, seed=2)
    with milvus_server(folder) as address:
        return survive(Place(kind, f"{address}/killed"), kills, seed=3)
