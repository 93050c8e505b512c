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
    Settings.embed_model = HuggingFaceEmbedding(model_name=model)
    storage = StorageContext.from_defaults(vector_store=FaissVectorStore(faiss_index=faiss.IndexFlatIP(384)))
    nodes = [TextNode(id_=str(n), text=text) for n, text in enumerate(passages)]
    index = VectorStoreIndex(nodes, storage_context=storage)
    index.storage_context.persist(str(folder / "index"))
    return index


def load(model: str, folder: Path) -> Any:  # noqa: ANN401
    """Open the persisted index."""
    Settings.embed_model = HuggingFaceEmbedding(model_name=model)
    place = str(folder / "index")
    storage = StorageContext.from_defaults(vector_store=FaissVectorStore.from_persist_dir(place), persist_dir=place)
    return load_index_from_storage(storage)


def ask(index: Any, question: str, k: int) -> list[int]:  # noqa: ANN401
    """Return the numbers of the k best passages."""
    return [int(found.node.node_id) for found in index.as_retriever(similarity_top_k=k).retrieve(question)]


def add(index: Any, number: int, text: str) -> None:  # noqa: ANN401
    """Add one passage."""
    index.insert_nodes([TextNode(id_=str(number), text=text)])


if __name__ == "__main__":
    sys.exit(run.measure(make, load, ask, add, None))  # its FAISS store cannot remove
