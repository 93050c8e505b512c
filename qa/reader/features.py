"""Signs beside the network's scores: whether a passage speaks of what a question names, and a span has the form asked.

A network reads meaning and now and then overlooks a name; whether the words are there at all is cheaply counted.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from embeddings.index.tokens import telling_tokens, tokens
from embeddings.index.words import stem

_SHORT = 4
"""Names of fewer letters have to stand there as they are; longer ones may end otherwise: Pakistan, Pakistani."""
_ENDING = 2
_NAME = re.compile(r"(?<=\s)[\"“‘'(]?([A-Z][\w’'.-]*|\w*\d[\w.,]*)")
_WHO = re.compile(r"(?i)\b(?:who|whom|whose)\b")
_WHEN = re.compile(r"(?i)\bwhen\b|\b(?:what|which) (?:year|month|day|date|weekday|century|decade)\b")
_MANY = re.compile(
    r"(?i)\bhow (?:many|much|old|long|far|tall|high|big|large|heavy|deep)\b|\bwhat (?:percentage|number)\b"
)
_CAPITAL = re.compile(r"[A-Z]")
_TIME = re.compile(
    r"(?i)\d|\b(?:january|february|march|april|may|june|july|august|september|october|november|december|mon|tues|wednes|"
    r"thurs|fri|satur|sun)(?:day)?\b|\b(?:today|yesterday|tomorrow|ago|last|next|century|week|month|year|day|morning|"
    r"evening|night|spring|summer|autumn|fall|winter|before|after|during|until|since)"
)
_COUNTED = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|"
    r"ninety|hundreds?|thousands?|millions?|billions?"
)
_NUMBER = re.compile(
    rf"(?i)\d|\b(?:no|none|a|an|{_COUNTED}|half|third|quarter|dozens?|twice|several|few|both|single|double)\b"
)
_HOW_OLD = re.compile(r"(?i)\bhow old (?:is|are|was|were|do|does|did|has|have|had|will|would|must|should|can|could)\b")
_AGE = re.compile(
    rf"(?i)\d|\b(?:{_COUNTED}|(?:twent|thirt|fort|fift|sixt|sevent|eight|ninet)ies|days?|weeks?|months?|years?|decades?|"
    r"century|centuries|teens?|teenagers?|teenaged?|adolescents?|toddlers?|infants?|baby|babies|newborns?)\b"
)


@dataclass(frozen=True, slots=True)
class Signs:
    """Shares, in [0, 1], of the question's words; 1 where it has none of the kind.

    named: of its names and figures, in the passage or its title. covered: of its telling words, there. near: of
    those, in the span's own sentence. fits: 1 for a span of the form asked for (a name for who, a time for when, a
    number for how many), -1 for one of another form, 0 where the question asks for no certain form.
    """

    named: float
    covered: float
    near: float
    fits: float

    @property
    def measures(self) -> tuple[float, ...]:
        """The four, as numbers for a regression."""
        return self.named, self.covered, self.near, self.fits


UNKNOWN = Signs(1.0, 1.0, 1.0, 0.0)


class QuestionSigns:
    """What a question names and asks for, to be looked for in passages."""

    def __init__(self, question: str) -> None:
        text = " ".join(question.split())
        self._telling = {stem(token) for token in telling_tokens(text)}
        names = [token for name in _NAME.findall(text) for token in telling_tokens(name)]
        self._names = {stem(token) for token in names} & self._telling
        self._form = next((form for form in _FORMS if form.asks.search(text)), None)

    def passage(self, title: str, text: str) -> "PassageSigns":
        """Look for the question's words in a passage."""
        return PassageSigns(self, _stems(f"{title}\n{text}"))

    def named(self, stems: Collection[str]) -> float:
        """Return the share of the names that are there, also with another ending."""
        return _share([_is_there(name, stems) for name in self._names])

    def covered(self, stems: Collection[str]) -> float:
        """Return the share of the telling words that are there."""
        return _share([word in stems for word in self._telling])

    def may_answer(self, span: str) -> bool:
        """Tell whether a span can answer at all: networks take what else is said of a person for an age."""
        return self._form is None or not self._form.needed or self._form.has.search(span) is not None

    def fits(self, span: str) -> float:
        """Tell whether the span has the form that the question asks for: 1, -1, or 0 where it asks for none."""
        if self._form is None:
            return 0.0
        return 1.0 if self._form.has.search(span) else -1.0


@dataclass(frozen=True, slots=True)
class PassageSigns:
    """A passage's stems, beside the question that looks for them."""

    question: QuestionSigns
    stems: frozenset[str]

    def of(self, span: str, sentence: str) -> Signs:
        """Return the signs for a span of the passage and the sentence around it."""
        question = self.question
        near = question.covered(_stems(sentence))
        return Signs(question.named(self.stems), question.covered(self.stems), near, question.fits(span))


class _Form(NamedTuple):
    """What asks for a form, and what a span of that form has; needed: nothing else answers."""

    asks: re.Pattern[str]
    has: re.Pattern[str]
    needed: bool = False


_FORMS = (_Form(_HOW_OLD, _AGE, needed=True), _Form(_WHO, _CAPITAL), _Form(_WHEN, _TIME), _Form(_MANY, _NUMBER))


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(token) for token in tokens(text))


def _is_there(name: str, stems: Collection[str]) -> bool:
    if name in stems or len(name) <= _SHORT:
        return name in stems
    beginning = name[: max(_SHORT, len(name) - _ENDING)]
    return any(word.startswith(beginning) for word in stems)


def _share(there: Sequence[bool]) -> float:
    return sum(there) / len(there) if there else 1.0
