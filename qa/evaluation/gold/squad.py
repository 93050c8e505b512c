"""Questions with their own paragraphs: SQuAD 1.1 and 2.0, and rows of one question and one context each."""

from collections.abc import Mapping, Sequence
from typing import Any

from corpus.errors import ReadError
from qa.evaluation.gold.question import Evidence, GoldQuestion, GoldSet, Paragraph


class _Builder:
    """Collects questions and their paragraphs. The same text is the same paragraph."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.questions: dict[str, GoldQuestion] = {}
        self.paragraphs: dict[str, Paragraph] = {}

    def paragraph(self, where: str, text: object, title: str | None) -> Paragraph:
        if not isinstance(text, str) or not any(c.isalnum() for c in text):
            raise ReadError(where, '"context" is missing or holds no word: write the paragraph there')
        if text not in self.paragraphs:
            self.paragraphs[text] = Paragraph(f"paragraph-{len(self.paragraphs) + 1}", text, title)
        return self.paragraphs[text]

    def add(self, where: str, row: Mapping[str, Any], paragraph: Paragraph, answers: Sequence[str]) -> None:
        identity, text = row.get("id"), row.get("question")
        if isinstance(identity, bool) or not isinstance(identity, str | int) or not str(identity).strip():
            raise ReadError(where, '"id" is missing or is no text: give each question an id of its own')
        if not isinstance(text, str) or not text.strip():
            raise ReadError(where, '"question" is missing, empty or no text: write the question there')
        unique, copy = str(identity), 1
        while unique in self.questions:  # generated files do repeat ids
            copy += 1
            unique = f"{identity}#{copy}"
        self.questions[unique] = GoldQuestion(
            id=unique,
            question=text,
            answers=tuple(dict.fromkeys(answers)),
            kind="answerable" if answers else "unanswerable",
            # A paragraph without an answer is no evidence: finding it is neither right nor wrong.
            evidence=(Evidence(paragraph.name),) if answers else (),
            paragraph=paragraph,
        )

    def done(self) -> GoldSet:
        if not self.questions:
            raise ReadError(self.name, "holds no question: name a file that does")
        return GoldSet(self.name, tuple(self.questions.values()), tuple(self.paragraphs.values()))


def read_squad(content: Mapping[str, Any], *, name: str) -> GoldSet:
    """Return the questions of a SQuAD 1.1 or 2.0 file, already parsed.

    Paragraphs with the same text count as one. Raises ReadError, with the position, for anything that is not in SQuAD's
    format, such as an answer that is not at its offset.
    """
    builder = _Builder(name)
    for a, article in enumerate(_list(content, "data", name)):
        at = f"{name}, data[{a}]"
        title = article.get("title")
        for p, paragraph in enumerate(_list(article, "paragraphs", at)):
            here = f"{at}.paragraphs[{p}]"
            kept = builder.paragraph(
                here, paragraph.get("context"), title.replace("_", " ") if isinstance(title, str) else None
            )
            for q, row in enumerate(_list(paragraph, "qas", here)):
                where = f"{here}.qas[{q}] (id {row.get('id')!r})"
                builder.add(where, row, kept, _answers(row, kept.text, "answer_start", where))
    return builder.done()


def read_rows(rows: Sequence[tuple[int, Mapping[str, Any]]], *, name: str) -> GoldSet:
    """Return the questions of reading rows: `{"id", "question", "context", "answers": [{"text", "start"}]}`.

    rows: each with the number of its line. Raises ReadError as `read_squad` does.
    """
    builder = _Builder(name)
    for number, row in rows:
        where = f"{name}, line {number}"
        title = row.get("title")
        kept = builder.paragraph(where, row.get("context"), title if isinstance(title, str) else None)
        builder.add(where, row, kept, _answers(row, kept.text, "start", where))
    return builder.done()


def _list(holder: Mapping[str, Any], field: str, where: str) -> list[dict[str, Any]]:
    values = holder.get(field)
    if not isinstance(values, list) or not all(isinstance(value, dict) for value in values):
        raise ReadError(where, f'"{field}" is not a list of objects, as SQuAD has it')
    return values


def _answers(row: Mapping[str, Any], context: str, offset: str, where: str) -> list[str]:
    """Return the texts of the answers. Check that each is at its offset in the context."""
    values = row.get("answers", [] if row.get("is_impossible") is True else None)
    if not isinstance(values, list):
        raise ReadError(where, '"answers" is not a list: write [{"text": ..., "' + offset + '": ...}], or [] for none')
    if values and row.get("is_impossible") is True:
        raise ReadError(where, '"is_impossible" is true, yet there are answers: correct one of them')
    texts = []
    for value in values:
        text = value.get("text") if isinstance(value, dict) else None
        start = value.get(offset) if isinstance(value, dict) else None
        if not isinstance(text, str) or not text.strip():
            raise ReadError(where, 'an answer has no "text": write the words of the paragraph there')
        if not isinstance(start, int) or isinstance(start, bool):
            raise ReadError(where, f'the answer {text!r} has no number as "{offset}": write where it starts')
        if start < 0 or context[start : start + len(text)] != text:
            raise ReadError(where, f'the answer {text!r} does not stand at "{offset}" {start}: correct the offset')
        texts.append(text)
    return texts
