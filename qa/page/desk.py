"""What every part of the page works with: questions asked and kept, what runs, who may do what and how often."""

import logging
import math
import secrets
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import TypeVar

from corpus.errors import CitewireError
from corpus.store.records import EVERYTHING, Filters
from embeddings.encoder.model_files import cache_folder
from embeddings.library.library import LocalLibrary
from qa.assistant import MAX_QUESTION_CHARACTERS, Assistant
from qa.output.plain_text import as_sentence, plural
from qa.result import Result

_log = logging.getLogger(__name__)

KEPT = 2_000
"""Answers whose exports and feedback forms work; the oldest go first."""
MAX_CLIENTS = 10_000
"""Clients remembered at once; the one seen longest ago is forgotten first."""


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
        self._latest: OrderedDict[str, tuple[float, Event]] = OrderedDict()

    def begin(self, session: str, when: float = 0.0) -> Event:
        """Stop what the page was waiting for, and return what stops the question that begins.

        when: the time in the browser, in any unit. What two clicks send may arrive the other way round: what is older
        than what the page has begun already is stopped from the start.
        """
        stop = Event()
        with self._lock:
            latest, before = self._latest.get(session, (when, Event()))
            if when < latest:
                stop.set()
                return stop
            before.set()
            self._latest[session] = (when, stop)
            self._latest.move_to_end(session)
            if len(self._latest) > KEPT:
                self._latest.popitem(last=False)
        return stop

    def end(self, session: str, stop: Event) -> bool:
        """Stop the work, and tell whether the page was still waiting for it."""
        stop.set()
        return self._begun(session) is stop

    def stop(self, session: str) -> None:
        """Stop what the page is waiting for."""
        if begun := self._begun(session):
            begun.set()

    def _begun(self, session: str) -> Event | None:
        """Return what stops the question that the page began last."""
        with self._lock:
            return self._latest.get(session, (0.0, None))[1]


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
            if len(self._kept) > self._limit:
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


class TooOften(CitewireError):  # noqa: N818 - reads better at the raise
    """A client has to wait; `seconds` says how long."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class Limit:
    """Lets each client do a thing `times` times in any `seconds` seconds; with 0 times as often as it likes.

    `message` says what is limited; it is followed by how long to wait. May be used from several threads at once.
    """

    def __init__(
        self, times: int, seconds: float, message: str, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.times = times
        self._seconds = seconds
        self._message = message
        self._clock = clock
        self._lock = Lock()
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Count one more for a client. Raises TooOften where it has had its share, which is then not counted."""
        with self._lock:
            self._taken_by(client).append(self._clock())

    def require(self, client: str) -> None:
        """Raise TooOften where a client has had its share."""
        with self._lock:
            self._taken_by(client)

    def await_turn(self, client: str, stop: Event) -> bool:
        """Wait until one more may be counted for a client, or until `stop` is set. Return whether it is counted."""
        while not stop.is_set():
            try:
                self.take(client)
            except TooOften as often:
                stop.wait(often.seconds)
            else:
                return True
        return False

    def _taken_by(self, client: str) -> deque[float]:
        """Return when the client last did it, within the time that counts. Raises TooOften where it had its share."""
        taken = self._taken.setdefault(client, deque(maxlen=self.times))
        self._taken.move_to_end(client)
        if len(self._taken) > MAX_CLIENTS:
            self._taken.popitem(last=False)
        free = self._clock() - self._seconds
        while taken and taken[0] <= free:
            taken.popleft()
        if self.times and len(taken) == self.times:
            wait = max(1, math.ceil(taken[0] - free))
            _log.warning("%s: %s", client, self._message)
            unit = plural(wait, "second") if wait < 120 else f"{math.ceil(wait / 60)} minutes"
            raise TooOften(f"{self._message}: wait {unit} and try again", wait)
        return taken


def question_limit(per_minute: int) -> Limit:
    """Return the limit of questions and searches a minute; 0 for none."""
    return Limit(per_minute, 60, f"more than {plural(per_minute, 'question')} in a minute are not answered here")


def is_bundled(folder: Path) -> bool:
    """Tell whether a library's folder is that of the bundled collection."""
    return folder.name.startswith("bundled-") and folder.parent == cache_folder(None)


class NotAllowed(CitewireError):  # noqa: N818 - reads better at the raise
    """The page may not do this here: it was started so that it only answers."""


@dataclass(frozen=True, slots=True)
class Desk:
    """One running page. `may_change` says whether articles can be added and removed through it, `why_not` why not.

    `questions` limits how many questions a client asks in a minute; `has_login` says whether people log in to the page.
    """

    assistant: Assistant
    may_change: bool = False
    why_not: str = "this page only answers"
    kept: KeptTurns = field(default_factory=KeptTurns)
    running: Running = field(default_factory=Running)
    questions: Limit = field(default_factory=lambda: question_limit(0))
    has_login: bool = False

    @property
    def local(self) -> LocalLibrary | None:
        """The library where it is in a folder of this machine."""
        return self.assistant.library if isinstance(self.assistant.library, LocalLibrary) else None

    @property
    def is_sample(self) -> bool:
        """Whether the library is the bundled collection, whose articles are invented."""
        return self.local is not None and is_bundled(self.local.folder)

    @property
    def may_save(self) -> bool:
        """Whether questions are saved through the page: by people who log in, or who own the library's folder."""
        return (self.has_login or self.may_change) and self.local is not None

    @property
    def keeps_conversations(self) -> bool:
        """Whether people's conversations are kept with their account; else each browser keeps its own."""
        return self.has_login and self.local is not None and not self.local.read_only

    @property
    def activity_folder(self) -> Path:
        """Where feedback is kept: beside the library. Raises CitewireError for a library that is in no folder."""
        if self.local is not None:
            return self.local.folder
        raise CitewireError("feedback cannot be kept: this library is not in a folder of this machine")

    def require_change(self) -> None:
        """Raise NotAllowed where the page may not change the library."""
        if not self.may_change:
            raise NotAllowed(f"articles cannot be added or removed here: {self.why_not}")
