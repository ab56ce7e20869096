"""Ground that is out for a plant, as layers and tables show it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import pandas as pd

from siting.display import percent
from siting.ledger import Text
from siting.standards.model import Reading
from siting.themes.result import Class, ThemeLayer, ThemeResult, ThemeTable
from siting.themes.waste.ground.figures import OWN

if TYPE_CHECKING:
    from siting.themes.waste.plants.mask import PlantMask

CLAUSE, REMEMBERED = "clause", "unverified"
BASES = (
    Class(value=OWN, name=Text("研究自定", "the study's own"), role="muted"),
    Class(value=REMEMBERED, name=Text("未核实默认值", "unverified default"), role="poor"),
    Class(value=CLAUSE, name=Text("条文或二手来源", "clause, or secondary"), role="bad"),
)
"""What a clause asks is drawn last, over the study's own."""
MASK = {
    "target": Text("对象（代码）", "what is kept away from (code)"),
    "target_zh": Text("防护对象", "kept away from, Chinese"),
    "target_en": Text("防护对象（英文）", "kept away from"),
    "distance_m": Text("防护距离（米，边到边；0 为不得重叠）", "distance (m, edge to edge; 0: may not overlap)"),
    "rule": Text("规则编号", "rule id"),
    "clause_zh": Text("条文", "clause, Chinese"),
    "clause_en": Text("条文（英文）", "clause"),
    "confidence": Text("可信度（own 为研究自定）", "how the figure was read (own: the study's)"),
    "own": Text("研究自定", "the study's own"),
    "places": Text("对象数量", "how many"),
    "area_m2": Text("禁建面积（平方米，互有重叠）", "ground that is out (m², rows overlap)"),
    "share": Text("占研究范围", "share of the study area"),
    "basis": Text("依据（代码）", "basis (code)"),
}
NOTE = Text(
    "禁建范围按防护距离外扩绘制，最多偏宽百分之一；地块以精确距离逐项检验为准。研究未给住宅图层时，"
    "以居住用地、住有人口的建筑和建筑以外的人口点为住宅",
    "Drawn at most a hundredth of the distance too wide; plots are judged by exact distances. Where the study gives no "
    "layer of homes they are residential land, buildings that hold people and points of people in none",
)


def basis(confidence: str) -> str:
    """Return the class of a figure on the map."""
    if confidence == OWN:
        return OWN
    return CLAUSE if Reading(confidence).is_read else REMEMBERED


def mask_layer(mask: PlantMask, name: str) -> ThemeLayer:
    """Show the ground that is out: the study's own below what clauses ask, the widest below the narrower."""
    frame = mask.excluded.assign(basis=[basis(c) for c in mask.excluded["confidence"]])
    frame = frame[frame["area_m2"] > 0].assign(first=frame["basis"] != OWN)
    frame = frame.sort_values(["first", "area_m2"], ascending=[True, False], kind="stable").drop(columns="first")
    return ThemeLayer(
        name=f"{name}_mask",
        title=Text(
            f"{mask.kind.name.zh}禁建范围（按依据）", f"Ground that is out for the {mask.kind.name.en}, by basis"
        ),
        frame=gpd.GeoDataFrame(frame),
        columns=MASK,
        show="basis",
        classes=BASES,
        note=NOTE,
    )


def mask_table(mask: PlantMask, name: str) -> ThemeTable:
    """Show every figure that draws the mask."""
    return ThemeTable(
        name=f"{name}_mask",
        title=Text(f"{mask.kind.name.zh}防护距离", f"Distances kept by the {mask.kind.name.en}"),
        frame=pd.DataFrame(mask.excluded.drop(columns="geometry")),
        columns=MASK,
        note=NOTE,
    )


def mask_line(mask: PlantMask) -> Text:
    """Say how much ground is left."""
    share = percent(mask.allowed_m2 / mask.area_m2)
    silent = len(mask.missing)
    left = f"{mask.allowed_m2 / 10_000:,.1f}"
    more = Text(f"；另有 {silent} 项未评判", f"; {silent} more could not be judged") if silent else Text("", "")
    return Text(
        f"{mask.kind.name.zh}：按可评判的防护距离，研究范围内余 {left} 公顷（{share}）可选{more.zh}",
        f"{mask.kind.name.en}: {left} ha ({share}) of the study area are left by what could be judged{more.en}",
    )


def mask_themed(mask: PlantMask) -> ThemeResult:
    """Put a mask into the shape that all writers read."""
    name = f"waste_plant_{mask.kind.id}"
    return ThemeResult(
        theme=f"{name}_mask",
        title=Text(f"{mask.kind.name.zh}禁建范围", f"Ground that is out for the {mask.kind.name.en}"),
        layers=(mask_layer(mask, name),) if len(mask.excluded) else (),
        tables=(mask_table(mask, name),),
        figures={
            "allowed_m2": round(mask.allowed_m2, 1),
            "area_m2": round(mask.area_m2, 1),
            "not_judged": len(mask.missing),
        },
        headlines=(mask_line(mask),),
        findings=mask.findings,
        missing=mask.missing,
    )
