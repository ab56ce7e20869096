"""The search for a problem with capacities: a bound that leaves columns out, plans, and branching or the solver."""

import math

import numpy as np
from numpy.typing import NDArray

from siting.errors import SolverError
from siting.locate.capacity_best import Found, send, whole_flow
from siting.locate.capacity_branch import Tree
from siting.locate.capacity_dual import row_bounds
from siting.locate.capacity_instance import Hosts
from siting.locate.capacity_model import solve_hosts
from siting.locate.capacity_node import Node, Relaxed
from siting.locate.capacity_plans import Plans
from siting.locate.capacity_reasons import refuse
from siting.locate.clock import Clock

SMALL = 1_500
"""Up to so many pairs of row and column, the solver does it all."""
_TURNS, _STEPS = 12, 60
_SHAKES = 40
_AGREED = 1e-6


def search(hosts: Hosts, clock: Clock, per_weight: float, required: int) -> Found:
    """Find a plan and prove it, as far as the time goes.

    Raises
    ------
    InfeasibleError
        There is none.
    SolverError
        None was found in time.
    """
    best = Found(hosts, clock)
    try:
        _search(best, per_weight, required)
    except KeyboardInterrupt:
        if not math.isfinite(best.value):
            raise
        best.interrupted = True
    if not math.isfinite(best.value):
        msg = f"no plan that serves all was found within {clock.time_limit_s:g} s; raise time_limit_s"
        raise SolverError(msg)
    return best


def _search(best: Found, per_weight: float, required: int) -> None:
    hosts, clock = best.hosts, best.clock
    if hosts.unit.size <= SMALL:
        if _solve(best, best.cut):
            refuse(hosts, clock, per_weight, required)
        return
    relaxed = Relaxed(hosts)
    plans = Plans(relaxed, best)
    root = relaxed.root()
    for turn in range(_TURNS):
        plans.around(root.mean)
        relaxed.climb(root, best.cut, _STEPS)
        best.raise_bound(root.bound, "Lagrangian bound")
        if best.is_over:
            return
        if not relaxed.leave_out(root, best.cut):
            best.raise_bound(best.value, "Lagrangian bound, columns decided one by one")
            return
        plans.better(root.best_v, _SHAKES if hosts.single else 0)
        if turn and root.theta < 1e-2:
            break
    plans.around(root.mean)
    if best.is_over or (math.isfinite(best.value) and not relaxed.leave_out(root, best.cut)):
        best.raise_bound(best.value, "Lagrangian bound, columns decided one by one")
        return
    if not math.isfinite(best.value):
        if _solve(best, best.cut):
            refuse(hosts, clock, per_weight, required)
        return
    if hosts.single:
        _solve(best, best.cut, relaxed, root)
    else:
        Tree(relaxed, plans, best).run(root)


def _solve(best: Found, cut: float, relaxed: Relaxed | None = None, node: Node | None = None) -> bool:
    """Solve what the bound leaves by the solver; True if there is no plan at all."""
    hosts, clock = best.hosts, best.clock
    keep: NDArray[np.bool_] | None = None
    lower = upper = known = None
    if relaxed is not None and node is not None:
        bounds = np.empty(relaxed.cost.shape)
        row_bounds(*relaxed.given, node.state, relaxed.left(node), hosts.single, node.best_v, bounds)
        keep = (bounds < cut).T
        lower, upper = node.state == 1, node.state >= 0
        known = (best.is_open, best.flow / hosts.amount[:, None])
        if (best.flow[~keep] > 0).any() or not upper[best.is_open].all() or not best.is_open[lower].all():
            known = None

    def tell(value: float, bound: float) -> None:
        clock.tell(min(value, best.value), min(max(bound, best.bound), best.value))

    solved = solve_hosts(
        hosts, clock, keep=keep, lower=lower, upper=upper, known=known, tell=tell,
        abs_gap=clock.mip_gap * max(1.0, abs(best.value)) if math.isfinite(best.value) else 0.0,
    )  # fmt: skip
    if solved.impossible and not math.isfinite(best.value):
        return True
    name = "HiGHS" if relaxed is None else "HiGHS on what the Lagrangian bound left"
    if solved.is_open is not None and solved.column is not None:
        flow = whole_flow(hosts, solved.column) if hosts.single else send(hosts, solved.is_open)
        if flow is not None:
            best.offer(flow, solved.is_open)
    best.raise_bound(min(solved.bound, cut), name)
    if solved.proved and not solved.impossible and best.value <= solved.value + _AGREED * abs(solved.value):
        best.raise_bound(best.value, name)
    return False
