"""An archive kept current: many files added, added again, one in a hundred changed, one in a hundred gone.

`python -m benchmarks.archive` makes the files with a seeded generator, runs `citewire add` as a process of its own each
time, and prints seconds, articles a second and peak memory. 100,000 files take hours of encoding on a processor;
`--files 500` shows the same in a minute. `--precision` and `--model` go to `citewire add`.
"""

import argparse
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.measures import folder_bytes

FILES = 100_000
CHANGED = 100  # one file in so many is changed, and then as many are deleted
PARAGRAPHS = 3
FILES_A_FOLDER = 500
ROOT = Path(__file__).parent.parent
_SYLLABLES = "ba co den fi gra hel in jo ka lim mon na or pel qui ra sta tor un vel wen yar zo".split()


def main() -> None:
    """Make the files, add them again and again, and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--files", type=int, default=FILES)
    options.add_argument("--paragraphs", type=int, default=PARAGRAPHS)
    options.add_argument(
        "--folder", type=Path, help="where files and library are made and left (default: for this run)"
    )
    options.add_argument("--model")
    options.add_argument("--precision", default="auto")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="citewire-bench-") as name:
        folder = chosen.folder or Path(name)
        archive = folder / "archive"
        began = time.perf_counter()
        made = [write(archive, number, chosen.paragraphs) for number in range(chosen.files)]
        print(
            f"{chosen.files:,} files of {chosen.paragraphs} paragraphs written in {time.perf_counter() - began:.1f} s"
        )
        command = [sys.executable, str(ROOT / "app.py"), "add", "--library", str(folder / "library"), str(archive)]
        command += ["--precision", chosen.precision] + (["--model", chosen.model] if chosen.model else [])
        first = run("added", command, chosen.files)
        again = run("added again, nothing changed", command, chosen.files)
        print(f"{'':32} {100 * again / first:6.2f} % of the first time")
        for number in range(0, chosen.files, CHANGED):
            write(archive, number, chosen.paragraphs, version=2)
        changed = len(range(0, chosen.files, CHANGED))
        run(f"{changed:,} changed", command, changed)
        for number in range(1, chosen.files, CHANGED):
            made[number].unlink()
        run("some gone", command, chosen.files)
        run("pruned", [*command, "--prune"], chosen.files)
        size = folder_bytes(folder / "library")
        print(f"{'library':32} {size / 1e6:8.1f} MB")


def write(archive: Path, number: int, paragraphs: int, *, version: int = 1) -> Path:
    """Write one article of made-up words, the same in every run, and return its file."""
    chosen = random.Random(number)
    words = ["".join(chosen.choices(_SYLLABLES, k=chosen.randint(1, 3))) for _ in range(400)]

    def sentence() -> str:
        return " ".join(chosen.choices(words, k=12)).capitalize() + "."

    texts = [" ".join(sentence() for _ in range(chosen.randint(6, 9))) for _ in range(paragraphs)]
    if version > 1:
        texts[0] += f" This is version {version}."
    day = f"20{chosen.randint(10, 24)}-{chosen.randint(1, 12):02}-{chosen.randint(1, 28):02}"
    file = archive / f"{number // FILES_A_FOLDER:04}" / f"{number:06}.md"
    file.parent.mkdir(parents=True, exist_ok=True)
    head = f"---\ntitle: {sentence()}\nsource: Outlet {number % 40}\ndate: {day}\n---\n\n"
    file.write_text(head + "\n\n".join(texts) + "\n", "utf-8")
    return file


def run(what: str, command: list[str], articles: int) -> float:
    """Run a command and print what it took; return its seconds."""
    began = time.perf_counter()
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)
    out, err = process.communicate()
    seconds = time.perf_counter() - began
    if process.returncode:
        sys.exit(f"archive: {' '.join(command[2:])} failed: {err[-500:]}")
    print(f"{what:32} {seconds:8.1f} s  {articles / seconds:8.1f} files/s  {peak_mb():6.0f} MB  {out.strip()}")
    if err.strip():
        print(f"{'':32} {err.strip().splitlines()[-1]}")
    return seconds


def peak_mb() -> float:
    """Return the largest memory of any process run so far, in MB."""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return peak / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    main()
