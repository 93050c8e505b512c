"""The thirty lines of benchmarks/thirty_lines.py, as functions: sentence-transformers and a flat FAISS index."""
# mypy: ignore-errors
# It runs in an environment that the checks of this one do not see.

import json
import sys
from pathlib import Path
from typing import Any

import faiss
import run
from sentence_transformers import SentenceTransformer


def make(model: str, folder: Path, passages: list[str]) -> Any:  # noqa: ANN401
    """Index passages and write the index and their texts."""
    encoder = SentenceTransformer(model)
    vectors = encoder.encode(passages, normalize_embeddings=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(folder / "index"))
    (folder / "index.json").write_text(json.dumps(passages), "utf-8")
    return encoder, index


def load(model: str, folder: Path) -> Any:  # noqa: ANN401
    """Open the written index."""
    json.loads((folder / "index.json").read_text("utf-8"))
    return SentenceTransformer(model), faiss.read_index(str(folder / "index"))


def ask(opened: Any, question: str, k: int) -> list[int]:  # noqa: ANN401
    """Return the numbers of the k best passages."""
    encoder, index = opened
    return index.search(encoder.encode([question], normalize_embeddings=True), k)[1][0].tolist()  # type: ignore[no-any-return]


if __name__ == "__main__":
    sys.exit(run.measure(make, load, ask, None, None))
