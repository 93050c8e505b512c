"""One writer at a time on a library in Milvus, which has no locks: a row that says who writes, and until when."""

import json
import os
import secrets
import socket
import time
from collections.abc import Callable

from corpus.errors import LibraryBusy
from embeddings.milvus.tables import MilvusTables

LEASE_S = 30.0
"""Seconds after which a writer that says nothing counts as gone, where it cannot be asked: on another machine."""
_RENEW_S = LEASE_S / 3
_SETTLE_S = 0.05  # between writing our name and reading whose it is: two who write at once see the same one
_LOOK_S = 0.2


class Lease:
    """The right of this process to write. Not for several threads at once."""

    def __init__(self, tables: MilvusTables, *, patience: float) -> None:
        self._tables = tables
        self._patience = patience
        self._own = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"
        self._until = 0.0

    def take(self) -> None:
        """Have the right, or go on having it. Raises LibraryBusy when another has it for too long."""
        if time.monotonic() < self._until - LEASE_S + _RENEW_S:
            return
        given_up = time.monotonic() + self._patience
        while True:
            holder = self._holder()
            if holder in (None, self._own):
                self._write()
                if holder == self._own:
                    return
                time.sleep(_SETTLE_S)
                if self._holder() == self._own:
                    return
            if time.monotonic() >= given_up:
                raise LibraryBusy(
                    f"{self._tables.address.written} is being written by {(holder or '').rpartition(':')[0]}: "
                    "try again when it is done"
                )
            time.sleep(_LOOK_S)

    def give_back(self) -> None:
        """Let others write at once."""
        if self._until:
            self._until = 0.0
            if self._holder() == self._own:
                self._tables.delete("about", ["writer"])

    def _write(self) -> None:
        self._until = time.monotonic() + LEASE_S
        value = json.dumps([self._own, time.time() + LEASE_S])
        self._tables.put("about", [{"name": "writer", "value": value}])

    def _holder(self) -> str | None:
        """Return who may write now; nobody where the time is up or the process, on this machine, is no more."""
        found = self._tables.get("about", ["writer"])
        if not found:
            return None
        holder, until = json.loads(found[0]["value"])
        host, process, _ = holder.split(":")
        gone = host == socket.gethostname() and not _runs(int(process))
        return None if until < time.time() or gone else str(holder)


def _runs(process: int, *, ask: Callable[[int, int], None] = os.kill) -> bool:
    try:
        ask(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
