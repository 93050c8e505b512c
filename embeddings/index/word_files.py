"""The files of a Tantivy index: their checksums, who may read them, and reading where the folder cannot be locked."""

import contextlib
import json
import mmap
import os
import shutil
import tempfile
import weakref
import zlib
from pathlib import Path

from corpus.store.connection import WORDS

_META = "meta.json"
_CHECKSUMS = "checksums.json"
_LOCK = ".tantivy-meta.lock"
_NO_SEGMENTS = ("", ".json", ".lock", ".new")


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


def make_folder(path: Path) -> None:
    """Make the folder of an index, with the rights of the library's folder."""
    path.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(PermissionError):
        path.chmod(path.parent.stat().st_mode & 0o777)


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
