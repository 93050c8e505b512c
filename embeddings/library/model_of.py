"""The model of a library by name alone, for what takes vectors over without making any."""

from collections.abc import Sequence

from corpus.errors import ModelError
from corpus.store.manifest import Manifest
from embeddings.encoder.openvino_network import FloatArray


class ModelOf:
    """Says of itself what a library's manifest says of its model; it encodes nothing."""

    def __init__(self, manifest: Manifest) -> None:
        self.name = manifest.model_name
        self.fingerprint = manifest.model_hash
        self.dimension = manifest.dimension

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Raise ModelError."""
        raise ModelError(f"{self.name} is not loaded here: nothing can be encoded")

    def encode_question(self, question: str) -> FloatArray:
        """Raise ModelError."""
        raise ModelError(f"{self.name} is not loaded here: nothing can be encoded")
