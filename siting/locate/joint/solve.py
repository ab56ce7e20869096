"""The search behind buildings with several services: start, bound, decide plots by the bound, let HiGHS settle it."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import SolverError
from siting.locate.clock import Clock
from siting.locate.covering.search import RESOLUTION
from siting.locate.joint.bounds import JointBound, fewest_bound, joint_bound
from siting.locate.joint.heuristics import Buildings, joint_search
from siting.locate.joint.packing import Joint, Plan
from siting.locate.joint.zones import ZoneTally, standing_start
from siting.locate.solver import MipAnswer, minimise
from siting.locate.spacing import at_most_one, cliques

_QUICK, _STEPS, _LARGE = 30, 500, 1500
# Above this many served pairs the solver's presolve alone may ignore any time limit for minutes.
_SOLVER_PAIRS = 400_000

Tell = Callable[[int | None, int | None], None]


@dataclass(frozen=True, slots=True)
class Built:
    """A plan of a `Joint`, its value and the bound.

    ``proof`` says where the bound is from, ``interrupted`` that Ctrl-C ended the search.
    """

    plan: Plan
    value: int
    bound: int
    proof: str
    interrupted: bool = False


Keep = Callable[[Built], None]
"""Told of every plan with its bound on the way, so that Ctrl-C loses none."""


def _kept(search: Callable[[Keep], Built]) -> Built:
    """Run a search; after Ctrl-C, return what it kept last."""
    kept: list[Built] = []
    try:
        return search(kept.append)
    except KeyboardInterrupt:
        if not kept:
            raise
        return replace(kept[-1], interrupted=True)


def solve_most(joint: Joint, *, base: int, clock: Clock, tell: Tell) -> Built:
    """Serve as much weight as possible with ``joint.p`` buildings; Ctrl-C returns the best so far.

    Parameters
    ----------
    base : units that are served anyway; the gap is one of the whole

    Raises
    ------
    InfeasibleError
        Quotas, spacing and ``joint.p`` contradict each other.
    """
    return _kept(lambda keep: _most(joint, base, clock, tell, keep))


def _most(joint: Joint, base: int, clock: Clock, tell: Tell, keep: Keep) -> Built:
    everything, seed, mip_gap = int(joint.cover.weight.sum()), clock.seed, clock.mip_gap
    share = clock.left_s
    if joint.p <= 0 or joint.n_plots == 0 or everything == 0:
        none = Plan(np.zeros((joint.n_plots, joint.n_services), dtype=bool), joint.must.copy())
        plan = none if joint.allows(none) else standing_start(joint, 0.4 * share, seed)
        return Built(plan, 0, 0, "nothing to decide")
    step = int(np.gcd.reduce(joint.cover.weight))
    plan = _first(joint, seed, clock, 0.85 * share, float(everything))
    relaxed: JointBound | None = None
    bound, turn = everything, 0
    while True:
        value = joint.value_of(plan.opened)
        keep(Built(plan, value, bound, "Lagrangian bound"))
        relaxed = joint_bound(
            joint, value, plan.opened, iterations=_STEPS * (1 + 4 * (turn > 0)),
            deadline=clock.deadline - clock.left_s + 0.15 * share, start=relaxed,
        )  # fmt: skip
        bound = min(bound, relaxed.bound // step * step)
        # The relaxed answer names other plots than greedy would: a start of its own for the search.
        if bound - value > mip_gap * max(1, base + value):
            plan, value = _better(joint, plan, value, relaxed, bound, seed + 10 + turn, clock.deadline - 0.5 * share)
        tell(value, bound)
        keep(Built(plan, value, bound, "Lagrangian bound"))
        if bound - value <= mip_gap * max(1, base + value):
            return Built(plan, value, max(bound, value), "Lagrangian bound")
        always, never = relaxed.decided(value, joint)
        if int(always.sum()) > joint.p:
            return Built(plan, value, value, "Lagrangian bound, plots decided one by one")
        rest = joint.only(~never, always & ~never)
        if turn > 0 or joint.n_plots * joint.n_services < _LARGE:
            if rest.cover.reach.nnz <= _SOLVER_PAIRS:
                break
            if turn > 1 or clock.left_s < 0.2 * share:
                return Built(plan, value, bound, "Lagrangian bound, too large for the solver")
        turn += 1
        plan = joint_search(
            joint, seed=seed + turn, patience=200, deadline=clock.deadline - (0.5 if turn == 1 else 0.15) * share,
            start=plan, enough=float(bound),
        )  # fmt: skip
    if clock.is_over:
        return Built(plan, value, bound, "Lagrangian bound")
    kept = np.flatnonzero(~never)
    found, rest_bound, blur, complete = _most_by_solver(
        rest, Plan(plan.opened[kept], plan.built[kept]), clock, mip_gap * (base + value), tell
    )
    if found is not None:
        better = Plan(np.zeros_like(plan.opened), np.zeros_like(plan.built))
        better.opened[kept], better.built[kept] = found.opened, found.built
        if (new := joint.value_of(better.opened)) > value and joint.allows(better):
            plan, value = better, new
    bound = max(value, min(bound, max(rest_bound, value)) // step * step)
    if complete and mip_gap == 0 and bound - value <= 2 * blur:
        bound = value
    return Built(plan, value, bound, "HiGHS branch and bound" if bound == value else "HiGHS, stopped")


def _first(
    joint: Joint, seed: int, clock: Clock, leave_s: float, enough: float, weight: NDArray[np.int64] | None = None
) -> Plan:
    """Search quickly for a plan; from one of the solver where greedy choice does not meet the quotas."""

    def look(start: Plan | None) -> Plan:
        return joint_search(
            joint, seed=seed, patience=_QUICK, deadline=clock.deadline - leave_s, enough=enough, weight=weight,
            start=start,
        )  # fmt: skip

    plan = look(None)
    return plan if joint.allows(plan) else look(standing_start(joint, 0.4 * clock.left_s, seed))


def _better(
    joint: Joint, plan: Plan, value: int, relaxed: JointBound, bound: int, seed: int, deadline: float
) -> tuple[Plan, int]:
    state = Buildings(joint)
    for plot in np.flatnonzero(relaxed.chosen & (relaxed.worth > 0) | joint.must).tolist():
        if (state.blocked[plot] == 0 and not state.tally.barred()[plot]) or joint.must[plot]:
            _, services = state.gains()
            state.build(plot, services[plot])
    other = joint_search(joint, seed=seed, patience=_QUICK // 3, deadline=deadline, start=state.plan,
                         enough=float(bound))  # fmt: skip
    new = joint.value_of(other.opened)
    return (other, new) if new > value and joint.allows(other) else (plan, value)


def _most_by_solver(
    joint: Joint, start: Plan, clock: Clock, abs_gap: float, tell: Tell
) -> tuple[Plan | None, int, float, bool]:
    """Return a plan (None if none was found), a bound, its blur in units, and whether it is complete."""
    weight = joint.cover.weight
    everything = int(weight.sum())
    if not len(weight):
        return start, joint.value_of(start.opened), 0.0, True
    step = int(np.gcd.reduce(weight))
    scale = 1.0
    if weight.max() // step > 2**20:
        # Whole coefficients help the solver only while they are small; large ones swamp its tolerances.
        scale = 2.0 ** -math.ceil(math.log2(weight.max() / step / 1024))
    n = len(weight)
    matrix, lower, upper, used = _model(joint)
    m, plots = int(used.sum()), joint.n_plots
    miss = sparse.vstack([sparse.eye_array(n), sparse.csr_array((matrix.shape[0] - n, n))])
    full = sparse.csr_array(sparse.hstack([matrix, miss], format="csr"))
    first = None
    # What was left out may have been needed by a quota.
    if joint.zones is None or joint.allows(start):
        missed = (joint.cover.reach @ start.opened.ravel().astype(np.int64)) == 0
        built = start.opened.any(axis=1) | joint.must if joint.zones is None else start.built
        first = np.concatenate([start.opened.ravel()[used], built, missed]).astype(np.float64)
    answer = minimise(
        np.concatenate([np.zeros(m + plots), weight / step * scale]),
        full, lower, upper,
        col_lower=np.concatenate([np.zeros(m), joint.must.astype(np.float64), np.zeros(n)]),
        col_upper=np.ones(m + plots + n),
        integral=np.arange(m + plots + n) < m + plots,
        start=first, time_limit_s=clock.left_s, abs_gap=abs_gap / step * scale, seed=clock.seed,
        on_progress=lambda lost, low, _: tell(
            None if not np.isfinite(lost) else everything - round(lost / scale * step),
            None if not np.isfinite(low) else everything - math.floor(low / scale * step),
        ),
    )  # fmt: skip
    if answer.status == "infeasible":
        return None, 0, 0.0, True
    blur = RESOLUTION * everything / step + 1e-6 / scale
    bound = min(everything, math.floor(everything / step - max(0.0, answer.bound) / scale + blur) * step)
    return _plan_of(joint, answer, used), bound, blur * step, answer.status == "optimal"


def _plan_of(joint: Joint, answer: MipAnswer, used: NDArray[np.bool_]) -> Plan | None:
    if answer.x is None:
        return None
    found, m = np.zeros(joint.n_plots * joint.n_services, dtype=bool), int(used.sum())
    found[used] = answer.x[:m] > 0.5
    opened = found.reshape(joint.n_plots, joint.n_services)
    built = opened.any(axis=1) | joint.must
    if joint.zones is not None:
        built |= answer.x[m : m + joint.n_plots] > 0.5
    return Plan(opened, built)


def _model(
    joint: Joint,
) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Rows of the model over services on plots that serve somebody, and plots.

    The cover rows come first and say ``sum x >= 1``; then links, floor, services, count, spacing and quotas.
    """
    k, plots = joint.n_services, joint.n_plots
    used = np.diff(joint.cover.reached_by.indptr) > 0
    column = np.flatnonzero(used)
    m = len(column)
    plot, service = column // k, column % k
    here = np.arange(m)
    one = np.ones(m)
    pick = sparse.csr_array((one, (here, here)), shape=(m, m))
    where = sparse.csr_array((-one, (here, plot)), shape=(m, plots))
    tight = np.flatnonzero(~joint.packing.roomy)
    need = sparse.csr_array((joint.area[service].astype(np.float64), (plot, here)), shape=(plots, m))[tight]
    floors = joint.floor[tight].astype(np.float64)
    ground = sparse.csr_array((-floors, (np.arange(len(tight)), tight)), shape=(len(tight), plots))
    limited = np.flatnonzero(joint.quota < plots)
    kinds = sparse.csr_array((one, (service, here)), shape=(k, m))[limited]
    groups = cliques(joint.too_close, plots)
    counted = joint.p < plots
    zones = sparse.csr_array((0, plots)) if joint.zones is None else joint.zones.rows()
    least, most = (np.empty(0), np.empty(0)) if joint.zones is None else (joint.zones.least, joint.zones.most)
    rows = [
        sparse.hstack([joint.cover.reach[:, column].astype(np.float64), sparse.csr_array((joint.cover.n_rows, plots))]),
        sparse.hstack([pick, where]),
        sparse.hstack([need, ground]),
        sparse.hstack([kinds, sparse.csr_array((len(limited), plots))]),
        sparse.hstack([sparse.csr_array((int(counted), m)), sparse.csr_array(np.ones((int(counted), plots)))]),
        sparse.hstack([sparse.csr_array((len(groups), m)), at_most_one(groups, plots)]),
        sparse.hstack([sparse.csr_array((zones.shape[0], m)), zones]),
    ]
    n = joint.cover.n_rows
    upper = [
        np.full(n, np.inf), np.zeros(m + len(tight)), joint.quota[limited].astype(np.float64),
        np.full(int(counted), float(joint.p)), np.ones(len(groups)),
        most.astype(np.float64),
    ]  # fmt: skip
    highest = np.concatenate(upper)
    lowest = np.concatenate([np.ones(n), np.full(len(highest) - n - len(least), -np.inf), least.astype(np.float64)])
    return sparse.csr_array(sparse.vstack([r for r in rows if r.shape[0]], format="csr")), lowest, highest, used


def solve_fewest(joint: Joint, *, clock: Clock, tell: Tell, known: Plan | None = None) -> Built:
    """Serve every row of ``joint`` with the fewest buildings; ``value`` and ``bound`` count them.

    Parameters
    ----------
    known : a plan that does, where there is one
    """
    return _kept(lambda keep: _fewest(joint, clock, tell, known, keep))


def _fewest(joint: Joint, clock: Clock, tell: Tell, known: Plan | None, keep: Keep) -> Built:
    share = clock.left_s
    if joint.cover.n_rows == 0 and joint.zones is None:
        must = int(joint.must.sum())
        none = np.zeros((joint.n_plots, joint.n_services), dtype=bool)
        return Built(Plan(none, joint.must.copy()), must, must, "nothing")
    plan = _serve_all(joint, clock, 0.7 * share) or known
    most = joint.n_plots + 1 if plan is None else int(plan.built.sum())
    bound = 0 if joint.cover.n_rows == 0 else 1
    if plan is not None:
        keep(Built(plan, most, bound, "every plan needs one"))
    bound = max(bound, fewest_bound(joint, most, iterations=2 * _STEPS, deadline=clock.deadline - 0.5 * share))
    if plan is not None:
        tell(most, bound)
        keep(Built(plan, most, min(bound, most), "Lagrangian bound"))
        if most - bound <= clock.mip_gap * max(1, most):
            return Built(plan, most, min(bound, most), "Lagrangian bound")
    matrix, lower, upper, used = _model(joint)
    m, plots = int(used.sum()), joint.n_plots
    answer = minimise(
        np.concatenate([np.zeros(m), np.ones(plots)]), matrix, lower, upper,
        col_lower=np.concatenate([np.zeros(m), joint.must.astype(np.float64)]),
        col_upper=np.ones(m + plots), integral=np.ones(m + plots, dtype=bool),
        start=None if plan is None else np.concatenate([plan.opened.ravel()[used], plan.built]).astype(np.float64),
        time_limit_s=max(0.1, clock.left_s), abs_gap=clock.mip_gap * most, seed=clock.seed,
    )  # fmt: skip
    # The count is whole, so a bound of 6.2 means 7; the margin covers the arithmetic of the solver.
    if answer.status != "infeasible" and np.isfinite(answer.bound):
        bound = max(bound, math.ceil(answer.bound - 1e-4))
    found = _plan_of(joint, answer, used)
    if found is not None and joint.allows(found) and _serves_all(joint, found.opened):
        count = int(found.built.sum())
        if plan is None or count < most:
            plan, most = found, count
    if plan is None:
        msg = "no buildings that serve all were found in the time given; raise time_limit_s, or lower the spacing"
        raise SolverError(msg)
    tell(most, min(bound, most))
    return Built(plan, most, min(bound, most), "HiGHS branch and bound" if bound >= most else "stopped")


def _serves_all(joint: Joint, opened: NDArray[np.bool_]) -> bool:
    return bool(((joint.cover.reach @ opened.ravel().astype(np.int64)) > 0).all())


def _serve_all(joint: Joint, clock: Clock, leave_s: float) -> Plan | None:
    """Serve all rows by greedy choice, then with one building fewer as long as a search still does."""
    each = np.ones(joint.cover.n_rows, dtype=np.int64)
    trial = _first(joint, clock.seed, clock, leave_s, float(len(each)), each)
    plan: Plan | None = None
    while _serves_all(joint, trial.opened) and joint.allows(trial):
        plan = _without_idle(joint, trial)
        p = int(plan.built.sum()) - 1
        if p < int(joint.must.sum()):
            break
        trial = joint_search(
            replace(joint, p=p), seed=clock.seed, patience=_QUICK, deadline=clock.deadline - leave_s,
            enough=float(len(each)), weight=each, start=_without_least(joint, plan),
        )  # fmt: skip
    return plan


def _without_least(joint: Joint, plan: Plan) -> Plan:
    """Take away the building that alone serves fewest rows."""
    served = joint.cover.reach @ plan.opened.ravel().astype(np.int64)
    only = (joint.cover.reached_by @ (served == 1).astype(np.int64)).reshape(plan.opened.shape)
    may = np.flatnonzero(plan.built & ~joint.must)
    fewer = Plan(plan.opened.copy(), plan.built.copy())
    if len(may):
        least = may[np.argmin((only * plan.opened).sum(axis=1)[may])]
        fewer.opened[least] = fewer.built[least] = False
    return fewer


def _without_idle(joint: Joint, plan: Plan) -> Plan:
    """Take away buildings whose rows others serve, and that no quota needs."""
    kept = Plan(plan.opened.copy(), plan.built.copy())
    tally = ZoneTally(joint.zones, joint.n_plots)
    for plot in np.flatnonzero(kept.built).tolist():
        tally.add(plot, 1)
    size = joint.cover.reached_by @ np.ones(joint.cover.n_rows, dtype=np.int64)
    for plot in np.argsort((size.reshape(plan.opened.shape) * plan.opened).sum(axis=1), kind="stable").tolist():
        if kept.built[plot] and not joint.must[plot] and tally.may_clear(plot):
            trial = kept.opened.copy()
            trial[plot] = False
            if _serves_all(joint, trial):
                kept.opened[plot] = kept.built[plot] = False
                tally.add(plot, -1)
    return kept
