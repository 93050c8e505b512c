"""One question and what came of it, as the page keeps it, and the answering itself, told step by step."""

import logging
import secrets
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import TypeVar

from corpus.errors import CitewireError
from corpus.store.records import EVERYTHING, Filters
from qa.assistant import MAX_QUESTION_CHARACTERS
from qa.output.plain_text import as_sentence
from qa.result import Result

_log = logging.getLogger(__name__)

KEPT = 2_000
"""Answers whose exports and feedback forms work; the oldest go first."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A question asked on the page, with its result or the sentence that says why there is none.

    `earlier` are the questions before it, oldest first. `token` names it to the export and feedback addresses: nobody
    can guess it.
    """

    question: str
    earlier: tuple[str, ...] = ()
    filters: Filters = EVERYTHING
    result: Result | None = None
    error: str | None = None
    token: str = field(default_factory=lambda: secrets.token_urlsafe(16))

    @property
    def answered(self) -> str:
        """Return the answers in one line, "" where there are none."""
        return "; ".join(answer.text for answer in self.result.answers) if self.result else ""


def cleaned(question: str) -> str:
    """Return the question as it is asked and named in addresses: without space around it and halves of characters."""
    return question.encode("utf-16", "surrogatepass").decode("utf-16", "replace").strip()


def shortened(question: str) -> str:
    """Return the question, or of one that is too long to be asked its beginning."""
    return question if len(question) <= MAX_QUESTION_CHARACTERS else question[:200].rstrip() + " …"


def sentence(error: CitewireError) -> str:
    """Return an error's message as a sentence for the page."""
    return as_sentence(str(error))


class Running:
    """The question that each open page is waiting for: the latest one counts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._stops: dict[str, Event] = {}
        self._latest: OrderedDict[str, float] = OrderedDict()

    def begin(self, session: str, when: float = 0.0) -> Event:
        """Stop what the page was waiting for, and return what stops the question that begins.

        when: the time in the browser, in any unit. What two clicks send may arrive the other way round: what is older
        than what the page has begun already is stopped from the start.
        """
        stop = Event()
        with self._lock:
            if when < self._latest.get(session, when):
                stop.set()
                return stop
            self._latest[session] = when
            self._latest.move_to_end(session)
            while len(self._latest) > KEPT:
                self._latest.popitem(last=False)
            before, self._stops[session] = self._stops.get(session), stop
        if before is not None:
            before.set()
        return stop

    def end(self, session: str, stop: Event) -> bool:
        """Stop the work, and tell whether the page was still waiting for it."""
        stop.set()
        with self._lock:
            is_latest = self._stops.get(session) is stop
            if is_latest:
                del self._stops[session]
        return is_latest

    def stop(self, session: str) -> None:
        """Stop what the page is waiting for."""
        with self._lock:
            waiting = self._stops.get(session)
        if waiting is not None:
            waiting.set()


class KeptTurns:
    """The latest conversations of everybody, each found only by the token of one of its turns."""

    def __init__(self, limit: int = KEPT) -> None:
        self._limit = limit
        self._lock = Lock()
        self._kept: OrderedDict[str, tuple[Turn, ...]] = OrderedDict()

    def keep(self, turns: Sequence[Turn]) -> None:
        """Keep the conversation up to its last turn under that turn's token."""
        with self._lock:
            self._kept[turns[-1].token] = tuple(turns)
            while len(self._kept) > self._limit:
                self._kept.popitem(last=False)

    def conversation(self, token: str) -> tuple[Turn, ...]:
        """Return the conversation up to the turn of this token; empty where it is not known."""
        with self._lock:
            return self._kept.get(token, ())


Step = TypeVar("Step")


LOOK_EVERY = 0.1
"""Seconds between two looks at whether somebody stopped the work."""


def steps(work: Callable[[Callable[[Step], None]], object], stop: Event | None = None) -> Iterator[Step]:
    """Run `work` on a thread of its own and yield what it tells, as it tells it. What it raises is raised here.

    stop: ends the steps once it is set, also while `work` goes on.
    """
    told: SimpleQueue[tuple[Step, ...] | BaseException | None] = SimpleQueue()

    def run() -> None:
        try:
            work(lambda step: told.put((step,)))
        except BaseException as error:  # noqa: BLE001 - handed on to the thread that asked, which raises it
            told.put(error)
        else:
            told.put(None)

    Thread(target=run, name="citewire-page", daemon=True).start()
    while stop is None or not stop.is_set():
        try:
            step = told.get(timeout=None if stop is None else LOOK_EVERY)
        except Empty:
            continue
        if step is None:
            return
        if isinstance(step, BaseException):
            raise step
        yield step[0]
