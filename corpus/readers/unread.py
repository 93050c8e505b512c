"""The kinds of files that are not read, by the ends of their names and their first bytes: what to do with each."""

from dataclasses import dataclass

from corpus.errors import ReadError


@dataclass(frozen=True, slots=True)
class _Kind:
    """A kind of file that is not read. what: what to do with it, said before "and add that"."""

    name: str
    what: str
    suffixes: frozenset[str]
    signatures: tuple[bytes, ...]


def _kind(name: str, what: str, suffixes: str, *signatures: bytes) -> _Kind:
    return _Kind(name, what, frozenset(suffixes.split()), signatures)


_PICTURE = _kind(
    "a picture", "have the words in it recognised (OCR) and save them as .txt or .pdf",
    ".jpg .jpeg .png .gif .tif .tiff .bmp .webp .heic .heif .avif .jp2",
    b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"\x00\x00\x00\x0cjP",
)  # fmt: skip
_RECORDING = _kind(
    "a recording", "have what is said written out as .txt",
    ".mp3 .wav .m4a .aac .ogg .opus .flac .wma .aiff .amr .mp4 .m4v .mov .webm .avi .mkv .wmv .mpg .mpeg .3gp",
    b"ID3\x02", b"ID3\x03", b"ID3\x04", b"\xff\xfb", b"\xff\xf3", b"OggS\x00", b"fLaC\x00", b"\x1aE\xdf\xa3",
)  # fmt: skip
_SEEN = (
    _kind("an old document", "open it and save it as .docx, .odt or .pdf", ".doc .dot .wps .wpd .sxw .fodt .pages"),
    _kind("a sheet", "save the sheet as .csv", ".xls .xlsx .xlsm .xlsb .ods .numbers"),
    _kind("slides", "save it as .pdf", ".ppt .pptx .odp .key"),
    _kind("an Outlook mail", "open it in Outlook and save it as .eml, or its text as .txt", ".msg .oft"),
    _kind("an old Office file", "open it and save it as .docx, .csv or, a mail, as .eml", "", b"\xd0\xcf\x11\xe0"),
    _kind("a store of mails", "export its mails as .mbox or .eml (readpst does)", ".pst .ost .olm .dbx", b"!BDN"),
    _kind("a OneNote file", "export its pages as .docx or .pdf", ".one .onepkg .onetoc2", b"\xe4\x52\x5c\x7b"),
    _kind(
        "an archive", "unpack it", ".7z .rar .lz4 .lz .z .cab .iso .dmg .sit .sitx .arj .lzh",
        b"7z\xbc\xaf", b"Rar!", b"\x04\x22\x4d\x18", b"\x1f\x9d", b"MSCF\x00",
    ),
    _kind("an e-book", "convert it to .epub (calibre does)", ".mobi .azw .azw3 .kfx .prc .fb2 .lit"),
    _kind("a print file", "convert it to .pdf, with its text", ".djvu .xps .oxps .ps .eps", b"AT&TFORM", b"%!PS"),
    _kind(
        "a database", "export the table of articles as .csv", ".sqlite .sqlite3 .db .mdb .accdb .sql",
        b"SQLite format 3\x00", b"\x00\x01\x00\x00Standard",
    ),
    _kind(
        "a data file", "export the articles as .jsonl or .parquet",
        ".pickle .pkl .npz .npy .avro .orc .h5 .hdf5 .rds .rdata .sav .dta", b"\x89HDF", b"Obj\x01", b"\x93NUMPY",
    ),
    _kind("a saved page", "open the page and save it as .html or .mhtml", ".webarchive .maff", b"bplist00"),
    _kind("a layout", "export it as .pdf", ".indd .qxp .idml", b"\x06\x06\xed\xf5"),
    _kind("subtitles", "save what is said as .txt, without the times", ".srt .vtt .sbv .ass"),
    _kind("a link", "open it, copy the address of the page", ".url .webloc"),
)  # fmt: skip
# Known by their first bytes alone: files with their names are read, or hold no article.
_MISNAMED = (
    _kind("a PDF file", "let its name end in .pdf", "", b"%PDF-"),
    _kind("a ZIP, Word or EPUB file", "let its name end in .zip, .docx or .epub", "", b"PK\x03\x04"),
    _kind("compressed", "unpack it", "", b"\x1f\x8b", b"BZh", b"\xfd7zXZ"),
    _kind("a program", "find the article's text", "", b"\x7fELF", b"MZ\x90\x00"),
)
_ALL = (*_SEEN, _PICTURE, _RECORDING, *_MISNAMED)

NOT_YET = frozenset(suffix for kind in _SEEN for suffix in kind.suffixes)
"""Ends of the names of files that hold articles and are not read: skipping one without a word would lose articles."""


def what_to_do(suffix: str) -> str:
    """Return what to do with a file that is not read, by the end of its name, said before "and add that"."""
    return next((kind.what for kind in _ALL if suffix in kind.suffixes), "save the text as .txt or .pdf")


def not_read(where: str, suffix: str) -> ReadError:
    """Return the error for a file that is not read, by the end of its name."""
    return ReadError(where, f"{suffix} files are not read: {what_to_do(suffix)}, and add that")


def refusal(start: bytes) -> str | None:
    """Return what a file is, by its first 16 bytes, and what to do with it; None where they may open a text."""
    kind = next((kind for kind in _ALL if start.startswith(kind.signatures)), None)
    if start[4:8] == b"ftyp":  # MPEG-4: films, sounds, and the pictures of telephones
        kind = _PICTURE if start[8:12] in (b"heic", b"heix", b"mif1", b"avif") else _RECORDING
    elif start.startswith(b"RIFF") and start[8:12] in (b"WAVE", b"AVI ", b"WEBP"):
        kind = _PICTURE if start[8:12] == b"WEBP" else _RECORDING
    return f"this is {kind.name}, which is not read: {kind.what}, and add that" if kind else None
