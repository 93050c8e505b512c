"""Mailboxes (.mbox), as Thunderbird, Apple Mail and Gmail export them: each mail is read as a file of its own."""

import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import BinaryIO

from corpus.article import MAX_BYTES, Article
from corpus.errors import ReadError
from corpus.readers.hints import Hints

SUFFIXES = frozenset((".mbox", ".mbx"))
ISOLATED = False
_LARGEST_MAIL = 10 * MAX_BYTES
_LINE_BYTES = 1 << 20
# "From " and an address or a dash, then a day of the week or a year: the line above each mail (RFC 4155).
_SEPARATOR = re.compile(rb"From (?:\S+ .{0,80}?(?:\d{4}|\d\d:\d\d)|- ).{0,80}\r?\n?$")
_FIELD = re.compile(rb"(?:\xef\xbb\xbf)?From \S.{0,200}\r?\n>?[A-Za-z][\w-]{1,60}:")
_QUOTED = re.compile(rb"(?m)^>(>*From )")
_ID = re.compile(rb"(?im)^Message-ID:\s*<([^<>\s]{1,200})>")


def recognises(head: bytes) -> bool:
    """Return whether a file opens with the line above a mail and then the mail's own head."""
    return _FIELD.match(head) is not None


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the articles of each mail, one in memory at a time; one that cannot be read is told, the rest goes on."""
    inner = replace(hints, url=None, charset=None)
    number = 0
    for number, mail in enumerate(_mails(file), start=1):
        place = f"{where} mail {number}"
        if len(mail) > _LARGEST_MAIL:
            on_bad(ReadError(place, f"the mail is larger than {_LARGEST_MAIL // 1_000_000} MB: save its text as .txt"))
            continue
        name = _name(mail)
        for article in hints.read_inside(io.BytesIO(mail), name="mail.eml", where=place, hints=inner, on_bad=on_bad):
            yield replace(article, path=f"#{name}{article.path or ''}")
    if not number:
        raise ReadError(where, "there is no mail in it: check that it is the right file")


def _mails(file: BinaryIO) -> Iterator[bytes]:
    """Yield the mails; of one that is too large only so much that it shows."""
    parts: list[bytes] = []
    size = 0
    blank = True
    while line := file.readline(_LINE_BYTES):
        if blank and _SEPARATOR.match(line):
            if parts:
                yield _QUOTED.sub(rb"\1", b"".join(parts))
            parts, size = [], 0
        elif size <= _LARGEST_MAIL:
            parts.append(line)
            size += len(line)
        blank = not line.strip()
    if any(part.strip() for part in parts):
        yield _QUOTED.sub(rb"\1", b"".join(parts))


def _name(mail: bytes) -> str:
    """Return what tells a mail from the others of its box: its own id, else a hash of it."""
    head = re.split(rb"\r?\n\r?\n", mail, maxsplit=1)[0]
    named = _ID.search(head)
    return named[1].decode("ascii", "replace") if named else hashlib.sha256(mail).hexdigest()[:16]
