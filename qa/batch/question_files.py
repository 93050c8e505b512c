"""Reading files of questions: text, CSV, Excel and JSON Lines."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import ReadError, UsageError
from corpus.readers.open_file import decode
from corpus.store.records import Filters
from qa.assistant import check_question
from qa.evaluation.gold_questions import object_lines
from qa.output.files import xlsx_sheets
from qa.service import chosen_filters

_DELIMITERS = ",;\t|"
_LONGEST_HEAD = 100_000  # characters: the csv module takes no cell that is much longer
_OWN = ("question", "source", "after", "before")


@dataclass(frozen=True, slots=True)
class FilteredQuestion:
    """A question to ask under filters. others: what else stands in its row, which the table of answers repeats."""

    text: str
    filters: Filters
    others: Mapping[str, str] = field(default_factory=dict)


def read_questions(path: Path, filters: Filters) -> list[FilteredQuestion]:
    """Return the questions of a file, in its order.

    `.txt`: a question a line. `.csv`, `.xlsx`: a column `question`, and `source`, `after` and `before` where they are
    wanted. `.jsonl`: an object a line with these names; `source` may be a list. filters: hold where a row names no
    filter of its kind. Raises UsageError for a file without questions and for a row that cannot be asked, which it
    names.
    """
    where, suffix = str(path), path.suffix.lower()
    if suffix != ".xlsx" and suffix not in _READERS:
        raise UsageError(f"{where} is no file of questions: its name has to end in .txt, .csv, .tsv, .xlsx or .jsonl")
    try:
        content = path.read_bytes()
        if suffix == ".xlsx":
            return _questions(_sheet_rows(content, where), where, filters)
        return questions_of(decode(content, where=where), suffix, where, filters)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; name a file of questions") from error
    except ReadError as error:
        raise UsageError(str(error)) from error


def questions_of(text: str, suffix: str, where: str, filters: Filters) -> list[FilteredQuestion]:
    """Return the questions of a text as `read_questions` does; a line that is no JSON raises ReadError.

    suffix: of the file. where: its name, for errors.
    """
    return _questions(_READERS[suffix](text, where), where, filters)


def _questions(
    records: Iterable[tuple[int, Mapping[str, Any]]], where: str, filters: Filters
) -> list[FilteredQuestion]:
    questions = [_question(record, filters, f"{where} line {line}") for line, record in records]
    if not questions:
        raise UsageError(f"{where} holds no question: write one a line")
    return questions


def _question(record: Mapping[str, Any], filters: Filters, where: str) -> FilteredQuestion:
    question = str(record.get("question") or "").strip()
    source = record.get("source") or ()
    sources = (str(source),) if isinstance(source, str) else tuple(map(str, source))
    try:
        check_question(question)
        own = chosen_filters(sources, str(record.get("after") or ""), str(record.get("before") or ""))
        after, before = own.after or filters.after, own.before or filters.before
        chosen = Filters(own.sources or filters.sources, after, before, filters.article)
    except UsageError as error:
        raise UsageError(f"{where}: {error}") from None
    others = {str(name): _cell(value) for name, value in record.items() if name not in _OWN and name}
    return FilteredQuestion(question, chosen, others)


def _cell(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _lines(text: str, where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if line.strip():
            yield number, {"question": line.strip()}


def _rows(text: str, where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    delimiter = delimiter_of(text.split("\n", 1)[0])
    if delimiter is None:
        raise UsageError(f"{where} has no column named question: name it in the first row")
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff"), newline=""), delimiter=delimiter)
    names = _names(next(rows))
    try:
        for row in rows:
            if any(cell.strip() for cell in row[len(names) :]):
                raise UsageError(
                    f"{where} line {rows.line_num} has more cells than the first row: "
                    f"put a text that holds {delimiter!r} between quotation marks"
                )
            if any(cell.strip() for cell in row):
                yield rows.line_num, dict(zip(names, (cell.strip() for cell in row), strict=False))
    except csv.Error as error:
        raise UsageError(f"{where} line {rows.line_num} is broken ({error}): check its quotation marks") from error


_READERS = {".txt": _lines, ".csv": _rows, ".tsv": _rows, ".jsonl": object_lines}


def _sheet_rows(content: bytes, where: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Give the rows of a workbook's first sheet that has a column named question."""
    sheets = xlsx_sheets(content, where=where)
    rows = next((rows for rows in sheets if rows and "question" in _names(rows[0])), None)
    if rows is None:
        raise UsageError(f"{where} has no column named question: name it in a sheet's first row")
    for number, row in enumerate(rows[1:], start=2):
        if any(row):
            yield number, dict(zip(_names(rows[0]), row, strict=False))


def delimiter_of(head: str) -> str | None:
    """Return what parts the columns of a CSV file with this first line, None where none of them is named question."""
    heads = {d: _names(next(csv.reader([head[:_LONGEST_HEAD].lstrip("\ufeff")], delimiter=d), [])) for d in _DELIMITERS}
    return next((delimiter for delimiter, names in heads.items() if "question" in names), None)


def _names(row: list[str]) -> list[str]:
    """Return the names of columns; those that Citewire knows, whatever their letter case."""
    return [name.strip().lower() if name.strip().lower() in _OWN else name.strip() for name in row]
