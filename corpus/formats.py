"""The kinds of article files: which one a file is, and reading it so that a bad one costs no other."""

import logging
from collections.abc import Callable, Iterator
from pathlib import PurePath
from typing import BinaryIO, Protocol

from corpus import read_html, read_jsonl, read_markdown, read_text
from corpus.article import Article
from corpus.errors import ReadError
from corpus.hints import Hints

_log = logging.getLogger(__name__)
_HEAD_BYTES = 4096


class Format(Protocol):
    """One kind of article file. Each is a module of its own, so that another is one file more."""

    SUFFIXES: frozenset[str]

    def recognises(self, head: bytes) -> bool:
        """Return whether the first bytes of a file show that it is of this kind, whatever its name says."""

    def read(
        self, file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]
    ) -> Iterator[Article]:
        """Yield the articles; raises ReadError when there is none. A `path` that begins with # names one of several."""


# In the order in which their content is looked for; the last takes what is of no other kind.
FORMATS: tuple[Format, ...] = (read_html, read_jsonl, read_markdown, read_text)
# What servers say of files that have no suffix in their address.
_CONTENT_TYPES = {"text/html": ".html", "application/xhtml+xml": ".html", "text/markdown": ".md"}


def suffixes() -> frozenset[str]:
    """Return the endings of the names of all files that can be read."""
    return frozenset(suffix for kind in FORMATS for suffix in kind.SUFFIXES)


def suffix_of_type(content_type: str) -> str:
    """Return the ending that files of a media type have, empty for a type that says nothing of use."""
    return _CONTENT_TYPES.get(content_type.partition(";")[0].strip().lower(), "")


def choose_format(name: str, head: bytes) -> Format:
    """Return the format that the first bytes show, else the one that the name says, else plain text."""
    suffix = PurePath(name).suffix.lower()
    named = next((f for f in FORMATS if suffix in f.SUFFIXES), None)
    if named is read_jsonl or (named is read_html and b"<" in head):
        return named
    plain = head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\x00", b"")  # UTF-16 reads as ASCII so
    shown = next((f for f in FORMATS if f.recognises(plain)), None)
    return shown or (named if named is not None and named is not read_html else FORMATS[-1])


def read_open(
    file: BinaryIO, *, name: str, where: str, hints: Hints, on_bad: Callable[[ReadError], None]
) -> Iterator[Article]:
    """Yield the articles of an open file, told by `name` or content; what is wrong with it goes to `on_bad`."""
    try:
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        yield from choose_format(name, head).read(file, where=where, hints=hints, on_bad=on_bad)
    except ReadError as error:
        on_bad(error)
    except Exception as error:  # noqa: BLE001 - one document of a batch: a parser's fault must not stop the others
        _log.debug("%s could not be read", where, exc_info=True)
        on_bad(
            ReadError(where, f"it could not be read ({type(error).__name__}): save the article as .txt and add that")
        )
