"""Haystack, as its documentation advises. See run.py.

Embedders, the in-memory store saved to disk, its retriever, and the extractive reader over the ten passages found.
"""
# mypy: ignore-errors
# It runs in an environment that the checks of this one do not see.

import sys
from collections.abc import Callable
from dataclasses import dataclass
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
from haystack_integrations.components.readers.transformers import TransformersExtractiveReader


@dataclass
class Opened:
    """The parts, and where the store is saved."""

    store: InMemoryDocumentStore
    embedder: SentenceTransformersTextEmbedder
    documents: SentenceTransformersDocumentEmbedder
    retriever: InMemoryEmbeddingRetriever
    folder: Path

    def save(self) -> None:
        """Save the store."""
        self.store.save_to_disk(str(self.folder / "store.json"))


def make(model: str, folder: Path, passages: list[str]) -> Opened:
    """Embed and write passages, and save the store."""
    opened = _parts(model, InMemoryDocumentStore(embedding_similarity_function="dot_product"), folder)
    documents = [Document(id=str(n), content=text) for n, text in enumerate(passages)]
    opened.store.write_documents(opened.documents.run(documents)["documents"])
    opened.save()
    return opened


def load(model: str, folder: Path) -> Opened:
    """Open the saved store."""
    return _parts(model, InMemoryDocumentStore.load_from_disk(str(folder / "store.json")), folder)


def ask(opened: Opened, question: str, k: int) -> list[int]:
    """Return the numbers of the k best passages."""
    return [int(document.id) for document in _found(opened, question, k)]


def add(opened: Opened, number: int, text: str) -> None:
    """Add one passage."""
    opened.store.write_documents(opened.documents.run([Document(id=str(number), content=text)])["documents"])
    opened.save()


def remove(opened: Opened, number: int) -> None:
    """Remove one passage."""
    opened.store.delete_documents([str(number)])
    opened.save()


def reading(opened: Opened, reader: str) -> Callable[[str], list[dict[str, Any]]]:
    """Answer with the extractive reader: nothing where "no answer" is the likeliest."""
    component = TransformersExtractiveReader(model=reader)
    component.warm_up()
    _tell_segments(component)

    def answers(question: str) -> list[dict[str, Any]]:
        found = component.run(query=question, documents=_found(opened, question, run.K), top_k=1)["answers"]
        best = max(found, key=lambda answer: answer.score)
        if best.data is None:
            return [{"withheld": answer.data} for answer in found if answer.data is not None]
        return [{"text": best.data, "passage": int(best.document.id), "start": best.document_offset.start}]

    return answers


def fill(model: str, folder: Path, passages: list[str], vectors: Any) -> Opened:  # noqa: ANN401
    """Write passages whose vectors are given."""
    opened = _parts(model, InMemoryDocumentStore(embedding_similarity_function="dot_product"), folder)
    rows = zip(passages, vectors.tolist(), strict=True)
    opened.store.write_documents([Document(id=str(n), content=t, embedding=v) for n, (t, v) in enumerate(rows)])
    opened.save()
    return opened


def _found(opened: Opened, question: str, k: int) -> list[Document]:
    return opened.retriever.run(query_embedding=opened.embedder.run(question)["embedding"], top_k=k)["documents"]


def _parts(model: str, store: InMemoryDocumentStore, folder: Path) -> Opened:
    embedder = SentenceTransformersTextEmbedder(model=model, progress_bar=False, normalize_embeddings=True)
    documents = SentenceTransformersDocumentEmbedder(model=model, progress_bar=False, normalize_embeddings=True)
    embedder.warm_up()
    documents.warm_up()
    return Opened(store, embedder, documents, InMemoryEmbeddingRetriever(store), folder)


def _tell_segments(component: TransformersExtractiveReader) -> None:
    """Tell a network that was trained to know question and passage apart which is which, as Haystack does not."""
    network, tokenizer = component.model, component.tokenizer
    if "token_type_ids" not in tokenizer.model_input_names:
        return
    forward = network.forward

    def with_segments(input_ids: Any, attention_mask: Any) -> Any:  # noqa: ANN401
        ends = (input_ids == tokenizer.sep_token_id).long()
        segments = ((ends.cumsum(1) - ends) > 0).long() * attention_mask
        return forward(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=segments)

    network.forward = with_segments


if __name__ == "__main__":
    sys.exit(run.measure(run.Tool(make, load, ask, add, remove, reading, fill)))
