"""Reading: which characters of the passages found answer the question, and how sure that is. `Reader` is the seam."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.dates.resolve import DayExpression
from qa.reader.relevance import Relevance
from qa.result import Kind


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage put before a reader: its text and its article's title.

    behind: how far its retrieval score is below the best one's, 0 or negative; NaN where nothing was searched.
    days: the day expressions in the text that stand for a day the question asks about. start: of its article's
    characters, the one at which it begins.
    """

    text: str
    title: str
    behind: float
    days: tuple[DayExpression, ...] = ()
    start: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """Characters `[start, end)` of passage number `passage` that answer, with the probability that they do.

    key: of a whole sentence, the characters in it that most likely answer, None where that is not known.
    """

    passage: int
    start: int
    end: int
    confidence: float
    kind: Kind
    key: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end or not 0.0 <= self.confidence <= 1.0:
            raise ValueError(f"no reading: characters {self.start} to {self.end}, confidence {self.confidence}")
        if self.key is not None and not self.start <= self.key[0] < self.key[1] <= self.end:
            raise ValueError(f"the key words {self.key} lie outside the reading from {self.start} to {self.end}")


@dataclass(frozen=True, slots=True)
class Read:
    """What a reader makes of all passages of a question.

    readings: most confident first. answered: whether the passages are taken to answer at all, which is more than how
    sure the best reading is: many passages that may answer make it likely that one does.
    """

    readings: tuple[Reading, ...]
    answered: bool


NOTHING_READ = Read((), answered=False)


class Reader(Protocol):
    """Finds the answers to a question in passages."""

    @property
    def threshold(self) -> float:
        """The confidence from which a reading counts as an answer beside the best one, calibrated for this reader."""

    @property
    def answered_from(self) -> float:
        """The probability that any passage answers from which the question is answered, calibrated for this reader."""

    def is_word(self, word: str) -> bool:
        """Return whether a word, in lower case, is a common one: no slip of the finger, whatever the texts say."""

    def read(self, question: str, passages: Sequence[ReadPassage], relevance: Relevance) -> Read:
        """Return the readings of all passages, and whether they answer; offsets count within each passage's text.

        relevance: gives sentences their cosines with the question, for answers that are whole sentences.
        """
