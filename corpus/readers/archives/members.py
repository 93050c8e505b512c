"""Files that are ZIP archives (ZIP, Word, EPUB): what kind one is, and its members read within limits."""

import io
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import BinaryIO

from corpus.errors import ReadError

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
MOST_EXPANDED = 200  # bytes for each byte of an archive, above which it is made to fill memory or disk
FREE_EXPANDED = 100_000_000  # bytes that any archive may expand to
_OFFICE = {"word/": ".docx", "xl/": ".xlsx", "ppt/": ".pptx"}
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, IndexError, KeyError)


@dataclass(slots=True)
class Budget:
    """How many bytes the members of an archive, and of those within it, may still expand to."""

    left: int

    @classmethod
    def of(cls, size: int) -> "Budget":
        """Return the budget of an archive of `size` bytes."""
        return cls(FREE_EXPANDED + MOST_EXPANDED * size)

    def spend(self, count: int, *, where: str) -> None:
        """Count bytes that were expanded. Raises ReadError when there were too many."""
        self.left -= count
        if self.left < 0:
            raise ReadError(where, "the archive expands to far more than an archive of its size can hold: it is a trap")


class Member(io.RawIOBase):
    """A member of an archive, expanded as it is read, and as far as the budget allows; damage is a ReadError."""

    def __init__(self, archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, *, where: str) -> None:
        self._budget, self._where = budget, where
        try:
            self._file = archive.open(info)
        except (RuntimeError, NotImplementedError) as error:
            raise ReadError(where, _locked(error)) from error
        except _BROKEN as error:
            raise ReadError(where, "it is damaged inside the archive: make the archive again") from error

    def readable(self) -> bool:
        """Return True: a member is there to be read."""
        return True

    def seekable(self) -> bool:
        """Return True: going back expands it again from its start."""
        return True

    def tell(self) -> int:
        """Return the place in the expanded bytes."""
        return self._file.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a place; to seek the end is to read all of it."""
        try:
            return self._file.seek(offset, whence)
        except (*_BROKEN, RuntimeError) as error:
            raise ReadError(self._where, "it is damaged inside the archive: make the archive again") from error

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Read into a buffer, as `io.RawIOBase` says."""
        try:
            data = self._file.read(len(buffer))
        except (*_BROKEN, RuntimeError, NotImplementedError) as error:
            raise ReadError(self._where, "it is damaged inside the archive: make the archive again") from error
        self._budget.spend(len(data), where=self._where)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close the member; the archive stays open."""
        self._file.close()
        super().close()


def open_archive(file: BinaryIO, *, where: str) -> zipfile.ZipFile:
    """Return the archive. Raises ReadError for a damaged one."""
    try:
        return zipfile.ZipFile(file)
    except (*_BROKEN, RuntimeError, NotImplementedError) as error:
        raise ReadError(where, "the archive is damaged or cut short: copy or make it again") from error


def member_bytes(archive: zipfile.ZipFile, name: str, *, where: str, budget: Budget, limit: int) -> bytes:
    """Return a whole member. Raises ReadError when it is missing, damaged, locked or larger than `limit` bytes."""
    try:
        info = archive.getinfo(name)
    except KeyError as error:
        raise ReadError(where, f"its part {name[:100]} is missing: save it again") from error
    with Member(archive, info, budget, where=where) as member:
        parts: list[bytes] = []
        size = 0
        while piece := member.read(min(1 << 20, limit + 1 - size)):
            parts.append(piece)
            size += len(piece)
            if size > limit:
                raise ReadError(where, f"its part {name[:100]} is larger than {limit // 1_000_000} MB: split the file")
    return b"".join(parts)


def archive_suffix(file: BinaryIO) -> str:
    """Return the ending that names the kind of a ZIP archive's content: .docx, .epub, .xlsx, .odt …, else .zip."""
    try:
        archive = zipfile.ZipFile(file)
        names = set(archive.namelist()[:10_000])
        if "[Content_Types].xml" in names:
            return next(
                (suffix for folder, suffix in _OFFICE.items() if any(n.startswith(folder) for n in names)), ".zip"
            )
        if "META-INF/container.xml" in names:
            return ".epub"
        if "mimetype" in names and "content.xml" in names:
            return ".odt"
    except (*_BROKEN, RuntimeError, NotImplementedError):
        return ".zip"
    finally:
        file.seek(0)
    return ".zip"


def inner_name(name: str) -> str:
    """Return a member's name without what would lead out of the archive: drives, roots and `..`."""
    parts = PurePosixPath(name.replace("\\", "/").replace("\x00", "")).parts
    return "/".join(part for part in parts if part not in ("/", "..", ".") and not part.endswith(":"))


def _locked(error: Exception) -> str:
    """Return why a member cannot be opened."""
    if "password" in str(error) or "encrypted" in str(error):
        return "it is locked with a password inside the archive: unpack it and add the files"
    return f"it is packed in a way that cannot be read ({str(error)[:80]}): unpack it and add the files"
