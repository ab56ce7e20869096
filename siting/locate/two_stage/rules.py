"""Which sets of stations a plan may have: spacing, quotas and counts."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InfeasibleError, SolverError
from siting.locate.clock import Clock
from siting.locate.solver import minimise
from siting.locate.spacing import at_most_one, cliques
from siting.locate.two_stage.task import TransferTask


class StationRules:
    """The conditions on stations, as a test of a mask and as rows of a model."""

    def __init__(self, task: TransferTask) -> None:
        conditions = task.conditions
        self.task = task
        self.choosable = conditions.choosable
        self.open_anyway = task.open_anyway
        # Pairs among existing sites bind nobody; one with a site that is open anyway is not choosable.
        pairs = conditions.too_close
        self.pairs = pairs[self.choosable[pairs].all(axis=1)] if len(pairs) else pairs
        is_new = np.ones(task.shape[1], dtype=bool)
        is_new[conditions.existing] = False
        self.is_new = is_new
        self.most = int(is_new.sum()) if conditions.p is None else conditions.p
        self.least = task.n_least
        groups = at_most_one(cliques(self.pairs, task.shape[1]), task.shape[1])
        self.groups = groups
        by_station = sparse.csr_array(groups.T)
        self._begin, self._group = by_station.indptr, by_station.indices
        self.quotas = [
            (quota.members, quota.least, len(quota.members) if quota.most is None else quota.most)
            for quota in conditions.quotas
        ]

    def allows(self, stations: NDArray[np.bool_]) -> bool:
        """Say whether these may be the open stations; what is open anyway must be among them."""
        n_new = int(stations[self.is_new].sum())
        if not self.least <= n_new <= self.most:
            return False
        if len(self.pairs) and not self._apart(stations):
            return False
        return all(least <= int(stations[members].sum()) <= most for members, least, most in self.quotas)

    def _apart(self, stations: NDArray[np.bool_]) -> bool:
        """Say whether no two of these are too close to each other."""
        here = np.flatnonzero(stations)
        found = np.concatenate([self._group[self._begin[j] : self._begin[j + 1]] for j in here] or [self._group[:0]])
        return len(np.unique(found)) == len(found)

    def rows(self) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64]]:
        """Return the conditions as rows over all stations, with their lower and upper limits."""
        m = self.task.shape[1]
        n_groups = self.groups.shape[0]
        row = np.zeros((1 + len(self.quotas), m))
        row[0, self.is_new] = 1.0
        for at, (members, _, _) in enumerate(self.quotas):
            row[1 + at, members] = 1.0
        matrix = sparse.csr_array(sparse.vstack([self.groups, sparse.csr_array(row)], format="csr"))
        lower = [*[-np.inf] * n_groups, float(self.least), *[float(q[1]) for q in self.quotas]]
        upper = [*[1.0] * n_groups, float(self.most), *[float(q[2]) for q in self.quotas]]
        return matrix, np.array(lower), np.array(upper)

    def limits(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return 0/1 limits of each station."""
        return self.open_anyway.astype(np.float64), (self.open_anyway | self.choosable).astype(np.float64)

    def nearest(self, wanted: NDArray[np.float64], clock: Clock) -> NDArray[np.bool_]:
        """Return the allowed stations of largest sum of ``wanted``, with room for everything if there is no direct way.

        Raises
        ------
        InfeasibleError
            There are none; the message says whether room or conditions are to blame.
        """
        task, m = self.task, self.task.shape[1]
        matrix, lower, upper = self.rows()
        low, high = self.limits()
        total = int(task.supply.sum())
        room = task.station_capacity.astype(np.float64) / total
        straight = bool(np.isfinite(task.direct).any())
        rows = sparse.csr_array(sparse.vstack([matrix, sparse.csr_array(room[None, :])], format="csr"))
        for need in [-np.inf] if straight else [1.0, -np.inf]:
            answer = minimise(
                -wanted, rows, np.append(lower, need), np.append(upper, np.inf), col_lower=low, col_upper=high,
                integral=np.ones(m, dtype=bool), time_limit_s=max(0.5, clock.left_s), seed=clock.seed,
            )  # fmt: skip
            if answer.x is not None:
                found: NDArray[np.bool_] = answer.x > 0.5
                if need == -np.inf and not straight:
                    self._refuse_room(matrix, lower, upper, clock)
                return found
            if answer.status != "infeasible":
                msg = f"transfer: no choice of stations after {clock.time_limit_s:g} s; raise time_limit_s"
                raise SolverError(msg)
        msg = (
            "transfer: no choice of stations meets spacing, quotas, p and min_sites together; lower the spacing, a "
            "quota or min_sites, or raise p"
        )
        raise InfeasibleError(msg)

    def _refuse_room(
        self, matrix: sparse.csr_array, lower: NDArray[np.float64], upper: NDArray[np.float64], clock: Clock
    ) -> None:
        """Say how much room the conditions allow, and how many stations would do."""
        task, per = self.task, self.task.units.per_weight
        low, high = self.limits()
        room = task.station_capacity.astype(np.float64)
        total = int(task.supply.sum())
        whole = np.ones(len(low), dtype=bool)
        most = minimise(
            -room / total, matrix, lower, upper, col_lower=low, col_upper=high, integral=whole,
            time_limit_s=max(0.5, clock.left_s), seed=clock.seed,
        )  # fmt: skip
        held = 0 if most.x is None else int(task.station_capacity[most.x > 0.5].sum())
        msg = (
            f"transfer: supply is {total / per:.10g}, but the stations that may be open together hold {held / per:.10g}"
        )
        free = upper.copy()
        free[-1 - len(self.quotas)] = np.inf
        rows = sparse.csr_array(sparse.vstack([matrix, sparse.csr_array(room[None, :] / total)], format="csr"))
        fewest = minimise(
            self.is_new.astype(np.float64), rows, np.append(lower, 1.0), np.append(free, np.inf), col_lower=low,
            col_upper=high, integral=whole, time_limit_s=max(0.5, clock.left_s), seed=clock.seed,
        )  # fmt: skip
        if fewest.x is not None and fewest.status == "optimal":
            raise InfeasibleError(f"{msg}; p = {int((self.is_new & (fewest.x > 0.5)).sum())} would work")
        wider = "" if task.most_share is None else "most_share or "
        raise InfeasibleError(f"{msg}; raise {wider}station_capacity, add candidates, or lower the spacing or quotas")
