"""The embedding model of a library. It is loaded at its first use; any other model is refused."""

import contextlib
from collections.abc import Callable, Sequence
from threading import Lock, Thread

import numpy as np

from corpus.errors import ModelError, ModelMismatch
from corpus.store.records import Manifest
from embeddings.encoder.encoder import Encoder, load_encoder
from embeddings.encoder.openvino_network import FloatArray
from embeddings.encoder.precision import Precision


class LibraryModel:
    """The model of the library at `address`. Safe to use from many threads.

    encoder: the model, if it is already loaded. Raises ModelMismatch for another model.
    """

    def __init__(self, manifest: Manifest, address: str, encoder: Encoder | None, precision: Precision) -> None:
        self._manifest = manifest
        self._address = address
        self._precision: Precision = precision
        self._loading = Lock()
        self._encoder = encoder
        if encoder is not None:
            self.match(encoder)

    def encoder(self) -> Encoder:
        """Return the model. The first call loads it. Raises ModelError or ModelMismatch."""
        with self._loading:
            if self._encoder is None:
                encoder = load_encoder(self._manifest.model_name, precision=self._precision)
                self.match(encoder)
                self._encoder = encoder
        return self._encoder

    def load_beside(self) -> None:
        """Start to load the model in a thread of its own, unless it is loaded. `encoder` waits for it."""
        if self._encoder is None and not self._loading.locked():
            Thread(target=self._try_to_load, name="citewire-model").start()

    def _try_to_load(self) -> None:
        with contextlib.suppress(Exception):  # `encoder` tries again, and raises
            self.encoder()

    def named_or_own(self, encoder: Encoder | None) -> Callable[[], Encoder]:
        """Return a function for the given encoder, or without one for the library's own. Raises ModelMismatch."""
        if encoder is None:
            return self.encoder
        self.match(encoder)
        return lambda: encoder

    def match(self, encoder: Encoder) -> None:
        """Raise ModelMismatch for an encoder that is not the library's."""
        made_with = self._manifest
        if encoder.fingerprint != made_with.model_hash:
            raise ModelMismatch(
                f"the library at {self._address} was made with the embedding model {made_with.model_name} "
                f"({made_with.model_hash[:12]}), not with {encoder.name} ({encoder.fingerprint[:12]}): "
                f'use its own model, or run "citewire add --library OTHER PATH..." to make another one with this'
            )


def encode_texts(encoder: Callable[[], Encoder], texts: list[str]) -> list[bytes]:
    """Return the texts' vectors as the library stores them: float16, little-endian. Raises ModelError."""
    rows = encoder().encode(texts)
    if not np.isfinite(rows).all():
        raise ModelError(f"{encoder().name} gives vectors with numbers that are not finite: use another model")
    return [row.tobytes() for row in rows.astype("<f2")]


class UnloadedEncoder:
    """The name, hash and dimension of a model that is not loaded. Enough to take over vectors made before."""

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
