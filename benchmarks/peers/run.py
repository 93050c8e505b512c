"""Measure one tool in its own environment; imported by the scripts beside it, which say how the tool is used.

`python run_TOOL.py make|ask MODEL FOLDER` reads FOLDER/passages.json and questions.json and prints one JSON object.
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

K = 10


def measure(
    make: Callable[[str, Path, list[str]], Any],
    load: Callable[[str, Path], Any],
    ask: Callable[[Any, str, int], list[int]],
    add: Callable[[Any, int, str], None] | None,
    remove: Callable[[Any, int], None] | None,
) -> int:
    """Do the step named on the command line, and print its figures: s, ms, MB and bytes as named."""
    step, model, name = sys.argv[1:]
    folder = Path(name)
    passages, questions = (
        json.loads((folder / f"{file}.json").read_text("utf-8")) for file in ("passages", "questions")
    )
    start, worked = time.perf_counter(), time.process_time()
    if step == "make":
        opened = make(model, folder, passages)
        figures: dict[str, Any] = {
            "make_s": time.perf_counter() - start,
            "make_processor_s": time.process_time() - worked,
        }
        if add is not None:
            figures["add_one_ms"] = _median_ms(lambda n: add(opened, len(passages) + n, f"{passages[0]} {n}"))
        if remove is not None:
            figures["remove_one_ms"] = _median_ms(lambda n: remove(opened, n))
        figures["make_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    else:
        opened = load(model, folder)
        found = [ask(opened, questions[0], K)]
        figures = {"cold_s": time.perf_counter() - start, "cold_processor_s": time.process_time() - worked}
        every, used = [], time.process_time()
        for question in questions:
            begun = time.perf_counter()
            found.append(ask(opened, question, K))
            every.append((time.perf_counter() - begun) * 1000)
        figures |= {f"p{p}_ms": _percentile(every, p) for p in (50, 95, 99)}
        figures["processor_ms"] = (time.process_time() - used) * 1000 / len(questions)
        figures["found"] = found[1:]
        figures["ask_peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(figures))
    return 0


def _median_ms(do: Callable[[int], None]) -> float:
    times = []
    for n in range(5):
        start = time.perf_counter()
        do(n)
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def _percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]
