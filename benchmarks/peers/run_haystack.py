"""Haystack, as its documentation advises: embedders, the in-memory store saved to disk, its retriever. See run.py."""
# mypy: ignore-errors
# It runs in an environment that the checks of this one do not see.

import sys
from pathlib import Path
from typing import Any

import run
from haystack import Document
from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
from haystack.document_stores.in_memory import InMemoryDocumentStore
from haystack_integrations.components.embedders.sentence_transformers import (
    SentenceTransformersDocumentEmbedder,
    SentenceTransformersTextEmbedder,
)


def make(model: str, folder: Path, passages: list[str]) -> Any:  # noqa: ANN401
    """Embed and write passages, and save the store."""
    embedder = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False, normalize_embeddings=True)
    embedder.warm_up()
    documents = [Document(id=str(n), content=text) for n, text in enumerate(passages)]
    store = InMemoryDocumentStore(embedding_similarity_function="dot_product")
    store.write_documents(embedder.run(documents)["documents"])
    store.save_to_disk(str(folder / "store.json"))
    return _parts(model, store)


def load(model: str, folder: Path) -> Any:  # noqa: ANN401
    """Open the saved store."""
    return _parts(model, InMemoryDocumentStore.load_from_disk(str(folder / "store.json")))


def ask(parts: Any, question: str, k: int) -> list[int]:  # noqa: ANN401
    """Return the numbers of the k best passages."""
    _, embedder, retriever = parts
    vector = embedder.run(question)["embedding"]
    return [int(document.id) for document in retriever.run(query_embedding=vector, top_k=k)["documents"]]


def remove(parts: Any, number: int) -> None:  # noqa: ANN401
    """Remove one passage."""
    parts[0].delete_documents([str(number)])


def _parts(model: str, store: InMemoryDocumentStore) -> Any:  # noqa: ANN401
    embedder = SentenceTransformersTextEmbedder(model=model, progress_bar=False, normalize_embeddings=True)
    embedder.warm_up()
    return store, embedder, InMemoryEmbeddingRetriever(store)


if __name__ == "__main__":
    sys.exit(run.measure(make, load, ask, None, remove))
