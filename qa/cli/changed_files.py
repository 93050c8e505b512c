"""Changed files of watched folders, once they are no longer written. Nothing else imports watchfiles."""

import os
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from corpus.readers.registry import suffixes

if TYPE_CHECKING:
    from watchfiles import Change

SETTLED_S = 1.0
"""Seconds without a write after which a file counts as complete."""

LOOK_S = 0.5
"""Longest wait for changes, in seconds."""


class ChangedFiles:
    """Watches folders and their subfolders through the operating system. Where it cannot, no change is reported.

    stop: ends the waiting. From `__enter__` on, no change is missed.
    """

    def __init__(self, folders: Sequence[Path], stop: threading.Event) -> None:
        self._roots = {os.path.realpath(folder): os.path.abspath(folder) for folder in folders}  # noqa: PTH100
        self._stop = stop
        self._changes: Iterator[set[tuple[Change, str]]] | None = None
        self._waiting: dict[str, float] = {}

    def __enter__(self) -> Self:
        if self._roots:
            from watchfiles import watch

            self._changes = watch(
                *self._roots,
                watch_filter=None,
                debounce=400,
                stop_event=self._stop,
                rust_timeout=round(LOOK_S * 1000),
                yield_on_timeout=True,
                raise_interrupt=False,
                ignore_permission_denied=True,
            )
            self._gather()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._changes = None

    def settled(self) -> list[Path]:
        """Wait a moment. Return the files and folders that changed or disappeared and are no longer written."""
        self._gather()
        now = time.monotonic()
        ready = sorted(path for path, at in self._waiting.items() if now - at >= SETTLED_S and not _just_written(path))
        for path in ready:
            del self._waiting[path]
        folders = [path for path in ready if Path(path).is_dir()]
        within = tuple(folder + os.sep for folder in folders)
        return [Path(path) for path in ready if not path.startswith(within)] if within else [Path(p) for p in ready]

    def _gather(self) -> None:
        if self._changes is None:
            self._stop.wait(LOOK_S)
            return
        try:
            changes = next(self._changes, set())
        except (OSError, RuntimeError) as error:
            print(
                f"citewire: the system does not tell of changes ({error}): folders are looked through at each interval",
                file=sys.stderr,
            )
            self._changes = None
            return
        now = time.monotonic()
        for _, path in changes:
            if (named := self._as_named(path)) is not None:
                self._waiting[named] = now

    def _as_named(self, path: str) -> str | None:
        """Return a path below the folder as the user named it, None if it holds no article."""
        for real, named in self._roots.items():
            if path.startswith(real + os.sep):
                below = path[len(real) + 1 :]
                hidden = any(part.startswith(".") for part in Path(below).parts)
                found = os.path.join(named, below)  # noqa: PTH118
                of_articles = Path(found).suffix.lower() in suffixes() or not Path(found).is_file()
                return found if of_articles and not hidden else None
        return None


def _just_written(path: str) -> bool:
    try:
        return abs(time.time() - Path(path).stat().st_mtime) < SETTLED_S and Path(path).is_file()
    except OSError:
        return False
