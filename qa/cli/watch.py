"""`citewire watch`: adds changes in folders, feeds and pages until Ctrl-C."""

import argparse
import random
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from corpus.article import Article
from corpus.errors import LibraryBusy, ReadError, UsageError
from corpus.store.origins import FORMERLY
from corpus.store.store import Added
from corpus.web.fetch_answer import FetchError
from embeddings.library.library import Library
from qa.cli.add import check_addresses, existing_or_new, read_options_of
from qa.cli.changed_files import ChangedFiles
from qa.cli.missing_sources import settle_missing
from qa.cli.opening import stopping
from qa.cli.sources import CurrentOrigins, FileSource, Problems, Source, Survey, WebAccess, WebSource, is_address

_SLACK = timedelta(seconds=2)


class Watching:
    """Keeps a library up to date. Prints a line per change, and each new problem on standard error.

    stop: tells when to stop adding. prune: remove the articles of missing files.
    """

    def __init__(self, library: Library, stop: Callable[[], bool], *, prune: bool) -> None:
        self._library = library
        self._known = CurrentOrigins(library)
        self._stop = stop
        self._prune = prune
        self._told: dict[str, set[str]] = {}
        self._told_missing: set[str] = set()
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
                missing += self._add(files, problems).missing if files.path.exists() else files.locations(self._known)
            except LibraryBusy as error:
                problems.bad.append(ReadError(files.name, str(error)))
            self._tell(files.name, problems.bad)
        self._settle(missing, since)

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

    def _settle(self, missing: Sequence[str], since: str) -> None:
        fresh = [location for location in missing if location not in self._told_missing]
        if not fresh or self._stop():
            return
        settled = settle_missing(self._library, fresh, since=since, prune=self._prune)
        self._told_missing.update(() if self._prune else settled.left)
        self._counts["moved"] += settled.moved
        self._counts["removed"] += settled.removed
        for location in settled.left:
            what = f"articles of {location.removesuffix(FORMERLY)}" if location.endswith(FORMERLY) else location
            _line("removed" if self._prune else "gone", what if self._prune else f"{what} (kept; --prune removes)")

    def _tell(self, source: str, bad: Sequence[ReadError]) -> None:
        """Print problems, each one once for as long as it lasts."""
        now = {str(error) for error in bad}
        for error in bad:
            if str(error) not in self._told.get(source, ()):
                print(f"citewire: {error}", file=sys.stderr, flush=True)
                self._told.setdefault(source, set()).add(str(error))
        self._told[source] = now


def _line(kind: str, words: str) -> None:
    moment = datetime.now(UTC).astimezone()
    print(f"{moment:%Y-%m-%d %H:%M:%S}  {kind:9} {' '.join(words.split())}", flush=True)


def _now() -> str:
    return (datetime.now(UTC) - _SLACK).isoformat(timespec="seconds")


_JITTER = 0.1  # share of the interval, so that many users do not all ask at the same second
_MOST_BACK_OFF = 16  # most intervals to wait for a failing source


def watch(options: argparse.Namespace) -> int:
    """Add all sources, then their changes. Return 0 when stopped by Ctrl-C."""
    check_addresses(options)
    if options.interval < 1:
        raise UsageError(f"--interval {options.interval:g}: give at least one second")
    for path in options.paths:
        if not is_address(path) and not Path(path).is_dir():
            raise UsageError(f"{path} is no folder: watch folders, and addresses of feeds and pages")
    read_options = read_options_of(options)
    with (
        stopping("stopping after the articles in hand") as stop,
        closing(WebAccess(stop, allow_private=options.allow_private)) as web,
        existing_or_new(options) as library,
    ):
        sources: Sequence[FileSource | WebSource] = [
            WebSource(path, read_options, web, options.limit)
            if is_address(path)
            else FileSource(Path(path), read_options)
            for path in options.paths
        ]
        watching = Watching(library, stop.is_set, prune=options.prune)
        due = [0.0] * len(sources)
        failures = [0] * len(sources)
        print(f"Watching {', '.join(source.name for source in sources)}; Ctrl-C stops.", flush=True)
        folders = [source.path for source in sources if isinstance(source, FileSource)]
        with ChangedFiles(folders, stop) as changed:
            while not stop.is_set():
                for number, source in enumerate(sources):
                    if due[number] > time.monotonic() or stop.is_set():
                        continue
                    asked = watching.look(source)
                    failures[number] = 0 if asked is None else failures[number] + 1
                    due[number] = time.monotonic() + next_look(options.interval, failures[number], asked or 0.0)
                watching.take([FileSource(path, read_options) for path in changed.settled()])
    print(f"citewire: stopped; {watching.summary()}", file=sys.stderr)
    return 0


def next_look(interval: float, failures: int, asked: float) -> float:
    """Return the seconds until the next scan of a source.

    asked: seconds that its server asked for. Failures double the wait, up to sixteen intervals.
    """
    jittered = interval * (1 + random.uniform(-_JITTER, _JITTER))
    return max(jittered * min(2.0**failures, _MOST_BACK_OFF), asked)
