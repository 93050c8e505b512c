"""Reading articles from files, folders, standard input and fetched bytes. A bad file does not stop the others."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from email.message import Message
from pathlib import Path

from corpus.article import Article
from corpus.cleaning.overrides import NO_OVERRIDES, Overrides, parse_map
from corpus.errors import ReadError
from corpus.limits import MAX_BYTES
from corpus.readers.hints import Hints
from corpus.readers.registry import read_open, suffix_of_type, suffixes
from corpus.scan.walk import location_of, reason, walk

__all__ = ["MAX_BYTES", "NO_OVERRIDES", "Overrides", "parse_map", "read_bytes", "read_paths", "read_stream"]


def read_paths(
    paths: Sequence[Path],
    *,
    overrides: Overrides = NO_OVERRIDES,
    on_bad: Callable[[ReadError], None],
    on_skipped: Callable[[Path], None] | None = None,
) -> Iterator[Article]:
    """Yield the articles of files and folders in the order given, those of a folder by file name.

    `on_bad` gets each file or line that cannot be read, and reading goes on. In folders, hidden files are skipped and
    links to folders not followed; files of other kinds go to `on_skipped`.
    """
    for path in paths:
        try:
            files = _files_of(path, on_bad, on_skipped)
        except OSError as error:
            on_bad(ReadError(str(path), reason(error)))
            continue
        for file in files:
            for article in _read_file(file, overrides, on_bad):
                own = f"{location_of(file)}{article.path or ''}"
                yield overrides.apply(replace(article, path=own))


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
    hints = Hints(names=dict(overrides.mapped), charset=header.get_content_charset(), url=url)
    told = name if content_type is None else f"{name}{suffix_of_type(content_type)}"
    for article in read_open(io.BytesIO(data), name=told, where=name, hints=hints, on_bad=on_bad):
        yield overrides.apply(article if keep_rows else replace(article, path=None))


def read_stream(
    data: bytes, *, name: str, overrides: Overrides = NO_OVERRIDES, on_bad: Callable[[ReadError], None]
) -> Iterator[Article]:
    """Yield the articles of standard input or an upload. Name or content tell the format."""
    return read_bytes(data, name=name, overrides=overrides, on_bad=on_bad)


def _read_file(path: Path, overrides: Overrides, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the articles of one file."""
    hints = Hints(names=dict(overrides.mapped))
    try:
        with path.open("rb") as file:
            yield from read_open(file, name=path.name, where=str(path), hints=hints, on_bad=on_bad)
    except OSError as error:
        on_bad(ReadError(str(path), reason(error)))


def _files_of(
    path: Path, on_bad: Callable[[ReadError], None], on_skipped: Callable[[Path], None] | None
) -> Iterator[Path]:
    """Return the file, or the files of the folder, at a path. Raises OSError where it may not be looked at."""
    path.stat()  # raises for a missing file and for links in a circle
    if path.is_dir():
        return _of_folder(path, on_bad, on_skipped or (lambda _: None))
    if not path.is_file():
        raise OSError("it is neither a file nor a folder")
    return iter((path,))


def _of_folder(folder: Path, on_bad: Callable[[ReadError], None], on_skipped: Callable[[Path], None]) -> Iterator[Path]:
    """Yield the article files below a folder. A folder without any is an error."""
    found = False

    def told(error: ReadError) -> None:
        nonlocal found
        found = True
        on_bad(error)

    for file in walk(folder, on_bad=told, on_skipped=on_skipped):
        found = True
        yield Path(file.path)
    if not found:
        kinds = ", ".join(sorted(suffixes()))
        on_bad(ReadError(str(folder), f"there are no article files ({kinds}) in this folder"))
