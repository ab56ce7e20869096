"""Median problems for the solver: which columns can serve all rows, and what is left in cumulative radius form.

With D_i1 < D_i2 < … the costs that row i can have,

    minimise    sum_j f_j x_j + sum_i (D_i1 + sum_k (D_i,k+1 - D_ik) z_ik)
    subject to  z_ik + sum_{j : d_ij = D_ik} x_j >= z_i,k-1,   z_i0 = 1       (z_ik: no site within D_ik is open)
                sum_j x_j <= q,  spacing,  quotas,  x_j in {0, 1},  0 <= z_ik <= 1

Garcia, Labbe & Marin (2011), INFORMS Journal on Computing 23, 546-556.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.clock import Clock
from siting.locate.median.instance import Median
from siting.locate.solver import minimise
from siting.locate.spacing import at_most_one, cliques

_BLUR = 1e-9
# The solver looks at its clock now and then only.
_SHARE = 0.9


@dataclass(frozen=True)
class Solved:
    """Open columns (None if none were found), a bound for all plans, and whether the search was complete."""

    is_open: NDArray[np.bool_] | None
    bound: float
    complete: bool


def _conditions(
    median: Median, extra: int, *, count: bool
) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """Return rows, lower and upper ends of count, spacing and quotas, with ``extra`` empty columns behind."""
    m = median.n_columns
    groups = cliques(median.pairs, m)
    zones = len(median.least)
    inside = np.flatnonzero(median.zone >= 0)
    parts = [
        sparse.csr_array(np.ones((1, m))),
        sparse.csr_array(at_most_one(groups, m)),
        sparse.csr_array((np.ones(len(inside)), (median.zone[inside], inside)), shape=(zones, m)),
    ]
    matrix = sparse.hstack([sparse.vstack(parts), sparse.csr_array((1 + len(groups) + zones, extra))])
    lower = np.concatenate([[0.0], np.zeros(len(groups)), median.least.astype(np.float64)])
    upper = np.concatenate(
        [[float(median.q if count else m)], np.ones(len(groups)), np.minimum(median.most, m).astype(np.float64)]
    )
    return sparse.csr_array(matrix), lower, upper


def fewest(median: Median, clock: Clock) -> Solved:
    """Find the fewest columns that serve all rows which must be served, under spacing and quotas, whatever ``q`` is.

    ``bound`` is the number that is needed at least, infinite if no number will do.
    """
    m = median.n_columns
    row = median.row_of_entry()
    entry = median.must[row] & (median.column != m)
    rows, local = np.unique(row[entry], return_inverse=True)
    if len(rows) < median.must.sum():
        return Solved(None, math.inf, complete=True)
    serve = sparse.csr_array((np.ones(len(local)), (local, median.column[entry])), shape=(len(rows), m))
    matrix, lower, upper = _conditions(median, 0, count=False)
    answer = minimise(
        np.ones(m),
        sparse.csr_array(sparse.vstack([serve, matrix], format="csr")),
        np.concatenate([np.ones(len(rows)), lower]),
        np.concatenate([np.full(len(rows), np.inf), upper]),
        col_lower=np.zeros(m), col_upper=np.ones(m), integral=np.ones(m, dtype=bool),
        time_limit_s=clock.left_s, seed=clock.seed,
    )  # fmt: skip
    if answer.status == "infeasible":
        return Solved(None, math.inf, complete=True)
    is_open = None if answer.x is None else answer.x > 0.5
    return Solved(is_open, math.ceil(max(0.0, answer.bound) - 1e-6), complete=answer.status == "optimal")


def solve_rest(median: Median, clock: Clock, abs_gap: float, tell: Callable[[float, float], None]) -> Solved:
    """Solve what is left to the end, or as far as the time goes.

    Parameters
    ----------
    abs_gap : stop once value and bound are this close
    tell : called with value and bound
    """
    m = median.n_columns
    row = median.row_of_entry()
    entry = median.column != m
    column, cost, row = median.column[entry], median.cost[entry], row[entry]
    first_of_row = np.ones(len(row), dtype=bool)
    first_of_row[1:] = row[1:] != row[:-1]
    begins = first_of_row.copy()
    begins[1:] |= cost[1:] != cost[:-1]
    level = np.cumsum(begins) - 1
    at, of = cost[begins], row[begins]
    levels = len(at)
    opens = first_of_row[begins]
    after = np.concatenate([at[1:], [0.0]])
    ends = np.append(opens[1:], True)[:levels]
    after[ends] = median.cap[of[ends]]
    unserved = np.setdiff1d(np.arange(median.n_rows), of)
    if median.must[unserved].any():
        return Solved(None, math.inf, complete=True)
    fixed = median.base + math.fsum(at[opens]) + math.fsum(median.cap[unserved])
    z = np.arange(levels)
    chained = np.flatnonzero(~opens)
    link = sparse.csr_array(
        (
            np.concatenate([np.ones(len(level)), np.ones(levels), -np.ones(len(chained))]),
            (np.concatenate([level, z, chained]), np.concatenate([column, m + z, m + chained - 1])),
        ),
        shape=(levels, m + levels),
    )
    matrix, lower, upper = _conditions(median, levels, count=True)
    weights = np.concatenate([median.price, after - at])
    unit = max(median.step, 1e-300) if median.step > 0 else 1.0
    largest = float(weights.max(initial=0.0)) / unit
    # Whole coefficients help the solver only while they are small; large ones swamp its tolerances.
    scale = 1.0 if 0 < largest <= 2**20 and median.step > 0 else 1024.0 / max(largest, 1e-300)
    per = scale / unit
    highest = np.ones(m + levels)
    highest[m + z[ends & median.must[of]]] = 0.0
    answer = minimise(
        weights * per,
        sparse.csr_array(sparse.vstack([link, matrix], format="csr")),
        np.concatenate([opens.astype(np.float64), lower]),
        np.concatenate([np.full(levels, np.inf), upper]),
        col_lower=np.zeros(m + levels), col_upper=highest, integral=np.arange(m + levels) < m,
        time_limit_s=_SHARE * clock.left_s, abs_gap=abs_gap * per, seed=clock.seed,
        on_progress=lambda value, bound, _: tell(fixed + value / per, fixed + bound / per),
    )  # fmt: skip
    if answer.status == "infeasible":
        return Solved(None, math.inf, complete=True)
    found = None if answer.x is None else answer.x[:m] > 0.5
    blur = _BLUR * (abs(fixed) + abs(answer.bound / per)) if np.isfinite(answer.bound) else 0.0
    return Solved(found, fixed + answer.bound / per - blur - 1e-6 / per, complete=answer.status == "optimal")
