"""`citewire add`: reads new and changed sources, shows its progress, and reports what was done."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import chain
from typing import Any

from corpus.article import Article
from corpus.cleaning.clean import is_garbled
from corpus.readers.registry import what_to_do
from corpus.scan.changes import NoOrigins
from corpus.store.origins import KnownOrigins, ScannedOrigin
from corpus.store.records import Added
from corpus.web.client import Fetcher
from embeddings.encoder.encoder import load_encoder
from embeddings.encoder.model_files import DEFAULT_MODEL
from embeddings.library.library import CurrentOrigins, Library
from embeddings.library.protocol import COMMIT_PASSAGES, AddProgress, AddReport
from embeddings.ray.cluster import Cluster
from qa.cli.missing import MissingReport, settle
from qa.cli.opening import existing_library, library_address, new_library
from qa.cli.sources import FileSource, Problems, Source, Survey, check_paths, read_options_of, source_of
from qa.cli.terminal import INTERRUPTED, print_json, stopping
from qa.output.plain_text import plural, say

_MOST_NAMED = 2
_REMARKS = {
    "replaced_from_elsewhere": "instead of what was read elsewhere before",
    "new_versions": "in a new version",
    "kept_apart": "with the address, or the outlet, title and day, of another with quite another text, kept beside it",
    "without_day": "without a day (left out by --after and --before)",
    "without_outlet": "without an outlet (left out by --source)",
    "stubs": "with only the beginning of a text that must be paid for (stubs)",
    "garbled": "with characters decoded wrongly or lost before (export them again as UTF-8, and add that)",
}
"""What is remarked on articles, as `--json` names it, and in words."""
_NAME_CHARACTERS = 24  # of a file's name, its end: the line fits into 100 columns


def add_command(options: argparse.Namespace) -> int:
    """Add the articles of the paths and addresses. Return 1 if something could not be read; the rest is added."""
    read_options, problems, notes = read_options_of(options), Problems(), AddNotes(keeps_all=options.json)
    check_paths(options)
    started, since = time.perf_counter(), datetime.now(UTC).isoformat(timespec="seconds")
    report, missing = AddReport(0, 0, 0, 0, 0.0), MissingReport()
    with ExitStack() as stack, stopping("stopping after the articles in hand") as stop:
        web = stack.enter_context(Fetcher(allow_private=options.allow_private, stop=stop))
        sources = [source_of(path, read_options, web, options.limit) for path in options.paths]
        if (library := existing_library(options)) is not None:
            stack.enter_context(library)
        known: KnownOrigins = CurrentOrigins(library) if library else NoOrigins()
        surveyed = [(source, source.survey(known, problems)) for source in sources]
        todo = [source for source, survey in surveyed if survey.to_read]
        cluster = stack.enter_context(_cluster_of(options, library)) if options.ray and todo else None
        scanned: Iterator[ScannedOrigin] = (each for source in todo for each in source.scan(known, problems, cluster))
        if library is None and (found := _from_first_article(scanned)):
            scanned, library = found, stack.enter_context(new_library(options, cluster))
        if library is not None and todo:
            with add_line(sum(survey.to_read for _, survey in surveyed)) as progress:
                report = library.add_from(
                    scanned,
                    progress=progress,
                    each=notes.note,
                    stop=stop.is_set,
                    encoder=cluster,
                    at_once=cluster.at_once if cluster else COMMIT_PASSAGES,
                )
        stopped = stop.is_set()
        if library is not None and not stopped:
            missing = _settle_missing(library, surveyed, options, since)
    as_before = problems.same + sum(survey.as_before for _, survey in surveyed)
    units = {source.unit for source in sources}
    unit = units.pop() if len(units) == 1 else "source"
    summary = AddSummary(library_address(options), report, missing, as_before, unit, time.perf_counter() - started)
    code = INTERRUPTED if stopped else int(bool(problems.bad or missing.folders))
    if options.json:
        print_json(summary.to_json(notes, problems))
        return code
    if library is not None:
        print(summary.line())
    for line in notes.lines():
        say(line)
    print_problems(problems, "everything else was added" if report.added or report.replaced else "nothing was added")
    if stopped and library is not None:
        say("stopped; what is counted above is kept, the same command goes on with the rest")
    for sentence in missing.sentences():
        say(sentence)
    return code


def _from_first_article(scanned: Iterator[ScannedOrigin]) -> Iterator[ScannedOrigin] | None:
    """Return the origins from the first one with an article on, None if none has one.

    Then no library is made: an empty one would hide the bundled collection from now on.
    """
    for origin in scanned:
        articles = iter(origin.articles)
        for first in articles:
            return chain([replace(origin, articles=chain([first], articles))], scanned)
    return None


def _cluster_of(options: argparse.Namespace, library: Library | None) -> Cluster:
    """Return the command's Ray cluster, with the library's model. Raises CitewireError."""
    model = options.model or (library.manifest.model_name if library else DEFAULT_MODEL)
    return Cluster(options.ray, partial(load_encoder, model, precision=options.precision))


def _settle_missing(
    library: Library, surveyed: Sequence[tuple[Source, Survey]], options: argparse.Namespace, since: str
) -> MissingReport:
    """Settle what is missing after adding: a file that was read again may have lost articles."""
    files: list[str] = []
    with_folder: dict[str, str] = {}
    for source, survey in surveyed:
        is_read = isinstance(source, FileSource) and survey.to_read
        now = source.survey(CurrentOrigins(library), Problems()) if is_read else survey
        files += now.missing
        with_folder |= now.missing_with_folder
    if options.prune_folders:
        files, with_folder = [*files, *with_folder], {}
    settled = settle(library, files, since=since, prune=options.prune or options.prune_folders)
    kept = settle(library, list(with_folder), since=since, prune=False)
    for source, survey in surveyed:
        if isinstance(source, FileSource) and (survey.to_read or options.prune):
            settled += settle(library, source.moved_from(library), since="", prune=False)
    return MissingReport(settled, kept, frozenset(with_folder[location] for location in kept.locations))


@contextmanager
def add_line(total: int) -> Iterator[Callable[[AddProgress], None]]:
    """Give a function that shows progress on one line of a terminal. Elsewhere it shows nothing.

    total: number of files to read, 0 if unknown.
    """
    from tqdm import tqdm

    known = total > 1
    shape = "adding {percentage:3.0f}%|{bar:10}| {n_fmt}/{total_fmt} files [{elapsed}<{remaining}]{postfix}"
    began = time.monotonic()
    with tqdm(
        total=total if known else None,
        bar_format=shape if known else "adding {n_fmt} articles [{elapsed}]{postfix}",
        disable=not sys.stderr.isatty(),
        leave=False,
        dynamic_ncols=True,
        miniters=0,
    ) as bar:

        def show(done: AddProgress) -> None:
            rate, name = done.articles / max(time.monotonic() - began, 0.1), (done.current or "")[-_NAME_CHARACTERS:]
            bar.set_postfix_str(f"{rate:.1f} articles/s, {name}", refresh=False)
            bar.update((done.origins_done if known else done.articles) - bar.n)

        yield show


class AddNotes:
    """Remarks on the articles that a run added or replaced, counted by kind, each kind with the first of its articles.

    keeps_all: keep the names of all of them, for `--json`.
    """

    def __init__(self, *, keeps_all: bool = False) -> None:
        self._keeps_all = keeps_all
        self._counts = Counter[str]()
        self.named: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _REMARKS}

    def note(self, article: Article, added: Added) -> None:
        """Record an article that was added or replaced."""
        name = {"article": added.article, "title": article.heading, "path": article.path}
        if added.former is not None:
            self._note("replaced_from_elsewhere", {**name, "former": added.former})
        elif added.kind == "replaced":
            self._note("new_versions", name)
        if added.apart is not None and added.kind == "added":
            self._note("kept_apart", {**name, "other": added.apart})
        if article.is_stub:
            self._note("stubs", name)
        if is_garbled(article.text):
            self._note("garbled", name)
        if article.published is None:
            self._note("without_day", name)
        if article.source is None:
            self._note("without_outlet", name)

    def _note(self, kind: str, name: dict[str, Any]) -> None:
        self._counts[kind] += 1
        if self._keeps_all or self._counts[kind] <= _MOST_NAMED + 1:
            self.named[kind].append(name)

    def lines(self) -> list[str]:
        """Return the remarks, a line for each kind, with the first articles of it."""
        return [
            f"{plural(self._counts[kind], 'article')} {words}: {_named(self.named[kind])}"
            for kind, words in _REMARKS.items()
            if self._counts[kind]
        ]


def _named(notes: Sequence[Mapping[str, Any]]) -> str:
    """Return the first articles by title and path, and where each was read before."""
    first = ", ".join(
        f'"{each["title"]}" in {each["path"] or "what came in"}'
        + (f" (before: {each['former']})" if "former" in each else "")
        for each in notes[:_MOST_NAMED]
    )
    return first + (" …" if len(notes) > _MOST_NAMED else "")


@dataclass(frozen=True, slots=True)
class AddSummary:
    """What a run has done. as_before: number of files or pages that were not read again. unit: the word for one."""

    library: str
    report: AddReport
    missing: MissingReport
    as_before: int
    unit: str
    seconds: float

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of articles, by what became of them."""
        report, missing = self.report, self.missing
        moved = missing.files.moved + missing.with_folder.moved
        added = {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}
        return added | {"moved": moved, "removed": missing.files.removed}

    def line(self) -> str:
        """Return the numbers in one line."""
        counts = ", ".join(f"{count:,} {what}" for what, count in self.counts.items() if count or what == "added")
        as_before = f"; {plural(self.as_before, self.unit)} as before" if self.as_before else ""
        passages = plural(self.report.passages, "passage")
        return f"{self.library}: {counts}{as_before} ({passages} in {self.seconds:.1f} s)"

    def to_json(self, notes: AddNotes, problems: Problems) -> dict[str, Any]:
        """Return the whole report as JSON."""
        return {
            "library": self.library,
            **self.counts,
            "as_before": self.as_before,
            "passages": self.report.passages,
            "seconds": round(self.seconds, 3),
            "stopped": self.report.stopped,
            **notes.named,
            "not_read": [{"where": error.where, "why": error.why} for error in problems.bad],
            "passed_over": problems.skipped.total(),
            "gone": sorted(self.missing.files.locations),
            "gone_folders": sorted(self.missing.folders),
        }


def print_problems(problems: Problems, rest: str) -> None:
    """Print what was not read."""
    for advice in dict.fromkeys(map(what_to_do, problems.skipped)):
        ends = sorted(end for end in problems.skipped if what_to_do(end) == advice)
        count = plural(sum(problems.skipped[end] for end in ends), "file")
        say(f"passed over {count} ({', '.join(ends[:6])}): where one holds an article, {advice}, and add that")
    for error in problems.bad:
        say(str(error))
    if problems.bad:
        say(f"{len(problems.bad):,} could not be read; {rest}")
