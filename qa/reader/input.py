"""What the reader's network is given of a question and a passage; training and reading put it together alike.

The network knows no calendar. So the days that the question asks about are written out in the passage: "on Monday"
becomes "on Monday, 6 March 2023". Offsets are taken back to the text as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.dates.resolve import DayExpression
from corpus.sentences import sentences
from embeddings.encoder.openvino_network import clean
from qa.reader.protocol import ReadPassage

LONGEST_INPUT = 304
"""Word pieces of question, heading, sentences before and passage together; a longer passage is cut off at its end."""
_BEFORE_SENTENCES = 2
_BEFORE_CHARACTERS = 800  # looked through for the sentences before a passage
_QUESTION_WORDS = 60
_TITLE_WORDS = 30
_BEFORE_WORDS = 40


@dataclass(frozen=True, slots=True)
class Noted:
    """A text with notes put into it. notes: where each stands in `text`, and its length, in order."""

    text: str
    notes: tuple[tuple[int, int], ...] = ()

    def original_offset(self, place: int) -> int:
        """Return where a character of this text stands in the text without notes; within a note, where it begins."""
        shift = 0
        for at, length in self.notes:
            if place <= at:
                break
            shift += min(length, place - at)
        return place - shift


def noted(text: str, days: Sequence[DayExpression]) -> Noted:
    """Return the text with the date after each expression for a single day. days: in the text's order."""
    parts: list[str] = []
    notes: list[tuple[int, int]] = []
    done = length = 0
    for day in days:
        if day.first != day.last or day.start < done:
            continue
        note = f", {day.first.day} {day.first:%B} {day.first.year}"
        parts += [text[done : day.end], note]
        length += day.end - done
        notes.append((length, len(note)))
        length += len(note)
        done = day.end
    return Noted("".join([*parts, text[done:]]), tuple(notes))


@dataclass(frozen=True, slots=True)
class PassageInput:
    """The text put before the network beside the question. begin: the character of it at which the passage begins."""

    text: str
    begin: int
    passage: Noted

    def original_offset(self, place: int) -> int:
        """Return the character of the passage that stands at a character of the text; 0 before the passage."""
        return self.passage.original_offset(max(0, place - self.begin))


def question_input(question: str) -> str:
    """Return the question as the network reads it: no more than its first sixty words."""
    return " ".join(clean(question).split()[:_QUESTION_WORDS])


def sentences_before(text: str, start: int) -> str:
    """Return the one or two sentences of an article's text that end before a character, on one line."""
    begin = max(0, start - _BEFORE_CHARACTERS)
    ended = [(s, e) for s, e in sentences(text, begin, start) if e <= start][-_BEFORE_SENTENCES:]
    return " ".join(" ".join(text[s:e].split()) for s, e in ended)


def passage_input(passage: ReadPassage) -> PassageInput:
    """Return the heading ("title | outlet, day"), the sentences before, and the passage, a line each."""
    about = ", ".join(each for each in (passage.source, passage.published) if each)
    title = " ".join(passage.title.split()[:_TITLE_WORDS])
    heading = " | ".join(each for each in (title, about) if each)
    before = " ".join(passage.before.split()[-_BEFORE_WORDS:])
    lead = clean("".join(f"{line}\n" for line in (heading, before) if line))
    text = noted(passage.text, passage.days)
    return PassageInput(lead + clean(text.text), len(lead), text)
