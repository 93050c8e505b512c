"""Examples to tensors: word pieces with the places of the spans, in batches of nearly equal lengths."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from tokenizers import Tokenizer

from qa.train.example import Example

MAX_PIECES = 224
_STEP = 8  # lengths are padded to a multiple, so that few shapes are ever new
_SORTED_TOGETHER = 4096


@dataclass(frozen=True, slots=True)
class Encoded:
    """One example in word pieces.

    first: the piece where the passage begins. starts, ends: the first and last piece of each span; none where the
    passage does not answer. labelled: whether that is known (`Example`).
    """

    ids: np.ndarray
    first: int
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    labelled: bool = True


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of (batch, length), and of (batch,) for `answered` and `labelled`; targets sum to 1 over a row."""

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor
    allowed: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    answered: torch.Tensor
    labelled: torch.Tensor

    @property
    def pieces(self) -> int:
        """How many word pieces it holds, padding not counted."""
        return int(self.attention_mask.sum())

    def to(self, device: torch.device) -> "Batch":
        """Return it on a device; a GPU takes it over while it computes."""
        tensors = [getattr(self, field.name) for field in fields(self)]
        if device.type != "cpu":
            tensors = [tensor.pin_memory().to(device, non_blocking=True) for tensor in tensors]
        return Batch(*tensors)

    def parts(self, pieces: int) -> "Iterator[Batch]":
        """Give its rows in batches of about so many word pieces, padding counted."""
        rows = max(1, round(pieces / self.input_ids.shape[1]))
        tensors = [getattr(self, field.name) for field in fields(self)]
        for row in range(0, len(self.answered), rows):
            yield Batch(*(tensor[row : row + rows] for tensor in tensors))


def encode(examples: Iterable[Example], tokenizer: Tokenizer) -> Iterator[Encoded]:
    """Give each example in word pieces; one whose span would be cut off is left out.

    tokenizer: gives `[CLS] question [SEP] passage [SEP]` without padding; it is set to cut the passage.
    """
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_PIECES, strategy="only_second")
    held: list[Example] = []
    for example in examples:
        held.append(example)
        if len(held) == _SORTED_TOGETHER:
            yield from _encode(held, tokenizer)
            held = []
    yield from _encode(held, tokenizer)


def _encode(examples: Sequence[Example], tokenizer: Tokenizer) -> Iterator[Encoded]:
    pairs = [(" ".join(example.question.split()[:60]), example.passage) for example in examples]
    for example, encoding in zip(examples, tokenizer.encode_batch(pairs), strict=True):
        first = encoding.type_ids.index(1) if 1 in encoding.type_ids else 0
        if not first:
            continue
        starts, ends = [], []
        for start, end in example.spans:
            begin, finish = encoding.char_to_token(start, 1), encoding.char_to_token(end - 1, 1)
            if begin is not None and finish is not None:
                starts.append(begin)
                ends.append(finish)
        if len(starts) == len(example.spans):
            yield Encoded(np.array(encoding.ids, dtype=np.int32), first, tuple(starts), tuple(ends), example.labelled)


def batches(encoded: Sequence[Encoded], *, pieces: int, random_: random.Random) -> Iterator[Batch]:
    """Give all examples once, batches of about `pieces` word pieces in random order, each of nearly one length."""
    order = list(range(len(encoded)))
    random_.shuffle(order)
    for at in range(0, len(order), _SORTED_TOGETHER):
        some = sorted(order[at : at + _SORTED_TOGETHER], key=lambda n: len(encoded[n].ids))
        groups: list[list[Encoded]] = [[]]
        for n in some:
            longest = _rounded(len(encoded[n].ids))
            if groups[-1] and longest * (len(groups[-1]) + 1) > pieces:
                groups.append([])
            groups[-1].append(encoded[n])
        random_.shuffle(groups)
        yield from map(_batch, groups)


def _rounded(length: int) -> int:
    return -(-length // _STEP) * _STEP


def _batch(group: Sequence[Encoded]) -> Batch:
    shape = len(group), _rounded(max(len(one.ids) for one in group))
    ids, mask, types, allowed = (np.zeros(shape, dtype=np.int64) for _ in range(4))
    starts, ends = np.zeros(shape, dtype=np.float32), np.zeros(shape, dtype=np.float32)
    for row, one in enumerate(group):
        length = len(one.ids)
        ids[row, :length] = one.ids
        mask[row, :length] = 1
        types[row, one.first : length] = 1
        allowed[row, one.first : length - 1] = 1
        allowed[row, 0] = 1  # the first piece stands for "no answer here"
        for targets, places in ((starts, one.starts), (ends, one.ends)):
            for place in places or (0,):
                targets[row, place] += 1 / max(1, len(places))
    answered = np.array([bool(one.starts) for one in group], dtype=np.float32)
    labelled = np.array([one.labelled for one in group], dtype=np.float32)
    arrays = ids, mask, types, allowed, starts, ends, answered, labelled
    return Batch(*(torch.from_numpy(array) for array in arrays))
