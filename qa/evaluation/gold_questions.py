"""Gold questions: each a question, the expected answers and their evidence, and reading them from files.

A file holds Citewire's own JSON Lines, SQuAD's JSON or reading rows, and may be gzipped. It is read whole or not at
all: the first error names its line. What people said of answers becomes gold questions, too.
"""

import difflib
import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from corpus.article import Article
from corpus.errors import ReadError, UsageError
from corpus.store.activity import Feedback

Need = Literal["any", "all"]
VERDICTS = ("right", "answer_wrong", "evidence_wrong")
_FIELDS = ("id", "question", "turns", "answers", "need", "kind", "evidence")


@dataclass(frozen=True, slots=True)
class Evidence:
    """Evidence of an answer: the quote in the article with that file name or id, or the whole article."""

    article: str
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph in a file of questions. name: unique in the file."""

    name: str
    text: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with its expected answers.

    answers: with `need` "any", forms of the one answer; with "all", several answers, all of them wanted. Without any,
    the articles do not tell. turns: earlier questions of the conversation, oldest first. paragraph: that of
    the question, in files with paragraphs.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    need: Need = "any"
    kind: str = "other"
    turns: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    paragraph: Paragraph | None = None


@dataclass(frozen=True, slots=True)
class GoldSet:
    """The questions of one file. paragraphs: empty for files without paragraphs."""

    name: str
    questions: tuple[GoldQuestion, ...]
    paragraphs: tuple[Paragraph, ...] = ()


def paragraph_articles(paragraphs: Sequence[Paragraph]) -> list[Article]:
    """Return each paragraph as an article, with the paragraph's name as key and its text unchanged."""
    return [Article(text=p.text, title=p.title, path=p.name) for p in paragraphs]


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
        return _with_paragraphs(_squad_rows(whole, name), "answer_start", name)
    rows = list(object_lines(text, name))
    if not rows:
        raise ReadError(name, "the file is empty: write one question a line, as docs/evaluation.md describes")
    if "context" in rows[0][1]:
        told = ((f"{name}, line {number}", row, row.get("context"), row.get("title")) for number, row in rows)
        return _with_paragraphs(told, "start", name)
    questions: dict[str, GoldQuestion] = {}
    lines: dict[str, int] = {}
    for number, row in rows:
        where = f"{name}, line {number}"
        question = _question(row, where)
        if question.id in questions:
            raise ReadError(where, f"the id {question.id!r} is that of line {lines[question.id]}: give it its own")
        questions[question.id], lines[question.id] = question, number
    return GoldSet(name, tuple(questions.values()))


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


def _question(row: Mapping[str, Any], where: str) -> GoldQuestion:
    missing = [field for field in _FIELDS if field not in row]
    for name in row.keys() - set(_FIELDS):  # with `answer` for `answers` a question would seem unanswerable
        if close := difflib.get_close_matches(name.casefold(), missing, n=1, cutoff=0.8):
            raise ReadError(where, f'"{name}" is not known: write "{close[0]}"')
    identity, text = _id_and_question(row, where)
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


def _id_and_question(row: Mapping[str, Any], where: str) -> tuple[str, str]:
    """Return the id and the question of a row. Raises ReadError where one is missing."""
    identity, text = row.get("id"), row.get("question")
    if isinstance(identity, bool) or not isinstance(identity, str | int) or not str(identity).strip():
        raise ReadError(where, '"id" is missing or is no text: give each question an id of its own')
    if not isinstance(text, str) or not text.strip():
        raise ReadError(where, '"question" is missing, empty or no text: write the question there')
    return str(identity), text


_ParagraphRow = tuple[str, Mapping[str, Any], object, object]
"""Where a question stands, its row, and its paragraph's text and title."""


def _squad_rows(content: Mapping[str, Any], name: str) -> Iterator[_ParagraphRow]:
    for a, article in enumerate(_list(content, "data", name)):
        title = article.get("title")
        told = title.replace("_", " ") if isinstance(title, str) else None
        for p, paragraph in enumerate(_list(article, "paragraphs", f"{name}, data[{a}]")):
            here, text = f"{name}, data[{a}].paragraphs[{p}]", paragraph.get("context")
            for q, row in enumerate(_list(paragraph, "qas", here)):
                yield f"{here}.qas[{q}] (id {row.get('id')!r})", row, text, told


def _with_paragraphs(told: Iterable[_ParagraphRow], offset: str, name: str) -> GoldSet:
    """Return questions with their paragraphs. offset: the field that says where an answer starts."""
    questions: dict[str, GoldQuestion] = {}
    paragraphs: dict[str, Paragraph] = {}
    for where, row, text, title in told:
        if not isinstance(text, str) or not any(c.isalnum() for c in text):
            raise ReadError(where, '"context" is missing or holds no word: write the paragraph there')
        new = Paragraph(f"paragraph-{len(paragraphs) + 1}", text, title if isinstance(title, str) else None)
        paragraph = paragraphs.setdefault(text, new)
        identity, question = _id_and_question(row, where)
        unique, copy = identity, 1
        while unique in questions:  # generated files do repeat ids
            copy += 1
            unique = f"{identity}#{copy}"
        answers = tuple(dict.fromkeys(_answers(row, text, offset, where)))
        questions[unique] = GoldQuestion(
            id=unique,
            question=question,
            answers=answers,
            kind="answerable" if answers else "unanswerable",
            # A paragraph without an answer is no evidence: finding it is neither right nor wrong.
            evidence=(Evidence(paragraph.name),) if answers else (),
            paragraph=paragraph,
        )
    if not questions:
        raise ReadError(name, "holds no question: name a file that does")
    return GoldSet(name, tuple(questions.values()), tuple(paragraphs.values()))


def _list(holder: Mapping[str, Any], field: str, where: str) -> list[dict[str, Any]]:
    values = holder.get(field)
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise ReadError(where, f'"{field}" is not a list of objects, as SQuAD has it')
    return values


def _answers(row: Mapping[str, Any], context: str, offset: str, where: str) -> list[str]:
    """Return the texts of the answers. Check that each is at its offset in the context."""
    values = [] if row.get("is_impossible") is True else row.get("answers")
    if not isinstance(values, list):
        raise ReadError(where, '"answers" is not a list: write [{"text": ..., "' + offset + '": ...}], or [] for none')
    texts = []
    for value in values:
        try:
            text, start = value["text"], value[offset]
            stands_there = bool(text.strip()) and start >= 0 and context[start : start + len(text)] == text
        except (LookupError, TypeError, AttributeError):
            stands_there = False
        if not stands_there:
            raise ReadError(where, f'the answer {value!r} is no text that stands at its "{offset}": correct it')
        texts.append(text)
    return texts


def gold_rows(feedback: Iterable[Feedback]) -> list[dict[str, Any]]:
    """Return a gold question for each feedback that tells the right answer, oldest first.

    A right answer is kept with its evidence, a right refusal without answers. Wrong evidence keeps the answers without
    evidence. A wrong answer needs the right one in the comment. `kind` is `feedback`. For the same question after the
    same turns, the latest feedback counts.
    """
    rows: dict[tuple[str, str], dict[str, Any]] = {}
    for number, one in enumerate(feedback, start=1):
        settled = _settled(one)
        if settled is not None:
            asked = {"question": json.loads(one.result)["question"], "turns": json.loads(one.turns)}
            rows.pop((asked["question"], one.turns), None)
            rows[asked["question"], one.turns] = {"id": f"feedback-{number}", **asked, **settled}
    return list(rows.values())


def unsettled(feedback: Iterable[Feedback]) -> int:
    """Return the number of feedbacks that call an answer wrong without giving the right one."""
    return sum(_settled(one) is None for one in feedback)


def _settled(one: Feedback) -> dict[str, Any] | None:
    result = json.loads(one.result)
    if one.verdict == "answer_wrong":
        return {"answers": [one.words], "need": "any", "kind": "feedback", "evidence": []} if one.words else None
    answers = list(dict.fromkeys(answer["text"] for answer in result["answers"]))
    evidence = [{"article": c["article"], "quote": c["quote"]} for c in result["citations"]]
    return {
        "answers": answers,
        "need": "all" if len(answers) > 1 else "any",
        "kind": "feedback",
        "evidence": evidence if one.verdict == "right" else [],
    }
