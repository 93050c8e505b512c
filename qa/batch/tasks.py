"""What a batch asks: the questions of a file, each of all articles, or of each outlet, month or article by itself."""

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from corpus import __version__
from corpus.errors import ReadError, UsageError
from corpus.readers.open_file import decode
from corpus.store.records import Filters
from embeddings.library.protocol import Snapshot
from qa.assistant import Assistant, check_question
from qa.evaluation.gold_questions import object_lines
from qa.filters import meant_filters, nothing_under, plain
from qa.service import chosen_filters

By = Literal["outlet", "month", "article"]

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

    `.txt`: a question a line. `.csv`: a column `question`, and `source`, `after` and `before` where they are wanted.
    `.jsonl`: an object a line with these names; `source` may be a list. filters: hold where a row names no filter of
    its kind. Raises UsageError for a file without questions and for a row that cannot be asked, which it names.
    """
    if path.suffix.lower() not in _READERS:
        raise UsageError(f"{path} is no file of questions: its name has to end in .txt, .csv, .tsv or .jsonl")
    try:
        return questions_of(decode(path.read_bytes(), where=str(path)), path.suffix.lower(), str(path), filters)
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}; name a file of questions") from error
    except ReadError as error:
        raise UsageError(str(error)) from error


def questions_of(text: str, suffix: str, where: str, filters: Filters) -> list[FilteredQuestion]:
    """Return the questions of a text as `read_questions` does; a line that is no JSON raises ReadError.

    suffix: of the file. where: its name, for errors.
    """
    records = _READERS[suffix](text, where)
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
    others = {name: _cell(value) for name, value in record.items() if name not in _OWN and name}
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


def delimiter_of(head: str) -> str | None:
    """Return what parts the columns of a CSV file with this first line, None where none of them is named question."""
    heads = {d: _names(next(csv.reader([head[:_LONGEST_HEAD].lstrip("\ufeff")], delimiter=d), [])) for d in _DELIMITERS}
    return next((delimiter for delimiter, names in heads.items() if "question" in names), None)


def _names(row: list[str]) -> list[str]:
    """Return the names of columns; those that Citewire knows, whatever their letter case."""
    return [name.strip().lower() if name.strip().lower() in _OWN else name.strip() for name in row]


def groups(snapshot: Snapshot, by: By, filters: Filters) -> list[tuple[str, Filters]]:
    """Return the groups that have articles under the filters, each with a name for people and filters of its own.

    Outlets are in order of their names, months and articles oldest first. An article without an outlet is in no outlet,
    one without a day in no month. Raises UsageError where there is no group.
    """
    filters = meant_filters(filters, snapshot)
    if by == "article":
        infos = snapshot.articles(filters, order="oldest")
        named = (" — ".join(filter(None, (i.heading, i.source, (i.published or "")[:10]))) for i in infos)
        found = [(name, replace(filters, article=i.id)) for name, i in zip(named, infos, strict=True)]
    else:
        within = _months(snapshot, filters) if by == "month" else _outlets(snapshot, filters)
        found = [(name, own) for name, own in within if snapshot.coverage(own).articles]
    if not found and snapshot.coverage(filters).articles:
        raise UsageError(f"None of these articles has {'a day' if by == 'month' else 'an outlet'}.")
    if not found:
        raise UsageError(nothing_under(filters, snapshot))
    return found


def _outlets(snapshot: Snapshot, filters: Filters) -> Iterable[tuple[str, Filters]]:
    names: dict[str, str] = {}
    for source, _ in snapshot.sources():
        if not filters.sources or source in filters.sources:
            names.setdefault(plain(source), source)
    for _, name in sorted(names.items()):
        yield name, meant_filters(replace(filters, sources=(name,)), snapshot)


def _months(snapshot: Snapshot, filters: Filters) -> Iterable[tuple[str, Filters]]:
    covered = snapshot.coverage(filters)
    if covered.first is None or covered.last is None:
        return
    day, last = date.fromisoformat(covered.first[:10]).replace(day=1), date.fromisoformat(covered.last[:10])
    while day <= last:
        following = (day + timedelta(days=31)).replace(day=1)
        after = max(day, filters.after or day)
        end = following - timedelta(days=1)
        yield f"{day:%Y-%m}", replace(filters, after=after, before=min(end, filters.before or end))
        day = following


@dataclass(frozen=True, slots=True)
class Task:
    """One question for one group, whose filters it has. by, group: the kind and the name of the group, if any.

    key: the same for the same question, filters, reader and state of the library.
    """

    question: FilteredQuestion
    filters: Filters
    key: str
    by: By | None = None
    group: str = ""


def table_tasks(assistant: Assistant, questions: Sequence[FilteredQuestion], by: By | None) -> list[Task]:
    """Return a task for each question and group, questions outermost. Raises UsageError where a question has none."""
    tasks: list[Task] = []
    with assistant.library.snapshot() as snapshot:
        change = snapshot.counts().change
        found = {q.filters: groups(snapshot, by, q.filters) for q in questions} if by else {}
    for question in questions:
        for name, f in found[question.filters] if by else [("", question.filters)]:
            named = [question.text, f.article, f.sources, str(f.after), str(f.before)]
            state = [assistant.reader.name, assistant.library.address, change, __version__]
            key = hashlib.sha256(json.dumps([named, state]).encode()).hexdigest()
            tasks.append(Task(question, f, key, by, name))
    return tasks
