"""Coverage matrix, dumps, small treatment units and shops, in the words of planners."""

from __future__ import annotations

import math

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.coverage.model import CITY_LEVEL
from siting.display import count, percent, whole
from siting.ledger import Text
from siting.themes.result import Scale, ThemeLayer, ThemeTable
from siting.themes.waste.points.dumps import BEYOND, Dumps
from siting.themes.waste.points.links import LINKS, STATES, UNKNOWN, Matrix
from siting.themes.waste.points.part import Part, cited
from siting.themes.waste.points.pretreatment import Pretreatment
from siting.themes.waste.points.shops import NO_STREET, Shops
from siting.themes.waste.points.words import DUMPS, SHOPS, UNITS_COLUMNS, columns_of
from siting.themes.waste.streams import STREAMS

_NAMED = 3


def matrix_part(found: Matrix) -> Part:
    """Kind x link x area."""
    cells = found.cells.copy()
    links = [LINKS[str(k)].name for k in cells["link"]]
    streams = [STREAMS[s] for s in cells["stream"]]
    states = [STATES[str(k)] for k in cells["state"]]
    for name, words in (("link", links), ("stream", streams), ("state", states)):
        at = cells.columns.tolist().index(name)
        cells.insert(at + 1, f"{name}_zh", [w.zh for w in words])
        cells.insert(at + 2, f"{name}_en", [w.en for w in words])
    note = Text(
        "直线服务半径内的人口比例，仅计已知收该类的设施；没有条文半径的环节只看有无；未注明即未知，不按无计；"
        + "；".join(cited(r).zh for r in found.rules),
        "share of people within the radius, straight, of a facility known to take the stream; a link without a radius "
        "is there or not; what is not stated is unknown, not none; " + "; ".join(cited(r).en for r in found.rules),
    )
    table = ThemeTable(
        name="waste_points_matrix",
        title=Text("全覆盖矩阵：类别 × 环节 × 分区", "Coverage matrix: kind x link x area"),
        frame=cells,
        columns=columns_of(cells.columns),
        note=note,
    )
    city = found.cells[found.cells["level"] == CITY_LEVEL]
    figures = {
        "matrix": {
            link: {
                str(r["stream"]): {"state": r["state"], "share": None if math.isnan(r["share"]) else r["share"]}
                for r in city[city["link"] == link].to_dict("records")
            }
            for link in LINKS
        }
    }
    counts = {state: int((city["state"] == state).sum()) for state in STATES}
    zh = "，".join(f"{STATES[k].zh} {n}" for k, n in counts.items() if n)
    en = ", ".join(f"{STATES[k].en}: {n}" for k, n in counts.items() if n)
    lines = (
        Text(
            f"全覆盖矩阵（类别 × 环节）{len(city)} 格：{zh}", f"coverage matrix (kind x link), {len(city)} cells: {en}"
        ),
    )
    return Part(tables=(table,), figures=figures, headlines=lines if counts[UNKNOWN] < len(city) else ())


def dumps_part(found: Dumps) -> Part:
    """Informal dumps beside the nearest legal point."""
    frame = gpd.GeoDataFrame(found.dumps.replace({"straight_m": {np.inf: np.nan}, "network_m": {np.inf: np.nan}}))
    words = {
        **columns_of(frame.columns),
        "order": Text("次序（离合法收集点最远者在前）", "order, farthest from a legal point first"),
        "people": Text(f"{found.limit_m:g} 米内人口", f"people within {found.limit_m:g} m"),
    }
    title = Text("非正规垃圾堆放点", "Informal dumps")
    layer = ThemeLayer(
        name="waste_points_dumps", title=title, frame=frame, columns=words, show="state", classes=DUMPS, label="order"
    )
    table = ThemeTable(
        name="waste_points_dumps",
        title=title,
        frame=pd.DataFrame(frame.drop(columns="geometry")).reset_index(),
        columns={**words, **columns_of(["id"])},
    )
    total, beyond = len(frame), int((frame["state"] == BEYOND).sum())
    line = Text(
        f"非正规堆放点 {total} 处，其中 {beyond} 处 {found.limit_m:g} 米内没有合法收集点",
        f"informal dumps: {total}, of these {beyond} without a legal point within {found.limit_m:g} m",
    )
    return Part(
        layers=(layer,) if total else (),
        tables=(table,),
        figures={"dumps": {"total": total, "beyond": beyond, "limit_m": found.limit_m}},
        headlines=(line,),
    )


def pretreatment_part(found: Pretreatment) -> Part:
    """Small treatment units where most arises."""
    what = Text("各类", "all streams") if found.stream is None else STREAMS[found.stream]
    size = Text("每处一台，处理该处全部", "one a place, which takes all of it")
    if found.capacity_t_day is not None:
        size = Text(f"单台能力 {found.capacity_t_day:g} 吨/日", f"{found.capacity_t_day:g} t/d a unit")
    note = Text(
        f"{what.zh}；{size.zh}；吨数为估算；数量与能力由研究给定",
        f"{what.en}; {size.en}; tonnes are estimates; numbers are the study's own",
    )
    title = Text("就地预处理设施布点", "Small treatment units on site")
    chosen = gpd.GeoDataFrame(found.places[found.places["units"] > 0])
    table = pd.DataFrame(found.places.drop(columns="geometry")).reset_index()
    layers = (
        ThemeLayer(
            name="waste_points_pretreatment",
            title=title,
            frame=chosen,
            columns=columns_of(chosen.columns, UNITS_COLUMNS),
            show="treated_t_day",
            scale=Scale(unit=Text("吨/日", "t/d"), ramp="neutral"),
            label="name",
            note=note,
        ),
    )
    share = found.treated_t_day / found.total_t_day if found.total_t_day else None
    treated = count(round(found.treated_t_day, 2))
    fewer = Text("", "")
    if found.placed < found.units:
        fewer = Text("，其余无处可设", ", no place is left for the others")
    line = Text(
        f"预处理设施 {found.units} 台（套）布点 {found.placed} 台，共 {len(chosen)} 处{fewer.zh}：处理 {treated} 吨/日"
        f"（占候选处产生量 {percent(share) or '—'}，估算；同样台数下最多，已证明）",
        f"small units placed: {found.placed} of {found.units}, places: {len(chosen)}{fewer.en}; {treated} t/d "
        f"({percent(share) or '—'} of what the places make, estimates; proved the most for so many units)",
    )
    return Part(
        layers=layers if len(chosen) else (),
        tables=(
            ThemeTable(
                name="waste_points_pretreatment",
                title=title,
                frame=table,
                columns=columns_of(table.columns, UNITS_COLUMNS),
                note=note,
            ),
        ),
        figures={
            "pretreatment": {
                "units": found.units,
                "placed": found.placed,
                "places": len(chosen),
                "treated_t_day": found.treated_t_day,
                "total_t_day": found.total_t_day,
                "share": share,
            }
        },
        headlines=(line,),
    )


def shops_part(found: Shops) -> Part:
    """Bins of shops, street by street."""
    note = Text(
        f"每店 {found.bins_per_shop} 桶（政策要求或研究自定）；商铺归入 {found.within_m:g} 米内最近街道（研究自定）",
        f"bins a shop: {found.bins_per_shop} (the policy's or the study's); a shop belongs to the nearest street "
        f"within {found.within_m:g} m (the study's own)",
    )
    state = ["away" if s == NO_STREET else "street" for s in found.shops["street"]]
    shops = gpd.GeoDataFrame(found.shops.assign(state=state).replace({"street_m": {np.inf: np.nan}}))
    streets = gpd.GeoDataFrame(found.streets.drop(columns="street"))
    layers = [
        ThemeLayer(
            name="waste_points_shops",
            title=Text("沿街商铺", "Shops along streets"),
            frame=shops,
            columns=columns_of(shops.columns),
            show="state",
            classes=SHOPS,
            own_map=False,
            note=note,
        )
    ]
    if len(streets):
        layers.append(
            ThemeLayer(
                name="waste_points_shop_streets",
                title=Text("各街道一店一桶所需桶数", "Bins that shops need, by street"),
                frame=streets,
                columns=columns_of(streets.columns),
                show="needed",
                scale=Scale(unit=Text("桶", "bins"), ramp="neutral"),
                note=note,
            )
        )
    table = pd.DataFrame(found.streets.drop(columns="geometry")).reset_index(drop=True)
    needed = int(table["needed"].sum()) if len(table) else 0
    first = table.head(_NAMED)
    zh = "，".join(f"{s} {n}" for s, n in first[["street", "needed"]].to_numpy().tolist())
    en = ", ".join(f"{s} {n}" for s, n in first[["street", "needed"]].to_numpy().tolist())
    line = Text(
        f"一店一桶：{len(shops)} 家商铺，沿 {len(table)} 条街道需 {whole(needed)} 桶，最多：{zh}；"
        f"{found.away} 家附近没有街道",
        f"one shop, one bin: {len(shops)} shops, {whole(needed)} bins along {len(table)} streets, most: {en}; "
        f"{found.away} shops have no street near",
    )
    return Part(
        layers=tuple(layers) if len(shops) else (),
        tables=(
            ThemeTable(
                name="waste_points_shop_streets",
                title=Text("各街道一店一桶", "One shop, one bin, by street"),
                frame=table,
                columns=columns_of(table.columns),
                note=note,
            ),
        ),
        figures={"shops": {"shops": len(shops), "streets": len(table), "bins_needed": needed, "away": found.away}},
        headlines=(line,) if len(shops) else (),
    )
