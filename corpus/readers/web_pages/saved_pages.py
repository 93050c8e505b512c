"""Pages as they were saved: by a browser in one file (MHTML), by crawlers and libraries in web archives (WARC, WACZ).

Each page is read as if it had been fetched now from its address. The day of saving is no day of the article.
"""

import email.policy
import io
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from email.parser import BytesParser
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus.article import MAX_BYTES, Article, from_address, is_site_root
from corpus.errors import ReadError
from corpus.readers.archives import open_archive, open_member
from corpus.readers.emails import MAIL_HEAD
from corpus.readers.open_file import DEEPEST, Budget, Format, OpenFile
from corpus.readers.web_pages.html_pages import read_page

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

_LARGEST_SAVED = 10 * MAX_BYTES  # of a page with its pictures
_SAVED = re.compile(rb"^(?:Snapshot-Content-Location:|From: *\"?<? ?Saved by|X-MAF)", re.MULTILINE | re.IGNORECASE)
_RELATED = re.compile(rb"^Content-Type:\s*multipart/related", re.MULTILINE | re.IGNORECASE)
_SENT = re.compile(rb"^(?:To|Received|Message-ID|Return-Path):", re.MULTILINE | re.IGNORECASE)
_PAGES = {
    "text/html": "page.html", "application/xhtml+xml": "page.html", "application/pdf": "page.pdf",
    "text/plain": "page.txt", "multipart/related": "page.mhtml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "page.docx",
}  # fmt: skip
_NO_PAGE = re.compile(r"/(?:robots|humans|security|ads)\.txt$", re.IGNORECASE)
_WARC_NAME = re.compile(r"\.warc(?:\.gz)?$", re.IGNORECASE)
logging.getLogger("warcio").setLevel(logging.CRITICAL)  # it warns of every odd address


def _is_saved(head: bytes) -> bool:
    """Return whether a file opens as a saved page does: its head says so, or that of a mail which nobody sent."""
    match = MAIL_HEAD.match(head)
    if match is None:
        return False
    return bool(_SAVED.search(match[0]) or (_RELATED.search(match[0]) and not _SENT.search(match[0])))


def _read_saved(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of the page that is in the file as part of a mail which nobody sent."""
    data = file.content(limit=_LARGEST_SAVED, instead="save the page as .html and add that")
    mail = BytesParser(policy=email.policy.default).parsebytes(data)
    parts = (part for part in mail.walk() if part.get_content_type() in ("text/html", "application/xhtml+xml"))
    page = mail.get_body(("html",)) or next(parts, None)
    content = page.get_payload(decode=True) if page is not None else None
    if page is None or not isinstance(content, bytes) or not content.strip():
        raise ReadError(file.where, "no page was found in it: save the page again, or as .html, and add that")
    addresses = ("".join(str(each).split()) for each in (mail["Snapshot-Content-Location"], page["Content-Location"]))
    url = next((address for address in addresses if address.lower().startswith(("http://", "https://"))), file.url)
    charset = page.get_content_charset() or file.charset
    for article in read_page(replace(file, stream=io.BytesIO(content), url=url, charset=charset)):
        yield from_address(article, url) if url else article


def _read_archive(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of the pages of a web archive; one sentence says how many pages hold none."""
    inside, budget = file.as_archive(deepest=DEEPEST + 1)
    zipped = file.stream.read(4) == b"PK\x03\x04"
    file.stream.seek(0)
    yield from (_of_wacz if zipped else _of_warc)(inside, budget)


def _of_wacz(file: OpenFile, budget: Budget) -> Iterator[Article]:
    archive = open_archive(file.stream, where=file.where)
    for info in archive.infolist():
        if _WARC_NAME.search(info.filename):
            place = f"{file.where}/{info.filename}"
            with open_member(archive, info, budget, where=place) as member:
                stream = cast(BinaryIO, member)
                yield from file.read_inside(replace(file, stream=stream, name=info.filename, where=place))


def _of_warc(file: OpenFile, budget: Budget) -> Iterator[Article]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    bad: list[ReadError] = []
    pages = 0
    try:
        records = ArchiveIterator(file.stream)
        records.INC_RECORD = ""  # else it writes to standard error that a record is longer than it says
        for record in records:
            page = _page(record)
            if page is None:
                continue
            url, name, charset = page
            pages += 1
            data = record.content_stream().read(MAX_BYTES + 1)
            budget.spend(len(data), where=file.where)
            errors: list[ReadError] = []
            found = False
            place, stream = f"{file.where} {url}", io.BytesIO(data)
            inner = replace(file, stream=stream, name=name, where=place, url=url, charset=charset, on_bad=errors.append)
            for article in file.articles_within(inner, url):
                found = True
                yield from_address(article, url)
            bad += [] if found else errors[:1]
    except (ArchiveLoadFailed, AttributeError, EOFError, OSError, ValueError) as error:  # warcio's of broken heads too
        raise ReadError(file.where, "the web archive is damaged or cut short here: copy it again") from error
    if not pages:
        why = "the web archive holds no page that was fetched whole: check that it is the right file"
        raise ReadError(file.where, why)
    if bad:
        first = bad[0].where.removeprefix(f"{file.where} ")
        why = f"{len(bad)} of its {pages} pages hold no article, the first {first}: look there only if you miss one"
        file.on_bad(ReadError(file.where, why))


def _page(record: "ArcWarcRecord") -> tuple[str, str, str | None] | None:
    """Return address, kind of file and charset of a record that is a page, None for any other."""
    headers = record.rec_headers
    if record.rec_type == "response" and record.http_headers is not None:
        headers = record.http_headers
        if headers.get_statuscode() != "200":
            return None
    elif record.rec_type not in ("resource", "conversion"):
        return None
    kind, _, parameters = (headers.get_header("Content-Type") or "").partition(";")
    name = _PAGES.get(kind.strip().lower())
    url = (record.rec_headers.get_header("WARC-Target-URI") or "").strip("<>")
    if name is None or not url.lower().startswith(("http://", "https://")) or is_site_root(url) or _NO_PAGE.search(url):
        return None
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", parameters, re.IGNORECASE)
    return url, name, charset[1] if charset else None


MHTML = Format("saved page", frozenset((".mht", ".mhtml")), _read_saved, _is_saved, isolated=True)
WARC = Format("WARC", frozenset((".warc", ".wacz", ".wet")), _read_archive, re.compile(rb"WARC/1\.").match)
