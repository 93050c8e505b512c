"""Limits on the size of article files."""

from typing import BinaryIO

from corpus.errors import ReadError

MAX_BYTES = 10_000_000  # of one article, in any format: a long book has 3 MB of text


def read_all(file: BinaryIO, *, where: str) -> bytes:
    """Return the bytes of a file with one article. Raises ReadError if it is empty or too large."""
    data = file.read(MAX_BYTES + 1)
    if not data:
        raise ReadError(where, "the file is empty: check that it is the right one")
    if len(data) > MAX_BYTES:
        limit = f"{MAX_BYTES // 1_000_000} MB"
        why = f"it is larger than {limit}, too large for one article: split it into one file per article"
        raise ReadError(where, why)
    return data
