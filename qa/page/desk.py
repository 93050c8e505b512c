"""What every part of the page works with: the assistant, what may be done, and the conversations kept.

One client may do a thing only so many times in any span of time.
"""

import logging
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Lock

from corpus.errors import CitewireError
from embeddings.encoder.model_files import cache_folder
from embeddings.library.library import LocalLibrary
from qa.assistant import Assistant
from qa.output.plain_text import plural
from qa.page.conversation import KeptTurns, Running

_log = logging.getLogger(__name__)

MAX_CLIENTS = 10_000
"""Clients remembered at once; the one seen longest ago is forgotten first."""


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
        if not self.times:
            return
        with self._lock:
            self._require(client)
            self._latest(client).append(self._clock())

    def require(self, client: str) -> None:
        """Raise TooOften where a client has had its share."""
        if self.times:
            with self._lock:
                self._require(client)

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

    def _require(self, client: str) -> None:
        taken = self._latest(client)
        if len(taken) >= self.times:
            wait = max(1, math.ceil(taken[0] + self._seconds - self._clock()))
            _log.warning("%s: %s", client, self._message)
            unit = plural(wait, "second") if wait < 120 else f"{math.ceil(wait / 60)} minutes"
            raise TooOften(f"{self._message}: wait {unit} and try again", wait)

    def _latest(self, client: str) -> deque[float]:
        """Return when the client last did it, within the time that counts."""
        taken = self._taken.setdefault(client, deque())
        self._taken.move_to_end(client)
        while len(self._taken) > MAX_CLIENTS:
            self._taken.popitem(last=False)
        since = self._clock() - self._seconds
        while taken and taken[0] <= since:
            taken.popleft()
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
