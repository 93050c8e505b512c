"""Input and output of a network: clean texts, batches of token ids of similar length, unit vectors."""

import itertools
from collections.abc import Iterator, Sequence

import numpy as np

from embeddings.encoder.openvino_network import FloatArray, IntArray

BATCH_TOKENS = 768  # word pieces per batch: with fewer a core idles between steps, more do not fit its cache


def clean(text: str) -> str:
    """Return a text without lone surrogates, which tokenizers refuse."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def by_length(lengths: Sequence[int], *, batch_tokens: int = BATCH_TOKENS) -> Iterator[list[int]]:
    """Yield batches of positions in `lengths`, longest first. A batch has about `batch_tokens` tokens, or one text."""
    order = sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True)
    start = 0
    while start < len(order):
        size = max(1, round(batch_tokens / max(1, lengths[order[start]])))
        yield order[start : start + size]
        start += size


def padded(
    ids: Sequence[Sequence[int]], *, pad_id: int, step: int = 1, limit: int | None = None
) -> dict[str, IntArray]:
    """Return `input_ids` and `attention_mask`, both (batch, length), with rows padded by `pad_id`.

    The length is that of the longest row, rounded up to a multiple of `step` if `limit` allows.
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
    """Scale the rows to unit length: bf16 leaves it a little off. Rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: FloatArray = (vectors / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)
    return unit
