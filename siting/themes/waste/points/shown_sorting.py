"""Recycling, sorting in communities and bodies that must sort, in the words of planners."""

from __future__ import annotations

import math
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.model import CITY_LEVEL
from siting.display import percent, whole
from siting.ledger import Text
from siting.themes.result import Class, Scale, ThemeLayer, ThemeTable
from siting.themes.spelled import spelled, spelled_titles
from siting.themes.waste.points.bodies import Bodies
from siting.themes.waste.points.part import Part, cited
from siting.themes.waste.points.recycling import ALONE, JOINED, Recycling
from siting.themes.waste.points.sorting import CHOSEN, Sorting
from siting.themes.waste.points.words import (
    BODIES,
    COMMUNITIES,
    PAIRS,
    RECYCLING_PARTNERS,
    WASTE_PARTNERS,
    columns_of,
)

FEW = 300
"""More rings than this are thin, so as not to hide the points."""
_OWN = Text("研究自定，非条文", "the study's own, no clause")


def known(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Leave distances without a path empty, as tables and layers show what there is not."""
    return gpd.GeoDataFrame(frame.replace({c: {np.inf: np.nan} for c in ("straight_m", "network_m")}))


def recycling_part(found: Recycling) -> Part:
    """Recycling points per households, and joined with collection points."""
    near = Text(
        f"直线 {found.match_m:g} 米内为融合（{_OWN.zh}）", f"joined within {found.match_m:g} m, straight ({_OWN.en})"
    )
    layers = _networks(found, near)
    both = pd.concat([known(found.recycling), known(found.waste)])
    alone = pd.DataFrame(both[both["state"] == ALONE].drop(columns=["geometry", "state"])).reset_index()
    tables = [
        ThemeTable(
            name="waste_points_not_joined",
            title=Text("未融合的点", "Points that are not joined"),
            frame=alone,
            columns=columns_of(alone.columns),
            note=near,
        )
    ]
    joined = [int((f["state"] == JOINED).sum()) for f in (found.recycling, found.waste)]
    lines = [
        Text(
            f"两网融合（{near.zh}）：回收点 {joined[0]} / {len(found.recycling)} 处，"
            f"收集点 {joined[1]} / {len(found.waste)} 处",
            f"the two networks ({near.en}): {joined[0]} of {len(found.recycling)} recycling points and "
            f"{joined[1]} of {len(found.waste)} collection points",
        )
    ]
    figures: dict[str, object] = {
        "joined": {
            "match_m": found.match_m,
            "recycling": joined[0],
            "recycling_total": len(found.recycling),
            "waste": joined[1],
            "waste_total": len(found.waste),
        }
    }
    if found.households is not None:
        note = Text(
            f"{found.households.text.zh}；" + "；".join(cited(r).zh for r in found.rules),
            f"{found.households.text.en}; " + "; ".join(cited(r).en for r in found.rules),
        )
        tables.append(
            ThemeTable(
                name="waste_points_households",
                title=Text("回收点服务户数", "Households per recycling point"),
                frame=found.needed,
                columns=columns_of(found.needed.columns),
                note=note,
            )
        )
        city = found.needed[found.needed["level"] == CITY_LEVEL]
        mark = Text("，户数为估算", ", households estimated") if found.households.estimated else Text("", "")
        for row in city.to_dict("records"):
            rule = next(r for r in found.rules if r.id == row["rule"])
            read = rule.confidence.text
            lines.append(
                Text(
                    f"按每处不超过 {row['most_per_point']:,.0f} 户（{rule.id}，{read.zh}{mark.zh}），"
                    f"应设回收点 {row['needed']} 处，现有 {row['points']} 处，缺 {row['short']} 处",
                    f"at most {row['most_per_point']:,.0f} households a point ({rule.id}, {read.en}{mark.en}): "
                    f"{row['needed']} recycling points needed, {row['points']} there, {row['short']} short",
                )
            )
        figures["recycling_needed"] = {
            r["rule"]: {"needed": r["needed"], "points": r["points"], "short": r["short"]}
            for r in city.to_dict("records")
        }
        figures["households_estimated"] = found.households.estimated
    return Part(layers=tuple(layers), tables=tuple(tables), figures=figures, headlines=tuple(lines))


def _networks(found: Recycling, near: Text) -> list[ThemeLayer]:
    """Both kinds of points, which lie on one map, and a ring around the two of each pair."""

    def layer(name: str, title: Text, frame: gpd.GeoDataFrame, classes: tuple[Class, ...]) -> ThemeLayer:
        return ThemeLayer(
            name=f"waste_points_joined_{name}",
            title=title,
            frame=frame,
            columns={**columns_of(frame.columns), "recycling": Text("回收点", "recycling point")},
            show="state",
            classes=classes,
            own_map=name == "recycling",
            note=near,
            strokes="even" if len(frame) <= FEW else "thin",
        )

    title = Text("两网融合：回收点", "Recycling points beside collection points")
    first = layer("recycling", title, _places(found.recycling), RECYCLING_PARTNERS)
    title = Text("两网融合：收集点", "Collection points beside recycling points")
    waste = layer("waste", title, _places(found.waste), WASTE_PARTNERS)
    pairs = layer("pairs", Text("两网融合：成对的点", "Pairs of points that are joined"), _pairs(found), PAIRS)
    over = tuple(one for one in (pairs, waste) if len(one.frame))
    first = replace(first, over=over, map_title=Text("两网融合：回收点与收集点", "The two networks: points and pairs"))
    return [one for one in (first, pairs, waste) if len(one.frame)]


def _places(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return all as points, which some are in a layer and some, as areas, are not: they are compared on one map."""
    return gpd.GeoDataFrame(known(frame).set_geometry(frame.geometry.representative_point()))


def _pairs(found: Recycling) -> gpd.GeoDataFrame:
    """Return a ring around each joined recycling point and the collection point nearest to it; they may coincide."""
    rows = found.recycling[found.recycling["state"] == JOINED]
    here = rows.geometry.representative_point()
    there = found.waste.geometry.loc[rows["partner"]].representative_point()
    both = [a if a.equals(b) else shapely.LineString([a, b]) for a, b in zip(here, there, strict=True)]
    rings = [shapely.LineString(one.buffer(found.match_m / 2).exterior.coords) for one in both]
    return gpd.GeoDataFrame(
        {
            "recycling": rows.index.astype(str),
            "partner": rows["partner"].astype(str).to_numpy(),
            "straight_m": rows["straight_m"].to_numpy(),
            "state": JOINED,
        },
        geometry=gpd.GeoSeries(rings, crs=found.recycling.crs).to_numpy(),
        crs=found.recycling.crs,
        index=pd.Index([f"{a} - {b}" for a, b in zip(rows.index, rows["partner"], strict=True)], dtype="str"),
    )


def sorting_part(found: Sorting) -> Part:
    """Communities, and the shortest way to the share of the policy."""
    share = found.sorted_share
    note = Text(
        f"{found.limit_m:g} 米（直线）内有分类收集点的人口；{cited(found.rule).zh}",
        f"people with a sorting point within {found.limit_m:g} m, straight; {cited(found.rule).en}",
    )
    if share is not None:
        note = Text(
            f"{note.zh}；社区人口的 {share:.0%} 可达即计为覆盖（{_OWN.zh}）",
            f"{note.en}; a community counts from {share:.0%} of its people ({_OWN.en})",
        )
    frame = found.communities
    judged = share is not None
    layer = ThemeLayer(
        name="waste_points_communities",
        title=Text("社区垃圾分类", "Sorting in communities"),
        frame=frame,
        columns=columns_of(frame.columns),
        show="state" if judged else "share",
        classes=COMMUNITIES if judged else (),
        scale=None if judged else Scale(unit=Text("比例", "share"), ramp="more_is_better", percent=True),
        label="name",
        note=note,
    )
    table = pd.DataFrame(frame.drop(columns="geometry")).reset_index()
    tables = [
        ThemeTable(
            name="waste_points_communities",
            title=layer.title,
            frame=spelled(table, state={str(one.value): one.name for one in COMMUNITIES}),
            columns={
                **columns_of(table.columns),
                "sorting": Text("其中分类收集点", "of these sorting"),
                **spelled_titles(state=Text("结论", "outcome")),
            },
            note=note,
        )
    ]
    people = None if math.isnan(found.people_share) else found.people_share
    lines = [Text(f"分类收集点覆盖人口 {percent(people)}", f"people with a sorting point in reach: {percent(people)}")]
    figures: dict[str, object] = {"people_share": people, "limit_m": found.limit_m}
    if judged:
        total = int((frame["people"] > 0).sum())
        figures |= {
            "communities": total,
            "covered": found.covered,
            "needed": found.needed,
            "share": found.covered / total if total else None,
            "status": found.status,
            "points_to_convert": len(found.convert),
            "bound": found.bound,
            "chosen": [str(i) for i in frame.index[frame["state"] == CHOSEN]],
        }
        lines.append(_way(found, total))
        if len(found.convert):
            tables.append(
                ThemeTable(
                    name="waste_points_to_convert",
                    title=Text("最快路径：改为分类的收集点", "Shortest way: points that begin to sort"),
                    frame=found.convert,
                    columns=columns_of(found.convert.columns),
                    note=note,
                )
            )
    return Part(layers=(layer,), tables=tuple(tables), figures={"sorting": figures}, headlines=tuple(lines))


def _way(found: Sorting, total: int) -> Text:
    assert found.rule.target is not None
    target = f"{found.rule.target.share:.0%}"
    read = found.rule.confidence.text
    head = Text(
        f"社区分类覆盖 {found.covered} / {total}，目标 {target}（{found.rule.id}，{read.zh}）即 {found.needed} 个",
        f"communities that sort: {found.covered} of {total}; {target} ({found.rule.id}, {read.en}) are {found.needed}",
    )
    if found.status == "reached":
        tail = Text("，已达到", ": reached")
    elif found.status == "impossible":
        tail = Text(
            "；现有收集点全部分类仍达不到，需新增收集点", "; not reached even if every point sorts: new ones are needed"
        )
    elif found.status in ("optimal", "feasible"):
        names = found.communities[found.communities["state"] == CHOSEN]["name"].tolist()
        proof = Text("已证明最少", "proved the fewest")
        if found.status == "feasible":
            proof = Text(f"至少需 {found.bound} 处", f"at least {found.bound} are needed")
        zh, en = "、".join(names[:5]), ", ".join(names[:5])
        tail = Text(
            f"；最快路径：再改 {len(found.convert)} 处收集点为分类（{proof.zh}），新覆盖 {len(names)} 个社区：{zh}"
            + ("等" if len(names) > 5 else ""),
            f"; the shortest way: points that must begin to sort {len(found.convert)} ({proof.en}), communities "
            f"covered by it {len(names)}: {en}" + (" and more" if len(names) > 5 else ""),
        )
    else:
        tail = Text("；限时内未求得最快路径", "; no shortest way was found in time")
    return Text(head.zh + tail.zh, head.en + tail.en)


def bodies_part(found: Bodies, k: int) -> Part:
    """Bodies of one rule."""
    how = Text("按图层所载", "as the layer says")
    if not found.by_column:
        how = Text(
            f"以 {found.limit_m:g} 米（直线）内有分类收集点代替（{_OWN.zh}）",
            f"a sorting point within {found.limit_m:g} m, straight, stands for it ({_OWN.en})",
        )
    note = Text(f"{cited(found.rule).zh}；{how.zh}", f"{cited(found.rule).en}; {how.en}")
    name = "waste_points_bodies" if k == 0 else f"waste_points_bodies_{k + 1}"
    layer = ThemeLayer(
        name=name,
        title=found.rule.name,
        frame=known(found.bodies),
        columns=columns_of(found.bodies.columns),
        show="state",
        classes=BODIES,
        note=note,
    )
    table = ThemeTable(
        name=name, title=found.rule.name, frame=found.zones, columns=columns_of(found.zones.columns), note=note
    )
    city = found.zones.iloc[0]
    least, most = (None if math.isnan(x) else float(x) for x in (city["share_least"], city["share_most"]))
    shown = percent(least) if least == most else f"{percent(least)}–{percent(most)}"
    assert found.rule.target is not None
    target = f"{found.rule.target.share:.0%}"
    unknown = Text("", "")
    if city["unknown"]:
        unknown = Text(f"，另有 {whole(city['unknown'])} 个未知", f", {whole(city['unknown'])} more are not known")
    line = Text(
        f"{found.rule.name.zh}：已知覆盖 {whole(city['covered'])} / {whole(city['bodies'])}{unknown.zh}"
        f"（{shown or '—'}），目标 {target}，至多还差 {found.needed} 个（{how.zh}）",
        f"{found.rule.name.en}: {whole(city['covered'])} of {whole(city['bodies'])} known to be covered{unknown.en} "
        f"({shown or '—'}), target {target}, at most {found.needed} more ({how.en})",
    )
    figures = {
        found.rule.id: {
            "bodies": int(city["bodies"]),
            "covered": int(city["covered"]),
            "unknown": int(city["unknown"]),
            "share_least": least,
            "share_most": most,
            "target": found.rule.target.share,
            "passes": found.passes,
            "needed": found.needed,
            "by_column": found.by_column,
        }
    }
    return Part(layers=(layer,), tables=(table,), figures={f"bodies_{k + 1}": figures}, headlines=(line,))
