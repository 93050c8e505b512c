"""Files read piece by piece, of any size, as UTF-8."""

import codecs
import io
from typing import BinaryIO

from corpus.errors import ReadError
from corpus.readers.decoding import binary_kind, decode

MOST_RECODED = 200_000_000  # bytes of a file in another encoding: to tell it, the whole is read
_PIECE = 1 << 20


def as_utf8(file: BinaryIO, *, where: str, charset: str | None = None) -> BinaryIO:
    """Return the file, at its start, as UTF-8 without a byte order mark; one in another encoding is read as a whole.

    charset: as a server declared it. Raises ReadError for binary data and an encoding that cannot be told.
    """
    file.seek(0)
    start = file.read(8)
    if not start:
        raise ReadError(where, "the file is empty: check that it is the right one")
    if kind := binary_kind(start):
        raise ReadError(where, f"this is {kind}, not text: save the articles as text, JSON or CSV and add that")
    if _is_utf8(file):
        file.seek(len(codecs.BOM_UTF8) if start.startswith(codecs.BOM_UTF8) else 0)
        return file
    file.seek(0)
    data = file.read(MOST_RECODED + 1)
    if len(data) > MOST_RECODED:
        raise ReadError(where, f"it is not UTF-8 and larger than {MOST_RECODED // 1_000_000} MB: save it as UTF-8")
    return io.BytesIO(decode(data, where=where, declared=charset).encode("utf-8", errors="replace"))


def _is_utf8(file: BinaryIO) -> bool:
    """Return whether the whole file is UTF-8 without zero bytes."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    file.seek(0)
    while piece := file.read(_PIECE):
        if b"\x00" in piece:
            return False
        try:
            decoder.decode(piece)
        except UnicodeDecodeError:
            return False
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
