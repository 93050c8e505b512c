"""Loading a model with sentence-transformers, describing it for OpenVINO, and running it in PyTorch.

Nothing else imports sentence-transformers.
"""

import os
import warnings
from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Any

import numpy as np

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import torch
from safetensors import SafetensorError
from sentence_transformers import SentenceTransformer
from transformers.utils import logging as transformers_logging

from corpus.errors import ModelError
from embeddings.encoder.conversion import Conversion
from embeddings.encoder.model_files import ModelFolder
from embeddings.encoder.openvino_network import FloatArray, IntArray, Unconvertible, clean, unit_rows
from embeddings.encoder.precision import Precision, wanted_precision

_PROBES = (
    "Who led the delegations?",
    "  The President of Pakistan's Foreign Office said on MONDAY that talks were “constructive”, and naïve.  ",
    "Delegations met. " * 400,
    "",
)
_PASSAGE_PROMPTS = ("document", "passage", "corpus")  # in sentence-transformers' order
_LONGEST = 1_000_000  # a tokenizer without a limit reports a far larger number


class TorchEncoder:
    """A model run by sentence-transformers: on a CUDA GPU, or on the processor if OpenVINO cannot run it.

    It computes in bf16 on a GPU, unless the precision is f32, and in f32 on a processor. Raises ModelError.
    """

    def __init__(self, model: ModelFolder, *, precision: Precision, gpu: bool) -> None:
        self.name = model.name
        self.fingerprint = model.fingerprint
        self._device = "cuda" if gpu and torch.cuda.is_available() else "cpu"
        self.precision = "bf16" if self._device == "cuda" and wanted_precision(precision) != "f32" else "f32"
        self._model = load(model, device=self._device)
        self.dimension = int(self._model.get_embedding_dimension() or 0)
        self._batch = 256 if self._device == "cuda" else 32

    def encode(self, texts: Sequence[str]) -> FloatArray:
        """Return the passages' vectors, (n, dimension), rows of unit length, in the order given."""
        if not texts:
            return np.zeros((0, self.dimension), dtype=np.float32)
        with self._computing():
            vectors = self._model.encode_document(
                [clean(text) for text in texts], batch_size=self._batch, show_progress_bar=False
            )
        return unit_rows(vectors)

    def encode_question(self, question: str) -> FloatArray:
        """Return the question's vector, (dimension,), of unit length, made with the model's question prompt."""
        with self._computing():
            vectors = self._model.encode_query([clean(question)], show_progress_bar=False)
        unit: FloatArray = unit_rows(vectors)[0]
        return unit

    def _computing(self) -> AbstractContextManager[Any]:
        autocast: AbstractContextManager[Any] = torch.autocast(
            self._device, dtype=torch.bfloat16, enabled=self.precision == "bf16"
        )
        return autocast


def load(model: ModelFolder, *, device: str) -> SentenceTransformer:
    """Load a model from its folder, never from the network. Raises ModelError."""
    transformers_logging.set_verbosity_error()
    transformers_logging.disable_progress_bar()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            loaded = SentenceTransformer(str(model.folder), device=device, local_files_only=True)
    except (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError, SafetensorError) as error:
        reason = " ".join(str(error).split())[:200]
        raise ModelError(f"the model in {model.folder} cannot be loaded: {reason}") from error
    if not loaded.get_embedding_dimension():
        raise ModelError(f"the model in {model.folder} gives no sentence vectors; use a sentence-transformers model")
    return loaded.eval()


def describe(model: ModelFolder) -> Conversion:
    """Return a model's network, tokenizer and settings for OpenVINO.

    Raises Unconvertible if the vectors depend on more than the token ids.
    """
    loaded = load(model, device="cpu")
    kinds = [type(module).__name__ for module in loaded]
    if kinds[0] != "Transformer" or any(
        kind not in ("Pooling", "Dense", "Normalize", "Dropout", "LayerNorm") for kind in kinds[1:]
    ):
        raise Unconvertible(f"the model's parts ({', '.join(kinds)}) are run by PyTorch only")
    transformer = loaded[0]
    pooling = [module for module in loaded if type(module).__name__ == "Pooling"]
    prompts = {name: text for name, text in loaded.prompts.items() if text}
    if any("lasttoken" in module.pooling_mode for module in pooling) or (
        prompts and not all(module.include_prompt for module in pooling)
    ):
        raise Unconvertible("the model's pooling is run by PyTorch only")
    transformer.model.loss_function = None  # tracing reads it, and logs a warning if it is unset
    limit = int(min(transformer.max_seq_length or _LONGEST, _LONGEST))
    passage_prompt = next((loaded.prompts[name] for name in _PASSAGE_PROMPTS if name in loaded.prompts), None)
    default_prompt = loaded.prompts.get(loaded.default_prompt_name) if loaded.default_prompt_name else None
    tokenizer = transformer.tokenizer.backend_tokenizer
    tokenizer.no_padding()
    tokenizer.no_truncation()
    if limit < _LONGEST:
        tokenizer.enable_truncation(limit, direction=transformer.tokenizer.truncation_side)
    serialised = tokenizer.to_str()
    probe, expected = _probe(loaded, serialised)
    example = {name: torch.from_numpy(array[:2, :9].copy()) for name, array in probe.items()}
    example["attention_mask"][1, 5:] = 0
    return Conversion(
        module=_WholeModel(loaded),
        example=example,
        probe=probe,
        expected=(expected,),
        files={"tokenizer.json": serialised.encode()},
        about={
            "name": model.name,
            "fingerprint": model.fingerprint,
            "dimension": int(loaded.get_embedding_dimension() or 0),
            "max_length": limit,
            "pad_id": int(transformer.tokenizer.pad_token_id or 0),
            "question_prompt": loaded.prompts.get("query", default_prompt) or "",
            "passage_prompt": passage_prompt if passage_prompt is not None else default_prompt or "",
        },
    )


class _WholeModel(torch.nn.Module):  # type: ignore[misc]
    """One module from token ids to sentence vectors of unit length."""

    def __init__(self, model: SentenceTransformer) -> None:
        super().__init__()
        self.model = model
        self.types = "token_type_ids" in model[0].tokenizer.model_input_names

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        features = {"input_ids": input_ids, "attention_mask": attention_mask}
        if self.types:
            features["token_type_ids"] = torch.zeros_like(input_ids)
        for module in self.model:
            features = module(features)
        return torch.nn.functional.normalize(features["sentence_embedding"], dim=1)


def _probe(model: SentenceTransformer, serialised: str) -> tuple[dict[str, IntArray], FloatArray]:
    """Return a probe's token ids from the bare tokenizer, and its vectors from sentence-transformers.

    Raises Unconvertible if sentence-transformers gives other token ids.
    """
    from tokenizers import Tokenizer

    texts = list(_PROBES)
    encodings = Tokenizer.from_str(serialised).encode_batch(texts)
    features = model.preprocess(texts)
    lengths = features["attention_mask"].sum(dim=1).tolist()
    for row, (encoding, length) in enumerate(zip(encodings, lengths, strict=True)):
        if encoding.ids != features["input_ids"][row, :length].tolist() or any(encoding.type_ids):
            raise Unconvertible("the model's tokenizer does more than its tokenizer.json says")
    probe = {name: features[name].numpy().astype(np.int64) for name in ("input_ids", "attention_mask")}
    expected = model.encode(texts, prompt="", normalize_embeddings=True, show_progress_bar=False)
    return probe, np.asarray(expected, dtype=np.float32)
