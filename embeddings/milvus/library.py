"""A library in Milvus: like one in a folder, but on a server for several machines."""

import json
import os
import secrets
import socket
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from functools import lru_cache
from pathlib import Path
from threading import RLock

from corpus.errors import LibraryBusy, LibraryMissing
from corpus.store.records import Filters, Manifest, manifest_rows, parse_manifest
from corpus.store.store import PATIENCE_S
from embeddings.encoder.encoder import Encoder
from embeddings.encoder.precision import Precision
from embeddings.library.library import Library
from embeddings.library.protocol import RemoveReport
from embeddings.milvus.rows import HEAD, Tally, tally, where
from embeddings.milvus.snapshot import MilvusSnapshot
from embeddings.milvus.tables import MilvusTables, milvus_place
from embeddings.milvus.writer import MilvusWriter

LEASE_S = 30.0
"""Seconds after which a silent writer on another machine counts as dead."""
_SETTLE_S = 0.05  # between writing our name and reading it back: of two who write at once, both then see the same one
_LOOK_S = 0.2


def open_milvus(
    address: str,
    *,
    encoder: Encoder | None = None,
    precision: Precision = "auto",
    patience: float = PATIENCE_S,
    create: bool = False,
) -> "MilvusLibrary":
    """Open the library at this address. create: if there is none, make an empty one for this encoder.

    If two processes make it at once, one of the two manifests stays. Raises UsageError, LibraryMissing, LibraryError,
    LibraryDamaged or ModelMismatch.
    """
    missing = LibraryMissing(f'there is no library at {address}: "citewire add PATH..." makes one')
    place, _ = milvus_place(address)
    if not create and isinstance(place, Path) and not place.exists():
        raise missing
    with ExitStack() as stack:
        tables = stack.enter_context(closing(MilvusTables(address)))
        found = tables.get("about", ["manifest"]) if tables.exist() else []
        if found:
            manifest = parse_manifest(json.loads(found[0]["value"]))
        elif create and encoder is not None:
            manifest = Manifest(encoder.name, encoder.fingerprint, encoder.dimension)
            tables.create(dimension=encoder.dimension)
            tables.put("about", [{"name": "manifest", "value": json.dumps(manifest_rows(manifest))}])
        else:
            raise missing
        library = MilvusLibrary(tables, manifest, encoder=encoder, precision=precision, patience=patience)
        stack.pop_all()
    return library


class MilvusLibrary(Library):
    """A library in Milvus."""

    def __init__(
        self,
        tables: MilvusTables,
        manifest: Manifest,
        *,
        encoder: Encoder | None,
        precision: Precision,
        patience: float,
    ) -> None:
        super().__init__(manifest, tables.address, encoder=encoder, precision=precision)
        self._tables = tables
        self._writing = RLock()
        self._patience = patience
        self._name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(8)}"
        self._counted = lru_cache(32)(self._count)

    def _count(self, change: int, filters: Filters) -> Tally:
        return tally(change, self._tables.scan("articles", where(filters, article="id"), HEAD))

    def remove(self, articles: Sequence[str], *, purge: bool = False) -> RemoveReport:
        """Remove all versions of these articles from all tables.

        purge: nothing more. Milvus frees the space of removed rows when it next compacts its segments.
        """
        with self._changing(), self.writing() as writer:
            removed = writer.remove(articles)
        missing = tuple(article for article in dict.fromkeys(articles) if article not in removed)
        return RemoveReport(tuple(removed), missing)

    @contextmanager
    def writing(self) -> Iterator[MilvusWriter]:
        """Give a writer. Its changes are written when the block ends. Raises LibraryBusy."""
        with self._writing:
            self._take_lease()
            writer = MilvusWriter(self._tables)
            writer.settle()
            yield writer
            writer.flush()

    @contextmanager
    def _changing(self) -> Iterator[None]:
        try:
            yield
        finally:
            with self._writing:
                if self._lease_holder() == self._name:
                    self._tables.delete("about", ["writer"])

    def _take_lease(self) -> None:
        """Acquire or renew the right to write, a row with our name and a time limit: Milvus has no locks.

        Raises LibraryBusy if another process holds it for too long.
        """
        given_up = time.monotonic() + self._patience
        while (holder := self._lease_holder()) != self._name:
            if holder is None:
                self._write_lease()
                time.sleep(_SETTLE_S)
            elif time.monotonic() < given_up:
                time.sleep(_LOOK_S)
            else:
                writer = holder.rpartition(":")[0]
                raise LibraryBusy(f"{self.address} is being written by {writer}: try again when it is done")
        self._write_lease()

    def _write_lease(self) -> None:
        value = json.dumps([self._name, time.time() + LEASE_S])
        self._tables.put("about", [{"name": "writer", "value": value}])

    def _lease_holder(self) -> str | None:
        """Return the holder; None if its time is up, or if its process on this machine has ended."""
        found = self._tables.get("about", ["writer"])
        if not found:
            return None
        holder, until = json.loads(found[0]["value"])
        host, process, _ = holder.split(":")
        gone = host == socket.gethostname() and Path("/proc/self").exists() and not Path(f"/proc/{process}").exists()
        return None if until < time.time() or gone else str(holder)

    @contextmanager
    def snapshot(self) -> Iterator[MilvusSnapshot]:
        """Give the library's present state."""
        yield MilvusSnapshot(self._tables, lambda: self.encoder, self._counted)

    def close(self) -> None:
        """Close the connection."""
        self._tables.close()
