"""The network: a BERT-like encoder whose word embeddings stay as they are, with a head on top.

The head gives each word piece a score of beginning and of ending an answer, and the pair a score of holding one
(Devlin et al., BERT, 2019, with the no-answer score as in SQuAD 2.0 apart from the span scores).
"""

import inspect
from pathlib import Path

import torch
from tokenizers import Tokenizer
from torch import nn
from torch.nn import functional
from transformers import AttentionInterface, AutoConfig, AutoModel
from transformers.models.mpnet.modeling_mpnet import MPNetSelfAttention

from corpus.errors import ModelError


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


class _RelativeAttention(MPNetSelfAttention):  # type: ignore[misc]
    """MPNet's attention by the fused kernel, the scores of relative positions given to it as a mask."""

    def forward(
        self, hidden_states: torch.Tensor, attention_mask: torch.Tensor | None, position_bias: torch.Tensor, **_: object
    ) -> tuple[torch.Tensor]:
        shape = (*hidden_states.shape[:-1], -1, self.attention_head_size)
        query, key, value = (each(hidden_states).view(shape).transpose(1, 2) for each in (self.q, self.k, self.v))
        bias = position_bias if attention_mask is None else position_bias + attention_mask
        mixed = functional.scaled_dot_product_attention(query, key, value, attn_mask=bias.to(query.dtype))
        return (self.o(mixed.transpose(1, 2).flatten(2)),)


_FROZEN = "embeddings.", "encoder.relative_attention_bias."  # a mask gets no gradient from the fused kernel
_MOST_LACKING = 1_000  # of 30,522; those that are never used


def autocast(device: torch.device) -> torch.autocast:
    """Compute in bf16 where the device has it: a processor without it computes in bf16 a hundred times slower."""
    cpu = torch.cpu
    has_it = device.type != "cpu" or cpu._is_avx512_bf16_supported() or cpu._is_amx_tile_supported()
    return torch.autocast(device.type, dtype=torch.bfloat16, enabled=has_it)


class ReaderNetwork(nn.Module):  # type: ignore[misc]
    """Token ids in, scores out. Embeddings, also of relative positions, are frozen: only layers and head are kept.

    reads: the tokenizer whose ids come in, where it is not the base's own; all its word pieces must be the base's too,
    those that mark a sequence's ends and gaps apart. attention: how it is computed, as transformers name it; they
    know one way for MPNet, whose positions are relative, and `sdpa` stands for a fused one here. Raises ModelError for
    a base that reads other word pieces.
    """

    def __init__(
        self,
        base: Path,
        *,
        pretrained: bool = True,
        reads: Tokenizer | None = None,
        dropout: float = 0.0,
        attention: str = "plain",
    ) -> None:
        super().__init__()
        config = AutoConfig.from_pretrained(base, hidden_dropout_prob=dropout, attention_probs_dropout_prob=0.0)
        fused = attention == "sdpa"
        attention = "eager" if config.model_type == "mpnet" else attention
        if pretrained:
            self.encoder = AutoModel.from_pretrained(base, config=config, attn_implementation=attention)
        else:
            self.encoder = AutoModel.from_config(config, attn_implementation=attention)
        self._typed = "token_type_ids" in inspect.signature(self.encoder.forward).parameters
        ids = None if reads is None else _ids_of(reads, Tokenizer.from_file(str(base / "tokenizer.json")))
        self.register_buffer("_ids", ids, persistent=False)
        if hasattr(self.encoder, "pooler"):
            self.encoder.pooler = None
        for module in self.encoder.modules() if fused else ():
            if type(module) is MPNetSelfAttention:
                module.__class__ = _RelativeAttention  # the same weights
        for name, parameter in self.encoder.named_parameters():
            parameter.requires_grad = not name.startswith(_FROZEN)
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
        given = {"input_ids": input_ids if self._ids is None else self._ids[input_ids]}
        if self._typed:
            given["token_type_ids"] = token_type_ids
        hidden_states = self.encoder(**given, attention_mask=attention_mask).last_hidden_state
        start, end = self.span(hidden_states).unbind(-1)
        holds = self.holds(torch.tanh(self.holds_hidden(hidden_states[:, 0]))).squeeze(-1)
        return start, end, holds


_MARKS = {"[PAD]": "<pad>", "[CLS]": "<s>", "[SEP]": "</s>", "[MASK]": "<mask>"}


def _ids_of(reads: Tokenizer, base: Tokenizer) -> torch.Tensor:
    """Return the base's id for each id of the other tokenizer. Raises ModelError when it lacks some."""
    vocabulary = base.get_vocab()
    pieces = {number: piece for piece, number in reads.get_vocab().items()}
    unknown = vocabulary.get("[UNK]")
    named = [(_MARKS.get(pieces[n], pieces[n]), pieces[n]) for n in sorted(pieces)]  # MPNet has both, and uses its own
    ids = [vocabulary.get(mark, vocabulary.get(piece, unknown)) for mark, piece in named]
    if unknown is None or sum(number == unknown for number in ids) > _MOST_LACKING:
        raise ModelError("the teacher's base reads other word pieces than the reader's: take one that reads the same")
    return torch.tensor(ids)
