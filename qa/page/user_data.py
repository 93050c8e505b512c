"""What a person leaves on the page: pinned quotes, verdicts on answers, conversations, questions to ask again.

The browser keeps where each quote stands; its words are taken from the library each time, so that they are always true.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from pydantic import TypeAdapter

from corpus.errors import UsageError
from corpus.store.activity import (
    Conversation,
    Conversations,
    Feedback,
    SavedQuestion,
    SavedQuestions,
    SavedResult,
    add_feedback,
)
from corpus.store.records import Filters
from embeddings.library.protocol import Snapshot
from qa.assistant import check_question
from qa.batch.table import answer_cells
from qa.compose.cite import citation_at, copies_of
from qa.evaluation.gold_questions import VERDICTS
from qa.output.files import Cell
from qa.page.site import NotAllowed, Site, Turn
from qa.result import Citation
from qa.service import checked_text

MAX_PINS = 500
MAX_WORDS_CHARACTERS = 2_000
MOST_CONVERSATIONS = 200  # of one person, as in a browser (past.js)
MAX_CHANGE_BYTES = 500_000


@dataclass(frozen=True, slots=True)
class Pin:
    """Characters `[start, end)` of an article's version, the question they answered, and what a person says of them."""

    article: str
    version: str
    start: int
    end: int
    question: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"no quote stands at {self.start} to {self.end}")


CitedPin = tuple[Pin, Citation | None]
"""A pin with the citation of its words, None where the library has them no longer."""


@contextmanager
def parsing(what: str) -> Iterator[None]:
    """Raise UsageError if what a browser has sent turns out not to be valid. what: its kind, for the message."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        raise UsageError(f"this is no {what}") from None


def read_pins(body: bytes) -> list[Pin]:
    """Return the pins of a JSON list of objects, as the browser keeps them. Raises UsageError for anything else."""
    with parsing("notebook"):
        pins = TypeAdapter(list[Pin]).validate_json(body)
    if len(pins) > MAX_PINS:
        raise UsageError(f"a notebook holds {MAX_PINS} quotes: export it and begin another")
    return pins


def cited_pins(site: Site, pins: Sequence[Pin]) -> list[CitedPin]:
    """Return the pins with the citations of their words, numbered from 1. Raises LibraryError."""
    with site.assistant.library.snapshot() as snapshot:
        return [(pin, _citation(snapshot, pin, number)) for number, pin in enumerate(pins, start=1)]


def _citation(snapshot: Snapshot, pin: Pin, number: int) -> Citation | None:
    """Return the citation of a pin's words, and which others print its passage; None where they are gone."""
    try:
        stored = snapshot.article(pin.article, pin.version)
    except UsageError:
        return None
    if pin.end > len(stored.text):
        return None
    cited = citation_at(stored, pin.start, pin.end, number=number)
    of = snapshot.passages_of(pin.article) if stored.info.current else []
    group = next((passage.copy_group for passage in of if passage.start <= pin.start < passage.end), None)
    return cited if group is None else replace(cited, also_in=copies_of(snapshot, pin.article, group))


def give_feedback(site: Site, turns: Sequence[Turn], verdict: str, words: str) -> None:
    """Keep a verdict on the last of these turns. Raises UsageError if it is not valid, or LibraryError."""
    if not turns or turns[-1].result is None:
        raise UsageError("this answer is no longer kept: ask the question again, then say what is wrong")
    if verdict not in VERDICTS:
        raise UsageError("choose whether the answer is right, the answer is wrong or the evidence is wrong")
    if len(words) > MAX_WORDS_CHARACTERS:
        raise UsageError(f"the feedback is longer than {MAX_WORDS_CHARACTERS:,} characters: say it in fewer")
    earlier = json.dumps(turns[-1].earlier, ensure_ascii=False)
    result = json.dumps(turns[-1].result.to_json(), ensure_ascii=False)
    add_feedback(site.activity_folder, Feedback(_now(), verdict, words.strip(), earlier, result))


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def conversations_of(site: Site, person: str, change: bytes | None = None) -> list[Conversation]:
    """Return the conversations kept with a person's account, the latest first, after the change.

    change: JSON, `{"keep": {"link": ..., "token": ...} or null, "drop": [LINK, ...]}`; what is dropped goes first.
    Raises UsageError if the change is not valid, and LibraryError.
    """
    kept = Conversations(site.activity_folder, person)
    if change is not None:
        with parsing("conversation"):
            given = json.loads(change)
            one, dropped = given["keep"], [str(link) for link in given["drop"]]
            conversation = Conversation(str(one["link"]), str(one["token"])) if one else None
            if len(change) > MAX_CHANGE_BYTES or (conversation and not conversation.link.startswith("?")):
                raise ValueError("no address of a conversation")
            kept.change(kept=conversation, dropped=dropped, most=MOST_CONVERSATIONS)
    return kept.all()


def saved_questions(site: Site) -> SavedQuestions:
    """Return the saved questions of the page's library. Raises NotAllowed where the page has none."""
    if not site.may_save:
        raise NotAllowed("questions are saved only where people log in (--auth-file), or where articles may be added")
    return SavedQuestions(site.activity_folder)


def save_question(site: Site, question: str, filters: Filters) -> None:
    """Save a question; one that is saved already stays so. Raises UsageError, NotAllowed or LibraryError."""
    check_question(question)
    saved_questions(site).add(checked_text("question", question).strip(), filters, now=_now())


def with_answers(kept: SavedQuestions) -> list[tuple[SavedQuestion, SavedResult | None, Cell]]:
    """Return the questions, oldest first, each with what was answered the last time and its answer in words, if any."""
    results = [(saved, kept.latest(saved.number)) for saved in kept.all()]
    return [(saved, last, answer_cells(json.loads(last.result))["answer"] if last else None) for saved, last in results]
