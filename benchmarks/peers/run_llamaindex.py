"""LlamaIndex with its FAISS store, as its documentation advises: nodes, `VectorStoreIndex`, a retriever. See run.py."""
# mypy: ignore-errors
# It runs in an environment that the checks of this one do not see.

import sys
from pathlib import Path
from typing import Any

import faiss
import run
from llama_index.core import Settings, StorageContext, VectorStoreIndex, load_index_from_storage
from llama_index.core.schema import TextNode
from llama_index.embeddings.huggingface import HuggingFaceEmbedding
from llama_index.vector_stores.faiss import FaissVectorStore


def make(model: str, folder: Path, passages: list[str]) -> Any:  # noqa: ANN401
    """Index passages and persist the index."""
    return _indexed(model, folder, [TextNode(id_=str(n), text=text) for n, text in enumerate(passages)])


def load(model: str, folder: Path) -> Any:  # noqa: ANN401
    """Open the persisted index."""
    Settings.embed_model = HuggingFaceEmbedding(model_name=model)
    place = str(folder / "index")
    storage = StorageContext.from_defaults(vector_store=FaissVectorStore.from_persist_dir(place), persist_dir=place)
    return load_index_from_storage(storage), folder


def ask(opened: Any, question: str, k: int) -> list[int]:  # noqa: ANN401
    """Return the numbers of the k best passages."""
    return [int(found.node.node_id) for found in opened[0].as_retriever(similarity_top_k=k).retrieve(question)]


def add(opened: Any, number: int, text: str) -> None:  # noqa: ANN401
    """Add one passage."""
    opened[0].insert_nodes([TextNode(id_=str(number), text=text)])
    _save(opened)


def fill(model: str, folder: Path, passages: list[str], vectors: Any) -> Any:  # noqa: ANN401
    """Index passages whose vectors are given."""
    rows = zip(passages, vectors.tolist(), strict=True)
    return _indexed(model, folder, [TextNode(id_=str(n), text=t, embedding=v) for n, (t, v) in enumerate(rows)])


def _indexed(model: str, folder: Path, nodes: list[TextNode]) -> Any:  # noqa: ANN401
    Settings.embed_model = HuggingFaceEmbedding(model_name=model)
    storage = StorageContext.from_defaults(vector_store=FaissVectorStore(faiss_index=faiss.IndexFlatIP(384)))
    opened = VectorStoreIndex(nodes, storage_context=storage), folder
    _save(opened)
    return opened


def _save(opened: Any) -> None:  # noqa: ANN401
    index, folder = opened
    index.storage_context.persist(str(folder / "index"))


if __name__ == "__main__":
    # Its FAISS store cannot remove, and it writes answers with a language model or not at all.
    sys.exit(run.measure(run.Tool(make, load, ask, add, None, None, fill)))
