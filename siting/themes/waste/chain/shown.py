"""The chain in the words of planners: stations, plants, flows, costs, and what failing or refusing a site costs."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.display import percent
from siting.ledger import Text
from siting.themes.proved import PROVED, within
from siting.themes.result import Class, Scale, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.spelled import spelled, spelled_titles
from siting.themes.waste.chain.failure import FAILURE_COLUMNS
from siting.themes.waste.chain.lines import COLLECT, DIRECT, collect_lines, haul_lines
from siting.themes.waste.chain.outside import TOLD
from siting.themes.waste.streams import STREAMS, tonnes_of

if TYPE_CHECKING:
    from siting.themes.waste.chain.plan import ChainPlan

THEME = "waste_chain"
TITLE = Text("垃圾收运处理系统选址", "Siting the waste chain")
OWN = Text("费用、装载量与产生量按研究所给（研究自定）", "rates, truck loads and tonnes are the study's own")
_T = Text("吨/日", "t/d")
ROLES = (
    Class(value="new", name=Text("新建转运站", "new station"), role="site", mark="star"),
    Class(value="existing", name=Text("现有转运站", "station that stands"), role="existing", mark="square"),
    Class(value="unused", name=Text("未选用的候选点", "candidate not chosen"), role="muted", mark="diamond"),
)
PLANT_ROLES = (
    Class(value="used", name=Text("使用的处理厂", "plant in use"), role="accent", mark="triangle"),
    Class(value="unused", name=Text("未使用的处理厂", "plant not in use"), role="muted", mark="triangle"),
)
WAYS = (
    Class(value=COLLECT, name=Text("收集（示意）", "collecting (straight)"), role="muted"),
    Class(value=DIRECT, name=Text("直运（示意）", "direct haul (straight)"), role="poor"),
)
HAULED = Text("吨/日（转运）", "t/d hauled")
PARTS = {
    "collect": Text("收集运输", "collecting"),
    "haul": Text("转运", "hauling"),
    "direct": Text("直运", "direct haul"),
    "running": Text("站厂运行", "running stations and plants"),
    "fixed": Text("站厂固定费用（各类共用）", "fixed, of sites that streams share"),
}
SITES = {
    "id": Text("编号", "id"),
    "name": Text("名称", "name"),
    "site": Text("地块", "site"),
    "status": Text("现状（existing 现有，candidate 候选，required 必建）", "status"),
    "station_class": Text("转运站类别", "class of station"),
    "streams": Text("可接收类别（空为全部）", "streams taken (empty: all)"),
    "capacity_t_day": Text("能力（吨/日）", "capacity (t/d)"),
    "fixed_cost_day": Text("固定费用（每日，研究自定）", "fixed cost a day (the study's own)"),
    "cost_per_t": Text("运行费用（每吨，研究自定）", "running cost per tonne (the study's own)"),
    "opens": Text("启用时间（自该日起接收）", "opens (takes waste from then on)"),
    "closes": Text("关闭时间（自该日起不再接收）", "closes (takes none from then on)"),
    "opened": Text("启用", "in use"),
    "role": Text("作用（代码）", "role (code)"),
    "label": Text("图上标注", "written on the map"),
    "load_t_day": Text("负荷（吨/日）", "load (t/d)"),
    "load_share": Text("负荷率", "load by capacity"),
    "trips_in_day": Text("进站车次（每日平均）", "trips in, a day on average"),
    "trips_out_day": Text("出站车次（每日平均）", "trips out, a day on average"),
    "refusal_cost_day": Text(
        "不建该站每日多花（其余站不变；空为其余站容纳不下）",
        "what refusing it costs more a day, the others staying as they are (empty: they have no room)",
    ),
    "capacity_by_land_t_day": Text(
        "按用地内插的能力（吨/日，估算）", "capacity in proportion to the land (t/d, estimate)"
    ),
    "area_m2": Text("用地面积（平方米）", "area (m²)"),
    "room_m2": Text("绿化隔离带以内面积（平方米）", "land inside the green belt (m²)"),
    **{tonnes_of(s): Text(f"{w.zh}（吨/日）", f"{w.en} (t/d)") for s, w in STREAMS.items()},
}
STATUS = {
    "existing": Text("现有", "existing"),
    "candidate": Text("候选", "candidate"),
    "required": Text("必建", "required"),
}
SITES |= spelled_titles(status=Text("现状", "status"))
FIRST = (
    "id", "name", "station_class", "status", "load_t_day", "capacity_t_day", "load_share", "trips_in_day",
    "trips_out_day", "refusal_cost_day",
)  # fmt: skip
"""What a reader asks first of a station; a page has no room for all."""
FLOWS = {
    "stream": Text("类别（代码）", "stream (code)"),
    "stream_zh": Text("类别", "stream, Chinese"),
    "stream_en": Text("类别（英文）", "stream"),
    "station": Text("转运站", "station"),
    "plant": Text("处理厂", "plant"),
    "source": Text("产生点", "source"),
    "t_day": _T,
    "way": Text("运输方式（代码）", "kind of way (code)"),
    "km": Text("运距（公里）", "way (km)"),
    "cost_day": Text("每日费用", "cost a day"),
    **{tonnes_of(s): Text(f"{w.zh}（吨/日）", f"{w.en} (t/d)") for s, w in STREAMS.items()},
    "trips_day": Text("车次（每日平均）", "trips a day on average"),
    "part": Text("费用项（代码）", "part (code)"),
    "part_zh": Text("费用项", "part, Chinese"),
    "part_en": Text("费用项（英文）", "part"),
    "share": Text("占比", "share"),
}
FAILED = {
    "station": Text("失效的转运站", "station that fails"),
    "load_t_day": Text("原负荷（吨/日）", "its load (t/d)"),
    "moved_t_day": Text("可由他处承接（吨/日）", "taken by others (t/d)"),
    "unsent_t_day": Text("无处可去（吨/日）", "finds no room or no way (t/d)"),
    "extra_cost_day": Text("承接部分每日多花", "cost more a day, of what is taken"),
    "takes_over": Text("承接最多的站厂（厂为直运）", "station that takes most of it, or plant straight"),
    "takes_over_t_day": Text("其承接量（吨/日）", "what that takes (t/d)"),
}
SOURCES = {
    "origin": Text("来源（代码）", "origin (code)"),
    "t_day": Text("产生量（吨/日）", "waste (t/d)"),
    **{tonnes_of(s): Text(f"{w.zh}（吨/日）", f"{w.en} (t/d)") for s, w in STREAMS.items()},
    **{f"station_{s}": Text(f"{w.zh}去向", f"{w.en} goes to") for s, w in STREAMS.items()},
}


def themed(
    plan: ChainPlan,
    failed: pd.DataFrame | None = None,
    *,
    source: Text | None = None,
    tables: tuple[ThemeTable, ...] = (),
) -> ThemeResult:
    """Put stations, plants, flows and costs into the shape that all writers read.

    Parameters
    ----------
    failed : as `failures` gives it, if it was asked
    source : on whose word rates and costs are
    tables : further ones, such as those of several years
    """
    note = _note(plan, source)
    return ThemeResult(
        theme=THEME,
        title=TITLE,
        layers=tuple(_layers(plan, note)),
        tables=(*_tables(plan, failed, note), *tables),
        figures=_figures(plan, failed),
        headlines=tuple(_headlines(plan, failed)),
        findings=plan.findings,
    )


def _layers(plan: ChainPlan, note: Text) -> list[ThemeLayer]:
    haul, collect = haul_lines(plan), collect_lines(plan)
    stations = plan.stations.assign(role=np.where(
        ~plan.stations["opened"], "unused", np.where(plan.stations["status"] == "existing", "existing", "new")
    ))  # fmt: skip
    # Of a site with several versions the open one is drawn, or else the first.
    order = stations.assign(rank=~stations["opened"]).sort_values("rank", kind="stable")
    site = order["site"].where(order["site"] != "", order.index.to_series())
    stations = gpd.GeoDataFrame(stations.loc[sorted(order.index[~site.duplicated()], key=stations.index.get_loc)])
    plants = plan.plants.assign(role=np.where(plan.plants["load_t_day"] > 0, "used", "unused"))
    at = ThemeLayer(
        name="waste_chain_stations", title=Text("转运站", "Transfer stations"),
        # Names of plots that were not chosen would hide those of stations and plants.
        frame=_as_marks(stations, stations["opened"]), columns=SITES, show="role",
        classes=_that_occur(ROLES, stations["role"]), label="label",
        note=note,
    )  # fmt: skip
    to = ThemeLayer(
        name="waste_chain_plants", title=Text("处理厂", "Plants"), frame=_as_marks(plants, plants["role"] == "used"),
        columns=SITES, show="role", classes=_that_occur(PLANT_ROLES, plants["role"]), label="label", own_map=False,
        note=note,
    )  # fmt: skip
    ends = tuple(layer for layer in (at, to) if len(layer.frame))
    along = ThemeLayer(
        name="waste_chain_haul", title=Text("转运流向", "Haul from stations to plants"), frame=haul, columns=FLOWS,
        show="t_day", scale=Scale(unit=HAULED, ramp="neutral"), strokes="by_value", note=note, over=ends,
    )  # fmt: skip
    shown = [
        ThemeLayer(
            name="waste_chain_collect", title=Text("收集与直运流向", "Collection and direct haul"),
            map_title=Text("垃圾收运流向图", "Flows of waste"), frame=collect, columns=FLOWS, show="way",
            classes=_that_occur(WAYS, collect["way"]), strokes="thin", note=note,
            over=(along, *ends) if len(haul) else ends,
        ),
        along,
        replace(at, over=(to,) if len(to.frame) else ()),
        to,
        ThemeLayer(
            name="waste_chain_sources", title=Text("收运的垃圾产生点", "Sources that are carried"), frame=plan.sources,
            columns=SOURCES, show="t_day", scale=Scale(unit=_T, ramp="neutral"), own_map=False, note=note,
        ),
    ]  # fmt: skip
    return [layer for layer in shown if len(layer.frame)]


def _that_occur(classes: tuple[Class, ...], values: pd.Series) -> tuple[Class, ...]:
    return tuple(one for one in classes if (values == one.value).any())


def _as_marks(places: gpd.GeoDataFrame, named: pd.Series) -> gpd.GeoDataFrame:
    """Draw places as points, plots or not, and write names (or else ids) beside some: a plot is small on a map."""
    name = places["name"].where(places["name"] != "", places.index.to_series())
    marks = places.assign(label=name.where(named, ""))
    return gpd.GeoDataFrame(marks.set_geometry(places.geometry.representative_point()))


def _tables(plan: ChainPlan, failed: pd.DataFrame | None, note: Text) -> list[ThemeTable]:
    def plain(frame: gpd.GeoDataFrame) -> pd.DataFrame:
        rows = pd.DataFrame(frame.drop(columns=frame.geometry.name)).rename_axis("id").reset_index()
        first = [name for name in FIRST if name in rows.columns]
        return spelled(rows[[*first, *(c for c in rows.columns if c not in first)]], status=STATUS)

    costs = _named_streams(plan.costs)
    costs["part_zh"], costs["part_en"] = (
        [PARTS[p].zh for p in costs["part"]], [PARTS[p].en for p in costs["part"]]
    )  # fmt: skip
    costs["share"] = costs["cost_day"] / plan.cost_day if plan.cost_day else np.nan
    used = plan.stations[plan.stations["opened"]]
    shown = [
        ThemeTable(name="waste_chain_costs", title=Text("每日费用构成", "Cost of a day by part"), frame=costs,
                   columns=FLOWS, note=note),
        ThemeTable(name="waste_chain_stations", title=Text("启用的转运站", "Stations in use"), frame=plain(used),
                   columns=SITES, note=note),
        ThemeTable(name="waste_chain_plants", title=Text("处理厂负荷", "Plants and their load"),
                   frame=plain(plan.plants), columns=SITES, note=note),
        ThemeTable(name="waste_chain_haul", title=Text("转运流量", "Hauls"),
                   frame=_named_streams(pd.DataFrame(plan.flows.haul)), columns=FLOWS, note=note),
    ]  # fmt: skip
    if failed is not None:
        shown.append(ThemeTable(
            name="waste_chain_failure", title=Text("任一站失效时的去向", "When one station fails"),
            frame=failed[FAILURE_COLUMNS], columns=FAILED, note=note,
        ))  # fmt: skip
    return shown


def _named_streams(frame: pd.DataFrame) -> pd.DataFrame:  # GeoDataFrames stay what they are
    at = frame.columns.tolist().index("stream") + 1
    made = frame.copy()
    made.insert(at, "stream_zh", [STREAMS[s].zh if s else "" for s in frame["stream"]])
    made.insert(at + 1, "stream_en", [STREAMS[s].en if s else "" for s in frame["stream"]])
    return made


def _note(plan: ChainPlan, source: Text | None) -> Text:
    zh, en = OWN.zh, OWN.en
    if source is not None:
        zh, en = f"{zh}：{source.zh}", f"{en}: {source.en}"
    if not plan.gathered.is_whole:
        n, m = f"{len(plan.sources):,}", f"{len(plan.gathered.seat):,}"
        error = f"{plan.gathering_error_day:,.2f}"
        zh += f"；{n} 个产生点归并为 {m} 个求解，归并误差每日不超过 {error}，已计入下界"
        zh += "；各项费用按每个产生点自身运距重新计算"
        en += f"; {n} sources were solved as {m}, an error of at most {error} a day, which the bound allows for"
        en += "; costs are those of every source on its own way"
    return Text(zh, en)


def _figures(plan: ChainPlan, failed: pd.DataFrame | None) -> dict[str, object]:
    return {
        "t_day": float(plan.sources["t_day"].sum()),
        "t_day_by_stream": {s: float(plan.sources[tonnes_of(s)].sum()) for s in plan.question.streams},
        "stations": plan.stations.index[plan.stations["opened"]].tolist(),
        "new_stations": [str(i) for i in plan.result.site_ids],
        "cost_day": plan.cost_day,
        "bound_day": plan.bound_day,
        "gap": plan.gap,
        "status": plan.result.status,
        "t_km_day": _t_km(plan),
        "left_out_t_day": sum(plan.left_out_t.values()),
        "sources": len(plan.sources),
        "solved_as": len(plan.gathered.seat),
        "gathering_error_day": plan.gathering_error_day,
        "worst_failure_unsent_t_day": None
        if failed is None or not len(failed)
        else float(failed["unsent_t_day"].max()),
    }


def _t_km(plan: ChainPlan) -> float:
    return float(sum((f["t_day"] * f["km"]).sum() for f in (plan.flows.collect, plan.flows.haul, plan.flows.direct)))


def _headlines(plan: ChainPlan, failed: pd.DataFrame | None) -> list[Text]:
    new, stand = len(plan.result.site_ids), int((plan.stations["status"] == "existing").sum())
    if plan.gap is None:
        how = Text("归并后求得", "for the gathered sources")
    elif plan.gap == 0:
        how = PROVED
    else:
        how = within(plan.gap)
    total = float(plan.sources["t_day"].sum())
    lines = [
        Text(
            f"新建转运站 {new} 座，沿用 {stand} 座，收运 {total:,.1f} 吨/日，每日费用 {plan.cost_day:,.0f}（{how.zh}）",
            f"new stations: {new}, that stand: {stand}; carried: {total:,.1f} t/d, at {plan.cost_day:,.0f} a day "
            f"({how.en})",
        )
    ]
    lost = sum(plan.left_out_t.values())
    if lost > 0:
        lines.append(
            Text(
                f"另有 {lost:,.1f} 吨/日未进入收运：附近无车行道路，或无路通往站厂（见清单）",
                f"{lost:,.1f} t/d more are not carried: no street for trucks near, or none that leads there (listed)",
            )
        )
    lines += [finding.text for finding in plan.findings if finding.code in TOLD]
    used = plan.stations[plan.stations["opened"] & plan.stations["load_share"].notna()]
    if len(used):
        fullest = str(used["load_share"].idxmax())
        share = percent(float(used["load_share"].max()))
        lines.append(
            Text(
                f"负荷率最高的转运站：{_called(used, fullest)}，{share}",
                f"fullest station: {_called(used, fullest)}, {share}",
            )
        )
        lines += _beyond_land(used)
    if failed is not None and len(failed):
        worst = failed.iloc[int(np.argmax(failed["unsent_t_day"]))]
        if worst["unsent_t_day"] > 0:
            t = f"{worst['unsent_t_day']:,.1f}"
            lines.append(
                Text(
                    f"{worst['station']} 失效时有 {t} 吨/日无处可去",
                    f"if {worst['station']} fails, {t} t/d find no room",
                )
            )
        else:
            lines.append(
                Text("任一转运站失效，其余站厂均可承接", "if any one station fails, the others take all it had")
            )
    return lines


def _beyond_land(used: gpd.GeoDataFrame) -> list[Text]:
    """Say which new stations carry more than their land gives in proportion, though their class may."""
    if "capacity_by_land_t_day" not in used.columns:
        return []
    more = used[used["load_t_day"] > used["capacity_by_land_t_day"].astype(float) + 0.05]
    if not len(more):
        return []
    land = ", ".join(f"{_called(more, str(i))} {more.loc[i, 'capacity_by_land_t_day']:,.1f}" for i in more.index[:3])
    return [
        Text(
            f"{len(more)} 座新建站的负荷在类别上限之内，但超过按用地内插的能力（吨/日，估算：{land}）",
            f"{len(more)} new stations carry what their class may, but more than their land gives in proportion "
            f"(t/d, estimate: {land})",
        )
    ]


def _called(rows: gpd.GeoDataFrame, label: str) -> str:
    name = str(rows.loc[label, "name"])
    return name or label
