"""Measure a whole library of many passages, searched by meaning and words together.

    python -m benchmarks.scale_library [--passages 1000000] [--json OUT]

Articles of 18 paragraphs are added to a library in a folder as `citewire add` adds them, but for the encoding: vectors
are made up (benchmarks/clusters.py). The paragraphs and the questions are those of benchmarks/scale_words.py. The
library is asked and changed in a process of its own, whose memory is its own.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import TypeVar

import numpy as np
from tqdm import tqdm

from benchmarks.clusters import HalfArray, passages_and_questions
from benchmarks.measures import folder_bytes, resident_mb, warm_up
from benchmarks.scale_words import passages, questions
from corpus.article import Article
from embeddings.encoder.encoder import Encoder, load_encoder
from embeddings.encoder.openvino_network import FloatArray
from embeddings.library.library import create_library, open_library
from qa.retrieval import retrieve

PARAGRAPHS = 18
CHANGES = 15
Given = TypeVar("Given")


class DrawnVectors:
    """Gives passages the rows of `vectors` in turn, whatever they say; it is for filling a library, not for asking."""

    def __init__(self, encoder: Encoder, vectors: HalfArray) -> None:
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension
        self._vectors, self._next = vectors, 0

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the next rows, (n, dimension)."""
        rows = np.arange(self._next, self._next + len(texts)) % len(self._vectors)
        self._next += len(texts)
        drawn: FloatArray = self._vectors[rows].astype(np.float32)
        return drawn

    def encode_question(self, question: str) -> FloatArray:
        """Raise: nobody asks while the library is filled."""
        raise NotImplementedError(question)


def articles(count: int) -> Iterator[Article]:
    """Yield articles of so many passages in all."""
    texts = iter(tqdm(passages(count), total=count, desc="passages", leave=False))
    for n in range(-(-count // PARAGRAPHS)):
        text = "\n\n".join(islice(texts, PARAGRAPHS))
        day = f"{2000 + n // 360 % 25}-{n // 30 % 12 + 1:02}-{n % 28 + 1:02}"
        yield Article(text, source=f"Outlet {n % 40}", published=day, url=f"https://articles.example/{n}")


def filled(count: int, folder: Path) -> dict[str, object]:
    """Fill a library, and return what that takes."""
    vectors, _ = passages_and_questions(count, 1)
    with create_library(folder, encoder=DrawnVectors(load_encoder(), vectors)) as library:
        start = time.perf_counter()
        library.add(articles(count))
        took = time.perf_counter() - start
        with library.snapshot() as snapshot:
            held = snapshot.counts().passages
    return {
        "passages": held,
        "added_a_second": round(held / took),
        "disk_bytes_per_passage": round(folder_bytes(folder) / held),
    }


def asked(folder: Path) -> dict[str, object]:
    """Return how soon the library answers, what searches and changes take, and the memory of it all."""
    encoder = load_encoder()
    warm_up(encoder)
    before = resident_mb()
    start = time.perf_counter()
    with open_library(folder, encoder=encoder) as library:
        every = questions()

        def ask(question: str) -> None:
            with library.snapshot() as snapshot:
                retrieve(snapshot, question)

        ask(every[0])
        figures: dict[str, object] = {"opened_and_first_asked_s": round(time.perf_counter() - start, 2)}
        _milliseconds(ask, every)  # from files that are not in memory yet
        figures["search_ms"] = _milliseconds(ask, every)
        figures["of_it_encoding_the_question_ms"] = _milliseconds(encoder.encode_question, every)
        new = [Article(f"Nothing new was said of {n}.", url=f"https://new.example/{n}") for n in range(CHANGES)]
        figures["add_one_ms"] = _milliseconds(lambda article: library.add([article]), new)
        ask(every[0])
        figures["remove_one_ms"] = _milliseconds(lambda article: library.remove([article.id]), new)
        figures["memory_mb"] = resident_mb()
        figures["memory_of_the_model_mb"] = before
    return figures


def _milliseconds(do: Callable[[Given], object], each: Sequence[Given]) -> dict[str, float]:
    times = []
    for one in each:
        start = time.perf_counter()
        do(one)
        times.append((time.perf_counter() - start) * 1000)
    return {"p50": round(float(np.median(times)), 1), "p95": round(float(np.percentile(times, 95)), 1)}


def main() -> int:
    """Fill, ask and print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale_library")
    parser.add_argument("--passages", type=int, default=1_000_000)
    parser.add_argument("--folder", type=Path, help="where the library is made and left (default: for this run)")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--one", choices=("fill", "ask"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(filled(given.passages, given.folder) if given.one == "fill" else asked(given.folder)))
        return 0
    with tempfile.TemporaryDirectory(prefix="scale-") as name:
        folder = given.folder or Path(name, "library")
        command = [sys.executable, "-m", "benchmarks.scale_library", "--passages", str(given.passages)]
        figures: dict[str, object] = {"cores": os.cpu_count()}
        for step in ("fill", "ask"):
            if step == "ask" or not folder.exists():
                run = [*command, "--folder", str(folder), "--one", step]
                done = subprocess.run(run, stdout=subprocess.PIPE, text=True, check=True)
                figures |= json.loads(done.stdout)
    print(json.dumps(figures, indent=1))
    if given.json:
        given.json.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
