"""Tables with an article a row, of which a bad one costs no other.

CSV has its fields under their usual column names, whatever sign is between the columns. Parquet files, as collections
of articles are published, are read with pyarrow, an extra.
"""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.assemble import article_of
from corpus.cleaning.field_names import field_of, text_rank
from corpus.cleaning.written_dates import date_order, in_order
from corpus.errors import ReadError
from corpus.readers.open_file import Format, OpenFile

_MOST_BAD = 100  # from the start on: after that it is another kind of file
_DELIMITERS = ",;\t|"
_HEADER_BYTES = 64_000
_ROWS_AT_ONCE = 200

Row = tuple[str, Mapping[str, object] | ReadError]
"""Where a row stands, and its fields by name or why it has none, also for what is broken of a file."""


def row_articles(rows: Callable[[], Iterable[Row]], file: OpenFile, *, kind: str, empty: str) -> Iterator[Article]:
    """Yield the article of each row; one that has none is reported, and the rest goes on.

    rows: gives the rows from the first on. They are looked through before, for the order of days in slashes. kind: what
    a row is called. Raises ReadError with `empty` where there is no row, and where none of the first `_MOST_BAD` is an
    article.
    """
    sound = (record for _, record in rows() if not isinstance(record, ReadError))
    order = date_order(sound, file.mapped)
    bad = good = 0
    for place, record in rows():
        try:
            if isinstance(record, ReadError):
                raise record
            article = article_of(in_order(record, order, file.mapped), where=place, mapped=file.mapped)
        except ReadError as error:
            bad += 1
            file.on_bad(error)
            if bad == _MOST_BAD and not good:
                why = f"none of its first {bad} {kind}s is an article: check its fields, or columns"
                raise ReadError(file.where, why) from None
            continue
        good += 1
        yield article
    if not good and not bad:
        raise ReadError(file.where, empty)


def _is_csv(head: bytes) -> bool:
    """Return whether the first line of a file names columns that an article has, its text among them."""
    line = head.decode("utf-8", errors="replace").removeprefix("\ufeff").split("\n", 1)[0]
    names = _header(line)[0]
    return _known(names) >= 3 and any(text_rank(name) == 0 for name in names)


def _read_csv(file: OpenFile) -> Iterator[Article]:
    """Yield the article of each row; a row that has none is reported with its line, and the rest goes on.

    The file is read row by row, however large it is; only a field may not be larger than an article.
    """
    text = io.TextIOWrapper(file.as_utf8(), encoding="utf-8", newline="")
    start = text.tell()
    columns, delimiter = _header(text.read(_HEADER_BYTES), file.mapped)
    csv.field_size_limit(MAX_BYTES)
    _require_text(columns, file)

    def rows() -> Iterator[Row]:
        text.seek(start)
        reader = csv.reader(text, delimiter=delimiter, skipinitialspace=True)
        try:
            next(reader)
            for row in reader:
                if any(cell.strip() for cell in row):
                    yield f"{file.where} line {reader.line_num}", dict(zip(columns, row, strict=False))
        except csv.Error as error:
            why = f"the row that ends here is broken ({error}): check its quotation marks"
            yield file.where, ReadError(f"{file.where} line {reader.line_num}", why)

    empty = "it has a header and no rows below it: check that it is the right file"
    try:
        yield from row_articles(rows, file, kind="row", empty=empty)
    finally:
        text.detach()  # it would close the file


def _header(opening: str, mapped: Mapping[str, str] | None = None) -> tuple[list[str], str]:
    """Return the columns' names and the sign between them: the one by which most names are those of fields."""
    best: tuple[tuple[int, int], list[str], str] = ((-1, 0), [], ",")
    for delimiter in _DELIMITERS:
        try:
            row = next(csv.reader(io.StringIO(opening), delimiter=delimiter, skipinitialspace=True), [])
        except csv.Error:
            continue
        names = [cell.strip() for cell in row]
        score = (_known(names) + sum(name in names for name in (mapped or {}).values()), len(names))
        if score > best[0]:
            best = (score, names, delimiter)
    return best[1], best[2]


def _known(names: Sequence[str]) -> int:
    """Return how many of the names are those of an article's fields."""
    return sum(field_of(name) is not None or text_rank(name) is not None for name in names)


def _require_text(columns: Sequence[str], file: OpenFile) -> None:
    """Raise ReadError where no column is the text, with the names that there are."""
    if wanted := file.mapped.get("text"):
        if wanted in columns or any(name.lower() == wanted.lower() for name in columns):
            return
        why = f"no column is called {wanted!r}"
    elif any(text_rank(name) is not None for name in columns):
        return
    else:
        why = "no column is called text (or body, content, description)"
    listed = ", ".join(name[:30] for name in columns[:12]) or "none"
    raise ReadError(file.where, f"{why}; its columns are {listed}: name the text's with --map text=COLUMN")


def _read_parquet(file: OpenFile) -> Iterator[Article]:
    """Yield the article of each row; a row that has none is reported with its number, and the rest goes on."""
    try:
        import pyarrow as pa
        from pyarrow.parquet import ParquetFile
    except ImportError as error:
        why = "Parquet files are read with pyarrow: pip install 'citewire[parquet]', and add it again"
        raise ReadError(file.where, why) from error
    pa.set_memory_pool(pa.system_memory_pool())

    def rows() -> Iterator[Row]:
        try:
            batches = ParquetFile(file.stream).iter_batches(_ROWS_AT_ONCE, use_threads=False)
            records = (record for batch in batches for record in batch.to_pylist())
            for number, record in enumerate(records, start=1):
                days = {name: v.isoformat() for name, v in record.items() if isinstance(v, date | datetime)}
                yield f"{file.where} row {number}", record | days
        except (pa.ArrowException, OSError) as error:
            reason = next(iter(str(error).splitlines()), "broken")[:100]
            why = f"the table is damaged or cut short ({reason}): copy it again"
            yield file.where, ReadError(file.where, why)

    first = next(rows(), None)
    if first and not isinstance(first[1], ReadError):
        _require_text(list(first[1]), file)
    yield from row_articles(rows, file, kind="row", empty="the table has no rows: check that it is the right file")


CSV = Format("CSV", frozenset((".csv", ".tsv", ".tab", ".psv")), _read_csv, _is_csv)
PARQUET = Format("Parquet", frozenset((".parquet",)), _read_parquet, re.compile(rb"PAR1").match, isolated=True)
