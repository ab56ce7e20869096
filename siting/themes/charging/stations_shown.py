"""New charging stations in the words of planners."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.display import percent, whole
from siting.ledger import Text
from siting.standards import DISTANCES
from siting.themes.charging.assumed import FINEST_DIGITS, MARK, UNITS
from siting.themes.charging.station_places import ASSUMED, UNKNOWN
from siting.themes.proved import proved
from siting.themes.result import Class, ThemeLayer, ThemeResult, ThemeTable

if TYPE_CHECKING:
    from siting.themes.charging.siting_stations import ChargingPlan

TITLE = Text("充电站选址", "Siting charging stations")
ALLOWED = (
    Class(value=True, name=Text("可作候选", "may have a station"), role="accent"),
    Class(value=False, name=Text("不作候选", "may not"), role="muted"),
)
STATES = (
    Class(value="placed", name=Text("全部满足", "fully served"), role="good"),
    Class(value="part", name=Text("部分满足", "partly served"), role="fair"),
    Class(value="not_placed", name=Text("半径内但未满足", "in reach, not served"), role="poor"),
    Class(value="out_of_reach", name=Text("半径之外", "beyond every radius"), role="bad"),
    Class(value="none", name=Text("无充电需求", "nothing wanted"), role="none"),
)
ROLES = (
    Class(value="unknown", name=Text("现有，桩数未知", "chargers unknown"), role="muted"),
    Class(value="existing", name=Text("现有", "existing"), role="existing"),
    Class(value="new", name=Text("新建（次序、规模）", "new (order, size)"), role="site"),
)
"""Later ones are drawn above earlier ones: a car park may have a station already."""
_WHOLE = 1.0 - 1e-9
PLACES = {
    "id": Text("编号", "id"),
    "name": Text("名称", "name"),
    "kind": Text("类别代码", "kind (code)"),
    "kind_zh": Text("类别", "kind, Chinese"),
    "kind_en": Text("类别（英文）", "kind"),
    "grid_kw": Text("可用电力（kW）", "power of the grid (kW)"),
    "grid_from": Text("电力数据来源代码", "on whose word the power is (code)"),
    "site_cost": Text("用地费用", "cost of the site"),
    "sizes": Text("电力可支撑的规模", "sizes that the grid can feed"),
    "chargers_most": Text("最多充电桩", "chargers at most"),
    "day_most": Text("最大日能力（研究假定）", "most a day (assumed by the study)"),
    "area_m2": Text("可用面积（平方米）", "free area (m²)"),
    "land_source": Text("用地来源", "land source"),
    "street": Text("临近道路", "street"),
    "nearest_conflict": Text("最近冲突对象", "nearest conflict"),
    "nearest_conflict_m": Text("至最近冲突对象（米）", "to the nearest conflict (m)"),
    "tests": Text("检验内容", "what was tested"),
    "allowed": Text("可作候选", "may have a station"),
    "refusal": Text("不作候选的原因", "why not"),
}
SITES = {
    **{k: v for k, v in PLACES.items() if k not in ("allowed", "refusal")},
    "order": Text("次序（按负荷）", "order, by load"),
    "size": Text("规模", "size"),
    "chargers": Text("充电桩（个）", "chargers"),
    "kw": Text("用电功率（kW）", "power needed (kW)"),
    "cost": Text("费用（含用地）", "cost, with the site"),
    "capacity_day": Text("日能力（研究假定）", "capacity a day (assumed by the study)"),
    "load_day": Text("日负荷（研究假定）", "load a day (assumed by the study)"),
}
FIRST = ("order", "id", "name", "size", "kw", "grid_kw", "cost", "capacity_day", "load_day")
"""What a reader of the list looks for; a report shows the first columns only."""
ZONES = {
    "name": PLACES["name"],
    "wanted": Text("日充电需求（研究假定）", "wanted a day (assumed by the study)"),
    "placed_before": Text("现状可满足", "served today"),
    "placed_after": Text("实施后可满足", "served with the plan"),
    "share_before": Text("现状满足率", "share served today"),
    "share_after": Text("实施后满足率", "share served with the plan"),
    "new_stations": Text("新建充电站（座）", "new stations"),
}


def themed(plan: ChargingPlan) -> ThemeResult:
    """Put places, sites and demand into the shape that all writers read."""
    note = _note(plan)
    layers = [
        ThemeLayer(
            name="charging_points_plan",
            title=Text("实施后充电需求满足情况", "Demand for charging with the plan"),
            frame=plan.points.assign(state=_states(plan)),
            columns={**ZONES, "in_reach": Text("候选点或现有站可达", "in reach of a place"), "state": TITLE},
            show="state",
            classes=STATES,
            note=note,
        ),
        ThemeLayer(
            name="charging_places",
            title=Text("充电站候选点", "Places for stations"),
            frame=plan.candidates,
            columns=PLACES,
            show="allowed",
            classes=ALLOWED,
            own_map=False,
            note=note,
        ),
    ]
    if len(plan.sites):
        layers.append(
            ThemeLayer(
                name="charging_sites",
                title=TITLE,
                frame=_beside_existing(plan),
                columns={**SITES, "role": Text("新建或现有", "new or existing")},
                show="role",
                classes=ROLES,
                label="label",
                note=note,
            )
        )
    if len(layers) > 2:
        layers[0] = replace(layers[0], over=(layers[-1],))
    city = plan.zones.iloc[0]
    return ThemeResult(
        theme="charging_sites",
        title=TITLE,
        layers=tuple(layers),
        tables=(
            ThemeTable(
                name="charging_sites",
                title=Text("新建充电站清单", "List of new stations"),
                frame=pd.DataFrame(plan.sites.drop(columns="geometry")).reset_index()[[*FIRST, *_rest(plan)]],
                columns=SITES,
                note=note,
            ),
            ThemeTable(
                name="charging_sites_zones",
                title=Text("各分区充电需求满足情况", "Demand served by zone, before and after"),
                frame=plan.zones,
                columns=ZONES,
                note=note,
            ),
            ThemeTable(
                name="charging_places",
                title=Text("候选点与检验结果", "Places and their tests"),
                frame=pd.DataFrame(plan.candidates.drop(columns="geometry")).reset_index(),
                columns=PLACES,
                note=note,
            ),
        ),
        figures={
            "sites": {str(i): str(s) for i, s in plan.sites["size"].items()},
            "cost": plan.cost,
            "aim": plan.aim,
            "status": plan.result.status,
            "objective": _told(plan.result.objective),
            "bound": _told(plan.result.bound),
            "gap": plan.result.gap,
            "wanted_day": _told(city["wanted"]),
            "placed_before": _told(city["placed_before"]),
            "placed_after": _told(city["placed_after"]),
            "out_of_reach": _told(plan.left_out),
            "places": len(plan.candidates),
            "places_allowed": int(plan.candidates["allowed"].sum()),
            "places_grid_unknown": int((plan.candidates["grid_from"] == UNKNOWN).sum()),
            "places_grid_assumed": int((plan.candidates["grid_from"] == ASSUMED).sum()),
            "assumed_grid_kw": plan.assumed_grid_kw,
            "radius_m": plan.radius.metres,
            "radius_rule": None if plan.radius.rule is None else plan.radius.rule.id,
            "unit": plan.assumed.unit,
            "assumed": [line.en for line in plan.assumptions],
        },
        headlines=tuple(_lines(plan)),
        indicators=plan.indicators,
        findings=plan.findings,
    )


def _told(value: float) -> float:
    """Return a sum as it is told: without what rounding to whole units of the search leaves behind."""
    return round(float(value), FINEST_DIGITS)


def _rest(plan: ChargingPlan) -> list[str]:
    return [str(c) for c in plan.sites.columns if c not in FIRST and c != "geometry"]


def _beside_existing(plan: ChargingPlan) -> gpd.GeoDataFrame:
    """Put new stations with their label and those that stand on one map."""
    new = plan.sites.assign(
        label=[f"{k}: {s}" for k, s in plan.sites[["order", "size"]].to_numpy()], role="new", order=plan.sites["order"]
    )
    dark = plan.existing["chargers"].isna()
    stands = plan.existing.assign(role=np.where(dark, "unknown", "existing"), label=None)
    stands = stands.set_axis([f"existing:{i}" for i in stands.index], axis=0)
    both = new.reindex([*new.index, *stands.index])
    for column in ("name", "chargers", "capacity_day", "load_day", "role", "label"):
        both.loc[stands.index, column] = stands[column]
    both.loc[stands.index, "geometry"] = stands.geometry.representative_point()
    both.index.name = "id"
    return gpd.GeoDataFrame(both, geometry="geometry", crs=plan.sites.crs)


def _states(plan: ChargingPlan) -> list[str]:
    wanted, near = plan.points["wanted"].to_numpy(), plan.points["in_reach"].to_numpy(dtype=bool)
    placed = plan.points["placed_after"].to_numpy()
    states = np.select(
        [wanted == 0, ~near, placed >= _WHOLE * wanted, placed > 0],
        ["none", "out_of_reach", "placed", "part"],
        "not_placed",
    )
    return [str(state) for state in states]


def _note(plan: ChargingPlan) -> Text:
    lines = list(plan.assumptions)
    if plan.assumed_grid_kw is not None and (plan.candidates["grid_from"] == ASSUMED).any():
        power = f"{plan.assumed_grid_kw:g} kW"
        lines.append(
            Text(
                f"可用电力缺失的候选点按 {power} 计（{MARK.zh}）",
                f"places whose power is not stated are taken to have {power} ({MARK.en})",
            )
        )
    for size in plan.sizes:
        day, cost = f"{size.day(plan.assumed):,.6g}", f"{size.cost:,.10g}"
        power = f"{size.chargers} × {size.kw_each:g} kW"
        lines.append(
            Text(
                f"规模“{size.name}”：{power}，日能力 {day}，费用 {cost}",
                f"size '{size.name}': {power}, {day} a day, cost {cost}",
            )
        )
    zh = "；".join(line.zh for line in lines)
    en = "; ".join(line.en for line in lines)
    unit, kind = UNITS[plan.assumed.unit], DISTANCES[plan.distance]
    return Text(
        f"服务半径 {plan.radius.text.zh}，{kind.zh}；单位：{unit.zh}；{zh}；"
        "电力容量与费用按研究所给，并网条件须与供电部门核实",
        f"radius {plan.radius.text.en}, {kind.en}; in {unit.en}; {en}; power and costs as the study gives them, to be "
        "checked with the grid operator",
    )


def _lines(plan: ChargingPlan) -> list[Text]:
    how = proved(plan.result)
    city, unit, count = plan.zones.iloc[0], UNITS[plan.assumed.unit], len(plan.sites)
    chargers, cost = int(plan.sites["chargers"].sum()), f"{plan.cost:,.10g}"
    aim = {
        "most": Text("满足需求最多", "as much as possible"),
        "cheapest": Text("以最低费用满足全部可达需求", "all that is in reach, at least cost"),
    }[plan.aim]
    lines = [
        Text(
            f"新建充电站 {count} 座、充电桩 {chargers} 个，费用 {cost}（{aim.zh}；{how.zh}）",
            f"new stations: {count}, chargers: {chargers}, cost {cost} ({aim.en}; {how.en})",
        )
    ]
    before, after = (percent(float(city[c])) for c in ("share_before", "share_after"))
    if before is not None:
        lines.append(
            Text(
                f"充电需求满足率 {before} → {after}（需求 {whole(city['wanted'])} {unit.zh}，{MARK.zh}）",
                f"demand served: {before} today, {after} with the plan "
                f"(of {whole(city['wanted'])} {unit.en}, {MARK.en})",
            )
        )
    lines.append(_places_line(plan))
    if plan.left_out:
        lines.append(
            Text(
                f"{whole(plan.left_out)} {unit.zh}的需求在任何候选点与现有站的半径之外",
                f"{whole(plan.left_out)} {unit.en} lie beyond the radius of every place and station",
            )
        )
    return lines


def _places_line(plan: ChargingPlan) -> Text:
    """Say how many places were looked at and what became of those that may have no station."""
    table = plan.candidates
    refused = ~table["allowed"].to_numpy(dtype=bool)
    dark = refused & (table["grid_from"] == UNKNOWN).to_numpy()
    weak = refused & ~dark & (table["sizes"] == "").to_numpy()
    rest = int((refused & ~dark & ~weak).sum())
    guessed = int((table["grid_from"] == ASSUMED).sum())
    reasons = [
        (int(dark.sum()), Text("电力未知", "for want of a known power")),
        (int(weak.sum()), Text("电力不足", "for too little power")),
        (rest, Text("用地条件不符", "for what stands there or is excluded")),
    ]
    zh = [f"{words.zh} {k} 处" for k, words in reasons if k]
    en = [f"{k} {words.en}" for k, words in reasons if k]
    n, ok = len(table), int((~refused).sum())
    without = Text(f"，不可建：{'、'.join(zh)}", f"; refused: {', '.join(en)}") if zh else Text("", "")
    by = Text(f"；{guessed} 处的电力为{MARK.zh}", f"; the power of {guessed} is {MARK.en}") if guessed else Text("", "")
    return Text(
        f"候选点 {n} 处，可建站 {ok} 处{without.zh}{by.zh}",
        f"{n} places, {ok} of them may have a station{without.en}{by.en}",
    )
