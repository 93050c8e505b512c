"""Days written out for a reader that knows no calendar: "on Monday" becomes "on Monday, 6 March 2023".

Only the days that the question asks about are written out, and offsets are taken back to the text as it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.dates.resolve import DayExpression


@dataclass(frozen=True, slots=True)
class Noted:
    """A text with notes put into it. notes: where each stands in `text`, and its length, in order."""

    text: str
    notes: tuple[tuple[int, int], ...] = ()

    def back(self, place: int) -> int:
        """Return where a character of the noted text stands in the text as it was; within a note, where it begins."""
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
