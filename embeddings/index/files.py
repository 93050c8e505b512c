"""The files of the indexes: the stamps that say what they hold, and the checksums that find damage.

The FAISS file carries its stamp at its end: JSON with the stamp and a SHA-256, padded to 1,024 bytes. The Tantivy
index holds its stamp in a document (word_index.py), and each of its files has a checksum.
"""

import contextlib
import hashlib
import json
import mmap
import os
import shutil
import tempfile
import weakref
import zlib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from corpus.store.connection import VECTORS, WORDS
from corpus.store.snapshot import StoreSnapshot

_TRAILER_BYTES = 1_024
_META = "meta.json"
_CHECKSUMS = "checksums.json"
_LOCK = ".tantivy-meta.lock"
_NO_SEGMENTS = ("", ".json", ".lock", ".new")


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
        return Stamp(**json.loads(text))
    except (ValueError, TypeError) as error:
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


def committed(folder: Path) -> bytes | None:
    """Return Tantivy's record of the index's last commit or merge, None if the library's folder has no index.

    Empty if there is one that cannot be read.
    """
    try:
        return (folder / WORDS / _META).read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        return b""


def require_sound_files(path: Path) -> None:
    """Raise OSError, ValueError, KeyError or TypeError if a file of the index at `path` is not as it was written."""
    noted = path / _CHECKSUMS
    sums = dict(json.loads(noted.read_bytes())) if noted.exists() else {}
    meta = json.loads((path / _META).read_bytes())
    for segment in meta["segments"]:
        name, deletes = segment["segment_id"].replace("-", ""), segment["deletes"]
        committed_deletes = f"{name}.{deletes['opstamp']}.del" if deletes else None
        for file in path.glob(f"{name}.*"):
            if file.suffix == ".del" and file.name != committed_deletes:
                continue  # of another commit: another process may be writing or deleting it
            found = _checksum(file)
            if sums.get(file.name, found) != found:
                raise OSError(f"{file} is another index's")


def note_checksums(path: Path) -> None:
    """Note the checksum of each file, and give the files the rights of the folder.

    A file may be missing from the note if a process was killed. Then only its own checksum is compared.
    """
    sums = {file.name: _checksum(file) for file in path.iterdir() if file.suffix not in _NO_SEGMENTS}
    new = path / f"{_CHECKSUMS}.new"
    new.write_text(json.dumps(sums), encoding="utf-8")
    new.replace(path / _CHECKSUMS)
    mode = path.stat().st_mode & 0o666
    for file in path.iterdir():
        with contextlib.suppress(PermissionError):  # another user's
            file.chmod(mode)


def can_lock(path: Path) -> bool:
    """Tell whether Tantivy can lock the index at `path`. It does so to read it, too."""
    lock = path / _LOCK
    return os.access(path, os.W_OK | os.X_OK) and (not lock.exists() or os.access(lock, os.W_OK))


class LinkedFolder:
    """A temporary folder with links to the files of an index, in which Tantivy can lock it. It goes with the object."""

    def __init__(self, path: Path) -> None:
        self.path = Path(tempfile.mkdtemp(prefix="citewire-"))
        weakref.finalize(self, shutil.rmtree, self.path, ignore_errors=True)
        for file in path.iterdir():
            if file.suffix != ".lock":
                (self.path / file.name).symlink_to(file.absolute())


def _checksum(file: Path) -> int:
    """Return the checksum at the end of a segment's file. Raises OSError or ValueError if it does not match."""
    with file.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
        said = int(json.loads(content[max(0, end) : len(content) - 8])["crc"])
        with memoryview(content) as view, view[:end] as body:
            if zlib.crc32(body) != said:
                raise OSError(f"{file} is damaged")
    return said
