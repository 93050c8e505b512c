"""Crashes: a process that changes a library is killed at random moments and at chosen system calls.

After each kill the library must open without repair, hold all that was reported and nothing by halves, and its indexes
must agree with the truth, passage by passage. Copies of the folder with their tails cut must be whole too, in a state
that once was.

    python -m benchmarks.faults crash --kills 200 --calls 100
"""

import json
import multiprocessing
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path

from benchmarks.faults import ROOT
from benchmarks.faults.actor import Watched, work
from corpus.store.connection import DATABASE, VECTORS, WORDS

CALLS = {  # system calls by which a library changes the disk, and among how many of them one is chosen
    "pwrite64": 60,
    "fdatasync": 30,
    "fsync": 12,
    "ftruncate": 6,
    "rename": 6,
    "unlink": 8,
    "write": 60,
}
TORN_COPIES = 2  # after each kill


@dataclass(slots=True)
class Crashes:
    """What was tried: kills, those in the midst of an action, and torn copies; all survived when it is returned."""

    kills: int = 0
    in_action: int = 0
    actions: int = 0
    torn: int = 0
    torn_complete: int = 0
    by_call: Counter[str] = field(default_factory=Counter)

    def __str__(self) -> str:
        calls = ", ".join(f"{call} {count}" for call, count in sorted(self.by_call.items()))
        return (
            f"{self.kills} kills survived ({self.in_action} within an action) among {self.actions:,} actions; "
            f"{self.torn} torn copies whole, {self.torn_complete} of them with everything"
            + (f"; killed at {calls}" if calls else "")
        )


def crash(place: Path, *, kills: int, calls: int, torn: int = TORN_COPIES, seed: int = 11) -> Crashes:
    """Kill `kills` times at random moments and `calls` times at system calls, by strace; assert all is well."""
    drawn, done = random.Random(seed), Crashes()
    watched = Watched(place / "library")
    if kills:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["benchmarks.faults.actor", "embeddings.library.library", "tantivy"])
    for kill in range(kills):
        _kill_at_random(context, watched, 1000 * kill, drawn.uniform(0.0, 0.4))
        _verify(watched, done, drawn, place / "torn", torn)
    for number in range(calls):
        call = drawn.choice(list(CALLS))
        if _kill_at_call(watched, 1000 * (kills + number), call, drawn.randint(1, CALLS[call])):
            done.by_call[call] += 1
            _verify(watched, done, drawn, place / "torn", torn)
        else:
            watched.verify()
    done.actions = watched.actions
    return done


def _verify(watched: Watched, done: Crashes, drawn: random.Random, place: Path, copies: int) -> None:
    done.kills += 1
    done.in_action += watched.was_cut
    for _ in range(copies):
        copy = _torn(watched, place, drawn)
        done.torn_complete += watched.verify_copy(copy)
        done.torn += 1
        shutil.rmtree(copy)
    watched.verify()


def _kill_at_random(context: multiprocessing.context.ForkServerContext, watched: Watched, first: int, s: float) -> None:
    """Let a process work, and kill it so many seconds after its first action was done."""
    heard, said = context.Pipe(duplex=False)
    worker = context.Process(target=_work, args=(watched.folder, first, said))
    worker.start()
    said.close()
    lines = [heard.recv(), heard.recv()]
    time.sleep(s)
    worker.kill()
    worker.join()
    while True:
        try:
            lines.append(heard.recv())
        except EOFError:
            break
        except Exception:  # noqa: BLE001 - a message that was cut short
            break
    heard.close()
    for word, action in lines:
        watched.told(word, action)


def _work(folder: Path, first: int, said: Connection) -> None:
    work(folder, first, None, lambda word, action: said.send((word, action)))


def _kill_at_call(watched: Watched, first: int, call: str, when: int) -> bool:
    """Let a process work under strace, which kills it at its n-th such system call; False when it was not reached."""
    command = ["strace", "-f", "-qq", "-e", f"trace={call}", "-e", f"inject={call}:signal=KILL:when={when}"]
    command += [
        "-o",
        "/dev/null",
        sys.executable,
        "-m",
        "benchmarks.faults.actor",
        str(watched.folder),
        str(first),
        "12",
    ]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    for line in done.stdout.splitlines(keepends=True):
        if line.endswith("\n"):
            word, action = line.split(" ", 1)
            watched.told(word, json.loads(action))
    return done.returncode != 0


def _torn(watched: Watched, copy: Path, drawn: random.Random) -> Path:
    """Copy the folder as it lies there, its log and its indexes cut short at random places.

    A log whose pages have begun to go into the database was on the disk before, whole, and is left as it is.
    """
    shutil.rmtree(copy, ignore_errors=True)
    shutil.copytree(watched.folder, copy, ignore=shutil.ignore_patterns("*-shm"))
    torn = () if watched.database() != watched.before else (f"{DATABASE}-wal",)
    for file in [path for path in copy.rglob("*") if path.is_file()]:
        is_index = file.name.startswith(VECTORS) or file.parent.name == WORDS
        if (is_index or file.name in torn) and drawn.random() < 0.7:
            with file.open("r+b") as handle:
                handle.truncate(drawn.randint(0, file.stat().st_size))
    return copy
