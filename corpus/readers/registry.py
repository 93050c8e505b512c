"""The kinds of article files: which one a file is, and reading it so that a bad one costs no other."""

import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from corpus.article import Article
from corpus.errors import ReadError
from corpus.language import with_language
from corpus.readers.archives import COMPRESSED, DAMAGE, TAR, ZIP, ZIP_STARTS, damaged, suffix_of_zip
from corpus.readers.documents.epub_files import EPUB
from corpus.readers.documents.office_files import DOCX, ODT
from corpus.readers.documents.pdf_files import PDF
from corpus.readers.emails import MAIL, MBOX
from corpus.readers.json_files import JSON
from corpus.readers.markdown_files import MARKDOWN
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.references import BIBTEX, RIS
from corpus.readers.sandbox import read_isolated
from corpus.readers.tables import CSV, JSONL, PARQUET
from corpus.readers.text_files import RTF, TEXT
from corpus.readers.unread import NOT_YET, not_read
from corpus.readers.web_pages.html_pages import HTML
from corpus.readers.web_pages.saved_pages import MHTML, WARC
from corpus.readers.xml_files import XML

_log = logging.getLogger(__name__)
_HEAD_BYTES = 8192

# In the order in which their content is looked for; the last takes what is of no other kind.
FORMATS = (
    PDF, RTF, HTML, COMPRESSED, PARQUET, WARC, TAR, XML, JSON, JSONL, MBOX, MHTML, MAIL, RIS, BIBTEX, MARKDOWN, CSV,
    DOCX, ODT, EPUB, ZIP, TEXT,
)  # fmt: skip
# Formats that are so free that their name is believed where nothing else is seen in the content.
_BELIEVED = (JSONL, CSV)
# Formats that only the content shows: a file with such a name that does not look so is read as a text.
_SHOWN = (HTML, ZIP, DOCX, EPUB, ODT, RTF, COMPRESSED, PARQUET)
# Media types of files of which the content alone may not tell what they are, for addresses without a suffix.
_CONTENT_TYPES = {
    "text/html": ".html", "application/xhtml+xml": ".html", "text/markdown": ".md", "text/xml": ".xml",
    "application/xml": ".xml", "application/json": ".json", "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl", "text/csv": ".csv", "text/tab-separated-values": ".tsv", "text/plain": ".txt",
}  # fmt: skip


def suffixes() -> frozenset[str]:
    """Return the endings of the names of all files that can be read."""
    return frozenset(suffix for kind in FORMATS for suffix in kind.suffixes)


def suffix_of_type(content_type: str) -> str:
    """Return the ending that files of a media type have, empty if the type does not tell."""
    return _CONTENT_TYPES.get(content_type.partition(";")[0].strip().lower(), "")


def choose_format(file: OpenFile) -> Format:
    """Return the format that the content of a file shows, else the one that its name says, else plain text.

    The file is at its start, and again so on return. Raises ReadError for a kind that is not read.
    """
    head = file.stream.read(_HEAD_BYTES)
    file.stream.seek(0)
    suffix = PurePath(file.name).suffix.lower()
    if head.startswith(ZIP_STARTS):
        inside = suffix_of_zip(file.stream)
        kind = _by_suffix(inside)
        if kind is None or (kind is ZIP and suffix in NOT_YET):
            raise not_read(file.where, suffix if suffix in NOT_YET else inside)
        return kind
    by_name = _by_suffix(suffix)
    if (
        by_name is JSONL
        and not head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"[", b"%PDF-"))
        and not COMPRESSED.recognises(head)
    ):
        return by_name
    if by_name is HTML and b"<" in head and not any(f.recognises(head) for f in (PDF, XML, MHTML, MAIL)):
        return by_name
    plain = head.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff").replace(b"\x00", b"")  # UTF-16 reads as ASCII so
    by_content = next((f for f in FORMATS if f.recognises(plain)), None)
    if by_content is JSON and by_name is MARKDOWN:  # [{a note}](link)
        return by_name
    if by_content is not None and not (by_name in _BELIEVED and by_content is MARKDOWN):
        return by_content
    if suffix in NOT_YET:
        raise not_read(file.where, suffix)
    return by_name if by_name is not None and by_name not in _SHOWN else TEXT


def read_open(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of an open file, told by its name or content; what is wrong with it goes to its `on_bad`.

    A format that can keep its parser busy without end is parsed in a process of its own.
    """
    try:
        chosen = choose_format(file)
        read = read_isolated if chosen.isolated and not file.is_isolated else read_here
        yield from map(with_language, read(chosen.name, file))
    except ReadError as error:
        file.on_bad(error)
    except Exception as error:  # noqa: BLE001 - one document of a batch: a parser's fault must not stop the others
        _log.debug("%s could not be read", file.where, exc_info=True)
        why = f"it could not be read ({type(error).__name__}): save the article as .txt and add that"
        in_archive = file.depth and isinstance(error, DAMAGE)
        file.on_bad(damaged(file.where) if in_archive else ReadError(file.where, why))


def read_here(kind: str, file: OpenFile) -> Iterator[Article]:
    """Yield the articles of a file of the format of this name, in this process. Raises ReadError when there is none."""
    chosen = next(each for each in FORMATS if each.name == kind)
    return chosen.read(replace(file, read_inside=read_open, known_kinds=suffixes() | NOT_YET))


def _by_suffix(suffix: str) -> Format | None:
    return next((kind for kind in FORMATS if suffix in kind.suffixes), None)
