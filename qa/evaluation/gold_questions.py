"""Gold questions: each a question, the expected answers and their evidence, and reading them from files.

A file holds Citewire's own JSON Lines, SQuAD's JSON or reading rows, and may be gzipped. It is read whole or not at
all: the first error names its line. What people said of answers becomes gold questions, too.
"""

import gzip
import json
import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from corpus.article import Article
from corpus.errors import ReadError
from corpus.store.activity import Feedback

Need = Literal["any", "all"]
VERDICTS = ("right", "answer_wrong", "evidence_wrong")


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

    Raises ReadError for a file that cannot be read and, with the line, for invalid content.
    """
    name = str(path)
    text = _text(path)
    try:
        whole = json.loads(text)
    except (ValueError, RecursionError):  # lines of JSON, or none
        whole = None
    if isinstance(whole, dict) and "data" in whole:
        return _with_paragraphs(_squad_rows(whole, name), "answer_start", name)
    rows = [(f"{name}, line {number}", row) for number, row in object_lines(text, name)]
    if rows and "context" in rows[0][1]:
        return _with_paragraphs([(where, row, row) for where, row in rows], "start", name)
    questions: dict[str, GoldQuestion] = {}
    for where, row in rows:
        question = _question(row, where)
        if question.id in questions:
            raise ReadError(where, f"the id {question.id!r} is that of another line: give it its own")
        questions[question.id] = question
    if not questions:
        raise ReadError(name, "holds no question: write one a line, as docs/evaluation.md describes")
    return GoldSet(name, tuple(questions.values()))


def _text(path: Path) -> str:
    try:
        data = path.read_bytes()
        return (gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data).decode("utf-8-sig")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise ReadError(str(path), f"cannot be read ({error}): name a file of questions in UTF-8") from error


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
    identity, text = _id_and_question(row, where)
    if "answer" in row:  # without `answers` the question would seem unanswerable
        raise ReadError(where, '"answer" is not known: write "answers"')
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
        evidence=_evidence(row, where),
    )


def _strings(row: Mapping[str, Any], field: str, where: str) -> tuple[str, ...]:
    values = row.get(field, [])
    if not isinstance(values, list) or not all(isinstance(v, str) and v.strip() for v in values):
        raise ReadError(where, f'"{field}" is not a list of texts: write ["..."], or [] for none')
    return tuple(values)


def _evidence(row: Mapping[str, Any], where: str) -> tuple[Evidence, ...]:
    entries = row.get("evidence", [])
    try:
        found = tuple(Evidence(each["article"].strip(), each["quote"].strip() and each["quote"]) for each in entries)
    except (LookupError, TypeError, AttributeError):
        found = (Evidence(""),)
    if not all(each.article and each.quote for each in found):
        raise ReadError(where, '"evidence" is not a list of texts: write [{"article": "...", "quote": "..."}]')
    return found


def _id_and_question(row: Mapping[str, Any], where: str) -> tuple[str, str]:
    """Return the id and the question of a row. Raises ReadError where one is missing."""
    identity, text = row.get("id"), row.get("question")
    if not isinstance(identity, str | int) or not isinstance(text, str) or not text.strip():
        raise ReadError(where, '"id" or "question" is missing, empty or no text: write both')
    return str(identity), text


_ParagraphRow = tuple[str, Mapping[str, Any], Mapping[str, Any]]
"""Where a question stands, its row, and what has its paragraph as `context` and the `title`."""


def _squad_rows(content: Mapping[str, Any], name: str) -> list[_ParagraphRow]:
    try:
        return [
            (f"{name}, question {row['id']!r}", row, {**paragraph, "title": article.get("title", "").replace("_", " ")})
            for article in content["data"]
            for paragraph in article["paragraphs"]
            for row in paragraph["qas"]
        ]
    except (LookupError, TypeError, AttributeError) as error:
        raise ReadError(name, f"is not as SQuAD has it ({error!r}): name the file as it was published") from error


def _with_paragraphs(rows: Iterable[_ParagraphRow], offset: str, name: str) -> GoldSet:
    """Return questions with their paragraphs. offset: the field that says where an answer starts."""
    questions: list[GoldQuestion] = []
    paragraphs: dict[str, Paragraph] = {}
    for where, row, holder in rows:
        text, title = holder.get("context"), holder.get("title")
        if not isinstance(text, str) or not any(c.isalnum() for c in text):
            raise ReadError(where, '"context" is missing or holds no word: write the paragraph there')
        new = Paragraph(f"paragraph-{len(paragraphs) + 1}", text, title if isinstance(title, str) else None)
        paragraph = paragraphs.setdefault(text, new)
        identity, question = _id_and_question(row, where)
        answers = tuple(dict.fromkeys(_answers(row, text, offset, where)))
        questions.append(
            GoldQuestion(
                id=identity,
                question=question,
                answers=answers,
                kind="answerable" if answers else "unanswerable",
                # A paragraph without an answer is no evidence: finding it is neither right nor wrong.
                evidence=(Evidence(paragraph.name),) if answers else (),
                paragraph=paragraph,
            )
        )
    if not questions:
        raise ReadError(name, "holds no question: name a file that does")
    return GoldSet(name, tuple(questions), tuple(paragraphs.values()))


def _answers(row: Mapping[str, Any], context: str, offset: str, where: str) -> list[str]:
    """Return the texts of the answers. Check that each is at its offset in the context."""
    values = [] if row.get("is_impossible") else row.get("answers")
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
        result, is_wrong = json.loads(one.result), one.verdict == "answer_wrong"
        if is_wrong and not one.words:
            continue
        answers = [one.words] if is_wrong else list(dict.fromkeys(answer["text"] for answer in result["answers"]))
        cited = result["citations"] if one.verdict == "right" else []
        rows.pop((result["question"], one.turns), None)
        rows[result["question"], one.turns] = {
            "id": f"feedback-{number}",
            "question": result["question"],
            "turns": json.loads(one.turns),
            "answers": answers,
            "need": "all" if len(answers) > 1 else "any",
            "kind": "feedback",
            "evidence": [{"article": citation["article"], "quote": citation["quote"]} for citation in cited],
        }
    return list(rows.values())
