"""ZIP and tar archives, and compressed files: each file in one is read by its own kind, one after another.

Nothing is unpacked onto the disk, but for a large member of a tar archive, which may be compressed and is then read
forwards only: it is copied into a temporary file.
"""

import bz2
import gzip
import io
import lzma
import re
import shutil
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import PurePath, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO, Self, cast

from corpus.article import MAX_BYTES, Article
from corpus.errors import ReadError
from corpus.readers.open_file import Budget, Format, OpenFile
from corpus.readers.xml_stream import parse_xml

if TYPE_CHECKING:
    from lxml.etree import _Element as Element

ZIP_STARTS = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
DAMAGE = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, EOFError, OSError)
"""Errors from reading a member of an archive, or what is compressed."""
_BROKEN = (*DAMAGE, ValueError, IndexError, KeyError, RuntimeError, NotImplementedError)  # from opening them, too
_DAMAGED_ARCHIVE = "the archive is damaged or cut short: copy or make it again"

_COMPRESSED = frozenset(".gz .gzip .tgz .bz2 .tbz .tbz2 .xz .txz".split())
_OPENERS: Mapping[bytes, Callable[[BinaryIO], object]] = {b"\x1f": gzip.open, b"B": bz2.open, b"\xfd": lzma.open}
"""What opens compressed files, by their first byte."""
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
        why = f"it is locked, or packed in a way that cannot be read ({str(error)[:80]}): unpack it and add the files"
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


def member_names(file: BinaryIO) -> list[str]:
    """Return the names of the first members of a ZIP archive, none of a damaged one. The file is at its start again."""
    try:
        return zipfile.ZipFile(file).namelist()[:10_000]
    except _BROKEN:
        return []
    finally:
        file.seek(0)


def _is_wanted(name: str, file: OpenFile) -> bool:
    """Tell whether a member may hold articles: it is not hidden, nor what a Mac puts beside files, and of a kind."""
    hidden = any(part.startswith((".", "~$")) or part == "__MACOSX" for part in name.split("/"))
    return not hidden and PurePosixPath(name).suffix.lower() in file.known_kinds


def _articles_of(member: IO[bytes], name: str, file: OpenFile) -> Iterator[Article]:
    """Yield the articles of a member. file: the archive, as what lies in it starts from."""
    inner = replace(file, stream=cast(BinaryIO, member), name=name, where=f"{file.where}/{name}")
    yield from file.articles_within(inner, name)


def _read_zip(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of all members; a member that cannot be read is reported, and the rest goes on."""
    inside, budget = file.as_archive()
    archive = open_archive(file.stream, where=file.where)
    found = False
    for info in archive.infolist():
        name = inner_name(info.filename)
        if info.is_dir() or not _is_wanted(name, file):
            continue
        found = True
        try:
            member = open_member(archive, info, budget, where=f"{file.where}/{name}")
        except ReadError as error:
            file.on_bad(error)
            if budget.left < 0:
                return
            continue
        with member:
            yield from _articles_of(member, name, inside)
    if not found:
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
                budget.spend(info.size, where=f"{file.where}/{name}")
                with SpooledTemporaryFile(_IN_MEMORY) as member:
                    shutil.copyfileobj(cast(IO[bytes], archive.extractfile(info)), member)
                    member.seek(0)
                    yield from _articles_of(member, name, inside)
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

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place: back is to expand it again from its start."""
        return self._file.seek(offset, whence)

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        data = self._file.read(len(buffer))
        self._budget.spend(len(data), where=self._where)
        buffer[: len(data)] = data
        return len(data)


def _read_compressed(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of what is compressed. Its name is the file's without the ending of the compression."""
    start = file.stream.read(1)
    inside, budget = file.as_archive()
    opened = cast(IO[bytes], _OPENERS[start](file.stream))
    name = PurePath(file.where)
    place = f"{file.where}/{name.stem}" if name.suffix.lower() in _COMPRESSED else file.where
    with io.BufferedReader(_Expanded(opened, budget, where=file.where), _BUFFER_BYTES) as expanded:
        yield from file.read_inside(replace(inside, stream=expanded, name=name.stem, where=place, url=file.url))


ZIP = Format("ZIP", frozenset((".zip",)), _read_zip)  # told from Word files by its members, not by its first bytes
TAR = Format("tar", frozenset((".tar",)), _read_tar, lambda head: head[257:262] == b"ustar")
COMPRESSED = Format("compressed", _COMPRESSED, _read_compressed, re.compile(rb"\x1f\x8b|BZh\d1AY&SY|\xfd7zXZ").match)
