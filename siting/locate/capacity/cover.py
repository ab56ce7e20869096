"""Maximal covering with capacities: serving costs nothing, what stays unserved costs its weight."""

import dataclasses
import math

import numpy as np
from numpy.typing import NDArray

from siting.locate.answer import Units
from siting.locate.capacity.answer import send_back, state_answer
from siting.locate.capacity.best import Found
from siting.locate.capacity.instance import AWAY, Hosts, make_hosts
from siting.locate.capacity.search import search
from siting.locate.capacity.transport import spread, transport
from siting.locate.capacity.versions import Versions
from siting.locate.clock import Clock
from siting.locate.conditions import Conditions
from siting.locate.costs import Costs
from siting.locate.result import SitingResult


def solve_cover(
    costs: Costs, weight: NDArray[np.float64], limit: float, versions: Versions, conditions: Conditions, clock: Clock,
    *, single: bool,
) -> SitingResult:  # fmt: skip
    """Search and state the answer.

    Raises
    ------
    InfeasibleError
        Conditions that no plan meets.
    """
    free = dataclasses.replace(versions, price=np.zeros(len(versions.site)))
    hosts, units = make_hosts(costs, weight, free, conditions, single=single, unassigned=1.0, limit=limit)
    told = clock.turned(int(units.units.sum()) / units.per_weight, units.per_weight)
    found = search(hosts, told, units.per_weight, len(conditions.required))
    flow = _nearest(costs, hosts, units, found, limit)
    sent = send_back(costs, weight, hosts, units, found.is_open, flow)
    load = np.asarray(sent.flows.sum(axis=0)).ravel()
    columns = np.flatnonzero(found.is_open & (hosts.ids != AWAY))
    opened = np.array(
        [versions.smallest(k, load[versions.site[k]]) for k in hosts.version[columns].tolist()], dtype=np.intp
    )
    total, missed = int(units.units.sum()), round(found.value)
    least = _at_least(hosts, found)
    objective = (total - missed) / units.per_weight if units.exact else math.fsum(sent.flows.data)
    bound = objective if found.proved or least >= missed else max(objective, units.upper(total - least))
    return state_answer(
        "capacitated_cover", costs, conditions, clock, versions, opened, found, sent, objective, bound, limit=limit
    )


def _at_least(hosts: Hosts, found: Found) -> int:
    """Units that stay unserved in every plan."""
    least = max(0.0, found.bound - 1e-9 * abs(found.bound))
    step = max(1.0, hosts.step)
    return int(math.ceil(least / step) * step)


def _nearest(costs: Costs, hosts: Hosts, units: Units, found: Found, limit: float) -> NDArray[np.int64]:
    """Serve as much from the same sites, by the nearest where rows may be split."""
    rows = np.flatnonzero(hosts.row_of >= 0)
    amount = units.units[rows]
    flow = spread(found.flow, amount, hosts.row_of[rows])
    at = np.flatnonzero(found.is_open)
    if hosts.single or len(rows) == 0:
        return flow
    column = np.full(costs.n_candidates, -1, dtype=np.intp)
    column[hosts.ids[at[hosts.ids[at] != AWAY]]] = np.flatnonzero(hosts.ids[at] != AWAY)
    local = np.full(costs.n_demand, -1, dtype=np.intp)
    local[rows] = np.arange(len(rows))
    row = costs.row_of_entry()
    entry = costs.within(limit) & (local[row] >= 0) & (column[costs.indices] >= 0)
    unit = np.full((len(rows), len(at)), np.inf)
    unit[local[row[entry]], column[costs.indices[entry]]] = costs.cost[entry]
    # Staying away costs more than any chain of moves from site to site could save.
    unit[:, hosts.ids[at] == AWAY] = 2.0 * (len(at) + 1) * max(1.0, float(costs.cost[entry].max(initial=0.0)))
    nearest = transport(unit, amount, hosts.room[at])
    gone = hosts.ids[at] == AWAY
    return flow if nearest is None or nearest[:, gone].sum() != flow[:, gone].sum() else nearest
