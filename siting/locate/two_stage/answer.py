"""From the best transfer plan to a stated answer: flows in whole units, costs recomputed from them."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InfeasibleError
from siting.locate.answer import state_parameters
from siting.locate.clock import Clock
from siting.locate.result import SitingResult
from siting.locate.solver import solver_version
from siting.locate.two_stage.flow import TransferFlow
from siting.locate.two_stage.rules import StationRules
from siting.locate.two_stage.search import BestPlan
from siting.locate.two_stage.task import TransferTask

# A bound this near, relative to the value, is the value: solver and sums are no finer.
_NEAR = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFlows:
    """Who sends how much where, in the unit of supply.

    Attributes
    ----------
    collect : shape (n_sources, n_stations)
    haul : shape (n_stations, n_plants)
    direct : shape (n_sources, n_plants)
    plants : positions of the plants that take anything, ascending
    """

    collect: sparse.csr_array
    haul: sparse.csr_array
    direct: sparse.csr_array
    plants: NDArray[np.intp]

    @property
    def station_load(self) -> NDArray[np.float64]:
        """What goes through each station."""
        return np.asarray(self.collect.sum(axis=0), dtype=np.float64)

    @property
    def plant_load(self) -> NDArray[np.float64]:
        """What each plant takes."""
        return np.asarray(self.haul.sum(axis=0) + self.direct.sum(axis=0), dtype=np.float64)


def state_answer(
    task: TransferTask, rules: StationRules, clock: Clock, flow: TransferFlow, best: BestPlan, stopped: bool
) -> SitingResult:
    """Return the result for the best plan."""
    flow.open(best.stations, best.plants)
    stations = _without_idle(rules, flow)
    units = flow.tables()
    per = task.units.per_weight
    plants = flow.loads()[1] > 0
    objective = _ways_cost(task, flow, units) + task.opening(stations, plants)
    proved = best.bound >= best.value - _NEAR * max(1.0, abs(best.value))
    sites = np.flatnonzero(stations & rules.is_new).astype(np.intp)
    collect, haul, direct = units
    most = collect.argmax(axis=1)
    share = collect[np.arange(len(collect)), most]
    flows = TransferFlows(
        collect=sparse.csr_array(collect / per),
        haul=sparse.csr_array(haul / per),
        direct=sparse.csr_array(direct / per),
        plants=np.flatnonzero(plants).astype(np.intp),
    )
    parameters = state_parameters(
        task.costs,
        task.conditions,
        min_sites=task.n_least,
        plants=tuple(task.plants[plants].tolist()),
        supply_total=math.fsum(task.units.weight),
        opening_cost=task.opening(stations, plants),
        interrupted=stopped,
        solver=solver_version(),
        seed=clock.seed,
        time_limit_s=clock.time_limit_s,
    )
    return SitingResult(
        model="transfer",
        sites=sites,
        site_ids=task.costs.label(sites),
        assignment=np.where((share > 0) & (share >= direct.max(axis=1, initial=0)), most, -1).astype(np.intp),
        objective=objective,
        bound=objective if proved else min(objective, best.bound),
        status="optimal" if proved else "feasible",
        seconds=clock.seconds,
        parameters=parameters,
        flows=flows,
    )


def _without_idle(rules: StationRules, flow: TransferFlow) -> NDArray[np.bool_]:
    """Take away stations that nothing goes through, as far as the conditions let them go."""
    stations = flow.stations.copy()
    loads = flow.loads()[0]
    for j in np.flatnonzero(stations & (loads == 0) & rules.choosable)[::-1]:
        stations[j] = False
        stations[j] = not rules.allows(stations)
    return stations


def _ways_cost(task: TransferTask, flow: TransferFlow, units: tuple[NDArray[np.int64], ...]) -> float:
    per, total, parts = task.units.per_weight, 0, []
    for table, amount in zip((task.collect, task.haul, task.direct), units, strict=True):
        used = amount > 0
        if flow.is_whole:
            milli = np.rint(table[used] * 1000).astype(np.int64)
            total += sum(a * c for a, c in zip(amount[used].tolist(), milli.tolist(), strict=True))
        else:
            parts += (table[used] * (amount[used] / per)).tolist()
    return total / (1000 * per) if flow.is_whole else math.fsum(parts)


def refuse(task: TransferTask, rules: StationRules) -> InfeasibleError:
    """Return the error that says why nothing can be sent."""
    per, total = task.units.per_weight, int(task.supply.sum())
    plants, usable = task.plant_capacity > 0, rules.limits()[1] > 0
    held = int(task.plant_capacity.sum())
    if held < total:
        return InfeasibleError(
            f"transfer: supply is {total / per:.10g}, but the plants hold {held / per:.10g}; raise plant_capacity or "
            "add plants"
        )
    useful = usable & (task.station_capacity > 0) & np.isfinite(task.haul[:, plants]).any(axis=1)
    reached = np.isfinite(task.collect[:, useful]).any(axis=1) | np.isfinite(task.direct[:, plants]).any(axis=1)
    lost = np.flatnonzero(~np.asarray(reached) & (task.supply > 0))
    if len(lost):
        named: list[Any] = task.costs.rows[lost[:5]].tolist()
        return InfeasibleError(
            f"transfer: {len(lost)} of {task.shape[0]} sources have no way over a station that may be open to a plant "
            f"({named}); add candidates or ways there, raise the cutoff, give direct_cost, or drop them"
        )
    return InfeasibleError(
        "transfer: no choice of stations takes everything to the plants, for lack of capacity where the ways lead; "
        "raise p or capacities, or add candidates or ways"
    )
