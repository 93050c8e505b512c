"""Parquet and Arrow tables, as collections of articles are published: an article a row. Read with pyarrow, an extra."""

from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any, BinaryIO

from corpus.article import Article
from corpus.errors import ReadError
from corpus.readers.csv_files import require_text_column
from corpus.readers.hints import Hints
from corpus.readers.rows import Row, row_articles

SUFFIXES = frozenset((".parquet", ".arrow", ".feather"))
ISOLATED = True
_ROWS_AT_ONCE = 200
_PARQUET, _ARROW, _STREAM = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff"


def recognises(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of Parquet or Arrow."""
    return head.startswith((_PARQUET, _ARROW, _STREAM))


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the article of each row; a row that has none is reported with its number, and the rest goes on."""
    require_text_column(list(next(_opened(file, where))), hints.names, where)

    def rows() -> Iterator[Row]:
        records = islice(_opened(file, where), 1, None)
        return ((f"{where} row {number}", record) for number, record in enumerate(records, start=1))

    empty = "the table has no rows: check that it is the right file"
    yield from row_articles(rows, hints.names, where=where, kind="row", empty=empty, on_bad=on_bad)


def _opened(file: BinaryIO, where: str) -> Iterator[Mapping[str, object]]:
    """Yield the columns' names, as keys, and then each row. Raises ReadError without pyarrow and for a damaged file."""
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError as error:
        why = "Parquet and Arrow files are read with pyarrow: pip install 'citewire[parquet]', and add it again"
        raise ReadError(where, why) from error
    pa.set_memory_pool(pa.system_memory_pool())
    file.seek(0)
    head = file.read(6)
    file.seek(0)
    try:
        batches: Any
        if head.startswith(_PARQUET):
            table = pq.ParquetFile(file)
            names, batches = table.schema_arrow.names, table.iter_batches(_ROWS_AT_ONCE, use_threads=False)
        elif head.startswith(_ARROW):
            opened = pa.ipc.open_file(file)
            names, batches = opened.schema.names, map(opened.get_batch, range(opened.num_record_batches))
        else:
            stream = pa.ipc.open_stream(file)
            names, batches = stream.schema.names, stream
        yield dict.fromkeys(names)
        for batch in batches:
            for start in range(0, batch.num_rows, _ROWS_AT_ONCE):
                for row in batch.slice(start, _ROWS_AT_ONCE).to_pylist():
                    yield {name: _plain(value) for name, value in row.items()}
    except (pa.ArrowException, OSError, ValueError) as error:
        reason = next(iter(str(error).splitlines()), "broken")[:100]
        raise ReadError(where, f"the table is damaged or cut short ({reason}): copy it again") from error


def _plain(value: object) -> object:
    """Return a time as it is written; any other value as it is."""
    return value.isoformat() if isinstance(value, date | datetime) else value
