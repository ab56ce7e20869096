"""Exactly so many of the candidates, under the conditions: what every model with a fixed count has to respect."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InfeasibleError, SolverError
from siting.locate.clock import Clock
from siting.locate.conditions import Conditions
from siting.locate.costs import Costs
from siting.locate.solver import minimise
from siting.locate.spacing import at_most_one, cliques


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Which sets of columns are plans; required sites are open besides.

    Attributes
    ----------
    columns : positions of the candidates that may be chosen, in the order that settles ties
    k : exactly so many of them
    too_close : shape (pairs, 2), columns of which at most one may be open
    zone : shape (n_columns,), number of the zone with a quota that each lies in, -1 if none
    least, most : of the columns in each such zone
    """

    columns: NDArray[np.intp]
    k: int
    too_close: NDArray[np.intp]
    zone: NDArray[np.int64]
    least: NDArray[np.int64]
    most: NDArray[np.int64]

    @property
    def n_columns(self) -> int:
        """Number of columns to choose from."""
        return len(self.columns)

    @property
    def is_free(self) -> bool:
        """Whether every set of ``k`` columns is a plan."""
        return len(self.too_close) == 0 and len(self.least) == 0

    def rows(self) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """Return spacing and quotas as rows of a model, with their lower and upper limits."""
        m = self.n_columns
        groups = cliques(self.too_close, m)
        member = np.flatnonzero(self.zone >= 0)
        shape = (len(self.least), m)
        quotas = sparse.csr_array((np.ones(len(member)), (self.zone[member], member)), shape=shape)
        matrix = sparse.csr_array(sparse.vstack([at_most_one(groups, m), quotas], format="csr"))
        lower = np.concatenate([np.full(len(groups), -np.inf), self.least.astype(np.float64)])
        upper = np.concatenate([np.ones(len(groups)), self.most.astype(np.float64)])
        return matrix, lower, upper

    def neighbours(self) -> sparse.csr_array:
        """Return the symmetric 0/1 matrix of columns too close to each other."""
        a, b = self.too_close.T
        ones = np.ones(2 * len(a), dtype=np.int64)
        shape = (self.n_columns, self.n_columns)
        near = sparse.csr_array((ones, (np.concatenate([a, b]), np.concatenate([b, a]))), shape=shape)
        near.sort_indices()
        return near


def read_choice(costs: Costs, conditions: Conditions, p: int) -> Choice:
    """Return what is left to choose once existing and required sites are open."""
    free = np.flatnonzero(conditions.choosable)
    columns = free[np.argsort(costs.rank[free], kind="stable")].astype(np.intp)
    local = np.full(costs.n_candidates, -1, dtype=np.intp)
    local[columns] = np.arange(len(columns))
    pairs = local[conditions.too_close].reshape(-1, 2)
    pairs = np.sort(pairs[(pairs >= 0).all(axis=1)], axis=1)
    is_open = np.zeros(costs.n_candidates, dtype=bool)
    is_open[conditions.existing] = is_open[conditions.required] = True
    zone = np.full(len(columns), -1, dtype=np.int64)
    least, most = [], []
    for number, quota in enumerate(conditions.quotas):
        members = local[quota.members]
        members = members[members >= 0]
        zone[members] = number
        already = int(is_open[quota.members].sum())
        least.append(max(0, quota.least - already))
        most.append(len(members) if quota.most is None else min(len(members), quota.most - already))
    return Choice(
        columns=columns,
        k=p - len(conditions.required),
        # In the order of the columns, so that the caller's own order plays no part.
        too_close=pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))],
        zone=zone,
        least=np.array(least, dtype=np.int64),
        most=np.array(most, dtype=np.int64),
    )


def first_choice(model: str, choice: Choice, n_required: int, clock: Clock) -> NDArray[np.bool_]:
    """Return some plan.

    Raises
    ------
    InfeasibleError
        There is none; the message says how many sites there may be.
    """
    m, k = choice.n_columns, choice.k
    p = k + n_required
    chosen = np.zeros(m, dtype=bool)
    if k > m:
        msg = (
            f"{model}: exactly {p} sites are asked for, but conditions leave {m} candidates beside {n_required} "
            f"required ones; p = {m + n_required} would work, or exclude less"
        )
        raise InfeasibleError(msg)
    if choice.is_free or m == 0:
        chosen[:k] = True
        return chosen
    matrix, lower, upper = choice.rows()
    rows = sparse.csr_array(sparse.vstack([matrix, sparse.csr_array(np.ones((1, m)))], format="csr"))
    answer = minimise(
        -np.ones(m), rows, np.append(lower, -np.inf), np.append(upper, k),
        col_lower=np.zeros(m), col_upper=np.ones(m), integral=np.ones(m, dtype=bool),
        time_limit_s=max(0.1, clock.left_s), seed=clock.seed,
    )  # fmt: skip
    if answer.status == "infeasible":
        msg = f"{model}: no choice of sites meets spacing and quotas together; lower the spacing or a quota"
        raise InfeasibleError(msg)
    if answer.x is None:
        msg = f"{model}: no plan after {clock.time_limit_s:g} s; raise time_limit_s, or lower the spacing"
        raise SolverError(msg)
    chosen = answer.x > 0.5
    if chosen.sum() < k:
        if answer.status != "optimal":
            msg = f"{model}: no plan of {p} sites after {clock.time_limit_s:g} s; raise time_limit_s, or lower p"
            raise SolverError(msg)
        works = int(chosen.sum()) + n_required
        msg = (
            f"{model}: exactly {p} sites are asked for, but spacing and quotas let at most {works} be open beside the "
            f"existing ones; p = {works} would work, or lower the spacing"
        )
        raise InfeasibleError(msg)
    return chosen
