"""Examples to tensors: word pieces with their labels, in batches of nearly equal lengths."""

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

from qa.reader.input import LONGEST_INPUT, asked, passage_input
from qa.train.data import Example

_STEP = 8  # lengths are padded to a multiple, so that few shapes are new
_SORTED_TOGETHER = 6000


@dataclass(frozen=True, slots=True)
class Encoded:
    """An example in word pieces. first: the piece at which the passage begins. spans: first and last piece of each."""

    ids: Sequence[int]
    types: Sequence[int]
    first: int
    spans: tuple[tuple[int, int], ...]
    several: bool
    news: bool


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of (rows, length), and of (rows,) for `answered` and `several`; all of news or all of older sets.

    allowed: pieces of the passage and the first, which stands for "no answer here". starts, ends: labels that sum to 1
    over a row. inside, inside_known: whether a piece lies in an answer, and whether that is labelled.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor
    allowed: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    inside: torch.Tensor
    inside_known: torch.Tensor
    answered: torch.Tensor
    several: torch.Tensor
    news: bool

    @property
    def pieces(self) -> int:
        """How many word pieces there are, padding not counted."""
        return int(self.attention_mask.sum())


def encode(examples: Iterable[Example], tokenizer: Tokenizer) -> Iterator[Encoded]:
    """Give each example in word pieces; one whose answer would be cut off is left out."""
    tokenizer.no_padding()
    tokenizer.enable_truncation(LONGEST_INPUT, strategy="only_second")
    for example in examples:
        given = passage_input(example.passage)
        encoding = tokenizer.encode(asked(example.question), given.text)
        first = next(
            (
                n
                for n, (start, _) in enumerate(encoding.offsets)
                if encoding.sequence_ids[n] == 1 and start >= given.begin
            ),
            None,
        )
        places = [
            (encoding.char_to_token(given.begin + start, 1), encoding.char_to_token(given.begin + end - 1, 1))
            for start, end in example.spans
        ]
        spans = tuple((s, e) for s, e in places if s is not None and e is not None)
        if first is not None and len(spans) == len(places):
            yield Encoded(encoding.ids, encoding.type_ids, first, spans, example.several, example.news)


def batches(encoded: Sequence[Encoded], *, pieces: int, random_: random.Random) -> Iterator[Batch]:
    """Give all examples once, in random order, in batches of about `pieces` word pieces and nearly one length."""
    order = random_.sample(encoded, len(encoded))
    for at in range(0, len(order), _SORTED_TOGETHER):
        some = sorted(order[at : at + _SORTED_TOGETHER], key=lambda e: (e.news, len(e.ids) + 8 * random_.random()))
        groups: list[list[Encoded]] = [[]]
        for one in some:
            if groups[-1] and ((len(groups[-1]) + 1) * len(one.ids) > pieces or one.news != groups[-1][0].news):
                groups.append([])
            groups[-1].append(one)
        random_.shuffle(groups)
        yield from map(batch, groups)


def batch(group: Sequence[Encoded]) -> Batch:
    """Return the examples as tensors, side by side."""
    shape = len(group), -(-max(len(one.ids) for one in group) // _STEP) * _STEP
    ids, mask, types = (np.zeros(shape, dtype=np.int64) for _ in range(3))
    allowed = np.zeros(shape, dtype=bool)
    starts, ends, inside, known = (np.zeros(shape, dtype=np.float32) for _ in range(4))
    for row, one in enumerate(group):
        length = len(one.ids)
        ids[row, :length], mask[row, :length], types[row, :length] = one.ids, 1, one.types
        allowed[row, one.first : length - 1] = allowed[row, 0] = True
        known[row, one.first : length - 1] = 1
        # Of one answer that stands in several places the first counts double; which of them is "inside" is not told.
        shares = [1.0 if one.several or n else 2.0 for n in range(len(one.spans))]
        for share, (start, end) in zip(shares, one.spans, strict=True):
            starts[row, start] += share / sum(shares)
            ends[row, end] += share / sum(shares)
            inside[row, start : end + 1] = 1
        if not one.spans:
            starts[row, 0] = ends[row, 0] = 1
        if not one.several:
            for start, end in one.spans[1:]:
                inside[row, start : end + 1] = known[row, start : end + 1] = 0
    answered = np.array([bool(one.spans) for one in group], dtype=np.float32)
    several = np.array([one.several for one in group], dtype=np.float32)
    of = torch.from_numpy
    return Batch(
        of(ids),
        of(mask),
        of(types),
        of(allowed),
        of(starts),
        of(ends),
        of(inside),
        of(known),
        of(answered),
        of(several),
        group[0].news,
    )
