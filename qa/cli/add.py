"""`citewire add`: reads new and changed sources and reports what was done."""

import argparse
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from pathlib import Path

from corpus.errors import LibraryMissing, UsageError
from corpus.scan.changes import NoKnownSources, ReadOptions
from corpus.scan.files import Overrides, parse_map
from corpus.store.origins import KnownSources, ScannedSource
from corpus.web.client import Fetcher, checked_address
from embeddings.encoder.encoder import Encoder, load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.library.library import CurrentOrigins, Library
from embeddings.library.protocol import COMMIT_PASSAGES, AddReport
from embeddings.opening import open_library_at, open_or_create_library_at
from embeddings.ray.cluster import Cluster
from qa.cli.add_report import (
    AddNotes,
    AddSummary,
    MissingSources,
    add_line,
    print_problems,
)
from qa.cli.opening import encoder_of, library_address, print_json, stopping
from qa.cli.sources import (
    FileSource,
    Problems,
    Source,
    StandardInput,
    Survey,
    WebSource,
    is_address,
)
from qa.output.plain_text import say

OVERRIDES = ("source", "author", "published", "url", "title", "language")
INTERRUPTED = 130


def add_command(options: argparse.Namespace) -> int:
    """Add the articles of the paths and addresses. Return 1 if something could not be read; the rest is added."""
    read_options, problems = read_options_of(options), Problems()
    check_paths(options)
    address, prune = library_address(options), options.prune or options.prune_folders
    started, since = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    with ExitStack() as stack, stopping("stopping after the articles in hand") as stop:
        web = stack.enter_context(Fetcher(allow_private=options.allow_private, stop=stop))
        sources = [source_of(path, read_options, web, options.limit) for path in options.paths]
        library = existing(address, options, stack)
        known: KnownSources = CurrentOrigins(library) if library else NoKnownSources()
        surveys = [source.survey(known, problems) for source in sources]
        report = AddReport(0, 0, 0, 0, 0.0)
        cluster: Cluster | None = None
        encoder: Encoder | None = None
        notes = AddNotes(keeps_all=options.json)
        if options.ray and any(survey.to_read for survey in surveys):
            cluster = stack.enter_context(_cluster_of(options, library))
            encoder = cluster.encoder()
        todo = [source for source, survey in zip(sources, surveys, strict=True) if survey.to_read]
        scanned: Iterator[ScannedSource] = (each for source in todo for each in source.scan(known, problems, cluster))
        if library is None:
            # Nothing to add. An empty library would hide the bundled collection from now on.
            scanned = _from_first_article(scanned)
            first = next(scanned, None)
            if first is not None:
                library = stack.enter_context(made(address, options, encoder))
                scanned = chain([first], scanned)
        if library is not None and any(survey.to_read for survey in surveys):
            with add_line(sum(survey.to_read for survey in surveys)) as line:
                report = library.add_from(
                    scanned,
                    progress=line,
                    each=notes.note,
                    stop=stop.is_set,
                    encoder=encoder,
                    at_once=cluster.at_once if cluster else COMMIT_PASSAGES,
                )
            surveys = [_again(source, library, survey) for source, survey in zip(sources, surveys, strict=True)]
        stopped = stop.is_set()
        missing, absent = MissingSources(), MissingSources()
        if library is not None and not stopped:
            locations = [location for survey in surveys for location in survey.missing]
            missing.settle(library, locations, since=since, prune=prune)
            folders = {location: folder for survey in surveys for location, folder in survey.absent.items()}
            lying = missing if options.prune_folders else absent
            lying.settle(library, list(folders), since=since, prune=options.prune_folders)
            missing.moved += absent.moved
            missing.absent, missing.folders = absent.articles, {folders[location] for location in absent.left}
            for source, survey in zip(sources, surveys, strict=True):
                if isinstance(source, FileSource) and (survey.to_read or options.prune):
                    missing.settle(library, source.moved_from(library), since="", prune=False)
    before = problems.same + sum(survey.as_before for survey in surveys)
    kinds = {source.kind for source in sources}
    kind = kinds.pop() if len(kinds) == 1 else "source"
    summary = AddSummary(address, report, missing, before, kind, time.perf_counter() - started)
    if options.json:
        print_json(summary.to_json(notes, problems))
        return INTERRUPTED if stopped else int(bool(problems.bad or missing.folders))
    if library is not None:
        print(summary.line())
    for told in notes.lines():
        say(told)
    is_new = summary.counts["added"] or summary.counts["replaced"]
    code = print_problems(problems, "everything else was added" if is_new else "nothing was added")
    if stopped and library is not None:
        say("stopped; what is counted above is kept, the same command goes on with the rest")
    if stopped:
        return INTERRUPTED
    for sentence in missing.sentences(pruned=prune):
        say(sentence)
    return max(code, int(bool(missing.folders)))


def read_options_of(options: argparse.Namespace) -> ReadOptions:
    """Return the command's read options. Raises UsageError for an invalid date or map."""
    given = {name: getattr(options, name) for name in OVERRIDES}
    mapped = parse_map(options.map) if options.map else ()
    return ReadOptions(Overrides(**given, mapped=mapped), again=options.again)


def check_paths(options: argparse.Namespace) -> None:
    """Raise UsageError for an empty path, an address that is never fetched, and a limit below one."""
    if "" in options.paths:
        raise UsageError("a path is empty: name a file, a folder or an address (the current folder is .)")
    for path in filter(is_address, options.paths):
        try:
            checked_address(path, any_port=options.allow_private)
        except ValueError as error:
            raise UsageError(f"{path}: {error}") from None
    if options.limit < 1:
        raise UsageError(f"--limit {options.limit}: at least one page of a feed has to be read")


def source_of(path: str, read_options: ReadOptions, web: Fetcher, limit: int) -> Source:
    """Return the source of a path, an address or "-". limit: most pages read of a feed."""
    if is_address(path):
        return WebSource(path, read_options, web, limit)
    return StandardInput(read_options) if path == "-" else FileSource(Path(path), read_options)


def existing(address: str, options: argparse.Namespace, stack: ExitStack) -> Library | None:
    """Return the library at this address, None if there is none yet. Its model is loaded when needed."""
    encoder = encoder_of(options) if options.model else None
    try:
        return stack.enter_context(open_library_at(address, encoder=encoder, precision=options.precision))
    except LibraryMissing:
        return None


def made(address: str, options: argparse.Namespace, encoder: Encoder | None = None) -> Library:
    """Create the library at this address, or open it if another process has just created it."""
    return open_or_create_library_at(address, encoder=lambda: encoder or encoder_of(options))


@contextmanager
def existing_or_new(options: argparse.Namespace) -> Iterator[Library]:
    """Give the library that the command changes. Create it if there is none."""
    address = library_address(options)
    with ExitStack() as stack:
        library = existing(address, options, stack)
        yield library or stack.enter_context(made(address, options))


def _from_first_article(scanned: Iterator[ScannedSource]) -> Iterator[ScannedSource]:
    """Skip sources without articles, and yield the rest, from the first one that has an article."""
    for source in scanned:
        articles = iter(source.articles)
        first = next(articles, None)
        if first is not None:
            yield ScannedSource(source.location, chain([first], articles), source.end, source.whole)
            yield from scanned
            return


def _again(source: Source, library: Library, survey: Survey) -> Survey:
    """Return the survey with the sources missing now: a file read again may have lost articles."""
    if not isinstance(source, FileSource) or not survey.to_read:
        return survey
    now = source.survey(CurrentOrigins(library), Problems())
    return Survey(survey.to_read, survey.as_before, now.missing, now.absent)


def _cluster_of(options: argparse.Namespace, library: Library | None) -> Cluster:
    """Return the command's Ray cluster, with the library's model. Raises CitewireError."""
    model = options.model or (library.manifest.model_name if library else DEFAULT_MODEL)
    return Cluster(options.ray, partial(load_encoder, model, precision=options.precision))
