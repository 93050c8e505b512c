"""ZIP and tar archives, and compressed files: each file in one is read as a file of its own kind, one after another.

Nothing is unpacked onto the disk, but for a large member of a tar archive, which may be compressed and is then read
forwards only: it is copied into a temporary file.
"""

import bz2
import gzip
import io
import lzma
import sys
import tarfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import PurePath, PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from corpus.article import Article
from corpus.errors import ReadError
from corpus.readers.archive_members import DAMAGED_ARCHIVE, Expanded, inner_name, no_files, open_archive, open_member
from corpus.readers.open_file import Format, OpenFile

_OF_TAR = frozenset((".tgz", ".tbz2", ".tbz", ".txz", ".tlz", ".tzst"))
_COMPRESSED = frozenset((".gz", ".gzip", ".bz2", ".xz", ".lzma", ".zst", ".zstd")) | _OF_TAR
_GZIP, _BZIP2, _XZ, _ZSTD = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"
_LZMA = b"\x5d"
_BUFFER_BYTES = 1 << 16
_IN_MEMORY = 32_000_000
_PIECE = 1 << 20


def _is_wanted(name: str, file: OpenFile) -> bool:
    """Return whether a member may hold articles: it is not hidden, nor what a Mac puts beside files, and of a kind."""
    hidden = any(part.startswith((".", "~$")) or part == "__MACOSX" for part in name.split("/"))
    return not hidden and PurePosixPath(name).suffix.lower() in file.known_kinds


def _read_zip(file: OpenFile) -> Iterator[Article]:
    """Yield the articles of all members; a member that cannot be read is reported, and the rest goes on."""
    inside, budget = file.as_archive()
    found = False
    archive = open_archive(file.stream, where=file.where)
    for info in archive.infolist():
        name = inner_name(info.filename)
        if info.is_dir() or not _is_wanted(name, file):
            continue
        found = True
        place = f"{file.where}/{name}"
        try:
            raw = open_member(archive, info, budget, where=place)
        except ReadError as error:
            file.on_bad(error)
            continue
        with io.BufferedReader(raw, _BUFFER_BYTES) as member:
            plain = PurePosixPath(info.filename).name
            yield from file.articles_within(replace(inside, stream=member, name=plain, where=place), name)
        if budget.left < 0:
            return
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
                place, plain = f"{file.where}/{name}", PurePosixPath(name).name
                content = cast(IO[bytes], archive.extractfile(info))
                with SpooledTemporaryFile(_IN_MEMORY) as member:
                    while piece := content.read(_PIECE):
                        budget.spend(len(piece), where=place)
                        member.write(piece)
                    member.seek(0)
                    stream = cast(BinaryIO, member)
                    yield from file.articles_within(replace(inside, stream=stream, name=plain, where=place), name)
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise ReadError(file.where, DAMAGED_ARCHIVE) from error
    if not found:
        raise no_files(file.where)


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
    opened = Expanded(_opened(file.stream, start), budget, where=file.where)
    with io.BufferedReader(opened, _BUFFER_BYTES) as expanded:
        yield from file.read_inside(replace(inside, stream=expanded, name=inner, where=place, url=file.url))


def _opened(file: BinaryIO, start: bytes) -> IO[bytes]:
    """Return the file, to be read as what it holds. start: its first bytes."""
    if start.startswith(_GZIP):
        return cast(IO[bytes], gzip.GzipFile(fileobj=file))
    if start.startswith(_BZIP2):
        return bz2.BZ2File(file)
    if start.startswith(_ZSTD):
        if sys.version_info >= (3, 14):
            from compression.zstd import ZstdFile
        else:
            from backports.zstd import ZstdFile
        return cast(IO[bytes], ZstdFile(file))
    return lzma.LZMAFile(file)


ZIP = Format("ZIP", frozenset((".zip",)), _read_zip)  # told from Word files by its members, not by its first bytes
TAR = Format("tar", frozenset((".tar",)), _read_tar, lambda head: head[257:262] == b"ustar")
COMPRESSED = Format("compressed", _COMPRESSED, _read_compressed, _is_compressed)
