"""The tables of a plan of car parks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from siting.ledger import Text
from siting.standards.labels import number
from siting.themes.parking.new_lots.lot_types import ASSUMED
from siting.themes.result import ThemeTable

if TYPE_CHECKING:
    from siting.themes.parking.new_lots.siting_parking import ParkingPlan

PLACES = {
    "id": Text("编号", "id"),
    "name": Text("名称", "name"),
    "kind": Text("类别代码", "kind (code)"),
    "kind_zh": Text("类别", "kind, Chinese"),
    "kind_en": Text("类别（英文）", "kind"),
    "lot": Text("现有停车场编号", "car park that stands"),
    "area_m2": Text("可用面积（平方米）", "free area (m²)"),
    "spaces_now": Text("现有泊位", "spaces today"),
    "spaces_most": Text("最多泊位", "spaces at most"),
    "types_zh": Text("可建类型", "types that fit, Chinese"),
    "types_en": Text("可建类型（英文）", "types that fit"),
    "site_cost": Text("用地费用（研究设定）", "cost of the land (set by the study)"),
    "land_source": Text("用地来源", "land source"),
    "street": Text("临近道路", "street"),
    "nearest_conflict": Text("最近冲突对象", "nearest conflict"),
    "nearest_conflict_m": Text("至最近冲突对象（米）", "to the nearest conflict (m)"),
    "tests": Text("检验内容", "what was tested"),
    "allowed": Text("可作候选", "may be built on"),
    "refusal": Text("不作候选的原因", "why not"),
}
SITES = {
    **{k: v for k, v in PLACES.items() if k not in ("allowed", "refusal", "types_zh", "types_en", "spaces_most")},
    "order": Text("次序（按增停车辆）", "order, by gain"),
    "type_zh": Text("类型", "type, Chinese"),
    "type_en": Text("类型（英文）", "type"),
    "spaces": Text("建成后泊位", "spaces when built"),
    "added": Text("新增泊位", "spaces added"),
    "cost": Text("费用（研究设定的单价）", "cost (unit costs set by the study)"),
    "gain": Text("加入后增停（辆）", "cars parked more when it joins"),
    "gain_alone": Text("单独建设可增停（辆）", "cars parked more if it alone is built"),
    "cars": Text("停入（辆）", "cars in it"),
}
SHORT = {
    "cars": Text("需求（辆）", "cars"),
    "short_before": Text("现状无泊位（辆）", "without a space today"),
    "short_after": Text("方案后无泊位（辆）", "without a space with the plan"),
    "gain": Text("减少（辆）", "fewer"),
}
MEASURES = {
    "measure": Text("措施代码", "measure (code)"),
    "measure_zh": Text("措施", "measure, Chinese"),
    "measure_en": Text("措施（英文）", "measure"),
    "places": Text("处数", "places"),
    "spaces": Text("泊位", "spaces"),
    "gain": Text("消除缺口（辆）", "cars parked more"),
    "share": Text("占缺口", "share of the shortage"),
    "short_after": Text("仍无泊位（辆）", "still without a space"),
    "cost": Text("费用（研究设定的单价）", "cost (unit costs set by the study)"),
    "cost_per_car": Text("每消除一辆的费用", "cost a car"),
    "proved": Text("已证明", "proved"),
    "note_zh": Text("说明", "note, Chinese"),
    "note_en": Text("说明（英文）", "note"),
}


def plan_tables(plan: ParkingPlan) -> list[ThemeTable]:
    """Return every table of a plan."""
    from siting.themes.parking.new_lots.shown import plan_note

    note = plan_note(plan)
    sites = pd.DataFrame(plan.sites.drop(columns="geometry")).rename_axis("id").reset_index()
    first = ["order", "id", "name", "type_zh", "type_en", "spaces", "added", "gain", "cost", "gain_alone", "cars"]
    sites = sites[[*first, *(c for c in sites.columns if c not in first)]]
    tables = [
        ThemeTable(
            name="parking_sites",
            title=Text("新建、改建停车场清单", "New and built-up car parks"),
            frame=sites,
            columns=SITES,
            note=Text(
                f"加入后增停：按单独效果从大到小依次加入时各增加的停放数，合计即方案效果；{note.zh}",
                f"cars parked more when it joins: in the order of what each gives alone; they add up to "
                f"the plan. {note.en}",
            ),
        ),
        _measures(plan),
        ThemeTable(
            name="parking_sites_slots",
            title=Text("方案在各时段的作用", "What the plan does at each time"),
            frame=plan.slots,
            columns={
                **SHORT,
                "slot": Text("时段代码", "time (code)"),
                "slot_zh": Text("时段", "time, Chinese"),
                "slot_en": Text("时段（英文）", "time"),
                "walk_m": Text("平均步行（米）", "mean walk (m)"),
                "proved": Text("已证明", "proved"),
            },
            note=note,
        ),
    ]
    if len(plan.zones):
        tables.append(
            ThemeTable(
                name="parking_sites_zones",
                title=Text("各分区停车缺口：现状与方案", "Shortage by zone, today and with the plan"),
                frame=plan.zones,
                columns={
                    **SHORT,
                    "level": Text("分区级别", "level"),
                    "zone": Text("分区编号", "zone"),
                    "name": Text("名称", "name"),
                    "new_lots": Text("新建、改建（处）", "new or built-up car parks"),
                    "new_spaces": Text("新增泊位", "spaces added"),
                },
                note=note,
            )
        )
    tables.append(
        ThemeTable(
            name="parking_candidates",
            title=Text("停车场候选地与检验结果", "Places for car parks and their tests"),
            frame=pd.DataFrame(plan.candidates.drop(columns="geometry")).rename_axis("id").reset_index(),
            columns=PLACES,
            note=note,
        )
    )
    tables.append(_assumed(plan))
    return tables


def _measures(plan: ParkingPlan) -> ThemeTable:
    return ThemeTable(
        name="parking_measures",
        title=Text(
            "停车措施比较：盘活存量、加快增量", "Measures against the shortage: use what stands, build what lacks"
        ),
        frame=plan.measures,
        columns=MEASURES,
        note=Text(
            "各项对同一缺口分别以最大流计算，互有重叠，不可相加；“合计”为开放、路内限时泊位与本方案同时实施；"
            "新建、改建两项按本方案的目标（预算或消除比例）各自单独求解。四项的划分为本工具设定，对应政策“四个一批”",
            "each alone against the same shortage, by a greatest flow; they overlap and do not add up. Together: lots "
            "opened, kerb spaces and this plan at once. Building and building up answer the plan's question alone. The "
            "four are a reading of the policy's four batches by this toolkit",
        ),
    )


def _assumed(plan: ParkingPlan) -> ThemeTable:
    """List what the plan rests on: types, square metres a space and their clause, costs."""
    rows = []
    for kind in plan.types:
        basis = plan.area_basis[kind.label.en]
        rows.append(
            {
                "type_zh": kind.label.zh,
                "type_en": kind.label.en,
                "levels": kind.levels,
                "ground_share": kind.ground_share,
                "area_zh": basis.zh,
                "area_en": basis.en,
                "cost_per_space": kind.cost_per_space,
                "fixed_cost": kind.fixed_cost,
                "land_cost_m2": plan.land_cost_m2 if kind.takes_land else 0.0,
                "spaces_most": kind.spaces_most,
            }
        )
    return ThemeTable(
        name="parking_types",
        title=Text("停车场类型与单价（假定）", "Types of car parks and unit costs (assumed)"),
        frame=pd.DataFrame(rows).astype({"spaces_most": "Int64"}),
        columns={
            "type_zh": SITES["type_zh"],
            "type_en": SITES["type_en"],
            "levels": Text("层数", "levels"),
            "ground_share": Text("占地比例", "share of the ground"),
            "area_zh": Text("每泊位面积及依据", "area a space and its source, Chinese"),
            "area_en": Text("每泊位面积及依据（英文）", "area a space and its source"),
            "cost_per_space": Text("每泊位费用", "cost a space"),
            "fixed_cost": Text("每处固定费用", "fixed cost a lot"),
            "land_cost_m2": Text("用地单价（每平方米，地块未注明者）", "land, per m², where a plot states none"),
            "spaces_most": Text("泊位上限", "spaces at most"),
        },
        note=Text(
            f"层数、占地比例与费用为{ASSUMED.zh}；泊位数 = 可用面积 × 占地比例 × 层数 ÷ 每泊位面积；"
            f"改建只计新增泊位，费用按建成后全部泊位计，不含用地；步行限值 {number(plan.parking.limit_m)} 米与评估一致",
            f"levels, share of ground and costs are {ASSUMED.en}; spaces = free ground x share x levels / area a "
            "space; a lot that is built up adds what exceeds its spaces and costs all of them, without land; the "
            f"walking limit of {number(plan.parking.limit_m)} m is the audit's",
        ),
    )
