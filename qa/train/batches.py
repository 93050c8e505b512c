"""Examples to tensors: word pieces with the places of the spans, in batches of nearly equal lengths."""

import multiprocessing
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from tokenizers import Tokenizer

from qa.train.augment import cut, join, vary
from qa.train.data import Example

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
class Packed:
    """Many examples one behind the other, so that a GPU can hold them and make the batches itself.

    ids, starts, ends: (pieces,), the targets float32 and summing to 1 over an example. offsets: (examples + 1,), where
    each begins. first, answered, labelled: (examples,).
    """

    ids: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    offsets: torch.Tensor
    first: torch.Tensor
    answered: torch.Tensor
    labelled: torch.Tensor

    def __len__(self) -> int:
        return len(self.first)

    def to(self, device: torch.device) -> "Packed":
        """Return it on a device."""
        return Packed(*(getattr(self, field.name).to(device) for field in fields(self)))

    def lengths(self) -> np.ndarray:
        """Return how many word pieces each example has."""
        lengths: np.ndarray = self.offsets.diff().cpu().numpy()
        return lengths


@dataclass(frozen=True, slots=True)
class Batch:
    """Tensors of (batch, length), and of (batch,) for `answered` and `labelled`; targets sum to 1 over a row.

    rows, places: which of the packed examples, and of their pieces, they are. pieces: how many there are, padding not
    counted.
    """

    input_ids: torch.Tensor
    attention_mask: torch.Tensor
    token_type_ids: torch.Tensor
    allowed: torch.Tensor
    starts: torch.Tensor
    ends: torch.Tensor
    places: torch.Tensor
    rows: torch.Tensor
    answered: torch.Tensor
    labelled: torch.Tensor
    pieces: int

    def parts(self, pieces: int) -> "Iterator[Batch]":
        """Give its rows in batches of about so many word pieces, padding counted."""
        rows = max(1, round(pieces / self.input_ids.shape[1]))
        tensors = {field.name: getattr(self, field.name) for field in fields(self) if field.name != "pieces"}
        for row in range(0, len(self.answered), rows):
            some = {name: tensor[row : row + rows] for name, tensor in tensors.items()}
            yield replace(self, **some, pieces=int(some["attention_mask"].sum()))


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


def pack(encoded: Iterable[Encoded]) -> Packed:
    """Return examples one behind the other."""
    examples = list(encoded)
    lengths = [len(one.ids) for one in examples]
    offsets = np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])
    starts, ends = np.zeros(offsets[-1], dtype=np.float32), np.zeros(offsets[-1], dtype=np.float32)
    for at, one in zip(offsets, examples, strict=False):
        for targets, places in ((starts, one.starts), (ends, one.ends)):
            for place in places or (0,):  # the first piece stands for "no answer here"
                targets[at + place] += 1 / max(1, len(places))
    arrays = (
        np.concatenate([one.ids for one in examples]),
        starts,
        ends,
        offsets,
        np.array([one.first for one in examples], dtype=np.int64),
        np.array([bool(one.starts) for one in examples], dtype=np.float32),
        np.array([one.labelled for one in examples], dtype=np.float32),
    )
    return Packed(*map(torch.from_numpy, arrays))


def batches(packed: Packed, *, pieces: int, random_: random.Random) -> Iterator[Batch]:
    """Give all examples once, batches of about `pieces` word pieces in random order, each of nearly one length."""
    lengths = packed.lengths()
    order = list(range(len(packed)))
    random_.shuffle(order)
    for at in range(0, len(order), _SORTED_TOGETHER):
        some = sorted(order[at : at + _SORTED_TOGETHER], key=lambda n: lengths[n])
        groups: list[list[int]] = [[]]
        for n in some:
            if groups[-1] and _rounded(lengths[n]) * (len(groups[-1]) + 1) > pieces:
                groups.append([])
            groups[-1].append(n)
        random_.shuffle(groups)
        for group in groups:
            yield _batch(packed, group, lengths[group])


def _rounded(length: int) -> int:
    return -(-length // _STEP) * _STEP


def _batch(packed: Packed, group: Sequence[int], lengths: np.ndarray) -> Batch:
    """Return the rows of a group side by side, on the device where the examples are."""
    device = packed.ids.device
    rows = torch.tensor(group, device=device)
    length = torch.from_numpy(lengths).to(device)[:, None]
    place = torch.arange(_rounded(int(lengths.max())), device=device)
    there = place < length
    places = (packed.offsets[rows][:, None] + place).clamp(max=len(packed.ids) - 1)
    types = there & (place >= packed.first[rows][:, None])
    return Batch(
        packed.ids[places].long() * there,
        there.long(),
        types.long(),
        ((types & (place < length - 1)) | (place == 0)).long(),
        packed.starts[places] * there,
        packed.ends[places] * there,
        places,
        rows,
        packed.answered[rows],
        packed.labelled[rows],
        int(lengths.sum()),
    )


_made: "Rounds | None" = None  # of a process that makes rounds for another


class Rounds:
    """The n-th round of the examples in word pieces, the same each time it is asked for.

    parts: so many rounds pass over the examples once.
    """

    def __init__(self, examples: Sequence[Example], tokenizer: Tokenizer, *, seed: int, parts: int = 1) -> None:
        self._examples = examples
        self._tokenizer = tokenizer
        self._seed = seed
        self._parts = parts

    def __call__(self, number: int) -> Packed:
        """Return round `number`, from 0."""
        through, part = divmod(number, self._parts)
        order = random.Random(f"{self._seed}:{through}").sample(self._examples, len(self._examples))
        random_ = random.Random(f"{self._seed}:{number}:{part}")
        return pack(encode(newly(order[part :: self._parts], random_), self._tokenizer))


def newly(examples: Sequence[Example], random_: random.Random) -> Iterator[Example]:
    """Give every example once, its passage newly cut or joined and its question newly typed."""
    for example in examples:
        other = examples[random_.randrange(len(examples))].passage
        yield vary(join(cut(example, random_), other, random_), random_)


def ahead(rounds: Rounds, processes: int) -> Callable[[int], Packed]:
    """Return the same rounds, the next ones made by other processes meanwhile; a GPU would wait for them otherwise.

    Call it before anything is on the GPU: the processes are copies of this one.
    """
    pool = ProcessPoolExecutor(processes, multiprocessing.get_context("fork"), _keep, (rounds,))
    waiting: dict[int, Future[list[np.ndarray]]] = {}

    def order(first: int) -> None:
        for number in range(first, first + processes):
            if number not in waiting:
                waiting[number] = pool.submit(_make, number)

    def take(number: int) -> Packed:
        order(number)
        made = waiting.pop(number).result()
        order(number + 1)
        return Packed(*map(torch.from_numpy, made))

    order(0)
    return take


def _keep(rounds: Rounds) -> None:
    global _made
    _made = rounds


def _make(number: int) -> list[np.ndarray]:
    assert _made is not None
    made = _made(number)
    return [getattr(made, field.name).numpy() for field in fields(made)]
