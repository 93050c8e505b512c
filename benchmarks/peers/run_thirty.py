"""The thirty lines of benchmarks/thirty_lines.py, as functions: sentence-transformers and a flat FAISS index."""
# mypy: ignore-errors
# It runs in an environment that the checks of this one do not see.

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
import run
from sentence_transformers import SentenceTransformer


@dataclass
class Opened:
    """The parts, and where they are saved."""

    encoder: SentenceTransformer
    index: Any
    passages: list[str]
    folder: Path


def make(model: str, folder: Path, passages: list[str]) -> Opened:
    """Index passages and write the index and their texts."""
    encoder = SentenceTransformer(model)
    return _saved(encoder, folder, passages, encoder.encode(passages, normalize_embeddings=True))


def load(model: str, folder: Path) -> Opened:
    """Open the written index."""
    passages = json.loads((folder / "index.json").read_text("utf-8"))
    return Opened(SentenceTransformer(model), faiss.read_index(str(folder / "index")), passages, folder)


def ask(opened: Opened, question: str, k: int) -> list[int]:
    """Return the numbers of the k best passages."""
    return opened.index.search(opened.encoder.encode([question], normalize_embeddings=True), k)[1][0].tolist()


def add(opened: Opened, _: int, text: str) -> None:
    """Add one passage at the end."""
    opened.index.add(opened.encoder.encode([text], normalize_embeddings=True))
    opened.passages.append(text)
    _save(opened)


def remove(opened: Opened, number: int) -> None:
    """Remove one passage; those after it move up."""
    opened.index.remove_ids(np.array([number]))
    del opened.passages[number]
    _save(opened)


def fill(model: str, folder: Path, passages: list[str], vectors: Any) -> Opened:  # noqa: ANN401
    """Index passages whose vectors are given."""
    return _saved(SentenceTransformer(model), folder, passages, vectors.astype(np.float32))


def _saved(encoder: SentenceTransformer, folder: Path, passages: list[str], vectors: Any) -> Opened:  # noqa: ANN401
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    opened = Opened(encoder, index, list(passages), folder)
    _save(opened)
    return opened


def _save(opened: Opened) -> None:
    faiss.write_index(opened.index, str(opened.folder / "index"))
    (opened.folder / "index.json").write_text(json.dumps(opened.passages), "utf-8")


if __name__ == "__main__":
    sys.exit(run.measure(run.Tool(make, load, ask, add, remove, None, fill)))
