"""Encoding on the workers of a Ray cluster."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from corpus import __version__
from corpus.errors import CitewireError, ModelError
from embeddings.encoder.encoder import Encoder
from embeddings.encoder.openvino_network import FloatArray

PIECE = 256
"""Most texts in one task: enough to use a GPU well."""

_SHORTEST_PIECE = 32
_START_S = 600.0  # seconds for all workers to load the model


class RayEncoder:
    """An encoder that runs on the workers of a cluster."""

    def __init__(self, ray: Any, actors: Sequence[Any]) -> None:  # noqa: ANN401 - Ray is imported late
        self._ray = ray
        self._actors = actors
        try:
            about = got(ray, [actor.about.remote() for actor in actors], timeout=_START_S)
        except ray.exceptions.GetTimeoutError:
            raise CitewireError(
                f"the workers of the Ray cluster have not started in {_START_S / 60:.0f} minutes: see whether its "
                "GPUs and machines are busy"
            ) from None
        except ray.exceptions.RayError as error:
            raise CitewireError(f"a worker of the Ray cluster did not start: {first_line(error)}") from error
        other = {version for version, *_ in about} - {__version__}
        if other:
            raise CitewireError(
                f"a worker of the Ray cluster has Citewire {min(other)}, this is {__version__}: install the same on all"
            )
        if len({model for _, _, model, _ in about}) != 1:
            raise ModelError("the workers of the Ray cluster have different models by this name: name another")
        _, self.name, self.fingerprint, self.dimension = about[0]

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the passages' vectors, (n, dimension), rows of unit length, in the order given. Raises ModelError."""
        from ray.util import ActorPool

        size = min(PIECE, max(_SHORTEST_PIECE, -(-len(texts) // len(self._actors))))
        pieces = [(start, list(texts[start : start + size])) for start in range(0, len(texts), size)]
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        try:
            done = ActorPool(self._actors).map_unordered(lambda actor, piece: actor.encode.remote(*piece), pieces)
            for start, rows in done:
                vectors[start : start + len(rows)] = rows
        except self._ray.exceptions.RayTaskError as error:
            raise error.cause from None
        except self._ray.exceptions.RayError as error:
            raise ModelError(
                f"a worker of the Ray cluster ended again and again while it encoded: {first_line(error)}"
            ) from error
        return vectors

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector, (dimension,), of unit length."""
        vector: FloatArray = got(self._ray, self._actors[0].encode_question.remote(question))
        return vector


class Worker:
    """The embedding model on a worker, loaded at the first use."""

    def __init__(self, make: Callable[[], Encoder]) -> None:
        self._make = make

    def about(self) -> tuple[str, str, str, int]:
        """Return the worker's version of Citewire, and the model's name, fingerprint and dimension."""
        encoder = self._encoder
        return __version__, encoder.name, encoder.fingerprint, encoder.dimension

    def encode(self, start: int, texts: list[str]) -> tuple[int, FloatArray]:
        """Return `start` and the vectors of the texts."""
        return start, self._encoder.encode(texts)

    def encode_question(self, question: str) -> FloatArray:
        """Return the vector of a question."""
        return self._encoder.encode_question(question)

    @cached_property
    def _encoder(self) -> Encoder:
        return self._make()


def got(ray: Any, given: Any, *, timeout: float | None = None) -> Any:  # noqa: ANN401
    """Wait for results. An exception of a worker is raised here as it is."""
    try:
        return ray.get(given, timeout=timeout)
    except ray.exceptions.RayTaskError as error:
        raise error.cause from None


def first_line(error: Exception) -> str:
    """Return the first line of an error's message."""
    return (str(error).strip() or type(error).__name__).splitlines()[0]
