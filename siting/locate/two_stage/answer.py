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
from siting.locate.two_stage.gains import station_gains, ways_cost
from siting.locate.two_stage.rules import StationRules
from siting.locate.two_stage.search import TransferSearch
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
    task: TransferTask, rules: StationRules, clock: Clock, search: TransferSearch, stopped: bool
) -> SitingResult:
    """Return the result for the best plan."""
    best, whole = search.best, search.whole
    assert best is not None
    # Ctrl-C may have come in the middle of a change of the flow.
    flow = TransferFlow(task) if stopped else search.flow
    free = task.plant_cost == 0
    if whole is None or whole.best is None:
        flow.open(best.stations, best.plants)
        stations, units, plants, usable = _without_idle(rules, flow), flow.tables(), flow.loads()[1] > 0, best.plants
    else:
        stations, units, plants = whole.best.stations, whole.best.tables, whole.best.plants
        usable = plants | free
    objective = ways_cost(task, flow.is_whole, units) + task.opening(stations, plants)
    proved = best.bound >= search.to_beat - _NEAR * max(1.0, abs(search.to_beat))
    sites = np.flatnonzero(stations & rules.is_new).astype(np.intp)
    collect, haul, direct = units
    per = task.units.per_weight
    most = collect.argmax(axis=1)
    share = collect[np.arange(len(collect)), most]
    flows = TransferFlows(
        collect=sparse.csr_array(collect / per),
        haul=sparse.csr_array(haul / per),
        direct=sparse.csr_array(direct / per),
        plants=np.flatnonzero(plants).astype(np.intp),
    )
    gain = station_gains(task, flow, whole, stations, usable, sites, objective)
    order = np.lexsort((sites, -gain))
    parameters = state_parameters(
        task.costs,
        task.conditions,
        min_sites=task.n_least,
        single_source=task.single,
        most_share=task.most_share,
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
        order=sites[order],
        gain=gain[order],
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


def refuse_whole(task: TransferTask) -> InfeasibleError:
    """Return the error that says why nothing can be sent where sources go as a whole."""
    reached = np.isfinite(task.collect).any(axis=1) | np.isfinite(task.direct).any(axis=1)
    lost = np.flatnonzero(~np.asarray(reached) & (task.supply > 0))
    cause = "the rooms of stations and plants cannot be filled with whole sources"
    if len(lost):
        named: list[Any] = task.costs.rows[lost[:5]].tolist()
        cause = f"{len(lost)} of {task.shape[0]} sources have no way to a station or plant that holds them ({named})"
    return InfeasibleError(
        f"transfer: {cause}, each going to one place; raise capacities, or let sources be split (single_source=False)"
    )
