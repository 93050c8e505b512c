"""Missing files: forgetting them, removing their articles if asked to, and saying what stays."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from embeddings.library.library import Library
from qa.output.plain_text import plural

_MOST_FOLDERS = 5


@dataclass(frozen=True, slots=True)
class Settled:
    """What became of the articles of missing files, in numbers of articles.

    moved: known by path, and their content has another path now. removed: removed for good. kept: they stay though no
    file has them. locations: the files of those that were removed or kept; a file may also just hold fewer articles.
    """

    moved: int = 0
    removed: int = 0
    kept: int = 0
    locations: frozenset[str] = frozenset()

    def __add__(self, other: Self) -> "Settled":
        """Return the sum of both."""
        return Settled(
            self.moved + other.moved,
            self.removed + other.removed,
            self.kept + other.kept,
            self.locations | other.locations,
        )


def settle(library: Library, locations: Sequence[str], *, since: str, prune: bool) -> Settled:
    """Forget missing files whose articles have other origins. With `prune`, remove the articles of the others.

    An article known by path has moved if its content was added under another path at `since` (UTC, ISO 8601) or later.
    Its old entry is removed.
    """
    if not locations:
        return Settled()
    with library.snapshot() as snapshot:
        only_there = snapshot.origins.only_there(locations)
        articles = {article for ids in only_there.values() for article in ids}
        moved = set(snapshot.origins.renamed(articles, since=since)) if articles else set()
    held = frozenset(location for location, ids in only_there.items() if not moved.issuperset(ids))
    to_remove = sorted(articles if prune else moved)
    removed = len(library.remove(to_remove).removed) if to_remove else 0
    library.forget([location for location in locations if prune or location not in held])
    others = len(articles) - len(moved)
    return Settled(len(moved), max(0, removed - len(moved)), 0 if prune else others, held)


@dataclass(frozen=True, slots=True)
class MissingReport:
    """What became of missing files. with_folder: of those whose folder is gone or empty too.

    folders: the folders of these, where articles of them stay.
    """

    files: Settled = Settled()
    with_folder: Settled = Settled()
    folders: frozenset[str] = frozenset()

    def sentences(self) -> list[str]:
        """Return what stays in the library and how to remove it."""
        found: list[str] = []
        if self.files.kept:
            files = plural(len(self.files.locations), "file")
            found.append(f"{files}: gone, or with fewer articles than before; {_staying(self.files.kept, '--prune')}")
        if self.folders:
            named = ", ".join(sorted(self.folders)[:_MOST_FOLDERS])
            why = "gone or empty, as when a disk is not there"
            found.append(f"{named}: {why}; {_staying(self.with_folder.kept, '--prune-folders')}")
        return found


def _staying(articles: int, option: str) -> str:
    stays, it = ("article stays", "it") if articles == 1 else ("articles stay", "them")
    return f"{articles:,} {stays} in the library; {option} removes {it}"
