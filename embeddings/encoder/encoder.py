"""Texts to vectors: the interface of encoders, the encoder on OpenVINO, and choosing one."""

import itertools
import logging
import os
import threading
from collections.abc import Iterator, Sequence
from importlib import resources
from pathlib import Path
from typing import Protocol

import numpy as np

from corpus.errors import ModelError
from corpus.passages import split
from embeddings.encoder.conversion import Conversion, open_in_eight_bits, open_network
from embeddings.encoder.model_files import DEFAULT_MODEL, ModelFolder, cache_folder, find_model
from embeddings.encoder.openvino_network import (
    FloatArray,
    IntArray,
    Network,
    Unconvertible,
    by_length,
    clean,
    padded,
    unit_rows,
)
from embeddings.encoder.precision import Precision, arithmetic, width_step

_SLICE = 256  # texts tokenised together while earlier ones are computed
_QUESTION_STEP = 16  # questions are padded to a multiple of it, so that there are few shapes to compile
_WORTH_A_GPU = 256  # with fewer texts the processor is done before a GPU has started

ROUNDED_FROM = 250
"""Least length in characters of a text encoded in eight bits. Rounding errors of short texts do not average out."""
_WORTH_ROUNDING = 96  # from so many long texts on, opening a second network pays
_PROBES = 32

_log = logging.getLogger(__name__)


class Encoder(Protocol):
    """A model that turns texts into unit vectors. Their dot products are the texts' cosine similarities."""

    name: str
    fingerprint: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the passages' vectors, (n, dimension), rows of unit length, in the given order."""

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector, (dimension,), of unit length, made with the model's question prompt."""


def load_encoder(
    model: str = DEFAULT_MODEL, *, precision: Precision = "auto", gpu: bool = True, cache: Path | None = None
) -> Encoder:
    """Load a model by name or folder. On the processor it is converted for OpenVINO at the first use.

    precision: see `arithmetic`. gpu: take a CUDA GPU for many passages at once, if there is one. cache: folder of
    converted models, by default the user's cache. Raises ModelError.
    """
    kept = cache_folder(cache)
    found = find_model(model, cache=kept)
    try:
        return OpenVinoEncoder(found, precision=precision, cache=kept, gpu=gpu and _gpu_driver())
    except Unconvertible as error:
        _log.warning("the model %s is run by PyTorch, which is slower on a processor: %s", found.name, error)
    from embeddings.encoder.sentence_transformer import TorchEncoder

    return TorchEncoder(found, precision=precision, gpu=gpu)


class OpenVinoEncoder:
    """A model on the processor. Safe to call from many threads.

    gpu: compute many passages on a CUDA GPU, if PyTorch finds one. It is faster, but takes seconds to start.
    """

    def __init__(self, model: ModelFolder, *, precision: Precision, cache: Path, gpu: bool = False) -> None:
        from tokenizers import Tokenizer

        def described() -> Conversion:
            from embeddings.encoder.sentence_transformer import describe

            return describe(model)

        chosen = arithmetic(precision)
        self.precision = chosen.floats
        self._step = width_step(chosen.floats)
        self._network: Network = open_network(model.fingerprint, described, cache=cache, floats=chosen.floats)
        self.name = model.name
        self.fingerprint = model.fingerprint
        about = self._network.about
        self.dimension = int(about["dimension"])
        self.max_length = int(about["max_length"])
        self._pad = int(about["pad_id"])
        self._question_prompt = str(about["question_prompt"])
        self._passage_prompt = str(about["passage_prompt"])
        self._tokenizer = Tokenizer.from_str(self._network.file("tokenizer.json").decode())
        self._cache = cache
        self._may_round = chosen.eight_bits
        self.in_eight_bits: Network | None = None
        """What computes long passages, once there were many."""
        self._model = model
        self._may_use_gpu = gpu
        self._on_gpu: Encoder | None = None
        self._opening = threading.Lock()

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the passages' vectors, (n, dimension), rows of unit length, in the order given.

        Many long passages are computed in eight bits if the processor is faster at it.
        """
        if (gpu := self._gpu(len(texts))) is not None:
            return gpu.encode(texts)
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)

        def take(rows: IntArray, outputs: tuple[FloatArray, ...]) -> None:
            vectors[rows] = outputs[0]

        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        long = sum(len(text) >= ROUNDED_FROM for text in texts)
        fast = self._eight_bits(long)
        if fast is not None:
            fast.run(self._batches(texts, order[:long]), take)
            order = order[long:]
        if order:
            self._network.run(self._batches(texts, order), take)
        return unit_rows(vectors)

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector, (dimension,), of unit length, made with the model's question prompt."""
        ids = self._tokenizer.encode(clean(self._question_prompt + question)).ids
        inputs = padded([ids], pad_id=self._pad, step=_QUESTION_STEP, limit=self.max_length)
        vector: FloatArray = unit_rows(self._network.run_one(inputs)[0])[0]
        return vector

    def _eight_bits(self, long: int) -> Network | None:
        """Return the network in eight bits, None if it does not pay for so many long texts."""
        with self._opening:
            if self._may_round and self.in_eight_bits is None and long >= _WORTH_ROUNDING:
                probe = padded([self._tokenizer.encode(text).ids for text in _probe_texts()], pad_id=self._pad)
                try:
                    self.in_eight_bits = open_in_eight_bits(self._network, probe, cache=self._cache)
                except ModelError as error:  # it loses too much, has no large products, or the disk is full
                    _log.info("the model %s is not run in eight bits: %s", self.name, error)
                    self._may_round = False
        return self.in_eight_bits if long else None

    def _gpu(self, texts: int) -> Encoder | None:
        """Return the model on a GPU, None if there is none or it does not pay for so few texts."""
        with self._opening:
            if self._may_use_gpu and self._on_gpu is None and texts >= _WORTH_A_GPU:
                import torch

                self._may_use_gpu = torch.cuda.is_available()
                if self._may_use_gpu:
                    from embeddings.encoder.sentence_transformer import TorchEncoder

                    self._on_gpu = TorchEncoder(self._model, precision="auto", gpu=True)
        return self._on_gpu

    def _batches(self, texts: Sequence[str], order: Sequence[int]) -> Iterator[tuple[dict[str, IntArray], IntArray]]:
        """Yield batches of texts with their positions. order: positions sorted by length."""
        for start in range(0, len(order), _SLICE):
            rows = order[start : start + _SLICE]
            encodings = self._tokenizer.encode_batch_fast([clean(self._passage_prompt + texts[row]) for row in rows])
            ids = [encoding.ids for encoding in encodings]
            for batch in by_length([len(row) for row in ids]):
                inputs = padded([ids[at] for at in batch], pad_id=self._pad, step=self._step, limit=self.max_length)
                yield inputs, np.array([rows[at] for at in batch])


def _probe_texts() -> list[str]:
    """Return passages of the bundled articles that are long enough for eight bits."""
    files = sorted(resources.files("corpus.articles").iterdir(), key=lambda file: file.name)
    passages = (p.text for file in files if file.name.endswith(".md") for p in split(file.read_text("utf-8")))
    return list(itertools.islice((text for text in passages if len(text) >= ROUNDED_FROM), _PROBES))


def _gpu_driver() -> bool:
    """Tell whether an NVIDIA driver is installed, by its files: asking PyTorch takes seconds."""
    places = ["/dev/nvidiactl", "/dev/dxg", f"{os.environ.get('SYSTEMROOT', '')}/System32/nvcuda.dll"]
    return any(Path(place).exists() for place in places)
