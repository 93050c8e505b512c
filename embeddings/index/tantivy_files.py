"""The files of a Tantivy index: whether they are as they were written, and who may read them.

Each segment's file ends with a CRC-32 of what comes before, as JSON, its length and a magic number, all by Tantivy.
"""

import contextlib
import hashlib
import json
import mmap
import os
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from embeddings.temp_folder import TempFolder

META = "meta.json"
_CHECKSUMS = "checksums.json"
_NO_SEGMENTS = ("", ".json", ".lock", ".new")


def verified_meta(path: Path) -> Any:  # noqa: ANN401 - JSON
    """Return what Tantivy says of the index at `path`, whose segments' files are as they were written.

    Raises OSError, ValueError, KeyError or TypeError where they are not.
    """
    noted = path / _CHECKSUMS
    sums = json.loads(noted.read_bytes()) if noted.exists() else {}
    meta = json.loads((path / META).read_bytes())
    for segment in meta["segments"]:
        for file in path.glob(segment["segment_id"].replace("-", "") + ".*"):
            found = _checksum(file)
            if sums.get(file.name, found) != found:
                raise OSError(f"{file} is another index's")
    return meta


def shape(meta: Mapping[str, object]) -> str:
    """Return a hash of the fields and settings of an index, in which a flipped bit goes unnoticed otherwise."""
    parts = json.dumps([meta["schema"], meta["index_settings"]], sort_keys=True)
    return hashlib.sha256(parts.encode()).hexdigest()


def note_checksums(path: Path) -> None:
    """Note the checksum of each file, and let those who may use the library read them.

    A file that is not noted, since a process was killed before this, is checked by its own checksum alone.
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
    """Make the folder of an index, for those who may use the library that it is in."""
    path.mkdir(parents=True, exist_ok=True)
    with contextlib.suppress(PermissionError):
        path.chmod(path.parent.stat().st_mode & 0o777)


def lockable(path: Path) -> TempFolder | None:
    """Return a temporary folder with links to the files where Tantivy cannot lock `path`, which it does also to read.

    None where it can.
    """
    lock = path / ".tantivy-meta.lock"
    if os.access(path, os.W_OK | os.X_OK) and (not lock.exists() or os.access(lock, os.W_OK)):
        return None
    place = TempFolder()
    for file in path.iterdir():
        if file.suffix != lock.suffix:
            (place.path / file.name).symlink_to(file.absolute())
    return place


def _checksum(file: Path) -> int:
    """Return the checksum at the end of a segment's file. Raises OSError or ValueError where it is another."""
    with file.open("rb") as handle, mmap.mmap(handle.fileno(), 0, access=mmap.ACCESS_READ) as content:
        end = len(content) - 8 - int.from_bytes(content[-8:-4], "little")
        said = int(json.loads(content[max(0, end) : len(content) - 8])["crc"])
        with memoryview(content) as view, view[:end] as body:
            if zlib.crc32(body) != said:
                raise OSError(f"{file} is damaged")
    return said
