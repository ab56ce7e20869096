"""Places that must have a toilet of their own, as the catalogue lists them: which have one, and which have none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.ledger import Text
from siting.standards import document_text, load_classes
from siting.standards.model import Rule
from siting.themes.city import City
from siting.themes.result import Class
from siting.themes.toilets.study_area import inside_area

PLACES_RULE, PARK_RULE, SQUARE_RULE = "wc.mandatory_places", "wc.park2ha", "wc.square"
PLACE_CLASSES = ("market", "culture_centre", "sports_centre", "park_green", "metro", "bus_station", "ferry")
"""Classes of the list of `PLACES_RULE` that a city's data knows; activity areas in housing, streets of shops,
airports, exhibition halls and sights have no class."""
AT_PLACE_M = 50.0
"""A toilet this near to a place is its own: a choice made here, from no standard."""
M2_PER_HA = 10_000.0
HAS, LACKS = "has", "lacks"
PLACE_STATES = (
    Class(value=HAS, name=Text("有公厕", "has a toilet"), role="good"),
    Class(value=LACKS, name=Text("无公厕", "has none"), role="bad"),
)


@dataclass(frozen=True, kw_only=True, eq=False)
class MustHave:
    """Places and their toilets.

    Attributes
    ----------
    places : one row a rule and place: ``rule``, ``place``, ``class``, ``name``, ``nearest_m`` (from its boundary to the
        nearest toilet, inf without any), ``within_m`` (how near is asked), ``state`` (has, lacks)
    summary : one row a rule and class: ``rule``, ``class``, ``class_zh``, ``class_en``, ``places``, ``has``, ``lacks``,
        ``within_m``, ``assumed`` (whether the distance is a choice of this toolkit), ``confidence``
    clauses : by rule, the clause and how well it was read, in words
    """

    places: gpd.GeoDataFrame
    summary: pd.DataFrame
    clauses: Mapping[str, Text]


def must_have(city: City, toilets: gpd.GeoDataFrame, at_place_m: float = AT_PLACE_M) -> MustHave:
    """Look for the toilet of every place in the study area that must have one.

    Parks count from the area of their rule on, squares within the distance of theirs; the general list names no
    distance, so a toilet within ``at_place_m`` of the place's boundary counts as its own.
    """
    catalogue = city.catalogue
    parts = []
    if PLACES_RULE in catalogue:
        parts.append(_looked_at(city, toilets, catalogue[PLACES_RULE], PLACE_CLASSES, at_place_m))
    if PARK_RULE in catalogue:
        rule = catalogue[PARK_RULE]
        least = float(rule.threshold) * M2_PER_HA if isinstance(rule.threshold, float) else 0.0
        parts.append(_looked_at(city, toilets, rule, ("park_green",), at_place_m, least))
    if SQUARE_RULE in catalogue and catalogue[SQUARE_RULE].limit_m is not None:
        rule = catalogue[SQUARE_RULE]
        parts.append(_looked_at(city, toilets, rule, ("square",), rule.limit_m or 0.0))
    parts = [p for p in parts if len(p)]
    if not parts:
        columns = ["rule", "place", "class", "name", "nearest_m", "within_m", "state"]
        empty = gpd.GeoDataFrame(
            {c: pd.Series(dtype=object) for c in columns}, geometry=gpd.GeoSeries([], crs=city.crs)
        )
        return MustHave(places=empty, summary=_summary(city, empty), clauses={})
    places = gpd.GeoDataFrame(pd.concat(parts, ignore_index=True), crs=city.crs)
    rules = [catalogue[str(name)] for name in places["rule"].unique()]
    clauses = {
        rule.id: Text(
            f"{document_text(rule, 'zh')}（{rule.confidence.text.zh}）",
            f"{document_text(rule, 'en')} ({rule.confidence.text.en})",
        )
        for rule in rules
    }
    return MustHave(places=places, summary=_summary(city, places), clauses=clauses)


def _looked_at(
    city: City,
    toilets: gpd.GeoDataFrame,
    rule: Rule,
    classes: tuple[str, ...],
    within_m: float,
    least_m2: float = 0.0,
) -> gpd.GeoDataFrame:
    layer = inside_area(city, gpd.GeoDataFrame(city.facilities[city.facilities["class"].isin(classes)]))
    shape = np.asarray(layer.geometry, dtype=object)
    usable = ~(shapely.is_missing(shape) | shapely.is_empty(shape)) & ~layer.index.duplicated()
    usable &= shapely.area(shape) >= least_m2
    layer, shape = layer[usable], shape[usable]
    nearest = np.full(len(layer), np.inf)
    if len(toilets) and len(layer):
        tree = shapely.STRtree(np.asarray(toilets.geometry, dtype=object))
        pairs, distance = tree.query_nearest(shape, return_distance=True, all_matches=False)
        nearest[pairs[0]] = distance
    mm = np.where(np.isfinite(nearest), np.rint(np.where(np.isfinite(nearest), nearest, 0) * 1000), np.inf)
    near = mm < within_m * 1000 if rule.operator == "<" else mm <= within_m * 1000
    frame = pd.DataFrame(
        {
            "rule": rule.id,
            "place": layer.index.astype(str),
            "class": layer["class"].to_numpy(),
            "name": layer["name"].to_numpy() if "name" in layer.columns else None,
            "nearest_m": np.round(nearest, 3),
            "within_m": within_m,
            "state": np.where(near, HAS, LACKS),
        }
    )
    found = gpd.GeoDataFrame(frame, geometry=shape, crs=city.crs)
    return gpd.GeoDataFrame(found.sort_values(["class", "place"], ignore_index=True))


def _summary(city: City, places: gpd.GeoDataFrame) -> pd.DataFrame:
    rows = []
    for (rule_id, name), part in places.groupby(["rule", "class"], sort=True):
        rule, has = city.catalogue[str(rule_id)], int((part["state"] == HAS).sum())
        text = load_classes()[str(name)].name
        rows.append(
            {
                "rule": rule_id, "class": name, "class_zh": text.zh, "class_en": text.en, "places": len(part),
                "has": has, "lacks": len(part) - has, "within_m": float(part["within_m"].iloc[0]),
                "assumed": rule_id != SQUARE_RULE, "confidence": rule.confidence.value,
            }
        )  # fmt: skip
    columns = ["rule", "class", "class_zh", "class_en", "places", "has", "lacks", "within_m", "assumed", "confidence"]
    return pd.DataFrame(rows, columns=columns)
