"""Reading article files: which format each has, what is overridden, and what happens to a bad one."""

import io
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import BinaryIO, Protocol

from corpus import read_html, read_jsonl, read_markdown, read_text
from corpus.article import Article, parse_published
from corpus.errors import ReadError, UsageError
from corpus.size import MAX_BYTES

__all__ = ["MAX_BYTES", "Format", "Overrides", "read_paths", "read_stream"]

_log = logging.getLogger(__name__)
_HEAD_BYTES = 4096


class Format(Protocol):
    """One kind of article file. Each is a module of its own, so that another is one file more."""

    SUFFIXES: frozenset[str]

    def recognises(self, head: bytes) -> bool:
        """Return whether the first bytes of a file show that it is of this kind, whatever its name says."""

    def read(self, file: BinaryIO, *, where: str, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
        """Yield the articles; raises ReadError when there is none. A `path` that begins with # names one of several."""


# In the order in which their content is looked for; the last takes what is of no other kind.
FORMATS: tuple[Format, ...] = (read_html, read_jsonl, read_markdown, read_text)
# Kinds of files that hold articles and cannot be read yet: skipping them without a word would lose articles.
_NOT_YET = frozenset(
    ".pdf .docx .doc .odt .rtf .epub .eml .mbox .xml .rss .atom .json .csv .tsv .zip .gz .warc".split()
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overrides:
    """What is set wins over what the files say, for every article. Raises UsageError for a date that is none."""

    source: str | None = None
    author: str | None = None
    published: str | None = None
    url: str | None = None
    title: str | None = None
    language: str | None = None

    def __post_init__(self) -> None:
        if self.published is None:
            return
        try:
            parse_published(self.published)
        except ValueError:
            why = f"{self.published!r} is not a date: write it as 2023-03-06 or 2023-03-06T10:00:00+05:00"
            raise UsageError(why) from None

    def apply(self, article: Article) -> Article:
        """Return the article with what is set here."""
        given = {f.name: getattr(self, f.name) for f in fields(self) if getattr(self, f.name) is not None}
        return replace(article, **given) if given else article


NO_OVERRIDES = Overrides()


def read_paths(
    paths: Sequence[Path],
    *,
    overrides: Overrides = NO_OVERRIDES,
    on_bad: Callable[[ReadError], None],
    on_skipped: Callable[[Path], None] | None = None,
) -> Iterator[Article]:
    """Yield the articles of files and folders, in the order given, a folder's in the order of their names.

    A file or line that cannot be read is told to `on_bad`, and the rest goes on. In folders, hidden files are passed
    over, links to folders are not followed, and files of a kind that holds no articles go to `on_skipped`.
    """
    for path in paths:
        try:
            files = _files_of(path, on_bad, on_skipped)
        except OSError as error:
            on_bad(ReadError(str(path), _reason(error)))
            continue
        for file in files:
            for article in _read_file(file, on_bad):
                own = f"{_absolute(file)}{article.path or ''}"
                yield overrides.apply(replace(article, path=own))


def read_stream(
    data: bytes, *, name: str, overrides: Overrides = NO_OVERRIDES, on_bad: Callable[[ReadError], None]
) -> Iterator[Article]:
    """Yield the articles of standard input or an upload; its format is told by name or content."""
    for article in _read_open(io.BytesIO(data), name, on_bad):
        yield overrides.apply(replace(article, path=None))


def choose_format(name: str, head: bytes) -> Format:
    """Return the format that the first bytes show, else the one that the name says, else plain text."""
    suffix = Path(name).suffix.lower()
    named = next((f for f in FORMATS if suffix in f.SUFFIXES), None)
    if named is read_jsonl or (named is read_html and b"<" in head):
        return named
    plain = head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\x00", b"")  # UTF-16 reads as ASCII so
    shown = next((f for f in FORMATS if f.recognises(plain)), None)
    return shown or (named if named is not None and named is not read_html else FORMATS[-1])


def _read_file(path: Path, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the articles of one file."""
    try:
        with path.open("rb") as file:
            yield from _read_open(file, str(path), on_bad)
    except OSError as error:
        on_bad(ReadError(str(path), _reason(error)))


def _read_open(file: BinaryIO, where: str, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the articles of an open file; whatever is wrong with it costs no other file."""
    try:
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        yield from choose_format(where, head).read(file, where=where, on_bad=on_bad)
    except ReadError as error:
        on_bad(error)
    except Exception as error:  # noqa: BLE001 - one document of a batch: a parser's fault must not stop the others
        _log.debug("%s could not be read", where, exc_info=True)
        on_bad(
            ReadError(where, f"it could not be read ({type(error).__name__}): save the article as .txt and add that")
        )


def _files_of(
    path: Path, on_bad: Callable[[ReadError], None], on_skipped: Callable[[Path], None] | None
) -> Iterator[Path]:
    """Return the files that a path given by name stands for; raises OSError when it cannot be looked at."""
    path.stat()  # raises for a missing file and for links in a circle
    if path.is_dir():
        return _walk(path, on_bad, on_skipped)
    if not path.is_file():
        raise OSError("it is neither a file nor a folder")
    return iter((path,))


def _walk(
    folder: Path, on_bad: Callable[[ReadError], None], on_skipped: Callable[[Path], None] | None
) -> Iterator[Path]:
    """Yield the article files of a folder and its folders, by name."""
    found = False
    waiting = [folder]
    while waiting:
        path = waiting.pop()
        if path.is_dir():
            try:
                names = sorted(os.listdir(path))  # noqa: PTH208 - names are wanted, not paths
            except OSError as error:
                on_bad(ReadError(str(path), _reason(error)))
                continue
            inside = [path / name for name in names if not name.startswith(".") and not _is_page_assets(name, names)]
            waiting += [p for p in reversed(inside) if not (p.is_symlink() and p.is_dir())]
        elif any(path.suffix.lower() in f.SUFFIXES for f in FORMATS):
            found = True
            yield path
        elif path.suffix.lower() in _NOT_YET:
            found = True
            why = f"{path.suffix.lower()} files are not read yet: save it as .txt, .md, .html or .jsonl"
            on_bad(ReadError(str(path), why))
        elif on_skipped is not None:
            on_skipped(path)
    if not found:
        kinds = ", ".join(sorted(suffix for f in FORMATS for suffix in f.SUFFIXES))
        on_bad(ReadError(str(folder), f"there are no article files ({kinds}) in this folder"))


def _is_page_assets(name: str, names: Sequence[str]) -> bool:
    """Return whether a folder holds the pictures and frames that a browser saved beside a page."""
    page = name.removesuffix("_files")
    return page != name and (f"{page}.html" in names or f"{page}.htm" in names)


def _absolute(path: Path) -> str:
    """Return the path from the root, links in it as they are: the same file is the same from every folder."""
    return Path(os.path.abspath(path)).as_posix()  # noqa: PTH100 - resolve() would follow links


def _reason(error: OSError) -> str:
    """Return what keeps a file from being read, and what to do."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file or folder: check the path"
    if isinstance(error, PermissionError):
        return "it may not be read (permission denied): change its permissions or copy it"
    return f"it cannot be read ({error.strerror or error}): check the file"
