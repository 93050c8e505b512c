"""A gold question: what is asked, what should come back, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from corpus.article import Article
from corpus.errors import UsageError

Need = Literal["any", "all"]


@dataclass(frozen=True, slots=True)
class Evidence:
    """Where an answer stands: the words of `quote` in the article of that file name or id; the whole of it without."""

    article: str
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph that a file of questions brings along; `name` is its own within the file."""

    name: str
    text: str
    title: str | None = None


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question with the answers expected.

    answers: with `need` "any", ways to give the one answer; with "all", the several answers, each to be given.
    None at all means that the articles do not say. turns: earlier questions of the conversation, oldest first.
    half: the part of the set it belongs to, where a set is cut into one to tune on and one to report on.
    paragraph: the paragraph that the question was asked of, in files that bring their own.
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
    """The questions of one file; `paragraphs` is empty where the file does not bring its own."""

    name: str
    questions: tuple[GoldQuestion, ...]
    paragraphs: tuple[Paragraph, ...] = ()

    def of_half(self, half: str) -> "GoldSet":
        """Return the questions of one half. Raises UsageError where there are none."""
        questions = tuple(question for question in self.questions if question.half == half)
        if not questions:
            halves = sorted({question.half for question in self.questions if question.half is not None})
            known = f"it has {' and '.join(halves)}" if halves else 'none of its questions names a "half"'
            raise UsageError(f"{self.name} has no half {half!r}: {known}")
        return replace(self, questions=questions)


def paragraph_articles(paragraphs: Sequence[Paragraph]) -> list[Article]:
    """Return each paragraph as an article of its own, known by the paragraph's name, its text untouched."""
    return [Article(text=p.text, title=p.title, path=p.name) for p in paragraphs]
