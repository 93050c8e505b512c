"""How far the files of the search views may be behind their library before they are written again."""

from pathlib import Path

from corpus.store.snapshot import StoreSnapshot
from embeddings.index.files import read_stamp
from embeddings.index.view_files import VIEW_FILES

SAVE_FRACTION = 0.05
"""View files are written again once this share of the passages has changed,"""
SAVE_PASSAGES = 4_096
"""or so many of them: whoever opens a library has to take in what came after its view files."""

_NUMBERS = {"change", "mark", "size"}  # what the stamp of a view's file says of it


def changed_enough(size: int) -> float:
    """Return the number of changes after which the files of a view of so many passages are written again."""
    return min(SAVE_FRACTION * size, SAVE_PASSAGES)


def belongs(change: int, mark: int, snapshot: StoreSnapshot) -> bool:
    """Return whether a change of this mark is one of the library's log, which may have been put back from a copy."""
    return snapshot.state("log_floor") <= change <= snapshot.change and snapshot.mark(change) == mark


def files_are_fresh(folder: Path, library_id: str, snapshot: StoreSnapshot) -> bool:
    """Return whether the view files need not be written, by what they say of themselves, which is soon read.

    So a few articles are added to a library of any size without its views.
    """
    for name in VIEW_FILES:
        stamp = read_stamp(folder / name) or {}
        if stamp.get("library_id") != library_id or not stamp.keys() >= _NUMBERS:
            return False
        change, mark, size = (int(stamp[number]) for number in ("change", "mark", "size"))
        enough = snapshot.change - change > changed_enough(size) or change < snapshot.state("purged_to")
        if enough or not belongs(change, mark, snapshot):
            return False
    return True
