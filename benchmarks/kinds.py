"""What a library costs by its kind: the same passages in a folder and in Milvus Lite.

    python -m benchmarks.kinds [--passages 20000] [--kinds folder milvus-lite]

Each passage is an article of its own; vectors are made up (benchmarks/clusters.py), so that encoding, which is the same
everywhere, does not count. Each kind is measured in a process of its own, whose memory counts with its children's.
"""

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks.clusters import passages_and_questions
from benchmarks.given import GivenVectors
from benchmarks.measures import folder_bytes
from benchmarks.texts import paragraphs
from corpus.article import Article
from embeddings.encoder.encoder import load_encoder
from embeddings.opening import open_or_create_library_at
from qa.retrieval import retrieve

KINDS = {"folder": "{}/library", "milvus-lite": "milvus-lite:{}/library.db"}
QUESTIONS, CHANGES = 50, 9


def main() -> None:
    """Measure each kind and print a table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kinds", description=__doc__.splitlines()[0])
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.one:
        print(json.dumps(measure(given.kinds[0], given.passages)))
        return
    found = {}
    for kind in given.kinds:
        command = [sys.executable, "-m", "benchmarks.kinds", "--one", "--passages", str(given.passages)]
        done = subprocess.run([*command, "--kinds", kind], stdout=subprocess.PIPE, text=True, check=True)
        found[kind] = json.loads(done.stdout.splitlines()[-1])
    print("| | " + " | ".join(found) + " |\n|---|" + "---|" * len(found))
    for name in next(iter(found.values())):
        print(f"| {name} | " + " | ".join(f"{figures[name]:,.1f}" for figures in found.values()) + " |")


def measure(kind: str, count: int) -> dict[str, float]:
    """Return the figures of a library of this kind with so many passages."""
    passages, _ = paragraphs(count)
    vectors, _ = passages_and_questions(len(passages), 1)
    encoder = GivenVectors(load_encoder(), passages, vectors)
    encoder.encode_question("Is the model loaded?")
    questions = [" ".join(text.split()[3:15]) for text in passages[:: max(1, len(passages) // QUESTIONS)]]
    with tempfile.TemporaryDirectory(prefix="citewire-kinds-") as name:
        before, began = memory_mb(), time.perf_counter()
        with open_or_create_library_at(KINDS[kind].format(name), encoder=lambda: encoder) as library:
            library.add(_article(n, text) for n, text in enumerate(passages))
            added = time.perf_counter() - began

            def ask(question: str) -> None:
                with library.snapshot() as snapshot:
                    retrieve(snapshot, question)

            ask(questions[0])
            figures = {
                "passages added a second": len(passages) / added,
                "disk a passage, bytes": folder_bytes(Path(name)) / len(passages),
                "search, p50, ms": _median_ms(lambda n: ask(questions[n]), len(questions)),
                "memory for it, MB": memory_mb() - before,
            }
            figures["adding one, ms"] = _median_ms(lambda n: library.add([_article(count + n, f"New. {n}")]), CHANGES)
            figures["removing one, ms"] = _median_ms(lambda n: library.remove([_article(n, "x").id]), CHANGES)
    return figures


def memory_mb() -> float:
    """Return the memory of this process and its children, without files mapped; 0 where /proc is missing."""
    processes = [Path("/proc/self/status"), *(Path(f"/proc/{child}/status") for child in _children())]
    lines = [line for status in processes if status.exists() for line in status.read_text().splitlines()]
    return sum(int(line.split()[1]) for line in lines if line.startswith("RssAnon")) / 1024


def _children() -> list[str]:
    return [child for task in Path("/proc/self/task").glob("*/children") for child in task.read_text().split()]


def _median_ms(do: Callable[[int], object], count: int) -> float:
    times = []
    for n in range(count):
        began = time.perf_counter()
        do(n)
        times.append(1000 * (time.perf_counter() - began))
    return statistics.median(times)


def _article(number: int, text: str) -> Article:
    return Article(text, url=f"https://passages.example/{number}")


if __name__ == "__main__":
    main()
