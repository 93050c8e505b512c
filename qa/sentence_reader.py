"""The reader that needs no training of its own network: whole sentences, judged by their vectors and their words.

Each sentence of the passages gets seven measures of how well it answers, and a logistic regression turns them into the
probability that it does (Cox, The Regression Analysis of Binary Sequences, 1958). `benchmarks/fit_sentence_reader.py`
fits the weights on questions whose answers are known.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from corpus.days import DayExpression
from corpus.sentences import sentences
from embeddings.encoder import Encoder
from embeddings.words import analyse
from qa.read import Reading, ReadPassage

FloatArray = npt.NDArray[np.float32]

MEASURES = (
    "cosine of question and sentence",
    "cosine of question and passage",
    "share of the question's words in the sentence",
    "share in the passage and its title",
    "share in the sentence and its neighbours",
    "sentence holds the sort of thing asked for",
    "one question word's share, where the sentence lacks a word",
)
WEIGHTS = (5.25, 4.05, 3.44, -2.62, 2.69, 1.38, -2.21)
INTERCEPT = -9.69
THRESHOLD = 0.14
"""Set on the calibration half of the bundled gold set; docs/answering.md states the trade-off."""

_FUNCTION_WORDS = frozenset(
    analyse(
        "a an and any are as at be been but by can could did do does for from had happen happened has have he her his "
        "how i if in is it its me of on or say says said she so tell that the their them there they this to was we "
        "were what when where which who whom whose why will with would you"
    ).split()
)
_NUMBER = re.compile(
    r"(?i)\b(?:\d[\d,.]*|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|dozens?|hundreds?|"
    r"thousands?|[mb]illions?|half)\b"
)
_TIME = re.compile(
    r"\b(?:1[5-9]\d\d|20\d\d)s?\b|\b\d{1,2}(?::\d\d)?\s*[ap]\.?m\b|\b(?:January|February|March|April|May|June|July|August|"
    r"September|October|November|December|Jan|Feb|Aug|Sept?|Oct|Nov|Dec|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|"
    r"today|yesterday|tomorrow|tonight|noon|midnight|morning|evening|century|decades?|years?|months?|weeks?|hours?)\b"
)
_NAME = re.compile(r"(?<![.!?“\"] )(?<!^)\b[A-Z][\w'’-]+")
_ASKS = (
    (re.compile(r"(?i)\bwhen\b|\b(?:what|which) (?:year|date|day|month|time)\b"), _TIME),
    (
        re.compile(r"(?i)\bhow (?:many|much|old|long|far|big|large|high|tall|often)\b|\bwhat (?:number|percent\w*)\b"),
        _NUMBER,
    ),
    (re.compile(r"(?i)\bwho(?:m|se)?\b|\bwhere\b|\b(?:what|which) (?:city|country|state|town|place|person)\b"), _NAME),
)


@dataclass(frozen=True, slots=True)
class _Sentence:
    passage: int
    start: int
    end: int
    text: str


class SentenceReader:
    """Reads whole sentences; holds the encoder that gives their vectors."""

    def __init__(self, encoder: Encoder, *, threshold: float = THRESHOLD) -> None:
        self._encoder = encoder
        self.threshold = threshold

    def read(self, question: str, passages: Sequence[ReadPassage]) -> list[Reading]:
        """Return one reading for each sentence of the passages, most confident first."""
        found, measured = self.measure(question, passages)
        confidences = 1.0 / (1.0 + np.exp(-(measured @ np.asarray(WEIGHTS, dtype=np.float32) + INTERCEPT)))
        order = np.argsort(-confidences, kind="stable")
        return [
            Reading(found[n].passage, found[n].start, found[n].end, float(confidences[n]), "sentence") for n in order
        ]

    def measure(self, question: str, passages: Sequence[ReadPassage]) -> tuple[list[_Sentence], FloatArray]:
        """Return the sentences of all passages, and their measures: (sentences, 7), in the order of `MEASURES`."""
        found = [
            _Sentence(n, start, end, passage.text[start:end])
            for n, passage in enumerate(passages)
            for start, end in sentences(passage.text)
        ]
        if not found:
            return [], np.empty((0, len(MEASURES)), dtype=np.float32)
        asked = self._encoder.encode_question(question)
        cosines = self._encoder.encode([sentence.text for sentence in found]) @ asked
        of_passages = self._passage_cosines(asked, passages)
        wanted = _words(question) - _FUNCTION_WORDS
        words = [_words(s.text) | _day_words(passages[s.passage].days, s.start, s.end) for s in found]
        in_passage = [_words(f"{passage.title} {passage.text}") for passage in passages]
        rows = []
        for n, sentence in enumerate(found):
            near = set().union(
                *(
                    words[m]
                    for m in range(max(0, n - 1), min(n + 2, len(found)))
                    if found[m].passage == sentence.passage
                )
            )
            rows.append(
                (
                    cosines[n],
                    of_passages[sentence.passage],
                    _share(wanted, words[n]),
                    _share(wanted, in_passage[sentence.passage]),
                    _share(wanted, near),
                    _holds_what_is_asked(question, sentence.text),
                    0.0 if wanted <= words[n] else 1.0 / len(wanted),
                )
            )
        return found, np.asarray(rows, dtype=np.float32)

    def _passage_cosines(self, asked: FloatArray, passages: Sequence[ReadPassage]) -> FloatArray:
        """Return each passage's cosine with the question, encoding those for which it is not known."""
        cosines = np.array([passage.cosine for passage in passages], dtype=np.float32)
        unknown = np.flatnonzero(np.isnan(cosines)).tolist()
        if unknown:
            cosines[unknown] = self._encoder.encode([passages[n].text for n in unknown]) @ asked
        return cosines


def _words(text: str) -> set[str]:
    return set(analyse(text).split())


def _day_words(days: Sequence[DayExpression], start: int, end: int) -> set[str]:
    """Return the words of the dates that the days within `[start, end)` stand for, where those are single days."""
    single = [day.first for day in days if day.start < end and day.end > start and day.first == day.last]
    return _words(" ".join(f"{day.day} {day:%B} {day.year} {day:%A}" for day in single))


def _share(wanted: set[str], words: set[str]) -> float:
    return len(wanted & words) / len(wanted) if wanted else 0.0


def _holds_what_is_asked(question: str, sentence: str) -> float:
    """Return 1 where the sentence holds a number, time or name that the question asks for and does not itself hold."""
    asked = next((pattern for asks, pattern in _ASKS if asks.search(question)), None)
    if asked is None:
        return 1.0
    known = question.casefold()
    return float(any(match.casefold() not in known for match in asked.findall(sentence)))
