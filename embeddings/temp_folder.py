"""A folder for one process's working files, removed with it, and by the next one where it was killed."""

import os
import shutil
import tempfile
import weakref
from pathlib import Path

try:
    import fcntl
except ImportError:  # a system without such locks: nothing is swept there
    fcntl = None  # type: ignore[assignment]

LOCK_NAME = "in-use"
_PREFIX = "citewire-"


class TempFolder:
    """A fresh temporary folder that only this process and user can read. It goes when the object does."""

    def __init__(self) -> None:
        _sweep(Path(tempfile.gettempdir()))
        self.path = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._finalizer = weakref.finalize(self, _remove, self.path, _hold(self.path))

    def close(self) -> None:
        """Remove the folder; once is enough."""
        self._finalizer()


def _hold(folder: Path) -> int | None:
    """Return a descriptor that keeps other processes from sweeping the folder, or None where there are no locks."""
    if fcntl is None:
        return None
    # The lock gets its name once it is held: a sweep in between would take it for a dead process's.
    descriptor = os.open(folder / "new", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    (folder / "new").rename(folder / LOCK_NAME)
    return descriptor


def _remove(folder: Path, lock: int | None) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if lock is not None:
        os.close(lock)


def _sweep(place: Path) -> None:
    """Remove the folders of processes of this user that were killed."""
    if fcntl is None:
        return
    for lock in place.glob(f"{_PREFIX}*/{LOCK_NAME}"):
        try:
            if lock.parent.is_symlink() or lock.stat().st_uid != os.getuid():
                continue
            descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:  # it has just gone
            continue
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:  # it is in use
            os.close(descriptor)
            continue
        _remove(lock.parent, descriptor)
