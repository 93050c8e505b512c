"""A gold question: what is asked, what should come back, and where it stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from corpus.article import Article

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
    paragraph: the paragraph that the question was asked of, in files that bring their own.
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
    """The questions of one file; `paragraphs` is empty where the file does not bring its own."""

    name: str
    questions: tuple[GoldQuestion, ...]
    paragraphs: tuple[Paragraph, ...] = ()


def paragraph_articles(paragraphs: Sequence[Paragraph]) -> list[Article]:
    """Return each paragraph as an article of its own, known by the paragraph's name, its text untouched."""
    return [Article(text=p.text, title=p.title, path=p.name) for p in paragraphs]
