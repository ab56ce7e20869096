"""A plan of car parks as layers, tables, figures and sentences for every output."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.display import percent, whole
from siting.ledger import Text
from siting.standards.labels import number
from siting.themes.parking.new_lots.lot_types import ASSUMED
from siting.themes.parking.new_lots.measures import TOGETHER
from siting.themes.parking.new_lots.places import UPGRADE
from siting.themes.parking.new_lots.shown_tables import PLACES, SITES, plan_tables
from siting.themes.parking.notes import demand_note, limit_note
from siting.themes.parking.slots import SLOTS
from siting.themes.proved import proved
from siting.themes.result import Class, ThemeLayer, ThemeResult

if TYPE_CHECKING:
    from siting.themes.parking.new_lots.siting_parking import ParkingPlan

TITLE = Text("停车场选址", "Siting car parks")
STATES = (
    Class(value="parked", name=Text("原有泊位", "had a space"), role="good"),
    Class(value="gained", name=Text("缺口消除", "no longer short"), role="accent"),
    Class(value="less", name=Text("缺口减少", "fewer short"), role="fair"),
    Class(value="near", name=Text("仍缺，附近有候选地", "short, site near"), role="poor"),
    Class(value="far", name=Text("仍缺，附近无候选地", "short, no site near"), role="bad"),
    Class(value="none", name=Text("无停车需求", "no cars"), role="muted"),
)
BUILT = (
    Class(value="new", name=Text("新建停车场", "new car park"), role="site"),
    Class(value="upgrade", name=Text("现有停车场改建", "lot built up"), role="good"),
)
ALLOWED = (
    Class(value=True, name=Text("可作候选", "may be built on"), role="accent"),
    Class(value=False, name=Text("不作候选", "may not"), role="muted"),
)


def themed(plan: ParkingPlan) -> ThemeResult:
    """Put everything into the shape that all writers read."""
    return ThemeResult(
        theme="parking_sites",
        title=TITLE,
        layers=tuple(_layers(plan)),
        tables=tuple(plan_tables(plan)),
        figures=_figures(plan),
        headlines=tuple(_lines(plan)),
        findings=plan.findings,
    )


def plan_note(plan: ParkingPlan) -> Text:
    """Say whose shortage is meant, how far a space serves, and what costs and cars rest on."""
    slot, limit, cars = SLOTS[plan.slot], limit_note(plan.parking), demand_note(plan.parking)
    sizes, apart = _sizes(plan), _apart(plan)
    return Text(
        f"{slot.zh}；{limit.zh}；车辆可在现有与新建停车场之间调剂（最大流）；{sizes.zh}{apart.zh}；"
        f"费用、用地费用与停车场类型为{ASSUMED.zh}；{cars.zh}",
        f"{slot.en.capitalize()}; {limit.en}; cars move freely between old and new car parks (greatest flow); "
        f"{sizes.en}{apart.en}; costs of spaces and land and the types are {ASSUMED.en}; {cars.en}",
    )


def _sizes(plan: ParkingPlan) -> Text:
    """Say among which sizes the plan is the best."""
    if plan.steps == 1:
        return Text("每处按可建的最大规模建设", "every lot is built as large as its ground and type allow")
    return Text(
        f"每处规模取可建最大规模的 {plan.steps} 等分之一至全部，最优指在这些规模之中",
        f"lots are built in {plan.steps} equal steps up to what the ground holds, and the plan is the best among these",
    )


def _apart(plan: ParkingPlan) -> Text:
    """Say what spacing the study asks; nothing where it asks none."""
    zh = en = ""
    if plan.min_spacing_m is not None:
        zh += f"；新建停车场相互间距不小于 {number(plan.min_spacing_m)} 米（{ASSUMED.zh}）"
        en += f"; new lots at least {number(plan.min_spacing_m)} m from each other ({ASSUMED.en})"
    if plan.min_spacing_existing_m is not None:
        zh += f"；新建停车场距现有路外公共停车场不小于 {number(plan.min_spacing_existing_m)} 米（{ASSUMED.zh}）"
        en += f"; new lots at least {number(plan.min_spacing_existing_m)} m from public ones off the street that stand "
        en += f"({ASSUMED.en})"
    return Text(zh, en)


def proof(plan: ParkingPlan) -> Text:
    """Say how well the plan is proved."""
    return proved(plan.result)


def _layers(plan: ParkingPlan) -> list[ThemeLayer]:
    note = plan_note(plan)
    slot = SLOTS[plan.slot]
    rows = plan.places
    before, after = rows["short_before"], rows["short_after"]
    state = np.select(
        [rows["cars"] == 0, (before == 0) & (after == 0), after == 0, after < before, rows["in_reach"]],
        ["none", "parked", "gained", "less", "near"],
        "far",
    )
    layers = [
        ThemeLayer(
            name="parking_plan_places",
            title=Text(f"方案实施后的停车缺口：{slot.zh}", f"Parking shortage with the plan, {slot.en}"),
            frame=gpd.GeoDataFrame(rows.assign(state=state)),
            columns={
                "cars": Text("需求（辆）", "cars"),
                "short_before": Text("现状无泊位（辆）", "without a space today"),
                "short_after": Text("方案后无泊位（辆）", "without a space with the plan"),
                "in_reach": Text("步行范围内有候选地", "a candidate within the walk"),
                "state": Text("变化", "change"),
            },
            show="state",
            classes=STATES,
            note=note,
        ),
        ThemeLayer(
            name="parking_candidates",
            title=Text("停车场候选地", "Places for car parks"),
            frame=plan.candidates,
            columns=PLACES,
            show="allowed",
            classes=ALLOWED,
            own_map=False,
            note=note,
        ),
    ]
    if len(plan.sites):
        sites = plan.sites.assign(
            built=np.where(plan.sites["kind"] == UPGRADE, "upgrade", "new"),
            label=[f"{k}: +{n}" for k, n in zip(plan.sites["order"], plan.sites["added"], strict=True)],
        )
        layers.append(
            ThemeLayer(
                name="parking_sites",
                title=Text("新建、改建停车场（序号：新增泊位）", "New and built-up car parks (number: spaces added)"),
                frame=gpd.GeoDataFrame(sites),
                columns={**SITES, "built": Text("新建或改建", "new or built up"), "label": Text("图上标注", "label")},
                show="built",
                classes=BUILT,
                label="label",
                note=note,
            )
        )
        layers[0] = replace(layers[0], over=(layers[-1],))
    return layers


def _figures(plan: ParkingPlan) -> dict[str, Any]:
    return {
        "slot": plan.slot,
        "budget": plan.budget,
        "remove": plan.remove,
        "p": plan.p,
        "steps": plan.steps,
        "min_spacing_m": plan.min_spacing_m,
        "min_spacing_existing_m": plan.min_spacing_existing_m,
        "sites": {str(i): str(t) for i, t in plan.sites["type_en"].items()},
        "spaces_added": int(plan.sites["added"].sum()),
        "short_before": plan.short_before,
        "short_after": plan.short_after,
        "removed": round(plan.removed, 6),
        "cost": plan.cost,
        "cost_bound": plan.result.parameters["cost_bound"],
        "status": plan.result.status,
        "objective": plan.result.objective,
        "bound": plan.result.bound,
        "gap": plan.result.gap,
        "candidates": len(plan.candidates),
        "candidates_allowed": int(plan.candidates["allowed"].sum()),
        "slots": {
            row["slot"]: {"short_before": int(row["short_before"]), "short_after": int(row["short_after"])}
            for row in plan.slots.to_dict("records")
        },
        "measures": {
            row["measure"]: {
                "gain": None if pd.isna(row["gain"]) else int(row["gain"]),
                "cost": None if pd.isna(row["cost"]) else float(row["cost"]),
                "proved": None if pd.isna(row["proved"]) else bool(row["proved"]),
            }
            for row in plan.measures.to_dict("records")
        },
        "costs_assumed": True,
        "cars_estimated": not plan.parking.cars.stated,
    }


def _lines(plan: ParkingPlan) -> list[Text]:
    slot, how = SLOTS[plan.slot], proof(plan)
    new = int((plan.sites["kind"] != UPGRADE).sum())
    built_up = len(plan.sites) - new
    removed = percent(plan.removed)
    cost = f"{plan.cost:,.10g}"
    if plan.budget is not None:
        aim = Text(f"预算 {plan.budget:,.10g} 之内停放最多", f"most cars parked for {plan.budget:,.10g}")
    else:
        share = percent(plan.remove)
        aim = Text(f"以最低费用消除 {share} 的缺口", f"{share} of the shortage removed at least cost")
    lines = [
        Text(
            f"新建停车场 {new} 处、改建 {built_up} 处，增加泊位 {whole(plan.sites['added'].sum())} 个，费用 {cost}"
            f"（{ASSUMED.zh}的单价）：{slot.zh}缺口由 {plan.short_before:,} 辆减至 {plan.short_after:,} 辆，"
            f"减少 {removed}（{aim.zh}；{how.zh}）",
            f"New car parks: {new}, built up: {built_up}, spaces added: {whole(plan.sites['added'].sum())}, "
            f"cost {cost} (unit costs {ASSUMED.en}): {slot.en}, {plan.short_before:,} cars short become "
            f"{plan.short_after:,}, {removed} fewer ({aim.en}; {how.en})",
        )
    ]
    if not len(plan.sites):
        lines.append(Text("没有可行且有用的新址", "no site helps that the money and the conditions allow"))
    alone = plan.measures[(plan.measures["measure"] != TOGETHER) & plan.measures["gain"].notna()]
    if len(alone):
        zh = "、".join(f"{r['measure_zh']} {int(r['gain']):,} 辆" for r in alone.to_dict("records"))
        en = ", ".join(f"{r['measure_en']} {int(r['gain']):,}" for r in alone.to_dict("records"))
        every = plan.measures[plan.measures["measure"] == TOGETHER].iloc[0]
        all_, share = int(every["gain"]), percent(float(every["share"]))
        lines.append(
            Text(
                f"各项措施单独可消除的缺口：{zh}；合并实施 {all_:,} 辆（{share}），各项有重叠，不可相加",
                f"What each measure removes alone: {en}; together {all_:,} ({share}): they overlap and do not add up",
            )
        )
    return lines
