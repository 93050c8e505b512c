"""Mails (.eml) and mailboxes (.mbox): their words, the attached files, and the mails within them.

Mails are parsed with the standard library's `email`, which knows every encoding of mails and takes broken ones.
"""

import email.policy
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.assemble import assemble
from corpus.cleaning.clean import clean, clean_line
from corpus.errors import ReadError
from corpus.readers.archives import inner_name
from corpus.readers.decoding import decode
from corpus.readers.forwarding import REPLY, day, passed_on, sender, unquoted, without_answered
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.web_pages.small_pages import blocks_of

_LARGEST = 10 * MAX_BYTES  # of a mail, with its pictures
MAIL_HEAD = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:[A-Za-z][\w-]{1,60}:[^\n]{0,2000}\r?\n(?:[ \t][^\n]{0,2000}\r?\n)*){2,}", re.DOTALL
)
_TELLING = re.compile(rb"^(?:MIME-Version|Message-ID|Received|Return-Path|Delivered-To|X-[\w-]{2,40}):", re.M | re.I)
_FROM = re.compile(rb"^From:", re.M | re.I)
_MOST_PARTS = 500  # of a mail with all that it holds
_BROKEN = (ValueError, AttributeError, TypeError, LookupError, RecursionError)  # from the parser of broken headers
_DEEPEST = 5  # mails within mails
_FEWEST_WORDS = 12  # of a note above what is attached or passed on; "see below" is no article
_LINE_BYTES = 1 << 20
# "From " and an address or a dash, then a day of the week or a year: the line above each mail (RFC 4155).
_SEPARATOR = re.compile(rb"From (?:\S+ .{0,80}?(?:\d{4}|\d\d:\d\d)|- ).{0,80}\r?\n?$")
_FIELD = re.compile(rb"(?:\xef\xbb\xbf)?From \S.{0,200}\r?\n>?[A-Za-z][\w-]{1,60}:")
_QUOTED = re.compile(rb"(?m)^>(>*From )")
_ID = re.compile(rb"(?im)^Message-ID:\s*<([^<>\s]{1,200})>")
_MOSTLY = 0.6  # share of the page's words that a text part must have to be more than a note that there is a page


def _is_mail(head: bytes) -> bool:
    """Return whether a file opens with the header of a mail."""
    match = MAIL_HEAD.match(head)
    return match is not None and _FROM.search(match[0]) is not None and _TELLING.search(match[0]) is not None


def _read_mail(file: OpenFile) -> Iterator[Article]:
    """Yield the article of the mail, those of the mails in it, and those of the attached files."""
    data = file.content(limit=_LARGEST, instead="save its text as .txt and add that")
    yield from _Mail(BytesParser(policy=email.policy.default).parsebytes(data), file).articles()


class _Mail:
    """One mail, which may lie in another. depth: how many it lies in."""

    def __init__(self, message: EmailMessage, file: OpenFile, depth: int = 0) -> None:
        self._file, self._depth = file, depth
        self._subject = _header(message, "subject")
        self._known = {
            "title": REPLY.sub("", self._subject, count=1),
            "published": day(_header(message, "date")),
            "language": _header(message, "content-language").partition("-")[0].partition(",")[0].strip().lower(),
            **sender(_header(message, "from")),
        }
        if file.url:
            self._known["url"] = file.url
        self._body: list[EmailMessage] = []
        self._mails: list[EmailMessage] = []
        self._files: list[EmailMessage] = []
        self._sort(message)

    def articles(self) -> Iterator[Article]:
        """Yield the articles. Raises ReadError if there is none and no part was reported."""
        inner = [a for number, mail in enumerate(self._mails, start=1) for a in self._of_inner_mail(mail, number)]
        attached = [article for part in self._files for article in self._attached(part)]
        text = without_answered(self._text(), self._subject)
        original = passed_on(text, self._subject)
        own = original.note if original is not None else text
        if original is not None:
            kept = {name: value for name, value in self._known.items() if name not in ("author", "source", "published")}
            yield self._assembled(original.words, kept | original.known)
        few = len(clean(own).split()) < _FEWEST_WORDS
        if not few or not (original or inner or attached):
            article = self._assembled(own, self._known)
            yield replace(article, path="#note") if original is not None else article
        yield from inner
        yield from attached

    def _assembled(self, text: str, known: dict[str, str]) -> Article:
        fields = {name: line for name, value in known.items() if (line := clean_line(value))}
        return assemble(text, fields, where=self._file.where, find_title=False)

    def _sort(self, message: EmailMessage) -> None:
        """Tell the parts that are the mail's words from files and mails in it, whose own parts are theirs."""
        waiting, seen = [message], 0
        while waiting and seen < _MOST_PARTS:
            seen += 1
            part = waiting.pop(0)
            kind = part.get_content_type()
            if kind == "message/rfc822":
                self._mails += [inner for inner in _parts(part) if isinstance(inner, EmailMessage)]
            elif part.is_multipart():
                waiting[:0] = _parts(part)
            elif kind in ("text/plain", "text/html") and part.get_content_disposition() != "attachment":
                self._body.append(part)
            elif part.get_content_disposition() == "attachment" or _read_header(part.get_filename):
                self._files.append(part)

    def _of_inner_mail(self, message: EmailMessage, number: int) -> Iterator[Article]:
        """Yield the articles of a mail that lies in this one."""
        where = f"{self._file.where} mail {number}"
        try:
            if self._depth >= _DEEPEST:
                raise ReadError(where, f"mails lie in each other more than {_DEEPEST} deep: save it by itself")
            mail = _Mail(message, replace(self._file, where=where, url=None), self._depth + 1)
            for article in mail.articles():
                yield replace(article, path=f"#{number}{article.path or ''}")
        except ReadError as error:
            self._file.on_bad(error)

    def _attached(self, part: EmailMessage) -> Iterator[Article]:
        """Yield the articles of an attached file. Where it names no outlet or day, they are the mail's."""
        name, file = inner_name(_read_header(part.get_filename)) or "attachment", self._file
        data = part.get_payload(decode=True)
        if PurePosixPath(name).suffix.lower() not in file.known_kinds or not isinstance(data, bytes):
            return
        inner = replace(
            file,
            stream=io.BytesIO(data),
            name=name,
            where=f"{file.where}/{name}",
            depth=file.depth + 1,
            url=None,
            charset=part.get_content_charset(),
        )
        for article in file.articles_within(inner, name):
            missing: dict[str, Any] = {
                field: clean_line(self._known[field])
                for field in ("source", "published")
                if self._known.get(field) and getattr(article, field) is None
            }
            yield replace(article, **missing)

    def _text(self) -> str:
        """Return the words of the mail: its text part, or its page's where that says much more."""
        plain, pages = "", ""
        for part in self._body:
            words = _part_text(part, self._file.where)
            if part.get_content_type() == "text/plain":
                plain += ("\n\n" if plain else "") + unquoted(words)
            elif words.strip():
                pages += ("\n\n" if pages else "") + "\n\n".join(blocks_of(words))
        return plain if len(clean(plain)) >= _MOSTLY * len(clean(pages)) else pages


def _parts(part: EmailMessage) -> list[EmailMessage]:
    inner = part.get_payload()
    return [each for each in inner if isinstance(each, EmailMessage)] if isinstance(inner, list) else []


def _read_header(read: Callable[[], object]) -> str:
    """Return what the parser makes of a header; empty for one that is missing or too broken to be read."""
    try:
        return str(read() or "")
    except _BROKEN:
        return ""


def _part_text(part: EmailMessage, where: str) -> str:
    """Return the text of a part; an unknown encoding is guessed from the bytes."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data:
        return ""
    try:
        return decode(data, where=where, declared=part.get_content_charset())
    except ReadError:
        return data.decode("utf-8", errors="replace")


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(_read_header(lambda: message.get(name)).split())[:1000]


def _read_mailbox(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of each mail, one in memory at a time. A mail that cannot be read is reported."""
    number = 0
    for number, mail in enumerate(_mails(file.stream), start=1):
        where = f"{file.where} mail {number}"
        if len(mail) > _LARGEST:
            file.on_bad(ReadError(where, f"the mail is larger than {_LARGEST // 1_000_000} MB: save its text as .txt"))
            continue
        stream = io.BytesIO(mail)
        inner = replace(file, stream=stream, name="mail.eml", where=where, url=None, charset=None)
        yield from file.articles_within(inner, _name(mail))
    if not number:
        raise ReadError(file.where, "there is no mail in it: check that it is the right file")


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
        elif size <= _LARGEST:
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


MAIL = Format("mail", frozenset((".eml",)), _read_mail, _is_mail, isolated=True)
MBOX = Format("mailbox", frozenset((".mbox", ".mbx")), _read_mailbox, _FIELD.match)
