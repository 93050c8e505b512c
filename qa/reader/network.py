"""The network: a BERT-like encoder whose word embeddings stay as they are, with heads on top.

The heads give each word piece a score of beginning and of ending an answer (Devlin et al., BERT, 2019), and of lying
inside one (Segal et al., A Simple and Effective Model for Answering Multi-span Questions, 2020). They give the pair a
score of holding an answer, apart from the span scores, and one of asking for several things.

The weights file holds layers and heads in 16 bits; the embeddings stay in the base model's package.
"""

import json
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import save
from torch import nn
from torch.nn import functional
from transformers import AutoConfig, AutoModel

from corpus.errors import ModelError
from embeddings.encoder.model_files import write_beside

_FROZEN = "embeddings."


def autocast(device: torch.device) -> torch.autocast:
    """Compute in bf16 where the device has it: a processor without it computes in bf16 a hundred times slower."""
    cpu = torch.cpu
    has_it = device.type != "cpu" or cpu._is_avx512_bf16_supported() or cpu._is_amx_tile_supported()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_it)


class LowRank(nn.Module):  # type: ignore[misc]
    """A linear layer that stays as it is, and a difference of low rank that is trained.

    Source: Hu et al., LoRA: Low-Rank Adaptation of Large Language Models, 2021.
    """

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__()
        self.layer = layer
        self.down = nn.Parameter(torch.empty(rank, layer.in_features))
        self.up = nn.Parameter(torch.zeros(layer.out_features, rank))
        nn.init.kaiming_uniform_(self.down, a=5**0.5)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        """Return what the layer makes of the values, with the difference added."""
        return self.layer(values) + functional.linear(functional.linear(values, self.down), self.up)

    def merged(self) -> nn.Linear:
        """Return the layer with the difference added to its weights."""
        with torch.no_grad():
            self.layer.weight += self.up @ self.down
        return self.layer


class ReaderNetwork(nn.Module):  # type: ignore[misc]
    """Token ids in, scores out. The word embeddings are frozen: only the layers and the heads are trained.

    rank: the rank of what is trained beside each linear layer of the base; 0: the layers themselves are trained.
    """

    def __init__(self, base: Path, *, rank: int = 0) -> None:
        super().__init__()
        config = AutoConfig.from_pretrained(base, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        self.encoder = AutoModel.from_pretrained(base, config=config, attn_implementation="eager")
        self.encoder.pooler = None
        self.has_types = getattr(config, "type_vocab_size", 0) > 1
        for name, parameter in self.encoder.named_parameters():
            parameter.requires_grad = not rank and not name.startswith(_FROZEN)
        if rank:
            for parent, name, layer in _layers(self.encoder.encoder.layer, nn.Linear):
                setattr(parent, name, LowRank(layer, rank))
        width = config.hidden_size
        self.span = nn.Linear(width, 2)
        self.inside = nn.Linear(width, 1)
        self.holds_hidden = nn.Linear(width, width)
        self.holds = nn.Linear(width, 1)
        self.several = nn.Linear(width, 1)
        for layer in (self.span, self.inside, self.holds_hidden, self.holds, self.several):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return start, end and inside scores, (batch, length) each, and holds and several, (batch,) each.

        token_type_ids: left out where the base knows none.
        """
        types = {"token_type_ids": token_type_ids} if self.has_types else {}
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask, **types).last_hidden_state
        start, end = self.span(hidden).unbind(-1)
        whole = torch.tanh(self.holds_hidden(hidden[:, 0]))
        return (
            start,
            end,
            self.inside(hidden).squeeze(-1),
            self.holds(whole).squeeze(-1),
            self.several(whole).squeeze(-1),
        )


def _layers(module: nn.Module, kind: type[nn.Module]) -> list[tuple[nn.Module, str, nn.Module]]:
    """Return every layer of a kind inside a module, with what holds it and under which name."""
    return [
        (parent, name, layer)
        for parent in module.modules()
        for name, layer in parent.named_children()
        if isinstance(layer, kind)
    ]


def merge(network: ReaderNetwork) -> None:
    """Put what was trained at low rank into the layers, which then are plain ones."""
    for parent, name, layer in _layers(network, LowRank):
        setattr(parent, name, layer.merged())


def halve_frozen(network: ReaderNetwork) -> None:
    """Hold the layers that stay as they are in bf16 where they are multiplied in it: no step has to convert them."""
    with autocast(torch.device("cpu")) as context:
        for *_, layer in _layers(network, LowRank) if context._enabled else ():
            layer.layer.to(torch.bfloat16)


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
