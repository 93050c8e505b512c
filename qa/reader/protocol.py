"""Reading: which words of the passages answer a question, and how surely. `Reader` is the seam between readers."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event
from typing import Protocol

from corpus.dates.resolve import DayExpression
from corpus.errors import CitewireError
from qa.result import Status, Usage


class QuestionCancelled(CitewireError):  # noqa: N818 - reads better at the raise
    """The person who asked has left."""


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage as a reader sees it: its text, its article's title, outlet and day, and what stands before it.

    published: an ISO day, "" where it is not known. before: the one or two sentences before the passage. score_gap: how
    far its retrieval score is below the best one's, 0 or negative; NaN where nothing was searched. days: the day
    expressions in the text that stand for a day the question asks about. start: the character of its article at which
    it begins.
    """

    text: str
    title: str = ""
    source: str = ""
    published: str = ""
    before: str = ""
    score_gap: float = math.nan
    days: tuple[DayExpression, ...] = ()
    start: int = 0


@dataclass(frozen=True, slots=True)
class Extraction:
    """Characters `[start, end)` of passage number `passage` that answer, and the probability that they do.

    checked: the built-in reader's probability that they do, where another reader chose them.
    """

    passage: int
    start: int
    end: int
    confidence: float
    checked: float | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"no extraction: characters {self.start} to {self.end}, confidence {self.confidence}")


@dataclass(frozen=True, slots=True)
class ReadResult:
    """What a reader makes of all passages of a question.

    extractions: most confident first, also those that are not shown. status: whether the best one is shown as an
    answer, shown as unsure, or not at all (`qa.status.status_of`). several: the question asks for several things, each
    an answer of its own. rivals: the extractions contradict each other. chosen: each was chosen as an answer, so that
    none has to be nearly as likely as the best. reader: who read. why: one sentence that says why it was not the reader
    asked for, None where it was. usage: what a language model was asked for it. answered_from: the confidence from
    which this reader shows an answer as sure.
    """

    extractions: tuple[Extraction, ...]
    status: Status
    several: bool = False
    rivals: bool = False
    chosen: bool = False
    reader: str = "built-in"
    why: str | None = None
    usage: Usage | None = None
    answered_from: float = 1.0


NOTHING_READ = ReadResult((), "not_in_library")


@dataclass(frozen=True, slots=True)
class ReadControl:
    """How whoever waits for an answer follows the reading, and cancels it.

    on_chosen: called with extractions as soon as they are chosen, by a reader that takes long. Their confidence is not
    known yet and 0. stop: set once nobody waits any more; a reader then raises QuestionCancelled.
    """

    on_chosen: Callable[[Sequence[Extraction]], None] = lambda _: None
    stop: Event = field(default_factory=Event)

    def raise_if_cancelled(self) -> None:
        """Raise QuestionCancelled where nobody waits any more."""
        if self.stop.is_set():
            raise QuestionCancelled("the question was cancelled")


UNCONTROLLED = ReadControl()


class Reader(Protocol):
    """Finds the answers to a question in passages."""

    @property
    def name(self) -> str:
        """The name that results give of the reader."""

    @property
    def threshold(self) -> float:
        """The confidence from which a further extraction counts as an answer beside the best one."""

    @property
    def reads_timelines(self) -> bool:
        """Whether it chooses a timeline's sentences itself. Otherwise `qa/compose/timeline.py` does, by their days."""

    @property
    def english_only(self) -> bool:
        """Whether it reads only English. It is then not asked about texts in other languages."""

    @property
    def notice(self) -> str | None:
        """What a person is told before asking, where questions and passages leave the program; else None."""

    def is_word(self, word: str) -> bool:
        """Return whether a word, in lower case, is a common one, and so not mistyped."""

    def read(self, question: str, passages: Sequence[ReadPassage], control: ReadControl = UNCONTROLLED) -> ReadResult:
        """Return the extractions of all passages and the status; offsets count within each passage's text."""
