"""Making inverted lists of a view's rows, beside the searches that go on meanwhile."""

from collections.abc import Callable, Iterator

import numpy as np

from embeddings.blocks import Block, Blocks
from embeddings.indexes import HalfArray, Inverted, Listing, assemble, assign, go_on, lists_for, sample_size, train

GROWTH = 4
"""Lists are trained anew once there are so many times the vectors that they were made of."""
_RANGE_ROWS = 20_000  # show the quantiser each dimension's range


def make_listing(
    blocks: Blocks, known: Listing | None, *, threads: int, going_on: Callable[[], bool] = lambda: True
) -> Listing:
    """Return which list each living row of the blocks belongs to; there is at least one.

    known: lists made before, whose centroids serve until there are GROWTH times the vectors. Raises indexes.Stopped.
    """
    size = sum(block.size for block in blocks)
    centroids, trained_on = _centroids(blocks, size, known, threads=threads, going_on=going_on)
    same = known is not None and centroids is known.centroids
    numbers = []
    for block in blocks:
        ids = block.ids[block.alive]
        listed = np.zeros(len(ids), np.uint16)
        there = np.zeros(len(ids), np.bool_)
        if known is not None and same:
            rows, there = known.rows(ids)
            listed[there] = known.lists[rows[there]]
        go_on(going_on)
        if not there.all():
            listed[~there] = assign(block.halves[block.alive][~there], centroids, threads=threads)
            block.release()
        numbers.append(listed)
    ids = np.concatenate([block.ids[block.alive] for block in blocks])
    return Listing(centroids, trained_on, ids, np.concatenate(numbers))


def put_together(
    blocks: Blocks, listing: Listing, *, threads: int, going_on: Callable[[], bool] = lambda: True
) -> Inverted:
    """Return the inverted lists of a listing that was made of these blocks. Raises indexes.Stopped."""
    sample = _sample(blocks, min(len(listing.ids), _RANGE_ROWS)).astype(np.float32)
    return assemble(_parts(blocks), listing, sample, threads=threads, going_on=going_on)


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


def _sample(blocks: Blocks, count: int) -> HalfArray:
    """Return that many living rows, drawn evenly and the same ones for the same blocks."""
    ends = np.cumsum([block.size for block in blocks])
    drawn = np.sort(np.random.default_rng(0).choice(ends[-1], count, replace=False))
    chosen = []
    for block, end in zip(blocks, ends.tolist(), strict=True):
        chosen.append(_row(block, drawn[(drawn >= end - block.size) & (drawn < end)] - (end - block.size)))
        block.release()
    return np.concatenate(chosen)


def _row(block: Block, places: np.ndarray[tuple[int], np.dtype[np.int64]]) -> HalfArray:
    return block.halves[np.flatnonzero(block.alive)[places]]
