"""The line that shows how far adding is: articles a second, the file in hand, the time left."""

import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from embeddings.library.library import AddProgress

_EVERY_S = 0.1
_NAME_CHARACTERS = 12  # at least, also where the line is narrow
_COLUMNS = 76  # of all but the name


class AddLine:
    """Shows progress on one line of a terminal, and nothing elsewhere. total: files to read, 0 where it is unknown."""

    def __init__(self, total: int) -> None:
        from tqdm import tqdm

        known = total > 1
        shape = "adding {percentage:3.0f}%|{bar:10}| {n_fmt}/{total_fmt} files [{elapsed}<{remaining}]{postfix}"
        self._bar = tqdm(
            total=total if known else None,
            bar_format=shape if known else "adding {n_fmt} articles [{elapsed}]{postfix}",
            disable=not sys.stderr.isatty(),
            leave=False,
            dynamic_ncols=True,
        )
        self._known = known
        self._began = time.monotonic()
        self._shown = 0.0

    def show(self, done: AddProgress) -> None:
        """Show how far adding is, at most ten times a second."""
        now = time.monotonic()
        if self._bar.disable or now - self._shown < _EVERY_S:
            return
        self._shown = now
        room = max(_NAME_CHARACTERS, shutil.get_terminal_size().columns - _COLUMNS)
        self._bar.set_postfix_str(progress_words(done, now - self._began, room=room), refresh=False)
        self._bar.n = done.places if self._known else done.articles
        self._bar.refresh()

    def close(self) -> None:
        """Take the line away."""
        self._bar.close()


@contextmanager
def add_line(total: int) -> Iterator[AddLine]:
    """Give a progress line until the block ends."""
    line = AddLine(total)
    try:
        yield line
    finally:
        line.close()


def progress_words(done: AddProgress, seconds: float, *, room: int) -> str:
    """Return how many articles are done a second, and which is in hand: the last `room` characters of its name."""
    rate = done.articles / seconds if seconds > 0 else 0.0
    name = done.current or ""
    if len(name) > room:
        name = "…" + name[1 - room :]
    return f"{rate:.1f} articles/s, {name}"
