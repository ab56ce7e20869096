"""One plan of a study: candidates, costs and conditions in; named sites with their proof out."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.coverage.travel import Travel
from siting.errors import InputError
from siting.ledger import Text
from siting.locate.gains_by_zone import gains_by_zone
from siting.locate.plans.budget import AREA_HA, PlanBudget, site_prices
from siting.locate.plans.capacities import capacities_of
from siting.locate.plans.figures import Outcome, figures_of
from siting.locate.plans.layout import Layout, lay_out
from siting.locate.plans.loads import existing_alone, placed_share
from siting.locate.plans.notes import notes_of
from siting.locate.plans.plan import Plan
from siting.locate.plans.pool import check_ids, open_pool
from siting.locate.plans.question import Model, SiteConditions, Wanted, ask
from siting.locate.plans.site_table import Served, labels_in_order, served_by, site_table
from siting.locate.plans.weights import Weight, served_without, weights_of
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress
from siting.standards.model import Rule
from siting.units import people_to_milli

COVERING = frozenset({"mclp", "lscp", "backup_coverage", "gradual_cover", "capacitated_cover"})
"""Models that are about who is served within the limit."""


def make_plan(
    name: str,
    *,
    model: Model,
    limit_m: float | None = None,
    candidates: gpd.GeoDataFrame,
    cost: Any = None,
    demand: gpd.GeoDataFrame,
    served_before: Any = None,
    p: int | None = None,
    target: float | None = None,
    rule: Rule | None = None,
    facility: Sequence[str] = (),
    title: Text | None = None,
    weight: Weight = "people",
    required: Sequence[str] = (),
    excluded: Sequence[str] = (),
    existing: gpd.GeoDataFrame | None = None,
    min_spacing_m: float | None = None,
    time_limit_s: float = 60.0,
    mip_gap: float = 0.0,
    seed: int = 0,
    notes: Sequence[Text] = (),
    distance: Literal["network", "straight", "time"] = "network",
    travel: Travel | None = None,
    unit: Text | None = None,
    budget: float | None = None,
    price: str | None = None,
    per_person_km: float | None = None,
    capacity: str | float | None = None,
    reach_m: float | None = None,
    existing_cost: Any = None,
    separation: Any = None,
    zones: "pd.Series[Any] | None" = None,
    at_least: Mapping[str, int] | None = None,
    at_most: Mapping[str, int] | None = None,
    demand_zones: "pd.Series[Any] | None" = None,
    n_alternatives: int = 0,
    max_loss: float | None = None,
    progress: ReportProgress | None = None,
) -> Plan:
    """Choose sites among candidates, by any model of `siting.locate`.

    Parameters
    ----------
    model : "mclp" = most ``weight`` with ``p`` sites; "lscp" = the fewest sites that serve everybody whom an allowed
        candidate reaches; with ``target`` either finds the fewest sites that reach that share; others as the functions
        of `siting.locate` of these names
    limit_m : largest cost that is served; exactly on the limit is served. Seconds, where ``cost`` holds times. Models
        without a limit say beside their own figures who is served within it, if it is given
    candidates : as `make_candidates` returns them
    cost : CostMatrix, demand by the candidates whose ``allowed`` is True (others in it are left out)
    demand : index = demand id, points; columns ``people`` and ``units`` where known
    served_before : one True or False a row of ``demand``: served by what exists; None = nobody is
    target : share of all weight to be served, existing service included, above 0 and at most 1
    required, excluded : candidate ids
    existing : facilities of the same kind, for ``min_spacing_m`` and, with a column ``capacity``, for "capacitated"
    min_spacing_m : straight distance between new sites, and between a new site and an existing facility, at least
    notes : what a reader should know beside what is found here
    distance : what ``cost`` measures, for the reader
    travel : who moves and how, with ``distance`` "time"
    unit : what ``units`` of the demand are, in words; default "units"
    budget, price : with "mclp" in place of ``p``: the most that the sites may cost together, and the column of the
        candidates that says what each costs; "area_ha" is built in: their free ground in hectares
    per_person_km : with ``price``: what a kilometre of way counts for each person, in the same money
    capacity : most weight that a site can serve, for "capacitated": a column of the candidates, or one number; existing
        facilities have their own in a column of that name or ``capacity``, else the number
    reach_m : nobody goes farther, in the unit of ``cost``; who has no site within it counts as that far away, and is
        told. For "gradual_cover": from where on nobody counts
    existing_cost : demand by existing facilities, for every model but "mclp" and "lscp"; None = nothing exists
    separation : for "p_dispersion", from each allowed candidate and existing facility to each
    zones, at_least, at_most : the zone of each candidate, by id, and how many new sites zones must and may have
    demand_zones : the zone of each demand row, for what each zone gains
    n_alternatives, max_loss : how many other plans to look for, and how much worse they may be

    Returns
    -------
    Plan whose ``result.objective`` is all weight served, existing service included (mclp with ``p``), the number of
    sites (lscp, or a ``target``), or what else its model counts; money where ways are paid

    Raises
    ------
    InputError
        Ids that do not match, a weight that the study does not have, no allowed candidate, contrary conditions.
    InfeasibleError
        ``target`` cannot be reached, or required sites exclude each other.
    """
    before = served_without(served_before, demand)
    value, counted = weights_of(demand, weight, unit)
    if not math.fsum(value) > 0:
        msg = f"{name}: no demand: '{weight}' is 0 everywhere, so any plan would be as good as any other"
        raise InputError(msg)
    pool, refused_now = open_pool(name, candidates, existing, min_spacing_m, required)
    open_ids = pool.index[pool["allowed"].to_numpy(dtype=bool)]
    usable = open_ids[~open_ids.isin(list(map(str, excluded)))]
    layout = lay_out(
        model, demand, value, cost, existing_cost=existing_cost, separation=separation, candidates=pool.index,
        usable=usable, within=limit_m if model == "backup_coverage" else reach_m,
    )  # fmt: skip
    columns = pd.Index(layout.cost.columns) if hasattr(layout.cost, "columns") else pd.Index([])
    own = columns[~columns.isin(layout.existing)]
    if layout.ways is not None:
        check_ids(demand, pool, layout.ways.rows, layout.ways.columns[~layout.ways.columns.isin(layout.existing)])
    shut = own[~own.isin(open_ids)].tolist()
    alone = [label for label in layout.alone if label not in set(map(str, required))]
    prices = None
    if price is not None or budget is not None:
        prices = site_prices(name, pool, price or AREA_HA, open_ids.tolist())
        pool = gpd.GeoDataFrame(pool.assign(**{price or AREA_HA: prices.reindex(pool.index)}))
    rooms, told = capacities_of(name, capacity, pool, open_ids, layout, existing)
    wanted = Wanted(
        model=model, p=p, target=target, limit=limit_m, reach=reach_m, budget=budget, prices=prices,
        priced_by=price, per_person_km=per_person_km, capacity=rooms,
    )  # fmt: skip
    question = ask(
        name,
        wanted,
        layout,
        pd.Series(value, index=demand.index),
        pd.Series(before, index=demand.index),
        SiteConditions(
            required=list(required),
            excluded=list(dict.fromkeys([*shut, *alone, *excluded])),
            min_spacing_m=min_spacing_m,
            points=pool.geometry,
            n_allowed=int(candidates["allowed"].sum()),
            zones=zones,
            at_least=at_least,
            at_most=at_most,
        ),
        {"time_limit_s": time_limit_s, "mip_gap": mip_gap, "seed": seed, "progress": progress},
    )
    others = question.answers(n_alternatives, max_loss) if n_alternatives else ()
    stated = {"excluded": tuple(map(str, excluded)), "min_spacing_m": min_spacing_m}
    result = _home(others[0].result if others else question.answer(), layout, reach_m, stated)
    served = None
    if limit_m is not None and layout.ways is not None:
        served = served_by(layout.ways, layout.place, result, limit_m, len(demand))
    after = before if served is None else served.after(before)
    outcome = Outcome(
        layout=layout,
        weight=value,
        unit=counted,
        before=None if served is None else before,
        after=None if served is None else after,
        near_before=layout.least(layout.existing, reach_m),
        near_after=layout.least([*layout.existing, *result.site_ids], reach_m),
        timed=distance == "time",
        alone=existing_alone(wanted, layout, value),
    )
    people = people_to_milli(demand["people"]) if "people" in demand.columns else None
    limited = served is not None
    standing = _Standing(before=before.astype(np.float64), after=after.astype(np.float64))
    if model == "capacitated_cover":  # who is near enough is served only as far as there is room
        standing = _Standing(before=placed_share(outcome.alone, value), after=placed_share(result, value))
    nowhere = standing.after < 1 if limited else (result.assignment < 0) & (value > 0) & (model != "p_dispersion")
    money = _budget(result, price)
    return Plan(
        name=name,
        title=title or Text(name, name),
        model=model,
        rule=rule,
        facility=tuple(facility),
        limit_m=None if distance == "time" or limit_m is None else float(limit_m),
        limit_s=float(limit_m) if distance == "time" and limit_m is not None else None,
        travel=travel,
        weight=weight,
        result=result,
        candidates=pool,
        sites=site_table(pool, wanted, result, served, outcome, people),
        people_total=None if people is None else int(people.sum()) / 1000,
        people_before=standing.people(standing.before, people) if people is not None and limited else None,
        people_after=standing.people(standing.after, people) if people is not None and limited else None,
        unserved_after=tuple(demand.index[nowhere].astype(str)),
        unserved_before=tuple(demand.index[standing.before < 1].astype(str)) if limited else None,
        distance=distance,
        unit=counted,
        weight_total=math.fsum(value),
        weight_before=math.fsum(value * standing.before) if limited else None,
        weight_after=math.fsum(value * standing.after) if limited else None,
        budget=money,
        newly_served=None
        if served is None or model == "capacitated_cover"
        else _newly_served(result, served, before, demand),
        notes=(*notes, *told, *notes_of(pool, refused_now, min_spacing_m, demand, wanted, outcome, money, result)),
        measures=figures_of(wanted, result, outcome),
        alternatives=tuple(
            dataclasses.replace(one, result=_home(one.result, layout, reach_m, stated)) for one in others
        ),
        gains_by_zone=_gains(result, layout, demand, value, before, limit_m, demand_zones, model),
    )


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _Standing:
    """The share of each demand row that is served, without and with the new sites."""

    before: NDArray[np.float64]
    after: NDArray[np.float64]

    def people(self, share: NDArray[np.float64], people: NDArray[np.int64]) -> float:
        """Return the people served, to the thousandth."""
        whole = share == 1
        return int(people[whole].sum() + np.rint(people[~whole] * share[~whole]).sum()) / 1000


def _home(result: SitingResult, layout: Layout, reach: float | None, stated: Mapping[str, Any]) -> SitingResult:
    """Return an answer in the order of the demand layer, with what the study asked stated."""
    there = layout.home(result, reach)
    return dataclasses.replace(there, parameters={**result.parameters, **stated})


def _budget(result: SitingResult, price: str | None) -> PlanBudget | None:
    if "budget" not in result.parameters:
        return None
    return PlanBudget(cost=price or AREA_HA, amount=result.parameters["budget"], spent=result.parameters["spent"])


def _newly_served(
    result: SitingResult, served: Served, before: NDArray[np.bool_], demand: gpd.GeoDataFrame
) -> tuple[tuple[str, ...], ...]:
    """Return for each site in its order the ids of the demand that it is the first to serve."""
    return tuple(tuple(demand.index[rows].astype(str)) for rows in served.newly(labels_in_order(result), before))


def _gains(
    result: SitingResult,
    layout: Layout,
    demand: gpd.GeoDataFrame,
    value: NDArray[np.float64],
    before: NDArray[np.bool_],
    limit: float | None,
    zones: "pd.Series[Any] | None",
    model: Model,
) -> "pd.DataFrame | None":
    """Return what each zone gains, for models that are about who is served."""
    if zones is None or limit is None or model not in COVERING:
        return None
    return gains_by_zone(
        result,
        layout.whole,
        pd.Series(value, index=demand.index),
        limit,
        zones.reindex(demand.index),
        existing=layout.existing,
        served=pd.Series(before, index=demand.index),
    )
