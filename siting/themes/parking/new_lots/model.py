"""The model of a plan of car parks for the solver: versions of sites, then ways of cars."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.clock import Clock
from siting.locate.solver import MipAnswer, minimise
from siting.locate.spacing import at_most_one, cliques
from siting.themes.parking.assignment import car_flow
from siting.themes.parking.flow import Longs
from siting.themes.parking.new_lots.asked import Asked, Versions
from siting.themes.parking.new_lots.core import Core

NO_LIMIT = np.inf
Floats = NDArray[np.float64]


class Model:
    """The model for the solver: versions, then ways."""

    def __init__(self, core: Core, versions: Versions, asked: Asked) -> None:
        self.core, self.versions = core, versions
        ways, m = core.ways, len(core.lots)
        site = versions.site[core.keep]
        self.n_version, self.n_way = len(core.keep), len(ways.target)
        columns = self.n_version + self.n_way
        at = self.n_version + np.arange(self.n_way)
        blocks: list[sparse.csr_array] = []
        lower: list[NDArray[np.float64]] = []
        upper: list[NDArray[np.float64]] = []

        def add(rows: Longs, cols: Longs, values: Floats, low: float | Floats, high: Floats) -> None:
            blocks.append(sparse.csr_array(sparse.coo_array((values, (rows, cols)), shape=(len(high), columns))))
            lower.append(np.broadcast_to(np.asarray(low, dtype=np.float64), high.shape))
            upper.append(high)

        one = np.ones(self.n_way)
        add(ways.row, at, one, -NO_LIMIT, core.cars.astype(np.float64))
        # Lots and sites together: sum of ways less what is built there.
        rows = np.concatenate([ways.target, m + site])
        cols = np.concatenate([at, np.arange(self.n_version)])
        values = np.concatenate([one, -core.spaces.astype(np.float64)])
        add(rows, cols, values, -NO_LIMIT, np.concatenate([core.lots, np.zeros(versions.n_site)]).astype(np.float64))
        each = np.arange(self.n_version)
        ones = np.ones(self.n_version)
        add(site, each, ones, versions.required.astype(np.float64), np.ones(versions.n_site))
        zero = np.zeros(self.n_version, dtype=np.int64)
        cost = versions.cost[core.keep]
        if asked.budget is not None and self.n_version:
            unit = max(1, int(np.gcd.reduce(cost)))
            add(zero, each, cost / unit, -NO_LIMIT, np.array([float(asked.budget // unit)]))
        if asked.p is not None:
            add(zero, each, ones, -NO_LIMIT, np.array([float(asked.p)]))
        groups = cliques(versions.too_close, versions.n_site)
        if groups:
            apart = at_most_one(groups, versions.n_site)[:, site].tocoo()
            add(apart.row.astype(np.int64), apart.col.astype(np.int64), apart.data.astype(np.float64), -NO_LIMIT,
                np.ones(len(groups)))  # fmt: skip
        self.matrix = sparse.csr_array(sparse.vstack(blocks, format="csr"))
        self.lower, self.upper = np.concatenate(lower), np.concatenate(upper)
        self.flow_row = np.concatenate([np.zeros(self.n_version), np.ones(self.n_way)])
        self.most = np.minimum(core.cars[ways.row], core.cars.max(initial=0)).astype(np.float64)

    def solve(self, cost: NDArray[np.float64], clock: Clock, start: Longs | None, want: int | None) -> MipAnswer:
        """Minimise; with ``want``, at least so many cars more must park."""
        if not len(cost):
            met = (want or 0) <= 0 and not self.versions.required.any()
            return MipAnswer(status="optimal" if met else "infeasible", x=cost, bound=0.0, seconds=0.0)
        matrix, lower, upper = self.matrix, self.lower, self.upper
        if want is not None:
            matrix = sparse.csr_array(sparse.vstack([matrix, sparse.csr_array(self.flow_row[None, :])], format="csr"))
            lower, upper = np.append(lower, float(want + self.core.parked)), np.append(upper, NO_LIMIT)
        integral = np.arange(self.n_version + self.n_way) < self.n_version
        value = abs(float(cost @ self.start(start))) if start is not None else 1.0
        return minimise(
            cost, matrix, lower, upper,
            col_lower=np.zeros(len(cost)), col_upper=np.concatenate([np.ones(self.n_version), self.most]),
            integral=integral, start=None if start is None else self.start(start),
            time_limit_s=clock.left_s, abs_gap=max(1 - 1e-3, clock.mip_gap * value), seed=clock.seed,
        )  # fmt: skip

    def start(self, chosen: Longs) -> NDArray[np.float64]:
        """Return a choice with its greatest flow, as columns."""
        core, at = self.core, np.searchsorted(self.core.keep, chosen)
        of_site = np.zeros(self.versions.n_site, dtype=np.int64)
        of_site[self.versions.site[chosen]] = core.spaces[at]
        flow = car_flow(core.ways, core.cars, np.concatenate([core.lots, of_site]))
        flow.settle()
        built = np.zeros(self.n_version)
        built[at] = 1.0
        return np.concatenate([built, flow.ways.astype(np.float64)])

    def read(self, answer: MipAnswer, start: Longs | None) -> Longs | None:
        """Versions of an answer, or those of the start where there is none."""
        if answer.x is None or answer.status == "infeasible":
            return None if answer.status == "infeasible" else start
        return self.core.keep[np.flatnonzero(answer.x[: self.n_version] > 0.5)]
