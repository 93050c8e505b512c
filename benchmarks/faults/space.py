"""No space, no rights, no memory, a clock that jumps: one clear error, and a library that is whole and goes on.

python -m benchmarks.faults space        (a full disk needs the right to mount a tmpfs; else it is left out)
"""

import contextlib
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from small_library import WordEncoder, make_article, paragraphs

from benchmarks.faults import ROOT
from corpus.errors import CitewireError
from corpus.store.backup import back_up
from embeddings.library.library import create_library, open_library
from embeddings.library.maintenance import check_library

TMPFS_MEGABYTES = 2
ARTICLES = 100
"""That are added where no limit stops it."""
NOBODY = 65534

_CLOCK = r"""
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <time.h>
int clock_gettime(clockid_t which, struct timespec *now) {
    static int (*real)(clockid_t, struct timespec *);
    static long asked;
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int result = real(which, now);
    if (which == CLOCK_REALTIME) now->tv_sec += (asked++ / 7 % 2 ? 1 : -1) * 40000000L;
    return result;
}
"""
"""A wall clock that jumps by more than two years, to and fro, with every seventh look at it."""


@dataclass(slots=True)
class Limits:
    """What was tried, and what came of it."""

    outcomes: dict[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{len(self.outcomes)} limits\n" + "\n".join(f"  {name}: {o}" for name, o in self.outcomes.items())


def space(place: Path) -> Limits:
    """Run out of everything in turn; raises AssertionError where an error was not clear or a library not whole."""
    done = Limits()
    for name, attempt in _ATTEMPTS.items():
        folder = place / name.replace(" ", "-")
        folder.mkdir()
        done.outcomes[name] = attempt(folder)
    return done


def grow(folder: Path, limit: int) -> int:
    """Add articles one by one until an error or the limit; return how many were reported as added."""
    added = 0
    with open_library(folder, encoder=WordEncoder()) as library:
        for number in range(limit):
            library.add([make_article(f"g{number}", paragraphs(f"g{number}", 8))])
            added += 1
            print("added", number, flush=True)
    return added


def full_disk(place: Path) -> str:
    """Fill a small disk, and make room again."""
    with _mounted(place) as disk:
        if disk is None:
            return "not tried: nothing may be mounted here"
        folder, other = disk / "library", disk / "something else"
        other.write_bytes(bytes(700_000))
        _make(folder)
        outcome, added = _until_error(folder)
        assert "no space left" in outcome, outcome
        assert _count(folder) == 4 + added
        backup = _refused(lambda: back_up(folder, disk / "backup"))
        assert not list(disk.glob("*backup*")), "a half backup was left"
        other.unlink()
        with open_library(folder, encoder=WordEncoder()) as library:
            library.remove([make_article(name).id for name in "abcd"])
        assert _count(folder) == added
        with open_library(folder, encoder=WordEncoder()) as library:
            assert library.add([make_article("a")]).added == 1
        return f"after {added} articles: {outcome}; backup: {backup}; with room again, four removed and one added"


def file_size(place: Path) -> str:
    """Let no file grow beyond half a megabyte."""
    return _limited(place, resource.RLIMIT_FSIZE, 500_000)


def open_files(place: Path) -> str:
    """Allow only a few open files."""
    return _limited(place, resource.RLIMIT_NOFILE, 9)


def memory(place: Path) -> str:
    """Allow little address space: too little for the search index's writer."""
    return _limited(place, resource.RLIMIT_AS, 450_000_000)


def read_only(place: Path) -> str:
    """Read and try to write as a user who may only read."""
    if os.geteuid() != 0:
        return "not tried: only root can become another user"
    folder = Path("/tmp") / f"citewire-read-only-{os.getpid()}"
    _make(folder)
    try:
        for path in (folder, *folder.rglob("*")):
            path.chmod(0o755 if path.is_dir() else 0o644)
        done = _child(folder, "os.setgid(65534); os.setuid(65534)")
        assert "may only be read" in done, done
        assert _count(folder) == 4
        return done
    finally:
        shutil.rmtree(folder)


def jumping_clock(place: Path) -> str:
    """Add, replace and remove under a wall clock that jumps by years."""
    source, shim = place / "clock.c", place / "clock.so"
    source.write_text(_CLOCK)
    try:
        subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, source, "-ldl"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        return "not tried: no C compiler"
    folder = place / "library"
    _make(folder)
    done = _child(folder, "", LD_PRELOAD=str(shim))
    assert done == "no error", done
    assert _count(folder) == 4 + ARTICLES
    return f"{ARTICLES} articles added"


def _make(folder: Path) -> None:
    with create_library(folder, encoder=WordEncoder()) as library:
        library.add(make_article(name) for name in "abcd")


def _count(folder: Path) -> int:
    """Return how many articles there are; raises AssertionError unless the library is whole and can be searched."""
    faults = list(check_library(folder))
    assert faults == [], faults
    with open_library(folder, encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        snapshot.search("words")
        return snapshot.counts().articles


def _refused(action: Callable[[], object]) -> str:
    try:
        action()
    except CitewireError as error:
        return str(error)
    return "no error"


def _until_error(folder: Path) -> tuple[str, int]:
    counted = _count(folder)
    outcome = _refused(lambda: grow(folder, ARTICLES))
    return outcome, _count_raw(folder) - counted


def _count_raw(folder: Path) -> int:
    with open_library(folder, encoder=WordEncoder()) as library, library.snapshot() as snapshot:
        return snapshot.counts().articles


def _limited(place: Path, what: int, limit: int) -> str:
    folder = place / "library"
    _make(folder)
    outcome = _child(folder, f"resource.setrlimit({what}, ({limit}, {limit}))")
    left = _count(folder)
    return f"{left - 4} articles added, then: {outcome}"


def _child(folder: Path, before: str, **environment: str) -> str:
    """Grow the library in another process after some statements; return its error or that there was none.

    Raises AssertionError on anything but one clear error, and when what it reported is not there.
    """
    code = (
        "import os, resource, sys; import benchmarks.faults; from pathlib import Path\n"
        "from benchmarks.faults.space import grow, warm_up; from corpus.errors import CitewireError\n"
        f"warm_up(); {before or 'pass'}\n"
        f"try: grow(Path({str(folder)!r}), {ARTICLES})\n"
        "except CitewireError as error: print('citewire:', error)\n"
        "except MemoryError: print('citewire: out of memory')\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )
    errors = [line.removeprefix("citewire: ") for line in done.stdout.splitlines() if line.startswith("citewire:")]
    added = done.stdout.count("added ")
    assert done.returncode == 0, f"exit {done.returncode}: {done.stderr[-1500:]}"
    assert _count(folder) - 4 in (added, added + 1), "what was reported is not there"
    return errors[0] if errors else "no error"


def warm_up() -> None:
    """Import what is imported late, so that a limit meets the library and not the interpreter."""
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        _make(Path(place) / "library")
        _count(Path(place) / "library")


@contextlib.contextmanager
def _mounted(place: Path) -> Iterator[Path | None]:
    disk = place / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={TMPFS_MEGABYTES}m", "tmpfs", str(disk)]
    if subprocess.run(mount, capture_output=True, check=False).returncode:
        yield None
        return
    try:
        yield disk
    finally:
        subprocess.run(["umount", str(disk)], check=True)


_ATTEMPTS: Mapping[str, Callable[[Path], str]] = {
    "full disk": full_disk,
    "file size": file_size,
    "open files": open_files,
    "memory": memory,
    "read only": read_only,
    "jumping clock": jumping_clock,
}
