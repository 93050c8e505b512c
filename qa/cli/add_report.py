"""What `citewire add` shows: its progress, a summary, remarks on some articles, and what was not read."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from corpus.article import Article
from corpus.cleaning.assemble import is_garbled
from corpus.readers.unread import what_to_do
from corpus.store.records import Added
from embeddings.library.library import Library
from embeddings.library.protocol import AddProgress, AddReport
from qa.cli.sources import Problems
from qa.output.plain_text import plural, say

_MOST_FOLDERS = 5
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
_NAME_CHARACTERS = 24  # the end of a file's name: so much fits into 100 columns


@dataclass(slots=True)
class MissingSources:
    """What became of missing sources.

    articles: number of articles in the library that no file has any more. moved: number of articles known by path that
    moved to another path. removed: number of articles removed for good. left: the sources that `articles` came from:
    missing files, and those that no longer hold them. folders: those that are gone or empty themselves; absent: number
    of articles that stay since they lay there.
    """

    articles: int = 0
    moved: int = 0
    removed: int = 0
    left: set[str] = field(default_factory=set)
    absent: int = 0
    folders: set[str] = field(default_factory=set)

    def settle(self, library: Library, locations: Sequence[str], *, since: str, prune: bool) -> None:
        """Forget missing files whose articles have other sources. With `prune`, remove the articles of the others.

        An article known by path whose content was added under another path since `since` has moved: its old entry is
        removed.
        """
        if not locations:
            return
        with library.snapshot() as snapshot:
            only = snapshot.origins.only_there(locations)
            gone = list(dict.fromkeys(article for articles in only.values() for article in articles))
            moved = set(snapshot.origins.renamed(gone, since=since)) if gone else set()
        lost = [article for article in gone if article not in moved]
        still = {location for location, articles in only.items() if any(article not in moved for article in articles)}
        to_remove = [*moved, *lost] if prune else [*moved]
        removed = library.remove(to_remove).removed if to_remove else ()
        library.forget(locations if prune else [location for location in locations if location not in still])
        self.articles += len(lost)
        self.moved += len(moved)
        self.removed += max(0, len(removed) - len(moved))
        self.left |= still

    def sentences(self, *, pruned: bool) -> list[str]:
        """Return what stays in the library and how to remove it. pruned: articles of missing files were removed."""
        told: list[str] = []
        if self.left and not pruned:
            files = plural(len(self.left), "file")
            told.append(f"{files}: gone, or with fewer articles than before; {_staying(self.articles, '--prune')}")
        if self.folders:
            named = ", ".join(sorted(self.folders)[:_MOST_FOLDERS])
            why = "gone or empty, as when a disk is not there"
            told.append(f"{named}: {why}; {_staying(self.absent, '--prune-folders')}")
        return told


def _staying(articles: int, option: str) -> str:
    stays, it = ("article stays", "it") if articles == 1 else ("articles stay", "them")
    return f"{articles:,} {stays} in the library; {option} removes {it}"


@contextmanager
def add_line(total: int) -> Iterator[Callable[[AddProgress], None]]:
    """Give what shows progress on one line of a terminal, and nothing elsewhere.

    total: files to read, 0 if unknown.
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
            bar.update((done.sources_done if known else done.articles) - bar.n)

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
    """Return the first articles by title and place, and where each was read before it came from there."""
    told = ", ".join(
        f'"{each["title"]}" in {each["path"] or "what came in"}'
        + (f" (before: {each['former']})" if "former" in each else "")
        for each in notes[:_MOST_NAMED]
    )
    return told + (" …" if len(notes) > _MOST_NAMED else "")


@dataclass(frozen=True, slots=True)
class AddSummary:
    """What a run has done. as_before: sources that were not read again. sources: the word for one of them."""

    library: str
    report: AddReport
    missing: MissingSources
    as_before: int
    sources: str
    seconds: float

    @property
    def counts(self) -> dict[str, int]:
        """Numbers of articles, by what became of them."""
        report, missing = self.report, self.missing
        added = {"added": report.added, "replaced": report.replaced, "unchanged": report.unchanged}
        return added | {"moved": missing.moved, "removed": missing.removed}

    def line(self) -> str:
        """Return the numbers in one line."""
        counted = ", ".join(f"{count:,} {what}" for what, count in self.counts.items() if count or what == "added")
        as_before = f"; {plural(self.as_before, self.sources)} as before" if self.as_before else ""
        return (
            f"{self.library}: {counted}{as_before} ({plural(self.report.passages, 'passage')} in {self.seconds:.1f} s)"
        )

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
            "gone": sorted(self.missing.left),
            "gone_folders": sorted(self.missing.folders),
        }


def print_problems(problems: Problems, rest: str) -> int:
    """Print what was not read, and return the exit code."""
    for what in dict.fromkeys(map(what_to_do, problems.skipped)):
        ends = sorted(end for end in problems.skipped if what_to_do(end) == what)
        count = plural(sum(problems.skipped[end] for end in ends), "file")
        say(f"passed over {count} ({', '.join(ends[:6])}): where one holds an article, {what}, and add that")
    for error in problems.bad:
        say(str(error))
    if problems.bad:
        say(f"{len(problems.bad):,} could not be read; {rest}")
    return int(bool(problems.bad))
