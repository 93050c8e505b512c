"""The kinds of article files: which one a file is, and reading it so that a bad one costs no other."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import BinaryIO, Protocol

from corpus.article import Article
from corpus.errors import ReadError
from corpus.language import with_language
from corpus.readers import (
    bibtex_files,
    csv_files,
    emails,
    json_files,
    jsonl_files,
    mailboxes,
    markdown_files,
    parquet_files,
    ris_files,
    text_files,
    xml_files,
)
from corpus.readers.archives import compressed_files, tar_files, web_archives, zip_files
from corpus.readers.archives.members import SIGNATURES, archive_suffix
from corpus.readers.documents import docx_files, epub_files, odt_files, pdf_files, rtf_files
from corpus.readers.hints import Hints
from corpus.readers.sandbox import read_isolated
from corpus.readers.unread import NOT_YET, not_read
from corpus.readers.web_pages import html_pages, mhtml_files

_log = logging.getLogger(__name__)
HEAD_BYTES = 8192


class Format(Protocol):
    """One kind of article file. Each is a module of its own, so that another is one file more.

    SUFFIXES: endings of its files' names. ISOLATED: whether a file made for it can keep a parser busy without end, so
    that it is read in a process of its own.
    """

    __name__: str
    SUFFIXES: frozenset[str]
    ISOLATED: bool

    def recognises(self, head: bytes) -> bool:
        """Return whether the first bytes of a file show that it is of this kind, whatever its name says."""

    def read(
        self, file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]
    ) -> Iterator[Article]:
        """Yield the articles; raises ReadError when there is none. A `path` that begins with # names one of several."""


# In the order in which their content is looked for; the last takes what is of no other kind.
FORMATS: tuple[Format, ...] = (
    pdf_files, rtf_files, html_pages, compressed_files, parquet_files, web_archives, tar_files, xml_files, json_files,
    jsonl_files, mailboxes, mhtml_files, emails, ris_files, bibtex_files, markdown_files, csv_files, docx_files,
    odt_files, epub_files, zip_files, text_files,
)  # fmt: skip
# Formats that are so free that their name is believed where nothing else is seen in the content.
_BELIEVED = (jsonl_files, csv_files)
# Formats that only the content shows: what is named so and does not look so is read as a text.
_SHOWN = (html_pages, zip_files, docx_files, epub_files, odt_files, rtf_files, compressed_files, parquet_files)
# What servers say of files that have no suffix in their address.
_CONTENT_TYPES = {
    "text/html": ".html", "application/xhtml+xml": ".html", "text/markdown": ".md", "application/pdf": ".pdf",
    "application/rss+xml": ".xml", "application/atom+xml": ".xml", "application/rdf+xml": ".xml", "text/xml": ".xml",
    "application/xml": ".xml", "application/json": ".json", "application/feed+json": ".json",
    "application/ld+json": ".json", "application/x-ndjson": ".jsonl", "application/jsonl": ".jsonl",
    "text/csv": ".csv", "text/tab-separated-values": ".tsv", "application/zip": ".zip", "message/rfc822": ".eml",
    "multipart/related": ".mhtml", "application/mbox": ".mbox",
    "application/epub+zip": ".epub", "text/plain": ".txt", "application/rtf": ".rtf", "text/rtf": ".rtf",
    "application/vnd.oasis.opendocument.text": ".odt", "application/gzip": ".gz", "application/x-tar": ".tar",
    "application/x-xz": ".xz", "application/zstd": ".zst",
    "application/warc": ".warc", "application/x-research-info-systems": ".ris", "application/x-bibtex": ".bib",
    "application/vnd.apache.parquet": ".parquet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": ".docx",
}  # fmt: skip


def suffixes() -> frozenset[str]:
    """Return the endings of the names of all files that can be read."""
    return frozenset(suffix for kind in FORMATS for suffix in kind.SUFFIXES)


def suffix_of_type(content_type: str) -> str:
    """Return the ending that files of a media type have, empty for a type that says nothing of use."""
    return _CONTENT_TYPES.get(content_type.partition(";")[0].strip().lower(), "")


def choose_format(name: str, head: bytes, file: BinaryIO, *, where: str) -> Format:
    """Return the format that the content shows, else the one that the name says, else plain text.

    file: at its start, and again so on return. Raises ReadError for a kind that is not read.
    """
    suffix = PurePath(name).suffix.lower()
    if head.startswith(SIGNATURES):
        inside = archive_suffix(file)
        kind = _by_suffix(inside)
        if kind is None or (kind is zip_files and suffix in NOT_YET):
            raise not_read(where, suffix if suffix in NOT_YET else inside)
        return kind
    named = _by_suffix(suffix)
    if (
        named is jsonl_files
        and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[", b"%PDF-"))
        and not compressed_files.recognises(head)
    ):
        return named
    if (
        named is html_pages
        and b"<" in head
        and not any(f.recognises(head) for f in (pdf_files, xml_files, mhtml_files, emails))
    ):
        return named
    plain = head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\x00", b"")  # UTF-16 reads as ASCII so
    shown = next((f for f in FORMATS if f.recognises(plain)), None)
    if shown is json_files and named is markdown_files:  # [{a note}](link)
        return named
    if shown is not None and not (named in _BELIEVED and shown is markdown_files):
        return shown
    if suffix in NOT_YET:
        raise not_read(where, suffix)
    return named if named is not None and named not in _SHOWN else text_files


def read_open(
    file: BinaryIO, *, name: str, where: str, hints: Hints, on_bad: Callable[[ReadError], None]
) -> Iterator[Article]:
    """Yield the articles of an open file, told by `name` or content; what is wrong with it goes to `on_bad`.

    A format that can keep its parser busy without end is parsed in a process of its own.
    """
    try:
        head = file.read(HEAD_BYTES)
        file.seek(0)
        chosen = choose_format(name, head, file, where=where)
        if chosen.ISOLATED and not hints.is_isolated:
            found = read_isolated(chosen.__name__, file, where=where, hints=hints, on_bad=on_bad)
        else:
            found = chosen.read(file, where=where, hints=with_inside(hints), on_bad=on_bad)
        yield from map(with_language, found)
    except ReadError as error:
        on_bad(error)
    except Exception as error:  # noqa: BLE001 - one document of a batch: a parser's fault must not stop the others
        _log.debug("%s could not be read", where, exc_info=True)
        on_bad(
            ReadError(where, f"it could not be read ({type(error).__name__}): save the article as .txt and add that")
        )


def format_named(module: str) -> Format:
    """Return the format of that module name."""
    return next(kind for kind in FORMATS if kind.__name__ == module)


def with_inside(hints: Hints) -> Hints:
    """Return the hints with how files within a file are read."""
    return replace(hints, read_inside=read_open, known_kinds=suffixes() | NOT_YET)


def _by_suffix(suffix: str) -> Format | None:
    return next((kind for kind in FORMATS if suffix in kind.SUFFIXES), None)
