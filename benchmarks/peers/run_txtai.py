"""txtai, as its documentation advises. See run.py.

`Embeddings` with content, which chooses its index, and `RAG` with an extractive model, which reads the three best
passages as one text and names one of them.
"""
# mypy: ignore-errors
# It runs in an environment that the checks of this one do not see.

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import run
from txtai import Embeddings
from txtai.pipeline import RAG


def make(model: str, folder: Path, passages: list[str]) -> Any:  # noqa: ANN401
    """Index passages and save the index."""
    return _indexed(Embeddings(path=model, content=True), folder, passages)


def load(model: str, folder: Path) -> Any:  # noqa: ANN401
    """Open the saved index."""
    embeddings = Embeddings(path=model, content=True)
    embeddings.load(str(folder / "index"))
    return embeddings, folder


def ask(opened: Any, question: str, k: int) -> list[int]:  # noqa: ANN401
    """Return the numbers of the k best passages."""
    return [int(found["id"]) for found in opened[0].search(question, k)]


def add(opened: Any, number: int, text: str) -> None:  # noqa: ANN401
    """Add one passage."""
    opened[0].upsert([(number, text, None)])
    _save(opened)


def remove(opened: Any, number: int) -> None:  # noqa: ANN401
    """Remove one passage."""
    opened[0].delete([number])
    _save(opened)


def reading(opened: Any, reader: str) -> Callable[[str], list[dict[str, Any]]]:  # noqa: ANN401
    """Answer with an extractive reader. It says which passage, and not where in it."""
    rag = RAG(opened[0], reader, task="question-answering", output="reference")

    def answers(question: str) -> list[dict[str, Any]]:
        try:
            [found] = rag([{"name": "0", "query": question, "question": question}])
        except TypeError:  # it looks for the word of the piece that stands for "no answer", which is none
            return []
        if not found["answer"]:
            return []
        return [{"text": found["answer"], "passage": int(found["reference"]), "start": None}]

    return answers


def fill(model: str, folder: Path, passages: list[str], vectors: Any) -> Any:  # noqa: ANN401
    """Index passages whose vectors are given."""
    encoder, given = Embeddings(path=model), dict(zip(passages, vectors, strict=True))

    def transform(texts: list[str]) -> list[Any]:
        missing = iter([encoder.transform(text) for text in texts if text not in given])
        return [given[text] if text in given else next(missing) for text in texts]

    return _indexed(Embeddings(method="external", transform=transform, content=True), folder, passages)


def _indexed(embeddings: Embeddings, folder: Path, passages: list[str]) -> Any:  # noqa: ANN401
    embeddings.index((n, text, None) for n, text in enumerate(passages))
    _save((embeddings, folder))
    return embeddings, folder


def _save(opened: Any) -> None:  # noqa: ANN401
    embeddings, folder = opened
    embeddings.save(str(folder / "index"))


if __name__ == "__main__":
    sys.exit(run.measure(run.Tool(make, load, ask, add, remove, reading, fill)))
