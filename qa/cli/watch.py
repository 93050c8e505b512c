"""`citewire watch`: adds changes in folders, feeds and pages until Ctrl-C. watchfiles says which files have changed."""

import argparse
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from corpus.article import Article
from corpus.errors import CitewireError, LibraryBusy, ReadError, UsageError
from corpus.readers.registry import suffixes
from corpus.scan.files import HIDDEN, absent_folder, location_of
from corpus.store.activity import SavedQuestions
from corpus.store.origins import FORMERLY
from corpus.store.records import Added
from corpus.web.client import Fetcher, FetchError
from embeddings.encoder.precision import Precision
from embeddings.library.library import CurrentOrigins, Library, LocalLibrary
from qa.assistant import Assistant
from qa.batch.saved import ask_again
from qa.cli.add import check_paths, existing_or_new, read_options_of, source_of
from qa.cli.add_report import MissingSources
from qa.cli.opening import stopping
from qa.cli.sources import FileSource, Problems, Source, Survey, is_address
from qa.output.plain_text import say
from qa.reader.reader import open_reader

if TYPE_CHECKING:
    from watchfiles import Change

SETTLED_S = 1.0
"""Seconds without a write after which a file counts as complete."""

LOOK_S = 0.5
"""Longest wait for changes, in seconds."""
_SLACK = timedelta(seconds=2)


class ChangedFiles:
    """Watches folders and their subfolders through the operating system. Where it cannot, no change is reported.

    stop: ends the waiting. From `__enter__` on, no change is missed.
    """

    def __init__(self, folders: Sequence[Path], stop: threading.Event) -> None:
        self._roots = {os.path.realpath(folder): os.path.abspath(folder) for folder in folders}  # noqa: PTH100
        self._stop = stop
        self._changes: Iterator[set[tuple[Change, str]]] | None = None
        self._waiting: dict[str, float] = {}

    def __enter__(self) -> Self:
        if self._roots:
            from watchfiles import watch

            self._changes = watch(
                *self._roots,
                watch_filter=None,
                debounce=400,
                stop_event=self._stop,
                rust_timeout=round(LOOK_S * 1000),
                yield_on_timeout=True,
                raise_interrupt=False,
                ignore_permission_denied=True,
            )
            self._gather()
        return self

    def __exit__(self, *_: object) -> None:
        self._changes = None

    def settled(self) -> list[Path]:
        """Wait a moment. Return the files and folders that changed or disappeared and are no longer written."""
        self._gather()
        now = time.monotonic()
        ready = sorted(path for path, at in self._waiting.items() if now - at >= SETTLED_S)
        for path in ready:
            del self._waiting[path]
        within = tuple(path + os.sep for path in ready if Path(path).is_dir())
        return [Path(path) for path in ready if not path.startswith(within)]

    def _gather(self) -> None:
        if self._changes is None:
            self._stop.wait(LOOK_S)
            return
        try:
            changes = next(self._changes, set())
        except (OSError, RuntimeError) as error:
            say(f"the system does not tell of changes ({error}): folders are looked through at each interval")
            self._changes = None
            return
        now = time.monotonic()
        for _, path in changes:
            if (named := self._as_named(path)) is not None:
                self._waiting[named] = now

    def _as_named(self, path: str) -> str | None:
        """Return a path below the folder as the user named it, None if it holds no article."""
        for real, named in self._roots.items():
            if path.startswith(real + os.sep):
                below = path[len(real) + 1 :]
                hidden = any(part.startswith(HIDDEN) for part in Path(below).parts)
                found = os.path.join(named, below)  # noqa: PTH118
                of_articles = Path(found).suffix.lower() in suffixes() or not Path(found).is_file()
                return found if of_articles and not hidden else None
        return None


class Watching:
    """Keeps a library up to date. Prints a line per change, and each new problem on standard error.

    stop: tells when to stop adding. folders: those that are watched. prune: remove the articles of missing files.
    """

    def __init__(self, library: Library, stop: Callable[[], bool], folders: Sequence[Path], *, prune: bool) -> None:
        self._library = library
        self._roots = [location_of(folder) for folder in folders]
        self._known = CurrentOrigins(library)
        self._stop = stop
        self._prune = prune
        self._told: dict[str, set[str]] = {}
        self._told_missing: set[str] = set()
        self._assistant: Assistant | None = None
        self._asked_at = -1
        self._counts = {"added": 0, "replaced": 0, "moved": 0, "removed": 0}

    def look(self, source: Source) -> float | None:
        """Scan a whole source. Return None on success, else the seconds that its server asks to wait, 0 for none."""
        since, problems = _now(), Problems()
        try:
            survey = self._add(source, problems)
            self._settle(survey.missing, since)
        except LibraryBusy as error:
            problems.bad.append(ReadError(source.name, str(error)))
        self._tell(source.name, problems.bad)
        own = [error for error in problems.bad if error.where == source.name]
        return max(((error.after or 0.0) if isinstance(error, FetchError) else 0.0 for error in own), default=None)

    def take(self, changed: Iterable[FileSource]) -> None:
        """Add changed files and folders. Report missing ones, or remove their articles."""
        since, missing = _now(), list[str]()
        for files in changed:
            if self._stop():
                return
            problems = Problems()
            try:
                missing += self._add(files, problems).missing if files.path.exists() else self._gone(files)
            except LibraryBusy as error:
                problems.bad.append(ReadError(files.name, str(error)))
            self._tell(files.name, problems.bad)
        self._settle(missing, since)

    def ask_saved(self, precision: Precision) -> None:
        """Ask the saved questions at the start and once something has changed, and print what their answers have new.

        A question whose answer is of this state of the library is not asked again.
        """
        changed = sum(self._counts[kind] for kind in ("added", "replaced", "removed"))
        if changed == self._asked_at or self._stop() or not isinstance(self._library, LocalLibrary):
            return
        self._asked_at = changed
        kept = SavedQuestions(self._library.folder)
        try:
            if not (questions := kept.all()):
                return
            if self._assistant is None:
                self._assistant = Assistant(self._library, open_reader(precision=precision))
            for asked in ask_again(self._assistant, kept, questions):
                for change in asked.changes:
                    _line("answer", f"{asked.saved.question} {change.line()}")
                if self._stop():
                    return
        except CitewireError as error:
            say(str(error))

    def summary(self) -> str:
        """Return a summary since the start."""
        counted = [f"{count:,} {what}" for what, count in self._counts.items() if count]
        return f"{', '.join(counted)} while watching" if counted else "nothing has changed while watching"

    def _add(self, source: Source, problems: Problems) -> Survey:
        survey = source.survey(self._known, problems)
        if not survey.to_read:
            return survey
        self._library.add_from(source.scan(self._known, problems), each=self._each, stop=self._stop)
        return source.survey(self._known, Problems()) if isinstance(source, FileSource) else survey

    def _each(self, article: Article, added: Added) -> None:
        if added.kind in self._counts:
            self._counts[added.kind] += 1
            _line(added.kind, f"{article.heading} ({article.path or article.url or added.article})")

    def _gone(self, files: FileSource) -> list[str]:
        """Return what lay at a path that is gone, unless all of the folder watched is: its disk may not be there."""
        roots = [root for root in self._roots if f"{location_of(files.path)}/".startswith(f"{root}/")]
        return [each for each in files.locations(self._known) if not any(absent_folder(each, root) for root in roots)]

    def _settle(self, missing: Sequence[str], since: str) -> None:
        fresh = [location for location in missing if location not in self._told_missing]
        if not fresh or self._stop():
            return
        settled = MissingSources()
        settled.settle(self._library, fresh, since=since, prune=self._prune)
        self._told_missing.update(() if self._prune else settled.left)
        self._counts["moved"] += settled.moved
        self._counts["removed"] += settled.removed
        for location in sorted(settled.left):
            what = f"articles of {location.removesuffix(FORMERLY)}" if location.endswith(FORMERLY) else location
            _line("removed" if self._prune else "gone", what if self._prune else f"{what} (kept; --prune removes)")

    def _tell(self, source: str, bad: Sequence[ReadError]) -> None:
        """Print problems, each one once for as long as it lasts."""
        now = {str(error) for error in bad}
        for error in bad:
            if str(error) not in self._told.get(source, ()):
                say(str(error))
                self._told.setdefault(source, set()).add(str(error))
        self._told[source] = now


def _line(kind: str, words: str) -> None:
    moment = datetime.now(UTC).astimezone()
    print(f"{moment:%Y-%m-%d %H:%M:%S}  {kind:9} {' '.join(words.split())}", flush=True)


def _now() -> str:
    return (datetime.now(UTC) - _SLACK).isoformat(timespec="seconds")


_MOST_BACK_OFF = 16  # most intervals to wait for a failing source


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
        existing_or_new(options) as library,
    ):
        sources = [source_of(path, read_options, web, options.limit) for path in options.paths]
        due = [0.0] * len(sources)
        failures = [0] * len(sources)
        print(f"Watching {', '.join(source.name for source in sources)}; Ctrl-C stops.", flush=True)
        folders = [source.path for source in sources if isinstance(source, FileSource)]
        watching = Watching(library, stop.is_set, folders, prune=options.prune)
        with ChangedFiles(folders, stop) as changed:
            while not stop.is_set():
                for number, source in enumerate(sources):
                    if due[number] > time.monotonic() or stop.is_set():
                        continue
                    asked = watching.look(source)
                    failures[number] = 0 if asked is None else failures[number] + 1
                    due[number] = time.monotonic() + next_look(options.interval, failures[number], asked or 0.0)
                watching.take([FileSource(path, read_options) for path in changed.settled()])
                watching.ask_saved(options.precision)
    say(f"stopped; {watching.summary()}")
    return 0


def next_look(interval: float, failures: int, asked: float) -> float:
    """Return the seconds until the next scan of a source.

    asked: seconds that its server asked for. Failures double the wait, up to sixteen intervals.
    """
    return max(interval * min(2.0**failures, _MOST_BACK_OFF), asked)
