"""Ctrl-C and a request to end: what is in hand is finished first; a second one stops at once."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def stopping(what: str) -> Iterator[threading.Event]:
    """Give an event that is set by Ctrl-C (and SIGTERM), with a sentence on standard error, until the block ends.

    what: what is still done. The second Ctrl-C raises KeyboardInterrupt. Outside the main thread no signal arrives, and
    the event stays as it is.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def asked(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        print(f"\ncitewire: {what}; Ctrl-C again stops at once", file=sys.stderr, flush=True)

    before = {number: signal.signal(number, asked) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
