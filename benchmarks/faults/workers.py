"""Ray's workers killed: files are added on a Ray of two workers that are killed at random moments, both kinds of them.

After each round the library must be the one that is made without Ray: every article once, in the same order, with the
same passages and, within rounding, the same vectors. The model is the real one.

    python -m benchmarks.faults workers --kills 50
"""

import contextlib
import os
import random
import shutil
import signal
import threading
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from library_checks import faults_of
from ray_adding import add, children, holding, parent_of

from benchmarks.texts import paragraphs
from corpus.errors import CitewireError
from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.openvino_network import FloatArray
from embeddings.library.library import open_library
from embeddings.ray.cluster import Cluster

FILES, PARAGRAPHS = 240, 4
PAUSE_S = (0.2, 4.0)
SAME = 2e-3  # of a cosine: in bf16, and more in eight bits, a vector depends on what is computed beside it
_READS, _ENCODES = b"ray::read_on_worker", b"ray::Worker"


@dataclass(slots=True)
class Killed:
    """What was tried; all was well when it is returned."""

    rounds: int = 0
    reading: int = 0
    encoding: int = 0
    articles: int = 0
    not_tried: str = ""

    def __str__(self) -> str:
        if self.not_tried:
            return f"not tried: {self.not_tried}"
        return (
            f"{self.reading + self.encoding} workers killed, {self.reading} that read and {self.encoding} that encode, "
            f"while {self.articles:,} articles were added in {self.rounds} rounds: none lost, none twice"
        )


def workers(place: Path, *, kills: int, seed: int = 11) -> Killed:
    """Add the same files again and again until so many workers were killed; assert that each library is right."""
    drawn, done = random.Random(seed), Killed()
    folder = _files(place / "files")
    expected = _contents(_added(place / "here", folder, None))
    os.environ.setdefault("RAY_worker_niceness", "0")  # else a busy machine lets them wait for minutes
    try:
        started = Cluster("local", load_encoder, workers=2)
    except CitewireError as error:  # no Ray, or none that starts here
        return Killed(not_tried=str(error))
    with contextlib.closing(started) as cluster:
        raylet = parent_of(holding(cluster)[0])
        while done.reading + done.encoding < kills:
            ended = threading.Event()
            killer = threading.Thread(target=_kill, args=(raylet, kills, drawn, done, ended))
            killer.start()
            try:
                library = _added(place / "there", folder, cluster)
            finally:
                ended.set()
                killer.join()
            _compare(_contents(library), expected)
            shutil.rmtree(library)
            done.rounds += 1
            done.articles += FILES
    return done


def _files(folder: Path) -> Path:
    texts, _ = paragraphs(FILES * PARAGRAPHS)
    folder.mkdir()
    for number in range(FILES):
        own = texts[number * PARAGRAPHS : (number + 1) * PARAGRAPHS]
        (folder / f"{number:03}.txt").write_text("\n\n".join(own), encoding="utf-8")
    return folder


def _added(library: Path, folder: Path, cluster: Cluster | None) -> Path:
    report, bad = add(library, folder, cluster, load_encoder())
    assert (report.added, bad) == (FILES, []), f"{report.added} added; {bad[:3]}"
    return library


def _contents(library: Path) -> tuple[list[object], FloatArray]:
    """Return articles and passages in the order in which they were added, and the passages' vectors."""
    found: list[object] = []
    rows = []
    with open_library(library, encoder=load_encoder()) as opened, opened.snapshot() as snapshot:
        assert faults_of(opened) == []
        for info in snapshot.articles(order="added"):
            passages = snapshot.passages_of(info.id)
            vectors = snapshot.vectors(passage.id for passage in passages)
            found += [info.id, info.version, info.path, *((passage.id, passage.text) for passage in passages)]
            rows += [np.frombuffer(vectors[passage.id], dtype=np.float16) for passage in passages]
    return found, np.stack(rows).astype(np.float32)


def _compare(found: tuple[list[object], FloatArray], expected: tuple[list[object], FloatArray]) -> None:
    assert found[0] == expected[0], "articles or passages differ"
    cosines = (found[1] * expected[1]).sum(axis=1)
    assert cosines.min() > 1 - SAME, f"a vector differs: cosine {cosines.min():.4f}"


def _kill(raylet: int, kills: int, drawn: random.Random, done: Killed, ended: threading.Event) -> None:
    """Kill a worker at random, of either kind where there are both, after random pauses, until told to end."""
    while done.reading + done.encoding < kills and not ended.wait(drawn.uniform(*PAUSE_S)):
        kind = drawn.choice((_READS, _ENCODES))
        there = children(raylet, kind)
        if there:
            with contextlib.suppress(ProcessLookupError):
                os.kill(drawn.choice(there), signal.SIGKILL)
                done.reading += kind == _READS
                done.encoding += kind == _ENCODES
