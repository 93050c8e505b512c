"""Texts to vectors: the `Encoder` every model fulfils, and the one that runs through OpenVINO."""

import itertools
import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from embeddings.models import DEFAULT_MODEL, ModelFolder, cache_folder, find_model
from embeddings.runtime import Conversion, FloatArray, IntArray, Precision, Unconvertible, open_network

Device = Literal["auto", "cpu", "cuda"]

_BATCH = 8
_SLICE = 512  # texts that are tokenised and sorted by length together

_log = logging.getLogger(__name__)


class Encoder(Protocol):
    """A model that gives texts vectors, whose products are the texts' cosine similarities."""

    name: str
    fingerprint: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the passages' vectors, (n, dimension), rows of unit length, in the order given."""

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector, (dimension,), of unit length, made with the model's question prompt."""


def load_encoder(
    model: str = DEFAULT_MODEL,
    *,
    precision: Precision = "auto",
    device: Device = "auto",
    cache: Path | None = None,
) -> Encoder:
    """Load a model by name or folder. On the processor it runs through OpenVINO, converted at its first use.

    precision: "auto" computes in bf16 where the processor does, else in f32. Raises ModelError.
    """
    kept = cache_folder(cache)
    found = find_model(model, cache=kept)
    if device == "cuda":
        return _torch_encoder(found, device="cuda")
    try:
        return OpenVinoEncoder(found, precision=precision, cache=kept)
    except Unconvertible as error:
        _log.warning("%s runs in PyTorch on the processor: %s", found.name, error)
        return _torch_encoder(found, device="cpu")


class OpenVinoEncoder:
    """A model on the processor. Safe to call from many threads."""

    def __init__(self, model: ModelFolder, *, precision: Precision, cache: Path) -> None:
        from tokenizers import Tokenizer

        def describe_lazily() -> Conversion:
            from embeddings.convert import describe

            return describe(model)

        self._network = open_network(model.fingerprint, describe_lazily, cache=cache, precision=precision)
        about = self._network.about
        self.name = model.name
        self.fingerprint = model.fingerprint
        self.precision = self._network.precision
        self.dimension = int(about["dimension"])
        self._pad = int(about["pad_id"])
        self._question_prompt = str(about["question_prompt"])
        self._passage_prompt = str(about["passage_prompt"])
        self._tokenizer = Tokenizer.from_str(self._network.file("tokenizer.json").decode())

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the passages' vectors, (n, dimension), rows of unit length, in the order given."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)

        def take(rows: IntArray, outputs: tuple[FloatArray, ...]) -> None:
            vectors[rows] = outputs[0]

        self._network.run(self._batches(texts), take)
        return vectors

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector, (dimension,), of unit length."""
        ids = self._tokenizer.encode(_clean(self._question_prompt + question)).ids
        row = np.array([ids], dtype=np.int64)
        vector = self._network.run_one({"input_ids": row, "attention_mask": np.ones_like(row)})[0][0]
        unit: FloatArray = vector / np.linalg.norm(vector)
        return unit

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[dict[str, IntArray], IntArray]]:
        """Give batches of texts of about one length, longest first, each with its texts' positions."""
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        for start in range(0, len(order), _SLICE):
            rows = order[start : start + _SLICE]
            encodings = self._tokenizer.encode_batch_fast([_clean(self._passage_prompt + texts[row]) for row in rows])
            ids = [encoding.ids for encoding in encodings]
            by_length = sorted(range(len(rows)), key=lambda place: -len(ids[place]))
            for first in range(0, len(by_length), _BATCH):
                places = by_length[first : first + _BATCH]
                yield self._padded([ids[place] for place in places]), np.array([rows[place] for place in places])

    def _padded(self, ids: list[list[int]]) -> dict[str, IntArray]:
        lengths = np.array([len(row) for row in ids])
        mask = np.arange(lengths.max()) < lengths[:, None]
        padded = np.full(mask.shape, self._pad, dtype=np.int64)
        padded[mask] = list(itertools.chain.from_iterable(ids))
        return {"input_ids": padded, "attention_mask": mask.astype(np.int64)}


def _clean(text: str) -> str:
    """Return a text without lone surrogates, which no tokenizer takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _torch_encoder(model: ModelFolder, *, device: str) -> Encoder:
    from embeddings.convert import TorchEncoder

    return TorchEncoder(model, device=device)
