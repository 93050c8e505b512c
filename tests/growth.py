"""How the time of a task grows with its input, by the processor's time, which other programs hardly change."""

import time
from collections.abc import Callable

_ROUNDS = 3


def growth(task: Callable[[int], object], *, small: int, times: int) -> float:
    """Return how many times as long the task takes for `times` as much input, of the quickest of some rounds each.

    Linear growth gives about `times`, quadratic growth its square: between the two lies `times ** 1.5`.
    """
    task(small)
    least = [float("inf"), float("inf")]
    for _ in range(_ROUNDS):
        for place, size in enumerate((small, small * times)):
            began = time.process_time()
            task(size)
            least[place] = min(least[place], time.process_time() - began)
    return least[1] / max(least[0], 0.002)
