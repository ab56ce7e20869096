"""Why not everything can be taken away: which stream, how much of it, and what would help."""

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InfeasibleError, SolverError
from siting.locate.clock import Clock
from siting.locate.solver import minimise
from siting.locate.streams.flow import FlowFinder
from siting.locate.streams.sites import SiteRules
from siting.locate.streams.task import StreamsTask

_NAME = "transfer_streams"


def refuse_hopeless(task: StreamsTask, rules: SiteRules) -> None:
    """Refuse what cannot be taken away whatever is opened.

    Raises
    ------
    InfeasibleError
        A stream has sources without any way, or the plants that take it have too little room; the message says how much
        of it.
    """
    rules.refuse_empty()
    plants = task.plant_capacity > 0
    useful = rules.may & (task.station_capacity > 0)
    leads = np.asarray(np.isfinite(task.haul[:, :, plants]).any(axis=2))
    reached = (np.isfinite(task.collect) & useful & leads[task.stream]).any(axis=1)
    reached |= np.isfinite(task.direct[:, plants]).any(axis=1)
    lost = ~np.asarray(reached)
    if lost.any():
        told = []
        for at, stream in enumerate(task.streams):
            rows = np.flatnonzero(lost & (task.stream == at))
            if len(rows):
                named = task.costs.rows[task.source[rows[:3]]].tolist()
                told.append(f"{_amount(task, rows)} of {stream} at {len(rows)} sources ({named})")
        raise InfeasibleError(
            f"{_NAME}: no way over a station that may be open to a plant that takes it for {'; '.join(told)}; add "
            "candidates, ways or plants for it, give direct_cost, or drop these sources"
        )
    _refuse_full_plants(task, useful)


def _amount(task: StreamsTask, rows: NDArray[np.intp]) -> str:
    return f"{int(task.amount[rows].sum()) / task.units.per_weight:.10g}"


def _refuse_full_plants(task: StreamsTask, useful: NDArray[np.bool_]) -> None:
    """Refuse streams for which the plants that take them have too little room together."""
    n_streams, k = len(task.streams), task.shape[2]
    total = np.bincount(task.stream, weights=task.amount, minlength=n_streams)
    takes: NDArray[np.bool_] = np.array(np.isfinite(task.haul[:, useful]).any(axis=1))
    for at in range(n_streams):
        takes[at] |= np.isfinite(task.direct[task.stream == at]).any(axis=0)
    s, q = np.nonzero(takes)
    column, every = np.arange(len(s)), np.arange(n_streams)
    entries = (np.concatenate([s, every, n_streams + q]), np.concatenate([column, len(s) + every, column]))
    matrix = sparse.csr_array(
        sparse.coo_array((np.ones(len(entries[0])), entries), shape=(n_streams + k, len(s) + n_streams))
    )
    scale = float(total.sum())
    answer = minimise(
        np.concatenate([np.zeros(len(s)), np.ones(n_streams)]), matrix,
        np.concatenate([total / scale, np.full(k, -np.inf)]), np.concatenate([total, task.plant_capacity]) / scale,
        col_lower=np.zeros(len(s) + n_streams), col_upper=np.full(len(s) + n_streams, np.inf),
        integral=np.zeros(len(s) + n_streams, dtype=bool), time_limit_s=60.0,
    )  # fmt: skip
    if answer.x is None:
        return
    left = answer.x[len(s) :] * scale / task.units.per_weight
    if left.sum() * task.units.per_weight <= 1e-9 * scale:
        return
    told = []
    per = task.units.per_weight
    for at in np.flatnonzero(left > 1e-9 * scale / per).tolist():
        where = task.plants[takes[at]].tolist()
        told.append(f"{left[at]:.6g} of {total[at] / per:.10g} of {task.streams[at]} (plants {where})")
    held = int(task.plant_capacity.sum()) / per
    raise InfeasibleError(
        f"{_NAME}: supply is {scale / per:.10g} and the plants hold {held:.10g}, but there is no room in the plants "
        f"that take it for {'; '.join(told)}; raise plant_capacity, or add plants for it"
    )


def refuse_choice(task: StreamsTask, rules: SiteRules, clock: Clock) -> InfeasibleError | SolverError:
    """Return the error that says why no choice of stations meets the conditions and has room enough."""
    matrix, lower, upper = rules.rows()
    low, high = rules.limits()
    whole = np.ones(len(low), dtype=bool)
    per, total, need = task.units.per_weight, task.total, task.through_stations
    room = task.station_capacity / total
    limit = max(0.5, clock.left_s)
    most = minimise(
        -room, matrix, lower, upper, col_lower=low, col_upper=high, integral=whole, time_limit_s=limit, seed=clock.seed
    )
    if most.status == "infeasible":
        return InfeasibleError(
            f"{_NAME}: no choice of stations meets spacing, quotas, p and min_sites together; lower the spacing, a "
            "quota or min_sites, or raise p"
        )
    held = 0 if most.x is None else int(task.station_capacity[most.x > 0.5].sum())
    if most.x is None or most.status != "optimal" or held >= need:
        return SolverError(f"{_NAME}: no choice of stations after {clock.time_limit_s:g} s; raise time_limit_s")
    msg = (
        f"{_NAME}: {need / per:.10g} must go through stations, but those that may be open together hold "
        f"{held / per:.10g}"
    )
    free = upper.copy()
    free[-1 - len(rules.quotas)] = np.inf
    rows = sparse.csr_array(sparse.vstack([matrix, sparse.csr_array(room[None, :])], format="csr"))
    counted = rules.is_new[rules.sites.of].astype(np.float64)
    fewest = minimise(
        counted, rows, np.append(lower, need / total), np.append(free, np.inf), col_lower=low, col_upper=high,
        integral=whole, time_limit_s=limit, seed=clock.seed,
    )  # fmt: skip
    if fewest.x is not None and fewest.status == "optimal":
        return InfeasibleError(f"{msg}; p = {int(counted[fewest.x > 0.5].sum())} would work")
    wider = "" if task.most_share is None else "most_share or "
    return InfeasibleError(
        f"{msg}; raise {wider}station_capacity, add candidates or versions, or lower the spacing or quotas"
    )


def refuse_flow(task: StreamsTask, rules: SiteRules, finder: FlowFinder, proved: bool, clock: Clock) -> Exception:
    """Return the error that says which streams find no room even with every station open, as far as that is so."""
    flow = finder.cheapest(rules.may, np.ones(task.shape[2], dtype=bool))
    if flow.unsent > 0:
        sent = np.zeros(task.shape[0])
        np.add.at(sent, flow.path[:, 0], flow.amount)
        left = np.maximum(0.0, finder.supply - sent)
        told = []
        for at, stream in enumerate(task.streams):
            of = float(left[task.stream == at].sum())
            if of > 1e-9 * finder.total:
                told.append(f"{of:.6g} of {stream}")
        return InfeasibleError(
            f"{_NAME}: even with every station open there is no room where the ways lead for {'; '.join(told)}; raise "
            "capacities, or add candidates or ways"
        )
    if proved:
        return InfeasibleError(
            f"{_NAME}: no choice of stations takes everything to the plants, for lack of capacity where the ways lead; "
            "raise p or capacities, or add candidates or ways"
        )
    return SolverError(f"{_NAME}: no plan after {clock.time_limit_s:g} s; raise time_limit_s, or give more room")
