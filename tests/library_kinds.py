"""The kinds of library that the contract holds for: in a folder, in Milvus Lite, and on a server of Milvus."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from embeddings.encoder.encoder import Encoder
from embeddings.library.library import Library
from embeddings.opening import open_library_at, open_or_create_library_at

FOLDER, LITE, SERVER = "folder", "milvus-lite", "milvus"
WITHOUT_CLUSTER = 'the extra is not installed: pip install "citewire[cluster]"'


class Place:
    """Where a library of some kind is, for tests: opened as a person's command opens it."""

    def __init__(self, kind: str, name: str) -> None:
        self.kind = kind
        self.name = name

    def made(self, encoder: Encoder) -> Library:
        return open_or_create_library_at(self.name, encoder=lambda: encoder)

    def opened(self, encoder: Encoder) -> Library:
        return open_library_at(self.name, encoder=encoder)


def skip_without_cluster() -> None:
    pytest.importorskip("pymilvus", reason=WITHOUT_CLUSTER)
    pytest.importorskip("milvus_lite", reason=WITHOUT_CLUSTER)


@contextmanager
def milvus_server(folder: Path) -> Iterator[str]:
    """Run Milvus Lite's server, which several processes reach, and give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "milvus_lite", "server", "--data-dir", str(folder), "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield f"milvus+http://127.0.0.1:{port}"
        finally:
            server.kill()


def _wait_for(port: int) -> None:
    given_up = time.monotonic() + 60
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            if time.monotonic() > given_up:
                raise
            time.sleep(0.1)
        else:
            return
