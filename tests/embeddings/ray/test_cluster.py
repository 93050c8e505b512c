"""Adding on a local Ray of two workers: the same library as without, also when workers are killed."""

import os
import signal
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import ray_adding
from library_checks import faults_of
from library_kinds import WITHOUT_CLUSTER
from ray_adding import children, holding, parent_of
from repository import TESTS
from small_library import WordEncoder, paragraphs

import app
import embeddings.library.library
import qa.cli.add
import qa.cli.opening
from corpus.article import Article
from corpus.errors import CitewireError, ReadError, UsageError
from corpus.scan.changes import NoOrigins, compare
from corpus.scan.read import Overrides, ReadOptions
from embeddings.library.library import open_library
from embeddings.library.protocol import AddReport
from embeddings.ray.cluster import Cluster

FILES = 120
LONG_AGO = time.time_ns() - 3600 * 10**9


class SlowEncoder(WordEncoder):
    """Takes so long that a worker can be killed while it encodes."""

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        time.sleep(0.2)
        return super().encode(texts)


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    pytest.importorskip("ray", reason=WITHOUT_CLUSTER)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(TESTS), prepend=os.pathsep)
        patch.setenv("RAY_worker_niceness", "0")  # else a busy machine lets them wait for minutes
        try:
            opened = Cluster(os.environ.get("CITEWIRE_TEST_RAY", "local"), SlowEncoder, workers=2)
        except CitewireError as error:
            pytest.skip(str(error))
    with closing(opened):
        yield opened


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of files of one and of several articles, and one that cannot be read."""
    made = tmp_path_factory.mktemp("files")
    for number in range(FILES):
        file = made / f"{number % 7}" / f"n{number}.txt"
        file.parent.mkdir(exist_ok=True)
        file.write_text(paragraphs(f"n{number}", 1 + number % 5), "utf-8")
        os.utime(file, ns=(LONG_AGO, LONG_AGO))
    (made / "bad.json").write_text('{"text": ', "utf-8")
    return made


def add(library: Path, folder: Path, cluster: Cluster | None) -> tuple[AddReport, list[ReadError]]:
    return ray_adding.add(library, folder, cluster, WordEncoder())


def contents(library: Path) -> list[object]:
    """Return all of a library in the order in which it was added: articles, places, passages and their vectors."""
    found: list[object] = []
    with open_library(library, encoder=WordEncoder()) as opened, opened.snapshot() as snapshot:
        assert faults_of(opened) == []
        for info in snapshot.articles(order="added"):
            passages = snapshot.passages_of(info.id)
            vectors = snapshot.vectors(passage.id for passage in passages)
            found += [info.id, info.version, info.path]
            found += [(passage.id, passage.text, vectors[passage.id]) for passage in passages]
        found += snapshot.origins.under("/", after="", limit=10 * FILES)
    return found


@pytest.mark.long
def test_adding_on_ray_gives_the_same_library(cluster: Cluster, folder: Path, tmp_path: Path) -> None:
    here, bad_here = add(tmp_path / "here", folder, None)
    there, bad_there = add(tmp_path / "there", folder, cluster)
    assert there.added == here.added == FILES
    assert there.passages == here.passages
    assert contents(tmp_path / "there") == contents(tmp_path / "here")
    assert [str(error) for error in bad_there] == [str(error) for error in bad_here]
    assert len(bad_there) == 1


@pytest.mark.long
@pytest.mark.skipif(sys.platform != "linux", reason="finds the processes in /proc")
def test_workers_that_are_killed_cost_no_article_and_make_no_double(
    cluster: Cluster, folder: Path, tmp_path: Path
) -> None:
    add(tmp_path / "here", folder, None)
    held = holding(cluster)
    killed: list[int] = []
    done = threading.Event()

    def kill() -> None:
        while not killed and not done.is_set():  # one that reads, then both that encode
            for process in children(parent_of(held[0]), b"ray::read_on_worker")[:1]:
                for victim in (process, *held):
                    os.kill(victim, signal.SIGKILL)
                    killed.append(victim)
                    time.sleep(0.3)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        report, bad = add(tmp_path / "killed", folder, cluster)
    finally:
        done.set()
        killer.join()
    assert set(held) < set(killed)  # both that encode, and one that read
    assert not set(holding(cluster)) & set(held)
    assert (report.added, len(bad)) == (FILES, 1)
    assert contents(tmp_path / "killed") == contents(tmp_path / "here")


class Deadly(Overrides):
    """Ends the process that reads one of the files."""

    def apply(self, article: Article) -> Article:
        if str(article.path).endswith("n3.txt"):
            os.kill(os.getpid(), signal.SIGKILL)
        return article


@pytest.mark.long
def test_a_file_that_kills_every_worker_costs_one_line(cluster: Cluster, folder: Path) -> None:
    bad: list[ReadError] = []
    files = compare(folder, NoOrigins(), ReadOptions(), on_bad=bad.append, on_skipped=print, on_missing=print)
    scan = cluster.scan(files, ReadOptions(Deadly()), on_bad=bad.append, on_same=lambda: None)
    assert len([article for reading in scan for article in reading.articles]) == FILES - 1
    assert sorted(Path(error.where).name for error in bad) == ["bad.json", "n3.txt"]


@pytest.mark.long
def test_a_file_that_the_workers_do_not_see_is_read_here(cluster: Cluster, tmp_path: Path) -> None:
    file = tmp_path / "a.txt"
    file.write_text(paragraphs("a", 2), "utf-8")
    (compared,) = compare(file, NoOrigins(), ReadOptions(), on_bad=print, on_skipped=print, on_missing=print)
    file.write_text(paragraphs("b", 3), "utf-8")
    (reading,) = cluster.scan([compared], ReadOptions(), on_bad=print, on_same=lambda: None)
    (article,) = reading.articles
    assert article.text == paragraphs("b", 3)


@pytest.mark.long
def test_the_command_adds_on_ray(
    cluster: Cluster,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    encoder = WordEncoder()
    monkeypatch.setattr(qa.cli.opening, "load_encoder", lambda *_, **__: encoder)
    monkeypatch.setattr(embeddings.library.library, "load_encoder", lambda *_, **__: encoder)
    monkeypatch.setattr(qa.cli.add, "Cluster", lambda *_: cluster)
    monkeypatch.setattr(cluster, "close", lambda: None)
    library = tmp_path / "library"
    assert app.main(["add", "--library", str(library), "--ray", "auto", str(folder)]) == 1
    printed = capsys.readouterr()
    assert f": {FILES} added" in printed.out
    assert "1 could not be read" in printed.err
    assert encoder.encoded == []
    assert app.main(["add", "--library", str(library), "--ray", "auto", str(folder)]) == 1
    assert f"0 added; {FILES} sources as before" in capsys.readouterr().out
    add(tmp_path / "here", folder, None)
    assert contents(library) == contents(tmp_path / "here")


@pytest.mark.parametrize("address", ["nowhere", "ray://host:10001", "host:port", ":6379"])
def test_what_is_no_address_is_told(address: str) -> None:
    with pytest.raises(UsageError, match=r"HOST:PORT"):
        Cluster(address, WordEncoder)


def test_a_cluster_that_does_not_answer_is_told_in_one_sentence() -> None:
    with pytest.raises(CitewireError, match=r"127\.0\.0\.1:1: no Ray cluster answers .*ray status"):
        Cluster("127.0.0.1:1", WordEncoder)


def test_a_missing_package_is_told_with_the_command_that_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(CitewireError, match=r'pip install "citewire\[cluster\]"'):
        Cluster("auto", WordEncoder)
