"""`citewire add`: reads new and changed sources, shows its progress, and reports what was done."""

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
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
from qa.cli.opening import existing_library, library_address, new_library
from qa.cli.sources import FileSource, Missing, Problems, Source, Survey, check_paths, read_options_of, source_of
from qa.cli.terminal import INTERRUPTED, print_json, stopping
from qa.output.plain_text import plural, say

_MOST_NAMED = 2
_MOST_FOLDERS = 5
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
    summary = AddSummary(library_address(options))
    with ExitStack() as stack, stopping("stopping after the articles in hand") as stop:
        web = stack.enter_context(Fetcher(allow_private=options.allow_private, stop=stop))
        sources = [source_of(path, read_options, web, options.limit) for path in options.paths]
        if (library := existing_library(options)) is not None:
            stack.enter_context(library)
        known: KnownOrigins = CurrentOrigins(library) if library else NoOrigins()
        surveyed = [(source, source.survey(known, problems)) for source in sources]
        todo = [source for source, survey in surveyed if survey.to_read]
        cluster = stack.enter_context(closing(_cluster_of(options, library))) if options.ray and todo else None
        scanned: Iterator[ScannedOrigin] = (each for source in todo for each in source.scan(known, problems, cluster))
        if library is None and (found := _from_first_article(scanned)):
            scanned, library = found, stack.enter_context(new_library(options, cluster))
        if library is not None and todo:
            with add_line(sum(survey.to_read for _, survey in surveyed)) as progress:
                summary.report = library.add_from(
                    scanned,
                    progress=progress,
                    each=notes.note,
                    stop=stop.is_set,
                    encoder=cluster,
                    at_once=cluster.at_once if cluster else COMMIT_PASSAGES,
                )
        stopped = stop.is_set()
        if library is not None and not stopped:
            summary.settle_missing(library, surveyed, options, since)
    summary.as_before = problems.same + sum(survey.as_before for _, survey in surveyed)
    summary.seconds = time.perf_counter() - started
    code = INTERRUPTED if stopped else int(bool(problems.bad or summary.folders))
    if options.json:
        print_json(summary.to_json(notes, problems))
        return code
    if library is not None:
        print(summary.line())
    for line in notes.lines():
        say(line)
    has_added = summary.report.added or summary.report.replaced
    print_problems(problems, "everything else was added" if has_added else "nothing was added")
    if stopped and library is not None:
        say("stopped; what is counted above is kept, the same command goes on with the rest")
    for sentence in summary.sentences():
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


@contextmanager
def add_line(total: int) -> Iterator[Callable[[AddProgress], None]]:
    """Give a function that shows progress on one line of a terminal. Elsewhere it shows nothing.

    total: number of files to read.
    """
    from tqdm import tqdm

    began = time.monotonic()
    with tqdm(
        total=total,
        bar_format="adding {percentage:3.0f}%|{bar:10}| {n_fmt}/{total_fmt} files [{elapsed}<{remaining}]{postfix}",
        disable=not sys.stderr.isatty(),
        leave=False,
        dynamic_ncols=True,
        miniters=0,
    ) as bar:

        def show(done: AddProgress) -> None:
            rate, name = done.articles / max(time.monotonic() - began, 0.1), (done.current or "")[-_NAME_CHARACTERS:]
            bar.set_postfix_str(f"{rate:.1f} articles/s, {name}", refresh=False)
            bar.update(done.origins_done - bar.n)

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
            name["former"] = added.former
        if added.apart is not None:
            name["other"] = added.apart
        remarks = {
            "replaced_from_elsewhere": added.former is not None,
            "new_versions": added.kind == "replaced" and added.former is None,
            "kept_apart": added.kind == "added" and added.apart is not None,
            "stubs": article.is_stub,
            "garbled": is_garbled(article.text),
            "without_day": article.published is None,
            "without_outlet": article.source is None,
        }
        for kind in filter(remarks.get, remarks):
            self._counts[kind] += 1
            if self._keeps_all or self._counts[kind] <= _MOST_NAMED:
                self.named[kind].append(name)

    def lines(self) -> list[str]:
        """Return the remarks, a line for each kind, with the first articles of it, and where each was read before."""
        lines = []
        for kind, words in _REMARKS.items():
            first = ", ".join(
                f'"{each["title"]}" in {each["path"] or "what came in"}'
                + (f" (before: {each['former']})" if "former" in each else "")
                for each in self.named[kind][:_MOST_NAMED]
            )
            if count := self._counts[kind]:
                more = " …" if count > _MOST_NAMED else ""
                lines.append(f"{plural(count, 'article')} {words}: {first}{more}")
        return lines


@dataclass(slots=True)
class AddSummary:
    """What a run has done.

    files: what became of the articles of missing files. with_folder: the same, where the folder is gone or empty too.
    folders: the folders of these, where articles of them stay. as_before: number of files that were not read again.
    """

    library: str
    report: AddReport = field(default_factory=lambda: AddReport(0, 0, 0, 0, 0.0))
    files: Missing = field(default_factory=Missing)
    with_folder: Missing = field(default_factory=Missing)
    folders: set[str] = field(default_factory=set)
    as_before: int = 0
    seconds: float = 0.0

    def settle_missing(
        self, library: Library, surveyed: Sequence[tuple[Source, Survey]], options: argparse.Namespace, since: str
    ) -> None:
        """Settle what is missing after adding: a file that was read again may have lost articles."""
        prune = options.prune or options.prune_folders
        for source, before in surveyed:
            survey = source.survey(CurrentOrigins(library), Problems()) if before.to_read else before
            self.files.settle(library, survey.missing, since=since, prune=prune)
            with_folder = survey.missing_with_folder
            self.with_folder.settle(library, list(with_folder), since=since, prune=options.prune_folders)
            self.folders |= {with_folder[location] for location in self.with_folder.locations & with_folder.keys()}
            if isinstance(source, FileSource) and (before.to_read or options.prune):
                self.files.settle(library, source.moved_from(library), since="", prune=False)
        if options.prune_folders:
            self.folders.clear()

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of articles, by what became of them."""
        report, both = self.report, (self.files, self.with_folder)
        added = {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}
        return added | {name: sum(getattr(each, name) for each in both) for name in ("moved", "removed")}

    def line(self) -> str:
        """Return the numbers in one line."""
        counts = ", ".join(f"{count:,} {what}" for what, count in self.counts.items() if count or what == "added")
        as_before = f"; {plural(self.as_before, 'source')} as before" if self.as_before else ""
        passages = plural(self.report.passages, "passage")
        return f"{self.library}: {counts}{as_before} ({passages} in {self.seconds:.1f} s)"

    def sentences(self) -> list[str]:
        """Return what stays in the library though its files are missing, and how to remove it."""
        found: list[str] = []
        if self.files.kept:
            files = plural(len(self.files.locations), "file")
            stay = f"{plural(self.files.kept, 'article')} kept, unless --prune is given"
            found.append(f"{files}: gone, or with fewer articles than before; {stay}")
        if self.folders:
            named = ", ".join(sorted(self.folders)[:_MOST_FOLDERS])
            stay = f"{plural(self.with_folder.kept, 'article')} kept, unless --prune-folders is given"
            found.append(f"{named}: gone or empty, as when a disk is not there; {stay}")
        return found

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
            "gone": sorted(self.files.locations),
            "gone_folders": sorted(self.folders),
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
