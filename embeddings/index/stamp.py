"""The stamp of an index: the library it is made from, what made it, and the change it has reached.

The FAISS file carries its stamp at its end: JSON with the stamp and a SHA-256, padded to 1,024 bytes. The Tantivy
index holds its stamp in a document (word_index.py).
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import BinaryIO

from corpus.store.connection import VECTORS
from corpus.store.snapshot import StoreSnapshot

_TRAILER_BYTES = 1_024


class IndexUnusable(Exception):  # noqa: N818 - no error: the index is made again
    """An index that cannot be used. The message says why, as in "is damaged"."""


class IndexMissing(IndexUnusable):
    """An index that is missing, or so old that the change log no longer reaches back to it."""

    def __init__(self) -> None:
        super().__init__("is missing or too old")


@dataclass(frozen=True, slots=True)
class Stamp:
    """The stamp of an index.

    made_by: the format, the engine and, for vectors, the model. change: the last entry of the change log that is in the
    index, and mark: its random mark, which tells two histories apart. size: number of passages. average_length: mean
    number of words of a passage, for the word index.
    """

    library_id: str
    made_by: str
    change: int = 0
    mark: int = 0
    size: int = 0
    average_length: float = 0.0

    def to_json(self) -> str:
        """Return the stamp as a line of JSON."""
        return json.dumps(asdict(self))

    def require_made_as(self, expected: "Stamp") -> None:
        """Raise IndexUnusable if the index is of another library, or was made in another way than now."""
        if self.library_id != expected.library_id:
            raise IndexUnusable("is of another library")
        if self.made_by != expected.made_by:
            raise IndexUnusable("was made by another release or for another model")

    def require_history(self, snapshot: StoreSnapshot) -> None:
        """Raise IndexUnusable if its change is not in the log: the database may have been put back."""
        if self.change < snapshot.state("log_floor"):
            raise IndexMissing  # it is older than the log goes back
        if self.change > snapshot.change:
            raise IndexUnusable(
                f"has reached change {self.change:,} and the database only {snapshot.change:,} (what came after that "
                "is no longer there, unless the database was put back from a copy)"
            )
        if snapshot.mark(self.change) != self.mark:
            raise IndexUnusable("is of another history of this library")


def parse_stamp(text: str) -> Stamp:
    """Return the stamp of a line of JSON. Raises IndexUnusable for anything else."""
    try:
        values = json.loads(text)
        return Stamp(**{field.name: field.type(values[field.name]) for field in fields(Stamp)})  # type: ignore[operator]
    except (ValueError, KeyError, TypeError) as error:
        raise IndexUnusable("is damaged") from error


def append_stamp(path: Path, stamp: Stamp) -> None:
    """Append the stamp to an index file, and write the file to the disk. Raises OSError."""
    with path.open("r+b") as file:
        digest = _digest(file, path.stat().st_size, stamp)
        file.write(json.dumps([stamp.to_json(), digest]).encode().ljust(_TRAILER_BYTES))
        file.flush()
        os.fsync(file.fileno())


def read_stamp(file: BinaryIO, *, whole: bool) -> Stamp:
    """Return the stamp of an index file. whole: check the hash of all that comes before. Raises IndexUnusable."""
    length = max(0, file.seek(0, os.SEEK_END) - _TRAILER_BYTES)
    file.seek(length)
    try:
        said, digest = json.loads(file.read())
    except (ValueError, TypeError) as error:
        raise IndexUnusable("is damaged") from error
    stamp = parse_stamp(said)
    if whole and _digest(file, length, stamp) != digest:
        raise IndexUnusable("is damaged")
    return stamp


def saved_stamp(folder: Path) -> Stamp | None:
    """Return the stamp of the vector index in the folder without checking the rest, None if there is none."""
    try:
        with (folder / VECTORS).open("rb") as file:
            return read_stamp(file, whole=False)
    except (OSError, IndexUnusable):
        return None


def _digest(file: BinaryIO, length: int, stamp: Stamp) -> str:
    """Return the SHA-256 of a stamp and the first `length` bytes of a file, and leave the file there."""
    digest = hashlib.sha256(stamp.to_json().encode())
    file.seek(0)
    while length > 0 and (part := file.read(min(length, 1 << 20))):
        length -= len(part)
        digest.update(part)
    return digest.hexdigest()
