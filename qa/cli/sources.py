"""What `citewire add` and `citewire watch` read: files, folders, standard input and addresses, and what has gone."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from corpus.errors import ReadError, UsageError
from corpus.readers.archives import no_files
from corpus.scan.changes import (
    FileChange,
    ReadOptions,
    all_under,
    compare_file,
    compare_folder,
    read_changed,
)
from corpus.scan.files import (
    Overrides,
    absent_folder,
    file_status,
    is_missing,
    location_of,
    own_path,
    parse_map,
    read_bytes,
    reason,
)
from corpus.store.origins import FORMERLY, KnownSources, ScannedSource, without_source
from corpus.web.client import Fetcher, checked_address
from corpus.web.pages import AddressReader
from embeddings.library.library import Library
from embeddings.ray.cluster import Cluster
from qa.output.plain_text import plural

_MOST_FOLDERS = 5
_OVERRIDES = ("source", "author", "published", "url", "title", "language")


@dataclass(slots=True)
class Problems:
    """What could not be read, skipped files by the ends of their names, and the number of unchanged files."""

    bad: list[ReadError] = field(default_factory=list)
    skipped: Counter[str] = field(default_factory=Counter)
    same: int = 0

    def count_same(self) -> None:
        """Count a file with a new time but unchanged content."""
        self.same += 1

    def skip(self, path: Path) -> None:
        """Count a skipped file."""
        self.skipped[path.suffix.lower() or path.name] += 1


@dataclass(frozen=True, slots=True)
class Survey:
    """Numbers of files to read and of unchanged files; the locations of missing ones.

    absent: missing files whose folder is gone or empty, with that folder: its disk may just not be there.
    """

    to_read: int = 0
    as_before: int = 0
    missing: tuple[str, ...] = ()
    absent: Mapping[str, str] = field(default_factory=dict)


class Source(Protocol):
    """Something that articles are read from."""

    name: str
    kind: str
    """The word for what is counted of it: "file" or "page"."""

    def survey(self, known: KnownSources, problems: Problems) -> Survey:
        """Return what there is to do, without reading an article."""

    def scan(self, known: KnownSources, problems: Problems, cluster: Cluster | None = None) -> Iterator[ScannedSource]:
        """Read what is new or has changed, where it can be on the cluster."""


def _is_known(known: KnownSources, location: str) -> bool:
    """Tell whether the library has read this file, or one in this folder."""
    return known.at(location) is not None or bool(known.under(location, after="", limit=1))


class FileSource:
    """A file, or a folder and its subfolders. A link to one that the library knows is read as that."""

    kind = "file"

    def __init__(self, path: Path, read_options: ReadOptions) -> None:
        self.path = path
        self.name = str(path)
        self._read_options = read_options

    def survey(self, known: KnownSources, problems: Problems) -> Survey:
        """Compare files by size and time. What lay in a folder that is gone or empty is absent, not missing."""
        here, missing, counts = location_of(self.path), list[str](), Counter[bool]()
        if is_missing(here) and (known_here := self._locations(known)):
            missing = known_here
        else:
            counts.update(compared.changed for compared in self._compared(known, problems, missing))
            here = location_of(self.path)
            told = any(error.where.startswith(self.name) for error in problems.bad)
            if not (counts or missing or told) and self.path.is_dir():
                problems.bad.append(no_files(self.name, "folder"))
        root = here if any(location.startswith(f"{here}/") for location in missing) else here.rpartition("/")[0]
        parents = {each.rpartition("/")[0] for each in missing}
        nothing_left = here if self.path.is_dir() and not counts else None
        folders = {parent: absent_folder(f"{parent}/file", root) or nothing_left for parent in parents}
        absent = {each: folder for each in missing if (folder := folders[each.rpartition("/")[0]])}
        return Survey(counts[True], counts[False], tuple(each for each in missing if each not in absent), absent)

    def scan(self, known: KnownSources, problems: Problems, cluster: Cluster | None = None) -> Iterator[ScannedSource]:
        """Read the files that are new or have changed."""
        on_bad, on_same = problems.bad.append, problems.count_same
        compared = self._compared(known, Problems(), [])  # the survey has told of problems already
        changed = (each for each in compared if each.changed)
        if cluster is not None:
            yield from cluster.scan(changed, self._read_options, on_bad=on_bad, on_same=on_same)
            return
        for each in changed:
            yield read_changed(each, self._read_options, on_bad=on_bad, on_same=on_same)

    def _locations(self, known: KnownSources) -> list[str]:
        """Return the stored locations of this file or folder, which is missing."""
        here = location_of(self.path)
        own = [location for location in (here, here + FORMERLY) if known.at(location)]
        return [*own, *(origin.location for origin in all_under(known, here))]

    def moved_from(self, library: Library) -> list[str]:
        """Return the stored locations that are missing, and of which each file lies here now, the same as it was."""
        with library.snapshot() as snapshot:
            copies = snapshot.origins.copies_elsewhere(location_of(self.path))
        return [location for location in copies if is_missing(location)]

    def _known_path(self, known: KnownSources) -> Path:
        """Return the path that links lead to where the library knows only that one, else the path as given."""
        here, real = location_of(self.path), own_path(self.path)
        is_link = real != here and not _is_known(known, here) and _is_known(known, real)
        return Path(real) if is_link else self.path

    def _compared(self, known: KnownSources, problems: Problems, missing: list[str]) -> Iterator[FileChange]:
        """Compare the files with what is known of them. missing: gets the locations of those that are not there."""
        self.path = self._known_path(known)
        try:
            self.path.stat()  # raises for a missing file and for circular links
            if self.path.is_dir():
                yield from compare_folder(
                    self.path,
                    location_of(self.path),
                    known,
                    self._read_options,
                    on_bad=problems.bad.append,
                    on_skipped=problems.skip,
                    on_missing=missing.append,
                )
            elif self.path.is_file():
                yield compare_file(file_status(self.path), known, self._read_options)
            else:
                problems.bad.append(ReadError(self.name, "it is neither a file nor a folder: check the path"))
        except OSError as error:
            problems.bad.append(ReadError(self.name, reason(error)))


@dataclass(slots=True)
class StandardInput:
    """Standard input."""

    read_options: ReadOptions
    name: str = "standard input"
    kind: str = "file"

    def survey(self, known: KnownSources, problems: Problems) -> Survey:
        """Return one source to read."""
        return Survey(to_read=1)

    def scan(self, known: KnownSources, problems: Problems, cluster: Cluster | None = None) -> Iterator[ScannedSource]:
        """Read standard input. No source is stored."""
        data, overrides = sys.stdin.buffer.read(), self.read_options.overrides
        yield without_source(read_bytes(data, name=self.name, overrides=overrides, on_bad=problems.bad.append))


@dataclass(slots=True)
class WebSource:
    """The address of a page or a feed. limit: most pages read of a feed."""

    name: str
    read_options: ReadOptions
    web: Fetcher
    limit: int
    kind: str = "page"

    def survey(self, known: KnownSources, problems: Problems) -> Survey:
        """Return one source to read. Fetching it will tell whether it is a page or a feed."""
        return Survey(to_read=1)

    def scan(self, known: KnownSources, problems: Problems, cluster: Cluster | None = None) -> Iterator[ScannedSource]:
        """Read the page, or the new and changed pages of the feed."""
        on_bad, on_same = problems.bad.append, problems.count_same
        yield from AddressReader(self.web, known, self.read_options, on_bad, on_same, self.limit).scan(self.name)


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
        still = {location for location, articles in only.items() if not moved.issuperset(articles)}
        to_remove = gone if prune else [*moved]
        removed = library.remove(to_remove).removed if to_remove else ()
        library.forget(locations if prune else [location for location in locations if location not in still])
        self.articles += len(gone) - len(moved)
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


def read_options_of(options: argparse.Namespace) -> ReadOptions:
    """Return the command's read options. Raises UsageError for an invalid date or map."""
    given = {name: getattr(options, name) for name in _OVERRIDES}
    mapped = parse_map(options.map) if options.map else ()
    return ReadOptions(Overrides(**given, mapped=mapped), again=options.again)


def is_address(path: str) -> bool:
    """Tell whether a path is an address."""
    return "://" in path


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
