"""The file of a saved search view: a stamp, the view's bytes and a hash over both, swapped in whole."""

import hashlib
import json
import os
import tempfile
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

_MAGIC = b"citewire view 1\n"
_HASH_BYTES = 32
_LENGTH_BYTES = 8

Stamp = Mapping[str, str | int]
"""What a view is made of (library, model, format) and how far it is in the change log."""


@dataclass(frozen=True, slots=True)
class Saved:
    """A view as it was saved: its stamp, and its parts by name."""

    stamp: Stamp
    parts: Mapping[str, memoryview]


def write_saved(path: Path, *, stamp: Stamp, parts: Sequence[tuple[str, bytes | memoryview]]) -> None:
    """Write the view beside `path`, on disk for certain, and put it in its place in one step.

    Raises OSError when the disk is full or the folder cannot be written; then what was there before stays.
    """
    views = [(name, memoryview(part).cast("B")) for name, part in parts]
    header = json.dumps({"stamp": dict(stamp), "parts": [(name, view.nbytes) for name, view in views]}).encode()
    header = len(header).to_bytes(_LENGTH_BYTES, "little") + header
    digest = hashlib.sha256(header)
    for _, view in views:
        digest.update(view)
    write_whole(path, [_MAGIC + digest.digest() + header, *(view for _, view in views)])


def write_whole(path: Path, content: Sequence[bytes | memoryview]) -> None:
    """Write a file beside `path`, on disk for certain, and put it in its place in one step. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(prefix=path.name + ".", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            Path(beside).chmod(path.parent.stat().st_mode & 0o666)  # who may use the library may read its views
            for part in content:
                file.write(part)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(path)
    finally:
        Path(beside).unlink(missing_ok=True)
    _sync_folder(path.parent)


def read_saved(path: Path, *, expected: Stamp) -> Saved | None:
    """Return the view at `path` when it is whole and its stamp agrees with `expected`, else None.

    The stamp may say more than `expected` does. A file that is missing, unreadable, cut short or changed by one bit
    is no view.
    """
    try:
        content = memoryview(path.read_bytes())
    except OSError:
        return None
    start = len(_MAGIC) + _HASH_BYTES
    if len(content) < start + _LENGTH_BYTES or content[: len(_MAGIC)] != _MAGIC:
        return None
    if hashlib.sha256(content[start:]).digest() != content[len(_MAGIC) : start]:
        return None
    at = start + _LENGTH_BYTES + int.from_bytes(content[start : start + _LENGTH_BYTES], "little")
    header = json.loads(bytes(content[start + _LENGTH_BYTES : at]))
    if any(header["stamp"].get(name) != value for name, value in expected.items()):
        return None
    parts = {}
    for name, size in header["parts"]:
        parts[name] = content[at : at + size]
        at += size
    return Saved(header["stamp"], parts)


def read_stamp(path: Path) -> Stamp | None:
    """Return what the view at `path` says of itself, without a look at the rest of the file, None where it is none."""
    start = len(_MAGIC) + _HASH_BYTES
    try:
        with path.open("rb") as file:
            head = file.read(start + _LENGTH_BYTES)
            header = json.loads(file.read(int.from_bytes(head[start:], "little"))) if head.startswith(_MAGIC) else None
    except (OSError, ValueError, OverflowError, MemoryError):
        return None
    return header["stamp"] if isinstance(header, dict) and isinstance(header.get("stamp"), dict) else None


def read_part(path: Path, name: str) -> bytes | None:
    """Return one part of the view at `path` without a look at the rest, which may be damaged; None where it is none."""
    start = len(_MAGIC) + _HASH_BYTES
    try:
        with path.open("rb") as file:
            head = file.read(start + _LENGTH_BYTES)
            length = int.from_bytes(head[start:], "little")
            header = json.loads(file.read(length)) if head.startswith(_MAGIC) else {}
            at = start + _LENGTH_BYTES + length
            for part, size in header["parts"]:
                if part == name:
                    file.seek(at)
                    content = file.read(size)
                    return content if len(content) == size else None
                at += size
    except (OSError, ValueError, OverflowError, MemoryError, KeyError, TypeError):
        return None
    return None


def remove_pieces(folder: Path, name: str, *, keep: Collection[str] = ()) -> None:
    """Delete the files that belong to the view `name` and are not to be kept."""
    for path in folder.glob(f"{name}.*.view"):
        if path.name not in keep:
            path.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Make a change of names in the folder last through a power cut, where the system can."""
    if os.name != "posix":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
