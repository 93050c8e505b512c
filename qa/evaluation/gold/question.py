"""A gold question: the question, the expected answers, and their evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from corpus.article import Article
from corpus.errors import UsageError

Need = Literal["any", "all"]


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
    the articles do not tell. turns: earlier questions of the conversation, oldest first. half: the part of the set, if
    it is divided into one for tuning and one for reporting. paragraph: the paragraph of the question, in files with
    paragraphs.
    """

    id: str
    question: str
    answers: tuple[str, ...] = ()
    need: Need = "any"
    kind: str = "other"
    turns: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    half: str | None = None
    paragraph: Paragraph | None = None


@dataclass(frozen=True, slots=True)
class GoldSet:
    """The questions of one file. paragraphs: empty for files without paragraphs."""

    name: str
    questions: tuple[GoldQuestion, ...]
    paragraphs: tuple[Paragraph, ...] = ()

    def of_half(self, half: str) -> "GoldSet":
        """Return the questions of one half. Raises UsageError if there are none."""
        questions = tuple(question for question in self.questions if question.half == half)
        if not questions:
            halves = sorted({question.half for question in self.questions if question.half is not None})
            known = f"it has {' and '.join(halves)}" if halves else 'none of its questions names a "half"'
            raise UsageError(f"{self.name} has no half {half!r}: {known}")
        return replace(self, questions=questions)


def paragraph_articles(paragraphs: Sequence[Paragraph]) -> list[Article]:
    """Return each paragraph as an article, with the paragraph's name as key and its text unchanged."""
    return [Article(text=p.text, title=p.title, path=p.name) for p in paragraphs]
