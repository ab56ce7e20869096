"""From the best plan of several streams to a stated answer: flows in whole units, costs recomputed from them."""

import math
from collections.abc import Hashable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.answer import state_parameters
from siting.locate.clock import Clock
from siting.locate.result import SitingResult
from siting.locate.solver import solver_version
from siting.locate.streams.flow import Flow, FlowFinder
from siting.locate.streams.search import BestPlan
from siting.locate.streams.sites import SiteRules
from siting.locate.streams.task import StreamsTask
from siting.locate.streams.whole import whole_amounts
from siting.locate.two_stage.answer import TransferFlows

# A bound this near, relative to the value, is the value: solver and sums are no finer.
_NEAR = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamFlows:
    """Who sends how much of which stream where, in the unit of supply.

    Attributes
    ----------
    of : the flows of each stream, by its label
    plants : positions of the plants that take anything, ascending
    """

    of: dict[Hashable, TransferFlows]
    plants: NDArray[np.intp]

    @property
    def station_load(self) -> NDArray[np.float64]:
        """What goes through each station, all streams together."""
        return np.asarray(sum(flows.station_load for flows in self.of.values()), dtype=np.float64)

    @property
    def plant_load(self) -> NDArray[np.float64]:
        """What each plant takes, all streams together."""
        return np.asarray(sum(flows.plant_load for flows in self.of.values()), dtype=np.float64)


def state_answer(
    task: StreamsTask, rules: SiteRules, clock: Clock, finder: FlowFinder, best: BestPlan, stopped: bool
) -> SitingResult:
    """Return the result for the best plan."""
    flow = best.flow
    to_beat = best.value
    stations = _without_idle(rules, flow)
    units = whole_amounts(task, finder, flow)
    used = np.bincount(flow.path[:, 2], weights=units, minlength=task.shape[2]) > 0
    per = task.units.per_weight
    ways = math.fsum((finder.costs(flow.path) * (units / per)).tolist())
    objective = ways + task.opening(stations, used)
    proved = best.bound >= to_beat - _NEAR * max(1.0, abs(to_beat))
    sites = np.flatnonzero(stations & ~task.sites.existing).astype(np.intp)
    flows = _flows(task, flow, units, used)
    gain = _gains(task, finder, flow, stations, sites)
    order = np.lexsort((sites, -gain))
    conditions = task.sites.conditions
    parameters = state_parameters(
        task.costs,
        replace(task.sites.stations, p=conditions.p, too_close=conditions.too_close, quotas=conditions.quotas),
        min_sites=task.sites.n_least,
        most_share=task.most_share,
        streams=task.streams,
        supply_total={
            stream: int(task.amount[task.stream == at].sum()) / per for at, stream in enumerate(task.streams)
        },
        plants=tuple(task.plants[used].tolist()),
        opening_cost=task.opening(stations, used),
        interrupted=stopped or bool(np.isnan(gain).any()),
        solver=solver_version(),
        seed=clock.seed,
        time_limit_s=clock.time_limit_s,
    )
    return SitingResult(
        model="transfer_streams",
        sites=sites,
        site_ids=task.costs.label(sites),
        assignment=_assignment(task, flows),
        objective=objective,
        bound=objective if proved else min(objective, best.bound),
        status="optimal" if proved else "feasible",
        seconds=clock.seconds,
        order=sites[order],
        gain=gain[order],
        parameters=parameters,
        flows=flows,
    )


def _without_idle(rules: SiteRules, flow: Flow) -> NDArray[np.bool_]:
    """Take away stations that nothing goes through, as far as the conditions let them go."""
    stations = flow.stations.copy()
    for j in np.flatnonzero(stations & (flow.station_load() == 0))[::-1]:
        stations[j] = False
        stations[j] = not rules.allows(stations)
    return stations


def _flows(task: StreamsTask, flow: Flow, units: NDArray[np.int64], used: NDArray[np.bool_]) -> StreamFlows:
    _, m, k = task.shape
    n, per = task.costs.n_demand, task.units.per_weight
    row, station, plant = flow.path.T
    source, stream = task.source[row], task.stream[row]
    found: dict[Hashable, TransferFlows] = {}
    for at, label in enumerate(task.streams):
        over, past = (stream == at) & (station >= 0), (stream == at) & (station < 0)
        found[label] = TransferFlows(
            collect=_table(source[over], station[over], units[over], (n, m), per),
            haul=_table(station[over], plant[over], units[over], (m, k), per),
            direct=_table(source[past], plant[past], units[past], (n, k), per),
            plants=np.unique(plant[(stream == at) & (units > 0)]).astype(np.intp),
        )
    return StreamFlows(of=found, plants=np.flatnonzero(used).astype(np.intp))


def _table(row: Any, column: Any, units: NDArray[np.int64], shape: tuple[int, int], per: float) -> sparse.csr_array:
    some = units > 0
    table = sparse.csr_array(sparse.coo_array((units[some], (row[some], column[some])), shape=shape))
    return sparse.csr_array((table.data / per, table.indices, table.indptr), shape=shape)


def _assignment(task: StreamsTask, flows: StreamFlows) -> NDArray[np.intp]:
    """Return the station that takes most of each source, all streams together."""
    n, (_, m, k) = task.costs.n_demand, task.shape
    collect = sparse.csr_array((n, m))
    direct = sparse.csr_array((n, k))
    for flow in flows.of.values():
        collect, direct = collect + flow.collect, direct + flow.direct
    found = np.full(n, -1, dtype=np.intp)
    past = direct.toarray().max(axis=1, initial=0.0)
    collect.sort_indices()
    for i in range(n):
        a, b = collect.indptr[i], collect.indptr[i + 1]
        if b > a:
            at = int(np.argmax(collect.data[a:b]))
            if collect.data[a + at] > 0 and collect.data[a + at] >= past[i]:
                found[i] = collect.indices[a + at]
    return found


def _gains(
    task: StreamsTask, finder: FlowFinder, flow: Flow, stations: NDArray[np.bool_], sites: NDArray[np.intp]
) -> NDArray[np.float64]:  # fmt: skip
    """Return for each site what the plan would cost more without it, all flows being recomputed.

    The other stations stay as they are, an existing one that was enlarged goes back, and plants that cost something
    stay open or closed; ``inf`` where the rest cannot take everything, NaN after Ctrl-C. Conditions on stations play no
    part.
    """
    base = flow.ways + task.opening(stations, np.zeros(task.shape[2], dtype=bool))
    base += math.fsum(task.plant_cost[flow.plant_load() > 0])
    gain = np.full(len(sites), np.inf)
    for at, j in enumerate(sites):
        rest = stations.copy()
        rest[j] = False
        rest |= task.sites.existing & (task.sites.of == task.sites.of[j])
        try:
            found = finder.cheapest(rest, flow.plants, flow)
        except KeyboardInterrupt:
            # The plan stands; what is not known of it stays unknown.
            gain[at:] = np.nan
            break
        if found.unsent == 0:
            gain[at] = found.value - base
    return gain
