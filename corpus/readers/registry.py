"""The kinds of files: which one a file is, what to do with one that is not read, and reading the others.

A bad file costs no other.
"""

import logging
import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath

from corpus.article import Article
from corpus.errors import ReadError
from corpus.language import with_language
from corpus.readers.archives import COMPRESSED, DAMAGE, TAR, ZIP, ZIP_STARTS, damaged, member_names
from corpus.readers.documents.epub_files import EPUB
from corpus.readers.documents.office_files import DOCX, ODT
from corpus.readers.documents.pdf_files import PDF
from corpus.readers.emails import MAIL, MBOX
from corpus.readers.json_files import JSON, JSONL
from corpus.readers.open_file import Format, OpenFile
from corpus.readers.references import BIBTEX, RIS
from corpus.readers.sandbox import read_isolated
from corpus.readers.tables import CSV, PARQUET
from corpus.readers.text_files import MARKDOWN, RTF, TEXT
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
# Formats that only the content shows: a file with such a name that does not look so is read as a text.
_SHOWN = (HTML, ZIP, DOCX, EPUB, ODT, RTF, COMPRESSED, PARQUET)
# Formats as which a web page may begin by chance.
_NEAR_HTML = (None, JSON, JSONL, RIS, BIBTEX, MARKDOWN, CSV)
# What is packed as a ZIP archive, with how names begin in it.
_PACKED = (
    (DOCX, ("[Content_Types].xml", "word/")),
    (EPUB, ("META-INF/container.xml",)),
    (ODT, ("mimetype", "content.xml")),
    (WARC, ("datapackage.json", "archive/")),
)
# Media types of files of which the content alone may not tell what they are, for addresses without a suffix.
_CONTENT_TYPES = {
    "text/html": ".html", "application/xhtml+xml": ".html", "text/markdown": ".md", "text/xml": ".xml",
    "application/xml": ".xml", "application/json": ".json", "application/x-ndjson": ".jsonl",
    "application/jsonl": ".jsonl", "text/csv": ".csv", "text/tab-separated-values": ".tsv", "text/plain": ".txt",
}  # fmt: skip

# What to do with files that are not read, said before "and add that", by the ends of their names.
_OCR = "have the words in it recognised (OCR) and save them as .txt or .pdf"
_TRANSCRIPT = "have what is said written out as .txt"
_NO_TEXTS = {
    ".jpg .jpeg .png .gif .tif .tiff .bmp .webp .heic .heif .avif .jp2": _OCR,
    ".mp3 .wav .m4a .aac .ogg .opus .flac .wma .aiff .amr .mp4 .m4v .mov .webm .avi .mkv .wmv .mpg .mpeg": _TRANSCRIPT,
}
_UNREAD = {
    ".doc .dot .wps .wpd .sxw .fodt .pages": "open it and save it as .docx, .odt or .pdf",
    ".xls .xlsx .xlsm .xlsb .ods .numbers": "save the sheet as .csv",
    ".ppt .pptx .odp .key": "save it as .pdf",
    ".msg .oft": "open it in Outlook and save it as .eml, or its text as .txt",
    ".pst .ost .olm .dbx": "export its mails as .mbox or .eml (readpst does)",
    ".7z .rar .lz4 .lz .lzma .z .zst .zstd .tzst .cab .iso .dmg .sit .sitx .arj .lzh": "unpack it",
    ".mobi .azw .azw3 .kfx .prc .fb2 .lit": "convert it to .epub (calibre does)",
    ".djvu .xps .oxps .ps .eps .indd .qxp .idml .one .onepkg": "export it as .pdf, with its text",
    ".sqlite .sqlite3 .db .mdb .accdb .sql": "export the table of articles as .csv",
    ".arrow .feather .pickle .pkl .npz .npy .avro .orc .h5 .hdf5 .rds .rdata .sav .dta":
        "export the articles as .jsonl or .parquet",
    ".webarchive .maff": "open the page and save it as .html or .mhtml",
    ".srt .vtt .sbv .ass": "save what is said as .txt, without the times",
}  # fmt: skip
NOT_YET = frozenset(" ".join(_UNREAD).split())
"""Ends of the names of files that hold articles and are not read: skipping one without a word would lose articles."""

# The first bytes of files that are not read, whatever their names.
_SIGNATURES = (
    (
        rb"\x89PNG|\xff\xd8\xff|GIF8|II\*\x00|MM\x00\*|\x00\x00..(?:jP|ftyp(?:hei[cx]|mif1|avif))|RIFF.{4}WEBP",
        "a picture", _OCR,
    ),
    (
        rb"ID3[\x02\x03]|\xff[\xfb\xf3]|OggS\x00|fLaC\x00|\x1aE\xdf\xa3|\x00\x00..ftyp|RIFF.{4}(?:WAVE|AVI )",
        "a recording", _TRANSCRIPT,
    ),
    (rb"\xd0\xcf\x11\xe0", "an old Office file", "open it and save it as .docx, .csv or, a mail, as .eml"),
    (rb"7z\xbc\xaf|Rar!|\x04\x22\x4d\x18|\x28\xb5\x2f\xfd|\x1f\x9d|MSCF\x00", "an archive", "unpack it"),
    (rb"SQLite format 3\x00|\x00\x01\x00\x00Standard", "a database", "export the table of articles as .csv"),
)  # fmt: skip


def suffixes() -> frozenset[str]:
    """Return the endings of the names of all files that can be read."""
    return frozenset(suffix for kind in FORMATS for suffix in kind.suffixes)


def suffix_of_type(content_type: str) -> str:
    """Return the ending that files of a media type have, empty if the type does not tell."""
    return _CONTENT_TYPES.get(content_type.partition(";")[0].strip().lower(), "")


def what_to_do(suffix: str) -> str:
    """Return what to do with a file that is not read, by the end of its name, said before "and add that"."""
    kinds = (_UNREAD | _NO_TEXTS).items()
    return next((what for ends, what in kinds if suffix in ends.split()), "save the text as .txt or .pdf")


def not_read(where: str, suffix: str) -> ReadError:
    """Return the error for a file that is not read, by the end of its name."""
    return ReadError(where, f"{suffix} files are not read: {what_to_do(suffix)}, and add that")


def choose_format(file: OpenFile) -> Format:
    """Return the format that the content of a file shows, else the one that its name says, else plain text.

    The file is at its start, and again so on return. Raises ReadError for a kind that is not read.
    """
    head = file.stream.read(_HEAD_BYTES)
    file.stream.seek(0)
    suffix = PurePath(file.name).suffix.lower()
    by_name = next((kind for kind in FORMATS if suffix in kind.suffixes), None)
    if head.startswith(ZIP_STARTS):
        names = member_names(file.stream)
        kinds = (kind for kind, starts in _PACKED if all(any(n.startswith(s) for n in names) for s in starts))
        packed = next(kinds, ZIP)
        if suffix in NOT_YET and packed is not DOCX:
            raise not_read(file.where, suffix)
        return packed
    if suffix not in NOT_YET:
        for signature, name, what in _SIGNATURES:
            if re.match(signature, head, re.DOTALL):
                raise ReadError(file.where, f"this is {name}, which is not read: {what}, and add that")
    # UTF-16 reads as ASCII without its mark and zeros.
    plain = head[2:].replace(b"\x00", b"") if head.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else head
    by_content = next((f for f in FORMATS if f.recognises(plain)), None)
    is_named = (
        (by_name is HTML and b"<" in head and by_content in _NEAR_HTML)
        or (by_name is JSONL and by_content is JSON and not plain.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"["))
        or (by_name is MARKDOWN and by_content is JSON)  # [{a note}](link)
        or (by_name in (JSONL, CSV) and by_content is MARKDOWN)
    )
    if by_content is not None and not is_named:
        return by_content
    if suffix in NOT_YET:
        raise not_read(file.where, suffix)
    return by_name if by_name is not None and (is_named or by_name not in _SHOWN) else TEXT


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
