"""`citewire add`: reads what is new or has changed, says what was done, and leaves the rest alone."""

import argparse
import json
import shutil
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Self

from corpus.cleaning.overrides import Overrides, parse_map
from corpus.errors import LibraryMissing, UsageError
from corpus.scan.changes import Known, NothingKnown, Way
from corpus.store.origins import Reading
from corpus.web.client import checked_address
from embeddings.encoder.encoder import Encoder, load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.index.heaps import share_heaps
from embeddings.library.adding import COMMIT_PASSAGES
from embeddings.library.library import AddProgress, AddReport, Library
from embeddings.opening import open_or_create_place, open_place
from embeddings.ray.cluster import Cluster
from qa.cli.add_report import AddNotes, AddSummary, print_trouble
from qa.cli.missing_sources import Gone, settle_gone
from qa.cli.opening import encoder_of, place_to_change, stopping
from qa.cli.sources import Files, LibraryPlaces, Net, Source, StandardInput, Survey, Trouble, Web, is_address

_EVERY_S = 0.1
_NAME_CHARACTERS = 12  # at least, also where the line is narrow
_COLUMNS = 76  # of all but the name


class AddLine:
    """Shows progress on one line of a terminal, and nothing elsewhere. total: files to read, 0 where it is unknown."""

    def __init__(self, total: int) -> None:
        from tqdm import tqdm

        known = total > 1
        shape = "adding {percentage:3.0f}%|{bar:10}| {n_fmt}/{total_fmt} files [{elapsed}<{remaining}]{postfix}"
        self._bar = tqdm(
            total=total if known else None,
            bar_format=shape if known else "adding {n_fmt} articles [{elapsed}]{postfix}",
            disable=not sys.stderr.isatty(),
            leave=False,
            dynamic_ncols=True,
        )
        self._known = known
        self._began = time.monotonic()
        self._shown = 0.0

    def show(self, done: AddProgress) -> None:
        """Show how far adding is, at most ten times a second."""
        now = time.monotonic()
        if self._bar.disable or now - self._shown < _EVERY_S:
            return
        self._shown = now
        room = max(_NAME_CHARACTERS, shutil.get_terminal_size().columns - _COLUMNS)
        self._bar.set_postfix_str(progress_words(done, now - self._began, room=room), refresh=False)
        self._bar.n = done.places if self._known else done.articles
        self._bar.refresh()

    def close(self) -> None:
        """Take the line away."""
        self._bar.close()


@contextmanager
def add_line(total: int) -> Iterator[AddLine]:
    """Give a progress line until the block ends."""
    line = AddLine(total)
    try:
        yield line
    finally:
        line.close()


def progress_words(done: AddProgress, seconds: float, *, room: int) -> str:
    """Return how many articles are done a second, and which is in hand: the last `room` characters of its name."""
    rate = done.articles / seconds if seconds > 0 else 0.0
    name = done.current or ""
    if len(name) > room:
        name = "…" + name[1 - room :]
    return f"{rate:.1f} articles/s, {name}"


OVERRIDES = ("source", "author", "published", "url", "title", "language")
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Spread:
    """A Ray cluster that reads and encodes, and its encoder."""

    cluster: Cluster
    encoder: Encoder

    @classmethod
    def start(cls, options: argparse.Namespace, library: Library | None, stack: ExitStack) -> Self:
        """Connect to the cluster that the command names, until the stack is closed. Raises CitewireError."""
        cluster = stack.enter_context(_cluster_of(options, library))
        return cls(cluster, cluster.encoder())


def add(options: argparse.Namespace) -> int:
    """Add what the paths and addresses name; 1 when something could not be read, with all the rest added."""
    way, trouble = way_of(options), Trouble()
    check_addresses(options)
    share_heaps()
    place = place_to_change(options)
    started, since = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    with ExitStack() as stack, stopping("stopping after the articles in hand") as stop:
        net = stack.enter_context(closing(Net(stop, allow_private=options.allow_private)))
        sources = [source_of(path, way, net, options.limit) for path in options.paths]
        library = existing(place, options, stack)
        known: Known = LibraryPlaces(library) if library else NothingKnown()
        surveys = [source.survey(known, trouble) for source in sources]
        report = None
        spread = None
        notes = AddNotes(named=options.json)
        if options.ray and any(survey.to_read for survey in surveys):
            spread = Spread.start(options, library, stack)
        readings = _readings(sources, surveys, known, trouble, spread)
        if library is None:
            # Nothing to add: an empty library left behind would hide the bundled collection from then on.
            readings = _from_first_article(readings)
            first = next(readings, None)
            if first is not None:
                library = stack.enter_context(made(place, options, spread))
                readings = chain([first], readings)
        if library is not None and any(survey.to_read for survey in surveys):
            with add_line(sum(survey.to_read for survey in surveys)) as line:
                report = library.add_from(
                    readings,
                    progress=line.show,
                    each=notes.note,
                    stop=stop.is_set,
                    encoder=spread.encoder if spread else None,
                    at_once=spread.cluster.at_once if spread else COMMIT_PASSAGES,
                )
            surveys = [_again(source, library, survey) for source, survey in zip(sources, surveys, strict=True)]
        stopped = stop.is_set()
        gone = Gone()
        if library is not None and not stopped:
            locations = [location for survey in surveys for location in survey.gone]
            gone = settle_gone(library, locations, since=since, prune=options.prune)
    summary = _summary(place, report, surveys, trouble.same, gone, time.perf_counter() - started, sources)
    if options.json:
        print(json.dumps(summary.to_json(notes, trouble, gone), ensure_ascii=False, indent=2))
        return INTERRUPTED if stopped else int(bool(trouble.bad))
    if library is not None:
        print(summary.line())
    for told in notes.lines():
        print(f"citewire: {told}", file=sys.stderr)
    code = print_trouble(trouble, "everything else was added" if library is not None else "nothing was added")
    if stopped and library is not None:
        print(
            "citewire: stopped; what is counted above is kept, the same command goes on with the rest", file=sys.stderr
        )
    if stopped:
        return INTERRUPTED
    if gone.left and not options.prune:
        print(f"citewire: {gone.sentence()}", file=sys.stderr)
    return code


def way_of(options: argparse.Namespace) -> Way:
    """Return how the command reads files. Raises UsageError for a date or a map that is none."""
    given = {name: getattr(options, name) for name in OVERRIDES}
    mapped = parse_map(options.map) if options.map else ()
    return Way(Overrides(**given, mapped=mapped), again=options.again)


def check_addresses(options: argparse.Namespace) -> None:
    """Raise UsageError for an address among the paths that is never fetched, and for a limit that lets nothing in."""
    for path in filter(is_address, options.paths):
        try:
            checked_address(path, any_port=options.allow_private)
        except ValueError as error:
            raise UsageError(f"{path}: {error}") from None
    if options.limit < 1:
        raise UsageError(f"--limit {options.limit}: at least one page of a feed has to be read")


def source_of(path: str, way: Way, net: Net, limit: int) -> Source:
    """Return what a path, an address or - stands for; limit: how many pages of a feed are read."""
    if is_address(path):
        return Web(path, way, net, limit)
    return StandardInput(way) if path == "-" else Files(Path(path), way)


def existing(place: str, options: argparse.Namespace, stack: ExitStack) -> Library | None:
    """Return the library of this name, None where there is none yet; its own model is loaded once it is needed."""
    encoder = encoder_of(options) if options.model else None
    try:
        return stack.enter_context(open_place(place, encoder=encoder, precision=options.precision))
    except LibraryMissing:
        return None


def made(place: str, options: argparse.Namespace, spread: Spread | None = None) -> Library:
    """Make the library of this name, or open it where somebody else has just made it."""
    return open_or_create_place(place, encoder=lambda: spread.encoder if spread else encoder_of(options))


@contextmanager
def existing_or_new(options: argparse.Namespace) -> Iterator[Library]:
    """Give the library that the command changes, made where there is none."""
    place = place_to_change(options)
    with ExitStack() as stack:
        library = existing(place, options, stack)
        yield library or stack.enter_context(made(place, options))


def _readings(
    sources: Sequence[Source], surveys: Sequence[Survey], known: Known, trouble: Trouble, spread: Spread | None
) -> Iterator[Reading]:
    for source, survey in zip(sources, surveys, strict=True):
        if not survey.to_read:
            continue
        if spread is not None and isinstance(source, Files):
            yield from source.readings_on(spread.cluster, known, trouble)
        else:
            yield from source.readings(known, trouble)


def _from_first_article(readings: Iterator[Reading]) -> Iterator[Reading]:
    """Yield the readings from the first one on that has an article; asked for the next, the articles go on."""
    for reading in readings:
        articles = iter(reading.articles)
        first = next(articles, None)
        if first is not None:
            yield Reading(reading.location, chain([first], articles), reading.end, reading.whole)
            yield from readings
            return


def _again(source: Source, library: Library, survey: Survey) -> Survey:
    """Return the survey with what is gone now: a file that was read anew may have lost some of its articles."""
    if not isinstance(source, Files) or not survey.to_read:
        return survey
    now = source.survey(LibraryPlaces(library), Trouble())
    return Survey(survey.to_read, survey.as_before, now.gone)


def _summary(
    place: str,
    report: AddReport | None,
    surveys: Sequence[Survey],
    same: int,
    gone: Gone,
    seconds: float,
    sources: Sequence[Source],
) -> AddSummary:
    """Return what was done in numbers."""
    counts = {
        "added": report.added if report else 0,
        "replaced": report.replaced if report else 0,
        "unchanged": report.unchanged if report else 0,
        "moved": gone.moved,
        "removed": gone.removed,
    }
    before = same + sum(survey.as_before for survey in surveys)
    stopped = report is not None and report.stopped
    passages = report.passages if report else 0
    return AddSummary(place, counts, before, _places(sources, before), passages, seconds, stopped)


def _places(sources: Sequence[Source], count: int) -> str:
    """Return what the places are called that were read."""
    one, many = ("file", "files")
    if any(isinstance(source, Web) for source in sources):
        one, many = ("page", "pages") if all(isinstance(source, Web) for source in sources) else ("place", "places")
    return one if count == 1 else many


def _cluster_of(options: argparse.Namespace, library: Library | None) -> Cluster:
    """Return the Ray cluster that the command names, with the library's model. Raises CitewireError."""
    model = options.model or (library.manifest.model_name if library else DEFAULT_MODEL)
    return Cluster(options.ray, partial(load_encoder, model, precision=options.precision))
