"""Finding the article files of a folder, and the missing files and folders among those known."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import ReadError
from corpus.readers.registry import NOT_YET, not_read, suffixes
from corpus.store.connection import DATABASE

HIDDEN = (".", "~$")
"""How the names of skipped files begin: hidden ones, and those that Office keeps beside open files."""


@dataclass(frozen=True, slots=True)
class FileStatus:
    """Path, size and time of a file that may hold articles.

    path: as the user would write it. location: absolute, with / between the parts. size in bytes, modified_ns in
    nanoseconds since 1970.
    """

    path: str
    location: str
    size: int
    modified_ns: int


def file_status(path: Path) -> FileStatus:
    """Return a file's size and time. Raises OSError."""
    status = path.stat()
    return FileStatus(str(path), location_of(path), status.st_size, status.st_mtime_ns)


def location_of(path: Path) -> str:
    """Return the absolute path without following links: a file has the same location from every folder."""
    return Path(os.path.abspath(path)).as_posix()  # noqa: PTH100 - resolve() would follow links


def real_path(path: str | Path) -> str:
    """Return the absolute path of the file that links lead to."""
    return Path(os.path.realpath(path)).as_posix()


def walk(
    folder: Path, *, on_bad: Callable[[ReadError], None], on_skipped: Callable[[Path], None]
) -> Iterator[FileStatus]:
    """Yield the article files of a folder and its folders, in the order of their locations.

    Skips hidden files and libraries, and does not follow links to folders. Files of other kinds go to `on_skipped`,
    errors to `on_bad`. Holds only the names in the folders on the current path.
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
            leads_nowhere = isinstance(error, FileNotFoundError) and os.path.islink(path)  # noqa: PTH114
            on_bad(ReadError(path, "the link leads nowhere: mend or remove it" if leads_nowhere else reason(error)))
            continue
        try:
            location.encode()
        except UnicodeEncodeError:
            on_bad(ReadError(ascii(path), "its name is not written in UTF-8: rename it"))
            continue
        yield FileStatus(path, location, status.st_size, status.st_mtime_ns)


def _names(path: str, on_bad: Callable[[ReadError], None], on_skipped: Callable[[Path], None]) -> list[str]:
    """Return the names in a folder, sorted by location. Names of folders end in /, so their content sorts after it."""
    kinds = suffixes()
    with os.scandir(path) as entries:
        shown = (entry for entry in entries if not entry.name.startswith(HIDDEN))
        found = [(entry.name, entry.is_dir(follow_symlinks=False), entry) for entry in shown]
    if any(name == DATABASE for name, _, _ in found):
        return []  # a library of Citewire's
    pages = {name.rpartition(".")[0] for name, _, _ in found if name.lower().endswith((".html", ".htm"))}
    names = []
    for name, is_folder, entry in found:
        kind = os.path.splitext(name)[1].lower()  # noqa: PTH122
        if is_folder:
            if not (name.endswith("_files") and name.removesuffix("_files") in pages):  # a browser saved it with a page
                names.append(name + "/")
        elif not _is_file(entry):
            continue  # a link to a folder, or a device
        elif kind in kinds:
            names.append(name)
        elif kind in NOT_YET:
            on_bad(not_read(os.path.join(path, name), kind))  # noqa: PTH118
        else:
            on_skipped(Path(path, name))
    return sorted(names)


def _is_file(entry: os.DirEntry[str]) -> bool:
    """Tell whether it is a file, or a link to one. A link that leads nowhere counts: reading it tells the error."""
    return (entry.is_symlink() and not os.path.exists(entry)) or entry.is_file()  # noqa: PTH110


def is_missing(location: str) -> bool:
    """Tell whether the file does not exist any more. A file that may not be looked at counts as existing."""
    try:
        os.lstat(location)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def missing_folder(folder: str, root: str) -> str | None:
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


def reason(error: OSError) -> str:
    """Return why a file cannot be read, and what to do."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder: check the path"
    if isinstance(error, PermissionError):
        return "it may not be read (permission denied): change its permissions or copy it"
    return f"it cannot be read ({error.strerror or error}): check the file"
