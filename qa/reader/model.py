"""The reader's network: Citewire's own, or any extractive question-answering model of the hub or of a folder.

PyTorch and transformers are imported only to convert one for OpenVINO, at its first use.
"""

import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import ModelError
from embeddings.encoder.conversion import Conversion, open_network
from embeddings.encoder.model_files import (
    DEFAULT_MODEL,
    DEFAULT_WEIGHTS_SHA256,
    ModelFolder,
    cache_folder,
    file_sha256,
    find_model,
)
from embeddings.encoder.openvino_network import Network, Unconvertible
from embeddings.encoder.precision import Precision, arithmetic
from qa.reader.input import LONGEST_INPUT
from qa.reader.large_base import BASE_SHA256, opened_base

DEFAULT_READER = "citewire"
LARGE_READER = "large"
_FORM = 3  # changes when the way of converting does
_LONGEST = 512
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OwnReader:
    """One of Citewire's own networks. base: opens the model that its layers come from, given the cache folder.

    base_sha256: the hash of that model's weights. weights, sha256: the file of what was trained, and its hash. rank: of
    what was trained beside each linear layer; 0: the layers themselves were trained. inputs, pad_id: see `ReaderModel`.
    eight_bits: whether it may be rounded to eight bits, which changes too much of the large one's scores.
    """

    base: Callable[[Path], AbstractContextManager[ModelFolder]]
    base_sha256: str
    weights: str
    sha256: str
    rank: int
    inputs: tuple[str, ...]
    pad_id: int
    eight_bits: bool


_INPUTS = ("input_ids", "attention_mask", "token_type_ids")
OWN_READERS = {
    DEFAULT_READER: OwnReader(
        lambda cache: nullcontext(find_model(DEFAULT_MODEL, cache=cache)),
        DEFAULT_WEIGHTS_SHA256,
        "reader.safetensors",
        "817666d099a5c9700537aba9697341631f118cab6ab35638e7e753287a84c4a3",
        rank=0,
        inputs=_INPUTS,
        pad_id=0,
        eight_bits=True,
    ),
    LARGE_READER: OwnReader(
        opened_base,
        BASE_SHA256,
        "large.safetensors",
        "1fd37f2f72fd4f4a9d6e3b22f678f0c986e0c848abae1b92e1b98c72fe2b034b",
        rank=64,
        inputs=_INPUTS[:2],
        pad_id=1,
        eight_bits=False,
    ),
}


@dataclass(frozen=True, slots=True)
class ReaderModel:
    """A reader's network with what goes before and after it.

    tokenizer: a tokenizer.json. inputs: the names of the network's tensors, of `input_ids`, `attention_mask` and
    `token_type_ids`. is_own: whether it is Citewire's own network, which also scores pieces for lying inside an answer,
    the passage for holding one, and the question for asking for several.
    """

    name: str
    network: Network
    tokenizer: str
    inputs: tuple[str, ...]
    max_length: int
    pad_id: int
    is_own: bool


def open_reader_model(
    name: str = DEFAULT_READER, *, precision: Precision = "auto", cache: Path | None = None
) -> ReaderModel:
    """Open the reader's network by the name of one of Citewire's own, a folder, or a name on the hub.

    With the precision "auto" Citewire's own multiplies in eight bits where that is faster (docs/encoding.md).
    Raises ModelError for one that is missing, damaged, or no extractive question-answering model.
    """
    kept = cache_folder(cache)
    chosen = arithmetic(precision)
    own = OWN_READERS.get(name)
    key, make = _own(own, kept, eight_bits=chosen.eight_bits and own.eight_bits) if own else _other(name, kept)
    try:
        network = open_network(key, make, cache=kept, floats=chosen.floats)
    except Unconvertible as error:
        raise ModelError(f"the reader {name} cannot be run: {error}; take another, or the default") from error
    about = network.about
    return ReaderModel(
        name=name,
        network=network,
        tokenizer=network.file("tokenizer.json").decode(),
        inputs=tuple(about["inputs"]),
        max_length=int(about["max_length"]),
        pad_id=int(about["pad_id"]),
        is_own=bool(about["is_own"]),
    )


def _own(own: OwnReader, cache: Path, *, eight_bits: bool) -> tuple[str, Callable[[], Conversion]]:
    weights = Path(str(resources.files("qa.reader") / own.weights))
    if not weights.is_file() or (found := file_sha256(weights, cache=cache)) != own.sha256:
        raise ModelError(f"the reader's weights in {weights} are missing or not the published ones; install again")

    def make() -> Conversion:
        from qa.reader.network import ReaderNetwork, load_weights, merge

        _log.warning("the reader is made ready for this machine, once; for the large one it takes about a minute")
        _quieten()
        with own.base(cache) as base:
            network = ReaderNetwork(base.folder, rank=own.rank)
            load_weights(network, weights)
            merge(network)
            return _conversion(
                network.eval(),
                base,
                inputs=own.inputs,
                max_length=LONGEST_INPUT,
                pad_id=own.pad_id,
                is_own=True,
                eight_bits=eight_bits,
            )

    return _key(own.base_sha256, found, "8" if eight_bits else "16"), make


def _other(name: str, cache: Path) -> tuple[str, Callable[[], Conversion]]:
    model = find_model(name, cache=cache)

    def make() -> Conversion:
        from transformers import AutoModelForQuestionAnswering, AutoTokenizer

        _quieten()
        try:
            network, info = AutoModelForQuestionAnswering.from_pretrained(
                model.folder, local_files_only=True, use_safetensors=True, output_loading_info=True
            )
            tokenizer = AutoTokenizer.from_pretrained(model.folder, local_files_only=True)
        except (OSError, ValueError, KeyError, TypeError, ImportError, RuntimeError) as error:
            reason = " ".join(str(error).split())[:200]
            raise ModelError(f"the reader in {model.folder} cannot be loaded: {reason}") from error
        missing = [key for key in info["missing_keys"] if "qa_outputs" in key]
        if missing:
            raise ModelError(f"the model {name} was not trained to find answers (it has no {missing[0]}); name another")
        if getattr(tokenizer, "backend_tokenizer", None) is None:
            raise ModelError(f"the reader {name} has no fast tokenizer (tokenizer.json); name another")
        inputs = tuple(each for each in _INPUTS if each in tokenizer.model_input_names)
        limit = min(int(tokenizer.model_max_length), _positions(network.config), _LONGEST)
        return _conversion(
            network.eval(),
            model,
            inputs=inputs,
            max_length=limit,
            pad_id=int(tokenizer.pad_token_id or 0),
            is_own=False,
            tokenizer=tokenizer.backend_tokenizer.to_str(),
        )

    return _key(model.fingerprint, "hub"), make


def _quieten() -> None:
    """Keep transformers' bars and remarks from a person who only asked a question."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    logging.disable_progress_bar()


_TOLERANCE = 1e-2  # scores are not of length 1 as vectors are; a network that is another differs by whole units


def _positions(config: Any) -> int:  # noqa: ANN401 - any model's configuration
    """Return how many word pieces a model has positions for; RoBERTa's first two are not for words."""
    positions = int(getattr(config, "max_position_embeddings", _LONGEST))
    return positions - 2 if "roberta" in str(config.model_type) else positions


def _key(*parts: str) -> str:
    return hashlib.sha256(json.dumps(["reader", _FORM, *parts]).encode()).hexdigest()


def _conversion(
    network: Any,  # noqa: ANN401 - a torch module
    model: ModelFolder,
    *,
    inputs: tuple[str, ...],
    max_length: int,
    pad_id: int,
    is_own: bool,
    tokenizer: str | None = None,
    eight_bits: bool = False,
) -> Conversion:
    """Return a network with named inputs and bare tensors as outputs, and a probe of what it gives."""
    import torch

    class Bare(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.network = network

        def forward(
            self,
            input_ids: torch.Tensor,
            attention_mask: torch.Tensor,
            token_type_ids: torch.Tensor | None = None,
        ) -> tuple[torch.Tensor, ...]:
            given = {"input_ids": input_ids, "attention_mask": attention_mask}
            if token_type_ids is not None:
                given["token_type_ids"] = token_type_ids
            out = self.network(**given)
            return tuple(out) if is_own else (out["start_logits"], out["end_logits"])

    random_ = np.random.default_rng(1)
    config = network.encoder.config if is_own else network.config
    ids = random_.integers(5, min(1_000, int(config.vocab_size)), size=(3, 21))
    mask = np.ones_like(ids)
    mask[1, 9:] = 0
    types = np.zeros_like(ids)
    types[:, 8:] = 1
    probe = {name: array for name, array in zip(_INPUTS, (ids, mask, types), strict=True) if name in inputs}
    bare = Bare().eval()
    with torch.inference_mode():
        expected = tuple(t.float().numpy() for t in bare(**{n: torch.from_numpy(a) for n, a in probe.items()}))
    return Conversion(
        module=bare,
        example={name: torch.from_numpy(array[:2, :13].copy()) for name, array in probe.items()},
        probe=probe,
        expected=expected,
        files={"tokenizer.json": tokenizer.encode() if tokenizer else (model.folder / "tokenizer.json").read_bytes()},
        about={
            "name": model.name,
            "fingerprint": model.fingerprint,
            "inputs": list(inputs),
            "max_length": max_length,
            "pad_id": pad_id,
            "is_own": is_own,
        },
        tolerance=_TOLERANCE,
        eight_bits=eight_bits,
    )
