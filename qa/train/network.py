"""The network: a BERT-like encoder whose word embeddings stay as they are, with a head on top.

The head gives each word piece a score of beginning and of ending an answer, and the pair a score of holding one
(Devlin et al., BERT, 2019, with the no-answer score as in SQuAD 2.0 apart from the span scores).
"""

from pathlib import Path

import torch
from torch import nn
from transformers import AttentionInterface, AutoConfig, AutoModel


def _plain_attention(
    module: nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float = 1.0,
    dropout: float = 0.0,
    **_: object,
) -> tuple[torch.Tensor, None]:
    """Attention as two products; on a processor its gradient takes a seventh of the fused kernel's time."""
    with torch.autocast(query.device.type, enabled=False):
        scores = torch.matmul(query * scaling, key.transpose(-1, -2))
        if attention_mask is not None:
            scores = scores + attention_mask.to(scores.dtype)
        mixed = torch.matmul(torch.softmax(scores, -1), value)
    return mixed.transpose(1, 2).contiguous(), None


AttentionInterface.register("plain", _plain_attention)


def autocast(device: torch.device) -> torch.autocast:
    """Compute in bf16 where the device has it: a processor without it computes in bf16 a hundred times slower."""
    cpu = torch.cpu
    has_it = device.type != "cpu" or cpu._is_avx512_bf16_supported() or cpu._is_amx_tile_supported()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_it)


class ReaderNetwork(nn.Module):  # type: ignore[misc]
    """Token ids in, scores out. The embeddings are frozen, so that only layers and head have to be kept."""

    def __init__(self, base: Path, *, pretrained: bool = True) -> None:
        super().__init__()
        config = AutoConfig.from_pretrained(base, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0)
        if pretrained:
            self.encoder = AutoModel.from_pretrained(base, config=config, attn_implementation="plain")
        else:
            self.encoder = AutoModel.from_config(config, attn_implementation="plain")
        if hasattr(self.encoder, "pooler"):
            self.encoder.pooler = None
        for parameter in self.encoder.embeddings.parameters():
            parameter.requires_grad = False
        width = config.hidden_size
        self.span = nn.Linear(width, 2)
        self.holds_hidden = nn.Linear(width, width)
        self.holds = nn.Linear(width, 1)
        for layer in (self.span, self.holds_hidden, self.holds):
            nn.init.normal_(layer.weight, std=0.02)
            nn.init.zeros_(layer.bias)

    def forward(
        self, input_ids: torch.Tensor, attention_mask: torch.Tensor, token_type_ids: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Return start and end scores, (batch, length) each, and the score of holding an answer, (batch,)."""
        hidden_states = self.encoder(
            input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids
        ).last_hidden_state
        start, end = self.span(hidden_states).unbind(-1)
        holds = self.holds(torch.tanh(self.holds_hidden(hidden_states[:, 0]))).squeeze(-1)
        return start, end, holds
