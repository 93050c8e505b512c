"""The writer lock of a library: whoever holds it may write the database and the view files, and nobody else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import LibraryBusy, LibraryError

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK = "writer.lock"


def file_lock(folder: Path) -> "BaseFileLock":
    """Return the lock of the library in `folder`, not yet held."""
    from filelock import FileLock  # only writers pay for importing it

    return FileLock(folder / LOCK)


@contextmanager
def held(lock: "BaseFileLock", patience: float, folder: Path) -> Iterator[None]:
    """Hold the lock of the library in `folder`, waiting up to `patience` seconds for it.

    A thread may take a lock that it holds again. Raises LibraryBusy or LibraryError.
    """
    from filelock import Timeout

    try:
        lock.acquire(timeout=patience, poll_interval=0.01)
    except Timeout:
        raise LibraryBusy(
            f"{folder} is being written by another process (waited {patience:g} s): try again when it is done"
        ) from None
    except OSError as error:
        raise LibraryError(f"{folder} cannot be written ({error.strerror}): check the rights on the folder") from error
    try:
        yield
    finally:
        lock.release()
