"""The two lists: green that people may use, and parks; with area, width, size class and entries."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.ledger import Text
from siting.standards import Catalogue
from siting.standards.model import Rule
from siting.themes.city import City

GREEN, PARK = "any_green", "park_green"
SIZE_CLASSES = (
    "park.gb51346.c50", "park.gb51346.c20", "park.gb51346.c10", "park.gb51346.s5", "park.gb51346.s1",
    "park.gb51346.p04", "park.gb51346.p02",
)  # fmt: skip
"""Rules that say how large a park of each class is, from large to small (GB/T 51346 table 4.4.7)."""
BELOW = "below"
BELOW_TEXT = Text("小于最小规模", "smaller than the smallest class")
WIDTH_TOLERANCE_M = 0.5
"""How finely the largest circle inside a park is sought."""

COLUMNS = {
    "name": Text("名称", "name"),
    "kind": Text("类型", "kind"),
    "area_m2": Text("面积（平方米）", "area (m²)"),
    "width_m": Text("可容最大圆的直径（米）", "diameter of the largest circle inside (m)"),
    "size_class": Text("规模分级（规则编号）", "size class (rule id)"),
    "size_class_zh": Text("规模分级", "size class, Chinese"),
    "size_class_en": Text("规模分级（英文）", "size class, English"),
    "class_radius_m": Text("分级服务半径（米）", "service radius of the class (m)"),
    "entries": Text("可进入处数量", "places where it is entered"),
    "entry_kind": Text(
        "进入方式：gate 出入口，crossing 道路穿越，boundary 开放边界", "how it is entered: gate, crossing, boundary"
    ),
}


def green_of(city: City) -> gpd.GeoDataFrame:
    """Return green areas of every kind that people may use, parks among them."""
    return _areas(city.of_class(GREEN))


def parks_of(city: City) -> gpd.GeoDataFrame:
    """Return parks."""
    return _areas(city.of_class(PARK))


def park_list(city: City) -> gpd.GeoDataFrame:
    """Return the parks with their measures; columns as `COLUMNS`, index = park id.

    The width is the diameter of the largest circle that fits inside: a long strip is as wide as the strip, whatever
    its bends, and a park of two lobes as wide as the wider one.
    """
    parks = parks_of(city)
    shapes = np.asarray(parks.geometry, dtype=object)
    area = np.asarray(shapely.area(shapes), dtype=np.float64)
    classes = size_classes(city.catalogue)
    found = [class_of(a, classes) for a in area]
    table = pd.DataFrame(
        {
            "name": parks["name"] if "name" in parks.columns else None,
            "kind": parks["kind"] if "kind" in parks.columns else None,
            "area_m2": np.round(area, 1),
            "width_m": np.round(widths_m(shapes), 1),
            "size_class": [BELOW if rule is None else rule.id for rule in found],
            "size_class_zh": [(BELOW_TEXT if rule is None else rule.name).zh for rule in found],
            "size_class_en": [(BELOW_TEXT if rule is None else rule.name).en for rule in found],
            "class_radius_m": [np.nan if rule is None or rule.limit_m is None else rule.limit_m for rule in found],
        },
        index=parks.index,
    )
    entries = city.searches.entries(parks)
    if len(entries):
        reached = entries[entries["snapped"].astype(bool)]
        kind = reached.groupby("facility")["kind"].agg(lambda kinds: "+".join(sorted(set(kinds))))
        table["entries"] = reached["facility"].value_counts().reindex(parks.index).fillna(0).astype("int64")
        table["entry_kind"] = kind.reindex(parks.index).astype(object)
    else:
        table["entries"], table["entry_kind"] = 0, None
    return gpd.GeoDataFrame(table, geometry=parks.geometry, crs=parks.crs)


def widths_m(shapes: np.ndarray) -> np.ndarray:
    """Diameter of the largest circle inside each area, shape (n,)."""
    radius = shapely.length(shapely.maximum_inscribed_circle(shapes, tolerance=WIDTH_TOLERANCE_M))
    return 2.0 * np.asarray(radius, dtype=np.float64)


def size_classes(catalogue: Catalogue) -> list[Rule]:
    """Return the rules that class parks by area, those of them that the catalogue has."""
    return [catalogue[name] for name in SIZE_CLASSES if name in catalogue]


def class_of(area_m2: float, classes: list[Rule]) -> Rule | None:
    """Return the class that holds an area, None where it is smaller than all."""
    return next((rule for rule in classes if rule.counts_area(area_m2)), None)


def _areas(facilities: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    is_area = facilities.geometry.geom_type.isin(["Polygon", "MultiPolygon"]) & ~facilities.geometry.is_empty
    return gpd.GeoDataFrame(facilities[is_area & ~facilities.index.duplicated()])
