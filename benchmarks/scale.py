"""Measure the search view of the vectors at several sizes: recall@10 against exact search, time, memory, changes.

    python -m benchmarks.scale [--sizes 10000 100000 1000000] [--json OUT]    made-up vectors (benchmarks/clusters.py)
    python -m benchmarks.scale --real 100000                                  news of $CITEWIRE_DATA, once encoded
    python -m benchmarks.scale --vectors ROWS.npy --questions QUESTIONS.npy   one's own, of length 1

Each size runs in a process of its own, so that its memory is its own. Searches are of one thread;
processor times say what they cost where the machine is shared.
"""

import argparse
import gzip
import json
import os
import platform
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tqdm import tqdm

from benchmarks.answers import filler
from benchmarks.clusters import FloatArray, HalfArray, passages_and_questions
from benchmarks.measures import resident_mb
from corpus.passages import split
from embeddings.encoder.encoder import load_encoder
from embeddings.index.vector_index import VectorView

SIZES = (10_000, 100_000, 1_000_000)
QUESTIONS = 200
FILTERS = (1, 5, 20, 1000, 0.1, 0.5)
CACHE = Path(__file__).parent.parent / ".benchmarks-cache"
_CHUNK = 50_000
_ENCODED_AT_ONCE = 4_096
_ADDED_FROM = 10_000_000
IntArray = npt.NDArray[np.int64]
NONE = np.empty(0, np.int64)


def measure(rows: HalfArray, questions: FloatArray, folder: Path) -> dict[str, object]:
    """Return the figures of a view of these passages. Memory is in MB (of 2^20 bytes), times in s or ms as named."""
    count, dimension = rows.shape
    view = _view(folder, dimension)
    start = time.perf_counter()
    view.apply(np.arange(count), rows.astype(np.float32), NONE, change=count)
    added = time.perf_counter()
    view.settle()
    settled = time.perf_counter()
    view.save()
    saved = time.perf_counter()
    true = exact(rows, questions, None)
    del rows
    figures: dict[str, object] = {
        "passages": count,
        "lists": view.lists,
        "apply_s": round(added - start, 2),
        "lists_s": round(settled - added, 2),
        "save_s": round(saved - settled, 2),
        "disk_bytes_per_passage": round(sum(path.stat().st_size for path in folder.iterdir()) / count),
        **_asked(view, questions, true, None),
        "change_ms": changes(view, questions[0]),
    }
    view.close()
    return figures


def opened(folder: Path, questions: FloatArray) -> dict[str, object]:
    """Return how soon a saved view answers, and the memory of a process that does nothing else."""
    start = time.perf_counter()
    view = _view(folder, questions.shape[1])
    loaded = time.perf_counter()
    view.search(questions[0], 10)
    first = time.perf_counter()
    view.settle()
    ready = time.perf_counter()
    every = [_timed(view, question, None)[1:] for question in questions]
    filtered = {str(share): _filtered(view, share, questions) for share in FILTERS if share <= view.size}
    return {
        "open_s": round(loaded - start, 2),
        "first_search_ms": round((first - loaded) * 1000, 1),
        "lists_ready_s": round(ready - start, 2),
        "opened_p50_ms": round(float(np.median([ms for ms, _ in every])), 2),
        "opened_p95_ms": round(float(np.percentile([ms for ms, _ in every], 95)), 2),
        "opened_processor_p50_ms": round(float(np.median([ms for _, ms in every])), 2),
        "filters": filtered,
        "memory_mb": resident_mb(),
        "memory_peak_mb": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024),
    }


def exact(rows: HalfArray, questions: FloatArray, allowed: IntArray | None) -> list[set[int]]:
    """Return the ids of the ten nearest passages of each question, by a product with all of them."""
    ids = np.arange(len(rows)) if allowed is None else allowed
    best = np.full((len(questions), 10), -2.0, np.float32)
    nearest = np.full((len(questions), 10), -1, np.int64)
    for at in range(0, len(ids), _CHUNK):
        some = ids[at : at + _CHUNK]
        cosines = np.concatenate([best, questions @ rows[some].astype(np.float32).T], axis=1)
        named = np.concatenate([nearest, np.broadcast_to(some, (len(questions), len(some)))], axis=1)
        top = np.argpartition(-cosines, 9, axis=1)[:, :10]
        best, nearest = np.take_along_axis(cosines, top, 1), np.take_along_axis(named, top, 1)
    return [set(found[found >= 0].tolist()) for found in nearest]


def changes(view: VectorView, vector: FloatArray) -> dict[str, float]:
    """Return ms (medians of 15) for adding ten passages, and for removing ten and writing the files without them."""
    adding, removing = [], []
    ten = np.repeat(vector[None, :], 10, axis=0)
    for turn in range(15):
        new = np.arange(10) + _ADDED_FROM + 10 * turn
        start = time.perf_counter()
        view.apply(new, ten, NONE, change=view.change + 1)
        adding.append(time.perf_counter() - start)
        old = np.arange(10) + 600 * turn
        start = time.perf_counter()
        view.apply(NONE, ten[:0], old, change=view.change + 1)
        view.save()
        removing.append(time.perf_counter() - start)
    return {
        "add_ten": round(float(np.median(adding)) * 1000, 1),
        "remove_ten_and_save": round(float(np.median(removing)) * 1000, 1),
    }


def _view(folder: Path, dimension: int) -> VectorView:
    return VectorView.open(folder, library_id="scale", model_hash="none", dimension=dimension)


def _timed(view: VectorView, question: FloatArray, allowed: IntArray | None) -> tuple[set[int], float, float]:
    """Return the ids found, and the ms that passed and that the processor worked for this thread."""
    start, worked = time.perf_counter(), time.thread_time()
    ids, _ = view.search(question, 10, allowed=allowed)
    return set(ids.tolist()), (time.perf_counter() - start) * 1000, (time.thread_time() - worked) * 1000


def _asked(
    view: VectorView, questions: FloatArray, true: list[set[int]], allowed: IntArray | None
) -> dict[str, float | int]:
    found = [_timed(view, question, allowed) for question in questions]
    shares = [len(ids & right) / max(1, len(right)) for (ids, _, _), right in zip(found, true, strict=True)]
    return {
        "recall_at_10": round(float(np.mean(shares)), 4),
        "p50_ms": round(float(np.median([ms for _, ms, _ in found])), 2),
        "p95_ms": round(float(np.percentile([ms for _, ms, _ in found], 95)), 2),
        "processor_p50_ms": round(float(np.median([ms for _, _, ms in found])), 2),
    }


def _filtered(view: VectorView, allowed: float, questions: FloatArray) -> dict[str, float | int]:
    """Return the figures of searches among so many passages (or that share of them), drawn at random."""
    size = view.size
    count = int(allowed) if allowed >= 1 else int(allowed * size)
    ids = np.concatenate([block.ids for block in view._state.blocks])
    ids = ids[ids < _ADDED_FROM]
    some = np.sort(np.random.default_rng(3).choice(ids, count, replace=False))
    asked = questions[:50]
    blocks = view._state.blocks
    rows = np.concatenate([block.halves[np.isin(block.ids, some)] for block in blocks])
    true = [{int(some[row]) for row in right} for right in exact(rows, asked, None)]
    return {"passages": count, **_asked(view, asked, true, some)}


def real_vectors(data: Path, count: int, cache: Path) -> tuple[Path, Path]:
    """Return the files of so many vectors of RealTimeQA's news and of QUESTIONS of its questions, encoded once."""
    rows_file, questions_file = cache / f"news-{count}.npy", cache / "news-questions.npy"
    if not (rows_file.exists() and questions_file.exists()):
        encoder = load_encoder()
        texts = [p.text for article in filler(data, count) for p in split(article.text)][:count]
        rows = np.empty((len(texts), encoder.dimension), np.float16)
        for start in tqdm(range(0, len(texts), _ENCODED_AT_ONCE), desc="encoding", unit_scale=_ENCODED_AT_ONCE):
            some = slice(start, start + _ENCODED_AT_ONCE)
            rows[some] = encoder.encode(texts[some])
        with gzip.open(data / "retrieval" / "realtimeqa_questions.jsonl.gz", "rt", encoding="utf-8") as lines:
            asked = [json.loads(line)["question"] for line in lines]
        cache.mkdir(parents=True, exist_ok=True)
        np.save(questions_file, encoder.encode(random.Random(0).sample(asked, QUESTIONS)))
        np.save(rows_file, rows)
    return rows_file, questions_file


def _one(size: int, vectors: str | None, asked: str | None, folder: Path, step: str) -> dict[str, object]:
    if vectors and asked:
        rows = np.load(vectors, mmap_mode="r").astype(np.float16)[:size]
        questions = np.load(asked).astype(np.float32)[:QUESTIONS]
    else:
        rows, questions = passages_and_questions(size if step == "measure" else 1000, QUESTIONS)
        kept = folder.parent / "questions.npy"
        if step == "measure":
            np.save(kept, questions)
        else:
            questions = np.load(kept)
    return measure(rows, questions, folder) if step == "measure" else opened(folder, questions)


def main() -> int:
    """Measure each size and print its figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale")
    parser.add_argument("--sizes", type=int, nargs="+", default=list(SIZES))
    parser.add_argument("--real", type=int, help="so many passages of the news in $CITEWIRE_DATA")
    parser.add_argument("--vectors", help="a .npy file of passages' vectors")
    parser.add_argument("--questions", help="a .npy file of questions' vectors")
    parser.add_argument("--json", type=Path, help="where to write the figures")
    parser.add_argument("--one", nargs=2, metavar=("FOLDER", "STEP"), help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        figures = _one(given.sizes[0], given.vectors, given.questions, Path(given.one[0]), given.one[1])
        print(json.dumps(figures))
        return 0
    if given.real:
        if "CITEWIRE_DATA" not in os.environ:
            sys.exit("scale: skipped, since $CITEWIRE_DATA does not name the data folder")
        files = real_vectors(Path(os.environ["CITEWIRE_DATA"]), given.real, CACHE)
        given.vectors, given.questions = map(str, files)
    results = []
    sizes = [len(np.load(given.vectors, mmap_mode="r"))] if given.vectors else given.sizes
    for size in sizes:
        with tempfile.TemporaryDirectory(prefix="scale-") as name:
            folder = Path(name, "view")
            command = [sys.executable, "-m", "benchmarks.scale", "--sizes", str(size), "--one", str(folder)]
            if given.vectors:
                command[3:3] = ["--vectors", given.vectors, "--questions", given.questions]
            figures = {}
            for step in ("measure", "open"):
                done = subprocess.run([*command, step], stdout=subprocess.PIPE, text=True, check=True)
                figures |= json.loads(done.stdout)
        print(json.dumps(figures, indent=1), flush=True)
        results.append(figures)
    report = {"processor": platform.processor() or platform.machine(), "cores": os.cpu_count(), "sizes": results}
    if given.json:
        given.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
