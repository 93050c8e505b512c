"""Answers to "Who said “…”?": the quoted words are found in the passages, and their own speaker is named.

A quotation is exact, so a rule answers and not the reader. The answer is the speaker whom a text names for just these
words, or for nearly these. Where no text has the words, or it names nobody for them, there is no answer.

Such a question has "who" in it and words in quotation marks ("Who said “…”?", "“…”: whose words are these?").
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpus.near_copies import is_reprint
from corpus.sentences import paragraph_around
from corpus.speakers.statements import Statement, statements
from corpus.speakers.vocabulary import VERB, quotations
from embeddings.library.search import Hit
from qa.compose.drafts import Draft, Place, same_answer
from qa.question.words import content_stems
from qa.single_text import Articles

WORD_FOR_WORD, NEARLY = 0.97, 0.9
"""Confidence in a speaker. Of 101 statements in unseen articles, 99 had the right one (docs/days-and-speakers.md)."""
_MOST = 4
_TELLING = 4
"""With so many words, two articles quote one statement. If they name two speakers, they contradict each other."""
_NAMED_NEARBY = 0.5
"""Share of what else the question names that has to stand near a quotation of fewer words."""
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
"""Words of saying. In a question without one, the quoted words have to be much of what was said, and where nobody said
them, the question is read as usual.
"""
_OF_ANOTHER = re.compile(
    r"(?i)\bwho\s+(?:(?:is|was|were|are|gets?|got)|ha[sd] been)\s+(?:\w+ly\s+|being\s+)?\w+(?:ed|wn)\b"
    r"(?!\s+(?:as\s+)?(?:saying|to have said))|\b(?:to|about|with|against)\s+whom?\b|\bwho(?:m)?\s+(?:did|does|do)\b|"
    r"\bwho(?:m)?\s+ha[sd]\s+(?:the|an?|his|her|(?-i:[A-Z]))"
)
"""Questions for the person that words are about, not for the speaker: "Who was called “a liar”?"."""
_ENOUGH = 5
"""With so many, quoted words may be a small part of what was said."""
_EDITS = 0.2
"""Share of the quoted words that may be other ones, missing or too many."""
_SMALL_IN_TITLES = frozenset("a an and at by for in of on or the to with".split())
_SHORT = 4
"""Fewer quoted words have to stand there word for word."""


@dataclass(frozen=True, slots=True)
class WhoSaid:
    """What the passages say of a quotation's speaker. drafts: none where nobody is named for it.

    unnamed: the passages that have the quoted words without a speaker, by number, and the characters of the words.
    """

    drafts: tuple[Draft, ...]
    unnamed: dict[int, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class QuotedWords:
    """What a question quotes: its words in small letters; between two parts something was left out.

    about: the stems of what else the question names ("Who called the plan “a mistake”?"). says: whether it asks in so
    many words who said them.
    """

    parts: tuple[tuple[str, ...], ...]
    about: frozenset[str]
    says: bool

    @property
    def count(self) -> int:
        """How many words are quoted."""
        return sum(map(len, self.parts))

    def may_be(self, stated: int) -> bool:
        """Tell whether words found may be those asked about; stated: how many words the whole statement has."""
        return self.says or self.count >= min(_ENOUGH, 0.8 * stated)


@dataclass(frozen=True, slots=True)
class Match:
    """Where quoted words stand in a text, `text[start:end]`; edits: how many of them differ there."""

    start: int
    end: int
    edits: int


def who_said(question: str, hits: Sequence[Hit], articles: Articles) -> WhoSaid | None:
    """Return who said what a question quotes; None where it asks for something else and is to be read as usual.

    Words that stand in no passage have no speaker. Only if they are few and the question names more, it is read.
    """
    quoted = quoted_words(question)
    if quoted is None:
        return None
    places: list[Place] = []
    unnamed: dict[int, tuple[int, int]] = {}
    texts: dict[str, str] = {}
    for number, hit in enumerate(hits):
        for match in find_quoted(quoted, hit.text):
            text = texts.setdefault(hit.version, articles.article(hit.article, hit.version).text)
            statement = _statement(text, hit.start + match.start, hit.start + match.end)
            if statement is None:
                unnamed.setdefault(number, (match.start, match.end))
            elif same_answer(statement.speaker, question):
                return None
            elif _is_asked_about(quoted, hit, text, statement):
                places.append(_place(hit, text, match, statement))
    if places:
        return WhoSaid(tuple(_drafts(quoted, places)), unnamed)
    says = quoted.says and (quoted.count >= _TELLING or not quoted.about)
    return WhoSaid((), unnamed) if says else None


def _statement(text: str, start: int, end: int) -> Statement | None:
    """Return the statement that most of `text[start:end]` belongs to, a quoted one before a reported one."""
    covering = [
        (min(s.end, end) - max(s.start, start), s.voice == "direct", s) for s in statements(text, start=start, end=end)
    ]
    overlap, _, best = max(covering, key=lambda found: found[:2], default=(0, False, None))
    return best if overlap >= _COVERED * (end - start) else None


def _is_asked_about(quoted: QuotedWords, hit: Hit, text: str, statement: Statement) -> bool:
    if not quoted.may_be(len(_WORD.findall(text, statement.start, statement.end))):
        return False
    if quoted.count >= _TELLING or not quoted.about:
        return True
    first, last = paragraph_around(text, statement.start, statement.end)
    return len(quoted.about & content_stems(f"{hit.info.heading}\n{text[first:last]}")) >= _NAMED_NEARBY * len(
        quoted.about
    )


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


def _drafts(quoted: QuotedWords, places: Sequence[Place]) -> list[Draft]:
    """Return an answer a speaker. Two speakers of one statement contradict each other, if it is not just "No."."""
    places, drafts = sorted(places, key=lambda place: -place.confidence), list[Draft]()
    for place in places:
        same = next((n for n, draft in enumerate(drafts) if same_answer(draft.best.text, place.text)), None)
        if same is not None:
            drafts[same] = _with(drafts[same], place)
        elif place.confidence == places[0].confidence:
            other = any(draft.best.hit.article != place.hit.article for draft in drafts)
            drafts.append(Draft((place,), group=1 if other and quoted.count >= _TELLING else len(drafts) + 1))
    return drafts[:_MOST]


def _with(draft: Draft, place: Place) -> Draft:
    """Return the draft with one more article that has it, as a reprint where that prints the same sentences."""
    if any(place.hit.version == other.hit.version for other in draft.places):
        return draft
    if any(place.hit.copy_group == o.hit.copy_group or is_reprint(_shown(place), _shown(o)) for o in draft.places):
        return replace(draft, reprints=(*draft.reprints, place))
    return replace(draft, places=(*draft.places, place))


def _shown(place: Place) -> str:
    first, last = place.around or (place.start, place.end)
    return place.hit.text[first - place.hit.start : last - place.hit.start]


def quoted_words(question: str) -> QuotedWords | None:
    """Return what a question quotes to ask for its speaker, None for other questions."""
    found = [q for q in quotations(question, 0, len(question)) if not _is_title(question[q.start : q.end])]
    if not found:
        return None
    longest = max(found, key=lambda q: q.end - q.start)
    beside = f"{question[: longest.start - 1]} {question[longest.end + 1 :]}"
    says = _SAYING.search(beside) is not None
    asks = _WHO.search(beside) or (says and re.search(r"(?i)\b(?:which|what|speaker)\b", beside))
    split = (_WORD.findall(part) for part in _LEFT_OUT.split(question[longest.start : longest.end]))
    parts = tuple(tuple(map(_plain, words)) for words in split if words)
    if not asks or not parts or _OF_ANOTHER.search(beside):
        return None
    return QuotedWords(parts, content_stems(_SAYING.sub(" ", beside)), says)


def find_quoted(quoted: QuotedWords, text: str) -> list[Match]:
    """Return where the quoted words stand in a text, those with the fewest edits first, at most one a paragraph."""
    allowed = int(_EDITS * quoted.count) if quoted.count >= _SHORT else 0
    paragraphs = (found.span() for found in re.finditer(r"[^\n]+", text))
    rows = ([(_plain(m[0]), m.start(), m.end()) for m in _WORD.finditer(text, *span)] for span in paragraphs)
    found = [match for row in rows if (match := _in_row(quoted.parts, row, allowed))]
    return sorted(found, key=lambda match: match.edits)


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
