"""The trained weights as a file: layers and head in 16 bits; the embeddings stay in the base model's package."""

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save

from corpus.errors import ModelError
from embeddings.encoder.model_files import write_beside
from qa.reader.network import ReaderNetwork

NEW_HEADS = "inside", "several"
"""Heads that the readers before release 0.2.0 lack."""


def save_weights(network: ReaderNetwork, path: Path, *, about: dict[str, object]) -> None:
    """Write what was trained, in 16-bit floats, with `about` as the file's metadata."""
    tensors = {
        name: p.detach().to("cpu", torch.float16).contiguous()
        for name, p in network.named_parameters()
        if p.requires_grad
    }
    write_beside(path, save(tensors, metadata={"citewire": json.dumps(about, sort_keys=True)}))


def load_weights(network: ReaderNetwork, path: Path, *, new_heads: bool = False) -> None:
    """Put a file's weights into a network. Raises ModelError when they are not this network's.

    new_heads: the file may lack the heads that came later; they stay as they are.
    """
    expected = {name for name, p in network.named_parameters() if p.requires_grad}
    with safe_open(path, framework="pt") as file:
        found = set(file.keys())
        lacking = expected - found
        if found - expected or (lacking and not (new_heads and all(n.startswith(NEW_HEADS) for n in lacking))):
            raise ModelError(f"{path} holds weights of another network than the reader's")
        network.load_state_dict({name: file.get_tensor(name).float() for name in found}, strict=False)
