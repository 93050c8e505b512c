"""Reading: which characters of the passages found answer the question, and how sure that is. `Reader` is the seam."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.days import DayExpression
from qa.answer import Kind
from qa.relevance import Relevance


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage put before a reader: its text and its article's title.

    behind: how far its retrieval score is below the best one's, 0 or negative; NaN where nothing was searched.
    days: the day expressions in the text that stand for a day the question asks about.
    """

    text: str
    title: str
    behind: float
    days: tuple[DayExpression, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """Characters `[start, end)` of passage number `passage` that answer, with the probability that they do."""

    passage: int
    start: int
    end: int
    confidence: float
    kind: Kind

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"no reading: characters {self.start} to {self.end}, confidence {self.confidence}")


class Reader(Protocol):
    """Finds the answers to a question in passages."""

    @property
    def threshold(self) -> float:
        """The confidence from which a reading counts as an answer, calibrated for this reader."""

    def is_word(self, word: str) -> bool:
        """Return whether a word, in lower case, is a common one: no slip of the finger, whatever the texts say."""

    def read(self, question: str, passages: Sequence[ReadPassage], relevance: Relevance) -> list[Reading]:
        """Return the readings of all passages, most confident first; offsets count within each passage's text.

        relevance: gives sentences their cosines with the question, for answers that are whole sentences.
        """
