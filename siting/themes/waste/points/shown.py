"""The audit of collection and recycling points in the words of planners."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd

from siting.coverage import Audit
from siting.display import percent, whole
from siting.ledger import Text
from siting.themes.result import ThemeLayer, ThemeResult, ThemeTable
from siting.themes.waste.points.estates import Estates
from siting.themes.waste.points.part import Part, cited
from siting.themes.waste.points.reach import MANDATORY, PREFERRED, Reach
from siting.themes.waste.points.records import Records
from siting.themes.waste.points.shown_more import dumps_part, matrix_part, pretreatment_part, shops_part
from siting.themes.waste.points.shown_pilots import pilots_part
from siting.themes.waste.points.shown_sorting import bodies_part, recycling_part, sorting_part
from siting.themes.waste.points.words import ESTATES, HOMES, POINTS, columns_of

if TYPE_CHECKING:
    from siting.themes.waste.points.audit import WastePoints

THEME = "waste_points"
TITLE = Text("垃圾收集点与回收点", "Waste collection and recycling points")
_NOUN = {"people": Text("人", "people"), "units": Text("个单元", "units"), "land": Text("平方米", "m²")}


def themed(found: WastePoints) -> ThemeResult:
    """Put everything into the shape that all writers read."""
    points = _points(found.records)
    parts = [_reach(found.reach, points.layers), points]
    if found.estates is not None:
        parts.append(_estates(found.estates))
    if found.pilots is not None:
        parts.append(pilots_part(found.pilots))
    if found.recycling is not None:
        parts.append(recycling_part(found.recycling))
    if found.sorting is not None:
        parts.append(sorting_part(found.sorting))
    parts += [bodies_part(bodies, k) for k, bodies in enumerate(found.bodies)]
    parts.append(matrix_part(found.matrix))
    if found.dumps is not None:
        parts.append(dumps_part(found.dumps))
    if found.pretreatment is not None:
        parts.append(pretreatment_part(found.pretreatment))
    if found.shops is not None:
        parts.append(shops_part(found.shops))
    tables = [] if found.reach is None else [a.indicators for a in found.reach.audits.values()]
    return ThemeResult(
        theme=THEME,
        title=TITLE,
        layers=tuple(layer for part in parts for layer in part.layers),
        tables=tuple(table for part in parts for table in part.tables),
        figures={name: value for part in parts for name, value in part.figures.items()},
        headlines=tuple(line for part in parts for line in part.headlines),
        indicators=pd.concat(tables, ignore_index=True) if tables else pd.DataFrame(),
        findings=found.findings,
        missing=found.missing,
    )


def _reach(reach: Reach | None, points: tuple[ThemeLayer, ...]) -> Part:
    if reach is None:
        return Part(figures={"people": None})
    judged = [a for a in reach.audits.values() if a.judged]
    layers = [replace(_homes(reach), over=points)] if judged else []
    layers += [layer for layer in (_gap_layer(reach, a) for a in judged) if layer is not None]
    note = Text("；".join(cited(a.rule).zh for a in judged), "; ".join(cited(a.rule).en for a in judged))
    table = ThemeTable(
        name="waste_points_zones",
        title=Text("各分区收集点覆盖", "Coverage of collection points by zone"),
        frame=reach.zones,
        columns=columns_of(reach.zones.columns),
        note=note,
    )
    figures = {}
    for rule_id, found in reach.audits.items():
        figures[rule_id] = {
            f"{what}_{kind}": {"served": s.served / s.per_whole, "total": s.total / s.per_whole, "share": s.share}
            for (kind, what), s in found.shares.items()
        } | {"limit_m": found.limit_m, "passes": found.passes, "gaps": len(reach.gaps[rule_id])}
    return Part(layers=tuple(layers), tables=(table,), figures={"reach": figures}, headlines=tuple(_lines(reach)))


def _homes(reach: Reach) -> ThemeLayer:
    """Homes by the best radius that they have; on foot beyond the radius is said apart."""
    main = reach.main
    frame = gpd.GeoDataFrame(geometry=main.demand.geometry, crs=main.demand.crs, index=main.demand.index)
    for name in ("people", "units"):
        if name in main.demand.columns:
            frame[name] = main.demand[name]
    near = main.demand["served_straight"].to_numpy(dtype=bool)
    frame["nearest"] = main.demand["facility_straight"]
    frame["straight_m"] = main.demand["cost_straight"].replace(np.inf, np.nan)
    state = np.where(near, "mandatory", "without").astype(object)
    if "served_network" in main.demand.columns:
        frame["network_m"] = main.demand["cost_network"].replace(np.inf, np.nan)
        state[near & ~main.demand["served_network"].to_numpy(dtype=bool)] = "straight"
    notes = [main]
    other = reach.audits.get(PREFERRED)
    if other is not None and other is not main and other.judged:
        better = other.demand["served_straight"].to_numpy(dtype=bool)
        state[better & (state == "mandatory")] = "preferred"
        notes.append(other)
    frame["state"] = state
    words = [
        Text(
            f"{_role(a).zh} {a.limit_m:g} 米：{cited(a.rule).zh}", f"{_role(a).en} {a.limit_m:g} m: {cited(a.rule).en}"
        )
        for a in notes
    ]
    return ThemeLayer(
        name="waste_points_homes",
        title=Text("住处至收集点", "Homes and collection points"),
        frame=frame,
        columns=columns_of(frame.columns),
        show="state",
        classes=HOMES,
        note=Text("；".join(w.zh for w in words), "; ".join(w.en for w in words)),
    )


def _role(found: Audit) -> Text:
    if found.rule.id == MANDATORY:
        return Text("强制", "mandatory")
    return Text("较优", "preferred") if found.rule.id == PREFERRED else Text("半径", "radius")


def _gap_layer(reach: Reach, found: Audit) -> ThemeLayer | None:
    gaps = reach.gaps[found.rule.id]
    if not len(gaps):
        return None
    frame = gaps.set_index("gap_id") if "gap_id" in gaps.columns else gaps
    keep = [c for c in ("rank", "people", "units", "nearest_m", "zone") if c in frame.columns]
    frame = gpd.GeoDataFrame(frame[[*keep, "geometry"]], geometry="geometry", crs=gaps.crs)
    frame.index = frame.index.astype(str).rename("id")
    return ThemeLayer(
        name=f"waste_points_gaps_{found.limit_m:g}".replace(".", "_"),
        title=Text(f"收集点 {found.limit_m:g} 米服务盲区", f"Beyond {found.limit_m:g} m of a collection point"),
        frame=frame,
        columns={
            **columns_of(frame.columns),
            "rank": Text("次序", "rank"),
            "nearest_m": Text("至最近收集点（米，中位）", "to the nearest point (m, median)"),
        },
        own_map=False,
        note=cited(found.rule),
    )


def _lines(reach: Reach) -> Iterable[Text]:
    for found in reach.audits.values():
        what = "people" if ("straight", "people") in found.shares else "units"
        straight = found.shares.get(("straight", what))  # type: ignore[arg-type]
        walked = found.shares.get(("network", what))  # type: ignore[arg-type]
        if not found.judged or straight is None:
            continue
        noun, role = _NOUN[what], _role(found)
        on_foot = Text("", "")
        if walked is not None:
            on_foot = Text(
                f"，步行 {percent(walked.share)}（{whole(walked.served / walked.per_whole)} {noun.zh}）",
                f", on foot {percent(walked.share)} ({whole(walked.served / walked.per_whole)} {noun.en})",
            )
        served, total = whole(straight.served / straight.per_whole), whole(straight.total / straight.per_whole)
        read = found.rule.confidence.text
        yield Text(
            f"{role.zh}半径 {found.limit_m:g} 米（{found.rule.id}，{read.zh}）：直线覆盖 {percent(straight.share)}"
            f"（{served} / {total} {noun.zh}）{on_foot.zh}",
            f"{role.en} radius {found.limit_m:g} m ({found.rule.id}, {read.en}): straight {percent(straight.share)} "
            f"({served} of {total} {noun.en}){on_foot.en}",
        )


def _points(records: Records) -> Part:
    if not len(records.waste):
        return Part(figures={"points": 0 if records.rows_in["waste_point"] else None})
    said = records.waste["sorting"].tolist()
    state = ["unknown" if x is None else "sorts" if x else "mixed" for x in said]
    frame = gpd.GeoDataFrame(records.waste.assign(state=state).drop(columns="sorting"))
    layer = ThemeLayer(
        name="waste_points_points",
        title=Text("收集点", "Collection points"),
        frame=frame,
        columns=columns_of(frame.columns),
        show="state",
        classes=POINTS,
        own_map=False,
    )
    figures = {
        "points": len(frame),
        "points_sorting": state.count("sorts"),
        "points_sorting_unknown": state.count("unknown"),
        "recycling_points": len(records.recycling),
    }
    return Part(layers=(layer,), figures=figures)


def _estates(found: Estates) -> Part:
    edge = f"{found.edge_m:g}"
    note = Text(
        f"{cited(found.rule).zh}；距边界 {edge} 米内的收集点计为小区自有（研究自定）",
        f"{cited(found.rule).en}; a point within {edge} m of the edge is the estate's own (the study's own)",
    )
    layer = ThemeLayer(
        name="waste_points_estates",
        title=Text("封闭小区收集点", "Closed estates and their points"),
        frame=found.estates,
        columns=columns_of(found.estates.columns),
        show="state",
        classes=ESTATES,
        label="name",
        note=note,
    )
    table = ThemeTable(
        name="waste_points_estates",
        title=layer.title,
        frame=pd.DataFrame(found.estates.drop(columns="geometry")).reset_index(),
        columns=columns_of(["id", *found.estates.columns]),
        note=note,
    )
    without, total = len(found.without), len(found.estates)
    line = Text(
        f"封闭小区 {total} 个，其中 {without} 个没有收集点（{found.rule.id}，{found.rule.confidence.text.zh}）",
        f"closed estates: {total}, without a collection point: {without} "
        f"({found.rule.id}, {found.rule.confidence.text.en})",
    )
    figures = {"estates": {"total": total, "without": without, "edge_m": found.edge_m}}
    return Part(layers=(layer,), tables=(table,), figures=figures, headlines=(line,))
