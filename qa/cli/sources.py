"""What `citewire add` and `citewire watch` read: files, folders, standard input and addresses."""

import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from corpus.errors import ReadError
from corpus.readers.registry import suffixes
from corpus.scan.changes import FileChange, KnownSources, ReadOptions, compare_file, compare_folder, read_changed
from corpus.scan.files import read_bytes
from corpus.scan.walk import file_status, location_of, reason
from corpus.store.origins import FORMERLY, Origin, ScannedSource
from embeddings.library.library import Library
from embeddings.ray.cluster import Cluster


@dataclass(slots=True)
class Problems:
    """What could not be read, skipped files, and the number of files that turned out unchanged."""

    bad: list[ReadError] = field(default_factory=list)
    skipped: int = 0
    kinds: set[str] = field(default_factory=set)
    same: int = 0

    def count_same(self) -> None:
        """Count a file with a new time but unchanged content."""
        self.same += 1

    def skip(self, path: Path) -> None:
        """Count a skipped file."""
        self.skipped += 1
        self.kinds.add(path.suffix or path.name)


@dataclass(frozen=True, slots=True)
class Survey:
    """Numbers of files to read and of unchanged files; the locations of missing ones."""

    to_read: int = 0
    as_before: int = 0
    missing: tuple[str, ...] = ()


class Source(Protocol):
    """Something that articles are read from."""

    name: str

    def survey(self, known: KnownSources, problems: Problems) -> Survey:
        """Return what there is to do, without reading an article."""

    def scan(self, known: KnownSources, problems: Problems) -> Iterator[ScannedSource]:
        """Read what is new or has changed."""


class CurrentOrigins:
    """The sources of a library. Each call sees the library's present state."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def at(self, location: str) -> Origin | None:
        """Return what is stored of a source, None where nothing was read there."""
        with self._library.snapshot() as snapshot:
            return snapshot.origins.at(location)

    def under(self, folder: str, *, after: str, limit: int) -> Sequence[Origin]:
        """Return the first `limit` sources below a folder with a location greater than `after`, by location."""
        with self._library.snapshot() as snapshot:
            return snapshot.origins.under(folder, after=after, limit=limit)


class FileSource:
    """A file, or a folder and its subfolders."""

    def __init__(self, path: Path, read_options: ReadOptions) -> None:
        self.path = path
        self.name = str(path)
        self._read_options = read_options

    def survey(self, known: KnownSources, problems: Problems) -> Survey:
        """Compare files by size and time. If the folder has none at all, none counts as missing."""
        missing: list[str] = []
        counts = [0, 0]
        for compared in self._compared(known, problems.bad.append, problems.skip, missing.append):
            counts[compared.changed] += 1
        if not any(counts):
            missing.clear()  # the folder is empty or cannot be read; its disk may not be mounted
            if self.path.is_dir() and not any(error.where.startswith(self.name) for error in problems.bad):
                kinds = ", ".join(sorted(suffixes()))
                problems.bad.append(ReadError(self.name, f"there are no article files ({kinds}) in this folder"))
        return Survey(counts[True], counts[False], tuple(missing))

    def scan(self, known: KnownSources, problems: Problems) -> Iterator[ScannedSource]:
        """Read the files that are new or have changed."""
        for compared in self._compared(known, _nothing, _nothing, _nothing):
            if compared.changed:
                yield read_changed(
                    compared, self._read_options, on_bad=problems.bad.append, on_same=problems.count_same
                )

    def scan_on(self, cluster: Cluster, known: KnownSources, problems: Problems) -> Iterator[ScannedSource]:
        """Read them on a cluster."""
        changed = (compared for compared in self._compared(known, _nothing, _nothing, _nothing) if compared.changed)
        return cluster.scan(changed, self._read_options, on_bad=problems.bad.append, on_same=problems.count_same)

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

    def _compared(
        self,
        known: KnownSources,
        on_bad: Callable[[ReadError], None],
        on_skipped: Callable[[Path], None],
        on_missing: Callable[[str], None],
    ) -> Iterator[FileChange]:
        try:
            self.path.stat()  # raises for a missing file and for circular links
            if self.path.is_dir():
                yield from compare_folder(
                    self.path,
                    location_of(self.path),
                    known,
                    self._read_options,
                    on_bad=on_bad,
                    on_skipped=on_skipped,
                    on_missing=on_missing,
                )
            elif self.path.is_file():
                yield compare_file(file_status(self.path), known, self._read_options)
            else:
                on_bad(ReadError(self.name, "it is neither a file nor a folder: check the path"))
        except OSError as error:
            on_bad(ReadError(self.name, reason(error)))


class StandardInput:
    """Standard input."""

    name = "standard input"

    def __init__(self, read_options: ReadOptions) -> None:
        self._read_options = read_options

    def survey(self, known: KnownSources, problems: Problems) -> Survey:
        """Return one source to read."""
        return Survey(to_read=1)

    def scan(self, known: KnownSources, problems: Problems) -> Iterator[ScannedSource]:
        """Read standard input. No source is stored."""
        data = sys.stdin.buffer.read()
        articles = read_bytes(data, name=self.name, overrides=self._read_options.overrides, on_bad=problems.bad.append)
        yield ScannedSource(None, articles, lambda: None)


def _nothing(_: object) -> None:
    """Ignore what the survey has reported already."""


if TYPE_CHECKING:
    from corpus.web.client import Fetcher
    from corpus.web.robots import Robots


def is_address(path: str) -> bool:
    """Tell whether a path is an address."""
    return "://" in path


class WebAccess:
    """The web client of a command, created when needed. All addresses share it, and its pauses between requests."""

    def __init__(self, stop: threading.Event, *, allow_private: bool) -> None:
        self._stop = stop
        self._allow_private = allow_private

    @cached_property
    def fetcher(self) -> "Fetcher":
        """The client. It stops waiting when the command is asked to stop."""
        from corpus.web.client import Fetcher

        return Fetcher(allow_private=self._allow_private, pause=self._stop.wait, stop=self._stop.is_set)

    @cached_property
    def robots(self) -> "Robots":
        """The sites' robots.txt files."""
        from corpus.web.robots import Robots

        return Robots(self.fetcher)

    def close(self) -> None:
        """Close the connections, if there are any."""
        if "fetcher" in self.__dict__:
            self.fetcher.close()


class WebSource:
    """The address of a page or a feed."""

    def __init__(self, url: str, read_options: ReadOptions, web: WebAccess, limit: int) -> None:
        self.name = url
        self._read_options = read_options
        self._web = web
        self._limit = limit

    def survey(self, known: KnownSources, problems: Problems) -> Survey:
        """Return one source to read. Fetching it will tell whether it is a page or a feed."""
        return Survey(to_read=1)

    def scan(self, known: KnownSources, problems: Problems) -> Iterator[ScannedSource]:
        """Read the page, or the new and changed pages of the feed."""
        from corpus.web.pages import AddressReader

        reader = AddressReader(
            self._web.fetcher,
            self._web.robots,
            known,
            self._read_options,
            problems.bad.append,
            problems.count_same,
            self._limit,
        )
        yield from reader.scan(self.name)
