"""Passage ids in order."""

import numpy as np
import numpy.typing as npt

IntArray = npt.NDArray[np.int64]


def ascending(ids: npt.ArrayLike) -> IntArray:
    """Return the distinct ids, in ascending order, as (n,) 64-bit integers."""
    given = np.asarray(ids, dtype=np.int64)
    # Those of a filter are in order already. NumPy's `unique` hashes them even so: half a second for half a million.
    return given if bool((given[1:] > given[:-1]).all()) else np.unique(given)
