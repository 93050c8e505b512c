"""Mails (.eml), newsletters above all: the text part or that of the page, sender, subject and day.

Parsed with the standard library's `email`, which knows every encoding of mails and takes broken ones.
"""

import email.policy
import re
from collections.abc import Callable, Iterator
from datetime import datetime
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from typing import BinaryIO

from corpus.article import Article
from corpus.cleaning.assemble import assemble
from corpus.cleaning.byline import is_name
from corpus.cleaning.clean import clean, clean_line
from corpus.cleaning.written_dates import iso_date
from corpus.errors import ReadError
from corpus.limits import MAX_BYTES
from corpus.readers.decoding import decode
from corpus.readers.hints import Hints
from corpus.readers.web_pages.html_blocks import blocks_of

SUFFIXES = frozenset((".eml", ".mht", ".mhtml"))
ISOLATED = True
_LARGEST = 10 * MAX_BYTES  # of a mail, with its pictures
_HEADERS = re.compile(rb"(?:(?:[A-Za-z][\w-]{1,60}):[^\n]{0,2000}\r?\n(?:[ \t][^\n]{0,2000}\r?\n)*){2,}", re.DOTALL)
_TELLING = re.compile(rb"^(?:MIME-Version|Message-ID|Received|Return-Path|Delivered-To|X-[\w-]{2,40}):", re.M | re.I)
_FROM = re.compile(rb"^From:", re.M | re.I)
_MOST_PARTS = 500
_MOSTLY = 0.6  # share of the page's words that a text part must have to be more than a note that there is a page
_REPLY = re.compile(r"(?:(?:fwd?|re|aw|wg|tr|rv)\s?(?:\[\d\])?:\s?)+", re.IGNORECASE)
_FORWARDED = re.compile(
    r"[ >*]*(?:-{2,} ?(?:forwarded|original) message ?-{2,}|begin forwarded message:|-{5,} ?forwarded by .{1,80})[ *]*",
    re.IGNORECASE,
)
_LINE_OF_HEAD = re.compile(r"[ >*]*(From|Date|Sent|Subject|To|Cc|Reply-To):[* ]*(.{0,500})", re.IGNORECASE)
_SIGNATURE = re.compile(r"^-- ?$", re.MULTILINE)
_MOST_SIGNATURE_LINES = 12
_WROTE = re.compile(r"On .{6,200} wrote:")


def recognises(head: bytes) -> bool:
    """Return whether a file opens with the header of a mail."""
    match = _HEADERS.match(head.removeprefix(b"\xef\xbb\xbf"))
    return match is not None and _FROM.search(match[0]) is not None and _TELLING.search(match[0]) is not None


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the one article of the mail."""
    data = file.read(_LARGEST + 1)
    if not data:
        raise ReadError(where, "the file is empty: check that it is the right one")
    if len(data) > _LARGEST:
        raise ReadError(
            where, f"the mail is larger than {_LARGEST // 1_000_000} MB: save its text as .txt and add that"
        )
    message = BytesParser(policy=email.policy.default).parsebytes(data)
    text, original = _forwarded(_text(message, where))
    known = {"title": _REPLY.sub("", _header(message, "subject"), count=1), "published": _day(_header(message, "date"))}
    known |= _sender(_header(message, "from"))
    known["language"] = _header(message, "content-language").partition("-")[0].partition(",")[0].strip().lower()
    if snapshot := _header(message, "snapshot-content-location") or hints.url:  # of a page saved as .mhtml
        known["url"] = snapshot
    given = {name: clean_line(value) for name, value in (known | original).items() if value}
    yield assemble(text, {name: value for name, value in given.items() if value}, where=where, find_title=False)


def _text(message: EmailMessage, where: str) -> str:
    """Return the words of the mail: its text part, or its page's where that says much more."""
    plain, pages = "", ""
    for number, part in enumerate(message.walk()):
        if number == _MOST_PARTS:
            break
        kind = part.get_content_type()
        if kind not in ("text/plain", "text/html") or part.get_content_disposition() == "attachment":
            continue
        words = _part_text(part, where)
        if kind == "text/plain":
            plain += ("\n\n" if plain else "") + _unquoted(words)
        elif words.strip():
            pages += ("\n\n" if pages else "") + "\n\n".join(blocks_of(words))
    return plain if len(clean(plain)) >= _MOSTLY * len(clean(pages)) else pages


def _part_text(part: EmailMessage, where: str) -> str:
    """Return the text of a part; an encoding that is none is told from the bytes."""
    data = part.get_payload(decode=True)
    if not isinstance(data, bytes) or not data:
        return ""
    try:
        return decode(data, where=where, declared=part.get_content_charset())
    except ReadError:
        return data.decode("utf-8", errors="replace")


def _unquoted(text: str) -> str:
    """Return a text part without signature, what it answers to, and the marks of a text that is quoted as a whole."""
    lines = text.splitlines()
    written = [line for line in lines if line.strip()]
    if written and sum(line.startswith(">") for line in written) > 0.5 * len(written):
        return "\n".join(re.sub(r"^(?:> ?)+", "", line) for line in lines if not _WROTE.fullmatch(line.strip()))
    text = "\n".join(line for line in lines if not line.startswith(">") and not _WROTE.fullmatch(line.strip()))
    signature = _SIGNATURE.search(text)
    if signature and signature.start() and text.count("\n", signature.end()) <= _MOST_SIGNATURE_LINES:
        return text[: signature.start()]
    return text


def _forwarded(text: str) -> tuple[str, dict[str, str]]:
    """Return the text of a mail that was passed on, and who wrote it when, where it says so."""
    lines = text.splitlines()
    start = next((number for number, line in enumerate(lines) if _FORWARDED.fullmatch(line)), None)
    if start is None:
        return text, {}
    at, found = start + 1, dict[str, str]()
    while at < len(lines) and (not lines[at].strip(" >*") or (head := _LINE_OF_HEAD.fullmatch(lines[at]))):
        if lines[at].strip(" >*") and head is not None:
            found.setdefault(head[1].lower(), head[2].strip(" *"))
        elif found and "subject" in found and not _LINE_OF_HEAD.fullmatch("".join(lines[at + 1 : at + 2])):
            break
        at += 1
    rest = "\n".join(lines[at:])
    if not rest.strip():
        return text, {}
    known = _sender(found.get("from", "")) | {"title": _REPLY.sub("", found.get("subject", ""), count=1)}
    known["published"] = _day(found.get("date", "") or found.get("sent", ""))
    return rest, {name: value for name, value in known.items() if value}


def _sender(written: str) -> dict[str, str]:
    """Return the sender's name as writer where it is a person's, else as outlet."""
    try:
        name = next((name for name, _ in getaddresses([written]) if name), "")
    except (ValueError, IndexError, RecursionError):
        return {}
    name = name.strip("\"' ")
    writer, at, outlet = (part.strip() for part in re.sub(r"\s(?:at|from|via|\|)\s", "\x00", name).partition("\x00"))
    if at and is_name(writer):
        return {"author": writer, "source": outlet}
    return (
        {}
        if not name or "@" in name
        else {"author": name}
        if is_name(name) and not _OUTLET.search(name)
        else {"source": name}
    )


_OUTLET = re.compile(
    r"\b(?:the|news|newsletter|daily|times|post|gazette|herald|journal|press|tribune|editors?|media|today|morning|briefing|"
    r"alerts?|update|digest|weekly|magazine|review|bulletin|wire|agency|team)\b",
    re.IGNORECASE,
)


def _header(message: EmailMessage, name: str) -> str:
    """Return a header's words; empty for one that is missing or too broken to be read."""
    try:
        return " ".join(str(message.get(name) or "").split())[:1000]
    except (
        ValueError,
        IndexError,
        AttributeError,
        TypeError,
        LookupError,
        RecursionError,
    ):  # the parser of broken headers
        return ""


def _day(written: str) -> str:
    """Return a mail's date and time with zone; the day alone where it has no zone."""
    try:
        moment: datetime = parsedate_to_datetime(written)
        return moment.isoformat() if moment.tzinfo else moment.date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        return iso_date(re.sub(r"^\w{3,9}, ", "", written)) or ""
