"""From a problem with capacities to its answer: flows in whole units, values recomputed from the costs."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.locate.answer import Units, state_parameters
from siting.locate.capacity.best import Found
from siting.locate.capacity.instance import AWAY, Hosts, make_hosts
from siting.locate.capacity.reasons import refuse_early
from siting.locate.capacity.search import search
from siting.locate.capacity.transport import spread
from siting.locate.capacity.versions import Versions
from siting.locate.clock import Clock
from siting.locate.conditions import Conditions, refuse_unreached
from siting.locate.costs import Costs, read_unassigned
from siting.locate.result import SitingResult
from siting.locate.solver import solver_version


def solve_capacitated(
    costs: Costs, weight: NDArray[np.float64], versions: Versions, conditions: Conditions, clock: Clock,
    *, single: bool, unassigned_cost: float | None,
) -> SitingResult:  # fmt: skip
    """Search and state the answer.

    Parameters
    ----------
    weight : shape (n_demand,)
    unassigned_cost : in the caller's unit

    Raises
    ------
    InfeasibleError
        Demand that no site can reach, or no plan within capacity and conditions.
    """
    unassigned = read_unassigned(unassigned_cost, costs)
    hosts, units = make_hosts(costs, weight, versions, conditions, single=single, unassigned=unassigned)
    lost = np.flatnonzero(~np.isfinite(hosts.unit).any(axis=1))
    refuse_unreached(
        "capacitated",
        costs,
        np.flatnonzero(np.isin(hosts.row_of, lost)),
        "Give unassigned_cost, what such weight costs",
    )
    refuse_early(hosts, units.per_weight, len(conditions.required), conditions.p)
    found = search(hosts, clock, units.per_weight, len(conditions.required))
    flow = spread(found.flow, units.units[hosts.row_of >= 0], hosts.row_of[hosts.row_of >= 0])
    sent = send_back(costs, weight, hosts, units, found.is_open, flow)
    bound = found.value if found.proved else min(found.value, found.bound)
    opened = hosts.version[found.is_open & (hosts.ids != AWAY)]
    return state_answer("capacitated", costs, conditions, clock, versions, opened, found, sent, found.value, bound)


@dataclass(frozen=True)
class Served:
    """What each open site serves of each demand row, in the caller's weight.

    Attributes
    ----------
    flows : shape (n_demand, n_candidates)
    away : weight that stays unassigned
    weight : shape (n_demand,)
    """

    flows: sparse.csr_array
    away: float
    weight: NDArray[np.float64]


def send_back(
    costs: Costs, weight: NDArray[np.float64], hosts: Hosts, units: Units, is_open: NDArray[np.bool_],
    flow: NDArray[np.int64],
) -> Served:  # fmt: skip
    """Say in the caller's weight what demand rows with weight send to open columns.

    Parameters
    ----------
    flow : shape (demand rows with weight, open columns), whole units
    """
    row, column = np.nonzero(flow)
    amount, row = flow[row, column], np.flatnonzero(hosts.row_of >= 0)[row]
    # A row that one column serves has its own weight, whatever units it was rounded to.
    sent = np.where(amount == units.units[row], weight[row], amount / units.per_weight)
    site = hosts.ids[np.flatnonzero(is_open)[column]]
    served = site != AWAY
    shape = (costs.n_demand, costs.n_candidates)
    flows = sparse.csr_array((sent[served], (row[served], site[served])), shape=shape)
    return Served(flows=flows, away=math.fsum(sent[~served]), weight=weight)


def state_answer(
    model: str, costs: Costs, conditions: Conditions, clock: Clock, versions: Versions, opened: NDArray[np.intp],
    found: Found, served: Served, objective: float, bound: float, **more: Any,
) -> SitingResult:  # fmt: skip
    """State sites, flows, loads and which version each site has; ``opened`` are positions in ``versions``."""
    every = np.sort(versions.site[opened])
    sites = np.setdiff1d(every, conditions.existing)
    load = np.asarray(served.flows.sum(axis=0)).ravel()
    order = np.array(sorted(sites.tolist(), key=lambda j: (-load[j], costs.rank[j])), dtype=np.intp)
    chosen = {int(versions.site[k]): int(k) for k in opened}
    label = {j: str(costs.columns[j]) for j in chosen}
    if versions.are_named:
        more["size"] = {label[j]: versions.name[chosen[j]] for j in sites.tolist()}
        more["upgraded"] = {
            label[j]: versions.name[chosen[j]]
            for j in every.tolist()
            if j not in sites and not versions.base[chosen[j]]
        }
        more["upgrade_cost"] = math.fsum(versions.price[chosen[j]] for j in every.tolist() if j not in sites)
    parameters = state_parameters(
        costs,
        conditions,
        single_source=found.hosts.single,
        weight_total=math.fsum(served.weight),
        weight_unassigned=served.away,
        opening_cost=math.fsum(versions.price[chosen[j]] for j in sites.tolist()),
        loads={label[j]: float(load[j]) for j in every.tolist()},
        capacities={label[j]: _limit(versions.capacity[chosen[j]]) for j in every.tolist()},
        proof=found.proof,
        interrupted=found.interrupted,
        solver=solver_version(),
        seed=clock.seed,
        time_limit_s=clock.time_limit_s,
        **more,
    )
    return SitingResult(
        model=model,
        sites=sites.astype(np.intp),
        site_ids=costs.label(sites),
        assignment=_assignment(costs, served, every),
        objective=objective,
        bound=bound,
        status="optimal" if bound == objective else "feasible",
        seconds=clock.seconds,
        order=order,
        gain=load[order].astype(np.float64),
        parameters=parameters,
        flows=served.flows,
    )


def _limit(capacity: float) -> float | None:
    return float(capacity) if np.isfinite(capacity) else None


def _assignment(costs: Costs, served: Served, every: NDArray[np.intp]) -> NDArray[np.intp]:
    """Site that serves most of each row, ties to the lowest position; rows without weight go to the nearest."""
    assignment = np.where(served.weight > 0, -1, costs.assign(every))
    flows = served.flows.tocoo()
    order = np.lexsort((flows.col, -flows.data, flows.row))
    row, first = np.unique(flows.row[order], return_index=True)
    assignment[row] = flows.col[order][first]
    return assignment.astype(np.intp)
