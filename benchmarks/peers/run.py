"""Measure one tool in its own environment; imported by the scripts beside it, which say how the tool is used.

`python run_TOOL.py STEP MODEL FOLDER [READER|COUNT]` reads what FOLDER holds and prints one JSON object; the steps are

    make    index passages.json, and add and remove single passages
    ask     open that index in a new process and ask questions.json
    clients open it and ask with COUNT threads at once
    answer  open it with the folder READER of an extractive reader, and answer questions.json
    large   index passages.json by the vectors of vectors.npy, and ask, add and remove among so many
"""

import json
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

K = 10
CHANGES = 5
PATIENCE = 60.0
"""Seconds after which nothing more is begun of what takes some tools minutes in a large collection."""
NO_STORY = "zo wen yar una kim tor pel qui " * 20
"""What is added and removed again: it answers nothing."""

Opened = Any
"""What a tool calls its index, with whatever it needs to ask and change it."""


@dataclass(frozen=True)
class Tool:
    """How one tool is used. What it cannot do is None.

    make, load: index passages and save the index; open a saved one. ask: the numbers of the best passages, best first.
    add, remove: one passage, until it is both found (or not) and saved. reading: a function from a question to its
    answers, each {"text", "passage": its number, "start": the character it starts at there, or None}, surest first;
    where it refuses, none, or only {"withheld": what it would have answered}. fill: as make, with the passages'
    vectors given, a row of length 1 each.
    """

    make: Callable[[str, Path, list[str]], Opened]
    load: Callable[[str, Path], Opened]
    ask: Callable[[Opened, str, int], list[int]]
    add: Callable[[Opened, int, str], None] | None = None
    remove: Callable[[Opened, int], None] | None = None
    reading: Callable[[Opened, str], Callable[[str], list[dict[str, Any]]]] | None = None
    fill: Callable[[str, Path, list[str], Any], Opened] | None = None


def measure(tool: Tool) -> int:
    """Do the step named on the command line, and print its figures: s, ms, MB and bytes as named."""
    step, model, name, *more = sys.argv[1:]
    folder = Path(name)
    if step == "make":
        figures = _make(tool, model, folder)
    elif step == "ask":
        figures = _ask(tool, model, folder)
    elif step == "clients":
        figures = _clients(tool, model, folder, int(more[0]))
    elif step == "answer":
        figures = _answer(tool, model, folder, more[0])
    else:
        figures = _large(tool, model, folder)
    print(json.dumps(figures))
    return 0


def _make(tool: Tool, model: str, folder: Path) -> dict[str, Any]:
    passages = _read(folder, "passages")
    start, worked = time.perf_counter(), time.process_time()
    opened = tool.make(model, folder, passages)
    return {
        "make_s": time.perf_counter() - start,
        "make_processor_s": time.process_time() - worked,
        **_changed(tool, opened, passages),
        "make_peak_mb": _peak_mb(),
    }


def _ask(tool: Tool, model: str, folder: Path) -> dict[str, Any]:
    questions = _read(folder, "questions")
    start, worked = time.perf_counter(), time.process_time()
    opened = tool.load(model, folder)
    tool.ask(opened, questions[0], K)
    figures: dict[str, Any] = {
        "cold_s": time.perf_counter() - start,
        "cold_processor_s": time.process_time() - worked,
    }
    used = time.process_time()
    _, every = _timed(lambda question: tool.ask(opened, question, K), questions)
    figures["processor_ms"] = (time.process_time() - used) * 1000 / len(questions)
    figures |= {f"p{p}_ms": _percentile(every, p) for p in (50, 95, 99)}
    figures["ask_peak_mb"] = _peak_mb()
    return figures


def _clients(tool: Tool, model: str, folder: Path, count: int) -> dict[str, Any]:
    questions = _read(folder, "questions")
    opened = tool.load(model, folder)
    tool.ask(opened, questions[0], K)
    start = time.perf_counter()
    with ThreadPoolExecutor(count) as pool:
        list(pool.map(lambda question: tool.ask(opened, question, K), questions))
    return {f"clients_{count}": len(questions) / (time.perf_counter() - start)}


def _answer(tool: Tool, model: str, folder: Path, reader: str) -> dict[str, Any]:
    questions = _read(folder, "questions")
    opened = tool.load(model, folder)
    found = [tool.ask(opened, question, K) for question in questions]
    if tool.reading is None:
        return {"found": found, "answers": None}
    answering = tool.reading(opened, reader)
    answering(questions[0])
    answers, every = _timed(answering, questions)
    return {
        "found": found,
        "answers": answers,
        **{f"answer_p{p}_ms": _percentile(every, p) for p in (50, 95, 99)},
    }


def _large(tool: Tool, model: str, folder: Path) -> dict[str, Any]:
    import numpy as np

    passages, questions = _read(folder, "passages"), _read(folder, "questions")
    if tool.fill is None:
        return {}
    opened = tool.fill(model, folder, passages, np.load(folder / "vectors.npy"))
    tool.ask(opened, questions[0], K)
    _, every = _timed(lambda question: tool.ask(opened, question, K), questions, patience=PATIENCE)
    return {"p50_ms": _percentile(every, 50), "p95_ms": _percentile(every, 95), **_changed(tool, opened, passages)}


def _changed(tool: Tool, opened: Opened, passages: Sequence[str]) -> dict[str, float]:
    """Return what adding one passage takes, and removing it again, the median of some, in ms."""
    figures, added = dict[str, float](), range(len(passages), len(passages) + CHANGES)
    if (add := tool.add) is not None:
        _, times = _timed(lambda number: add(opened, number, f"{NO_STORY} {number}"), added, patience=PATIENCE)
        added = added[: len(times)]
        figures["add_one_ms"] = statistics.median(times)
    if (remove := tool.remove) is not None:
        _, times = _timed(lambda number: remove(opened, number), added[::-1], patience=PATIENCE)
        figures["remove_one_ms"] = statistics.median(times)
    return figures


def _timed(
    do: Callable[[Any], Any], each: Sequence[Any], *, patience: float = float("inf")
) -> tuple[list[Any], list[float]]:
    """Return what was returned for each, and the ms that it took; none is begun after `patience` seconds."""
    returned, times, begun = [], list[float](), time.perf_counter()
    for one in each:
        if times and time.perf_counter() - begun > patience:
            break
        start = time.perf_counter()
        returned.append(do(one))
        times.append((time.perf_counter() - start) * 1000)
    return returned, times


def _percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def _peak_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def _read(folder: Path, name: str) -> list[str]:
    return list(json.loads((folder / f"{name}.json").read_text("utf-8")))
