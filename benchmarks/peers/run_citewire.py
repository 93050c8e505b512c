"""Citewire itself, by its library: each passage an article of its own, and the search that its answers begin with."""
# mypy: ignore-errors
# It runs in an environment that the checks of this one do not see.

import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import run

from corpus.article import Article
from embeddings.encoder import load_encoder
from embeddings.library import create_library, open_library
from qa.retrieve import retrieve


def make(model: str, folder: Path, passages: list[str]) -> Any:  # noqa: ANN401
    """Add passages to a new library."""
    library = create_library(folder / "library", encoder=load_encoder(model))
    library.add(_article(n, text) for n, text in enumerate(passages))
    return library


def load(model: str, folder: Path) -> Any:  # noqa: ANN401
    """Open the library."""
    return open_library(folder / "library", encoder=load_encoder(model))


def ask(library: Any, question: str, k: int) -> list[int]:  # noqa: ANN401
    """Return the numbers of the k best passages."""
    with library.snapshot() as snapshot:
        found = retrieve(snapshot, question, k=k)
    return [int(one.hit.info.key.rsplit("/", 1)[1]) for one in found]


def add(library: Any, number: int, text: str) -> None:  # noqa: ANN401
    """Add one passage."""
    library.add([_article(number, text)])


def remove(library: Any, number: int) -> None:  # noqa: ANN401
    """Remove one passage."""
    library.remove([_article(number, "x").id])


def _article(number: int, text: str) -> Article:
    return Article(text, url=f"https://passages.example/{number}")


if __name__ == "__main__":
    sys.exit(run.measure(make, load, ask, add, remove))
