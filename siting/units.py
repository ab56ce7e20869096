"""Quantities as integers: millimetres, milliseconds, thousandths of a person.

Sums of integers do not depend on order, threads or platform, so "within 500 m" and "the districts add up to the city"
hold exactly. The public API speaks float metres, seconds and people.
"""

import numpy as np
from numpy.typing import ArrayLike, NDArray

MM_PER_M = 1000
MILLI_PER_PERSON = 1000

UNREACHED_MM = np.iinfo(np.int64).max
"""Inside integer kernels: no path. Leaves them as ``inf``, never as a number."""


def metres_to_mm(metres: ArrayLike) -> NDArray[np.int64]:
    """Round metres to whole millimetres (half to even), as the length of every edge is rounded."""
    return np.asarray(np.rint(np.asarray(metres, dtype=np.float64) * MM_PER_M), dtype=np.int64)


def limit_to_mm(limit_m: float) -> int:
    """Largest whole number of millimetres that is within ``limit_m``; the limit itself is served."""
    return int(np.floor(np.round(limit_m * MM_PER_M, 6)))


def mm_to_metres(mm: NDArray[np.int64]) -> NDArray[np.float64]:
    """Millimetres as float metres; `UNREACHED_MM` becomes ``inf``."""
    return np.where(mm == UNREACHED_MM, np.inf, mm / MM_PER_M)


def people_to_milli(people: ArrayLike) -> NDArray[np.int64]:
    """Round people to whole thousandths of a person."""
    return np.rint(np.asarray(people, dtype=np.float64) * MILLI_PER_PERSON).astype(np.int64)


def milli_to_people(milli: NDArray[np.int64]) -> NDArray[np.float64]:
    """Thousandths of a person as people."""
    return milli / MILLI_PER_PERSON


def largest_remainder(total: int, weight: NDArray[np.float64]) -> NDArray[np.int64]:
    """Spread a whole number over shares so that the parts add up to it exactly.

    Parameters
    ----------
    total : whole number to spread, 0 or more
    weight : shape (n,), not negative, with a positive sum

    Returns
    -------
    shape (n,), whole numbers that sum to ``total``; each within 1 of its exact share. Equal remainders are served in
    order of position, so the result does not depend on the sort used.
    """
    weight = np.asarray(weight, dtype=np.float64)
    if not (np.isfinite(weight).all() and (weight >= 0).all() and weight.sum() > 0):
        msg = "weight must be finite and not negative, with a positive sum"
        raise ValueError(msg)
    exact = total * (weight / weight.sum())
    parts: NDArray[np.int64] = np.floor(exact).astype(np.int64)
    left = total - int(parts.sum())
    # Floating error can leave the parts one too high on huge totals, so both directions are handled.
    order = np.argsort(-(exact - parts), kind="stable") if left >= 0 else np.argsort(exact - parts, kind="stable")
    order = order[weight[order] > 0]
    step = 1 if left >= 0 else -1
    for k in range(abs(left)):
        parts[order[k % len(order)]] += step
    return parts
