"""What commands share at the terminal: Ctrl-C, a bar of progress, printed JSON and written files."""

import json
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from qa.output.files import write_whole
from qa.output.plain_text import say

INTERRUPTED = 130
"""The exit code of a command that Ctrl-C or SIGTERM ended before all was done."""


@contextmanager
def stopping(what: str) -> Iterator[threading.Event]:
    """Give an event that Ctrl-C and SIGTERM set, with a sentence on standard error, until the block ends.

    what: words for the work that is finished first. A second Ctrl-C raises KeyboardInterrupt. Outside the main thread
    the event is never set: only that thread gets signals.
    """
    stop = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield stop
        return

    def on_signal(number: int, frame: FrameType | None) -> None:
        if stop.is_set():
            raise KeyboardInterrupt
        stop.set()
        print(f"\ncitewire: {what}; Ctrl-C again stops at once", file=sys.stderr, flush=True)

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def progress_bar(doing: str, unit: str) -> Iterator[Callable[[int, int], None]]:
    """Give a function that shows how many are done, and of how many. It is silent outside a terminal."""
    from tqdm import tqdm

    with tqdm(desc=doing, unit=f" {unit}s", disable=not sys.stderr.isatty(), leave=False, dynamic_ncols=True) as bar:

        def show(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        yield show


def print_json(value: object) -> None:
    """Print a value as JSON."""
    print(json.dumps(value, ensure_ascii=False, indent=1))


def write_text(path: Path, text: str) -> None:
    """Write a file and say so. Raises CitewireError."""
    write_whole(path, text.encode("utf-8"))
    say(f"wrote {path}")
