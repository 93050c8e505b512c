"""Many people at once: each asks its own questions of a real `citewire serve`, as the page's own programs do.

    python -m benchmarks.load --people 64 --seconds 120

Starts the server as a process of its own on a free port, asks every question once alone (one person's latency, and the
answers expected), then lets all people ask at once, each its own conversation of questions in turn. An answer that is
not the one expected (texts, citations, offsets, the question itself) counts as mixed. Prints one JSON object; exits 1
when anything failed or was mixed. `--address` asks a server that runs already.
"""

import argparse
import contextlib
import json
import random
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from qa.evaluation.gold_questions import read_gold
from qa.page.serve import free_port, settle_environment

START_SECONDS = 600
GOLD = "qa/evaluation/gold/bundled.jsonl"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with the ones before it in its conversation."""

    question: str
    turns: tuple[str, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What came of the questions: seconds each took, what failed, and how many answers were another's."""

    seconds: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    mixed: list[str] = field(default_factory=list)


@contextlib.contextmanager
def served(library: str | None) -> Iterator[str]:
    """Run `citewire serve` and give its address once it is announced; end it afterwards."""
    port = free_port("127.0.0.1", 0)
    command = [sys.executable, "-m", "app", "serve", "--port", str(port)]
    process = subprocess.Popen(command + (["--library", library] if library else []), stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    late = threading.Timer(START_SECONDS, process.kill)
    late.start()
    lines: list[str] = []
    for line in process.stderr:
        lines.append(line)
        if "the page is at" in line:
            break
    late.cancel()
    # Read on, or the process stops where the pipe is full.
    threading.Thread(target=lambda: lines.extend(process.stderr or ()), daemon=True).start()
    try:
        if process.poll() is not None:
            raise SystemExit(f"the server did not start: {''.join(lines)}")
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(timeout=30)
        print("".join(lines[-3:]), file=sys.stderr, end="")


def questions(gold: str) -> list[Asked]:
    """Return the gold questions, each with its earlier turns."""
    return [Asked(one.question, tuple(one.turns)) for one in read_gold(Path(gold)).questions]


def client(address: str) -> Any:  # noqa: ANN401 - Gradio has no types
    """Return a client with a session of its own."""
    from gradio_client import Client

    return Client(address, verbose=False)


def answer(asking: Any, asked: Asked) -> dict[str, Any]:  # noqa: ANN401
    """Return all of an answer that must be the same whoever asks and whenever."""
    result = asking.predict(asked.question, list(asked.turns), api_name="/ask")
    return {name: value for name, value in result.items() if name not in ("timings_ms", "token")}


def alone(address: str, asked: Sequence[Asked]) -> tuple[list[dict[str, Any]], list[float]]:
    """Return each question's answer and the seconds it took, nobody else asking."""
    asking, answers, seconds = client(address), [], []
    for one in asked:
        began = time.perf_counter()
        answers.append(answer(asking, one))
        seconds.append(time.perf_counter() - began)
    return answers, seconds


def crowd(
    address: str, asked: Sequence[Asked], expected: Sequence[dict[str, Any]], people: int, seconds: float
) -> Outcome:
    """Let so many people ask at once for so long, each in an order of its own."""
    outcome, lock = Outcome(), threading.Lock()
    clients = [client(address) for _ in range(people)]
    gate = threading.Barrier(people)

    def person(number: int) -> None:
        order = random.Random(number)
        gate.wait()
        until = time.perf_counter() + seconds
        while time.perf_counter() < until:
            which = order.randrange(len(asked))
            began = time.perf_counter()
            try:
                got = answer(clients[number], asked[which])
            except Exception as error:  # noqa: BLE001 - whatever fails is what is counted here
                with lock:
                    outcome.errors.append(f"{type(error).__name__}: {error}")
                continue
            took = time.perf_counter() - began
            with lock:
                outcome.seconds.append(took)
                if got != expected[which]:
                    outcome.mixed.append(asked[which].question)

    threads = [threading.Thread(target=person, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcome


def percentile(values: Sequence[float], share: float) -> float | None:
    """Return the value that `share` of the values do not exceed (nearest rank), None of none."""
    ranked = sorted(values)
    return ranked[max(0, -(-int(share * 1000) * len(ranked) // 1000) - 1)] if ranked else None


def milliseconds(values: Sequence[float]) -> dict[str, float | None]:
    """Return the median and the 95th percentile in milliseconds."""
    named = {"p50_ms": percentile(values, 0.5), "p95_ms": percentile(values, 0.95)}
    return {name: None if value is None else round(1000 * value, 1) for name, value in named.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, and print the figures as JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.load", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--people", type=int, default=64, help="how many ask at once (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=120, help="for how long (default: %(default)s)")
    parser.add_argument("--questions", type=int, default=40, help="how many different questions (default: %(default)s)")
    parser.add_argument("--gold", default=GOLD, help="gold questions to ask (default: the bundled ones)")
    parser.add_argument("--library", help="the library (default: the bundled collection)")
    parser.add_argument("--address", help="a server that runs already, instead of one of its own")
    options = parser.parse_args(arguments)
    settle_environment()
    asked = random.Random(0).sample(all_asked := questions(options.gold), min(options.questions, len(all_asked)))
    with contextlib.nullcontext(options.address) if options.address else served(options.library) as address:
        expected, one_person = alone(address, asked)
        began = time.perf_counter()
        outcome = crowd(address, asked, expected, options.people, options.seconds)
        took = time.perf_counter() - began
    figures = {
        "people": options.people,
        "seconds": round(took, 1),
        "answers": len(outcome.seconds),
        "answers_per_second": round(len(outcome.seconds) / took, 2),
        "errors": len(outcome.errors),
        "mixed": len(outcome.mixed),
        "one_person": milliseconds(one_person),
        "all_at_once": milliseconds(outcome.seconds),
        "first_errors": outcome.errors[:3],
        "first_mixed": outcome.mixed[:3],
    }
    print(json.dumps(figures, ensure_ascii=False, indent=1))
    return 1 if outcome.errors or outcome.mixed or not outcome.seconds else 0


if __name__ == "__main__":
    sys.exit(main())
