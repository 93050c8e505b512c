"""Measure the index of vectors at several sizes: recall@10 against exact search, time, memory, changes.

    python -m benchmarks.scale [--sizes 20000 100000 1000000] [--json OUT]    made-up vectors (benchmarks/clusters.py)
    python -m benchmarks.scale --real 100000                                  news of $CITEWIRE_DATA, once encoded
    python -m benchmarks.scale --vectors ROWS.npy --questions QUESTIONS.npy   one's own, of length 1

Each size runs in a process of its own, so that its memory is its own. Searches are of one thread; processor times say
what they cost where the machine is shared. Exact cosines come from an array here; in a library they come from its
database, which benchmarks.scale_library measures.
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
from embeddings.index.files import Stamp
from embeddings.index.vector_index import VectorIndex

SIZES = (20_000, 100_000, 1_000_000)
QUESTIONS = 200
FILTERS = (1, 5, 20, 1000, 0.1, 0.5)
CACHE = Path(__file__).parent.parent / ".benchmarks-cache"
_CHUNK = 50_000
_ENCODED_AT_ONCE = 4_096
REMOVALS = 5
STAMP = Stamp("scale", "scale")
IntArray = npt.NDArray[np.int64]
NONE = np.empty(0, np.int64)


def measure(rows: HalfArray, questions: FloatArray, folder: Path) -> dict[str, object]:
    """Return the figures of an index of these passages. Memory is in MB (of 2^20 bytes), times in s or ms as named."""
    count, dimension = rows.shape
    start = time.perf_counter()
    index = VectorIndex.build(STAMP, np.arange(count), rows.__getitem__, dimension=dimension)
    built = time.perf_counter()
    index.save(folder)
    saved = time.perf_counter()
    return {
        "passages": count,
        "lists": index.lists,
        "built_s": round(built - start, 2),
        "save_s": round(saved - built, 2),
        "disk_bytes_per_passage": round(sum(path.stat().st_size for path in folder.iterdir()) / count),
        **_asked(index, rows, questions, exact(rows, questions, None), None),
    }


def opened(folder: Path, rows: HalfArray, questions: FloatArray) -> dict[str, object]:
    """Return how soon a saved index answers, and the memory of a process that does nothing else; then of changes."""
    start = time.perf_counter()
    index = VectorIndex.open(folder, STAMP)
    loaded = time.perf_counter()
    _timed(index, rows, questions[0], None)
    first = time.perf_counter()
    every = [_timed(index, rows, question, None)[1:] for question in questions]
    memory = resident_mb()
    filtered = {str(share): _filtered(index, rows, share, questions) for share in FILTERS if share <= index.size}
    return {
        "open_s": round(loaded - start, 2),
        "first_search_ms": round((first - loaded) * 1000, 1),
        "opened_p50_ms": round(float(np.median([ms for ms, _ in every])), 2),
        "opened_p95_ms": round(float(np.percentile([ms for ms, _ in every], 95)), 2),
        "opened_processor_p50_ms": round(float(np.median([ms for _, ms in every])), 2),
        "filters": filtered,
        "memory_mb": memory,
        "change_ms": changes(folder, rows),
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


def changes(folder: Path, rows: HalfArray) -> dict[str, float]:
    """Return ms (medians) for ten passages that came since, and for removing ten and writing the file without them."""
    adding, removing = [], []
    index = VectorIndex.open(folder, STAMP)
    for turn in range(15):
        new = np.arange(10) + len(rows) + 10 * turn
        start = time.perf_counter()
        index = index.with_changes(new, rows[:10], NONE, change=turn + 1)
        adding.append(time.perf_counter() - start)
    for turn in range(REMOVALS):
        old = np.arange(10) + 600 * turn
        start = time.perf_counter()
        changed = VectorIndex.open(folder, STAMP, mapped=False).updated(STAMP, NONE, old, rows.__getitem__)
        if changed is not None:
            changed.save(folder)
        removing.append(time.perf_counter() - start)
    return {
        "add_ten": round(float(np.median(adding)) * 1000, 1),
        "remove_ten_and_save": round(float(np.median(removing)) * 1000, 1),
    }


def _timed(
    index: VectorIndex, rows: HalfArray, question: FloatArray, allowed: IntArray | None
) -> tuple[set[int], float, float]:
    """Return the ids found, and the ms that passed and that the processor worked for this thread."""

    def cosines(ids: IntArray) -> FloatArray:
        found: FloatArray = np.einsum("ij,j->i", rows[ids].astype(np.float32), question)
        return found

    start, worked = time.perf_counter(), time.thread_time()
    ids = index.search(question, 10, cosines, allowed=allowed)
    return set(ids.tolist()), (time.perf_counter() - start) * 1000, (time.thread_time() - worked) * 1000


def _asked(
    index: VectorIndex, rows: HalfArray, questions: FloatArray, true: list[set[int]], allowed: IntArray | None
) -> dict[str, float | int]:
    found = [_timed(index, rows, question, allowed) for question in questions]
    shares = [len(ids & right) / max(1, len(right)) for (ids, _, _), right in zip(found, true, strict=True)]
    return {
        "recall_at_10": round(float(np.mean(shares)), 4),
        "p50_ms": round(float(np.median([ms for _, ms, _ in found])), 2),
        "p95_ms": round(float(np.percentile([ms for _, ms, _ in found], 95)), 2),
        "processor_p50_ms": round(float(np.median([ms for _, _, ms in found])), 2),
    }


def _filtered(index: VectorIndex, rows: HalfArray, allowed: float, questions: FloatArray) -> dict[str, float | int]:
    """Return the figures of searches among so many passages (or that share of them), drawn at random."""
    count = int(allowed) if allowed >= 1 else int(allowed * index.size)
    some = np.sort(np.random.default_rng(3).choice(len(rows), count, replace=False))
    asked = questions[:50]
    return {"passages": count, **_asked(index, rows, asked, exact(rows, asked, some), some)}


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
    rows_file, questions_file = folder.parent / "rows.npy", folder.parent / "questions.npy"
    if step == "measure":
        if vectors and asked:
            rows = np.load(vectors, mmap_mode="r").astype(np.float16)[:size]
            questions = np.load(asked).astype(np.float32)[:QUESTIONS]
        else:
            rows, questions = passages_and_questions(size, QUESTIONS)
        np.save(rows_file, rows)
        np.save(questions_file, questions)
        folder.mkdir()
        return measure(rows, questions, folder)
    return opened(folder, np.load(rows_file, mmap_mode="r"), np.load(questions_file))


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
            folder = Path(name, "index")
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
