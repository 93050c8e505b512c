"""ZIP archives: each member is read as a file of its own kind, one after another; nothing is unpacked onto the disk."""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import BinaryIO
from zipfile import ZipFile, ZipInfo

from corpus.article import Article
from corpus.errors import ReadError
from corpus.readers.archives.members import (
    DEEPEST,
    Budget,
    inner_name,
    is_hidden,
    no_files,
    open_archive,
    open_member,
    too_deep,
)  # fmt: skip
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
    if hints.depth >= DEEPEST:
        raise too_deep(where)
    archive = open_archive(file, where=where)
    budget = hints.budget or Budget.of(file.seek(0, io.SEEK_END))
    inner = replace(hints, depth=hints.depth + 1, budget=budget, url=None, charset=None)
    found = False
    for info in archive.infolist():
        name = inner_name(info.filename)
        if info.is_dir() or is_hidden(name) or PurePosixPath(name).suffix.lower() not in hints.inside.known_kinds:
            continue
        found = True
        for article in _member(archive, info, f"{where}/{name}", budget, inner, on_bad):
            yield replace(article, path=f"#{name}{article.path or ''}")
        if budget.left < 0:
            return
    if not found:
        raise no_files(where)


def _member(
    archive: ZipFile,
    info: ZipInfo,
    where: str,
    budget: Budget,
    hints: Hints,
    on_bad: Callable[[ReadError], None],
) -> Iterator[Article]:
    """Yield the articles of one member."""
    try:
        raw = open_member(archive, info, budget, where=where)
    except ReadError as error:
        on_bad(error)
        return
    with io.BufferedReader(raw, _BUFFER_BYTES) as member:
        yield from hints.inside.read(
            member, name=PurePosixPath(info.filename).name, where=where, hints=hints, on_bad=on_bad
        )
