"""Files within files: what kind of ZIP archive one is (ZIP, Word, EPUB), and members read within limits."""

import io
import lzma
import sys
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import IO, TYPE_CHECKING, BinaryIO, Self

from corpus.article import MAX_BYTES
from corpus.errors import ReadError
from corpus.readers.xml_stream import parse_xml

if sys.version_info >= (3, 14):
    from compression.zstd import ZstdError
else:
    from backports.zstd import ZstdError
if TYPE_CHECKING:
    from lxml.etree import _Element as Element

SIGNATURES = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")
DEEPEST = 3  # archives within each other
MOST_EXPANDED = 200  # bytes for each byte of an archive, above which it is made to fill memory or disk
FREE_EXPANDED = 100_000_000  # bytes that any archive may expand to
_OPEN_DOCUMENTS = {b"spreadsheet": ".ods", b"presentation": ".odp"}
_OFFICE = {"word/": ".docx", "xl/": ".xlsx", "ppt/": ".pptx"}
DAMAGED_ARCHIVE = "the archive is damaged or cut short: copy or make it again"
_DAMAGED = "it is damaged inside the archive: make the archive again"
_BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, ZstdError, EOFError, OSError, ValueError, IndexError, KeyError,
)  # fmt: skip


@dataclass(slots=True)
class Budget:
    """How many bytes the members of an archive, and of those within it, may still expand to."""

    left: int

    @classmethod
    def of(cls, file: BinaryIO) -> "Budget":
        """Return the budget of an archive, which is at its start then."""
        size = file.seek(0, io.SEEK_END)
        file.seek(0)
        return cls(FREE_EXPANDED + MOST_EXPANDED * size)

    def spend(self, count: int, *, where: str) -> None:
        """Count bytes that were expanded. Raises ReadError when there were too many."""
        self.left -= count
        if self.left < 0:
            raise ReadError(where, "the archive expands to far more than an archive of its size can hold: it is a trap")


class Expanded(io.RawIOBase):
    """What is compressed, expanded as it is read, and as far as the budget allows; damage is a ReadError."""

    def __init__(self, file: IO[bytes], budget: Budget, *, where: str) -> None:
        self._file, self._budget, self._where = file, budget, where

    def readable(self) -> bool:
        """Return True: it is there to be read."""
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
            raise ReadError(self._where, _DAMAGED) from error

    def readinto(self, buffer: memoryview, /) -> int:  # type: ignore[override]
        """Read into a buffer, as `io.RawIOBase` says."""
        try:
            data = self._file.read(len(buffer))
        except (*_BROKEN, RuntimeError, NotImplementedError) as error:
            raise ReadError(self._where, _DAMAGED) from error
        self._budget.spend(len(data), where=self._where)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Close it; the archive that it lies in stays open."""
        self._file.close()
        super().close()


def open_member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: Budget, *, where: str) -> Expanded:
    """Return a member of an archive, opened. Raises ReadError for a damaged or locked one."""
    try:
        return Expanded(archive.open(info), budget, where=where)
    except (RuntimeError, NotImplementedError) as error:
        if "password" in str(error) or "encrypted" in str(error):
            why = "it is locked with a password inside the archive: unpack it and add the files"
        else:
            why = f"it is packed in a way that cannot be read ({str(error)[:80]}): unpack it and add the files"
        raise ReadError(where, why) from error
    except _BROKEN as error:
        raise ReadError(where, _DAMAGED) from error


def open_archive(file: BinaryIO, *, where: str) -> zipfile.ZipFile:
    """Return the archive. Raises ReadError for a damaged one."""
    try:
        return zipfile.ZipFile(file)
    except (*_BROKEN, RuntimeError, NotImplementedError) as error:
        raise ReadError(where, DAMAGED_ARCHIVE) from error


class Package:
    """A ZIP archive whose members belong together, as those of a Word file, read within limits.

    Close it when done. Raises ReadError for a damaged one.
    """

    def __init__(self, file: BinaryIO, *, where: str) -> None:
        self.where = where
        self.budget = Budget.of(file)
        self._archive = open_archive(file, where=where)
        self.names = self._archive.namelist()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._archive.close()

    def member(self, name: str, *, limit: int = MAX_BYTES, where: str | None = None) -> bytes:
        """Return a whole member. Raises ReadError when it is missing, damaged, locked or larger than `limit` bytes."""
        where = where or self.where
        try:
            info = self._archive.getinfo(name)
        except KeyError as error:
            raise ReadError(where, f"its part {name[:100]} is missing: save it again") from error
        with io.BufferedReader(open_member(self._archive, info, self.budget, where=where)) as member:
            data = member.read(limit + 1)
        if len(data) > limit:
            raise ReadError(where, f"its part {name[:100]} is larger than {limit // 1_000_000} MB: split the file")
        return data

    def xml(self, name: str, *, limit: int = MAX_BYTES) -> "Element":
        """Return the root of a member in XML. Raises ReadError as `member` does, and for what is no XML."""
        return parse_xml(self.member(name, limit=limit), where=self.where)


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
            kind = archive.read("mimetype")[:100] if archive.getinfo("mimetype").file_size < 100 else b""
            return next((suffix for name, suffix in _OPEN_DOCUMENTS.items() if name in kind), ".odt")
        if any(n.startswith("Index/") and n.endswith(".iwa") for n in names):
            return ".pages"
        if "datapackage.json" in names and any(n.startswith("archive/") for n in names):
            return ".wacz"
    except (*_BROKEN, RuntimeError, NotImplementedError):
        return ".zip"
    finally:
        file.seek(0)
    return ".zip"


def no_files(where: str, holder: str = "archive") -> ReadError:
    """Return the error for an archive, or another holder of files, without a file that is read."""
    return ReadError(where, f"there are no article files (.txt, .html, .pdf, .docx, .json, .csv …) in this {holder}")


def inner_name(name: str) -> str:
    """Return a member's name without what would lead out of the archive: drives, roots and `..`."""
    parts = PurePosixPath(name.replace("\\", "/").replace("\x00", "")).parts
    return "/".join(part for part in parts if part not in ("/", "..", ".") and not part.endswith(":"))
