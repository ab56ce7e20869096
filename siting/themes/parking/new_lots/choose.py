"""Which lots to build, of what type: most cars parked for a budget, or a share of the shortage removed at least cost.

maximise    sum_ij x_ij                          (budget)        or   minimise  sum_v f_v y_v   (share)
subject to  sum_j x_ij <= c_i                    cars of a row
            sum_i x_ij <= s_j                    spaces of a lot that stands
            sum_i x_ik <= sum_{v of k} q_v y_v   spaces of a site by the version built there
            sum_{v of k} y_v <= 1                = 1 where the site is required
            sum_v f_v y_v <= B, or sum_ij x_ij >= cars parked today + the share of the shortage
            sum_v y_v <= p;  y_k + y_l <= 1 for sites too close to each other;  y binary, x >= 0
Cars move freely between lots that stand and new ones: what a plan parks is a greatest flow, not a sum of catchments.

The model keeps only rows and lots of the areas that are short (spaces elsewhere park nobody more), joins rows that
reach the same lots, and counts of a site no more spaces than it fills if it alone is built: the greatest flow is the
same for every choice, since spaces that add nothing alone add nothing beside others (the flow's gains are submodular).
"""

from __future__ import annotations

import numpy as np

from siting.locate.clock import Clock
from siting.themes.parking.assignment import Ways
from siting.themes.parking.flow import Longs
from siting.themes.parking.new_lots.asked import Asked, Choice, NoChoice, OutOfReach, Versions
from siting.themes.parking.new_lots.core import Core, core_of, gain_of, gains_of
from siting.themes.parking.new_lots.greedy import greedy_choice
from siting.themes.parking.new_lots.model import Model

_ROUNDING = 1e-4
"""Bounds of the solver are trusted so far: values are whole numbers."""


def choose_lots(ways: Ways, cars: Longs, spaces: Longs, versions: Versions, asked: Asked, clock: Clock) -> Choice:
    """Choose versions of sites.

    Parameters
    ----------
    ways : of rows to lots, then (from ``len(spaces)`` on) to sites
    cars, spaces : of rows and of lots that stand, whole numbers

    Raises
    ------
    OutOfReach
        No choice removes the share asked for.
    NoChoice
        Required sites are too many, too close or above the budget; or the time did not suffice.
    """
    core = core_of(ways, cars, spaces, versions)
    greedy = greedy_choice(core, versions, asked)
    if asked.remove is None:
        return _most(core, versions, asked, greedy, clock)
    want = -int(-asked.remove * core.short // 1)
    if greedy is not None and gain_of(core, versions, greedy) >= want:
        return _cheapest(core, versions, asked, want, greedy, clock)
    best = _most(core, versions, Asked(p=asked.p), greedy, clock, cheapest=False)
    if best.gain >= want:
        return _cheapest(core, versions, asked, want, best.versions, clock)
    if best.gain_bound < want:
        raise OutOfReach(core.short, best.gain, best.gain_bound)
    try:
        return _cheapest(core, versions, asked, want, None, clock)
    except NoChoice as error:
        if error.late:
            raise
        raise OutOfReach(core.short, best.gain, want - 1) from None


def _most(
    core: Core, versions: Versions, asked: Asked, start: Longs | None, clock: Clock, *, cheapest: bool = True
) -> Choice:
    """Most cars, and then the cheapest choice that parks as many."""
    model = Model(core, versions, asked)
    answer = model.solve(-model.flow_row, clock, start, None)
    chosen = model.read(answer, start)
    if chosen is None:
        raise NoChoice(late=answer.status != "infeasible")
    if asked.budget is not None and int(versions.cost[chosen].sum()) > asked.budget:
        # The solver counts in floating point; money is counted here.
        if start is None:
            raise NoChoice(late=True)
        chosen = start
    gain = gain_of(core, versions, chosen)
    bound = min(int(core.alone.sum()), core.short)
    if np.isfinite(answer.bound):
        bound = min(bound, int(np.floor(-answer.bound - core.parked + _ROUNDING)))
    bound = max(bound, gain)
    cost = int(versions.cost[chosen].sum())
    floor: int | None = None
    if cheapest and gain == bound:
        again = _cheapest(core, versions, asked, gain, chosen, clock)
        chosen, cost, floor = again.versions, again.cost, again.cost_bound
    return Choice(
        versions=chosen, short=core.short, gain=gain, gain_bound=bound, cost=cost, cost_bound=floor,
        proved=gain == bound, alone=core.alone, gains=gains_of(core, versions, chosen),
    )  # fmt: skip


def _cheapest(core: Core, versions: Versions, asked: Asked, want: int, start: Longs | None, clock: Clock) -> Choice:
    model = Model(core, versions, asked)
    unit = max(1, int(np.gcd.reduce(versions.cost[core.keep])) if len(core.keep) else 1)
    price = np.concatenate([versions.cost[core.keep] / unit, np.zeros(model.n_way)])
    answer = model.solve(price, clock, start, want)
    chosen = model.read(answer, start)
    if chosen is None:
        raise NoChoice(late=answer.status != "infeasible")
    gain = gain_of(core, versions, chosen)
    if gain < want:
        if start is None:
            raise NoChoice(late=True)
        chosen, gain = start, gain_of(core, versions, start)
    cost = int(versions.cost[chosen].sum())
    bound = (
        0
        if not np.isfinite(answer.bound)
        else max(0, int(np.ceil(answer.bound - max(_ROUNDING, 1e-9 * abs(answer.bound)))) * unit)
    )
    bound = min(bound, cost)
    return Choice(
        versions=chosen, short=core.short, gain=gain, gain_bound=core.short, cost=cost, cost_bound=bound,
        proved=bound == cost, alone=core.alone, gains=gains_of(core, versions, chosen),
    )  # fmt: skip
