"""Looking through a folder: its article files with all below it, by location, and how each looks from outside."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import ReadError
from corpus.readers.registry import NOT_YET, not_read, suffixes


@dataclass(frozen=True, slots=True)
class FileStatus:
    """A file that may hold articles, as it looked from outside.

    path: as a person would name it. location: from the root, with / between the parts. size in bytes, modified_ns in
    nanoseconds since 1970.
    """

    path: str
    location: str
    size: int
    modified_ns: int


def file_status(path: Path) -> FileStatus:
    """Return how a file looks. Raises OSError where it cannot be looked at."""
    status = path.stat()
    return FileStatus(str(path), location_of(path), status.st_size, status.st_mtime_ns)


def location_of(path: Path) -> str:
    """Return the path from the root, links in it as they are: the same file is the same from every folder."""
    return Path(os.path.abspath(path)).as_posix()  # noqa: PTH100 - resolve() would follow links


def walk(
    folder: Path, *, on_bad: Callable[[ReadError], None], on_skipped: Callable[[Path], None]
) -> Iterator[FileStatus]:
    """Yield the article files of a folder and its folders, in the order of their locations.

    Hidden files are passed over, links to folders are not followed, and files of a kind that holds no articles go to
    `on_skipped`. What cannot be looked at is told to `on_bad`. Only the names of the folders on the way are held.
    """
    start, root = str(folder), location_of(folder)
    cut = len(root.rstrip("/"))
    waiting = [root.rstrip("/") + "/"]
    while waiting:
        location = waiting.pop()
        path = os.path.join(start, location[cut + 1 :])  # noqa: PTH118 - a hundred thousand times
        try:
            if location.endswith("/"):
                names = _names(path, on_bad, on_skipped)
                waiting += [location + name for name in reversed(names)]
                continue
            status = os.stat(path)  # noqa: PTH116
        except OSError as error:
            on_bad(ReadError(path, reason(error)))
            continue
        try:
            location.encode()
        except UnicodeEncodeError:
            on_bad(ReadError(ascii(path), "its name is not written in UTF-8: rename it"))
            continue
        yield FileStatus(path, location, status.st_size, status.st_mtime_ns)


def _names(path: str, on_bad: Callable[[ReadError], None], on_skipped: Callable[[Path], None]) -> list[str]:
    """Return the names in a folder by location: those of folders end in /, after which what is in them sorts."""
    kinds = suffixes()
    with os.scandir(path) as entries:
        found = [(entry.name, entry.is_dir(follow_symlinks=False), entry) for entry in entries if entry.name[0] != "."]
    pages = {name.rpartition(".")[0] for name, _, _ in found if name.lower().endswith((".html", ".htm"))}
    names = []
    for name, is_folder, entry in found:
        kind = os.path.splitext(name)[1].lower()  # noqa: PTH122
        if is_folder:
            if not (name.endswith("_files") and name.removesuffix("_files") in pages):  # what a browser saved with it
                names.append(name + "/")
        elif not entry.is_file():
            continue  # a link to a folder, or what is no file
        elif kind in kinds:
            names.append(name)
        elif kind in NOT_YET:
            on_bad(not_read(os.path.join(path, name), kind))  # noqa: PTH118
        else:
            on_skipped(Path(path, name))
    return sorted(names)


def is_missing(location: str) -> bool:
    """Return whether there is no such file any more; one that cannot be looked at is not taken for gone."""
    try:
        os.lstat(location)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def reason(error: OSError) -> str:
    """Return what keeps a file from being read, and what to do."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder: check the path"
    if isinstance(error, PermissionError):
        return "it may not be read (permission denied): change its permissions or copy it"
    return f"it cannot be read ({error.strerror or error}): check the file"
