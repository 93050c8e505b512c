"""An assistant for tests of the page that says what the test wants, and when."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from threading import Event

import pytest
from page_results import FULL, HOSTILE, ONE, RIVALS, answer, citation, passage, result
from page_steps import serving

from corpus.errors import CitewireError
from corpus.store.records import EVERYTHING, Filters
from qa.assistant import Assistant
from qa.page.site import Site
from qa.result import ClosePassage, Result

EVENTS = tuple(
    citation(n, f"Event number {n} happened", f"Event number {n} happened.", published=f"2023-03-{n:02}")
    for n in range(1, 8)
)
HOSTILE_ONE = citation(1, "counted", f"They counted {HOSTILE}", title=HOSTILE, source=HOSTILE, url="javascript:hit()")
RESULTS = {
    "rivals": RIVALS,
    "events": result(tuple(answer(c, kind="timeline", group=c.number) for c in EVENTS), EVENTS),
    "hostile": result((answer(HOSTILE_ONE),), (HOSTILE_ONE,), retrieved=(passage(HOSTILE_ONE, HOSTILE_ONE.sentence),)),
}


class Scripted(Assistant):
    """Gives the result that the question names, "article" one of the library.

    Of other questions the passages are found at once, and read when `read` is set.

    `stopped` is set where it was told that nobody waits any more.
    """

    def __init__(self, assistant: Assistant) -> None:
        super().__init__(assistant.library, assistant.reader)
        self.read = Event()
        self.stopped = Event()
        with assistant.library.snapshot() as snapshot:
            info = snapshot.articles(limit=1)[0]
        of_library = replace(FULL, article=info.id, version=info.version)
        self.results = {**RESULTS, "article": result((answer(of_library),), (of_library,))}

    def ask(
        self,
        question: str,
        *,
        turns: Sequence[str] = (),
        answers: Sequence[str] = (),
        filters: Filters = EVERYTHING,
        found: Callable[[tuple[ClosePassage, ...]], None] | None = None,
        stop: Event | None = None,
    ) -> Result:
        if question == "crash":
            raise RuntimeError("a fault of the program")
        if found is not None:
            found((passage(FULL),))
        while question not in self.results and not self.read.wait(0.05):
            if stop is not None and stop.is_set():
                self.stopped.set()
                raise CitewireError("nobody waits any more")
        return replace(self.results.get(question, ONE), question=question, standalone_question=question)


@pytest.fixture(scope="module")
def scripted(bundled: Assistant) -> Scripted:
    """An assistant over the bundled collection that answers as the tests want."""
    return Scripted(bundled)


@pytest.fixture(scope="module")
def address(scripted: Scripted) -> Iterator[str]:
    """The address of a page with it."""
    with serving(Site(scripted)) as served:
        yield served
