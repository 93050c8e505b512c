"""Nonsense over HTTP: schemathesis draws requests from the API's two OpenAPI pages, Gradio's own and the whole one.

    pipx install schemathesis            (a program of its own: its packages are none of Citewire's)
    python -m benchmarks.faults api --examples 40

A page that allows changes is served on a library of three articles. A finding is an answer of 500 or more, a request
that gets no answer, a traceback in the log, or a server that no longer answers a question afterwards.
"""

import io
import logging
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from page_steps import serving
from program_library import program_assistant

from qa.page.site import Site

PAGES = {"gradio_api/openapi.json": "the endpoints", "openapi.json": "all addresses"}
WAIT_SECONDS = 30
ENDLESS = "heartbeat|queue/data|startup-events|upload_progress"
"""Streams that stay open until the browser closes them: no answer to wait for."""
_CASES = re.compile(r"(\d[\d,]*) generated")
_FAILED = re.compile(r"(\d+) (?:unique )?failures?|(\d+) errored")


@dataclass(slots=True)
class Requests:
    """How many requests were sent from each page; nothing was found when this is returned."""

    tried: dict[str, int] = field(default_factory=dict)

    def __str__(self) -> str:
        if not self.tried:
            return "not tried: no schemathesis (pipx install schemathesis)"
        return ", ".join(f"{count:,} requests to {what}" for what, count in self.tried.items()) + ": nothing found"


def api(place: Path, *, examples: int) -> Requests:
    """Send so many examples for each operation; raises AssertionError on a finding."""
    done, program = Requests(), shutil.which("schemathesis")
    if program is None:
        return done
    with program_assistant(place) as assistant, _log() as log, serving(Site(assistant, may_change=True)) as address:
        for page, what in PAGES.items():
            command = [program, "run", address + page, "--checks", "not_a_server_error", "--phases", "coverage,fuzzing"]
            command += ["--max-examples", str(examples), "--request-timeout", str(WAIT_SECONDS), "--no-color"]
            command += ["--suppress-health-check", "all", "--exclude-path-regex", ENDLESS, "--seed", "7"]
            ran = subprocess.run(command, cwd=place, capture_output=True, text=True, check=False)
            cases = _CASES.search(ran.stdout)
            said = ran.stdout[-5_000:] + ran.stderr[-1_000:] + log.getvalue()[-5_000:]
            assert cases is not None, said
            assert not _FAILED.search(ran.stdout), said
            done.tried[what] = int(cases[1].replace(",", ""))
        assert assistant.ask("Who said that the ferry sank?").to_json()["schema"] == "citewire/1"
        before, traceback, after = log.getvalue().partition("Traceback")
        assert not traceback, f"{before[-1_000:]}{traceback}{after[:5_000]}"
    return done


@contextmanager
def _log() -> Iterator[io.StringIO]:
    """Give what is logged meanwhile."""
    written = io.StringIO()
    handler = logging.StreamHandler(written)
    for name in ("", "uvicorn.error"):
        logging.getLogger(name).addHandler(handler)
    try:
        yield written
    finally:
        for name in ("", "uvicorn.error"):
            logging.getLogger(name).removeHandler(handler)
