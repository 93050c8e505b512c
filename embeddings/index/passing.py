"""The passages that pass the filters asked for lately, for the questions that follow."""

import numpy as np

from corpus.store.store import Filters, StoreSnapshot
from embeddings.index.ids import IntArray

FILTERS_KEPT = 8
"""So many of the last filters' passages are remembered."""


class Passing:
    """Remembers what passes the last filters, each in one state of a library. Safe to use from many threads."""

    def __init__(self) -> None:
        self._found: dict[tuple[int, int, Filters], IntArray] = {}

    def known(self, snapshot: StoreSnapshot, filters: Filters) -> IntArray | None:
        """Return the ids of the passages that pass the filters in this state, if `find` has found them lately."""
        return self._found.get(_key(snapshot, filters))

    def find(self, snapshot: StoreSnapshot, filters: Filters) -> IntArray:
        """Return the ids of the passages that pass the filters in this state, ascending."""
        found = self.known(snapshot, filters)
        if found is None:
            found = np.array(snapshot.passage_ids(filters), dtype=np.int64)
            latest = list(self._found.items())[1 - FILTERS_KEPT :]
            self._found = {**dict(latest), _key(snapshot, filters): found}
        return found


def _key(snapshot: StoreSnapshot, filters: Filters) -> tuple[int, int, Filters]:
    return snapshot.change, snapshot.mark(snapshot.change), filters
