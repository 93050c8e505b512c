"""A writer of any kind of library is killed at random moments: what it reported is there, nothing is half there."""

import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from library_kinds import FOLDER, LITE, SERVER, Place, milvus_server, skip_without_cluster
from library_worker import NAMES, PATIENCE_S, wanted
from small_library import WordEncoder, make_article

from corpus.passages import split
from corpus.store.store import EVERYTHING
from embeddings.library.library import Library
from embeddings.opening import open_or_create_place

ROOT = Path(__file__).parent.parent
Known = dict[str, str | None]


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


def check_whole(library: Library, sure: Known, maybe: Known, *, settled: bool) -> Known:
    """Assert that each article is as reported, or as the action that was cut off makes it; return what is there.

    settled: whether another writer has been here since, so that the files articles were read from are noted too.
    """
    there: Known = {}
    count = 0
    with library.snapshot() as snapshot:
        every = snapshot.articles(EVERYTHING, order="added", descending=False, limit=None, offset=0)
        here = {info.id for info in every}
        for name in NAMES:
            article = make_article(name).id
            is_there = article in here
            if settled:
                assert snapshot.articles_named(f"{name}.txt") == [article] * is_there
            if not is_there:
                there[article] = None
                continue
            stored = snapshot.article(article)  # its hash is checked
            there[article] = stored.info.version
            passages = snapshot.passages_of(article)
            assert [p.text for p in passages] == [stored.text[p.start : p.end] for p in passages]
            assert len(passages) == len(split(stored.text))
            assert len(snapshot.vectors(p.id for p in passages)) == len(passages)
            count += len(passages)
        counts = snapshot.counts()
    for article, version in there.items():
        assert version in (sure.get(article), maybe.get(article)), article
    assert counts.articles == sum(version is not None for version in there.values())
    assert counts.passages == count
    return there


def check_nothing_left(library: Library) -> None:
    """Assert that no row is there that no article's head points to, once another writer has been here."""
    from embeddings.milvus.library import MilvusLibrary
    from embeddings.milvus.origins import HEAD
    from embeddings.milvus.rows import piece_keys, read_head

    assert isinstance(library, MilvusLibrary)
    tables = library._tables
    heads = [read_head(row) for row in tables.scan("articles", "", HEAD)]
    passages = [row["id"] for row in tables.scan("passages", "", ("id",))]
    texts = [row["id"] for row in tables.scan("texts", "", ("id",))]
    assert sorted(passages) == sorted(i for head in heads for i in head.passage_ids)
    assert sorted(texts) == sorted(k for head in heads for v in head.history for k in piece_keys(head.info.id, v))
    assert {i for row in tables.scan("bands", "", ("members",)) for i in row["members"]} <= set(passages)
    assert not [row for row in tables.scan("about", "", ("name",)) if row["name"].startswith("journal")]


def survive(place: Place, kills: int, *, seed: int) -> int:
    """Kill so many writers and check after each; return how many were killed within an action."""
    drawn, within, known = random.Random(seed), 0, Known()
    with open_or_create_place(place.name, encoder=WordEncoder):
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
        with open_or_create_place(place.name, encoder=WordEncoder, patience=PATIENCE_S) as library:
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
