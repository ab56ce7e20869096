"""Residential land as a denominator: clipped to the study area, and doubted where few people live on it."""

from dataclasses import dataclass

import geopandas as gpd
import shapely

from siting.ledger import Finding, Text
from siting.pipeline.people import People
from siting.pipeline.sources import Sources
from siting.study import Study

_FEWEST_ON_IT = 0.5
"""Share of the people below which a residential layer is taken to be incomplete; from no standard."""


@dataclass(frozen=True, slots=True)
class HousingLand:
    """Residential land inside the study area (None: not a denominator of this study), and what to know about it."""

    layer: gpd.GeoDataFrame | None
    findings: tuple[Finding, ...] = ()


def residential_land(study: Study, sources: Sources, demand: People) -> HousingLand:
    """Return the residential land of a study.

    Many places of OSM have homes but no ``landuse=residential``. A layer on which fewer than half of the people live
    says little about where homes are: taken from OSM unasked it is left out, asked for it is used with a warning.
    """
    if sources.residential is None:
        return HousingLand(None)
    layer = sources.residential
    if sources.boundary is not None:
        clipped = layer.clip(sources.boundary.geometry.iloc[0], keep_geom_type=True)
        layer = gpd.GeoDataFrame(clipped.sort_index())
    if not len(layer):
        return HousingLand(None)
    share = _share_on(layer, demand.points)
    if share >= _FEWEST_ON_IT:
        return HousingLand(layer)
    asked = study.settings.land.residential is not None
    what = Text("仍按研究文件使用，居住用地占比仅供参考", "it is used as the study asks; read its shares with care")
    if not asked:
        what = Text(
            "因此不作分母；可用 [land] residential 指定图层", "so it is no denominator; give one as [land] residential"
        )
    text = Text(
        f"居住用地图层上只有 {share:.0%} 的需求，可能不完整：{what.zh}",
        f"only {share:.0%} of the demand lies on the residential land layer, which may be incomplete: {what.en}",
    )
    finding = Finding(code="residential_land_incomplete", kind="warning", count=len(layer), text=text)
    return HousingLand(layer if asked else None, (finding,))


def _share_on(layer: gpd.GeoDataFrame, points: gpd.GeoDataFrame) -> float:
    """Share of the people (points, where people are unknown) that live on a layer."""
    weight = points["people"] if "people" in points else points.geometry.notna().astype(float)
    row, _ = shapely.STRtree(layer.geometry.array).query(points.geometry.array, predicate="intersects")
    return float(weight.iloc[sorted(set(row.tolist()))].sum() / weight.sum())
