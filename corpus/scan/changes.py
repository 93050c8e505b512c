"""Incremental scan: finds new, changed and missing files, and reads only what is new or changed."""

import hashlib
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from corpus.article import Article
from corpus.errors import ReadError
from corpus.scan.files import FileStatus, is_missing, reason, walk
from corpus.scan.read import NO_OVERRIDES, Overrides, read_file
from corpus.store.origins import FORMERLY, KnownOrigins, Origin, ScannedOrigin

_PAGE = 1000
_JUST_NOW_NS = 2_000_000_000  # a file changed twice within its file system's clock tick may look the same


class NoOrigins:
    """The origins of a library that does not exist yet: none."""

    def at(self, location: str) -> Origin | None:
        """Return None."""

    def under(self, folder: str, *, after: str, limit: int) -> Sequence[Origin]:
        """Return nothing."""
        return ()


@dataclass(frozen=True, slots=True)
class ComparedFile:
    """A file and what is stored of it. `changed`: its size, time or read options differ, so it has to be opened."""

    file: FileStatus
    known: Origin | None
    changed: bool


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are read. overrides: metadata that the user sets. again: read unchanged files too."""

    overrides: Overrides = NO_OVERRIDES
    again: bool = False

    @property
    def mark(self) -> str:
        """A short hash of the overrides. It is stored with the file's hash, so that other overrides read it again."""
        if self.overrides == NO_OVERRIDES:
            return ""
        return hashlib.blake2b(repr(self.overrides).encode(), digest_size=4).hexdigest()


def compare_file(file: FileStatus, known: KnownOrigins, read_options: ReadOptions) -> ComparedFile:
    """Compare one file with what is stored of it."""
    return _compared(file, known.at(file.location), read_options)


def compare_folder(
    folder: Path,
    location: str,
    known: KnownOrigins,
    read_options: ReadOptions,
    *,
    on_bad: Callable[[ReadError], None],
    on_skipped: Callable[[Path], None],
    on_missing: Callable[[str], None],
) -> Iterator[ComparedFile]:
    """Compare the files of a folder with what is stored of them. `on_missing` gets the locations of missing files.

    Both lists come in the order of their locations, so neither is held in memory as a whole.
    """
    before = all_under(known, location)
    origin = next(before, None)
    for file in walk(folder, on_bad=on_bad, on_skipped=on_skipped):
        while origin is not None and origin.location < file.location:
            _tell_if_missing(origin, known, on_missing)
            origin = next(before, None)
        if origin is not None and origin.location == file.location:
            yield _compared(file, origin, read_options)
            origin = next(before, None)
        else:
            yield _compared(file, None, read_options)
    while origin is not None:
        _tell_if_missing(origin, known, on_missing)
        origin = next(before, None)


def read_changed(
    compared: ComparedFile,
    read_options: ReadOptions,
    *,
    on_bad: Callable[[ReadError], None],
    on_same: Callable[[], None],
) -> ScannedOrigin:
    """Return the articles of a file that may have changed. `on_same` is called where its content has not.

    A file that can be read only in part is read again the next time, and keeps the articles it had before.
    """
    file, before = compared.file, compared.known
    state = unread = Origin(location=file.location)
    is_same = False
    errors = 0

    def count_bad(error: ReadError) -> None:
        nonlocal errors
        errors += 1
        on_bad(error)

    def articles() -> Iterator[Article]:
        nonlocal state, is_same
        read_at = time.time_ns()
        try:
            with Path(file.path).open("rb") as opened:
                content = hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
        except OSError as error:
            count_bad(ReadError(file.path, reason(error)))
            return
        is_old = file.modified_ns < read_at - _JUST_NOW_NS
        etag = f"{content}+{read_options.mark}"
        state = replace(unread, size=file.size, modified_ns=file.modified_ns if is_old else None, etag=etag)
        is_same = before is not None and before.etag == etag and not read_options.again
        if is_same:
            on_same()
        else:
            yield from read_file(Path(file.path), overrides=read_options.overrides, on_bad=count_bad)

    return ScannedOrigin(
        file.location, articles(), lambda: unread if errors else state, lambda: not is_same and not errors
    )


def _compared(file: FileStatus, known: Origin | None, read_options: ReadOptions) -> ComparedFile:
    same = (
        known is not None
        and not read_options.again
        and (known.size, known.modified_ns) == (file.size, file.modified_ns)
        and (known.etag or "").partition("+")[2] == read_options.mark
    )
    return ComparedFile(file, known, not same)


def all_under(known: KnownOrigins, location: str) -> Iterator[Origin]:
    """Yield the origins below a folder, by location. Not all of them are held in memory."""
    after = ""
    while found := known.under(location, after=after, limit=_PAGE):
        yield from found
        after = found[-1].location


def _tell_if_missing(origin: Origin, known: KnownOrigins, on_missing: Callable[[str], None]) -> None:
    """Report an origin that is missing. Articles that may be in an unreadable part of a file are not missing."""
    if not is_missing(origin.location):
        return
    file = origin.location.rpartition(FORMERLY)[0]
    known_file = known.at(file) if file else None
    is_partly_read = known_file is not None and known_file.size is None
    if not (is_partly_read and not is_missing(file)):
        on_missing(origin.location)
