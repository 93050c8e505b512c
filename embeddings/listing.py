"""Making inverted lists of a view's rows, beside the searches that go on meanwhile."""

from collections.abc import Callable, Iterator

import numpy as np

from embeddings.blocks import Block, Blocks
from embeddings.indexes import FloatArray, HalfArray, Inverted, Listing, assemble, assign, lists_for, sample_size, train

GROWTH = 4
"""Lists are trained anew once there are so many times the vectors that they were made of."""
_RANGE_ROWS = 20_000  # show the quantiser each dimension's range


def make_inverted(
    blocks: Blocks, known: Listing | None, *, threads: int, going_on: Callable[[], bool] = lambda: True
) -> Inverted:
    """Return inverted lists of all living rows of the blocks, of which there is at least one.

    known: lists made before, whose centroids serve until there are GROWTH times the vectors. Raises indexes.Stopped.
    """
    size = sum(block.size for block in blocks)
    centroids, trained_on = _centroids(blocks, size, known, threads=threads, going_on=going_on)
    same = known is not None and centroids is known.centroids
    numbers = []
    for block in blocks:
        ids, halves = block.ids[block.alive], block.halves[block.alive]
        listed = np.zeros(len(ids), np.uint16)
        there = np.zeros(len(ids), np.bool_)
        if known is not None and same:
            rows, there = known.rows(ids)
            listed[there] = known.lists[rows[there]]
        if not going_on():
            break
        if not there.all():
            listed[~there] = assign(halves[~there], centroids, threads=threads)
        numbers.append(listed)
    ids = np.concatenate([block.ids[block.alive] for block in blocks])
    lists = np.concatenate(numbers) if numbers else np.empty(0, np.uint16)
    sample = _sample(blocks, min(size, _RANGE_ROWS))
    parts = _parts(blocks)
    return assemble(parts, Listing(centroids, trained_on, ids, lists), sample, threads=threads, going_on=going_on)


def _centroids(
    blocks: Blocks, size: int, known: Listing | None, *, threads: int, going_on: Callable[[], bool]
) -> tuple[HalfArray, int]:
    if known is not None and size < GROWTH * known.trained_on:
        return known.centroids, known.trained_on
    lists = lists_for(size)
    sample = _sample(blocks, min(size, sample_size(lists)))
    return train(sample, lists, threads=threads, going_on=going_on), size


def _parts(blocks: Blocks) -> Iterator[HalfArray]:
    for block in blocks:
        yield block.halves[block.alive]


def _sample(blocks: Blocks, count: int) -> FloatArray:
    """Return that many living rows, drawn evenly and the same ones for the same blocks."""
    ends = np.cumsum([block.size for block in blocks])
    drawn = np.sort(np.random.default_rng(0).choice(ends[-1], count, replace=False))
    chosen = [
        _row(block, drawn[(drawn >= end - block.size) & (drawn < end)] - (end - block.size))
        for block, end in zip(blocks, ends.tolist(), strict=True)
    ]
    return np.concatenate(chosen).astype(np.float32)


def _row(block: Block, places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> HalfArray:
    return block.halves[np.flatnonzero(block.alive)[places]]
