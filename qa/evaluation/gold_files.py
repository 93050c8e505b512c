"""Reading files of gold questions: Citewire's own JSON Lines, SQuAD's JSON, and reading rows; also gzipped.

A file is read whole or not at all: the first error names its line.
"""

import difflib
import gzip
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, cast

from corpus.errors import ReadError, UsageError
from qa.evaluation.gold_questions import Evidence, GoldQuestion, GoldSet, Need, named_question, read_rows, read_squad

_FIELDS = ("id", "question", "turns", "answers", "need", "kind", "evidence")


def read_gold(path: Path) -> GoldSet:
    """Return the questions of a file. The content tells the format.

    Raises UsageError for a missing file, and ReadError, which names the line, for invalid content.
    """
    name = str(path)
    text = _text(path)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):  # lines of JSON, or none
        whole = None
    if isinstance(whole, dict) and "data" in whole:
        return read_squad(whole, name=name)
    rows = list(object_lines(text, name))
    if not rows:
        raise ReadError(name, "the file is empty: write one question a line, as docs/evaluation.md describes")
    if "context" in rows[0][1]:
        return read_rows(rows, name=name)
    return GoldSet(name, tuple(_questions(rows, name)))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        return data.decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"{path} does not exist: name a file of questions") from None
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise ReadError(f"{path}, line {line}", "is not text in UTF-8: save the file in that encoding") from error
    except (OSError, EOFError, zlib.error) as error:
        raise ReadError(str(path), f"cannot be read ({error}): name one file of questions") from error


def object_lines(text: str, name: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield number and object of every line that is not blank. name: of the file, for errors. Raises ReadError."""
    # Not splitlines(): JSON strings may contain U+2028.
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        try:
            row = json.loads(line.removeprefix("\ufeff"))
        except (ValueError, RecursionError) as error:
            raise ReadError(where, f"is not JSON ({error}): write a question a line") from error
        if not isinstance(row, dict):
            raise ReadError(where, 'is not an object: write {"question": ...}, with all its other fields')
        yield number, row


def _questions(rows: Sequence[tuple[int, dict[str, Any]]], name: str) -> Iterator[GoldQuestion]:
    seen: dict[str, int] = {}
    for number, row in rows:
        question = _question(row, f"{name}, line {number}")
        if question.id in seen:
            raise ReadError(
                f"{name}, line {number}", f"the id {question.id!r} is that of line {seen[question.id]}: give it its own"
            )
        seen[question.id] = number
        yield question


def _question(row: Mapping[str, Any], where: str) -> GoldQuestion:
    _check_names(row, where)
    identity, text = named_question(row, where)
    need = row.get("need", "any")
    if need not in ("any", "all"):
        raise ReadError(where, f'"need" is {json.dumps(need)}: write "any" or "all"')
    answers = _strings(row, "answers", where)
    if need == "all" and not answers:
        raise ReadError(where, '"need" is "all" but there are no answers: list them, or leave "need" out')
    return GoldQuestion(
        id=identity,
        question=text,
        answers=answers,
        need=cast(Need, need),
        kind=str(row.get("kind") or "other").strip(),
        turns=_strings(row, "turns", where),
        evidence=tuple(_evidence(row, where)),
    )


def _check_names(row: Mapping[str, Any], where: str) -> None:
    """Refuse unknown fields: with `answer` for `answers` a question would seem unanswerable."""
    missing = [field for field in _FIELDS if field not in row]
    for name in row.keys() - set(_FIELDS):
        if close := difflib.get_close_matches(name.casefold(), missing, n=1, cutoff=0.8):
            raise ReadError(where, f'"{name}" is not known: write "{close[0]}"')


def _strings(row: Mapping[str, Any], field: str, where: str) -> tuple[str, ...]:
    values = row.get(field, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise ReadError(where, f'"{field}" is not a list of texts: write ["..."], or [] for none')
    return tuple(values)


def _evidence(row: Mapping[str, Any], where: str) -> Iterator[Evidence]:
    entries = row.get("evidence", [])
    if not isinstance(entries, list):
        raise ReadError(where, '"evidence" is not a list: write [{"article": "...", "quote": "..."}]')
    for entry in entries:
        article, quote = (entry.get("article"), entry.get("quote")) if isinstance(entry, dict) else (None, None)
        if not (isinstance(article, str) and article.strip() and isinstance(quote, str) and quote.strip()):
            raise ReadError(where, 'an entry of "evidence" lacks a text as "article" or as "quote": write both')
        yield Evidence(article.strip(), quote)
