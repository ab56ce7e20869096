"""Random draws of the compiled searches: the same on every platform and from every seed."""

import numpy as np
from numba import njit


@njit(cache=True, nogil=True)
def random_below(state, n):  # type: ignore[no-untyped-def]
    """Draw a whole number from 0 to ``n - 1``; ``state`` holds one uint64 and moves on (splitmix64)."""
    state[0] += np.uint64(0x9E3779B97F4A7C15)
    z = state[0]
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z = z ^ (z >> np.uint64(31))
    return np.int64((z >> np.uint64(1)) % np.uint64(n))
