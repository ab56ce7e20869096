"""What a reader of a plan should know: what was considered, and what no candidate can change."""

import math
from collections.abc import Sequence

import geopandas as gpd
import numpy as np
from numpy.typing import NDArray

from siting.ledger import Text
from siting.locate.plans.budget import PlanBudget
from siting.locate.plans.figures import Outcome, worst_off
from siting.locate.plans.loads import HAS_ROOM
from siting.locate.plans.question import Wanted
from siting.locate.result import SitingResult
from siting.units import milli_to_people, people_to_milli

_NAMED = 5
_LIMITED = frozenset({"mclp", "lscp", "backup_coverage", "gradual_cover", "capacitated_cover"})


def notes_of(
    pool: gpd.GeoDataFrame,
    refused_now: int,
    spacing_m: float | None,
    demand: gpd.GeoDataFrame,
    wanted: Wanted,
    outcome: Outcome,
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
    notes += _of_the_limit(demand, wanted, outcome, spacing_m, result)
    notes += _left_out(demand, wanted, outcome, result)
    if budget is not None and budget.spent < budget.amount and result.status == "optimal":
        rest, unit = f"{budget.amount - budget.spent:,.6g}", budget.unit
        notes.append(
            Text(
                f"预算余 {rest} {unit.zh}：在预算之内没有服务更多的方案",
                f"{rest} {unit.en} of the budget are left: no other choice within it serves more",
            )
        )
    if wanted.model == "mclp" and wanted.p is not None and len(result.sites) < wanted.p:
        notes.append(
            Text(
                f"计划 {wanted.p} 处，{len(result.sites)} 处已达最大服务，其余不再增加服务",
                f"{wanted.p} sites were allowed; {len(result.sites)} already serve all that can be served",
            )
        )
    return notes


def _weight_of(demand: gpd.GeoDataFrame, rows: NDArray[np.bool_]) -> Text:
    """Say how many people these rows are, in brackets; nothing where people are unknown."""
    if "people" not in demand.columns:
        return Text("", "")
    people = milli_to_people(people_to_milli(demand["people"]))[rows].sum()
    return Text(f"（{people:,.0f} 人）", f" ({people:,.0f} people)")


def _of_the_limit(
    demand: gpd.GeoDataFrame, wanted: Wanted, outcome: Outcome, spacing_m: float | None, result: SitingResult
) -> list[Text]:
    """Say whom no candidate reaches within the limit, where that is what the model is about."""
    matrix = outcome.layout.ways
    if wanted.model not in _LIMITED or matrix is None:
        return []
    assert wanted.limit is not None
    assert outcome.before is not None
    assert outcome.after is not None
    candidate = ~matrix.columns.isin(outcome.layout.existing)
    within = matrix.within(wanted.limit) & candidate[matrix.indices]
    reached = np.zeros(len(demand), dtype=bool)
    reached[outcome.layout.place[np.unique(matrix.row_of_entry()[within])]] = True
    hopeless = ~outcome.before & ~reached
    notes = []
    if hopeless.any():
        some, held = f"{int(hopeless.sum()):,}", _weight_of(demand, hopeless)
        notes.append(
            Text(
                f"{some} 个需求点{held.zh}在限值内没有任何候选点，任何方案都无法服务",
                f"{some} demand points{held.en} have no candidate within the limit: no plan can serve them",
            )
        )
    if result.model == "lscp" and spacing_m is not None and (reached & ~outcome.after).any():
        left = int((reached & ~outcome.after).sum())
        notes.append(
            Text(
                f"因间距限制，{left:,} 个需求点仍未服务",
                f"spacing leaves {left:,} demand points unserved that candidates reach",
            )
        )
    return notes


def _left_out(demand: gpd.GeoDataFrame, wanted: Wanted, outcome: Outcome, result: SitingResult) -> list[Text]:
    """Say who plays no part in a model that is about everybody, and who goes nowhere."""
    notes = []
    lost = outcome.layout.unreached
    if lost.any() and wanted.model != "backup_coverage":
        some, held = f"{int(lost.sum()):,}", _weight_of(demand, lost)
        far = Text("", "") if wanted.reach is None else Text("在最远距离内", " within reach")
        notes.append(
            Text(
                f"{some} 个需求点{held.zh}{far.zh}没有可到达的候选点或现有设施，未计入模型，列为未服务："
                f"{_few(demand, lost)}",
                f"{some} demand points{held.en} have no way to any candidate or existing facility{far.en}; they are "
                f"left out of the model and listed as unserved: {_few(demand, lost)}",
            )
        )
    if outcome.layout.alone:
        alone, some = outcome.layout.alone, f"{len(outcome.layout.alone):,}"
        named = ", ".join(alone[:_NAMED]) + ("…" if len(alone) > _NAMED else "")
        notes.append(
            Text(
                f"{some} 个候选点与其他各处均不连通，未采用：{named}",
                f"{some} candidates have no way to any other place and were not used: {named}",
            )
        )
    if wanted.model == "p_center":
        row = worst_off(outcome)
        name = str(demand.index[row])
        notes.append(Text(f"最远者为需求点 {name}", f"whoever is worst off lives at demand point {name}"))
        empty = ~outcome.layout.used & ~lost
        if empty.any():
            count = f"{int(empty.sum()):,}"
            notes.append(
                Text(f"{count} 个需求点无人，未计入", f"{count} demand points where nobody is are not counted")
            )
    unplaced = result.parameters.get("weight_unassigned", 0.0)
    if wanted.model in ("p_median", "facility_location") and wanted.reach is not None and unplaced:
        unit = outcome.unit
        notes.append(
            Text(
                f"{unplaced:,.0f} {unit.zh}在最远距离内没有设施，按最远距离计",
                f"{unplaced:,.0f} {unit.en} have no site within reach; each counts as that far away",
            )
        )
    if wanted.model in HAS_ROOM:
        notes += _full(result, wanted, outcome)
    if (
        wanted.model in ("p_median", "capacitated", "capacitated_cover", "gradual_cover")
        and wanted.p
        and len(result.sites) < wanted.p
    ):
        notes.append(
            Text(
                f"计划 {wanted.p} 处，{len(result.sites)} 处已最优，再增加不再改善",
                f"{wanted.p} sites were allowed; no more than {len(result.sites)} make it any better",
            )
        )
    return notes


def _full(result: SitingResult, wanted: Wanted, outcome: Outcome) -> list[Text]:
    """Say how full the sites are, and who has no place."""
    loads = result.parameters.get("loads", {})
    assert wanted.capacity is not None
    room = math.fsum(float(wanted.capacity[label]) for label in loads)
    unit, used = outcome.unit, math.fsum(loads.values())
    share = f"{used / room:.0%}" if room and math.isfinite(room) else "–"
    notes = [
        Text(
            f"新建与现有各处合计容量 {room:,.0f}，使用 {used:,.0f}（{share}）",
            f"all sites together, existing ones included, have room for {room:,.0f} and take {used:,.0f} ({share})",
        )
    ]
    unplaced = result.parameters.get("weight_unassigned", 0.0)
    if unplaced:
        notes.append(
            Text(
                f"{unplaced:,.0f} {unit.zh}因容量不足或过远而无处可去",
                f"{unplaced:,.0f} {unit.en} have no place: the sites within reach are full, or too far",
            )
        )
    return notes


def _few(demand: gpd.GeoDataFrame, rows: NDArray[np.bool_]) -> str:
    ids: Sequence[str] = demand.index[rows].astype(str).tolist()
    return ", ".join(ids[:_NAMED]) + ("…" if len(ids) > _NAMED else "")
