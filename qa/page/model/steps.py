"""Work that tells of its progress, as an iterator that Gradio can show step by step."""

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Thread
from typing import TypeVar

Step = TypeVar("Step")


def steps(work: Callable[[Callable[[Step], None]], None]) -> Iterator[Step]:
    """Run `work` on a thread of its own and yield what it tells, as it tells it. What it raises is raised here."""
    told: SimpleQueue[tuple[Step, ...] | BaseException | None] = SimpleQueue()

    def run() -> None:
        try:
            work(lambda step: told.put((step,)))
        except BaseException as error:  # noqa: BLE001 - handed on to the thread that asked, which raises it
            told.put(error)
        else:
            told.put(None)

    Thread(target=run, name="citewire-page", daemon=True).start()
    while True:
        step = told.get()
        if step is None:
            return
        if isinstance(step, BaseException):
            raise step
        yield step[0]
