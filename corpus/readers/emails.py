"""Mails (.eml), newsletters and press releases above all: their words, the files that hang on them, mails within them.

Parsed with the standard library's `email`, which knows every encoding of mails and takes broken ones.
"""

import email.policy
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import PurePosixPath
from typing import Any, BinaryIO

from corpus.article import MAX_BYTES, Article, read_all
from corpus.cleaning.assemble import assemble
from corpus.cleaning.clean import clean, clean_line
from corpus.errors import ReadError
from corpus.readers.archives.members import inner_name
from corpus.readers.decoding import decode
from corpus.readers.forwarding import REPLY, day, passed_on, sender, unquoted, without_answered
from corpus.readers.hints import Hints
from corpus.readers.web_pages.html_blocks import blocks_of

SUFFIXES = frozenset((".eml",))
ISOLATED = True
_LARGEST = 10 * MAX_BYTES  # of a mail, with its pictures
_HEADERS = re.compile(rb"(?:(?:[A-Za-z][\w-]{1,60}):[^\n]{0,2000}\r?\n(?:[ \t][^\n]{0,2000}\r?\n)*){2,}", re.DOTALL)
_TELLING = re.compile(rb"^(?:MIME-Version|Message-ID|Received|Return-Path|Delivered-To|X-[\w-]{2,40}):", re.M | re.I)
_FROM = re.compile(rb"^From:", re.M | re.I)
_MOST_PARTS = 500
_BROKEN = (ValueError, AttributeError, TypeError, LookupError, RecursionError)  # from the parser of broken headers
_DEEPEST = 5  # mails within mails
_FEWEST_WORDS = 12  # of a note above what is attached or passed on; "see below" is no article
_MOSTLY = 0.6  # share of the page's words that a text part must have to be more than a note that there is a page


def recognises(head: bytes) -> bool:
    """Return whether a file opens with the header of a mail."""
    match = _HEADERS.match(head.removeprefix(b"\xef\xbb\xbf"))
    return match is not None and _FROM.search(match[0]) is not None and _TELLING.search(match[0]) is not None


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the article of the mail, those of the mails in it, and those of the files that hang on it."""
    data = read_all(file, where=where, limit=_LARGEST, instead="save its text as .txt and add that")
    message = BytesParser(policy=email.policy.default).parsebytes(data)
    yield from _Mail(message, where, hints, on_bad).articles()


class _Mail:
    """One mail, which may lie in another. depth: how many it lies in."""

    def __init__(
        self, message: EmailMessage, where: str, hints: Hints, on_bad: Callable[[ReadError], None], depth: int = 0
    ) -> None:
        self._where, self._hints, self._on_bad, self._depth = where, hints, on_bad, depth
        self._subject = _header(message, "subject")
        self._known = {
            "title": REPLY.sub("", self._subject, count=1),
            "published": day(_header(message, "date")),
            "language": _header(message, "content-language").partition("-")[0].partition(",")[0].strip().lower(),
            **sender(_header(message, "from")),
        }
        if hints.url:
            self._known["url"] = hints.url
        self._body: list[EmailMessage] = []
        self._mails: list[EmailMessage] = []
        self._files: list[EmailMessage] = []
        self._sort(message)

    def articles(self) -> Iterator[Article]:
        """Yield the articles. Raises ReadError where there is none and nothing was said of a part."""
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
        given = {name: clean_line(value) for name, value in known.items() if value}
        return assemble(
            text, {name: value for name, value in given.items() if value}, where=self._where, find_title=False
        )

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
            elif part.get_content_disposition() == "attachment" or _file_name(part):
                self._files.append(part)

    def _of_inner_mail(self, message: EmailMessage, number: int) -> Iterator[Article]:
        """Yield the articles of a mail that lies in this one."""
        where = f"{self._where} mail {number}"
        if self._depth >= _DEEPEST:
            self._on_bad(ReadError(where, f"mails lie in each other more than {_DEEPEST} deep: save it by itself"))
            return
        mail = _Mail(message, where, replace(self._hints, url=None), self._on_bad, self._depth + 1)
        try:
            for article in mail.articles():
                yield replace(article, path=f"#{number}{article.path or ''}")
        except ReadError as error:
            self._on_bad(error)

    def _attached(self, part: EmailMessage) -> Iterator[Article]:
        """Yield the articles of a file that hangs on the mail; where it names no outlet or day, they are the mail's."""
        name = inner_name(_file_name(part)) or "attachment"
        data = part.get_payload(decode=True)
        if PurePosixPath(name).suffix.lower() not in self._hints.known_kinds or not isinstance(data, bytes):
            return
        hints = replace(self._hints, depth=self._hints.depth + 1, url=None, charset=part.get_content_charset())
        where, read = f"{self._where}/{name}", self._hints.read_inside
        for article in read(io.BytesIO(data), name=name, where=where, hints=hints, on_bad=self._on_bad):
            missing: dict[str, Any] = {
                field: clean_line(self._known[field])
                for field in ("source", "published")
                if self._known.get(field) and getattr(article, field) is None
            }
            yield replace(article, path=f"#{name}{article.path or ''}", **missing)

    def _text(self) -> str:
        """Return the words of the mail: its text part, or its page's where that says much more."""
        plain, pages = "", ""
        for part in self._body:
            words = _part_text(part, self._where)
            if part.get_content_type() == "text/plain":
                plain += ("\n\n" if plain else "") + unquoted(words)
            elif words.strip():
                pages += ("\n\n" if pages else "") + "\n\n".join(blocks_of(words))
        return plain if len(clean(plain)) >= _MOSTLY * len(clean(pages)) else pages


def _parts(part: EmailMessage) -> list[EmailMessage]:
    inner = part.get_payload()
    return [each for each in inner if isinstance(each, EmailMessage)] if isinstance(inner, list) else []


def _file_name(part: EmailMessage) -> str:
    """Return the name of a file that hangs on a mail, empty where it has none that can be read."""
    try:
        return part.get_filename() or ""
    except _BROKEN:
        return ""


def _part_text(part: EmailMessage, where: str) -> str:
    """Return the text of a part; an encoding that is none is told from the bytes."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data:
        return ""
    try:
        return decode(data, where=where, declared=part.get_content_charset())
    except ReadError:
        return data.decode("utf-8", errors="replace")


def _header(message: EmailMessage, name: str) -> str:
    """Return a header's words; empty for one that is missing or too broken to be read."""
    try:
        return " ".join(str(message.get(name) or "").split())[:1000]
    except _BROKEN:
        return ""
