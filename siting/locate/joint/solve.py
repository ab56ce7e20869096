"""The search behind buildings with several services: start, bound, decide plots by the bound, let HiGHS settle it."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import SolverError
from siting.locate.covering.search import RESOLUTION
from siting.locate.joint.bounds import JointBound, fewest_bound, joint_bound
from siting.locate.joint.heuristics import Buildings, joint_search
from siting.locate.joint.packing import Joint
from siting.locate.solver import MipAnswer, minimise
from siting.locate.spacing import at_most_one, cliques

_QUICK, _STEPS, _LARGE = 30, 500, 1500
# Above this many served pairs the solver's presolve alone may ignore any time limit for minutes.
_SOLVER_PAIRS = 400_000

Tell = Callable[[int | None, int | None], None]


@dataclass(frozen=True, slots=True)
class Built:
    """Services on plots of a `Joint`, plots built on, their value and the bound.

    ``proof`` says where the bound is from, ``interrupted`` that Ctrl-C ended the search.
    """

    opened: NDArray[np.bool_]
    built: NDArray[np.bool_]
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


def solve_most(joint: Joint, *, base: int, deadline: float, mip_gap: float, seed: int, tell: Tell) -> Built:
    """Serve as much weight as possible with ``joint.p`` buildings; Ctrl-C returns the best so far.

    Parameters
    ----------
    base : units that are served anyway; the gap is one of the whole
    deadline : of `time.perf_counter`
    """
    return _kept(lambda keep: _most(joint, base, deadline, mip_gap, seed, tell, keep))


def _most(joint: Joint, base: int, deadline: float, mip_gap: float, seed: int, tell: Tell, keep: Keep) -> Built:
    everything = int(joint.cover.weight.sum())
    if joint.p <= 0 or joint.n_plots == 0 or everything == 0:
        none = np.zeros((joint.n_plots, joint.n_services), dtype=bool)
        return Built(none, joint.must.copy(), 0, 0, "nothing to decide")
    began = time.perf_counter()
    share = max(0.0, deadline - began)
    step = int(np.gcd.reduce(joint.cover.weight))
    opened = joint_search(joint, seed=seed, patience=_QUICK, deadline=began + 0.15 * share, enough=float(everything))
    relaxed: JointBound | None = None
    bound, turn = everything, 0
    while True:
        value = joint.value_of(opened)
        keep(_built(joint, opened, value, bound, "Lagrangian bound"))
        relaxed = joint_bound(
            joint, value, opened, iterations=_STEPS * (1 + 4 * (turn > 0)),
            deadline=time.perf_counter() + 0.15 * share, start=relaxed,
        )  # fmt: skip
        bound = min(bound, relaxed.bound // step * step)
        # The relaxed answer names other plots than greedy would: a start of its own for the search.
        if bound - value > mip_gap * max(1, base + value):
            opened, value = _better(joint, opened, value, relaxed, bound, seed + 10 + turn, began + 0.5 * share)
        tell(value, bound)
        keep(_built(joint, opened, value, bound, "Lagrangian bound"))
        done = _finished(joint, opened, value, bound, base, mip_gap)
        if done is not None:
            return done
        always, never = relaxed.decided(value, joint)
        if int(always.sum()) > joint.p:
            return _built(joint, opened, value, value, "Lagrangian bound, plots decided one by one")
        rest = joint.only(~never, always & ~never)
        if turn > 0 or joint.n_plots * joint.n_services < _LARGE:
            if rest.cover.reach.nnz <= _SOLVER_PAIRS:
                break
            if turn > 1 or time.perf_counter() > began + 0.8 * share:
                return _built(joint, opened, value, bound, "Lagrangian bound, too large for the solver")
        turn += 1
        opened = joint_search(
            joint, seed=seed + turn, patience=200, deadline=began + (0.5 if turn == 1 else 0.85) * share,
            start=opened, enough=float(bound),
        )  # fmt: skip
    remaining = deadline - time.perf_counter()
    if remaining <= 0:
        return _built(joint, opened, value, bound, "Lagrangian bound")
    kept = np.flatnonzero(~never)
    found, rest_bound, blur, complete = _most_by_solver(
        rest, opened[kept], remaining, mip_gap * (base + value), seed, tell
    )
    if found is not None:
        better = np.zeros_like(opened)
        better[kept] = found
        if (new := joint.value_of(better)) > value and _allowed(joint, better):
            opened, value = better, new
    bound = max(value, min(bound, max(rest_bound, value)) // step * step)
    if complete and mip_gap == 0 and bound - value <= 2 * blur:
        bound = value
    return _built(joint, opened, value, bound, "HiGHS branch and bound" if bound == value else "HiGHS, stopped")


def _better(
    joint: Joint, opened: NDArray[np.bool_], value: int, relaxed: JointBound, bound: int, seed: int, deadline: float
) -> tuple[NDArray[np.bool_], int]:
    state = Buildings(joint)
    for plot in np.flatnonzero(relaxed.chosen & (relaxed.worth > 0) | joint.must).tolist():
        if state.blocked[plot] == 0 or joint.must[plot]:
            _, services = state.gains()
            state.build(plot, services[plot])
    other = joint_search(joint, seed=seed, patience=_QUICK // 3, deadline=deadline, start=state.opened,
                         enough=float(bound))  # fmt: skip
    new = joint.value_of(other)
    return (other, new) if new > value else (opened, value)


def _finished(joint: Joint, opened: NDArray[np.bool_], value: int, bound: int, base: int, gap: float) -> Built | None:
    if bound <= value or bound - value <= gap * max(1, base + value):
        return _built(joint, opened, value, max(bound, value), "Lagrangian bound")
    return None


def _built(joint: Joint, opened: NDArray[np.bool_], value: int, bound: int, proof: str) -> Built:
    return Built(opened, opened.any(axis=1) | joint.must, value, bound, proof)


def _allowed(joint: Joint, opened: NDArray[np.bool_]) -> bool:
    """Whether an answer keeps every condition exactly, in whole numbers."""
    built = opened.any(axis=1) | joint.must
    return bool(
        (opened.astype(np.int64) @ joint.area <= joint.floor).all()
        and int(built.sum()) <= joint.p
        and (opened.sum(axis=0) <= joint.quota).all()
        and not built[joint.too_close].all(axis=1).any()
    )


def _most_by_solver(
    joint: Joint, start: NDArray[np.bool_], time_limit_s: float, abs_gap: float, seed: int, tell: Tell
) -> tuple[NDArray[np.bool_] | None, int, float, bool]:
    """Return services on plots (None if none was found), a bound, its blur in units, and whether it is complete."""
    weight = joint.cover.weight
    everything = int(weight.sum())
    if not len(weight):
        return start, joint.value_of(start), 0.0, True
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
    built = start.any(axis=1) | joint.must
    missed = (joint.cover.reach @ start.ravel().astype(np.int64)) == 0
    first = np.concatenate([start.ravel()[used], built, missed]).astype(np.float64)
    answer = minimise(
        np.concatenate([np.zeros(m + plots), weight / step * scale]),
        full, lower, upper,
        col_lower=np.concatenate([np.zeros(m), joint.must.astype(np.float64), np.zeros(n)]),
        col_upper=np.ones(m + plots + n),
        integral=np.arange(m + plots + n) < m + plots,
        start=first, time_limit_s=time_limit_s, abs_gap=abs_gap / step * scale, seed=seed,
        on_progress=lambda lost, low, _: tell(
            None if not np.isfinite(lost) else everything - round(lost / scale * step),
            None if not np.isfinite(low) else everything - math.floor(low / scale * step),
        ),
    )  # fmt: skip
    if answer.status == "infeasible":
        return None, 0, 0.0, True
    blur = RESOLUTION * everything / step + 1e-6 / scale
    bound = min(everything, math.floor(everything / step - max(0.0, answer.bound) / scale + blur) * step)
    return _services(joint, answer, used), bound, blur * step, answer.status == "optimal"


def _services(joint: Joint, answer: MipAnswer, used: NDArray[np.bool_]) -> NDArray[np.bool_] | None:
    if answer.x is None:
        return None
    found = np.zeros(joint.n_plots * joint.n_services, dtype=bool)
    found[used] = answer.x[: int(used.sum())] > 0.5
    return found.reshape(joint.n_plots, joint.n_services)


def _model(
    joint: Joint,
) -> tuple[sparse.csr_array, NDArray[np.float64], NDArray[np.float64], NDArray[np.bool_]]:
    """Rows of the model over services on plots that serve somebody, and plots: cover, link, floor, count, spacing.

    The cover rows come first and say ``sum x >= 1``.
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
    rows = [
        sparse.hstack([joint.cover.reach[:, column].astype(np.float64), sparse.csr_array((joint.cover.n_rows, plots))]),
        sparse.hstack([pick, where]),
        sparse.hstack([need, ground]),
        sparse.hstack([kinds, sparse.csr_array((len(limited), plots))]),
        sparse.hstack([sparse.csr_array((int(counted), m)), sparse.csr_array(np.ones((int(counted), plots)))]),
        sparse.hstack([sparse.csr_array((len(groups), m)), at_most_one(groups, plots)]),
    ]
    n = joint.cover.n_rows
    upper = [
        np.full(n, np.inf), np.zeros(m + len(tight)), joint.quota[limited].astype(np.float64),
        np.full(int(counted), float(joint.p)), np.ones(len(groups)),
    ]  # fmt: skip
    highest = np.concatenate(upper)
    lowest = np.concatenate([np.ones(n), np.full(len(highest) - n, -np.inf)])
    return sparse.csr_array(sparse.vstack([r for r in rows if r.shape[0]], format="csr")), lowest, highest, used


def solve_fewest(joint: Joint, *, deadline: float, mip_gap: float, seed: int) -> Built:
    """Serve every row of ``joint`` with the fewest buildings; ``value`` and ``bound`` count them."""
    return _kept(lambda keep: _fewest(joint, deadline, mip_gap, seed, keep))


def _fewest(joint: Joint, deadline: float, mip_gap: float, seed: int, keep: Keep) -> Built:
    began = time.perf_counter()
    share = max(0.0, deadline - began)
    if joint.cover.n_rows == 0:
        must = int(joint.must.sum())
        return Built(np.zeros((joint.n_plots, joint.n_services), dtype=bool), joint.must.copy(), must, must, "nothing")
    opened = _serve_all(joint, seed, began + 0.3 * share)
    most = joint.n_plots + 1 if opened is None else int((opened.any(axis=1) | joint.must).sum())
    if opened is not None:
        keep(_built(joint, opened, most, 1, "every plan needs one"))
    bound = max(1, fewest_bound(joint, most, iterations=2 * _STEPS, deadline=began + 0.5 * share))
    if opened is not None and most - bound <= mip_gap * max(1, most):
        return _built(joint, opened, most, bound, "Lagrangian bound")
    matrix, lower, upper, used = _model(joint)
    m, plots = int(used.sum()), joint.n_plots
    first = None
    if opened is not None:
        keep(_built(joint, opened, most, bound, "Lagrangian bound"))
        first = np.concatenate([opened.ravel()[used], opened.any(axis=1) | joint.must]).astype(np.float64)
    answer = minimise(
        np.concatenate([np.zeros(m), np.ones(plots)]), matrix, lower, upper,
        col_lower=np.concatenate([np.zeros(m), joint.must.astype(np.float64)]),
        col_upper=np.ones(m + plots), integral=np.ones(m + plots, dtype=bool),
        start=first, time_limit_s=max(0.1, deadline - time.perf_counter()), abs_gap=mip_gap * most, seed=seed,
    )  # fmt: skip
    # The count is whole, so a bound of 6.2 means 7; the margin covers the arithmetic of the solver.
    if answer.status != "infeasible" and np.isfinite(answer.bound):
        bound = max(bound, math.ceil(answer.bound - 1e-4))
    found = _services(joint, answer, used)
    if found is not None and _allowed(joint, found) and _serves_all(joint, found):
        count = int((found.any(axis=1) | joint.must).sum())
        if opened is None or count < most:
            opened, most = found, count
    if opened is None:
        msg = "no buildings that serve all were found in the time given; raise time_limit_s, or lower the spacing"
        raise SolverError(msg)
    return _built(joint, opened, most, min(bound, most), "HiGHS branch and bound" if bound >= most else "stopped")


def _serves_all(joint: Joint, opened: NDArray[np.bool_]) -> bool:
    return bool(((joint.cover.reach @ opened.ravel().astype(np.int64)) > 0).all())


def _serve_all(joint: Joint, seed: int, deadline: float) -> NDArray[np.bool_] | None:
    """Serve all rows by greedy choice, then with one building fewer as long as a search still does."""
    each = np.ones(joint.cover.n_rows, dtype=np.int64)
    opened: NDArray[np.bool_] | None = None
    p = joint.n_plots
    while p >= int(joint.must.sum()):
        trial = joint_search(
            replace(joint, p=p), seed=seed, patience=_QUICK, deadline=deadline, enough=float(len(each)), weight=each,
            start=None if opened is None else _without_least(joint, opened),
        )  # fmt: skip
        if not _serves_all(joint, trial):
            break
        opened = _without_idle(joint, trial)
        p = int((opened.any(axis=1) | joint.must).sum()) - 1
    return opened


def _without_least(joint: Joint, opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take away the building that alone serves fewest rows."""
    served = joint.cover.reach @ opened.ravel().astype(np.int64)
    only = (joint.cover.reached_by @ (served == 1).astype(np.int64)).reshape(opened.shape)
    may = np.flatnonzero(opened.any(axis=1) & ~joint.must)
    fewer = opened.copy()
    if len(may):
        fewer[may[np.argmin((only * opened).sum(axis=1)[may])]] = False
    return fewer


def _without_idle(joint: Joint, opened: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Take away buildings whose rows others serve."""
    kept = opened.copy()
    size = joint.cover.reached_by @ np.ones(joint.cover.n_rows, dtype=np.int64)
    for plot in np.argsort((size.reshape(opened.shape) * opened).sum(axis=1), kind="stable").tolist():
        if kept[plot].any() and not joint.must[plot]:
            trial = kept.copy()
            trial[plot] = False
            if _serves_all(joint, trial):
                kept = trial
    return kept
