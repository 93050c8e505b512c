"""`citewire serve` as a process of its own that reaches no network."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from repository import ROOT

from qa.page.serve import free_port

DENYING = """
import os, socket, sys
for name in list(os.environ):
    if name == "CI" or name.startswith(("GRADIO_", "HF_")):
        del os.environ[name]
def attempt(event, given):
    if event == "socket.connect" and given[0].family != socket.AF_UNIX:
        host = given[1][0]
    elif event == "socket.getaddrinfo":
        host = given[0]
    else:
        return
    if host not in (None, "", "127.0.0.1", "::1", "localhost", "0.0.0.0", b"127.0.0.1", b"localhost"):
        print(f"ATTEMPT {host}", file=sys.stderr, flush=True)
        raise OSError("no network here")
sys.addaudithook(attempt)
import app
sys.exit(app.main(sys.argv[1:]))
"""


@contextlib.contextmanager
def served(*options: str, folder: Path) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """Run `citewire serve` without a network; gives the process, the page's address and the lines so far."""
    port = free_port("127.0.0.1", 0)
    arguments = [sys.executable, "-c", DENYING, "serve", "--port", str(port), *options]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(ROOT), os.environ.get("PYTHONPATH", "")]),
        "PYTHONUNBUFFERED": "1",
    }
    environment.pop("CITEWIRE_LIBRARY", None)
    process = subprocess.Popen(arguments, cwd=folder, env=environment, encoding="utf-8", stderr=subprocess.PIPE)
    assert process.stderr is not None
    lines: list[str] = []
    for line in process.stderr:
        lines.append(line.rstrip())
        if "the page is at" in line:
            break
    try:
        yield process, f"http://127.0.0.1:{port}/", lines
    finally:
        if process.poll() is None:
            process.kill()
        lines += process.stderr.read().splitlines()
        process.wait()
