"""Charging sheds in the words of planners."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from siting.display import percent, whole
from siting.ledger import Text
from siting.standards import DISTANCES
from siting.themes.charging.shed_choice import NO_AREA, NO_HOMES, NO_PLACE, PARTLY, SERVED
from siting.themes.result import Class, ThemeLayer, ThemeResult, ThemeTable

if TYPE_CHECKING:
    from siting.themes.charging.sheds import Sheds

TITLE = Text("老旧小区电动自行车充电棚选址", "Charging sheds for electric bicycles in old estates")
STATES = (
    Class(value=SERVED, name=Text("全部住户可达", "every home served"), role="good"),
    Class(value=PARTLY, name=Text("部分住户可达", "some homes served"), role="fair"),
    Class(value=NO_PLACE, name=Text("无满足间距的位置", "no place keeps the distance"), role="bad"),
    Class(value=NO_HOMES, name=Text("小区内无住户数据", "no homes in the data"), role="none"),
    Class(value=NO_AREA, name=Text("无小区范围", "no area given"), role="none"),
)
HOMES = (
    Class(value=True, name=Text("步行范围内有充电棚", "a shed within the walk"), role="good"),
    Class(value=False, name=Text("步行范围内无充电棚", "no shed within the walk"), role="bad"),
)
ESTATES = {
    "id": Text("编号", "id"),
    "name": Text("名称", "name"),
    "homes": Text("住户点", "homes (points)"),
    "households": Text("户数", "households"),
    "bikes": Text("电动自行车（辆，研究假定）", "bicycles (assumed by the study)"),
    "places": Text("满足间距的位置", "places that keep the distance"),
    "widest_m": Text("小区内距建筑最远可达（米）", "largest distance from buildings possible (m)"),
    "existing": Text("现有充电棚", "sheds that stand"),
    "sheds": Text("新建充电棚", "new sheds"),
    "homes_served": Text("可达住户点", "homes served"),
    "homes_left": Text("不可达住户点", "homes not served"),
    "bikes_left": Text("无处停放充电（辆）", "bicycles without a place"),
    "state": Text("结果", "result"),
    "status": Text("求解状态", "status of the proof"),
    "bound": Text("至少需要（座）", "sheds needed at least, proved"),
    "walk_mean_m": Text("至新建棚平均步行（米）", "mean way to the new sheds (m)"),
    "walk_bound_m": Text("同样座数平均步行的下限（米）", "least mean way with as many sheds (m)"),
}
SHEDS = {
    "estate": Text("小区编号", "estate"),
    "estate_name": Text("小区", "name of the estate"),
    "away_m": Text("棚边至最近建筑（米）", "from its rim to the nearest building (m)"),
    "homes": Text("服务住户点", "homes served"),
    "bikes": Text("停放充电（辆）", "bicycles"),
    "capacity": Text("容量（辆，研究假定）", "capacity (bicycles, assumed by the study)"),
}

ZONES = {
    "name": ESTATES["name"],
    "homes": ESTATES["homes"],
    "homes_before": Text("现状有充电棚的住户点", "homes with a shed today"),
    "homes_after": Text("实施后有充电棚的住户点", "homes with a shed with the new ones"),
    "households": ESTATES["households"],
    "households_before": Text("现状有充电棚的户数", "households with a shed today"),
    "households_after": Text("实施后有充电棚的户数", "households with a shed with the new ones"),
    "share_after": Text("实施后有充电棚的户数占比", "share of households with a shed with the new ones"),
}


def themed(found: Sheds) -> ThemeResult:
    """Put estates, sheds and homes into the shape that all writers read."""
    note = _note(found)
    estates, city = found.estates, found.zones.iloc[0]
    # A layer holds plain numbers: where there is no building at all, no distance is the largest.
    shown = estates.assign(widest_m=estates["widest_m"].where(np.isfinite(estates["widest_m"])))
    layers = [
        ThemeLayer(
            name="charging_shed_estates", title=TITLE, frame=shown, columns=ESTATES, show="state", classes=STATES,
            label="name", note=note,
        )
    ]  # fmt: skip
    if len(found.homes):
        homes = found.homes.assign(walk_m=found.homes["walk_m"].where(np.isfinite(found.homes["walk_m"])))
        layers.append(
            ThemeLayer(
                name="charging_shed_homes",
                title=Text("住户至充电棚", "Homes and their shed"),
                frame=homes,
                columns={
                    "estate": SHEDS["estate"],
                    "shed": Text("充电棚", "shed"),
                    "walk_m": Text("至充电棚（米）", "to the shed (m)"),
                    "served": Text("步行范围内", "within the walk"),
                    "households": ESTATES["households"],
                    "bikes": ESTATES["bikes"],
                },
                show="served",
                classes=HOMES,
                own_map=False,
                note=note,
            )
        )
    if len(found.sheds):
        layers.append(
            ThemeLayer(
                name="charging_sheds",
                title=Text("新建充电棚", "New sheds"),
                frame=found.sheds.assign(role="site", label=found.sheds.index.astype(str)),
                columns={**SHEDS, "role": Text("类型", "kind"), "label": ESTATES["id"]},
                show="role",
                classes=(Class(value="site", name=Text("新建充电棚", "new shed"), role="site"),),
                label="label",
                note=note,
            )
        )
    plain = pd.DataFrame(shown.drop(columns="geometry")).reset_index()
    return ThemeResult(
        theme="charging_sheds",
        title=TITLE,
        layers=tuple(layers),
        tables=(
            ThemeTable(name="charging_shed_estates", title=TITLE, frame=plain, columns=ESTATES, note=note),
            ThemeTable(
                name="charging_shed_zones",
                title=Text("各分区有充电棚的住户", "Households with a shed, by zone"),
                frame=found.zones,
                columns=ZONES,
                note=note,
            ),
            ThemeTable(
                name="charging_sheds",
                title=Text("新建充电棚清单", "List of new sheds"),
                frame=pd.DataFrame(found.sheds.drop(columns="geometry")).reset_index(),
                columns={"id": ESTATES["id"], **SHEDS},
                note=note,
            ),
        ),
        figures={
            "sheds": len(found.sheds),
            "estates": len(estates),
            "estates_by_state": {str(c.value): int((estates["state"] == c.value).sum()) for c in STATES},
            "homes": len(found.homes),
            "homes_served": int(found.homes["served"].sum()),
            "households": _known(city["households"]),
            "households_served_before": _known(city["households_before"]),
            "households_served": _known(city["households_after"]),
            "separation_m": found.separation.metres,
            "separation_rule": None if found.separation.rule is None else found.separation.rule.id,
            "walk_m": found.walk_m,
            "distance": found.measure,
            "proved": found.is_proved,
            "walk_mean_m": _known(round(_mean(found), 3)),
            "walk_proved": all(walk.is_proved for walk in found.walks),
            "assumed": [line.en for line in found.assumptions],
        },
        headlines=tuple(_lines(found)),
        indicators=found.indicators,
        findings=found.findings,
    )


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def _note(found: Sheds) -> Text:
    kind = DISTANCES[found.measure]
    rest_zh = "；".join(line.zh for line in found.assumptions)
    rest_en = "; ".join(line.en for line in found.assumptions)
    return Text(
        f"与建筑间距不小于 {found.separation.text.zh}；{rest_zh}；{kind.zh}。"
        "位置取自网格点与距建筑最远的点，避开水域、禁建区与道路（路宽按等级设定），权属、管线与消防车道须现场核实",
        f"at least {found.separation.text.en} from buildings; {rest_en}; {kind.en}. Places are grid points and the one "
        "farthest from buildings, clear of water, exclusions and streets (widths assumed by class); check ownership, "
        "pipes and fire lanes on site",
    )


def _mean(found: Sheds) -> float:
    weight = math.fsum(walk.weight for walk in found.walks)
    return math.fsum(walk.total for walk in found.walks) / weight if weight else math.nan


def _walking(found: Sheds) -> Text:
    """Say how far homes walk to the new sheds, and whether less is possible with as many."""
    mean = _mean(found)
    if math.isnan(mean):
        return Text("", "")
    zh, en = f"；至新建棚平均步行 {mean:.0f} 米", f"; the mean way to a new shed is {mean:.0f} m"
    if all(walk.is_proved for walk in found.walks):
        return Text(f"{zh}，座数相同的方案中步行最短（已证明）", f"{en}, the least that as many sheds allow (proved)")
    total, bound = (math.fsum(getattr(walk, name) for walk in found.walks) for name in ("total", "bound"))
    if math.isnan(bound):
        return Text(f"{zh}，未证明步行最短", f"{en}, not proved the least")
    gap = percent((total - bound) / total)
    return Text(
        f"{zh}，距座数相同时的最短步行至多差 {gap}", f"{en}, within {gap} of the least that as many sheds allow"
    )


def _lines(found: Sheds) -> list[Text]:
    served, homes = int(found.homes["served"].sum()), len(found.homes)
    proof = Text("已证明在所考察位置中数量最少", "proved the fewest among the places looked at")
    if not found.is_proved:
        proof = Text("未证明数量最少", "not proved the fewest")
    count, n, walking = len(found.sheds), len(found.estates), _walking(found)
    lines = [
        Text(
            f"{n} 个老旧小区新建充电棚 {count} 座，{homes} 个住户点中 {served} 个在步行 {found.walk_m:g} 米内；"
            f"{proof.zh}{walking.zh}",
            f"{count} sheds in {n} old estates; {served} of {homes} homes within {found.walk_m:g} m; {proof.en}"
            f"{walking.en}",
        )
    ]
    without = found.estates[found.estates["state"] == NO_PLACE]
    if len(without):
        widest = float(without["widest_m"].max())
        most = (
            Text("", "")
            if np.isnan(widest)
            else Text(f"，其中最大可达间距 {widest:.1f} 米", f"; the largest distance possible there is {widest:.1f} m")
        )
        lines.append(
            Text(
                f"{len(without)} 个小区没有与建筑保持 {found.separation.text.zh} 的位置{most.zh}",
                f"in {len(without)} estates no place keeps {found.separation.text.en}{most.en}",
            )
        )
    city = found.zones.iloc[0]
    if not np.isnan(city["households"]) and city["households"]:
        every, before, after = (whole(float(city[c])) for c in ("households", "households_before", "households_after"))
        lines.append(
            Text(
                f"老旧小区 {every} 户中，步行 {found.walk_m:g} 米内有充电棚的由 {before} 户增至 {after} 户",
                f"of {every} households in old estates, {before} have a shed within {found.walk_m:g} m today and "
                f"{after} with the new ones",
            )
        )
    return lines
