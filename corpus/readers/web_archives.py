"""Web archives: WARC files, as crawlers and libraries write them, and WACZ files, which hold some. Read with warcio.

Each page that was fetched whole is read as if it had been fetched now from its address. The day on which it was fetched
is no day of the article.
"""

import io
import logging
import re
from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, BinaryIO, cast

from corpus.article import MAX_BYTES, Article, from_address, is_site_root
from corpus.errors import ReadError
from corpus.readers.archives import open_archive, open_member
from corpus.readers.open_file import DEEPEST, Budget, Format, OpenFile

if TYPE_CHECKING:
    from warcio.recordloader import ArcWarcRecord

_PAGES = {
    "text/html": "page.html", "application/xhtml+xml": "page.html", "application/pdf": "page.pdf",
    "text/plain": "page.txt", "multipart/related": "page.mhtml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "page.docx",
}  # fmt: skip
_NO_PAGE = re.compile(r"/(?:robots|humans|security|ads)\.txt$", re.IGNORECASE)
_INNER = re.compile(r"\.warc(?:\.gz)?$", re.IGNORECASE)
logging.getLogger("warcio").setLevel(logging.CRITICAL)  # it warns of every odd address


def _read(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of the pages; one sentence says how many pages hold none."""
    inside, budget = file.as_archive(deepest=DEEPEST + 1)
    zipped = file.stream.read(4) == b"PK\x03\x04"
    file.stream.seek(0)
    yield from (_of_wacz if zipped else _of_warc)(inside, budget)


def _of_wacz(file: OpenFile, budget: Budget) -> Iterator[Article]:
    archive = open_archive(file.stream, where=file.where)
    for info in archive.infolist():
        if _INNER.search(info.filename):
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
    url = record.rec_headers.get_header("WARC-Target-URI") or ""
    headers = record.http_headers
    if record.rec_type == "response" and headers is not None:
        if headers.get_statuscode() != "200":
            return None
        content_type = headers.get_header("Content-Type") or ""
    elif record.rec_type in ("resource", "conversion"):
        content_type = record.rec_headers.get_header("Content-Type") or ""
    else:
        return None
    kind, _, parameters = content_type.partition(";")
    name = _PAGES.get(kind.strip().lower())
    url = url.strip("<>")
    if name is None or not url.lower().startswith(("http://", "https://")) or is_site_root(url) or _NO_PAGE.search(url):
        return None
    charset = re.search(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", parameters, re.IGNORECASE)
    return url, name, charset[1] if charset else None


WARC = Format("WARC", frozenset((".warc", ".wacz", ".wet")), _read, re.compile(rb"WARC/1\.").match)
