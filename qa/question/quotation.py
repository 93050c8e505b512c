"""Questions that hold a quotation and ask for its speaker, and where the quoted words stand in a text.

Such a question has "who" in it and words marked as quoted ("Who said “…”?", "“…”: whose words are these?"), or it
goes on after a verb of saying in words that stand in the text in a row (who said we cannot go on like this).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from corpus.speakers.vocabulary import VERB, quotations
from qa.question.words import stems

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LEFT_OUT = re.compile(r"\.\.\.+|…|\[[^\]]*\]")
_WHO = re.compile(r"(?i)\bwho(?:m|se|ever)?\b")
_WHICH = re.compile(r"(?i)\b(?:which|what)\b")
_SAYING = re.compile(
    rf"{VERB.pattern}|(?i:\b(?:say|saying|tell|call(?:s|ed)?|describ(?:e|es|ed)|denounc(?:e|es|ed)|dismiss(?:es|ed)?|"
    r"dub(?:s|bed)?|label(?:s|led)?|brand(?:s|ed)?|quot(?:e|ed)|utter(?:s|ed)|mutter(?:s|ed)|shout(?:s|ed)|speaker|person|words?|"
    r"phrase|remark|sentence|statement|quotation)\b)"
)
"""Needed only where the quoted words are a small part of what was said, and for holding that nobody said them."""
_OF_ANOTHER = re.compile(
    r"(?i)\bwho\s+(?:(?:is|was|were|are|gets?|got)|ha[sd] been)\s+(?:\w+ly\s+|being\s+)?\w+(?:ed|wn)\b"
    r"(?!\s+(?:as\s+)?(?:saying|to have said))|\b(?:to|about|with|against)\s+whom?\b|\bwho(?:m)?\s+(?:did|does|do)\b|"
    r"\bwho(?:m)?\s+ha[sd]\s+(?:the|an?|his|her|(?-i:[A-Z]))"
)
"""Asks for whom something was said of or to: "Who was called “a liar”?", "Who did Lund call “a liar”?"."""
_UNMARKED = re.compile(
    rf"(?i)^\W*(?:(?:and|but|so)\s+)?who\s+(?:\w+ly\s+|has\s+|had\s+|also\s+)?(?:{VERB.pattern})\s+(?:that\s+)?(?P<words>.+)$"
)
_FEWEST_UNMARKED = 5
_FEWEST_OF_A_WHOLE = 3
"""Words that a question without quotation marks has to share; so many where they are all that was said."""
_EDITS = 0.2
"""Share of the quoted words that may be other ones, missing or too many."""
_SMALL_IN_TITLES = frozenset("a an and at by for in of on or the to with".split())
_SHORT = 4
"""Fewer quoted words have to stand there as they are."""


@dataclass(frozen=True, slots=True)
class QuotedWords:
    """What a question quotes.

    parts: its words, in small letters; between two parts something was left out. marked: whether in quotation marks.
    about: the stems of what else the question names ("Who called the plan “a mistake”?"). says: whether it asks in so
    many words who said them.
    """

    parts: tuple[tuple[str, ...], ...]
    marked: bool
    about: frozenset[str]
    says: bool

    @property
    def count(self) -> int:
        """How many words are quoted."""
        return sum(map(len, self.parts))

    def may_be(self, stated: int) -> bool:
        """Tell whether words found may be those asked about; stated: how many words the whole statement has."""
        whole = self.count >= 0.8 * stated
        if not self.marked:
            return self.count >= (_FEWEST_OF_A_WHOLE if whole else _FEWEST_UNMARKED)
        return whole or self.says or self.count >= _FEWEST_UNMARKED


@dataclass(frozen=True, slots=True)
class Match:
    """Where quoted words stand in a text, `text[start:end]`; edits: how many of them differ there."""

    start: int
    end: int
    edits: int


def quoted_words(question: str) -> QuotedWords | None:
    """Return what a question quotes to ask for its speaker, None for other questions."""
    found = [q for q in quotations(question, 0, len(question)) if not _is_title(question[q.start : q.end])]
    if not found:
        unmarked = _UNMARKED.match(question)
        if unmarked is None or quotations(question, 0, len(question)):
            return None
        parts = _parts(unmarked["words"])
        return QuotedWords(parts, False, frozenset(), True) if sum(map(len, parts)) >= _FEWEST_OF_A_WHOLE else None
    longest = max(found, key=lambda q: q.end - q.start)
    beside = f"{question[: longest.start - 1]} {question[longest.end + 1 :]}"
    says = _SAYING.search(beside) is not None
    asks = _WHO.search(beside) or (says and (_WHICH.search(beside) or re.search(r"(?i)\bspeaker\b", beside)))
    parts = _parts(question[longest.start : longest.end])
    if not asks or not parts or _OF_ANOTHER.search(beside):
        return None
    return QuotedWords(parts, True, stems(_SAYING.sub(" ", beside)), says)


def words_said(question: str) -> frozenset[str]:
    """Return the stems of what "Who said that ...?" asks about, none where a question asks for no speaker."""
    match = _UNMARKED.match(question)
    return stems(match["words"]) if match and not _OF_ANOTHER.search(question) else frozenset()


def find_words(quoted: QuotedWords, text: str) -> list[Match]:
    """Return where the quoted words stand in a text, those with the fewest edits first, at most one a paragraph."""
    allowed = int(_EDITS * quoted.count) if quoted.count >= _SHORT else 0
    found = []
    for paragraph in re.finditer(r"[^\n]+", text):
        words = [(_plain(m[0]), m.start(), m.end()) for m in _WORD.finditer(text, *paragraph.span())]
        match = _in_row(quoted.parts, words, allowed)
        if match is not None:
            found.append(match)
    return sorted(found, key=lambda match: match.edits)


def count_words(text: str) -> int:
    """Return how many words a text has, counted as those of a quotation are."""
    return len(_WORD.findall(text))


def _parts(words: str) -> tuple[tuple[str, ...], ...]:
    parts = (tuple(_plain(word) for word in _WORD.findall(part)) for part in _LEFT_OUT.split(words))
    return tuple(part for part in parts if part)


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'")


def _is_title(words: str) -> bool:
    """Tell whether quoted words are a name, such as a book's: all but the little ones have a capital."""
    telling = [word for word in _WORD.findall(words) if word not in _SMALL_IN_TITLES]
    return len(telling) > 1 and all(word[0].isupper() or word[0].isdigit() for word in telling)


def _in_row(parts: Sequence[Sequence[str]], words: Sequence[tuple[str, int, int]], allowed: int) -> Match | None:
    """Find the parts one after the other; what stands between two of them counts as no edit."""
    start = at = edits = 0
    for number, part in enumerate(parts):
        nearest = _nearest(part, [word for word, _, _ in words[at:]])
        if nearest is None:
            return None
        first, last, differing = nearest
        edits += differing
        if edits > allowed:
            return None
        start = words[at + first][1] if number == 0 else start
        at += last
    return Match(start, words[at - 1][2], edits)


def _nearest(part: Sequence[str], words: Sequence[str]) -> tuple[int, int, int] | None:
    """Return where a part stands nearest to as it is: first word, the one after its last, and the edits needed.

    The approximate string matching of Sellers (1980), on words: a match may begin and end anywhere.
    """
    if not words:
        return None
    column = [(n, 0) for n in range(len(part) + 1)]  # edits, and where the match began
    best: tuple[int, int, int] | None = None
    for at, word in enumerate(words):
        above = column[0]
        column[0] = (0, at + 1)
        for n, wanted in enumerate(part, start=1):
            same = (above[0] + (wanted != word), above[1])
            more, less = column[n], column[n - 1]
            above = column[n]
            column[n] = min(same, (more[0] + 1, more[1]), (less[0] + 1, less[1]), key=lambda cell: cell[0])
        edits, began = column[-1]
        if began <= at and (best is None or edits < best[2]):
            best = (began, at + 1, edits)
    return best
