"""Work that an open page waits for: done on a thread, told as it goes on, and stopped once nobody waits for it."""

from collections import OrderedDict
from collections.abc import Callable, Iterator
from queue import Empty, SimpleQueue
from threading import Event, Lock, Thread
from typing import TypeVar

MAX_PAGES = 2_000
"""Open pages remembered at once; the one that asked longest ago is forgotten first."""
LOOK_EVERY = 0.1
"""Seconds between two looks at whether somebody stopped the work."""
Step = TypeVar("Step")


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
        return self._last_stop(session) is stop

    def stop(self, session: str) -> None:
        """Stop what the page is waiting for."""
        if stop := self._last_stop(session):
            stop.set()

    def _last_stop(self, session: str) -> Event | None:
        """Return what stops the work that the page began last."""
        with self._lock:
            return self._last.get(session, (0.0, None))[1]


def stream_from_thread(work: Callable[[Callable[[Step], None]], object], stop: Event | None = None) -> Iterator[Step]:
    """Run `work` on a thread of its own and yield what it tells, as it tells it. What it raises is raised here.

    stop: ends the stream once it is set, also while `work` goes on.
    """
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
