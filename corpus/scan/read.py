"""Article files: finding those of a folder, and reading them, standard input and fetched bytes."""

import hashlib
import io
import os
import re
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields, replace
from email.message import Message
from pathlib import Path
from typing import Any

from corpus.article import Article, parse_published
from corpus.cleaning.fields import known_fields
from corpus.errors import ReadError, UsageError
from corpus.readers.open_file import OpenFile
from corpus.readers.registry import NOT_YET, not_read, read_open, suffix_of_type, suffixes
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
    if not stat.S_ISREG(status.st_mode):
        raise OSError("it is neither a file nor a folder")
    return FileStatus(str(path), location_of(path), status.st_size, status.st_mtime_ns)


def location_of(path: Path) -> str:
    """Return the absolute path without following links: a file has the same location from every folder."""
    return Path(os.path.abspath(path)).as_posix()  # noqa: PTH100 - resolve() would follow links


def real_path(path: str | Path) -> str:
    """Return the absolute path of the file that links lead to."""
    return Path(os.path.realpath(path)).as_posix()


def walk(
    path: Path, *, on_bad: Callable[[ReadError], None], on_skipped: Callable[[Path], None]
) -> Iterator[FileStatus]:
    """Yield a file, or the article files of a folder and its folders in the order of their locations.

    Skips hidden files and libraries, and does not follow links to folders. Files of other kinds go to `on_skipped`,
    errors to `on_bad`. Holds only the names in the folders on the current path.
    """
    waiting = [(path, os.path.isdir(path))]  # noqa: PTH112 - Path.is_dir raises where it may not be looked at
    while waiting:
        path, is_folder = waiting.pop()
        try:
            if is_folder:
                names = _names(path, on_bad, on_skipped)
                waiting += [(path / name, name.endswith("/")) for name in reversed(names)]
                continue
            file = file_status(path)
            file.location.encode()
        except UnicodeEncodeError:
            on_bad(ReadError(ascii(str(path)), "its name is not written in UTF-8: rename it"))
        except OSError as error:
            on_bad(ReadError(str(path), reason(error)))
        else:
            yield file


def _names(folder: Path, on_bad: Callable[[ReadError], None], on_skipped: Callable[[Path], None]) -> list[str]:
    """Return the names in a folder, sorted by location. Names of folders end in /, so their content sorts after it."""
    kinds = suffixes()
    with os.scandir(folder) as entries:
        shown = {entry.name: entry for entry in entries if not entry.name.startswith(HIDDEN)}
    if DATABASE in shown:
        return []  # a library of Citewire's
    names = []
    for name, entry in shown.items():
        kind = Path(name).suffix.lower()
        if entry.is_dir(follow_symlinks=False):
            page = name.removesuffix("_files")
            if (
                page == name or not {f"{page}.html", f"{page}.htm"} & shown.keys()
            ):  # else a browser saved it with a page
                names.append(name + "/")
        elif not (entry.is_symlink() and not os.path.exists(entry)) and not entry.is_file():  # noqa: PTH110
            continue  # a link to a folder, or a device; of a link that leads nowhere, reading tells the error
        elif kind in kinds:
            names.append(name)
        elif kind in NOT_YET:
            on_bad(not_read(str(folder / name), kind))
        else:
            on_skipped(folder / name)
    return sorted(names)


def reason(error: OSError) -> str:
    """Return why a file cannot be read, and what to do."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder, or a link leads nowhere: check the path"
    if isinstance(error, PermissionError):
        return "it may not be read (permission denied): change its permissions or copy it"
    return f"it cannot be read ({error.strerror or error}): check the file"


MAPPED = ("text", "title", "source", "author", "published", "modified", "url", "place", "section", "language")
"""The fields that `--map` takes."""


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


def parse_map(written: str) -> tuple[tuple[str, str], ...]:
    """Return the pairs of `text=body,published=date`. Raises UsageError if it is not such a list."""
    pairs: dict[str, str] = {}
    for part in written.split(","):
        field, equals, name = (piece.strip() for piece in part.partition("="))
        if not (equals and name):
            raise UsageError(f"--map {written!r}: write FIELD=NAME,FIELD=NAME, as in text=body,published=date")
        if field not in MAPPED:
            raise UsageError(f"--map {written!r}: there is no field {field!r}; the fields are {', '.join(MAPPED)}")
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
