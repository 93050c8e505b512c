"""An archive kept current: many files added, added again, one in a hundred changed, one in a hundred gone.

`python -m benchmarks.archive` makes the files of the news in $CITEWIRE_DATA, or of made-up words where it is not set,
runs `citewire add` as a process of its own each time, and prints seconds, articles a second and peak memory. 100,000
files take hours of encoding on a processor; `--files 500` shows the same in a minute. `--precision` and `--model` go to
`citewire add`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from itertools import islice
from pathlib import Path

from benchmarks.archive_articles import articles
from benchmarks.measures import folder_bytes

FILES = 100_000
CHANGED = 100  # one file in so many is changed, and then as many are deleted
PARAGRAPHS = 3
FILES_A_FOLDER = 500
ROOT = Path(__file__).parent.parent


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
        source, words = articles(chosen.paragraphs)
        changed = {}
        for number, article in enumerate(islice(source, chosen.files)):
            write(file_of(archive, number), article.markdown())
            if number % CHANGED == 0:
                changed[number] = article
        took = time.perf_counter() - began
        print(f"{chosen.files:,} files of {chosen.paragraphs} paragraphs of {words} written in {took:.1f} s")
        command = [sys.executable, str(ROOT / "app.py"), "add", "--library", str(folder / "library"), str(archive)]
        command += ["--precision", chosen.precision] + (["--model", chosen.model] if chosen.model else [])
        first = run("added", command, chosen.files)
        again = run("added again, nothing changed", command, chosen.files)
        print(f"{'':32} {100 * again / first:6.2f} % of the first time")
        for number, article in changed.items():
            write(file_of(archive, number), article.markdown(version=2))
        run(f"{len(changed):,} changed", command, len(changed))
        for number in range(1, chosen.files, CHANGED):
            file_of(archive, number).unlink()
        run("some gone", command, chosen.files)
        run("pruned", [*command, "--prune"], chosen.files)
        size = folder_bytes(folder / "library")
        print(f"{'library':32} {size / 1e6:8.1f} MB")


def file_of(archive: Path, number: int) -> Path:
    """Return the file of an article."""
    return archive / f"{number // FILES_A_FOLDER:04}" / f"{number:06}.md"


def write(file: Path, text: str) -> None:
    """Write one article."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8")


def run(what: str, command: list[str], files: int) -> float:
    """Run a command and print what it took; return its seconds."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "HF_HUB_OFFLINE": "1"}
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        began = time.perf_counter()
        process = subprocess.Popen(command, stdout=out, stderr=err, text=True, env=environment)
        most, own = watched(process)
        seconds = time.perf_counter() - began
        out.seek(0)
        err.seek(0)
        said, complained = out.read().strip(), err.read().strip()
    if process.returncode:
        sys.exit(f"archive: {' '.join(command[2:])} failed: {complained[-500:]}")
    memory = f"{most:6.0f} MB" + (f" ({own:.0f} its own)" if own else "")
    print(f"{what:32} {seconds:8.1f} s  {files / seconds:8.1f} files/s  {memory}  {said}", flush=True)
    if complained:
        print(f"{'':32} {complained.splitlines()[-1]}")
    return seconds


def watched(process: subprocess.Popen[str]) -> tuple[float, float]:
    """Wait for a process; return its peak memory in MB, and of it what no file is mapped to (0: not told here).

    Pages of mapped files count as a process's memory and are the system's to take back. The second figure is looked at
    every twentieth of a second.
    """
    own = 0
    while True:
        ended, status, usage = os.wait4(process.pid, os.WNOHANG)
        if ended:
            process.returncode = os.waitstatus_to_exitcode(status)
            return usage.ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3), own / 1e3
        own = max(own, _own_kilobytes(process.pid))
        time.sleep(0.05)


def _own_kilobytes(pid: int) -> int:
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return sum(int(line.split()[1]) for line in lines if line.startswith(("RssAnon:", "RssShmem:")))


if __name__ == "__main__":
    main()
