"""A first plan that meets quotas, spacing and count or budget together; or why there is none."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InfeasibleError, SolverError
from siting.locate.covering.reduce import Instance
from siting.locate.solver import MipAnswer, minimise
from siting.locate.spacing import at_most_one, cliques


def condition_rows(instance: Instance) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
    """Return spacing and quotas as rows on the columns, with their lower and upper limits."""
    m = instance.n_columns
    groups = cliques(instance.too_close, m)
    apart, ones = at_most_one(groups, m), np.ones(len(groups))
    if instance.zones is None:
        return apart, np.zeros(len(groups)), ones
    matrix = sparse.csr_array(sparse.vstack([apart, instance.zones.rows()], format="csr"))
    lower = np.concatenate([np.zeros(len(groups)), instance.zones.least.astype(np.float64)])
    return matrix, lower, np.concatenate([ones, instance.zones.most.astype(np.float64)])


def quota_start(instance: Instance, p: int, n_required: int, seconds: float, seed: int) -> NDArray[np.intp]:
    """Return at most ``p`` columns that meet quotas and spacing, of great weight each.

    Raises
    ------
    InfeasibleError
        There are none; the message says which p would work.
    SolverError
        None was found in time.
    """
    if instance.allows(np.empty(0, dtype=np.intp)):
        return np.empty(0, dtype=np.intp)
    gain = (instance.reached_by @ instance.weight).astype(np.float64)
    answer = _solve(instance, -gain / max(1.0, gain.max(initial=0.0)), p, seconds, seed)
    if answer.x is not None:
        return np.flatnonzero(answer.x > 0.5)
    if answer.status == "infeasible":
        fewest = _solve(instance, np.ones(instance.n_columns), instance.n_columns, seconds, seed)
        if fewest.x is not None:
            works = int((fewest.x > 0.5).sum()) + n_required
            msg = (
                f"quotas and spacing together need {works - n_required} new sites beside {n_required} required ones, "
                f"but p is {p + n_required}; p = {works} would work"
            )
            raise InfeasibleError(msg)
        if fewest.status == "infeasible":
            raise InfeasibleError(apart_or_enough(instance))
    msg = f"no plan that meets quotas and spacing was found within {seconds:.3g} s; raise time_limit_s"
    raise SolverError(msg)


def cheapest_plan(instance: Instance, price: NDArray[np.int64], seconds: float, seed: int) -> NDArray[np.intp]:
    """Return the columns that meet quotas and spacing for the least money.

    Raises
    ------
    InfeasibleError
        No columns do.
    SolverError
        None were found in time.
    """
    if instance.allows(np.empty(0, dtype=np.intp)):
        return np.empty(0, dtype=np.intp)
    answer = _solve(instance, price / max(1, int(price.max(initial=0))), instance.n_columns, seconds, seed)
    if answer.status == "infeasible":
        raise InfeasibleError(apart_or_enough(instance))
    if answer.x is None:
        msg = f"no plan that meets quotas and spacing was found within {seconds:.3g} s; raise time_limit_s"
        raise SolverError(msg)
    return np.flatnonzero(answer.x > 0.5)


def raised_quotas(instance: Instance, seconds: float, seed: int) -> NDArray[np.int64] | None:
    """Return by how much the upper quota of each zone must be raised, in all as little as can be, to serve all rows.

    None if no quota helps, or none was found in time.
    """
    if instance.zones is None:
        return None
    m, n, k = instance.n_columns, instance.n_rows, len(instance.zones.least)
    matrix, lower, upper = condition_rows(instance)
    rows = sparse.vstack([instance.reach.astype(np.float64), matrix], format="csr")
    over = sparse.vstack([sparse.csr_array((rows.shape[0] - k, k)), -sparse.eye_array(k)])
    # One row for the lower quotas, which the slack must not lower.
    least = sparse.hstack([instance.zones.rows(), sparse.csr_array((k, k))])
    answer = minimise(
        np.concatenate([np.zeros(m), np.ones(k)]),
        sparse.csr_array(sparse.vstack([sparse.hstack([rows, over]), least], format="csr")),
        np.concatenate([np.ones(n), lower[: len(lower) - k], np.full(k, -np.inf), lower[len(lower) - k :]]),
        np.concatenate([np.full(n, np.inf), upper, np.full(k, np.inf)]),
        col_lower=np.zeros(m + k), col_upper=np.concatenate([np.ones(m), np.full(k, float(m))]),
        integral=np.ones(m + k, dtype=bool), time_limit_s=seconds, seed=seed,
    )  # fmt: skip
    return None if answer.x is None else np.rint(answer.x[m:]).astype(np.int64)


def apart_or_enough(instance: Instance) -> str:
    """Say that lower quotas and spacing contradict each other."""
    return (
        f"no choice of sites meets the quotas: candidates of zones that need sites are too close to each other "
        f"({len(instance.too_close)} pairs). Lower the spacing or at_least, or add candidates there"
    )


def _solve(instance: Instance, cost: NDArray[np.float64], p: int, seconds: float, seed: int) -> MipAnswer:
    m = instance.n_columns
    matrix, lower, upper = condition_rows(instance)
    return minimise(
        cost, sparse.csr_array(sparse.vstack([matrix, sparse.csr_array(np.ones((1, m)))], format="csr")),
        np.append(lower, -math.inf), np.append(upper, float(p)),
        col_lower=np.zeros(m), col_upper=np.ones(m), integral=np.ones(m, dtype=bool),
        time_limit_s=max(0.1, seconds), seed=seed,
    )  # fmt: skip
