"""Finding the files of a folder, and reading articles from files, standard input and fetched bytes."""

import io
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from email.message import Message
from pathlib import Path
from typing import Any

from corpus.article import Article, parse_published
from corpus.cleaning.fields import known_fields
from corpus.errors import ReadError, UsageError
from corpus.readers.open_file import OpenFile
from corpus.readers.registry import read_open, suffix_of_type, suffixes
from corpus.readers.unread import NOT_YET, not_read
from corpus.store.connection import DATABASE

HIDDEN = (".", "~$")
"""How the names of skipped files begin: hidden ones, and those that Office keeps beside open files."""
MAPPED = ("text", "title", "source", "author", "published", "modified", "url", "place", "section", "language")
"""The fields that `--map` takes."""


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What the user says of every article. It wins over what the files say. Raises UsageError for an invalid value.

    mapped: pairs of a field and its name in JSON and CSV files, as `parse_map` returns them.
    """

    source: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None
    title: str | None = None
    language: str | None = None
    mapped: tuple[tuple[str, str], ...] = ()

    def __post_init__(self) -> None:
        for name, value in self._given().items():
            if not value.strip():
                raise UsageError(f"the {name} given is empty: write it, or leave the option out")
            if re.search("[\ud800-\udfff]", value):
                raise UsageError(f"the {name} given ({value!a}) is not written in UTF-8: write it again")
        if self.language is not None:
            code = known_fields({"language": self.language}).get("language")
            if code is None or len(code) > 3:
                raise UsageError(f"{self.language!r} is no language: write it in two letters, as en or de")
            object.__setattr__(self, "language", code)
        if self.url is not None and "url" not in known_fields({"url": self.url}):
            raise UsageError(f"{self.url!r} is no address: write it whole, as https://news.example/report")
        if self.published is None:
            return
        try:
            parse_published(self.published)
        except ValueError:
            why = f"{self.published!r} is not a date: write it as 2023-03-06 or 2023-03-06T10:00:00+05:00"
            raise UsageError(why) from None

    def apply(self, article: Article) -> Article:
        """Return the article with what is set here."""
        given: dict[str, Any] = self._given()
        return replace(article, **given) if given else article

    def _given(self) -> dict[str, str]:
        named = (f.name for f in fields(self) if f.name != "mapped")
        return {name: value for name in named if (value := getattr(self, name)) is not None}


NO_OVERRIDES = Overrides()


def parse_map(written: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs of `text=body,published=date`. Raises UsageError if it is not such a list."""
    pairs: dict[str, str] = {}
    for part in written.split(","):
        field, equals, name = (piece.strip() for piece in part.partition("="))
        if not (equals and name):
            raise UsageError(f"--map {written!r}: write FIELD=NAME,FIELD=NAME, as in text=body,published=date")
        if field not in MAPPED:
            raise UsageError(f"--map {written!r}: there is no field {field!r}; the fields are {', '.join(MAPPED)}")
        if field in pairs:
            raise UsageError(f"--map {written!r}: the field {field} is given twice")
        pairs[field] = name
    return tuple(pairs.items())


def read_file(
    path: Path, *, overrides: Overrides = NO_OVERRIDES, on_bad: Callable[[ReadError], None]
) -> Iterator[Article]:
    """Yield the articles of a file. `on_bad` gets what cannot be read of it, and reading goes on."""
    own, mapped = real_path(path), dict(overrides.mapped)
    try:
        with path.open("rb") as stream:
            file = OpenFile(stream=stream, name=path.name, where=str(path), on_bad=on_bad, mapped=mapped)
            for article in read_open(file):
                yield overrides.apply(replace(article, path=f"{own}{article.path or ''}"))
    except OSError as error:
        on_bad(ReadError(str(path), reason(error)))


def read_bytes(
    data: bytes,
    *,
    name: str,
    content_type: str | None = None,
    url: str | None = None,
    overrides: Overrides = NO_OVERRIDES,
    keep_rows: bool = False,
    on_bad: Callable[[ReadError], None],
) -> Iterator[Article]:
    """Yield the articles in bytes that were fetched, uploaded, or read from standard input.

    name: names the data in messages; its suffix tells the format where the content does not. content_type: as the
    server declared it, with its charset. url: where it was fetched; it resolves relative addresses, and is the address
    of a page that names none of its own. Articles get no path. With keep_rows, each of several articles gets # and
    what tells it from the others.
    """
    header = Message()
    header["content-type"] = content_type or "application/octet-stream"
    file = OpenFile(
        stream=io.BytesIO(data),
        name=name if content_type is None else f"{name}{suffix_of_type(content_type)}",
        where=name,
        on_bad=on_bad,
        mapped=dict(overrides.mapped),
        charset=header.get_content_charset(),
        url=url,
    )
    for article in read_open(file):
        yield overrides.apply(article if keep_rows else replace(article, path=None))
