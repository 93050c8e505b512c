"""What a user would write in thirty lines: paragraphs of text files in a FAISS index, and the best one for a question.

python benchmarks/thirty_lines.py add MODEL INDEX FOLDER    python benchmarks/thirty_lines.py ask MODEL INDEX QUESTION
"""

import json
import sys
from pathlib import Path

import faiss
from sentence_transformers import SentenceTransformer


def add(model: SentenceTransformer, index_path: Path, folder: Path) -> None:
    """Index every paragraph of the folder's text files."""
    paragraphs = [
        p for file in sorted(folder.glob("*.txt")) for p in file.read_text("utf-8").split("\n\n") if p.strip()
    ]
    vectors = model.encode(paragraphs, normalize_embeddings=True)
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(index_path))
    index_path.with_suffix(".json").write_text(json.dumps(paragraphs), "utf-8")


def ask(model: SentenceTransformer, index_path: Path, question: str) -> None:
    """Print the paragraph nearest to the question."""
    index = faiss.read_index(str(index_path))
    paragraphs = json.loads(index_path.with_suffix(".json").read_text("utf-8"))
    _, rows = index.search(model.encode([question], normalize_embeddings=True), 1)
    print(paragraphs[rows[0][0]])


if __name__ == "__main__":
    command, name, index_name, rest = sys.argv[1:]
    loaded = SentenceTransformer(name)
    add(loaded, Path(index_name), Path(rest)) if command == "add" else ask(loaded, Path(index_name), rest)
