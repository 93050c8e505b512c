"""Making inverted lists of a view's rows, beside the searches that go on meanwhile."""

from collections.abc import Callable, Iterator

import numpy as np

from embeddings.index.blocks import Block, Blocks
from embeddings.index.ids import IntArray
from embeddings.index.indexes import HalfArray, Inverted, ListArray, Listing, assemble, go_on
from embeddings.index.kmeans import ROWS_AT_ONCE, assign, lists_for, sample_size, train

GROWTH = 4
"""Lists are trained anew once there are so many times the vectors that they were made of."""
_RANGE_ROWS = 20_000  # show the quantiser each dimension's range


def make_listing(
    blocks: Blocks, known: Listing | None, *, threads: int, going_on: Callable[[], bool] = lambda: True
) -> Listing:
    """Return which list each living row of the blocks belongs to; there is at least one.

    known: lists made before, whose centroids serve until there are GROWTH times the vectors. Raises indexes.Stopped.
    """
    from threadpoolctl import threadpool_limits

    with threadpool_limits(limits=threads, user_api="blas"):
        centroids, trained_on = _centroids(blocks, known, going_on=going_on)
        same = known is not None and centroids is known.centroids
        numbers = [_listed(block, known if same else None, centroids, going_on) for block in blocks]
    ids = np.concatenate([block.ids[block.alive] for block in blocks])
    return Listing(centroids, trained_on, ids, np.concatenate(numbers))


def put_together(
    blocks: Blocks, listing: Listing, *, threads: int, going_on: Callable[[], bool] = lambda: True
) -> Inverted:
    """Return the inverted lists of a listing that was made of these blocks. Raises indexes.Stopped."""
    sample = np.concatenate(list(_rows(blocks, _drawn(len(listing.ids), _RANGE_ROWS)))).astype(np.float32)
    return assemble(_parts(blocks), listing, sample, threads=threads, going_on=going_on)


def _centroids(blocks: Blocks, known: Listing | None, *, going_on: Callable[[], bool]) -> tuple[HalfArray, int]:
    size = sum(block.size for block in blocks)
    if known is not None and size < GROWTH * known.trained_on:
        return known.centroids, known.trained_on
    lists = lists_for(size)
    drawn = _drawn(size, sample_size(lists))
    centroids = train(lambda: _rows(blocks, drawn), lists, going_on=going_on)
    return centroids, size


def _listed(block: Block, known: Listing | None, centroids: HalfArray, going_on: Callable[[], bool]) -> ListArray:
    """Return which list each living row of a block belongs to. known: a listing by the same centroids."""
    go_on(going_on)
    ids = block.ids[block.alive]
    listed = np.zeros(len(ids), np.uint16)
    there = np.zeros(len(ids), np.bool_)
    if known is not None:
        rows, there = known.rows(ids)
        listed[there] = known.lists[rows[there]]
    if not there.all():
        listed[~there] = assign(block.living[1], np.flatnonzero(~there), centroids)
        block.release()
    return listed


def _parts(blocks: Blocks) -> Iterator[HalfArray]:
    for block in blocks:
        yield block.halves[block.alive]


def _drawn(size: int, count: int) -> IntArray:
    """Return that many numbers of living rows, or all, drawn evenly and the same ones for the same size; ascending."""
    drawn = np.random.default_rng(0).choice(size, min(size, count), replace=False)
    return np.sort(drawn)


def _rows(blocks: Blocks, numbers: IntArray) -> Iterator[HalfArray]:
    """Yield the living rows of these ascending numbers, a few hundred at a time."""
    end = 0
    for block in blocks:
        start, end = end, end + block.size
        here = numbers[slice(*np.searchsorted(numbers, (start, end)))] - start
        places = np.flatnonzero(block.alive)[here]
        for first in range(0, len(places), ROWS_AT_ONCE):
            yield block.halves[places[first : first + ROWS_AT_ONCE]]
        block.release()
