"""What `citewire add` and `citewire watch` read, and what becomes of the articles of files that are missing."""

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from corpus.article import is_address
from corpus.errors import ReadError, UsageError
from corpus.readers.archives import no_files
from corpus.scan.changes import ComparedFile, all_under, compare, is_missing, lost_folder, read_changed
from corpus.scan.read import Overrides, ReadOptions, location_of, parse_map, read_bytes, real_path
from corpus.store.origins import FORMERLY, KnownOrigins, ScannedOrigin, without_origin
from corpus.web.client import Fetcher, checked_address
from corpus.web.pages import AddressReader
from embeddings.library.library import Library
from embeddings.ray.cluster import Cluster

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
    """Numbers of files to read and of unchanged files, and the locations of missing ones.

    missing_with_folder: missing files whose folder is gone or empty, each with that folder: its disk may just not be
    there. The other missing files are in `missing`.
    """

    to_read: int = 0
    as_before: int = 0
    missing: Sequence[str] = ()
    missing_with_folder: Mapping[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Missing:
    """What became of the articles of missing files, in numbers of articles.

    moved: known by path, and their content has another path now. removed: removed for good. kept: they stay though no
    file has them. locations: the files of those that were removed or kept; a file may also just hold fewer articles.
    """

    moved: int = 0
    removed: int = 0
    kept: int = 0
    locations: set[str] = field(default_factory=set)

    def settle(self, library: Library, locations: Sequence[str], *, since: str, prune: bool) -> None:
        """Forget missing files whose articles have other origins. With `prune`, remove the articles of the others.

        An article known by path has moved if its content was added under another path at `since` (UTC, ISO 8601) or
        later. Its old entry is removed.
        """
        locations = [location for location in locations if location not in self.locations]
        if not locations:
            return
        with library.snapshot() as snapshot:
            only_there = snapshot.origins.only_there(locations)
            articles = {article for ids in only_there.values() for article in ids}
            moved = set(snapshot.origins.renamed(articles, since=since)) if articles else set()
        held = {location for location, ids in only_there.items() if not moved.issuperset(ids)}
        if to_remove := sorted(articles if prune else moved):
            library.remove(to_remove)
        library.forget([location for location in locations if prune or location not in held])
        self.moved += len(moved)
        self.removed += len(articles - moved) if prune else 0
        self.kept += 0 if prune else len(articles - moved)
        self.locations |= held


class Source(Protocol):
    """Something that articles are read from."""

    @property
    def name(self) -> str:
        """What people call it."""

    def survey(self, known: KnownOrigins, problems: Problems) -> Survey:
        """Return what there is to do, without reading an article."""

    def scan(self, known: KnownOrigins, problems: Problems, cluster: Cluster | None = None) -> Iterator[ScannedOrigin]:
        """Read what is new or has changed, where it can be on the cluster."""


class FileSource:
    """A file, or a folder and its subfolders. A link to one that the library knows is read as that."""

    def __init__(self, path: Path, read_options: ReadOptions) -> None:
        self.path = path
        self.name = str(path)
        self._read_options = read_options

    def survey(self, known: KnownOrigins, problems: Problems) -> Survey:
        """Compare files by size and time with what is stored of them."""
        path, errors_before = self.known_path(known), len(problems.bad)
        missing = self._stored(known) if is_missing(location_of(self.path)) else []
        counts = Counter[bool]()
        if not missing:
            counts.update(change.changed for change in self._compared(path, known, problems, missing.append))
        holds_nothing = path.is_dir() and not counts
        if holds_nothing and not missing and len(problems.bad) == errors_before:
            problems.bad.append(no_files(self.name, "folder"))
        with_folder = _missing_with_folder(missing, location_of(path), holds_nothing=holds_nothing)
        missing = [location for location in missing if location not in with_folder]
        return Survey(counts[True], counts[False], missing, with_folder)

    def scan(self, known: KnownOrigins, problems: Problems, cluster: Cluster | None = None) -> Iterator[ScannedOrigin]:
        """Read the files that are new or have changed."""
        on_bad, on_same = problems.bad.append, problems.count_same
        # The survey has told of problems and missing files already.
        compared = self._compared(self.known_path(known), known, Problems(), lambda _: None)
        changed = (each for each in compared if each.changed)
        if cluster is not None:
            yield from cluster.scan(changed, self._read_options, on_bad=on_bad, on_same=on_same)
            return
        for each in changed:
            yield read_changed(each, self._read_options, on_bad=on_bad, on_same=on_same)

    def moved_from(self, library: Library) -> list[str]:
        """Return the stored locations that are missing, and of which each file lies here now, the same as it was."""
        with library.snapshot() as snapshot:
            here = location_of(self.known_path(snapshot.origins))
            return [location for location in snapshot.origins.copies_elsewhere(here) if is_missing(location)]

    def _stored(self, known: KnownOrigins) -> list[str]:
        """Return the stored locations of this file, or of the files of this folder."""
        here = location_of(self.path)
        own = [location for location in (here, here + FORMERLY) if known.at(location)]
        return [*own, *(origin.location for origin in all_under(known, here))]

    def known_path(self, known: KnownOrigins) -> Path:
        """Return the path that links lead to where the library knows only that one, else the path as given."""
        here, real = location_of(self.path), real_path(self.path)
        is_link = real != here and not _is_known(known, here) and _is_known(known, real)
        return Path(real) if is_link else self.path

    def _compared(
        self, path: Path, known: KnownOrigins, problems: Problems, on_missing: Callable[[str], None]
    ) -> Iterator[ComparedFile]:
        """Compare the files with what is stored of them. path: as `known_path` returns it."""
        on_bad, on_skipped = problems.bad.append, problems.skip
        return compare(path, known, self._read_options, on_bad=on_bad, on_skipped=on_skipped, on_missing=on_missing)


def _is_known(known: KnownOrigins, location: str) -> bool:
    """Tell whether the library has read this file, or one in this folder."""
    return known.at(location) is not None or bool(known.under(location, after="", limit=1))


def _missing_with_folder(missing: Sequence[str], here: str, *, holds_nothing: bool) -> dict[str, str]:
    """Return the missing files whose folder is gone or empty, each with that folder.

    here: the file or folder that was surveyed. holds_nothing: it is a folder without any article file.
    """
    root = here if any(location.startswith(f"{here}/") for location in missing) else here.rpartition("/")[0]
    folder_of = {location: location.rpartition("/")[0] for location in missing}
    if_empty = here if holds_nothing else None
    lost = {folder: lost_folder(folder, root) or if_empty for folder in set(folder_of.values())}
    return {location: folder for location, parent in folder_of.items() if (folder := lost[parent])}


@dataclass(frozen=True, slots=True)
class OtherSource:
    """Standard input, or the address of a page or a feed. read: reads it, or the new and changed pages of the feed."""

    name: str
    read: Callable[[KnownOrigins, Problems], Iterator[ScannedOrigin]]

    def survey(self, known: KnownOrigins, problems: Problems) -> Survey:
        """Return one source to read. Reading it will tell what it holds."""
        return Survey(to_read=1)

    def scan(self, known: KnownOrigins, problems: Problems, cluster: Cluster | None = None) -> Iterator[ScannedOrigin]:
        """Read it."""
        return self.read(known, problems)


def read_options_of(options: argparse.Namespace) -> ReadOptions:
    """Return the command's read options. Raises UsageError for an invalid date or map."""
    given = {name: getattr(options, name) for name in _OVERRIDES}
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

    def fetched(known: KnownOrigins, problems: Problems) -> Iterator[ScannedOrigin]:
        on_bad, on_same = problems.bad.append, problems.count_same
        return AddressReader(web, known, read_options, on_bad, on_same, limit).scan(path)

    def typed(known: KnownOrigins, problems: Problems) -> Iterator[ScannedOrigin]:
        data, overrides = sys.stdin.buffer.read(), read_options.overrides
        yield without_origin(read_bytes(data, name="standard input", overrides=overrides, on_bad=problems.bad.append))

    if is_address(path):
        return OtherSource(path, fetched)
    return OtherSource("standard input", typed) if path == "-" else FileSource(Path(path), read_options)
