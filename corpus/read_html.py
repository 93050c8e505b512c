"""Web pages."""

import re
from collections.abc import Callable, Iterator
from typing import BinaryIO

from corpus.article import Article
from corpus.assemble import assemble
from corpus.decode import decode
from corpus.errors import ReadError
from corpus.size import read_all

SUFFIXES = frozenset((".html", ".htm", ".xhtml"))
_PAGE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml[^<>]{0,200}>\s*)?(?:<!--.{0,1000}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b",
    re.I | re.S,
)


def recognises(head: bytes) -> bool:
    """Return whether the first bytes of a file open a web page."""
    return _PAGE.match(head) is not None


def read(file: BinaryIO, *, where: str, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the one article of the page."""
    yield assemble(decode(read_all(file, where=where), where=where), {}, where=where, find_title=False)
