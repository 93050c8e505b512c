"""How much may be asked, and work that an open page waits for: told as it goes on, stopped once nobody waits for it."""

import logging
import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import TypeVar

from corpus.errors import CitewireError
from qa.output.plain_text import plural

_log = logging.getLogger(__name__)

PUBLIC_QUESTIONS = 30
"""Questions a minute of one client, where other people reach the page and nothing else is said."""
CONCURRENT_QUESTIONS = 8
"""Questions answered at once; further ones wait."""
CONCURRENT_RUNS = 2
"""Runs of many questions at once, each with one in hand at a time; further ones wait."""
MAX_CLIENTS = 10_000
"""Clients remembered at once; the one seen longest ago is forgotten first."""
MAX_PAGES = 2_000
"""Open pages remembered at once; the one that asked longest ago is forgotten first."""
LOOK_EVERY = 0.1
"""Seconds between two looks at whether somebody stopped the work."""
Step = TypeVar("Step")


class TooOften(CitewireError):  # noqa: N818 - reads better at the raise
    """A client has to wait; `seconds` says how long."""

    def __init__(self, message: str, seconds: int) -> None:
        super().__init__(message)
        self.seconds = seconds


class RateLimit:
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
        self._moments: OrderedDict[str, deque[float]] = OrderedDict()

    def take(self, client: str) -> None:
        """Count one more for a client. Raises TooOften where it has had its share, which is then not counted."""
        with self._lock:
            self._moments_of(client).append(self._clock())

    def check(self, client: str) -> None:
        """Raise TooOften where a client has had its share."""
        with self._lock:
            self._moments_of(client)

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

    def _moments_of(self, client: str) -> deque[float]:
        """Return when the client last did it, within the time that counts. Raises TooOften where it had its share."""
        moments = self._moments.setdefault(client, deque(maxlen=self.times))
        self._moments.move_to_end(client)
        if len(self._moments) > MAX_CLIENTS:
            self._moments.popitem(last=False)
        begin = self._clock() - self._seconds
        while moments and moments[0] <= begin:
            moments.popleft()
        if self.times and len(moments) == self.times:
            wait = max(1, math.ceil(moments[0] - begin))
            _log.warning("%s: %s", client, self._message)
            unit = plural(wait, "second") if wait < 120 else f"{math.ceil(wait / 60)} minutes"
            raise TooOften(f"{self._message}: wait {unit} and try again", wait)
        return moments


def questions_per_minute(per_minute: int) -> RateLimit:
    """Return the limit of questions and searches a minute; 0 for none."""
    return RateLimit(per_minute, 60, f"more than {plural(per_minute, 'question')} in a minute are not answered here")


class Running:
    """The work that each open page is waiting for: what it began last counts."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last: OrderedDict[str, tuple[float, Event]] = OrderedDict()

    def begin(self, session: str, when: float = 0.0) -> Event:
        """Stop what the page was waiting for, and return what stops the work that begins.

        when: the time in the browser, in any unit. What two clicks send may arrive the other way round: what is older
        than what the page has begun already is stopped from the start.
        """
        stop = Event()
        with self._lock:
            last_when, last_stop = self._last.get(session, (when, Event()))
            if when < last_when:
                stop.set()
                return stop
            last_stop.set()
            self._last[session] = (when, stop)
            self._last.move_to_end(session)
            if len(self._last) > MAX_PAGES:
                self._last.popitem(last=False)
        return stop

    def end(self, session: str, stop: Event) -> bool:
        """Stop the work, and tell whether the page was still waiting for it."""
        stop.set()
        return self._last.get(session, (0.0, None))[1] is stop

    def stop(self, session: str) -> None:
        """Stop what the page is waiting for."""
        _, stop = self._last.get(session, (0.0, Event()))
        stop.set()


def stream_from_thread(work: Callable[[Callable[[Step], None]], object], stop: Event | None = None) -> Iterator[Step]:
    """Run `work` on a thread and yield what it tells until `stop` is set. What it raises is raised here."""
    queue: SimpleQueue[tuple[Step, ...] | BaseException | None] = SimpleQueue()

    def run() -> None:
        try:
            work(lambda step: queue.put((step,)))
        except BaseException as error:  # noqa: BLE001 - handed on to the thread that asked, which raises it
            queue.put(error)
        else:
            queue.put(None)

    Thread(target=run, name="citewire-page", daemon=True).start()
    while stop is None or not stop.is_set():
        try:
            step = queue.get(timeout=None if stop is None else LOOK_EVERY)
        except Empty:
            continue
        if step is None:
            return
        if isinstance(step, BaseException):
            raise step
        yield step[0]
