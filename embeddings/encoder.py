"""Texts to vectors: what every encoder offers, the one that runs through OpenVINO, and how one is chosen."""

import itertools
import logging
import os
import threading
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal, Protocol

import numpy as np

from embeddings.batches import by_length, clean, padded, unit_rows
from embeddings.models import DEFAULT_MODEL, ModelFolder, cache_folder, find_model
from embeddings.runtime import Conversion, FloatArray, IntArray, Network, Precision, Unconvertible, open_network

Device = Literal["auto", "cpu", "cuda"]

_SLICE = 256  # texts that are tokenised together while earlier ones are computed
_QUESTION_STEP = 16  # questions are padded to a multiple, so that few shapes are ever new
_LONG_QUESTION_WORDS = 60
_WARM_ROUNDS = 4  # each core's stream has to see each length
_WORTH_A_GPU = 256  # fewer texts are done before a GPU has started

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
    """Load a model by name or folder; on the processor it is converted for OpenVINO at its first use.

    precision: "auto" computes in bf16 where the processor does, else in f32. device: "auto" takes the processor, and
    for many passages at once a CUDA GPU where there is one. cache: where converted models are kept, by default the
    user's cache folder. Raises ModelError.
    """
    kept = cache_folder(cache)
    found = find_model(model, cache=kept)
    if device == "cuda":
        return _torch_encoder(found, device="cuda", precision=precision)
    try:
        encoder = OpenVinoEncoder(found, precision=precision, cache=kept)
    except Unconvertible as error:
        _log.warning("the model %s is run by PyTorch, which is slower on a processor: %s", found.name, error)
        return _torch_encoder(found, device=device, precision=precision)
    return GpuAssistedEncoder(found, encoder) if device == "auto" and _gpu_driver() else encoder


def encode_stream(encoder: Encoder, texts: Iterable[str], *, window: int = 4096) -> Iterator[FloatArray]:
    """Give the vectors of any number of passages in order, (at most `window`, dimension) at a time.

    No more than one window of texts is held.
    """
    remaining = iter(texts)
    while held := list(itertools.islice(remaining, window)):
        yield encoder.encode(held)


def warm_up(encoder: Encoder) -> None:
    """Encode questions of each usual length, so that a person's first question finds everything ready."""
    for _ in range(_WARM_ROUNDS):
        for words in range(1, _LONG_QUESTION_WORDS, _QUESTION_STEP // 2):
            encoder.encode_question("who " * words)


class OpenVinoEncoder:
    """A model on the processor. Safe to call from many threads."""

    def __init__(self, model: ModelFolder, *, precision: Precision, cache: Path) -> None:
        from tokenizers import Tokenizer

        def described() -> Conversion:
            from embeddings.convert import describe

            return describe(model)

        self._network: Network = open_network(model.fingerprint, described, cache=cache, precision=precision)
        self.name = model.name
        self.fingerprint = model.fingerprint
        about = self._network.about
        self.dimension = int(about["dimension"])
        self.max_length = int(about["max_length"])
        self._pad = int(about["pad_id"])
        self._question_prompt = str(about["question_prompt"])
        self._passage_prompt = str(about["passage_prompt"])
        self._tokenizer = Tokenizer.from_str(self._network.file("tokenizer.json").decode())

    @property
    def precision(self) -> str:
        """What it computes in: bf16 or f32."""
        return self._network.precision

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the passages' vectors, (n, dimension), rows of unit length, in the order given."""
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)

        def take(rows: IntArray, outputs: tuple[FloatArray, ...]) -> None:
            vectors[rows] = outputs[0]

        self._network.run(self._batches(texts), take)
        return unit_rows(vectors)

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector, (dimension,), of unit length, made with the model's question prompt."""
        ids = self._tokenizer.encode(clean(self._question_prompt + question)).ids
        inputs = padded([ids], pad_id=self._pad, step=_QUESTION_STEP, limit=self.max_length)
        vector: FloatArray = unit_rows(self._network.run_one(inputs)[0])[0]
        return vector

    def _batches(self, texts: Sequence[str]) -> Iterator[tuple[dict[str, IntArray], IntArray]]:
        """Give batches of texts of nearly one length, longest first, each with its texts' positions."""
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        for start in range(0, len(order), _SLICE):
            rows = order[start : start + _SLICE]
            encodings = self._tokenizer.encode_batch_fast([clean(self._passage_prompt + texts[row]) for row in rows])
            ids = [encoding.ids for encoding in encodings]
            for batch in by_length([len(row) for row in ids]):
                yield padded([ids[place] for place in batch], pad_id=self._pad), np.array([rows[at] for at in batch])


class GpuAssistedEncoder:
    """A model on the processor, with a CUDA GPU for many passages: it takes seconds to start, and is then faster."""

    def __init__(self, model: ModelFolder, processor: OpenVinoEncoder) -> None:
        self.name = model.name
        self.fingerprint = model.fingerprint
        self.dimension = processor.dimension
        self._model = model
        self._processor = processor
        self._gpu: Encoder | None = None
        self._start = threading.Lock()

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the passages' vectors, (n, dimension), rows of unit length, in the order given."""
        if len(texts) < _WORTH_A_GPU and self._gpu is None:
            return self._processor.encode(texts)
        with self._start:
            if self._gpu is None:
                from embeddings.convert import TorchEncoder, cuda_works

                works = cuda_works()
                self._gpu = TorchEncoder(self._model, device="cuda", precision="auto") if works else self._processor
        return self._gpu.encode(texts)

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector, (dimension,), of unit length, made with the model's question prompt."""
        return self._processor.encode_question(question)


def _gpu_driver() -> bool:
    """Whether an NVIDIA driver is here, told from its files: asking PyTorch would cost seconds."""
    places = ["/dev/nvidiactl", "/dev/dxg", f"{os.environ.get('SYSTEMROOT', '')}/System32/nvcuda.dll"]
    return any(Path(place).exists() for place in places)


def _torch_encoder(model: ModelFolder, *, device: Device, precision: Precision) -> Encoder:
    from embeddings.convert import TorchEncoder, cuda_works

    if device == "auto":
        device = "cuda" if cuda_works() else "cpu"
    return TorchEncoder(model, device=device, precision=precision)
