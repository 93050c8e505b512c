"""Measure the index of words at several sizes: time, memory, disk, changes, filters.

    python -m benchmarks.scale_words [--sizes 10000 100000 1000000] [--json OUT]

Passages are paragraphs of news (of $CITEWIRE_DATA, else of made-up words); where there are too few, four sentences of
as many others make one more. Questions are of RealTimeQA where the data is there, else ten words of a paragraph. Each
size is filled in one process and asked in another, whose memory is its own.
"""

import argparse
import gzip
import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from tqdm import tqdm

from benchmarks.measures import folder_bytes, resident_mb
from benchmarks.texts import paragraphs
from corpus.sentences import sentences
from embeddings.index.files import Stamp
from embeddings.index.vector_index import IntArray
from embeddings.index.word_index import WordDocument, WordIndex, update

SIZES = (10_000, 100_000, 1_000_000)
QUESTIONS = 200
FILTERS = (1, 5, 20, 1000, 0.1, 0.5)
K = 50  # so many passages are asked of the words for a question (qa/retrieval.py)
_REAL = 100_000
_SENTENCES = 4
STAMP = Stamp("scale", "scale")
NONE = np.empty(0, np.int64)


def passages(count: int) -> Iterator[str]:
    """Yield so many passages, the same in every run."""
    real, _ = paragraphs(min(count, _REAL))
    yield from real
    if count > len(real):
        chosen = random.Random(5)
        told = [text[start:end] for text in real for start, end in sentences(text)]
        for _ in range(count - len(real)):
            yield " ".join(chosen.choices(told, k=_SENTENCES))


def questions() -> list[str]:
    """Return QUESTIONS questions, or fewer where there are no more."""
    data = os.environ.get("CITEWIRE_DATA")
    chosen = random.Random(0)
    if not data:
        made, _ = paragraphs(1000)
        return [" ".join(text.split()[3:13]) for text in chosen.sample(made, QUESTIONS)]
    with gzip.open(Path(data, "retrieval", "realtimeqa_questions.jsonl.gz"), "rt", encoding="utf-8") as lines:
        return chosen.sample([json.loads(line)["question"] for line in lines], QUESTIONS)


def filled(count: int, folder: Path) -> dict[str, object]:
    """Fill an index, and return what that takes; and what changes take afterwards (medians)."""
    start = time.perf_counter()
    texts = tqdm(passages(count), total=count, desc="passages", leave=False)
    update(folder, STAMP, (WordDocument(n, None, text) for n, text in enumerate(texts, 1)))
    made = time.perf_counter() - start
    index = WordIndex.open(folder, STAMP)
    return {
        "passages": index.size,
        "made_s": round(made, 1),
        "disk_bytes_per_passage": round(folder_bytes(folder) / index.size),
    }


def asked(folder: Path) -> dict[str, object]:
    """Return how soon a saved index answers, what a search takes, and the memory of a process that does only that."""
    start = time.perf_counter()
    index = WordIndex.open(folder, STAMP)
    opened = time.perf_counter() - start
    every = questions()
    _timed(index, every[:20], None)
    ids = np.arange(1, index.size + 1)
    filters = dict[str, dict[str, float]]()
    for share in FILTERS:
        count = int(share if share >= 1 else share * index.size)
        allowed = np.sort(np.random.default_rng(3).choice(ids, count, replace=False))
        filters[str(share)] = {"passages": count, **_timed(index, every[:50], allowed)}
    figures: dict[str, object] = {"open_s": round(opened, 2), **_timed(index, every, None), "filters": filters}
    figures["memory_mb"] = resident_mb()
    figures["change_ms"] = _changes(folder, index, every)
    return figures


def _timed(index: WordIndex, every: list[str], allowed: IntArray | None) -> dict[str, float]:
    times = []
    for question in every:
        start = time.perf_counter()
        index.search(question, K, allowed=allowed)
        times.append((time.perf_counter() - start) * 1000)
    return {"p50_ms": round(float(np.median(times)), 2), "p95_ms": round(float(np.percentile(times, 95)), 2)}


def _changes(folder: Path, index: WordIndex, every: list[str]) -> dict[str, float]:
    """Return ms for ten passages that came since, for a search beside 2,000 such, and for removing ten and committing.

    Medians of 15.
    """
    adding, removing = [], []
    new = [WordDocument(index.size + n + 1, None, text) for n, text in enumerate(passages(2_000))]
    later = index
    for turn in range(15):
        start = time.perf_counter()
        later = later.with_changes(new[10 * turn : 10 * turn + 10], NONE, change=turn)
        adding.append(time.perf_counter() - start)
    later = later.with_changes(new[150:], NONE, change=15)
    for turn in range(15):
        old = list(range(1 + turn * (index.size // 15), 11 + turn * (index.size // 15)))
        start = time.perf_counter()
        update(folder, STAMP, [], old, before=WordIndex.open(folder, STAMP).stamp)
        removing.append(time.perf_counter() - start)
    return {
        "add_ten": round(float(np.median(adding)) * 1000, 1),
        "search_beside_2000_later_p50": _timed(later, every, None)["p50_ms"],
        "remove_ten_and_save": round(float(np.median(removing)) * 1000, 1),
    }


def main() -> int:
    """Measure each size and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale_words")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--one", nargs=2, metavar=("FOLDER", "STEP"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        folder, step = Path(given.one[0]), given.one[1]
        print(json.dumps(filled(given.sizes[0], folder) if step == "fill" else asked(folder)))
        return 0
    results = []
    for size in given.sizes:
        figures: dict[str, object] = {}
        with tempfile.TemporaryDirectory(prefix="scale-") as name:
            command = [sys.executable, "-m", "benchmarks.scale_words", "--sizes", str(size), "--one", name]
            for step in ("fill", "ask"):
                done = subprocess.run([*command, step], stdout=subprocess.PIPE, text=True, check=True)
                figures |= json.loads(done.stdout)
        print(json.dumps(figures, indent=1), flush=True)
        results.append(figures)
    if given.json:
        given.json.write_text(json.dumps({"cores": os.cpu_count(), "sizes": results}, indent=1) + "\n", "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
