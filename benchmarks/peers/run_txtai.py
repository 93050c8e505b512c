"""txtai, as its documentation advises: `Embeddings` with content, which chooses its index. Runs alone; see run.py."""
# mypy: ignore-errors
# It runs in an environment that the checks of this one do not see.

import sys
from pathlib import Path
from typing import Any

import run
from txtai import Embeddings


def make(model: str, folder: Path, passages: list[str]) -> Any:  # noqa: ANN401
    """Index passages and save the index."""
    embeddings = Embeddings(path=model, content=True)
    embeddings.index((n, text, None) for n, text in enumerate(passages))
    embeddings.save(str(folder / "index"))
    return embeddings


def load(model: str, folder: Path) -> Any:  # noqa: ANN401
    """Open the saved index."""
    embeddings = Embeddings(path=model, content=True)
    embeddings.load(str(folder / "index"))
    return embeddings


def ask(embeddings: Any, question: str, k: int) -> list[int]:  # noqa: ANN401
    """Return the numbers of the k best passages."""
    return [int(found["id"]) for found in embeddings.search(question, k)]


def add(embeddings: Any, number: int, text: str) -> None:  # noqa: ANN401
    """Add one passage."""
    embeddings.upsert([(number, text, None)])


def remove(embeddings: Any, number: int) -> None:  # noqa: ANN401
    """Remove one passage."""
    embeddings.delete([number])


if __name__ == "__main__":
    sys.exit(run.measure(make, load, ask, add, remove))
