"""Who is served: the one place where a cost is compared with a limit."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from siting.errors import InputError
from siting.standards.model import Rule
from siting.units import MM_PER_M, UNREACHED_MM, limit_to_mm, metres_to_mm


def cost_to_mm(cost_m: ArrayLike) -> NDArray[np.int64]:
    """Round costs in metres to whole millimetres; ``inf`` (no path) becomes `siting.units.UNREACHED_MM`.

    Raises
    ------
    InputError
        A cost is NaN or negative.
    """
    cost = np.asarray(cost_m, dtype=np.float64)
    wrong = ~(cost >= 0)  # also catches NaN
    if wrong.any():
        msg = f"cost: {int(wrong.sum())} of {cost.size} entries are NaN or negative; write inf where there is no path"
        raise InputError(msg)
    finite = np.isfinite(cost)
    mm = np.full(cost.shape, UNREACHED_MM, dtype=np.int64)
    mm[finite] = metres_to_mm(cost[finite])
    return mm


def limit_in_mm(limit_m: float, *, strict: bool = False) -> int:
    """Return the largest whole number of millimetres that is served.

    Parameters
    ----------
    limit_m : the limit in metres, above 0
    strict : True for a clause that says "less than": the limit itself is then not served
    """
    if not (math.isfinite(limit_m) and limit_m > 0):
        msg = f"limit_m is {limit_m}, expected a finite number above 0"
        raise InputError(msg)
    if strict:
        return math.ceil(round(limit_m * MM_PER_M, 6)) - 1
    return limit_to_mm(limit_m)


def served_mask(cost_m: ArrayLike, limit_m: float, *, strict: bool = False) -> NDArray[np.bool_]:
    """Mask of the costs within a limit, decided in whole millimetres; exactly on the limit is served.

    Parameters
    ----------
    cost_m : any shape, metres, not negative; ``inf`` = no path, never served
    limit_m : the largest cost in metres that is served
    strict : the limit itself is not served (a clause with "<")
    """
    return cost_to_mm(cost_m) <= limit_in_mm(limit_m, strict=strict)


def rule_limit_mm(rule: Rule, limit_m: float) -> int:
    """Return the largest served millimetre for ``limit_m`` under the rule's operator ("<=" or "<")."""
    return limit_in_mm(limit_m, strict=rule.operator == "<")
