"""Mails (.eml) and mailboxes (.mbox): their words, the attached files, and the mails within them.

Mails are parsed with the standard library's `email`, which knows every encoding of mails and takes broken ones. Of a
mail that was passed on, the first sender and day count; what an answer quotes is left out.
"""

import email.policy
import hashlib
import io
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import PurePosixPath
from typing import BinaryIO

from corpus.article import MAX_BYTES, Article
from corpus.cleaning.assemble import assemble
from corpus.cleaning.byline import is_name, is_outlet
from corpus.cleaning.clean import clean, clean_line
from corpus.cleaning.fields import known_fields
from corpus.cleaning.written_dates import iso_date
from corpus.errors import ReadError
from corpus.readers.archives import inner_name
from corpus.readers.open_file import Format, OpenFile, decode
from corpus.readers.web_pages.html_pages import blocks_of

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
_MOSTLY = 0.6  # share of the page's words that a text part must have to be more than a note that there is a page

_LINE_BYTES = 1 << 20
# "From " and an address or a dash, then a day of the week or a year: the line above each mail of a box (RFC 4155).
_SEPARATOR = re.compile(rb"From (?:\S+ .{0,80}?(?:\d{4}|\d\d:\d\d)|- ).{0,80}\r?\n?$")
_BOX = re.compile(rb"(?:\xef\xbb\xbf)?From \S.{0,200}\r?\n>?[A-Za-z][\w-]{1,60}:")
_QUOTED = re.compile(rb"(?m)^>(>*From )")
_ID = re.compile(rb"(?im)^Message-ID:\s*<([^<>\s]{1,200})>")

# What mail programs put before the subject of an answer, or of a mail that is passed on.
_REPLY = re.compile(r"(?:(?:fwd?|fw|re|aw|antw|wg|tr|rv|rif|sv|vb|vs|i|r)\s?(?:\[\d\])?:\s?)+", re.IGNORECASE)
_ANSWER = re.compile(r"(?:re|aw|antw|sv|r)\s?(?:\[\d\])?:", re.IGNORECASE)
_FORWARDED = re.compile(
    r"[ >*]*(?:-{2,} ?(?:forwarded|original|weitergeleitete|urspr\w+|message transf\w+) ?(?:message|nachricht|\w+)? ?"
    r"-{2,}|begin forwarded message:|anfang der weitergeleiteten nachricht:)[ *]*",
    re.IGNORECASE,
)
_LABELS = {
    "from": "from von de da van från fra od",
    "date": "date sent datum gesendet envoyé inviato enviado data fecha verzonden skickat sendt le",
    "subject": "subject betreff objet oggetto asunto assunto onderwerp ämne emne",
    "to": "to an à para a aan till til cc bcc kopie copie reply-to reply antwort",
}
_LABEL_OF = {name: field for field, names in _LABELS.items() for name in names.split()}
_LINE_OF_HEAD = re.compile(r"[ >*|]*\*?(?P<label>[^\W\d_][\w-]{0,11})\*? ?:\*?[* ]*(?P<value>.{0,500})")
_BLOCK_LINES = 10  # from the first to the last line of the head of a mail that is quoted without a line above it
_WROTE = re.compile(
    r"\s*(?:On|Am|Le|El|Il|Op|Den) .{6,200} (?:wrote|schrieb .{0,80}|a écrit|escribió|ha scritto|schreef .{0,80}):\s*"
)
_MARKS = re.compile(r"^(?:> ?)+")
_SIGNATURE = re.compile(r"(?<=\n)-- ?\n(?:[^\n]*\n){0,12}[^\n]*\Z")  # what is longer is part of the text
_MOST_CHAIN = 8  # mails passed on within each other
_OUTLET = re.compile(
    r"\b(?:the|press|office|desk|editors?|team|department|ministry|council|city|police|university|institute|service|"
    r"newsroom|communications?|relations|secretariat|association|union|foundation|society|agency|pr)\b",
    re.IGNORECASE,
)


def _is_mail(head: bytes) -> bool:
    """Tell whether a file opens with the header of a mail."""
    match = MAIL_HEAD.match(head)
    return match is not None and _FROM.search(match[0]) is not None and _TELLING.search(match[0]) is not None


def _read_mail(file: OpenFile) -> Iterator[Article]:
    """Yield the article of the mail, those of the mails in it, and those of the attached files."""
    data = file.content(limit=_LARGEST, instead="save its text as .txt and add that")
    yield from _articles(BytesParser(policy=email.policy.default).parsebytes(data), file)


def _articles(message: EmailMessage, file: OpenFile) -> Iterator[Article]:
    """Yield the articles of a mail. Raises ReadError if there is none."""
    subject = _header(message, "subject")
    language = known_fields({"language": _header(message, "content-language").split(",")[0]})
    kept = language | {"title": _REPLY.sub("", subject, count=1), "url": file.url or ""}
    known = kept | _sender_and_day(_header(message, "from"), _header(message, "date"))
    body, mails, files = _parts_of(message)
    inner = [a for number, mail in enumerate(mails, start=1) for a in _of_inner_mail(mail, number, file)]
    attached = [article for part in files for article in _attached(part, file, known)]
    note, words, first = _passed_on(_text(body, file.where), subject)
    if words:
        yield _assembled(words, kept | first, file)
    if len(clean(note).split()) >= _FEWEST_WORDS or not (words or inner or attached):
        article = _assembled(note, known, file)
        yield replace(article, path="#note") if words else article
    yield from inner
    yield from attached


def _assembled(text: str, known: dict[str, str], file: OpenFile) -> Article:
    fields = {name: line for name, value in known.items() if (line := clean_line(value))}
    return assemble(text, fields, where=file.where, find_title=False)


def _parts_of(message: EmailMessage) -> tuple[list[EmailMessage], list[EmailMessage], list[EmailMessage]]:
    """Return the parts that are the mail's words, the mails in it, whose own parts are theirs, and the files."""
    body, mails, files = list[EmailMessage](), list[EmailMessage](), list[EmailMessage]()
    waiting, seen = [message], 0
    while waiting and seen < _MOST_PARTS:
        seen += 1
        part = waiting.pop(0)
        kind = part.get_content_type()
        inner = [each for each in part.get_payload() if isinstance(each, EmailMessage)] if part.is_multipart() else []
        is_attached = _read_header(part.get_content_disposition) == "attachment"
        if kind == "message/rfc822":
            mails += inner
        elif part.is_multipart():
            waiting[:0] = inner
        elif kind in ("text/plain", "text/html") and not is_attached:
            body.append(part)
        elif is_attached or _read_header(part.get_filename):
            files.append(part)
    return body, mails, files


def _of_inner_mail(message: EmailMessage, number: int, file: OpenFile) -> Iterator[Article]:
    """Yield the articles of a mail that lies in another."""
    where = f"{file.where} mail {number}"
    try:
        if file.depth >= _DEEPEST:
            raise ReadError(where, f"mails lie in each other more than {_DEEPEST} deep: save it by itself")
        for article in _articles(message, replace(file, where=where, url=None, depth=file.depth + 1)):
            yield replace(article, path=f"#{number}{article.path or ''}")
    except ReadError as error:
        file.on_bad(error)


def _attached(part: EmailMessage, file: OpenFile, known: dict[str, str]) -> Iterator[Article]:
    """Yield the articles of an attached file. Where it names no outlet or day, they are the mail's."""
    name, data = inner_name(_read_header(part.get_filename)) or "attachment", part.get_payload(decode=True)
    if PurePosixPath(name).suffix.lower() not in file.known_kinds or not isinstance(data, bytes):
        return
    where, charset = f"{file.where}/{name}", part.get_content_charset()
    inner = replace(file, stream=io.BytesIO(data), name=name, where=where, charset=charset, url=None)
    for article in file.articles_within(replace(inner, depth=file.depth + 1), name):
        source, published = article.source or known.get("source"), article.published or known.get("published")
        yield replace(article, source=source, published=published)


def _text(parts: list[EmailMessage], where: str) -> str:
    """Return the words of a mail: its text part, or its page's where that says much more."""
    plain, pages = list[str](), list[str]()
    for part in parts:
        data = part.get_payload(decode=True)
        words = ""
        if isinstance(data, bytes) and data:
            try:
                words = decode(data, where=where, declared=part.get_content_charset())
            except ReadError:
                words = data.decode("utf-8", errors="replace")
        if part.get_content_type() == "text/plain":
            plain.append(_unquoted(words))
        else:
            pages += blocks_of(words)
    texts = "\n\n".join(plain), "\n\n".join(pages)
    return texts[0] if len(clean(texts[0])) >= _MOSTLY * len(clean(texts[1])) else texts[1]


def _read_header(read: Callable[[], object]) -> str:
    """Return what the parser makes of a header; empty for one that is missing or too broken to be read."""
    try:
        return str(read() or "")
    except _BROKEN:
        return ""


def _header(message: EmailMessage, name: str) -> str:
    return " ".join(_read_header(lambda: message.get(name)).split())[:1000]


def _sender_and_day(sender: str, date: str) -> dict[str, str]:
    """Return the sender as writer where it is a person, else as outlet, and the time, or the day where no zone is."""
    name = _read_header(lambda: next((name for name, _ in getaddresses([sender]) if name), ""))
    name = name or ("" if "@" in sender else sender)  # Outlook names no address of a colleague
    name = clean_line(re.sub(r"\s*\[mailto:.*", "", name).strip("\"'* "))
    if "," in name and is_name(turned := " ".join(reversed(name.split(", ", 1)))):  # Lund, Eva
        name = turned
    is_person = is_name(name) and not is_outlet(name) and not _OUTLET.search(name)
    try:
        moment = parsedate_to_datetime(date)
        day = moment.isoformat() if moment.tzinfo else moment.date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        day = iso_date(re.sub(r"^\w{2,10}\.?, ", "", date)) or iso_date(date) or ""
    found = {"author" if is_person else "source": "" if "@" in name else name, "published": day}
    return {field: value for field, value in found.items() if value}


def _unquoted(text: str) -> str:
    """Return a text part without signature, what it answers to, and the marks of a text that is quoted as a whole."""
    lines = [line for line in text.splitlines() if not _WROTE.fullmatch(line)]
    marked = _forwarding(lines)
    written = [line for line in lines if line.strip()]
    if marked is not None or sum(line.startswith(">") for line in written) > 0.5 * len(written):
        return "\n".join(_MARKS.sub("", line) for line in lines)
    return _SIGNATURE.sub("", "\n".join(line for line in lines if not line.startswith(">")))


def _forwarding(lines: list[str]) -> int | None:
    """Return where a line says that a mail is passed on below it."""
    return next((number for number, line in enumerate(lines) if _FORWARDED.fullmatch(line)), None)


def _passed_on(text: str, subject: str) -> tuple[str, str, dict[str, str]]:
    """Return the words of a mail's own, those of the innermost mail that it passes on, and the fields of that.

    Without such a mail its words and fields are empty. The mail that an answer quotes is left out.
    """
    note, words, known = text, "", dict[str, str]()
    for _ in range(_MOST_CHAIN):
        lines = (words or text).splitlines()
        marked = _forwarding(lines)
        start = marked + 1 if marked is not None else _block(lines)
        if start is None:
            break
        above = "\n".join(lines[: start if marked is None else marked]).strip()
        if marked is None and not words and _ANSWER.match(subject):
            return above or text, "", {}
        end = next((n for n, line in enumerate(lines[start:], start) if line.strip(" >*|") and not _label(line)[0]), -1)
        head = dict(map(_label, reversed(lines[start:end])))  # of two lines with one label the first counts
        if end < 0 or "from" not in head:
            break
        note = note if words else above
        words = "\n".join(lines[end:])
        known = _sender_and_day(head["from"], head.get("date", ""))
        if title := _REPLY.sub("", head.get("subject", ""), count=1):
            known["title"] = title
    return note, words, known


def _block(lines: list[str]) -> int | None:
    """Return the line at which the head of a mail begins that is quoted without a line above it, as Outlook does."""
    for number, line in enumerate(lines):
        if _label(line)[0] == "from":
            fields = {field for field, _ in map(_label, lines[number : number + _BLOCK_LINES])}
            if {"date", "subject"} <= fields:
                return number
    return None


def _label(line: str) -> tuple[str, str]:
    """Return what a line of a mail's head names and its value; "" for another line."""
    match = _LINE_OF_HEAD.fullmatch(line)
    field = _LABEL_OF.get(match["label"].lower(), "") if match else ""
    return (field, match["value"].strip(" *")) if match and field else ("", "")


def _read_mailbox(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of each mail, one in memory at a time. A mail that cannot be read is reported."""
    number = 0
    for number, mail in enumerate(_mails(file.stream), start=1):
        where = f"{file.where} mail {number}"
        if len(mail) > _LARGEST:
            file.on_bad(ReadError(where, f"the mail is larger than {_LARGEST // 1_000_000} MB: save its text as .txt"))
            continue
        inner = replace(file, stream=io.BytesIO(mail), name="mail.eml", where=where, url=None, charset=None)
        named = _ID.search(re.split(rb"\r?\n\r?\n", mail, maxsplit=1)[0])
        name = named[1].decode("ascii", "replace") if named else hashlib.sha256(mail).hexdigest()[:16]
        yield from file.articles_within(inner, name)
    if not number:
        raise ReadError(file.where, "there is no mail in it: check that it is the right file")


def _mails(file: BinaryIO) -> Iterator[bytes]:
    """Yield the mails; of one that is too large only so much that it shows."""
    mail, blank = bytearray(), True
    while line := file.readline(_LINE_BYTES):
        if blank and _SEPARATOR.match(line):
            if mail:
                yield _QUOTED.sub(rb"\1", mail)
            mail.clear()
        elif len(mail) <= _LARGEST:
            mail += line
        blank = not line.strip()
    if mail.strip():
        yield _QUOTED.sub(rb"\1", mail)


MAIL = Format("mail", frozenset((".eml",)), _read_mail, _is_mail, isolated=True)
MBOX = Format("mailbox", frozenset((".mbox", ".mbx")), _read_mailbox, _BOX.match)
