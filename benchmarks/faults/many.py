"""Many at once: readers in processes of their own ask while a writer adds, replaces and removes; a second one waits.

The writer replaces all articles in one transaction, each time with the words of a new generation, and removes some.
So what a reader gets within one snapshot must be of one generation, and every citation must be a slice of its version.

    python -m benchmarks.faults many --minutes 10 --readers 8
"""

import multiprocessing
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from multiprocessing.synchronize import Event
from pathlib import Path

from small_library import WordEncoder, make_article

from corpus.article import Article
from corpus.errors import LibraryBusy, UsageError
from embeddings.library.library import create_library, open_library
from embeddings.library.maintenance import check_library
from qa.assistant import Assistant
from qa.reader.reader import open_reader

NAMES = [f"n{i:02}" for i in range(20)]


@dataclass(slots=True)
class Load:
    """What was asked and written: all of it right when this is returned."""

    minutes: float
    snapshots: int
    answers: int
    citations: int
    generations: int
    removals: int
    second_writer: int
    busy: int

    def __str__(self) -> str:
        return (
            f"{self.minutes:g} minutes: {self.snapshots:,} snapshots of one state each, {self.answers:,} answers with "
            f"{self.citations:,} citations verified, while {self.generations:,} generations of {len(NAMES)} articles "
            f"were written and {self.removals:,} articles removed; a second writer wrote {self.second_writer:,} times "
            f"and was told {self.busy:,} times to wait"
        )


def article_of(name: str, generation: int) -> Article:
    """Return an article whose every sentence names its generation."""
    sentences = [
        f"The harbour of {name} was opened by minister G{generation}x in part {i}, the council of {name} said."
        for i in range(8)
    ]
    return make_article(name, " ".join(sentences[:4]) + "\n\n" + " ".join(sentences[4:]))


def many(place: Path, *, minutes: float, readers: int) -> Load:
    """Read and write for so many minutes, counted from the first verified citation, which may take a slow machine long.

    Raises:
        AssertionError: An answer of two states, a wrong citation, or none within five minutes.
    """
    folder = place / "library"
    with create_library(folder, encoder=WordEncoder()) as library:
        library.add(article_of(name, 0) for name in NAMES)
    context = multiprocessing.get_context("forkserver")
    stop, cited, counts, failures = context.Event(), context.Event(), context.Queue(), context.Queue()
    jobs: list[tuple[Callable[..., dict[str, int]], int]] = [(_write, 1), (_write_too, 2)]
    jobs += [(partial(_read, cited), 10 + number) for number in range(readers)]
    workers = [context.Process(target=_guarded, args=(job, folder, stop, seed, counts, failures)) for job, seed in jobs]
    for worker in workers:
        worker.start()

    def wait(done: Callable[[], bool], seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not done() and failures.empty() and all(w.is_alive() for w in workers):
            time.sleep(0.2)

    wait(cited.is_set, 300)
    wait(lambda: False, 60 * minutes)
    stop.set()
    total: dict[str, int] = {}
    for _ in workers:
        for name, count in counts.get(timeout=300).items():
            total[name] = total.get(name, 0) + count
    for worker in workers:
        worker.join()
    assert failures.empty(), failures.get()
    assert list(check_library(folder)) == []
    assert cited.is_set(), "no citation within five minutes"
    return Load(minutes, **total)


def _guarded(
    job: Callable[..., dict[str, int]],
    folder: Path,
    stop: Event,
    seed: int,
    counts: "multiprocessing.Queue[dict[str, int]]",
    failures: "multiprocessing.Queue[str]",
) -> None:
    done: dict[str, int] = {}
    try:
        done = job(folder, stop, random.Random(seed))
    except BaseException as error:  # noqa: BLE001 - told to the parent, which fails on it
        failures.put(f"{job}: {type(error).__name__}: {error}")
    counts.put(done)


def _write(folder: Path, stop: Event, drawn: random.Random) -> dict[str, int]:
    """Replace all articles at once, again and again; now and then remove some, which come back with the next."""
    generation = removals = 0
    # Patient: on a starved machine the other writer may hold the lock for longer than anybody should wait.
    with open_library(folder, encoder=WordEncoder(), patience=600) as library:
        while not stop.is_set():
            generation += 1
            library.add(article_of(name, generation) for name in NAMES)
            if generation % 3 == 0:
                gone = [article_of(name, 0).id for name in drawn.sample(NAMES, 3)]
                removals += len(library.remove(gone).removed)
    return {"generations": generation, "removals": removals}


def _write_too(folder: Path, stop: Event, drawn: random.Random) -> dict[str, int]:
    """Add and remove an article of its own with little patience: each time it succeeds whole, or is told."""
    wrote = busy = 0
    with open_library(folder, encoder=WordEncoder(), patience=0.05) as library:
        while not stop.is_set():
            text = f"Nothing else mentions the {drawn.random()} zebra of the second writer, it is said."
            try:
                library.add([make_article("second", text)])
                wrote += 1
            except LibraryBusy:
                busy += 1
            time.sleep(0.05)
    return {"second_writer": wrote, "busy": busy}


def _read(cited: Event, folder: Path, stop: Event, drawn: random.Random) -> dict[str, int]:
    snapshots = answers = citations = 0
    with open_library(folder, encoder=WordEncoder()) as library:
        reader = open_reader()
        assistant = Assistant(library, reader)
        while not stop.is_set():
            name = drawn.choice(NAMES)
            with library.snapshot() as snapshot:
                hits = snapshot.search(f"harbour of {name} opened minister", dense=30, lexical=30)
                listed = {info.id: info.version for info in snapshot.articles()}
                generations = set()
                for hit in hits:
                    assert listed[hit.article] == hit.version, "a hit of another state"
                    assert snapshot.article(hit.article).text[hit.start : hit.end] == hit.text
                    generations |= {word for word in hit.text.split() if word.startswith("G") and word.endswith("x")}
                assert len(generations) == 1, f"one answer from several states: {generations}"
            snapshots += 1
            result = assistant.ask(f"Who opened the harbour of {name}?").to_json()
            answers += result["status"] == "answered"
            with library.snapshot() as snapshot:
                for citation in result["citations"]:
                    try:
                        text = snapshot.article(citation["article"], citation["version"]).text
                    except UsageError:
                        continue  # its article was removed meanwhile, with all its versions
                    assert text[citation["start"] : citation["end"]] == citation["quote"]
                    citations += 1
                    cited.set()
    return {"snapshots": snapshots, "answers": answers, "citations": citations}
