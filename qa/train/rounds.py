"""Passes over the examples, each with its passages newly cut or joined and its questions newly typed."""

import multiprocessing
import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import fields

import numpy as np
import torch
from tokenizers import Tokenizer

from qa.train.batches import Packed, encode, pack
from qa.train.cut import cut, join
from qa.train.example import Example
from qa.train.vary import vary

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
