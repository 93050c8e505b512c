"""A folder for one process's working files, removed with it, and by the next one where it was killed."""

import os
import shutil
import tempfile
import weakref
from pathlib import Path

_PREFIX = "citewire-"
_LOCK = "in-use"


class PrivateFolder:
    """A fresh temporary folder that only this process and user can read. It goes when the object does."""

    def __init__(self) -> None:
        _sweep(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        lock = _lock(self.path)
        self._finalizer = weakref.finalize(self, _remove, self.path, lock)

    def close(self) -> None:
        """Remove the folder; once is enough."""
        self._finalizer()


def _lock(folder: Path) -> int | None:
    """Return a descriptor that holds the folder for this process, or None where another one holds it."""
    try:
        import fcntl
    except ImportError:  # no such locks on this system
        return None
    descriptor = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(descriptor)
        return None
    return descriptor


def _remove(folder: Path, lock: int | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if lock is not None:
        os.close(lock)


def _sweep(place: Path) -> None:
    """Remove the folders of processes of this user that were killed."""
    if not hasattr(os, "getuid"):
        return
    for folder in place.glob(_PREFIX + "*"):
        try:
            mine = folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.getuid()
            held = _lock(folder) if mine and (folder / _LOCK).exists() else None
        except OSError:  # it has just gone
            continue
        if held is not None:
            _remove(folder, held)
