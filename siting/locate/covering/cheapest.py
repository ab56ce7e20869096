"""The search behind set covering: serve all rows for the least price, which is a count where every site costs 1."""

import math
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from siting.errors import InfeasibleError
from siting.locate.clock import Clock
from siting.locate.conditions import Conditions
from siting.locate.covering.climb import pointers
from siting.locate.covering.cover_bound import CheapBound, CoverRelaxation
from siting.locate.covering.heuristics import OpenSites
from siting.locate.covering.quota_start import condition_rows, raised_quotas
from siting.locate.covering.reduce import Instance, restrict
from siting.locate.covering.reweigh import reweigh
from siting.locate.covering.swaps import swap_to_fewer
from siting.locate.solver import minimise

# Rounds of the bound and of the search, for each column, in two turns before the solver; entries that a search goes
# through at most, and between two looks at the clock; and the shares of the time that search and bound may take.
_TURNS = ((40, 50, 4e8), (160, 200, 2e9))
_PORTION = 2e7
_SEARCH_SHARE, _BOUND_SHARE = 0.35, 0.5
RESOLUTION = 1e-9
"""Where prices are too fine for the solver's tolerances, its proof is taken to hold up to this share of them."""

# Above this the solver's presolve alone ignores any time limit for minutes.
_SOLVER_PAIRS = 1_000_000
# Up to this the bound and the solver settle a count sooner than swaps are through.
_SWAP_PAIRS = 200_000


@dataclass
class Cheapest:
    """What a search for the least price has reached, in units; what is paid anyway comes on top.

    Attributes
    ----------
    paid : price of the sites that are open besides; the gap is one of the whole
    per_whole : units per 1 of the caller's price
    columns, value : the cheapest plan; value -1 while there is none
    bound : no plan is below it
    """

    clock: Clock
    instance: Instance
    price: NDArray[np.int64]
    paid: int
    per_whole: int
    columns: NDArray[np.intp] = field(default_factory=lambda: np.empty(0, dtype=np.intp))
    value: int = -1
    bound: int = 0

    def __post_init__(self) -> None:
        """Start from what lower quotas cost at least."""
        zones = self.instance.zones
        self.step = max(1, int(np.gcd.reduce(self.price)))
        if zones is not None:
            for zone, least in enumerate(zones.least.tolist()):
                self.bound += int(np.sort(self.price[zones.zone == zone])[:least].sum())

    @property
    def has_plan(self) -> bool:
        """Whether there is a plan at all."""
        return self.value >= 0

    @property
    def is_done(self) -> bool:
        """Whether the cheapest plan is proved, or good enough."""
        return self.has_plan and self.value - self.bound <= self.clock.mip_gap * max(1, self.paid + self.value)

    def within(self, share: float) -> bool:
        """Say whether less than a share of the time is over, and there is still something to do."""
        return not self.is_done and self.clock.seconds < share * self.clock.time_limit_s

    def offer(self, columns: NDArray[np.intp]) -> None:
        """Take a plan that serves all rows, if it is cheaper than what there is."""
        value = int(self.price[columns].sum())
        if not self.has_plan or value < self.value:
            self.columns, self.value = np.sort(columns), value
            self.lift(self.bound)

    def lift(self, bound: int) -> None:
        """Take a bound if it is tighter; every price is a whole multiple of ``step``."""
        tight = -(-bound // self.step) * self.step
        self.bound = max(self.bound, min(tight, self.value) if self.has_plan else tight)
        self.tell(self.value, self.bound)

    def tell(self, value: float, bound: float) -> None:
        """Report a value and a bound; each counts only where it is better than what is known."""
        if self.has_plan:
            now, least = min(value, self.value), max(bound, self.bound)
            self.clock.tell((self.paid + now) / self.per_whole, (self.paid + least) / self.per_whole)


def search_cheapest(best: Cheapest, conditions: Conditions) -> None:
    """Improve ``best`` until it is proved or the time is up.

    Raises
    ------
    InfeasibleError
        Spacing and quotas leave no plan that serves all rows.
    KeyboardInterrupt
        After Ctrl-C; ``best`` then holds what was reached.
    """
    instance = best.instance
    if instance.n_rows == 0 and (instance.zones is None or instance.zones.needed == 0):
        best.offer(np.empty(0, dtype=np.intp))
        return
    start = greedy_plan(instance, best.price)
    if start is not None:
        best.offer(start)
    if best.has_plan and instance.reach.nnz > _SWAP_PAIRS and best.price.min() == best.price.max():
        # Where all sites cost the same and there are many, swaps get far sooner than anything else.
        random = np.array([best.clock.seed + 1], dtype=np.uint64)
        best.offer(swap_to_fewer(instance, best.columns, random, lambda: not best.within(_SEARCH_SHARE)))
    relaxed = CoverRelaxation.begin(instance, best.price)
    state = relaxed.state()
    if instance.n_rows:
        for rounds, searched, entries in _TURNS:
            relaxed.run(rounds, lambda: not best.within(_BOUND_SHARE))
            state = relaxed.state()
            best.lift(state.bound)
            if best.has_plan and best.within(_SEARCH_SHARE):
                _search(best, state, searched, entries, _SEARCH_SHARE)
    if best.is_done:
        return
    rest, kept, always = _left(best, state)
    if rest.reach.nnz <= _SOLVER_PAIRS or not best.has_plan:
        _solve(best, rest, kept, always, conditions)
    else:
        _search(best, state, math.inf, math.inf, 1.0)


def greedy_plan(instance: Instance, price: NDArray[np.int64]) -> NDArray[np.intp] | None:
    """Open what wins most new rows for its price until all are served; then close what is needless, the dearest first.

    None if spacing or quotas come in its way.
    """
    state = OpenSites(instance, np.ones(instance.n_rows, dtype=np.int64))
    money = np.maximum(price.astype(np.float64), 1e-9)
    while True:
        short = state.is_short()
        allowed = ~state.is_open & (state.blocked == 0) & ~state.barred()
        allowed &= short if short.any() else state.gain > 0
        if not allowed.any():
            break
        state.open(int(np.argmax(np.where(allowed, (state.gain + 1e-6) / money, -1.0))))
    if (state.count == 0).any() or state.missing:
        return None
    for column in sorted(state.columns.tolist(), key=lambda j: (-int(price[j]), -j)):
        if (state.count[state.rows_of(column)] > 1).all() and state.may_close(column):
            state.close(column)
    return state.columns


def _search(best: Cheapest, state: CheapBound, per_column: float, entries: float, share: float) -> None:
    """Look for cheaper plans among the columns that one can have, until so many entries or a share of the time."""
    keep = ~state.decided(best.value - best.step)[1]
    keep[best.columns] = True
    kept = np.flatnonzero(keep)
    instance, zones = best.instance, best.instance.zones
    chosen = instance.reached_by[kept]
    near = instance.neighbours()[kept][:, kept]
    none = np.zeros(0, dtype=np.int64)
    problem = (
        *pointers(sparse.csr_array(chosen.T.tocsr())), *pointers(chosen), best.price[kept],
        np.full(len(kept), -1, dtype=np.int64) if zones is None else zones.zone[kept],
        none if zones is None else zones.least, none if zones is None else zones.most,
        *pointers(near),
    )  # fmt: skip
    per_round = 4.0 * len(problem[1]) / max(1, instance.n_rows) * len(problem[1]) / max(1, len(kept)) + len(
        best.columns
    )
    entries = min(entries, per_column * len(kept) * per_round)
    rounds = max(1, int(min(_PORTION, entries) / per_round))
    random = np.array([best.clock.seed + 1], dtype=np.uint64)
    done = 0.0
    while done < entries and best.within(share):
        mask = np.isin(kept, best.columns)
        found = mask.copy()
        reweigh(rounds, problem, mask, found, best.value, random)
        best.offer(kept[found])
        done += rounds * per_round


def _left(best: Cheapest, state: CheapBound) -> tuple[Instance, NDArray[np.intp], NDArray[np.bool_]]:
    """Return what is left once some columns are in every cheaper plan and others in none, and which are which."""
    n = best.instance.n_columns
    always, never = np.zeros(n, dtype=bool), np.zeros(n, dtype=bool)
    if best.has_plan and best.instance.n_rows:
        always, never = state.decided(best.value - best.step)
    blocked = (best.instance.neighbours() @ always.astype(np.int64)) > 0
    done = (best.instance.reach @ always.astype(np.int64)) > 0
    keep = ~(always | never | blocked)
    lost = ~done & ((best.instance.reach @ keep.astype(np.int64)) == 0)
    if (always & blocked).any() or lost.any():
        best.lift(best.value)
    return restrict(best.instance, keep, done | lost, always), np.flatnonzero(keep), always


def _solve(
    best: Cheapest, rest: Instance, kept: NDArray[np.intp], always: NDArray[np.bool_], conditions: Conditions
) -> None:
    """Settle what is left by the solver, as far as the time reaches."""
    if best.is_done:
        return
    if rest.n_columns == 0 and best.has_plan:
        # Nothing is left to choose: only what every cheaper plan has.
        if rest.n_rows == 0 and rest.allows(np.empty(0, dtype=np.intp)):
            best.offer(np.flatnonzero(always))
        best.lift(best.value)
        return
    clock, known, fixed = best.clock, best.value, int(best.price[always].sum())
    matrix, lower, upper = condition_rows(rest)
    n, m = rest.n_rows, rest.n_columns
    start = np.isin(kept, best.columns).astype(np.float64) if best.has_plan else None
    if start is not None and not np.isin(np.flatnonzero(always), best.columns).all():
        start = None
    cost = best.price[kept] / best.step
    scale = 2.0 ** -max(0, math.ceil(math.log2(max(1.0, float(cost.max(initial=0))) / 2**20)))
    answer = minimise(
        cost * scale,
        sparse.csr_array(sparse.vstack([rest.reach.astype(np.float64), matrix], format="csr")),
        np.concatenate([np.ones(n), lower]), np.concatenate([np.full(n, np.inf), upper]),
        col_lower=np.zeros(m), col_upper=np.ones(m), integral=np.ones(m, dtype=bool), start=start,
        time_limit_s=max(0.1, clock.left_s),
        abs_gap=clock.mip_gap * max(0, best.paid + max(known, 0)) / best.step * scale, seed=clock.seed,
        on_progress=lambda value, low, _: best.tell(
            fixed + value / scale * best.step, fixed + low / scale * best.step
        ),
    )  # fmt: skip
    if answer.status == "infeasible":
        if not best.has_plan:
            raise InfeasibleError(_contrary(best, conditions))
        best.lift(best.value)
        return
    if answer.x is not None:
        best.offer(np.concatenate([np.flatnonzero(always), kept[answer.x > 0.5]]))
    if np.isfinite(answer.bound):
        # Prices are whole, so a bound of 6.2 means 7; the margin covers the arithmetic of the solver.
        margin = max(1e-4, 1e-6 / scale, RESOLUTION * abs(answer.bound) / scale)
        low = fixed + math.ceil(answer.bound / scale - margin) * best.step
        complete = answer.status == "optimal" and clock.mip_gap == 0 and best.value - low <= 2 * margin * best.step
        low = best.value if complete else low
        best.lift(low if known < 0 else min(low, known))


def _contrary(best: Cheapest, conditions: Conditions) -> str:
    """Say why no choice serves all rows although some candidate serves each, and what would work."""
    instance = best.instance
    more = raised_quotas(instance, max(0.5, best.clock.left_s), best.clock.seed)
    if more is not None and more.any():
        raised = {q.zone: (q.most or 0) + int(k) for q, k in zip(conditions.quotas, more, strict=True) if k}
        return (
            f"no choice of sites serves all {instance.n_rows} remaining groups of demand with so few sites in some "
            f"zones; at_most = {raised} there would work, or more candidates, a higher limit, or "
            'serve="reachable"'
        )
    quotas = " or zones need sites there" if conditions.quotas else ""
    return (
        f"no choice of sites serves all {instance.n_rows} remaining groups of demand: candidates that could serve them "
        f"are too close to each other ({len(instance.too_close)} pairs){quotas}. Lower the spacing, add candidates, "
        'raise the limit, or use serve="reachable"'
    )
