"""From a problem with capacities to its answer: flows in whole units, values recomputed from the costs."""

import math

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InfeasibleError
from siting.locate.answer import Units, state_parameters
from siting.locate.capacity.best import Found
from siting.locate.capacity.instance import AWAY, Hosts, make_hosts
from siting.locate.capacity.reasons import refuse_early
from siting.locate.capacity.search import search
from siting.locate.clock import Clock
from siting.locate.conditions import Conditions
from siting.locate.costs import Costs, read_unassigned
from siting.locate.result import SitingResult
from siting.locate.solver import solver_version

_NAMED = 10


def solve_capacitated(
    costs: Costs, weight: NDArray[np.float64], capacity: NDArray[np.float64], price: NDArray[np.float64],
    conditions: Conditions, clock: Clock, *, single: bool, unassigned_cost: float | None,
) -> SitingResult:  # fmt: skip
    """Search and state the answer.

    Parameters
    ----------
    weight : shape (n_demand,)
    capacity, price : shape (n_candidates,), in the caller's terms
    unassigned_cost : in the caller's unit

    Raises
    ------
    InfeasibleError
        Demand that no site can reach, or no plan within capacity and conditions.
    """
    unassigned = read_unassigned(unassigned_cost, costs)
    hosts, units = make_hosts(costs, weight, capacity, price, conditions, single=single, unassigned=unassigned)
    _refuse_unreachable(costs, hosts)
    refuse_early(hosts, units.per_weight, len(conditions.required), conditions.p)
    found = search(hosts, clock, units.per_weight, len(conditions.required))
    return _answer(costs, weight, price, conditions, clock, hosts, units, found)


def _refuse_unreachable(costs: Costs, hosts: Hosts) -> None:
    lost = hosts.rows[~np.isfinite(hosts.unit).any(axis=1)]
    if len(lost):
        named = ", ".join(str(label) for label in costs.rows[lost[:_NAMED]])
        cutoff = f" within the cutoff of {costs.cutoff:g} {costs.unit}" if np.isfinite(costs.cutoff) else ""
        msg = (
            f"capacitated: {len(lost)} of {costs.n_demand} demand rows are reached by no site that may be open{cutoff} "
            f"({named}{', …' if len(lost) > _NAMED else ''}). Give unassigned_cost, what such weight costs; or raise "
            "the cutoff, add candidates there, or drop these rows"
        )
        raise InfeasibleError(msg)


def _answer(
    costs: Costs, weight: NDArray[np.float64], price: NDArray[np.float64], conditions: Conditions, clock: Clock,
    hosts: Hosts, units: Units, found: Found,
) -> SitingResult:  # fmt: skip
    row, column = np.nonzero(found.flow)
    amount = found.flow[row, column]
    served = hosts.ids[column] != AWAY
    # A row that one column serves has its own weight, whatever units it was rounded to.
    whole = amount == hosts.amount[row]
    sent = np.where(whole, weight[hosts.rows[row]], amount / units.per_weight)
    every = np.flatnonzero(found.is_open & (hosts.ids != AWAY))
    existing = np.isin(hosts.ids[every], conditions.existing)
    sites = np.sort(hosts.ids[every[~existing]])
    objective = found.value
    bound = objective if found.proved else min(objective, found.bound)
    flows = sparse.csr_array(
        (sent[served], (hosts.rows[row[served]], hosts.ids[column[served]])),
        shape=(costs.n_demand, costs.n_candidates),
    )
    load = np.bincount(hosts.ids[column[served]], weights=sent[served], minlength=costs.n_candidates)
    order = np.array(sorted(sites.tolist(), key=lambda j: (-load[j], costs.rank[j])), dtype=np.intp)
    parameters = state_parameters(
        costs,
        conditions,
        single_source=hosts.single,
        weight_total=math.fsum(weight),
        weight_unassigned=math.fsum(sent[~served]),
        opening_cost=math.fsum(price[sites]),
        loads={str(costs.columns[j]): float(load[j]) for j in np.sort(hosts.ids[every])},
        proof=found.proof,
        interrupted=found.interrupted,
        solver=solver_version(),
        seed=clock.seed,
        time_limit_s=clock.time_limit_s,
    )
    return SitingResult(
        model="capacitated",
        sites=sites.astype(np.intp),
        site_ids=costs.label(sites),
        assignment=_assignment(costs, hosts, found, np.sort(hosts.ids[every]), weight),
        objective=objective,
        bound=bound,
        status="optimal" if bound == objective else "feasible",
        seconds=clock.seconds,
        order=order,
        gain=load[order].astype(np.float64),
        parameters=parameters,
        flows=flows,
    )


def _assignment(
    costs: Costs, hosts: Hosts, found: Found, every: NDArray[np.intp], weight: NDArray[np.float64]
) -> NDArray[np.intp]:
    """Site that serves most of each row, ties to the lowest position; rows without weight go to the nearest."""
    nearest = costs.assign(every)
    assignment = np.where(weight > 0, -1, nearest)
    real = np.flatnonzero(hosts.ids != AWAY)
    if len(real) and hosts.n_rows:
        real = real[np.argsort(hosts.ids[real], kind="stable")]
        sent = found.flow[:, real]
        most = sent.argmax(axis=1)
        assignment[hosts.rows] = np.where(sent.max(axis=1) > 0, hosts.ids[real[most]], -1)
    return assignment.astype(np.intp)
