"""`citewire watch`: adds changes in folders, feeds and pages until Ctrl-C. watchfiles says which files have changed."""

import argparse
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from corpus.article import Article, is_address
from corpus.errors import CitewireError, LibraryBusy, ReadError, UsageError
from corpus.readers.registry import suffixes
from corpus.scan.read import HIDDEN
from corpus.store.activity import SavedQuestions
from corpus.store.origins import FORMERLY
from corpus.store.records import Added
from corpus.web.client import Fetcher, FetchError
from embeddings.encoder.precision import Precision
from embeddings.library.library import CurrentOrigins, Library, LocalLibrary
from qa.assistant import Assistant
from qa.batch.saved_questions import ask_again
from qa.cli.opening import existing_library, new_library
from qa.cli.sources import FileSource, Missing, Problems, Source, check_paths, read_options_of, source_of
from qa.cli.terminal import stopping
from qa.output.plain_text import say
from qa.reader.reader import open_reader

SETTLED_S = 1.0
"""Seconds without a write after which a file counts as complete."""

LOOK_S = 0.5
"""Longest wait for changes, in seconds."""
_SLACK = timedelta(seconds=2)


def changed_paths(folders: Sequence[Path], stop: threading.Event) -> Iterator[list[Path]]:
    """Yield the files and folders below `folders` that changed or disappeared and are no longer written.

    Yields every half second until `stop` is set, an empty list where nothing has changed. It is always empty if the
    operating system does not report changes.
    """
    from watchfiles import watch

    roots = {os.path.realpath(folder): os.path.abspath(folder) for folder in folders}  # noqa: PTH100
    waiting: dict[Path, float] = {}
    try:
        for changes in watch(
            *roots,
            watch_filter=None,
            debounce=400,
            stop_event=stop,
            rust_timeout=round(LOOK_S * 1000),
            yield_on_timeout=True,
            raise_interrupt=False,
            ignore_permission_denied=True,
        ):
            now = time.monotonic()
            waiting |= {path: now for _, name in changes if (path := _as_named(name, roots))}
            ready = sorted(path for path, at in waiting.items() if now - at >= SETTLED_S)
            for path in ready:
                del waiting[path]
            yield ready
    except (OSError, RuntimeError) as error:
        say(f"the system does not tell of changes ({error}): folders are looked through at each interval")
    while not stop.wait(LOOK_S):
        yield []


def _as_named(name: str, roots: Mapping[str, str]) -> Path | None:
    """Return a path below the folder as the user named it, None if it holds no article."""
    for real, named in roots.items():
        if name.startswith(real + os.sep):
            below = Path(name[len(real) + 1 :])
            path = named / below
            is_hidden = any(part.startswith(HIDDEN) for part in below.parts)
            return path if not is_hidden and (path.suffix.lower() in suffixes() or not path.is_file()) else None
    return None


class Watching:
    """Keeps a library up to date. Prints a line per change, and each new problem on standard error.

    stop: whether to stop adding. prune: remove the articles of missing files.
    """

    def __init__(self, library: Library, stop: Callable[[], bool], *, prune: bool) -> None:
        self._library = library
        self._known = CurrentOrigins(library)
        self._stop = stop
        self._prune = prune
        self._reported: dict[str, list[str]] = {}
        self._reported_missing: set[str] = set()
        self._assistant: Assistant | None = None
        self._changes_when_asked = -1
        self._counts = {"added": 0, "replaced": 0, "moved": 0, "removed": 0}

    def look(self, source: Source) -> float:
        """Scan a whole source. Return the seconds that its server asks to wait, 0 for none."""
        since, problems = (datetime.now(UTC) - _SLACK).isoformat(timespec="seconds"), Problems()
        try:
            survey = source.survey(self._known, problems)
            if survey.to_read:
                self._library.add_from(source.scan(self._known, problems), each=self._count, stop=self._stop)
                survey = source.survey(self._known, Problems())
            self._settle(survey.missing, since)
        except LibraryBusy as error:
            problems.bad.append(ReadError(source.name, str(error)))
        self._report(source.name, problems.bad)
        own = (error for error in problems.bad if isinstance(error, FetchError) and error.where == source.name)
        return max((error.retry_after_s or 0.0 for error in own), default=0.0)

    def ask_saved(self, precision: Precision) -> None:
        """Ask the saved questions at the start and once something has changed, and print what is new in their answers.

        A question whose answer is of this state of the library is not asked again.
        """
        changed = sum(self._counts[kind] for kind in ("added", "replaced", "removed"))
        if changed == self._changes_when_asked or self._stop() or not isinstance(self._library, LocalLibrary):
            return
        self._changes_when_asked = changed
        questions = SavedQuestions(self._library.folder)
        try:
            if not (saved := questions.all()):
                return
            if self._assistant is None:
                self._assistant = Assistant(self._library, open_reader(precision=precision))
            for rerun in ask_again(self._assistant, questions, saved):
                for change in rerun.changes:
                    _print_line("answer", f"{rerun.saved.question} {change.line()}")
                if self._stop():
                    return
        except CitewireError as error:
            say(str(error))

    def summary(self) -> str:
        """Return a summary since the start."""
        counted = [f"{count:,} {what}" for what, count in self._counts.items() if count]
        return f"{', '.join(counted)} while watching" if counted else "nothing has changed while watching"

    def _count(self, article: Article, added: Added) -> None:
        if added.kind in self._counts:
            self._counts[added.kind] += 1
            _print_line(added.kind, f"{article.heading} ({article.path or article.url or added.article})")

    def _settle(self, missing: Sequence[str], since: str) -> None:
        fresh = [location for location in missing if location not in self._reported_missing]
        if not fresh or self._stop():
            return
        settled = Missing()
        settled.settle(self._library, fresh, since=since, prune=self._prune)
        self._reported_missing.update(() if self._prune else settled.locations)
        self._counts["moved"] += settled.moved
        self._counts["removed"] += settled.removed
        for location in sorted(settled.locations):
            what = f"articles of {location.removesuffix(FORMERLY)}" if location.endswith(FORMERLY) else location
            if self._prune:
                _print_line("removed", what)
            else:
                _print_line("gone", f"{what} (kept; --prune removes)")

    def _report(self, source: str, bad: Sequence[ReadError]) -> None:
        """Print problems, each one once for as long as it lasts."""
        now = list(dict.fromkeys(map(str, bad)))
        for sentence in now:
            if sentence not in self._reported.get(source, ()):
                say(sentence)
        self._reported[source] = now


def _print_line(kind: str, words: str) -> None:
    moment = datetime.now(UTC).astimezone()
    print(f"{moment:%Y-%m-%d %H:%M:%S}  {kind:9} {' '.join(words.split())}", flush=True)


def watch_command(options: argparse.Namespace) -> int:
    """Add all sources, then their changes. Return 0 when stopped by Ctrl-C."""
    check_paths(options)
    if options.interval < 1:
        raise UsageError(f"--interval {options.interval:g}: give at least one second")
    for path in options.paths:
        if not is_address(path) and not Path(path).is_dir():
            raise UsageError(f"{path} is no folder: watch folders, and addresses of feeds and pages")
    read_options = read_options_of(options)
    with (
        stopping("stopping after the articles in hand") as stop,
        Fetcher(allow_private=options.allow_private, stop=stop) as web,
        existing_library(options) or new_library(options) as library,
    ):
        sources = [source_of(path, read_options, web, options.limit) for path in options.paths]
        folders = [source for source in sources if isinstance(source, FileSource)]
        for folder in folders:  # so that a new file has no other path than those the library knows
            folder.path = folder.known_path(CurrentOrigins(library))
        due = [0.0] * len(sources)
        print(f"Watching {', '.join(source.name for source in sources)}; Ctrl-C stops.", flush=True)
        watching = Watching(library, stop.is_set, prune=options.prune)
        for changed in changed_paths([folder.path for folder in folders], stop):
            for number, source in enumerate(sources):
                if due[number] <= time.monotonic() and not stop.is_set():
                    retry_after_s = watching.look(source)
                    due[number] = time.monotonic() + max(options.interval, retry_after_s)
            # A missing file may have moved. Only a scan of the whole folders finds where it is now.
            all_there = all(path.exists() for path in changed)
            for source in [FileSource(path, read_options) for path in changed] if all_there else folders:
                if not stop.is_set():
                    watching.look(source)
            watching.ask_saved(options.precision)
    say(f"stopped; {watching.summary()}")
    return 0
