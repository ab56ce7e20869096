"""One plan of a study: candidates, costs and conditions in; named sites with their proof out."""

import dataclasses
import math
from collections.abc import Sequence
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage.travel import Travel
from siting.errors import InfeasibleError, InputError
from siting.ledger import Text
from siting.locate.budget_cover import budget_cover
from siting.locate.conditions import read_p
from siting.locate.costs import read_costs
from siting.locate.lscp import lscp
from siting.locate.mclp import mclp
from siting.locate.partial import partial_cover
from siting.locate.plans.budget import AREA_HA, PlanBudget, site_prices
from siting.locate.plans.plan import PEOPLE, Plan
from siting.locate.result import SitingResult
from siting.locate.solver import ReportProgress
from siting.standards.model import Rule
from siting.units import milli_to_people, people_to_milli

Weight = Literal["people", "units"]


def make_plan(
    name: str,
    *,
    model: Literal["mclp", "lscp"],
    limit_m: float,
    candidates: gpd.GeoDataFrame,
    cost: Any,
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
    progress: ReportProgress | None = None,
) -> Plan:
    """Choose sites among candidates so that people who are not served today are.

    Parameters
    ----------
    model : "mclp" = most ``weight`` with ``p`` sites; "lscp" = the fewest sites that serve everybody whom an allowed
        candidate reaches; with ``target`` either finds the fewest sites that reach that share
    limit_m : largest cost that is served; exactly on the limit is served. Seconds, where ``cost`` holds times
    candidates : as `make_candidates` returns them
    cost : CostMatrix, demand by the candidates whose ``allowed`` is True (others in it are left out)
    demand : index = demand id, points; columns ``people`` and ``units`` where known
    served_before : one True or False a row of ``demand``: served by what exists; None = nobody is
    target : share of all weight to be served, existing service included, above 0 and at most 1
    required, excluded : candidate ids
    existing : facilities of the same kind, for ``min_spacing_m``
    min_spacing_m : straight distance between new sites, and between a new site and an existing facility, at least
    notes : what a reader should know beside what is found here
    distance : what ``cost`` measures, for the reader
    travel : who moves and how, with ``distance`` "time"
    unit : what ``units`` of the demand are, in words; default "units"
    budget, price : with "mclp" in place of ``p``: the most that the sites may cost together, and the column of the
        candidates that says what each costs; "area_ha" is built in: their free ground in hectares

    Returns
    -------
    Plan whose ``result.objective`` is all weight served, existing service included (mclp with ``p``), or the number of
    sites (lscp, or a ``target``)

    Raises
    ------
    InputError
        Ids that do not match, a weight that the study does not have, no allowed candidate, contrary conditions.
    InfeasibleError
        ``target`` cannot be reached, or required sites exclude each other.
    """
    before = _before(served_before, demand)
    value, counted = _weight(demand, weight, unit)
    if not math.fsum(value) > 0:
        msg = f"{name}: no demand: '{weight}' is 0 everywhere, so any plan would be as good as any other"
        raise InputError(msg)
    pool, refused_now = _too_near_existing(candidates, existing, min_spacing_m, set(map(str, required)))
    open_ids = pool.index[pool["allowed"].to_numpy(dtype=bool)]
    refused = [str(c) for c in required if c in pool.index and c not in set(open_ids)]
    if refused:
        msg = f"{name}: required candidate {refused[0]} is refused: {pool.loc[refused[0], 'refusal']}"
        raise InfeasibleError(msg)
    if not len(open_ids):
        msg = f"{name}: none of {len(pool)} candidates is allowed ({_reasons(pool)}). Relax a test, or give others"
        raise InfeasibleError(msg)
    matrix = read_costs(cost)
    _check_ids(demand, pool, matrix.rows, matrix.columns)
    shut = matrix.columns[~matrix.columns.isin(open_ids)].tolist()
    given: dict[str, Any] = {
        "required": list(required),
        "excluded": list(dict.fromkeys([*shut, *excluded])),
        "served": pd.Series(before, index=demand.index),
        "min_spacing_m": min_spacing_m,
        "xy": None if min_spacing_m is None else shapely.get_coordinates(pool.loc[matrix.columns].geometry.array),
        "time_limit_s": time_limit_s,
        "mip_gap": mip_gap,
        "seed": seed,
        "progress": progress,
    }
    series = pd.Series(value, index=demand.index)
    if target is not None:
        # The fewest sites for a share: both models ask the same question then.
        searched = {k: v for k, v in given.items() if k not in ("mip_gap", "progress")}
        result = partial_cover(cost, series, limit_m, target, **searched)
    elif model == "lscp":
        result = lscp(cost, limit_m, weight=series, serve="reachable", **given)
    elif budget is not None:
        priced = site_prices(name, pool, price or AREA_HA, open_ids.tolist())
        pool = gpd.GeoDataFrame(pool.assign(**{price or AREA_HA: priced.reindex(pool.index)}))
        prices = priced.reindex(matrix.columns).fillna(0.0)
        result = budget_cover(cost, series, limit_m, prices, budget, **given)
    elif p is not None:
        result = mclp(cost, series, limit_m, read_p(p, int(candidates["allowed"].sum())), **given)
    else:
        msg = f"{name}: mclp needs p (number of sites), a budget, or target (the share to be served)"
        raise InputError(msg)
    result = dataclasses.replace(
        result, parameters={**result.parameters, "excluded": tuple(map(str, excluded)), "min_spacing_m": min_spacing_m}
    )
    served_by = _served_by(matrix, result, limit_m, demand)
    after = before | np.logical_or.reduce([np.zeros(len(demand), dtype=bool), *served_by.values()])
    people = people_to_milli(demand["people"]) if "people" in demand.columns else None
    return Plan(
        name=name,
        title=title or Text(name, name),
        model=model,
        rule=rule,
        facility=tuple(facility),
        limit_m=None if distance == "time" else float(limit_m),
        limit_s=float(limit_m) if distance == "time" else None,
        travel=travel,
        weight=weight,
        result=result,
        candidates=pool,
        sites=_sites(pool, result, served_by, before, people, value, counted),
        people_total=None if people is None else int(people.sum()) / 1000,
        people_before=None if people is None else int(people[before].sum()) / 1000,
        people_after=None if people is None else int(people[after].sum()) / 1000,
        unserved_after=tuple(demand.index[~after].astype(str)),
        unserved_before=tuple(demand.index[~before].astype(str)),
        distance=distance,
        unit=counted,
        weight_total=math.fsum(value),
        weight_before=math.fsum(value[before]),
        weight_after=math.fsum(value[after]),
        budget=_budget(result, price),
        newly_served=_newly_served(result, served_by, before, demand),
        notes=(
            *notes,
            *_notes(
                pool,
                refused_now,
                min_spacing_m,
                demand,
                before,
                after,
                matrix,
                model,
                p,
                _budget(result, price),
                result,
            ),
        ),
    )


def _budget(result: SitingResult, price: str | None) -> PlanBudget | None:
    if "budget" not in result.parameters:
        return None
    return PlanBudget(cost=price or AREA_HA, amount=result.parameters["budget"], spent=result.parameters["spent"])


def _before(served: Any, demand: gpd.GeoDataFrame) -> NDArray[np.bool_]:
    if served is None:
        return np.zeros(len(demand), dtype=bool)
    if isinstance(served, pd.Series):
        served = served.reindex(demand.index)
    mask = np.asarray(served)
    if mask.shape != (len(demand),) or mask.dtype != bool:
        msg = (
            f"served_before is {mask.dtype} of shape {mask.shape}, expected True or False for {len(demand)} demand rows"
        )
        raise InputError(msg)
    return mask


def _weight(demand: gpd.GeoDataFrame, weight: Weight, unit: Text | None) -> tuple[NDArray[np.float64], Text]:
    if weight not in ("people", "units"):
        msg = f"weight is {weight!r}, expected 'people' or 'units'"
        raise InputError(msg)
    if weight not in demand.columns:
        msg = f"demand has no column '{weight}', by which this plan is weighed; give one, or weigh by the other"
        raise InputError(msg)
    counted = PEOPLE if weight == "people" else unit or Text("处", "units")
    return demand[weight].to_numpy(dtype=np.float64), counted


def _too_near_existing(
    candidates: gpd.GeoDataFrame, existing: gpd.GeoDataFrame | None, spacing_m: float | None, required: set[str]
) -> tuple[gpd.GeoDataFrame, int]:
    """Refuse candidates nearer than the spacing to an existing facility, required ones excepted."""
    pool = gpd.GeoDataFrame(candidates.copy())
    if existing is None or spacing_m is None or not len(existing) or not len(pool):
        return pool, 0
    tree = shapely.STRtree(existing.geometry.array)
    (row, place), metres = tree.query_nearest(pool.geometry.array, max_distance=spacing_m, return_distance=True)
    order = np.lexsort((place, row))
    row, place, metres = row[order], place[order], metres[order]
    first = np.unique(row, return_index=True)[1]
    row, place, metres = row[first], place[first], metres[first]
    near = (metres < spacing_m) & pool["allowed"].to_numpy(dtype=bool)[row] & ~pool.index[row].isin(list(required))
    refusal = pool["refusal"].to_numpy(dtype=object).copy()
    allowed = pool["allowed"].to_numpy(dtype=bool).copy()
    for k, other, distance in zip(row[near], existing.index[place[near]], metres[near], strict=True):
        refusal[k] = Text(
            f"距现有设施 {other} {distance:.0f} m，小于间距 {spacing_m:g} m",
            f"{distance:.0f} m from existing {other}, under the spacing of {spacing_m:g} m",
        ).both(" / ")
    allowed[row[near]] = False
    return gpd.GeoDataFrame(pool.assign(refusal=refusal, allowed=allowed)), int(near.sum())


def _check_ids(
    demand: gpd.GeoDataFrame, pool: gpd.GeoDataFrame, rows: "pd.Index[Any]", columns: "pd.Index[Any]"
) -> None:
    if len(rows) != len(demand) or not rows.isin(demand.index).all():
        msg = f"cost has {len(rows)} demand rows, demand has {len(demand)}; both must hold the same ids"
        raise InputError(msg)
    unknown = columns[~columns.isin(pool.index)]
    if len(unknown):
        msg = f"cost has {len(unknown)} columns that are no candidates (first {unknown[:3].tolist()})"
        raise InputError(msg)


def _served_by(
    matrix: Any, result: SitingResult, limit_m: float, demand: gpd.GeoDataFrame
) -> dict[int, NDArray[np.bool_]]:
    """Which demand rows, in the order of the layer, each site serves."""
    place = demand.index.get_indexer(matrix.rows)
    within, row = matrix.within(limit_m), matrix.row_of_entry()
    served = {}
    for site in result.sites.tolist():
        mask = np.zeros(len(demand), dtype=bool)
        mask[place[row[within & (matrix.indices == site)]]] = True
        served[site] = mask
    return served


def _newly_served(
    result: SitingResult, served_by: dict[int, NDArray[np.bool_]], before: NDArray[np.bool_], demand: gpd.GeoDataFrame
) -> tuple[tuple[str, ...], ...]:
    """Return for each site in its order the ids of the demand that it is the first to serve."""
    served, found = before.copy(), []
    for site in result.order.tolist():
        newly = served_by[site] & ~served
        served |= newly
        found.append(tuple(demand.index[newly].astype(str)))
    return tuple(found)


def _sites(
    pool: gpd.GeoDataFrame,
    result: SitingResult,
    served_by: dict[int, NDArray[np.bool_]],
    before: NDArray[np.bool_],
    people: NDArray[np.int64] | None,
    value: NDArray[np.float64],
    unit: Text,
) -> gpd.GeoDataFrame:
    """Name the sites in the order of gain, with what each adds and serves in all."""
    label = dict(zip(result.sites.tolist(), result.site_ids, strict=True))
    served = before.copy()
    rows = []
    for k, site in enumerate(result.order.tolist()):
        newly = served_by[site] & ~served
        served |= newly
        gain = int(people[newly].sum()) / 1000 if people is not None else None
        shown = gain if unit.en == "people" and gain is not None else math.fsum(value[newly])
        street = pool.loc[label[site], "street"] if "street" in pool.columns else None
        plot = str(pool.loc[label[site], "plot"])
        place = Text(street, street) if isinstance(street, str) else Text(f"无名路段 {plot}", f"unnamed place {plot}")
        rows.append(
            {
                "order": k + 1,
                "gain_people": gain,
                "gain": math.fsum(value[newly]),
                "people_served": None if people is None else int(people[served_by[site]].sum()) / 1000,
                "name_zh": f"S{k + 1:02d} {place.zh}：新增服务 {shown:,.0f} {unit.zh}",
                "name_en": f"S{k + 1:02d} {place.en}: {shown:,.0f} more {unit.en}",
            }
        )
    sites = gpd.GeoDataFrame(pool.loc[[label[site] for site in result.order.tolist()]])
    columns = ["order", "gain_people", "gain", "people_served", "name_zh", "name_en"]
    table = pd.DataFrame(rows, columns=columns, index=sites.index)
    table = table.astype({"order": "int64", "gain_people": "float64", "gain": "float64", "people_served": "float64"})
    return gpd.GeoDataFrame(pd.concat([table, sites], axis=1), geometry="geometry", crs=pool.crs)


def _reasons(pool: gpd.GeoDataFrame) -> str:
    counts = pool["refusal"].dropna().astype(str).str.rsplit(" / ", n=1).str[-1].value_counts()
    return "; ".join(f"{reason}: {n}" for reason, n in counts.iloc[:3].items()) or "no candidates"


def _notes(
    pool: gpd.GeoDataFrame,
    refused_now: int,
    spacing_m: float | None,
    demand: gpd.GeoDataFrame,
    before: NDArray[np.bool_],
    after: NDArray[np.bool_],
    matrix: Any,
    model: str,
    p: int | None,
    budget: PlanBudget | None,
    result: SitingResult,
) -> list[Text]:
    """Say what was considered and what no candidate can change."""
    allowed = int(pool["allowed"].sum())
    notes = [
        *pool.attrs.get("notes", ()),
        Text(
            f"候选点 {len(pool):,} 个，可用 {allowed:,} 个；权属、管线与规划控制线未检验，落实前须现场核实",
            f"{len(pool):,} candidates, {allowed:,} allowed; ownership, utilities and planning lines are not tested: "
            "check every site on the ground",
        ),
    ]
    if refused_now:
        notes.append(
            Text(
                f"{refused_now:,} 个候选点距现有设施不足 {spacing_m:g} m，未采用",
                f"{refused_now:,} candidates lie under {spacing_m:g} m from an existing facility and were not used",
            )
        )
    within = matrix.within(result.parameters["limit"])
    reached = np.zeros(len(demand), dtype=bool)
    reached[demand.index.get_indexer(matrix.rows[np.unique(matrix.row_of_entry()[within])])] = True
    hopeless = ~before & ~reached
    if hopeless.any():
        weight = (
            milli_to_people(people_to_milli(demand["people"]))[hopeless].sum() if "people" in demand.columns else None
        )
        zh, en = ("", "") if weight is None else (f"（{weight:,.0f} 人）", f" ({weight:,.0f} people)")
        notes.append(
            Text(
                f"{int(hopeless.sum()):,} 个需求点{zh}在限值内没有任何候选点，任何方案都无法服务",
                f"{int(hopeless.sum()):,} demand points{en} have no candidate within the limit: no plan can serve them",
            )
        )
    if result.model == "lscp" and spacing_m is not None and (reached & ~after).any():
        left = int((reached & ~after).sum())
        notes.append(
            Text(
                f"因间距限制，{left:,} 个需求点仍未服务",
                f"spacing leaves {left:,} demand points unserved that candidates reach",
            )
        )
    if budget is not None and budget.spent < budget.amount and result.status == "optimal":
        rest, unit = f"{budget.amount - budget.spent:,.6g}", budget.unit
        notes.append(
            Text(
                f"预算余 {rest} {unit.zh}：在预算之内没有服务更多的方案",
                f"{rest} {unit.en} of the budget are left: no other choice within it serves more",
            )
        )
    if model == "mclp" and p is not None and len(result.sites) < p:
        notes.append(
            Text(
                f"计划 {p} 处，{len(result.sites)} 处已达最大服务，其余不再增加服务",
                f"{p} sites were allowed; {len(result.sites)} already serve all that can be served",
            )
        )
    return notes
