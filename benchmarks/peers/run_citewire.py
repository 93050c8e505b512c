"""Citewire itself, by its library: each passage an article of its own. See run.py."""
# mypy: ignore-errors
# It runs in an environment that the checks of this one do not see.

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[2]))

import run

from benchmarks.given import GivenVectors
from corpus.article import Article
from embeddings.encoder.encoder import load_encoder
from embeddings.library.library import create_library, open_library
from qa.assistant import Assistant
from qa.reader.reader import open_reader
from qa.retrieval import retrieve


def make(model: str, folder: Path, passages: list[str]) -> Any:  # noqa: ANN401
    """Add passages to a new library."""
    return _added(load_encoder(model), folder, passages)


def load(model: str, folder: Path) -> Any:  # noqa: ANN401
    """Open the library."""
    return open_library(folder / "library", encoder=load_encoder(model))


def ask(library: Any, question: str, k: int) -> list[int]:  # noqa: ANN401
    """Return the numbers of the k best passages."""
    with library.snapshot() as snapshot:
        found = retrieve(snapshot, question, k=k)
    return [_number(one.hit.info.key) for one in found]


def add(library: Any, number: int, text: str) -> None:  # noqa: ANN401
    """Add one passage."""
    library.add([_article(number, text)])


def remove(library: Any, number: int) -> None:  # noqa: ANN401
    """Remove one passage."""
    library.remove([_article(number, "x").id])


def reading(library: Any, _: str) -> Callable[[str], list[dict[str, Any]]]:  # noqa: ANN401
    """Answer with Citewire's own reader, as `citewire ask` does."""
    assistant = Assistant(library, open_reader())

    def answers(question: str) -> list[dict[str, Any]]:
        result = assistant.ask(question)
        if not result.answers:
            return [{"withheld": result.best_text}] if result.best_text else []
        cited = [(answer.text, result.citations[answer.citations[0] - 1]) for answer in result.answers]
        return [{"text": text, "passage": _number(at.url), "start": at.start} for text, at in cited]

    return answers


def fill(model: str, folder: Path, passages: list[str], vectors: Any) -> Any:  # noqa: ANN401
    """Add passages whose vectors are given."""
    return _added(GivenVectors(load_encoder(model), passages, vectors), folder, passages)


def _added(encoder: Any, folder: Path, passages: list[str]) -> Any:  # noqa: ANN401
    library = create_library(folder / "library", encoder=encoder)
    library.add(_article(n, text) for n, text in enumerate(passages))
    return library


def _article(number: int, text: str) -> Article:
    return Article(text, url=f"https://passages.example/{number}")


def _number(address: str) -> int:
    return int(address.rsplit("/", 1)[1])


if __name__ == "__main__":
    sys.exit(run.measure(run.Tool(make, load, ask, add, remove, reading, fill)))
