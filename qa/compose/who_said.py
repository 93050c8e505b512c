"""Answers to "Who said “…”?": the quoted words are found in the passages, and their own speaker is named.

A quotation is exact, so a rule answers and not the reader. The answer is the speaker whom a text names for just these
words, or for nearly these. Where no text has the words, or it names nobody for them, there is no answer.

Such a question has "who" in it and words in quotation marks ("Who said “…”?", "“…”: whose words are these?").
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from corpus.speakers.statements import Statement, statements
from corpus.speakers.vocabulary import VERB, quotations
from embeddings.library.protocol import Articles
from embeddings.library.search import Hit
from qa.compose.drafts import Place, same_answer
from qa.question.words import content_words

WORD_FOR_WORD, NEARLY = 0.97, 0.9
"""Confidence in a speaker. Of 101 statements in unseen articles, 99 had the right one (docs/days-and-speakers.md)."""
TELLING = 4
"""Fewer quoted words have to stand there word for word."""
_EDITS = 0.2
"""Share of the quoted words that may be other ones, missing or too many."""
_COVERED = 0.6
"""Share of the words found that the statement has to hold."""
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LEFT_OUT = re.compile(r"\.\.\.+|…|\[[^\]]*\]")
_WHO = re.compile(r"(?i)\bwho(?:m|se|ever)?\b")
_SAYING = re.compile(
    rf"{VERB.pattern}|(?i:\b(?:say|saying|tell|call(?:s|ed)?|describ(?:e|es|ed)|denounc(?:e|es|ed)|dismiss(?:es|ed)?|"
    r"dub(?:s|bed)?|label(?:s|led)?|brand(?:s|ed)?|quot(?:e|ed)|utter(?:s|ed)|mutter(?:s|ed)|shout(?:s|ed)|speaker|person|words?|"
    r"phrase|remark|sentence|statement|quotation)\b)"
)
"""Words of saying. Where nobody said the quoted words, a question without one is read as usual."""
_OF_ANOTHER = re.compile(
    r"(?i)\bwho\s+(?:(?:is|was|were|are|gets?|got)|ha[sd] been)\s+(?:\w+ly\s+|being\s+)?\w+(?:ed|wn)\b"
    r"(?!\s+(?:as\s+)?(?:saying|to have said))|\b(?:to|about|with|against)\s+whom?\b|\bwho(?:m)?\s+(?:did|does|do)\b|"
    r"\bwho(?:m)?\s+ha[sd]\s+(?:the|an?|his|her|(?-i:[A-Z]))"
)
"""Questions for the person that words are about, not for the speaker: "Who was called “a liar”?"."""
_SMALL_IN_TITLES = frozenset("a an and at by for in of on or the to with".split())


@dataclass(frozen=True, slots=True)
class WhoSaid:
    """What the passages say of a quotation's speaker. speakers: none where nobody is named for it.

    unnamed: the passages that have the quoted words without a speaker, by number, and the characters of the words.
    rivals: if there are several speakers, articles contradict each other.
    """

    speakers: tuple[Place, ...]
    rivals: bool
    unnamed: dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class QuotedWords:
    """What a question quotes: its words in small letters; between two parts something was left out.

    says: whether the question asks in so many words who said them.
    """

    parts: tuple[tuple[str, ...], ...]
    says: bool

    @property
    def count(self) -> int:
        """How many words are quoted."""
        return sum(map(len, self.parts))


@dataclass(frozen=True, slots=True)
class Match:
    """Where quoted words stand in a text, `text[start:end]`; edits: how many of them differ there."""

    start: int
    end: int
    edits: int


def who_said(question: str, hits: Sequence[Hit], articles: Articles) -> WhoSaid | None:
    """Return who said what a question quotes; None where it asks for something else and is to be read as usual."""
    quoted = quoted_words(question)
    if quoted is None:
        return None
    places: list[Place] = []
    unnamed: dict[int, tuple[int, int]] = {}
    for number, hit in enumerate(hits):
        for match in find_quoted(quoted, hit.text):
            text = articles.article(hit.article, hit.version).text
            statement = _statement(text, hit.start + match.start, hit.start + match.end)
            if statement is None:
                unnamed.setdefault(number, (match.start, match.end))
            elif same_answer(statement.speaker, question):
                return None
            else:
                places.append(_place(hit, text, match, statement))
    best = max((place.confidence for place in places), default=0.0)
    speakers = tuple(place for place in places if place.confidence == best)
    rivals = quoted.count >= TELLING and len({place.hit.article for place in speakers}) > 1
    return WhoSaid(speakers, rivals, unnamed) if speakers or quoted.says else None


def _statement(text: str, start: int, end: int) -> Statement | None:
    """Return the statement that most of `text[start:end]` belongs to, a quoted one before a reported one."""
    covering = [
        (min(s.end, end) - max(s.start, start), s.voice == "direct", s) for s in statements(text, start=start, end=end)
    ]
    overlap, _, best = max(covering, key=lambda found: found[:2], default=(0, False, None))
    return best if overlap >= _COVERED * (end - start) else None


def _place(hit: Hit, text: str, match: Match, statement: Statement) -> Place:
    """Return the speaker's name as an answer, shown together with the quotation."""
    start, end = hit.start + match.start, hit.start + match.end
    first, last = min(hit.start, statement.speaker_start), max(hit.end, statement.speaker_end)
    return Place(
        hit=replace(hit, start=first, end=last, text=text[first:last]),
        start=statement.speaker_start,
        end=statement.speaker_end,
        text=statement.speaker,
        confidence=NEARLY if match.edits else WORD_FOR_WORD,
        kind="short",
        around=(min(statement.speaker_start, start), max(statement.speaker_end, end)),
    )


def quoted_words(question: str) -> QuotedWords | None:
    """Return what a question quotes to ask for its speaker, None for other questions.

    Few words beside which a question names more ("Who called the plan “a mistake”?") are no such question.
    """
    found = [q for q in quotations(question, 0, len(question)) if not _is_title(question[q.start : q.end])]
    if not found:
        return None
    longest = max(found, key=lambda q: q.end - q.start)
    beside = f"{question[: longest.start - 1]} {question[longest.end + 1 :]}"
    says = _SAYING.search(beside) is not None
    asks = _WHO.search(beside) or (says and re.search(r"(?i)\b(?:which|what|speaker)\b", beside))
    split = (_WORD.findall(part) for part in _LEFT_OUT.split(question[longest.start : longest.end]))
    quoted = QuotedWords(tuple(tuple(map(_plain, words)) for words in split if words), says)
    is_vague = quoted.count < TELLING and (not says or content_words(_SAYING.sub(" ", beside)))
    return quoted if asks and quoted.parts and not is_vague and not _OF_ANOTHER.search(beside) else None


def find_quoted(quoted: QuotedWords, text: str) -> list[Match]:
    """Return where the quoted words stand in a text, at most once a paragraph."""
    allowed = int(_EDITS * quoted.count) if quoted.count >= TELLING else 0
    rows = (list(_WORD.finditer(text, *paragraph.span())) for paragraph in re.finditer(r"[^\n]+", text))
    return [match for row in rows if (match := _in_row(quoted.parts, row)) and match.edits <= allowed]


def _plain(word: str) -> str:
    return word.casefold().replace("’", "'")


def _is_title(words: str) -> bool:
    """Tell whether quoted words are a name, such as a book's: all but the little ones have a capital."""
    telling = [word for word in _WORD.findall(words) if word not in _SMALL_IN_TITLES]
    return len(telling) > 1 and all(word[0].isupper() or word[0].isdigit() for word in telling)


def _in_row(parts: Sequence[Sequence[str]], row: Sequence[re.Match[str]]) -> Match | None:
    """Find the parts one after the other, each where it is nearest to as it stands in the question."""
    words = [_plain(word[0]) for word in row]
    found: list[int] = []
    edits = at = 0
    for part in parts:
        matcher, best = SequenceMatcher(b=part, autojunk=False), len(part)
        for start in range(at, len(words)):
            matcher.set_seq1(words[start : start + len(part)])
            blocks = matcher.get_matching_blocks()
            differing = len(part) - sum(block.size for block in blocks)
            if differing < best:
                best, first, last = differing, start + blocks[0].a, start + blocks[-2].a + blocks[-2].size
        if best == len(part):
            return None
        found += [first, last - 1]
        edits, at = edits + best, last
    return Match(row[found[0]].start(), row[found[-1]].end(), edits)
