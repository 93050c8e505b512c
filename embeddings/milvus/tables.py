"""The tables of a library in Milvus: their fields, and reading and writing rows. Nothing else imports pymilvus.

Rows are read by primary key wherever possible: Milvus Lite scans the table for any other filter.
"""

import json
import logging
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from corpus.errors import CitewireError, LibraryBusy, LibraryError, UsageError

LITE = "milvus-lite:"
TOKEN_VARIABLE = "CITEWIRE_MILVUS_TOKEN"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}")
Row = dict[str, Any]

ROWS_AT_ONCE = 1_000
VALUES_AT_ONCE = 500
ROWS_WRITTEN_AT_ONCE = 200
"""Rows of a request to write. Milvus refuses requests of 64 MB, and a row may have several texts of 65 kB."""
CONNECT_S = 10.0
INSTALL = 'pip install "citewire[cluster]"'

TEXT_BYTES = 65_535
"""Longest text in a field, in bytes of UTF-8."""
FIELDS: Mapping[str, Mapping[str, type[int] | int]] = {
    "articles": {
        "id": 16,
        "key": TEXT_BYTES,
        "source": 1_000,
        "day": int,
        "number": int,
        "version": 100,
        "first": int,
        "passages": int,
        "versions": int,
        "changed": 40,
        "info": TEXT_BYTES,
        "history": TEXT_BYTES,
        "locations": 8_192,
    },
    "texts": {"id": 200, "article": 16, "piece": TEXT_BYTES},
    "passages": {
        "id": int,
        "article": 16,
        "source": 1_000,
        "day": int,
        "start": int,
        "stop": int,
        "copy_group": int,
        "text": TEXT_BYTES,
        "words": TEXT_BYTES,
    },
    "places": {"key": int, "location": 8_192, "name": 8_192, "look": TEXT_BYTES},
    "about": {"name": 200, "value": TEXT_BYTES},  # created last: where it is, all are
}
"""Fields by table, the primary key first: an integer type, or the longest text in bytes. `locations` is a list.

Primary keys need no escaping, since pymilvus' iterators do not escape the key they continue from.
"""
_INDEXED = {
    "articles": ("source", "day", "version"),
    "passages": ("source", "day", "copy_group"),
    "places": ("location", "name"),
}


def is_milvus(address: str) -> bool:
    """Tell whether an address is of a library in Milvus, and not a folder."""
    return address.startswith((LITE, "milvus+http://", "milvus+https://"))


def milvus_place(address: str) -> tuple[str | Path, str]:
    """Return a server's address or a file of Milvus Lite, and the library's name there. Raises UsageError."""
    if address.startswith(LITE) and address != LITE:
        return Path(address.removeprefix(LITE)), "citewire"
    server, _, name = address.removeprefix("milvus+").rpartition("/")
    if not server.partition("://")[2] or "@" in server or not _NAME.fullmatch(name):
        raise UsageError(
            f"a library in Milvus is at {LITE}FILE or milvus+http://host:19530/NAME, NAME of letters, digits and "
            f"underscores; a token belongs into the variable {TOKEN_VARIABLE}"
        )
    return server, name


class MilvusTables:
    """The open tables of one library. A process opens a file of Milvus Lite once at a time."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._place, self._library = milvus_place(address)
        try:
            from pymilvus import MilvusClient
        except ImportError:
            raise CitewireError(f"libraries in Milvus need packages that are not installed: run {INSTALL}") from None
        logging.getLogger("pymilvus").setLevel(logging.CRITICAL)  # it logs each error with a whole traceback
        server = self._place if isinstance(self._place, str) else _lite_server(self._place)
        with self._translate_errors():
            self._client = MilvusClient(server, token=os.environ.get(TOKEN_VARIABLE, ""), timeout=CONNECT_S)

    def exist(self) -> bool:
        """Tell whether the tables exist, and load them."""
        with self._translate_errors():
            if not self._client.has_collection(self._name("about")):
                return False
            for table in FIELDS:
                self._client.load_collection(self._name(table))
        return True

    def create(self, *, dimension: int) -> None:
        """Create the tables that do not exist."""
        index = "AUTOINDEX" if isinstance(self._place, str) else "FLAT"
        with self._translate_errors():
            for table in FIELDS:
                if not self._client.has_collection(self._name(table)):
                    _create_table(self._client, self._name(table), table, dimension=dimension, index=index)

    def get(self, table: str, keys: Iterable[int | str], fields: Sequence[str] | None = None) -> list[Row]:
        """Return the rows with these primary keys, in any order."""
        rows: list[Row] = []
        for keyed in _keyed(table, keys):
            with self._translate_errors():
                rows += self._client.query(self._name(table), filter=keyed, output_fields=list(fields or FIELDS[table]))
        return rows

    def scan(self, table: str, where: str, fields: Sequence[str]) -> Iterator[Row]:
        """Yield the rows that pass a filter, in any order. An empty filter passes all."""
        with self._translate_errors():
            rows = self._client.query_iterator(
                self._name(table), filter=where, batch_size=ROWS_AT_ONCE, output_fields=[*fields]
            )
            try:
                while some := rows.next():
                    yield from some
            finally:
                rows.close()

    def scan_for(self, table: str, where: str, values: Iterable[str], fields: Sequence[str]) -> Iterator[Row]:
        """Yield the rows that pass a filter, in which {} stands for some of the values. A row may come twice."""
        wanted = list(values)
        for start in range(0, len(wanted), VALUES_AT_ONCE):
            yield from self.scan(table, where.format(literal(wanted[start : start + VALUES_AT_ONCE])), fields)

    def search(
        self, field: str, queries: Sequence[str | list[float]], k: int, *, where: str = "", fields: Sequence[str] = ()
    ) -> list[list[Row]]:
        """Return for each query the k best passages, best first, each with its `score`. field: vector or sparse."""
        with self._translate_errors():
            found = self._client.search(
                self._name("passages"),
                data=queries,
                anns_field=field,
                limit=k,
                filter=where,
                output_fields=["id", *fields],
                consistency_level="Strong",
            )
        # Milvus returns BM25 scores, Milvus Lite their negatives.
        score = abs if field == "sparse" else float
        return [[{**hit["entity"], "score": score(hit["distance"])} for hit in hits] for hits in found]

    def put(self, table: str, rows: Sequence[Row]) -> None:
        """Write rows. Each replaces the row with its key."""
        filler = {} if table == "passages" else {"nothing": [1.0, 0.0]}
        for start in range(0, len(rows), ROWS_WRITTEN_AT_ONCE):
            some = [{**row, **filler} for row in rows[start : start + ROWS_WRITTEN_AT_ONCE]]
            with self._translate_errors():
                self._client.upsert(self._name(table), some)

    def delete(self, table: str, keys: Iterable[int | str]) -> None:
        """Delete the rows with these keys, if they exist."""
        for keyed in _keyed(table, keys):
            with self._translate_errors():
                self._client.delete(self._name(table), filter=keyed)

    def close(self) -> None:
        """Close the connection, and a file of Milvus Lite."""
        self._client.close()
        if isinstance(self._place, Path):
            from milvus_lite.server_manager import server_manager_instance as servers

            servers.release_server(str(self._place.resolve()))

    def _name(self, table: str) -> str:
        return f"{self._library}_{table}"

    @contextmanager
    def _translate_errors(self) -> Iterator[None]:
        from pymilvus.exceptions import MilvusException

        try:
            yield
        except MilvusException as error:
            first = str(error.message).splitlines()[0] if error.message else type(error).__name__
            raise LibraryError(
                f"{self.address}: Milvus says “{first}”: check the address, the token and the server"
            ) from error


def literal(value: str | Sequence[int | str]) -> str:
    """Return a text, or a list of values, as a literal of a Milvus expression."""
    return json.dumps(value, ensure_ascii=False)


def _keyed(table: str, keys: Iterable[int | str]) -> Iterator[str]:
    """Yield expressions for the rows with these primary keys. pymilvus' own do not escape texts."""
    wanted = list(dict.fromkeys(keys))
    for start in range(0, len(wanted), ROWS_AT_ONCE):
        yield f"{next(iter(FIELDS[table]))} in {literal(wanted[start : start + ROWS_AT_ONCE])}"


def _lite_server(file: Path) -> str:
    """Open a file of Milvus Lite, and return the address of this process's server for it. Raises LibraryBusy."""
    from milvus_lite.server_manager import server_manager_instance as servers

    logging.getLogger("milvus_lite").setLevel(logging.CRITICAL)
    server: str | None = servers.start_and_get_uri(str(file.resolve()))
    if server is None:
        raise LibraryBusy(
            f"{file} is open in another process, or is no library of Milvus Lite: wait for the other, or "
            f"let both use a server (milvus-lite server --data-dir {file}) and its milvus+http:// address"
        )
    return server


def _create_table(client: Any, name: str, table: str, *, dimension: int, index: str) -> None:  # noqa: ANN401
    """Create a table and load it. client: pymilvus' client. index: Milvus' name of the vector index."""
    from pymilvus import DataType, Function, FunctionType, MilvusException

    schema = client.create_schema(auto_id=False, enable_dynamic_field=False)
    indexes = client.prepare_index_params()
    for number, (field, kind) in enumerate(FIELDS[table].items()):
        if not isinstance(kind, int):
            schema.add_field(field, DataType.INT64, is_primary=number == 0)
        elif field == "locations":
            element = {"element_type": DataType.VARCHAR, "max_length": kind, "max_capacity": 256}
            schema.add_field(field, DataType.ARRAY, **element)
        else:
            analysed = {"enable_analyzer": True, "analyzer_params": {"tokenizer": "standard"}}
            more = analysed if field == "words" else {}
            schema.add_field(field, DataType.VARCHAR, max_length=kind, is_primary=number == 0, **more)
    if table == "passages":
        schema.add_field("vector", DataType.FLOAT_VECTOR, dim=dimension)
        schema.add_field("sparse", DataType.SPARSE_FLOAT_VECTOR)
        words_to_sparse = {"input_field_names": ["words"], "output_field_names": ["sparse"]}
        schema.add_function(Function(name="bm25", function_type=FunctionType.BM25, **words_to_sparse))
        indexes.add_index("vector", index_type=index, metric_type="IP")
        parameters = {"bm25_k1": 1.2, "bm25_b": 0.75}
        indexes.add_index("sparse", index_type="SPARSE_INVERTED_INDEX", metric_type="BM25", params=parameters)
    else:  # Milvus requires a vector in every table
        schema.add_field("nothing", DataType.FLOAT_VECTOR, dim=2)
        indexes.add_index("nothing", index_type="FLAT", metric_type="IP")
    for field in _INDEXED.get(table, ()):
        indexes.add_index(field, index_type="INVERTED")
    client.create_collection(name, schema=schema, consistency_level="Strong")
    client.create_index(name, indexes, sync=False)
    if table == "articles":
        lists = client.prepare_index_params()
        lists.add_index("locations", index_type="INVERTED")
        with suppress(MilvusException):  # Milvus Lite has no index of lists
            client.create_index(name, lists, sync=False)
    client.load_collection(name)
