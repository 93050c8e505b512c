"""Files that were added before and are gone: moved elsewhere, or their articles left behind, to be removed or told."""

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.origins import FORMERLY
from embeddings.library import LocalLibrary


@dataclass(frozen=True, slots=True)
class Gone:
    """What became of files that are gone.

    files: those whose articles are in the library and in no file any more. articles: how many these are. moved:
    articles known by their path that have another one now. removed: articles that were removed for good. left: the
    locations of `files`.
    """

    files: int = 0
    articles: int = 0
    moved: int = 0
    removed: int = 0
    left: tuple[str, ...] = ()

    def sentence(self) -> str:
        """Return what a person is told where nothing was removed."""
        one = self.files == 1
        what = (
            "1 file that was added before is gone" if one else f"{self.files:,} files that were added before are gone"
        )
        left = "1 article stays" if self.articles == 1 else f"{self.articles:,} articles stay"
        return f"{what}, {left} in the library; --prune removes {'it' if self.articles == 1 else 'them'}"


def settle_gone(library: LocalLibrary, locations: Sequence[str], *, since: str, prune: bool) -> Gone:
    """Forget files that are gone where their articles are read elsewhere, and remove the articles of the others.

    An article known only by its path whose very content came in under another path since `since` has moved there, and
    goes from the old one. prune: whether articles that are in no file any more are removed.
    """
    if not locations:
        return Gone()
    with library.snapshot() as snapshot:
        only = snapshot.origins.only_there(locations)
        left = list(dict.fromkeys(article for articles in only.values() for article in articles))
        moved = set(snapshot.origins.renamed(left, since=since)) if left else set()
    lost = [article for article in left if article not in moved]
    still = {location for location, articles in only.items() if any(article not in moved for article in articles)}
    removed = library.remove([*moved, *lost]) if prune and left else library.remove(list(moved)) if moved else None
    library.forget(locations if prune else [location for location in locations if location not in still])
    count = len(removed.removed) - len(moved) if removed else 0
    files = tuple(sorted({location.removesuffix(FORMERLY) for location in still}))
    return Gone(len(files), len(lost), len(moved), count, files)
