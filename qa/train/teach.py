"""What teachers say of the examples, as the targets that the reader learns: once for each passage, cut as it is.

Hinton et al., Distilling the Knowledge in a Neural Network (2015); of several teachers the mean, as there.
"""

import random
from collections.abc import Sequence
from dataclasses import replace

import torch

from qa.reader.network import ReaderNetwork, autocast
from qa.train.batches import Batch, Packed, batches

_PIECES = 32_768


def scores(network: ReaderNetwork, batch: Batch) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return start and end scores where an answer can be, and the score of holding one."""
    with autocast(batch.input_ids.device):
        start, end, holds = network(batch.input_ids, batch.attention_mask, batch.token_type_ids)
    closed = batch.allowed == 0
    return start.float().masked_fill(closed, -1e4), end.float().masked_fill(closed, -1e4), holds.float()


def taught(packed: Packed, teachers: Sequence[ReaderNetwork], *, gold: float) -> Packed:
    """Return the examples with what the teachers say as targets, mixed with the label where there is one.

    gold: how much a label counts, from 0 to 1. answered becomes how likely the passage is to hold an answer.
    """
    starts, ends, answered = (torch.empty_like(t) for t in (packed.starts, packed.ends, packed.answered))
    with torch.inference_mode():
        for batch in batches(packed, pieces=_PIECES, random_=random.Random(0)):
            said = _mean([scores(teacher, batch) for teacher in teachers])
            there, known = batch.attention_mask.bool(), gold * batch.labelled
            starts[batch.places[there]] = said[0].lerp(batch.starts, known[:, None])[there]
            ends[batch.places[there]] = said[1].lerp(batch.ends, known[:, None])[there]
            answered[batch.rows] = said[2].lerp(batch.answered, known)
    return replace(packed, starts=starts, ends=ends, answered=answered)


def _mean(given: Sequence[tuple[torch.Tensor, torch.Tensor, torch.Tensor]]) -> list[torch.Tensor]:
    """Return the probabilities of starting, ending and holding an answer, averaged over the teachers."""
    of = [(torch.softmax(start, -1), torch.softmax(end, -1), torch.sigmoid(holds)) for start, end, holds in given]
    return [torch.stack(one).mean(0) for one in zip(*of, strict=True)]
