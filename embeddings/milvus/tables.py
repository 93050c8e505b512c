"""What is done to the tables of one library in Milvus, and the buckets by which near copies are found in them.

Rows are read by primary key wherever possible: Milvus Lite scans the table for any other filter.
"""

import json
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any

from corpus.errors import CitewireError, LibraryBusy, LibraryError, UsageError
from corpus.near_copies import bands, is_copy
from embeddings.milvus.schema import FIELDS, create_table

LITE = "milvus-lite:"
REMOTE = ("milvus+http://", "milvus+https://")
TOKEN_VARIABLE = "CITEWIRE_MILVUS_TOKEN"
LITE_NAME = "citewire"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
Row = dict[str, Any]

ROWS_AT_ONCE = 1_000
ROWS_WRITTEN_AT_ONCE = 200
"""Rows of a request to write. Milvus refuses requests of 64 MB, and a row may have several texts of 65 kB."""
CONNECT_S = 10.0
INSTALL = 'pip install "citewire[cluster]"'

_servers: dict[str, int] = {}
_servers_lock = Lock()


@dataclass(frozen=True, slots=True)
class MilvusAddress:
    """Address of a library in Milvus. server: a server's address; file: a file of Milvus Lite; name: the library's."""

    written: str
    name: str
    server: str | None
    file: Path | None


def is_milvus(address: str) -> bool:
    """Tell whether an address is of a library in Milvus, and not a folder."""
    return address.startswith((LITE, *REMOTE))


def milvus_address(address: str) -> MilvusAddress:
    """Parse `milvus-lite:FILE` or `milvus+http://host:port/NAME`. Raises UsageError."""
    if address.startswith(LITE):
        file = address.removeprefix(LITE)
        if not file:
            raise UsageError(f"{address} names no file: write {LITE}FILE")
        return MilvusAddress(address, LITE_NAME, None, Path(file))
    server, _, name = address.removeprefix("milvus+").rpartition("/")
    if not server.partition("://")[2] or not _NAME.fullmatch(name):
        raise UsageError(
            f"{address} names no library: write milvus+http://host:19530/NAME, NAME of letters, digits and underscores"
        )
    if "@" in server:
        raise UsageError(f"a token is not written into the address: put it into the variable {TOKEN_VARIABLE}")
    return MilvusAddress(address, name, server, None)


class MilvusTables:
    """The open tables of one library."""

    def __init__(self, address: MilvusAddress) -> None:
        self.address = address
        self._client, self._release = _connect(address)

    def exist(self) -> bool:
        """Tell whether the tables exist, and load them. `about` is created last, so it is the one to look for."""
        with _clear_errors(self.address):
            if not self._client.has_collection(self._name("about")):
                return False
            for table in FIELDS:
                self._client.load_collection(self._name(table))
        return True

    def create(self, *, dimension: int) -> None:
        """Create the tables that do not exist."""
        index = "FLAT" if self.address.file else "AUTOINDEX"
        with _clear_errors(self.address):
            for table in reversed(list(FIELDS)):  # the table that `exist` looks for comes last
                if not self._client.has_collection(self._name(table)):
                    create_table(self._client, self._name(table), table, dimension=dimension, index=index)

    def get(self, table: str, keys: Iterable[int | str], fields: Sequence[str] | None = None) -> list[Row]:
        """Return the rows with these primary keys, in any order."""
        wanted = list(dict.fromkeys(keys))
        names = [*FIELDS[table]] if fields is None else [*fields]
        rows: list[Row] = []
        for start in range(0, len(wanted), ROWS_AT_ONCE):
            some = wanted[start : start + ROWS_AT_ONCE]
            with _clear_errors(self.address):
                found = self._client.query(self._name(table), filter=_keyed(table, some), output_fields=names)
            rows += [dict(row) for row in found]
        return rows

    def scan(self, table: str, where: str, fields: Sequence[str]) -> Iterator[Row]:
        """Yield the rows that pass a filter, in any order. An empty filter passes all."""
        with _clear_errors(self.address):
            rows = self._client.query_iterator(
                self._name(table), filter=where, batch_size=ROWS_AT_ONCE, output_fields=[*fields]
            )
            try:
                while some := rows.next():
                    yield from (dict(row) for row in some)
            finally:
                rows.close()

    def search(
        self, field: str, query: str | list[float], k: int, *, where: str, fields: Sequence[str] = ()
    ) -> list[tuple[int, float, Row]]:
        """Return the k best passages with their scores, best first. field: vector or sparse."""
        with _clear_errors(self.address):
            found = self._client.search(
                self._name("passages"),
                data=[query],
                anns_field=field,
                limit=k,
                filter=where,
                output_fields=["id", *fields],
                consistency_level="Strong",
            )
        # Milvus returns BM25 scores, Milvus Lite their negatives.
        return [
            (hit["id"], abs(hit["distance"]) if field == "sparse" else hit["distance"], hit["entity"])
            for hit in found[0]
        ]

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows. Each replaces the row with its key."""
        self._send(table, rows, self._client.upsert)

    def insert(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows with new keys."""
        self._send(table, rows, self._client.insert)

    def _send(self, table: str, rows: Sequence[Row], how: Callable[..., object]) -> None:
        filler = {} if table == "passages" else {"nothing": [1.0, 0.0]}
        for start in range(0, len(rows), ROWS_WRITTEN_AT_ONCE):
            some = [{**row, **filler} for row in rows[start : start + ROWS_WRITTEN_AT_ONCE]]
            with _clear_errors(self.address):
                how(self._name(table), some)

    def delete(self, table: str, keys: Iterable[int | str]) -> None:
        """Delete the rows with these keys, if they exist."""
        wanted = list(dict.fromkeys(keys))
        for start in range(0, len(wanted), ROWS_AT_ONCE):
            some = wanted[start : start + ROWS_AT_ONCE]
            with _clear_errors(self.address):
                self._client.delete(self._name(table), filter=_keyed(table, some))

    def close(self) -> None:
        """Close the connection. The last one on a file of Milvus Lite also closes the file."""
        self._release()

    def _name(self, table: str) -> str:
        return f"{self.address.name}_{table}"


def listed(values: Iterable[int | str]) -> str:
    """Return values as a list in a Milvus expression."""
    return f"[{', '.join(json.dumps(value, ensure_ascii=False) for value in values)}]"


def _keyed(table: str, keys: Iterable[int | str]) -> str:
    """Return the expression for rows with these primary keys. pymilvus' own does not escape texts."""
    return f"{next(iter(FIELDS[table]))} in {listed(keys)}"


def _connect(address: MilvusAddress) -> tuple[Any, Callable[[], None]]:
    """Return a client, and the function that closes it."""
    try:
        from pymilvus import MilvusClient
    except ImportError:
        raise CitewireError(f"libraries in Milvus need packages that are not installed: run {INSTALL}") from None
    logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs each error with a whole traceback
    token = os.environ.get(TOKEN_VARIABLE, "")
    if address.file is None:
        with _clear_errors(address):
            client = MilvusClient(address.server, token=token, timeout=CONNECT_S)
        return client, client.close
    server, release = _lite_server(address)
    with _clear_errors(address):
        client = MilvusClient(server, timeout=CONNECT_S)

    def close() -> None:
        client.close()
        release()

    return client, close


def _lite_server(address: MilvusAddress) -> tuple[str, Callable[[], None]]:
    """Return the address of this process's Milvus Lite server for a file. It starts at the first use."""
    try:
        from milvus_lite.server_manager import server_manager_instance as servers
    except ImportError:
        raise CitewireError(f"libraries in Milvus Lite need packages that are not installed: run {INSTALL}") from None
    assert address.file is not None
    logging.getLogger("milvus_lite").setLevel(logging.CRITICAL)
    path = str(address.file.resolve())
    with _servers_lock:
        server = servers.start_and_get_uri(path)
        if server is None:
            raise LibraryBusy(
                f"{address.file} is open in another process, or is no library of Milvus Lite: wait for the other, or "
                f"let both use a server (milvus-lite server --data-dir {address.file}) and its milvus+http:// address"
            )
        _servers[path] = _servers.get(path, 0) + 1

    def release() -> None:
        with _servers_lock:
            _servers[path] -= 1
            if not _servers[path]:
                servers.release_server(path)

    return server, release


@contextmanager
def _clear_errors(address: MilvusAddress) -> Iterator[None]:
    from pymilvus.exceptions import MilvusException

    try:
        yield
    except MilvusException as error:
        first = str(error.message).splitlines()[0] if error.message else type(error).__name__
        raise LibraryError(
            f"{address.written}: Milvus says “{first}”: check the address, the token and the server"
        ) from error


BAND_CANDIDATES = 64
"""Passages stored per band. A library in a folder compares as many."""


def copy_groups(tables: MilvusTables, texts: Mapping[int, str]) -> tuple[dict[int, int], dict[int, list[int]]]:
    """Return the copy group of each new passage, by id, and the new members of their bands.

    A passage joins the group with the smallest id that has a near copy of it. Unlike in a folder, groups are never
    merged: that would rewrite passages.
    """
    own = {passage: bands(text) for passage, text in texts.items()}
    members = {
        row["band"]: list(row["members"])
        for row in tables.get("bands", (band for found in own.values() for band in found))
    }
    known = sorted({passage for held in members.values() for passage in held})
    rows = tables.get("passages", known, ("id", "copy_group", "text"))
    candidates = {row["id"]: (row["copy_group"], row["text"]) for row in rows}
    groups: dict[int, int] = {}
    changed: dict[int, list[int]] = {}
    for passage, text in texts.items():
        near = dict.fromkeys(i for band in own[passage] for i in members.get(band, ())[:BAND_CANDIDATES])
        joined: set[int] = set()
        for other in sorted(near):
            found = candidates.get(other)
            if found is not None and found[0] not in joined and is_copy(text, found[1]):
                joined.add(found[0])
        groups[passage] = min(joined, default=passage)
        candidates[passage] = (groups[passage], text)
        for band in own[passage]:
            held = members.setdefault(band, [])
            if len(held) < BAND_CANDIDATES:
                held.append(passage)
                changed[band] = held
    return groups, changed


def drop_from_bands(tables: MilvusTables, passages: Iterable[int]) -> None:
    """Remove passages from their bands. Their texts must still be stored."""
    gone = set(passages)
    texts = [row["text"] for row in tables.get("passages", sorted(gone), ("id", "text"))]
    rows = tables.get("bands", (band for text in texts for band in bands(text)))
    kept = [{"band": row["band"], "members": [i for i in row["members"] if i not in gone]} for row in rows]
    tables.put("bands", [row for row in kept if row["members"]])
    tables.delete("bands", [row["band"] for row in kept if not row["members"]])
