"""An encoder for libraries too large to encode on the spot: some passages' vectors are given."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from embeddings.encoder.encoder import Encoder
from embeddings.encoder.openvino_network import FloatArray


class GivenVectors:
    """Gives each of `passages` its row of `vectors`, and the model's own vector to any other text."""

    def __init__(self, encoder: Encoder, passages: Sequence[str], vectors: npt.NDArray[np.float16]) -> None:
        self.name, self.fingerprint, self.dimension = encoder.name, encoder.fingerprint, encoder.dimension
        self._encoder = encoder
        self._given = dict(zip(passages, vectors, strict=True))

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return (n, dimension) vectors; a batch with a text whose vector is not given is encoded as it is."""
        if all(text in self._given for text in texts):
            return np.stack([self._given[text] for text in texts]).astype(np.float32)
        return self._encoder.encode(texts)

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector, (dimension,), by the model."""
        return self._encoder.encode_question(question)
