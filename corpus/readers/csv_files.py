"""CSV files: one article a row, its fields under their usual column names, whatever sign is between the columns."""

import csv
import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import BinaryIO

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.field_names import field_of, text_rank
from corpus.errors import ReadError
from corpus.readers.decoding import as_utf8
from corpus.readers.hints import Hints
from corpus.readers.rows import Row, row_articles

SUFFIXES = frozenset((".csv", ".tsv", ".tab", ".psv"))
ISOLATED = False
_DELIMITERS = ",;\t|"
_HEADER_BYTES = 64_000
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)  # Excel's note of its sign, above the header


def recognises(head: bytes) -> bool:
    """Return whether the first line of a file names columns that an article has, its text among them."""
    line = head.decode("utf-8", errors="replace").removeprefix("\ufeff").split("\n", 1)[0]
    return _known(_header(line)[0]) >= 3 and any(text_rank(name) == 0 for name in _header(line)[0])


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the article of each row; a row that has none is reported with its line, and the rest goes on.

    The file is read row by row, however large it is; only a field may not be larger than an article.
    """
    file = as_utf8(file, where=where, charset=hints.charset)
    text = io.TextIOWrapper(file, encoding="utf-8", newline="")
    try:
        yield from _articles(text, where, hints.names, on_bad)
    finally:
        text.detach()  # it would close the file


def _articles(
    text: io.TextIOWrapper, where: str, mapped: Mapping[str, str], on_bad: Callable[[ReadError], None]
) -> Iterator[Article]:
    start = text.tell()
    opening = text.read(_HEADER_BYTES)
    separator = _SEPARATOR_LINE.match(opening)
    columns, delimiter = _header(opening[separator.end() :] if separator else opening, mapped)
    delimiter = separator[1] if separator else delimiter
    csv.field_size_limit(MAX_BYTES)
    require_text_column(columns, mapped, where)

    def rows() -> Iterator[Row]:
        text.seek(start)
        if separator:
            text.readline()
        return _rows(text, columns, delimiter, where)

    empty = "it has a header and no rows below it: check that it is the right file"
    yield from row_articles(rows, mapped, where=where, kind="row", empty=empty, on_bad=on_bad)


def _rows(text: io.TextIOWrapper, columns: Sequence[str], delimiter: str, where: str) -> Iterator[Row]:
    """Yield the rows below the header. Raises ReadError for a broken one."""
    rows = csv.reader(text, delimiter=delimiter, skipinitialspace=True)
    is_first = True
    try:
        for row in rows:
            if any(cell.strip() for cell in row) and not (is_first and [cell.strip() for cell in row] == columns):
                yield f"{where} line {rows.line_num}", dict(zip(columns, row, strict=False))
                is_first = False
    except csv.Error as error:
        why = f"the row that ends here is broken ({error}): check its quotation marks"
        raise ReadError(f"{where} line {rows.line_num}", why) from error


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


def require_text_column(columns: Sequence[str], mapped: Mapping[str, str], where: str) -> None:
    """Raise ReadError where no column is the text, with the names that there are."""
    if "text" in mapped:
        wanted = mapped["text"]
        if wanted in columns or any(name.lower() == wanted.lower() for name in columns):
            return
        why = f"no column is called {wanted!r}"
    elif any(text_rank(name) is not None for name in columns):
        return
    else:
        why = "no column is called text (or body, content, description)"
    listed = ", ".join(name[:30] for name in columns[:12]) or "none"
    raise ReadError(where, f"{why}; its columns are {listed}: name the text's with --map text=COLUMN")
