"""tar archives, plain or within gzip or bzip2: each file in one is read as a file of its own kind, one after another.

A member is copied into memory, a large one into a temporary file, since a compressed archive is read forwards only.
"""

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO, cast

from corpus.article import Article
from corpus.errors import ReadError
from corpus.readers.archives.members import inner_name, is_hidden, no_files
from corpus.readers.hints import Hints

SUFFIXES = frozenset((".tar",))
ISOLATED = False
_IN_MEMORY = 32_000_000
_PIECE = 1 << 20
_MAGIC = slice(257, 262)


def recognises(head: bytes) -> bool:
    """Return whether the first member's head is that of tar."""
    return head[_MAGIC] == b"ustar"


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the articles of all files in the archive; one that cannot be read is reported, and the rest goes on."""
    inner, budget = hints.within(file, where=where)
    found = False
    try:
        with tarfile.open(fileobj=file, mode="r|") as archive:
            for info in archive:
                name = inner_name(info.name)
                known = PurePosixPath(name).suffix.lower() in hints.known_kinds
                if not info.isreg() or is_hidden(name) or not known:
                    continue
                found = True
                place = f"{where}/{name}"
                content = cast(IO[bytes], archive.extractfile(info))
                with SpooledTemporaryFile(_IN_MEMORY) as member:
                    while piece := content.read(_PIECE):
                        budget.spend(len(piece), where=place)
                        member.write(piece)
                    member.seek(0)
                    plain = PurePosixPath(name).name
                    opened = cast(BinaryIO, member)
                    for article in hints.read_inside(opened, name=plain, where=place, hints=inner, on_bad=on_bad):
                        yield replace(article, path=f"#{name}{article.path or ''}")
    except (tarfile.TarError, EOFError, OSError, ValueError) as error:
        raise ReadError(where, "the archive is damaged or cut short: copy or make it again") from error
    if not found:
        raise no_files(where)
