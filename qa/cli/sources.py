"""What `citewire add` and `citewire watch` read: files, folders, standard input and addresses."""

import os
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from corpus.errors import ReadError
from corpus.readers.archives import no_files
from corpus.scan.changes import (
    FileChange,
    ReadOptions,
    compare_file,
    compare_folder,
    read_changed,
)
from corpus.scan.files import absent_folder, file_status, is_missing, location_of, read_bytes, reason
from corpus.store.origins import FORMERLY, KnownSources, ScannedSource
from corpus.web.client import Fetcher
from corpus.web.pages import AddressReader
from embeddings.library.library import Library
from embeddings.ray.cluster import Cluster


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
        missing: list[str] = []
        counts = [0, 0]
        if is_missing(location_of(self.path)) and (known_here := self.locations(known)):
            return self._surveyed(counts, known_here)
        for compared in self._compared(known, problems, missing):
            counts[compared.changed] += 1
        told = any(error.where.startswith(self.name) for error in problems.bad)
        if not any(counts) and not missing and self.path.is_dir() and not told:
            problems.bad.append(no_files(self.name, "folder"))
        return self._surveyed(counts, missing)

    def _surveyed(self, counts: Sequence[int], missing: Sequence[str]) -> Survey:
        """Return the survey. counts: of unchanged and of changed files."""
        here = location_of(self.path)
        root = here if any(location.startswith(f"{here}/") for location in missing) else here.rpartition("/")[0]
        parents = {each.rpartition("/")[0] for each in missing}
        nothing_left = here if self.path.is_dir() and not any(counts) else None
        folders = {parent: absent_folder(f"{parent}/file", root) or nothing_left for parent in parents}
        absent = {each: folder for each in missing if (folder := folders[each.rpartition("/")[0]])}
        return Survey(counts[True], counts[False], tuple(each for each in missing if each not in absent), absent)

    def scan(self, known: KnownSources, problems: Problems, cluster: Cluster | None = None) -> Iterator[ScannedSource]:
        """Read the files that are new or have changed."""
        on_bad, on_same = problems.bad.append, problems.count_same
        if cluster is not None:
            yield from cluster.scan(self._changed(known), self._read_options, on_bad=on_bad, on_same=on_same)
            return
        for compared in self._changed(known):
            yield read_changed(compared, self._read_options, on_bad=on_bad, on_same=on_same)

    def _changed(self, known: KnownSources) -> Iterator[FileChange]:
        compared = self._compared(known, Problems(), [])  # the survey has told of problems already
        return (each for each in compared if each.changed)

    def locations(self, known: KnownSources) -> list[str]:
        """Return the stored locations of this file or folder, which is missing."""
        here = location_of(self.path)
        below: list[str] = []
        while found := known.under(here, after=below[-1] if below else "", limit=1000):
            below += [origin.location for origin in found]
        return [
            *([here] if known.at(here) else []),
            *([formerly] if known.at(formerly := here + FORMERLY) else []),
            *below,
        ]

    def moved_from(self, library: Library) -> list[str]:
        """Return the stored locations that are missing, and of which each file lies here now, the same as it was."""
        with library.snapshot() as snapshot:
            copies = snapshot.origins.copies_elsewhere(location_of(self.path))
        return [location for location in copies if is_missing(location)]

    def _known_path(self, known: KnownSources) -> Path:
        """Return the path that links lead to where the library knows only that one, else the path as given."""
        here = location_of(self.path)
        real = os.path.realpath(self.path)
        if Path(real).as_posix() == here or _is_known(known, here) or not _is_known(known, Path(real).as_posix()):
            return self.path
        return Path(real)

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


class StandardInput:
    """Standard input."""

    name = "standard input"
    kind = "file"

    def __init__(self, read_options: ReadOptions) -> None:
        self._read_options = read_options

    def survey(self, known: KnownSources, problems: Problems) -> Survey:
        """Return one source to read."""
        return Survey(to_read=1)

    def scan(self, known: KnownSources, problems: Problems, cluster: Cluster | None = None) -> Iterator[ScannedSource]:
        """Read standard input. No source is stored."""
        data = sys.stdin.buffer.read()
        articles = read_bytes(data, name=self.name, overrides=self._read_options.overrides, on_bad=problems.bad.append)
        yield ScannedSource(None, articles, lambda: None)


def is_address(path: str) -> bool:
    """Tell whether a path is an address."""
    return "://" in path


class WebSource:
    """The address of a page or a feed."""

    kind = "page"

    def __init__(self, url: str, read_options: ReadOptions, web: Fetcher, limit: int) -> None:
        self.name = url
        self._read_options = read_options
        self._web = web
        self._limit = limit

    def survey(self, known: KnownSources, problems: Problems) -> Survey:
        """Return one source to read. Fetching it will tell whether it is a page or a feed."""
        return Survey(to_read=1)

    def scan(self, known: KnownSources, problems: Problems, cluster: Cluster | None = None) -> Iterator[ScannedSource]:
        """Read the page, or the new and changed pages of the feed."""
        on_bad, on_same = problems.bad.append, problems.count_same
        reader = AddressReader(self._web, known, self._read_options, on_bad, on_same, self._limit)
        yield from reader.scan(self.name)
