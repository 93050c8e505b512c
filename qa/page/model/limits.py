"""How often one client may do a thing: so many times in any span of time."""

import logging
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock

from corpus.errors import CitewireError

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
        self._times = times
        self._seconds = seconds
        self._message = message
        self._clock = clock
        self._lock = Lock()
        self._taken: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Count one more for a client. Raises TooOften where it has had its share, which is then not counted."""
        if not self._times:
            return
        with self._lock:
            self._require(client)
            self._latest(client).append(self._clock())

    def require(self, client: str) -> None:
        """Raise TooOften where a client has had its share."""
        if self._times:
            with self._lock:
                self._require(client)

    def _require(self, client: str) -> None:
        taken = self._latest(client)
        if len(taken) >= self._times:
            wait = max(1, math.ceil(taken[0] + self._seconds - self._clock()))
            _log.warning("%s: %s", client, self._message)
            unit = f"{wait} second{'' if wait == 1 else 's'}" if wait < 120 else f"{math.ceil(wait / 60)} minutes"
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
    questions = "1 question" if per_minute == 1 else f"{per_minute:,} questions"
    return Limit(per_minute, 60, f"more than {questions} in a minute are not answered here")
