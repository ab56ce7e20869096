"""The search for a problem with capacities: a bound that leaves columns out, plans, and branching or the solver."""

import math

import numpy as np
from numpy.typing import NDArray

from siting.errors import SolverError
from siting.locate.capacity.best import Found, send, whole_flow
from siting.locate.capacity.branch import Tree
from siting.locate.capacity.cover_moves import CoverMoves
from siting.locate.capacity.dual import CLOSED, FREE, OPEN, row_bounds
from siting.locate.capacity.instance import Hosts
from siting.locate.capacity.model import Sent, solve_hosts
from siting.locate.capacity.node import Node, Relaxed
from siting.locate.capacity.plans import Plans
from siting.locate.capacity.reasons import refuse
from siting.locate.clock import Clock

SMALL = 1_500
"""Up to so many pairs of row and column, the solver does it all."""
_TURNS, _STEPS = 12, 60
_SHAKES = 40
_AGREED = 1e-6
_PAIRS = 3
_MOVING, _PATIENCE, _LONG, _HARD = 0.6, 5, 20, 0.5


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
        if _solve(best):
            refuse(hosts, clock, per_weight, required)
        return
    relaxed = Relaxed(hosts)
    plans = Plans(relaxed, best)
    root = relaxed.root()
    moves = CoverMoves(plans) if hosts.covers else None
    for turn in range(_TURNS):
        if moves is not None:
            moves.run(_MOVING * clock.time_limit_s, _PATIENCE)
        plans.around(root.mean)
        relaxed.climb(root, best.cut, _STEPS)
        best.raise_bound(root.bound, "Lagrangian bound")
        if best.is_over:
            return
        if not relaxed.leave_out(root, best.cut):
            if not math.isfinite(best.value):
                refuse(hosts, clock, per_weight, required)
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
        if _solve(best):
            refuse(hosts, clock, per_weight, required)
        return
    if moves is not None and (root.state == FREE).mean() > _HARD:
        # The bound decides little: a better plan is likelier than a proof.
        moves.run(_MOVING * clock.time_limit_s, _LONG * _PATIENCE)

    def end(node: Node) -> bool | None:
        if not hosts.single:
            if (node.state == FREE).any():
                return None
            plans.look(node.state == OPEN)
            return True
        return _solve_node(best, relaxed, node)

    Tree(relaxed, plans, best, end).run(root)


def _solve(best: Found) -> bool:
    """Solve it all by the solver; True if there is no plan."""
    hosts, clock = best.hosts, best.clock
    solved = solve_hosts(hosts, clock, abs_gap=0.0, tell=clock.tell)
    if solved.impossible:
        return True
    _take(best, solved)
    best.raise_bound(solved.bound, "HiGHS")
    if solved.interrupted:
        raise KeyboardInterrupt
    if _agrees(best, solved):
        best.raise_bound(best.value, "HiGHS")
    return False


def _solve_node(best: Found, relaxed: Relaxed, node: Node) -> bool | None:
    """Solve what the bound leaves of a node; None if that is too much, False if the time was up."""
    hosts, clock = best.hosts, best.clock
    bounds = np.empty(relaxed.cost.shape)
    row_bounds(*relaxed.given, node.state, relaxed.left(node), hosts.single, node.best_v, bounds)
    keep = (bounds < best.cut).T
    free = node.state == FREE
    if keep.sum() > _PAIRS * hosts.n_rows and free.any():
        return None
    lower, upper = node.state == OPEN, node.state != CLOSED
    flow = best.full_flow()
    known: tuple[NDArray[np.bool_], NDArray[np.float64]] | None = (best.is_open, flow / hosts.amount[:, None])
    if (flow[~keep] > 0).any() or not upper[best.is_open].all() or not best.is_open[lower].all():
        known = None
    solved = solve_hosts(hosts, clock, keep=keep, lower=lower, upper=upper, known=known)
    _take(best, solved)
    if solved.interrupted:
        raise KeyboardInterrupt
    return solved.impossible or solved.bound >= best.cut or _agrees(best, solved)


def _take(best: Found, solved: Sent) -> None:
    if solved.is_open is not None and solved.column is not None:
        hosts = best.hosts
        flow = whole_flow(hosts, solved.column, solved.is_open) if hosts.single else send(hosts, solved.is_open)
        if flow is not None:
            best.offer(flow, solved.is_open)


def _agrees(best: Found, solved: Sent) -> bool:
    """Whether the solver proved its plan, and the best one is as good within its tolerances."""
    return solved.proved and best.value <= solved.value + _AGREED * abs(solved.value)
