"""ZIP and tar archives, and compressed files: each file in one is read by its own kind, one after another.

Nothing is unpacked onto the disk, but for a large member of a tar archive, which may be compressed and is then read
forwards only: it is copied into a temporary file.
"""

import bz2
import gzip
import io
import lzma
import shutil
import sys
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO, Self, cast

from corpus.article import MAX_BYTES, Article
from corpus.errors import ReadError
from corpus.readers.open_file import Budget, Format, OpenFile
from corpus.readers.xml_stream import parse_xml

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError, ZstdFile
else:
    from backports.zstd import ZstdError, ZstdFile
if TYPE_CHECKING:
    from lxml.etree import _Element as Element

ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, ZstdError, EOFError, OSError)
"""Errors from reading a member of an archive, or what is compressed."""
_BROKEN = (*DAMAGE, ValueError, IndexError, KeyError, RuntimeError, NotImplementedError)  # from opening them, too
_DAMAGED_ARCHIVE = "the archive is damaged or cut short: copy or make it again"

_OFFICE = {"word/": ".docx", "xl/": ".xlsx", "ppt/": ".pptx"}
_OPEN_DOCUMENTS = {b"spreadsheet": ".ods", b"presentation": ".odp"}
_OF_TAR = frozenset((".tgz", ".tbz2", ".tbz", ".txz", ".tlz", ".tzst"))
_COMPRESSED = frozenset((".gz", ".gzip", ".bz2", ".xz", ".lzma", ".zst", ".zstd")) | _OF_TAR
_GZIP, _BZIP2, _XZ, _ZSTD = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"
_LZMA = b"\x5d"
_BUFFER_BYTES = 1 << 16
_IN_MEMORY = 32_000_000


def open_archive(file: BinaryIO, *, where: str) -> zipfile.ZipFile:
    """Return the ZIP archive. Raises ReadError for a damaged one."""
    try:
        return zipfile.ZipFile(file)
    except _BROKEN as error:
        raise ReadError(where, _DAMAGED_ARCHIVE) from error


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, *, where: str) -> IO[bytes]:
    """Return a member of an archive, opened: it gives no more bytes than its entry in the archive says.

    Raises ReadError for a damaged or locked one, and where its bytes are beyond the budget.
    """
    budget.spend(info.file_size, where=where)
    try:
        return archive.open(info)
    except (RuntimeError, NotImplementedError) as error:
        if "password" in str(error) or "encrypted" in str(error):
            why = "it is locked with a password inside the archive: unpack it and add the files"
        else:
            why = f"it is packed in a way that cannot be read ({str(error)[:80]}): unpack it and add the files"
        raise ReadError(where, why) from error
    except _BROKEN as error:
        raise damaged(where) from error


def damaged(where: str) -> ReadError:
    """Return the error for a damaged member of an archive, or what is compressed."""
    return ReadError(where, "it is damaged inside the archive: make the archive again")


def no_files(where: str, holder: str = "archive") -> ReadError:
    """Return the error for an archive, or another holder of files, without a file that is read."""
    return ReadError(where, f"there are no article files (.txt, .html, .pdf, .docx, .json, .csv …) in this {holder}")


def inner_name(name: str) -> str:
    """Return a member's name without what would lead out of the archive: drives, roots and `..`."""
    parts = PurePosixPath(name.replace("\\", "/").replace("\x00", "")).parts
    return "/".join(part for part in parts if part not in ("/", "..", ".") and not part.endswith(":"))


class Package:
    """A ZIP archive whose members belong together, as those of a Word file, read within limits.

    Close it when done. Raises ReadError for a damaged one.
    """

    def __init__(self, file: BinaryIO, *, where: str) -> None:
        self.where = where
        self.budget = Budget.of(file)
        self._archive = open_archive(file, where=where)
        self.names = self._archive.namelist()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def member(self, name: str, *, limit: int = MAX_BYTES, where: str | None = None) -> bytes:
        """Return a whole member. Raises ReadError when it is missing, damaged, locked or larger than `limit` bytes."""
        where = where or self.where
        try:
            info = self._archive.getinfo(name)
        except KeyError as error:
            raise ReadError(where, f"its part {name[:100]} is missing: save it again") from error
        if info.file_size > limit:
            raise ReadError(where, f"its part {name[:100]} is larger than {limit // 1_000_000} MB: split the file")
        try:
            with open_member(self._archive, info, self.budget, where=where) as member:
                return member.read()
        except _BROKEN as error:
            raise damaged(where) from error

    def xml(self, name: str, *, limit: int = MAX_BYTES) -> "Element":
        """Return the root of a member in XML. Raises ReadError as `member` does, and if it is not XML."""
        return parse_xml(self.member(name, limit=limit), where=self.where)


def suffix_of_zip(file: BinaryIO) -> str:
    """Return the ending that names the kind of a ZIP archive's content: .docx, .epub, .xlsx, .odt …, else .zip."""
    try:
        archive = zipfile.ZipFile(file)
        names = set(archive.namelist()[:10_000])
        if "[Content_Types].xml" in names:
            return next((end for folder, end in _OFFICE.items() if any(n.startswith(folder) for n in names)), ".zip")
        if "META-INF/container.xml" in names:
            return ".epub"
        if "mimetype" in names and "content.xml" in names:
            kind = archive.read("mimetype")[:100] if archive.getinfo("mimetype").file_size < 100 else b""
            return next((suffix for name, suffix in _OPEN_DOCUMENTS.items() if name in kind), ".odt")
        if any(n.startswith("Index/") and n.endswith(".iwa") for n in names):
            return ".pages"
        return ".wacz" if "datapackage.json" in names and any(n.startswith("archive/") for n in names) else ".zip"
    except _BROKEN:
        return ".zip"
    finally:
        file.seek(0)


def _is_wanted(name: str, file: OpenFile) -> bool:
    """Return whether a member may hold articles: it is not hidden, nor what a Mac puts beside files, and of a kind."""
    hidden = any(part.startswith((".", "~$")) or part == "__MACOSX" for part in name.split("/"))
    return not hidden and PurePosixPath(name).suffix.lower() in file.known_kinds


def _read_zip(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of all members; a member that cannot be read is reported, and the rest goes on."""
    inside, budget = file.as_archive()
    archive = open_archive(file.stream, where=file.where)
    names = {info: inner_name(info.filename) for info in archive.infolist() if not info.is_dir()}
    wanted = {info: name for info, name in names.items() if _is_wanted(name, file)}
    for info, name in wanted.items():
        place = f"{file.where}/{name}"
        try:
            member = open_member(archive, info, budget, where=place)
        except ReadError as error:
            file.on_bad(error)
            if budget.left < 0:
                return
            continue
        with member:
            stream = cast(BinaryIO, member)
            yield from file.articles_within(replace(inside, stream=stream, name=name, where=place), name)
    if not wanted:
        raise no_files(file.where)


def _read_tar(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of all files in the archive; one that cannot be read is reported, and the rest goes on."""
    inside, budget = file.as_archive()
    found = False
    try:
        with tarfile.open(fileobj=file.stream, mode="r|") as archive:
            for info in archive:
                name = inner_name(info.name)
                if not info.isreg() or not _is_wanted(name, file):
                    continue
                found = True
                place = f"{file.where}/{name}"
                budget.spend(info.size, where=place)
                with SpooledTemporaryFile(_IN_MEMORY) as member:
                    shutil.copyfileobj(cast(IO[bytes], archive.extractfile(info)), member)
                    member.seek(0)
                    stream = cast(BinaryIO, member)
                    yield from file.articles_within(replace(inside, stream=stream, name=name, where=place), name)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise ReadError(file.where, _DAMAGED_ARCHIVE) from error
    if not found:
        raise no_files(file.where)


class _Expanded(io.RawIOBase):
    """What is compressed, expanded as it is read, and as far as the budget allows."""

    def __init__(self, file: IO[bytes], budget: Budget, *, where: str) -> None:
        self._file, self._budget, self._where = file, budget, where

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place: back is to expand it again from its start."""
        return self._file.seek(offset, whence)

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        self._budget.spend(len(data), where=self._where)
        buffer[: len(data)] = data
        return len(data)


def _is_compressed(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of gzip, bzip2, xz, LZMA or Zstandard."""
    is_bzip2 = head.startswith(_BZIP2) and head[4:10] == b"1AY&SY"
    is_lzma = head.startswith(_LZMA) and b"\xff" * 8 in head[:13]  # its size is not known, as programs write it
    return head.startswith((_GZIP, _XZ, _ZSTD)) or is_bzip2 or is_lzma


def _read_compressed(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of what is compressed. Its name is the file's without the ending of the compression."""
    start = file.stream.read(len(_XZ))
    inside, budget = file.as_archive()
    name = PurePath(file.where)
    suffix = name.suffix.lower()
    place = f"{file.where}/{name.stem}" if suffix in _COMPRESSED else file.where
    inner = f"{name.stem}.tar" if suffix in _OF_TAR else name.stem
    opened = _Expanded(_opened(file.stream, start), budget, where=file.where)
    with io.BufferedReader(opened, _BUFFER_BYTES) as expanded:
        yield from file.read_inside(replace(inside, stream=expanded, name=inner, where=place, url=file.url))


def _opened(file: BinaryIO, start: bytes) -> IO[bytes]:
    """Return the file, to be read as what it holds. start: its first bytes."""
    if start.startswith(_GZIP):
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if start.startswith(_BZIP2):
        return bz2.BZ2File(file)
    return cast(IO[bytes], ZstdFile(file)) if start.startswith(_ZSTD) else lzma.LZMAFile(file)


ZIP = Format("ZIP", frozenset((".zip",)), _read_zip)  # told from Word files by its members, not by its first bytes
TAR = Format("tar", frozenset((".tar",)), _read_tar, lambda head: head[257:262] == b"ustar")
COMPRESSED = Format("compressed", _COMPRESSED, _read_compressed, _is_compressed)
