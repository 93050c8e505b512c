"""Make the small library of this release that later releases have to open: python tests/make_library.py.

Run once for a release, and keep the folder it makes for good.
"""

from pathlib import Path

from repository import TESTS
from small_library import WordEncoder

from corpus import __version__
from corpus.article import Article
from embeddings.library.library import create_library

WIRE = (
    "The delegations met in the capital on Monday for the fourth round of talks on fighting terrorism and agreed to "
    "share what they know about financing, borders and prisons, the ministry said in a statement after the meeting."
)
FIRST = Article(
    f"{WIRE}\n\nA second paragraph, on the harbour of Zürich, has words that no other one has: quay, crane and tide.",
    title="Talks held",
    source="Dawn",
    author="A. Writer",
    published="2023-03-06T10:00:00+05:00",
    url="https://news.example/talks",
    place="ISLAMABAD",
    path="articles/talks.html",
)
SECOND = Article(
    f"ISLAMABAD: {WIRE}", title="Fourth round", source="Geo", published="2023-03-07", path="articles/geo.txt"
)
UNDATED = Article("Only a text, about a lighthouse.", path="articles/plain.txt")
CORRECTED = Article(
    FIRST.text.replace("fourth", "fifth"), title=FIRST.title, source="Dawn", published=FIRST.published, url=FIRST.url
)
REMOVED = Article("This was removed again, with its zeppelin.", path="articles/removed.txt")


def make(folder: Path) -> None:
    """Make the library: five articles added, one of them corrected and one removed."""
    with create_library(folder, encoder=WordEncoder()) as library:
        library.add([FIRST, SECOND, UNDATED, REMOVED])
        library.add([CORRECTED])
        library.remove([REMOVED.id])
    (folder / "writer.lock").unlink()


if __name__ == "__main__":
    make(TESTS / "data" / f"library-{__version__}")
