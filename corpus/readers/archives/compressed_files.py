"""Compressed files (.gz, .bz2, .xz, .zst): what is in one is read as a file of its own kind, expanded as it is read."""

import bz2
import gzip
import io
import lzma
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePath
from typing import IO, BinaryIO, cast

from corpus.article import Article
from corpus.errors import ReadError
from corpus.readers.archives.members import Expanded
from corpus.readers.hints import Hints

_OF_TAR = frozenset((".tgz", ".tbz2", ".tbz", ".txz", ".tlz", ".tzst"))
SUFFIXES = frozenset((".gz", ".gzip", ".bz2", ".xz", ".lzma", ".zst", ".zstd")) | _OF_TAR
ISOLATED = False
_GZIP, _BZIP2, _XZ, _ZSTD = b"\x1f\x8b\x08", b"BZh", b"\xfd7zXZ", b"\x28\xb5\x2f\xfd"
_LZMA = b"\x5d"
_BUFFER_BYTES = 1 << 16


def recognises(head: bytes) -> bool:
    """Return whether the first bytes of a file are those of gzip, bzip2, xz, LZMA or Zstandard."""
    is_bzip2 = head.startswith(_BZIP2) and head[4:10] == b"1AY&SY"
    is_lzma = head.startswith(_LZMA) and b"\xff" * 8 in head[:13]  # its size is not known, as programs write it
    return head.startswith((_GZIP, _XZ, _ZSTD)) or is_bzip2 or is_lzma


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the articles of what is compressed. Its name is the file's without the ending of the compression."""
    start = file.read(len(_XZ))
    inner, budget = hints.within(file, where=where)
    name = PurePath(where)
    inner_name = f"{name.stem}.tar" if name.suffix.lower() in _OF_TAR else name.stem
    place = f"{where}/{name.stem}" if name.suffix.lower() in SUFFIXES else where
    inner = replace(inner, url=hints.url)
    with io.BufferedReader(Expanded(_opened(file, start), budget, where=where), _BUFFER_BYTES) as expanded:
        yield from hints.read_inside(expanded, name=inner_name, where=place, hints=inner, on_bad=on_bad)


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
