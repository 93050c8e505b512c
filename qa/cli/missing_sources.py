"""Missing sources: files that were added before and are gone. Their articles are moved, removed or reported."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.store.origins import FORMERLY
from embeddings.library.library import Library


@dataclass(frozen=True, slots=True)
class MissingSources:
    """Result of handling missing sources.

    articles: number of articles in the library that no file has any more. moved: number of articles known by path that
    moved to another path. removed: number of articles removed for good. left: the sources that `articles` came from:
    missing files, and with FORMERLY at the end, files that no longer hold them.
    """

    articles: int = 0
    moved: int = 0
    removed: int = 0
    left: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Return the sentence for the user if nothing was removed."""
        gone = sum(not location.endswith(FORMERLY) for location in self.left)
        shorter = len(self.left) - gone
        said = [f"{_files(gone)} that {_were(gone)} added before {_are(gone)} gone"] if gone else []
        said += [f"{_files(shorter)} {'has' if shorter == 1 else 'have'} lost articles"] if shorter else []
        one = self.articles == 1
        left = "1 article stays" if one else f"{self.articles:,} articles stay"
        return f"{' and '.join(said)}, {left} in the library; --prune removes {'it' if one else 'them'}"


def _files(count: int) -> str:
    return "1 file" if count == 1 else f"{count:,} files"


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


def settle_missing(library: Library, locations: Sequence[str], *, since: str, prune: bool) -> MissingSources:
    """Forget missing files whose articles have other sources. With `prune`, remove the articles of the others.

    An article known by path whose content was added under another path since `since` has moved: its old entry is
    removed.
    """
    if not locations:
        return MissingSources()
    with library.snapshot() as snapshot:
        only = snapshot.origins.only_there(locations)
        left = list(dict.fromkeys(article for articles in only.values() for article in articles))
        moved = set(snapshot.origins.renamed(left, since=since)) if left else set()
    lost = [article for article in left if article not in moved]
    still = {location for location, articles in only.items() if any(article not in moved for article in articles)}
    removed = library.remove([*moved, *lost]) if prune and left else library.remove(list(moved)) if moved else None
    library.forget(locations if prune else [location for location in locations if location not in still])
    count = len(removed.removed) - len(moved) if removed else 0
    return MissingSources(len(lost), len(moved), count, tuple(sorted(still)))
