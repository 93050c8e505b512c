"""ZIP archives: each member is read as a file of its own kind, one after another; nothing is unpacked onto the disk."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO

from corpus.article import Article
from corpus.errors import ReadError
from corpus.readers.archives.members import inner_name, is_hidden, no_files, open_archive, open_member
from corpus.readers.hints import Hints

SUFFIXES = frozenset((".zip",))
ISOLATED = False
_BUFFER_BYTES = 1 << 16


def recognises(head: bytes) -> bool:
    """Return False: archives are told from Word files by their members, not by their first bytes."""
    return False


def read(file: BinaryIO, *, where: str, hints: Hints, on_bad: Callable[[ReadError], None]) -> Iterator[Article]:
    """Yield the articles of all members; a member that cannot be read is reported, and the rest goes on.

    Hidden files and members of kinds that hold no articles are passed over.
    """
    inner, budget = hints.within(file, where=where)
    found = False
    archive = open_archive(file, where=where)
    for info in archive.infolist():
        name = inner_name(info.filename)
        if info.is_dir() or is_hidden(name) or PurePosixPath(name).suffix.lower() not in hints.known_kinds:
            continue
        found = True
        place, plain = f"{where}/{name}", PurePosixPath(info.filename).name
        try:
            raw = open_member(archive, info, budget, where=place)
        except ReadError as error:
            on_bad(error)
            continue
        with io.BufferedReader(raw, _BUFFER_BYTES) as member:
            for article in hints.read_inside(member, name=plain, where=place, hints=inner, on_bad=on_bad):
                yield replace(article, path=f"#{name}{article.path or ''}")
        if budget.left < 0:
            return
    if not found:
        raise no_files(where)
