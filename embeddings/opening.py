"""Opening a library by its address: a folder, Milvus, or Milvus Lite."""

from collections.abc import Callable
from pathlib import Path

from corpus.errors import LibraryMissing
from corpus.store.store import PATIENCE_S
from embeddings.encoder.encoder import Encoder
from embeddings.encoder.precision import Precision
from embeddings.library.library import Library, create_library, open_library
from embeddings.milvus.tables import is_milvus


def open_library_at(
    address: str, *, encoder: Encoder | None = None, precision: Precision = "auto", patience: float = PATIENCE_S
) -> Library:
    """Open the library at this address. Without an encoder, its own model is loaded when it is needed.

    Raises UsageError, LibraryMissing, LibraryDamaged, LibraryError or ModelMismatch.
    """
    if not is_milvus(address):
        return open_library(Path(address), encoder=encoder, precision=precision, patience=patience)
    from embeddings.milvus.library import open_milvus

    return open_milvus(address, encoder=encoder, precision=precision, patience=patience)


def open_or_create_library_at(address: str, *, encoder: Callable[[], Encoder], patience: float = PATIENCE_S) -> Library:
    """Open the library at this address, or create one if there is none. encoder: loads the model."""
    if is_milvus(address):
        from embeddings.milvus.library import open_milvus

        return open_milvus(address, encoder=encoder(), patience=patience, create=True)
    try:
        return open_library(Path(address), encoder=encoder(), patience=patience)
    except LibraryMissing:
        return create_library(Path(address), encoder=encoder())
