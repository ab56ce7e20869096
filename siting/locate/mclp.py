"""Maximal covering (MCLP, 最大覆盖选址): serve as much demand as possible with at most p new sites.

    maximise    sum_i w_i y_i
    subject to  y_i <= sum_{j in N_i} x_j      for every demand row i
                sum_j x_j <= p
                x_j + x_k <= 1                 for candidates too close to each other
                least_z <= sum_{j in z} x_j <= most_z   for zones with a quota
                x_j in {0, 1},  0 <= y_i <= 1
    with        N_i = {j : d_ij <= S}

Church & ReVelle (1974), Papers of the Regional Science Association 32, 101-118.
"""  # fmt: skip

import time
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from siting.locate.answer import (
    Units,
    check_search,
    drop_idle,
    entries_by_candidate,
    order_by_gain,
    state_parameters,
    whole_units,
)
from siting.locate.conditions import ConditionArgs, Conditions, read_conditions
from siting.locate.costs import Costs, read_costs, read_served, read_weight
from siting.locate.covering.reduce import covered, reduce_cover
from siting.locate.covering.search import Found, Report, search
from siting.locate.result import SitingResult
from siting.locate.solver import Progress, ReportProgress, solver_version


def mclp(
    cost: Any,
    weight: Any,
    limit: float,
    p: int,
    *,
    served: Any = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    progress: ReportProgress | None = None,
    **conditions: Unpack[ConditionArgs],
) -> SitingResult:
    """Serve as much weight as possible with at most ``p`` new sites.

    Parameters
    ----------
    cost : CostMatrix, or array of shape (n_demand, n_candidates) with ``inf`` where there is no path
    weight : shape (n_demand,), not negative, e.g. residents
    limit : largest cost that is served, in the unit of ``cost``; exactly on the limit is served
    p : most sites to open; sites that would add nothing are not opened, unless a quota needs them
    served : shape (n_demand,), rows that are served already by facilities outside ``cost``
    time_limit_s : for the whole search; the best answer by then is returned with its bound
    mip_gap : stop once the relative gap is proved to be at most this
    progress : called now and then with a `Progress`
    conditions : as in `siting.locate.conditions.read_conditions`:
        ``existing``, candidates that are open already: free, not counted in ``p`` and not among the sites;
        ``required``, those that must be among the sites, which count in ``p``; ``excluded``, those that must not;
        ``too_close``, pairs of which at most one may be open; ``min_spacing_m`` and ``xy``, candidates closer than
        this in a straight line between their points are too close as well; ``zones`` with ``at_least`` and
        ``at_most``, the zone of each candidate, and how many sites it must and may have, existing ones included

    Returns
    -------
    SitingResult whose ``objective`` is all weight served, by existing sites and by ``served`` too. ``gain`` is what
    each site adds in the order of ``order``; together with what is served without any site they add up to the
    objective. Labels settle ties where ``cost`` has labels, else positions.

    ``status`` is "optimal" if no plan serves more: by an integer bound, or by the solver's complete search, whose
    arithmetic is trusted to `siting.locate.covering.search.RESOLUTION`. Weights that are no whole thousandths are
    rounded to a unit of 2**-50 of their total for the search; the objective is the exact sum of the caller's weights.

    Raises
    ------
    InputError
        Costs, weights, ``p`` or conditions that cannot be used.
    InfeasibleError
        More required sites than ``p``, required sites too close to each other, or quotas that cannot be met with
        ``p`` sites and the spacing.
    """
    began = time.perf_counter()
    check_search(time_limit_s, mip_gap, seed)
    costs = read_costs(cost)
    units = whole_units(read_weight(weight, costs))
    read = read_conditions(costs, p=p, **conditions)
    before = read_served(served, costs) | covered(costs, limit, read.existing)
    open_rows = ~(before | covered(costs, limit, read.required))
    instance = reduce_cover(costs, limit, units.units, read, open_rows, must_serve_all=False)
    base = int(units.units[~open_rows].sum())
    report = cover_reporter(progress, units, base, began)
    found = search(
        instance,
        int(p) - len(read.required),
        base=base,
        deadline=began + time_limit_s,
        mip_gap=mip_gap,
        seed=int(seed),
        report=report,
        n_required=len(read.required),
    )
    chosen = np.concatenate([read.required, instance.candidates[found.columns]])
    return cover_answer(
        "mclp", costs, units, limit, read, before, chosen, base + found.bound, found, began, seed, time_limit_s
    )


def cover_answer(
    model: str,
    costs: Costs,
    units: Units,
    limit: float,
    conditions: Conditions,
    before: NDArray[np.bool_],
    chosen: NDArray[np.intp],
    bound: int,
    found: Found,
    began: float,
    seed: int,
    time_limit_s: float,
    **more: Any,
) -> SitingResult:
    """State the answer with values recomputed from the costs."""
    serves = entries_by_candidate(costs, limit, ~before)
    sites = drop_idle(costs, serves, chosen, units.units, conditions)
    order, newly = order_by_gain(costs, serves, sites, units.units)
    served = before | covered(costs, limit, sites)
    objective = units.value(served)
    proved = int(units.units[served].sum()) >= bound
    return SitingResult(
        model=model,
        sites=sites,
        site_ids=costs.label(sites),
        assignment=costs.assign(np.concatenate([conditions.existing, sites]), limit),
        objective=objective,
        bound=objective if proved else max(objective, units.upper(bound)),
        status="optimal" if proved else "feasible",
        seconds=time.perf_counter() - began,
        order=order,
        gain=np.array([units.value(_mask(rows, costs.n_demand)) for rows in newly], dtype=np.float64),
        parameters=state_parameters(
            costs,
            conditions,
            limit,
            weight_total=units.value(np.ones(costs.n_demand, dtype=bool)),
            served_before=units.value(before),
            weights_exact=units.exact,
            proof=found.proof,
            solver=solver_version(),
            seed=int(seed),
            time_limit_s=float(time_limit_s),
            **more,
        ),
    )


def _mask(rows: NDArray[np.int64], n: int) -> NDArray[np.bool_]:
    mask = np.zeros(n, dtype=bool)
    mask[rows] = True
    return mask


def cover_reporter(progress: ReportProgress | None, units: Units, base: int, began: float) -> Report:
    """Return a function that tells the caller value and bound, each the best so far, in the caller's weight."""
    best: dict[str, int | None] = {"value": None, "bound": None}

    def report(value: int | None, bound: int | None) -> None:
        if progress is None:
            return
        if value is not None:
            best["value"] = value if best["value"] is None else max(best["value"], value)
        if bound is not None:
            best["bound"] = bound if best["bound"] is None else min(best["bound"], bound)
        if best["value"] is None or best["bound"] is None:
            return
        now, at_most = (base + best["value"]) / units.per_weight, (base + best["bound"]) / units.per_weight
        progress(Progress(value=now, bound=at_most, gap=abs(at_most - now) / max(1.0, abs(now)),
                          seconds=time.perf_counter() - began))  # fmt: skip

    return report
