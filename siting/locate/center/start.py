"""A first p-center plan: one that reaches every row at some cost, or the reason why there is none."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InfeasibleError, SolverError
from siting.locate.center.instance import NEVER, Center
from siting.locate.clock import Clock
from siting.locate.conditions import cutoff_text
from siting.locate.costs import Costs
from siting.locate.solver import minimise


def reach_somehow(
    center: Center, is_open: NDArray[np.bool_], n_required: int, clock: Clock, costs: Costs
) -> NDArray[np.bool_]:
    """Return a plan that reaches every row at some cost; the one given if it does.

    Raises
    ------
    InfeasibleError
        There is none; the message says what would work.
    SolverError
        None was found in time.
    """
    if center.nearest(is_open).max() < NEVER:
        return is_open
    choice = center.choice
    m, k = choice.n_columns, choice.k
    rows = np.flatnonzero(center.base == NEVER)
    index = np.arange(len(center.row_column))
    reach = sparse.csr_array(
        (np.ones(len(index)), center.row_column.astype(np.int64), center.row_start), (center.n_rows, m)
    )[rows]
    matrix, lower, upper = choice.rows()
    parts = sparse.csr_array(sparse.vstack([reach, matrix, sparse.csr_array(np.ones((1, m)))], format="csr"))
    lows, highs = np.append(np.ones(len(rows)), lower), np.append(np.full(len(rows), np.inf), upper)
    # Fewest first: a smaller plan that reaches all tells which p would do.
    answer = minimise(
        np.ones(m), parts, np.append(lows, -np.inf), np.append(highs, np.inf),
        col_lower=np.zeros(m), col_upper=np.ones(m), integral=np.ones(m, dtype=bool),
        time_limit_s=max(0.1, clock.left_s), seed=clock.seed,
    )  # fmt: skip
    if answer.status == "infeasible":
        msg = (
            f"p_center: no choice of sites reaches all {costs.n_demand} demand rows{cutoff_text(costs)} within spacing "
            "and quotas; lower the spacing or a quota, or raise the cutoff"
        )
        raise InfeasibleError(msg)
    fewest = math.ceil(answer.bound - 1e-4) if np.isfinite(answer.bound) else 0
    if fewest > k:
        exact = answer.x is not None and answer.status == "optimal"
        msg = (
            f"p_center: to reach all {costs.n_demand} demand rows{cutoff_text(costs)} needs {fewest + n_required} "
            f"sites, but p is {k + n_required}; p = {fewest + n_required} {'would' if exact else 'or more may'} work"
        )
        raise InfeasibleError(msg)
    if choice.is_free and answer.x is not None and (answer.x > 0.5).sum() <= k:
        return center.pad(answer.x > 0.5)
    answer = minimise(
        np.zeros(m), parts, np.append(lows, k), np.append(highs, k),
        col_lower=np.zeros(m), col_upper=np.ones(m), integral=np.ones(m, dtype=bool),
        time_limit_s=max(0.1, clock.left_s), seed=clock.seed,
    )  # fmt: skip
    if answer.x is None:
        if answer.status == "infeasible":
            msg = (
                f"p_center: exactly {k + n_required} sites cannot reach all {costs.n_demand} demand rows within "
                f"spacing and quotas; p = {fewest + n_required} would work"
            )
            raise InfeasibleError(msg)
        msg = f"p_center: no plan after {clock.time_limit_s:g} s; raise time_limit_s"
        raise SolverError(msg)
    return answer.x > 0.5
