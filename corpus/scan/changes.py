"""Incremental scan: finds new, changed and missing files, and reads only what is new or changed."""

import hashlib
import heapq
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path

from corpus.errors import ReadError
from corpus.scan.read import FileStatus, ReadOptions, location_of, read_file, reason, walk
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


def compare(
    path: Path,
    known: KnownOrigins,
    read_options: ReadOptions,
    *,
    on_bad: Callable[[ReadError], None],
    on_skipped: Callable[[Path], None],
    on_missing: Callable[[str], None],
) -> Iterator[ComparedFile]:
    """Compare a file, or those of a folder, with what is stored. `on_missing` gets the locations of missing files.

    Both lists come in the order of their locations, so neither is held in memory as a whole.
    """
    location = location_of(path)
    own = known.at(location)
    before = chain([own] if own else (), all_under(known, location))
    found = heapq.merge(before, walk(path, on_bad=on_bad, on_skipped=on_skipped), key=attrgetter("location"))
    for _, group in groupby(found, key=attrgetter("location")):
        both = list(group)
        origin = next((each for each in both if isinstance(each, Origin)), None)
        file = next((each for each in both if isinstance(each, FileStatus)), None)
        if file is not None:
            same = (
                origin is not None
                and not read_options.again
                and (origin.size, origin.modified_ns) == (file.size, file.modified_ns)
                and (origin.etag or "").partition("+")[2] == read_options.mark
            )
            yield ComparedFile(file, origin, not same)
        elif origin is not None and _is_missing(origin, known):
            on_missing(origin.location)


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
    unread = Origin(location=file.location)
    read_at = time.time_ns()
    try:
        with Path(file.path).open("rb") as opened:
            content = hashlib.file_digest(opened, lambda: hashlib.blake2b(digest_size=16)).hexdigest()
    except OSError as error:
        on_bad(ReadError(file.path, reason(error)))
        return ScannedOrigin(file.location, (), lambda: unread, lambda: False)
    is_old = file.modified_ns < read_at - _JUST_NOW_NS
    etag = f"{content}+{read_options.mark}"
    state = replace(unread, size=file.size, modified_ns=file.modified_ns if is_old else None, etag=etag)
    if before is not None and before.etag == etag and not read_options.again:
        on_same()
        return ScannedOrigin(file.location, (), lambda: state, lambda: False)
    bad: list[ReadError] = []

    def note_bad(error: ReadError) -> None:
        bad.append(error)
        on_bad(error)

    articles = read_file(Path(file.path), overrides=read_options.overrides, on_bad=note_bad)
    return ScannedOrigin(file.location, articles, lambda: unread if bad else state, lambda: not bad)


def all_under(known: KnownOrigins, location: str) -> Iterator[Origin]:
    """Yield the origins below a folder, by location. Not all of them are held in memory."""
    after = ""
    while found := known.under(location, after=after, limit=_PAGE):
        yield from found
        after = found[-1].location


def _is_missing(origin: Origin, known: KnownOrigins) -> bool:
    """Tell whether an origin is missing. Articles that may be in an unreadable part of a file are not."""
    if not is_missing(origin.location):
        return False
    file = origin.location.rpartition(FORMERLY)[0]
    known_file = known.at(file) if file else None
    is_partly_read = known_file is not None and known_file.size is None
    return not is_partly_read or is_missing(file)


def is_missing(location: str) -> bool:
    """Tell whether the file does not exist any more. A file that may not be looked at counts as existing."""
    try:
        os.lstat(location)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def lost_folder(folder: str, root: str) -> str | None:
    """Return the folder that is gone or empty: `folder` itself, or one above it up to `root`.

    folder: where a missing file lay. Its disk may just not be there. None where it still holds something.
    """
    while len(folder) > len(root) and is_missing(folder):
        folder = folder.rpartition("/")[0]
    try:
        with os.scandir(folder) as entries:
            return folder if all(entry.name.startswith(".") for entry in entries) else None
    except OSError:
        return folder
