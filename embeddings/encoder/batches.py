"""What goes into a network and what comes out: clean texts, batches of token ids of nearly one length, unit vectors."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from embeddings.encoder.openvino_network import FloatArray, IntArray

BATCH_TOKENS = 768  # word pieces computed together: fewer leave a core idle between steps, more outgrow its cache


def clean(text: str) -> str:
    """Return a text without lone surrogates, which no tokenizer takes."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def by_length(lengths: Sequence[int], *, batch_tokens: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Give batches of the positions of `lengths`, longest first, each of about `batch_tokens` or of one."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    start = 0
    while start < len(order):
        size = max(1, round(batch_tokens / max(1, lengths[order[start]])))
        yield order[start : start + size]
        start += size


def padded(
    ids: Sequence[Sequence[int]], *, pad_id: int, step: int = 1, limit: int | None = None
) -> dict[str, IntArray]:
    """Return `input_ids` and `attention_mask`, both (batch, length), rows filled up with `pad_id`.

    The length is the longest row's, or the next multiple of `step` where that is not above `limit`.
    """
    lengths = np.array([len(row) for row in ids])
    longest = int(lengths.max())
    width = -(-longest // step) * step
    if limit is not None and width > limit:
        width = max(longest, limit)
    mask = np.arange(width) < lengths[:, None]
    filled = np.full(mask.shape, pad_id, dtype=np.int64)
    filled[mask] = list(itertools.chain.from_iterable(ids))
    return {"input_ids": filled, "attention_mask": mask.astype(np.int64)}


def unit_rows(vectors: FloatArray) -> FloatArray:
    """Return the rows at unit length, which computing in bf16 leaves a little off. A row of zeros stays."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = (vectors / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)
    return unit
