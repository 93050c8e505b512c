"""The trained weights as a file: layers and head in 16 bits; the embeddings stay in the base model's package."""

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save

from corpus.errors import ModelError
from embeddings.encoder.model_files import write_beside
from qa.reader.network import ReaderNetwork


def save_weights(network: ReaderNetwork, path: Path, *, about: dict[str, object]) -> None:
    """Write what was trained, in 16-bit floats, with `about` as the file's metadata."""
    tensors = {
        name: p.detach().to("cpu", torch.float16).contiguous()
        for name, p in network.named_parameters()
        if p.requires_grad
    }
    write_beside(path, save(tensors, metadata={"citewire": json.dumps(about, sort_keys=True)}))


def load_weights(network: ReaderNetwork, path: Path) -> None:
    """Put a file's weights into a network. Raises ModelError when they are not this network's."""
    expected = {name for name, p in network.named_parameters() if p.requires_grad}
    with safe_open(path, framework="pt") as file:
        if set(file.keys()) != expected:
            raise ModelError(f"{path} holds weights of another network than the reader's")
        network.load_state_dict({name: file.get_tensor(name).float() for name in expected}, strict=False)
