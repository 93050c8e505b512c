"""Fixtures of many tests: running a command as a person does, and a web server on this machine."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from web_server import Server, serving

import app

# No example may fail for the machine's being busy, and a run is the same wherever it is; `make faults` draws by chance.
settings.register_profile("anywhere", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("anywhere")

IN_MEMORY = Path("/dev/shm")
ENOUGH = 4 << 30  # bytes: containers give it 64 MB


def pytest_configure() -> None:
    """Keep the tests' folders in memory where that is possible: each commit waits for the disk otherwise.

    What waits for the disk is tested by ending processes, which loses nothing that was written; `make faults` goes on.
    """
    if sys.platform == "linux" and os.access(IN_MEMORY, os.W_OK):
        place = os.statvfs(IN_MEMORY)
        if place.f_bavail * place.f_frsize >= ENOUGH and not place.f_flag & os.ST_NOEXEC:
            os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(IN_MEMORY))


@pytest.fixture
def run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run a command in an empty folder; gives the exit code and what it printed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CITEWIRE_LIBRARY", raising=False)

    def command(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        try:
            code = app.main(arguments)
        except SystemExit as stopped:  # argparse's own way out
            code = int(stopped.code or 0)
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return command


@pytest.fixture
def server() -> Iterator[Server]:
    with serving() as started:
        yield started
