"""What a person leaves on the page: quotes pinned with notes, in an order of their own, and verdicts on answers.

The browser keeps where each quote stands; its words are taken from the library each time, so that they are always true.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from corpus.errors import UsageError
from corpus.store.activity import Feedback, add_feedback
from corpus.store.records import StoredArticle
from embeddings.library.library import Snapshot
from qa.compose.cite import citation_at, copies_of
from qa.evaluation.gold.question import VERDICTS
from qa.page.model.conversation import Turn
from qa.page.model.desk import Desk
from qa.result import Citation

MAX_PINS = 500
MAX_NOTE_CHARACTERS = 10_000
_MAX_NAME_CHARACTERS = 200
MAX_WORDS_CHARACTERS = 2_000


@dataclass(frozen=True, slots=True)
class Pin:
    """Characters `[start, end)` of an article's version, the question they answered, and what a person says of them."""

    article: str
    version: str
    start: int
    end: int
    question: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """A pin with the citation of its words, None where the library has them no longer."""

    pin: Pin
    citation: Citation | None


def read_pins(body: bytes) -> list[Pin]:
    """Return the pins of a JSON list of objects, as the browser keeps them. Raises UsageError for anything else."""
    try:
        given = json.loads(body)
        pins = [_pin(each) for each in given]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise UsageError("this is no notebook") from None
    if len(pins) > MAX_PINS:
        raise UsageError(f"a notebook holds {MAX_PINS} quotes: export it and begin another")
    return pins


def _pin(given: dict[str, object]) -> Pin:
    start, end = given["start"], given["end"]
    if not (isinstance(start, int) and isinstance(end, int) and 0 <= start < end):
        raise ValueError(f"no quote stands at {start} to {end}")
    article, version = (str(given[name])[:_MAX_NAME_CHARACTERS] for name in ("article", "version"))
    question, note = (str(given.get(name) or "")[:MAX_NOTE_CHARACTERS] for name in ("question", "note"))
    return Pin(article, version, start, end, question, note)


def noted(desk: Desk, pins: Sequence[Pin]) -> list[Noted]:
    """Return the pins with the citations of their words, numbered from 1. Raises LibraryError."""
    found = []
    with desk.assistant.library.snapshot() as snapshot:
        for number, pin in enumerate(pins, start=1):
            try:
                stored = snapshot.article(pin.article, pin.version)
            except UsageError:
                found.append(Noted(pin, None))
                continue
            is_there = pin.end <= len(stored.text)
            found.append(Noted(pin, _citation(snapshot, stored, pin, number) if is_there else None))
    return found


def _citation(snapshot: Snapshot, stored: StoredArticle, pin: Pin, number: int) -> Citation:
    """Return the citation of a pin's words, with the other articles that print its passage."""
    cited = citation_at(stored, pin.start, pin.end, number=number)
    of = snapshot.passages_of(pin.article) if stored.info.current else []
    group = next((passage.copy_group for passage in of if passage.start <= pin.start < passage.end), None)
    return cited if group is None else replace(cited, also_in=copies_of(snapshot, pin.article, group))


def give_feedback(desk: Desk, turns: Sequence[Turn], verdict: str, words: str) -> None:
    """Keep a verdict on the last of these turns. Raises UsageError for one that is none, or LibraryError."""
    if not turns or turns[-1].result is None:
        raise UsageError("this answer is no longer kept: ask the question again, then say what is wrong")
    if verdict not in VERDICTS:
        raise UsageError("choose whether the answer is right, the answer is wrong or the evidence is wrong")
    if len(words) > MAX_WORDS_CHARACTERS:
        raise UsageError(f"the feedback is longer than {MAX_WORDS_CHARACTERS:,} characters: say it in fewer")
    turn = turns[-1]
    add_feedback(
        desk.activity_folder,
        Feedback(
            given=datetime.now(UTC).isoformat(timespec="seconds"),
            verdict=verdict,
            words=words.strip(),
            turns=json.dumps(turn.earlier, ensure_ascii=False),
            result=json.dumps(turns[-1].result.to_json(), ensure_ascii=False),
        ),
    )
