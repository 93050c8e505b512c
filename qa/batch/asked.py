"""What is asked of a library at once: the questions of a file, or one question of each outlet, month or article."""

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, NamedTuple

from corpus.errors import ReadError, UsageError
from corpus.readers.decoding import decode
from corpus.store.records import Filters
from embeddings.library.protocol import Snapshot
from qa.assistant import Assistant, check_question
from qa.evaluation.gold_questions import object_lines
from qa.output.files import xlsx_sheets
from qa.searched import meant_filters, nothing_under, plain
from qa.service import chosen_filters

_DELIMITERS = ",;\t|"
_LONGEST_HEAD = 100_000  # characters: the csv module takes no cell that is much longer
_OWN = ("question", "source", "after", "before")
By = Literal["outlet", "month", "article"]


@dataclass(frozen=True, slots=True)
class AskedQuestion:
    """A question to ask under filters. others: what else stands in its row, which the table of answers repeats."""

    question: str
    filters: Filters
    others: Mapping[str, str] = field(default_factory=dict)


def read_questions(path: Path, filters: Filters) -> list[AskedQuestion]:
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
            return _all_asked(_sheet_rows(content, where), where, filters)
        return questions_of(decode(content, where=where), suffix, where, filters)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; name a file of questions") from error
    except ReadError as error:
        raise UsageError(str(error)) from error


def questions_of(text: str, suffix: str, where: str, filters: Filters) -> list[AskedQuestion]:
    """Return the questions of a text as `read_questions` does; a line that is no JSON raises ReadError.

    suffix: of the file. where: its name, for errors.
    """
    return _all_asked(_READERS[suffix](text, where), where, filters)


def _all_asked(records: Iterable[tuple[int, Mapping[str, Any]]], where: str, filters: Filters) -> list[AskedQuestion]:
    asked = [_asked(record, filters, f"{where} line {line}") for line, record in records]
    if not asked:
        raise UsageError(f"{where} holds no question: write one a line")
    return asked


def _asked(record: Mapping[str, Any], filters: Filters, where: str) -> AskedQuestion:
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
    return AskedQuestion(question, chosen, others)


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


@dataclass(frozen=True, slots=True)
class Group:
    """What a question is asked of: the articles that pass the filters. name: for people."""

    name: str
    filters: Filters

    def ask(self, assistant: Assistant, question: str) -> dict[str, Any]:
        """Return what these articles say to the question, as `citewire/1`."""
        return assistant.ask(question, filters=self.filters).to_json()


def groups(snapshot: Snapshot, by: By, filters: Filters) -> list[Group]:
    """Return the groups that have articles under the filters: outlets by name, months and articles oldest first.

    An article without an outlet is in no outlet, one without a day in no month.
    """
    filters = meant_filters(filters, snapshot)
    if by == "article":
        infos = snapshot.articles(filters, order="published", descending=False, limit=None, offset=0)
        named = (" — ".join(filter(None, (i.heading, i.source, (i.published or "")[:10]))) for i in infos)
        return [Group(name, replace(filters, article=i.id)) for name, i in zip(named, infos, strict=True)]
    found = _months(snapshot, filters) if by == "month" else _outlets(snapshot, filters)
    return [group for group in found if snapshot.coverage(group.filters).articles]


def why_no_group(snapshot: Snapshot, by: By, filters: Filters) -> str:
    """Return a sentence that says why `groups` gives none."""
    filters = meant_filters(filters, snapshot)
    if snapshot.coverage(filters).articles:
        return f"None of these articles has {'a day' if by == 'month' else 'an outlet'}."
    return nothing_under(filters, snapshot)


def _outlets(snapshot: Snapshot, filters: Filters) -> list[Group]:
    names: dict[str, str] = {}
    for source, _ in snapshot.sources():
        if not filters.sources or source in filters.sources:
            names.setdefault(plain(source), source)
    found = (names[key] for key in sorted(names))
    return [Group(name, meant_filters(replace(filters, sources=(name,)), snapshot)) for name in found]


def _months(snapshot: Snapshot, filters: Filters) -> Iterable[Group]:
    covered = snapshot.coverage(filters)
    if covered.first is None or covered.last is None:
        return
    day, last = date.fromisoformat(covered.first[:10]).replace(day=1), date.fromisoformat(covered.last[:10])
    while day <= last:
        following = (day + timedelta(days=31)).replace(day=1)
        after = max(day, filters.after or day)
        end = following - timedelta(days=1)
        yield Group(f"{day:%Y-%m}", replace(filters, after=after, before=min(end, filters.before or end)))
        day = following


class FirstTold(NamedTuple):
    """An answer with the day on which it was first told and the outlet that told it."""

    day: str | None
    text: str
    source: str
    unsure: bool


def first_told(results: Iterable[Mapping[str, Any]]) -> list[FirstTold]:
    """Return each answer once as it was first told, earliest first, those without a day last.

    results: as `citewire/1`. Answers that differ in letter case and space only are the same.
    """
    found: dict[str, FirstTold] = {}
    for result in results:
        cited = {citation["number"]: citation for citation in result["citations"]}
        for answer in result["answers"]:
            for number in answer["citations"]:
                citation = cited[number]
                day, source = (citation["published"] or "")[:10] or None, citation["source"] or "outlet unknown"
                told = FirstTold(day, answer["text"], source, unsure=result["status"] == "unsure")
                words = " ".join(answer["text"].casefold().split())
                found[words] = min(found.get(words, told), told, key=lambda each: each.day or "9999")
    return sorted(found.values(), key=lambda told: told.day or "9999")
