"""Old estates 老旧小区, ranked by what their people lack."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.coverage import served_mask
from siting.themes.city import City
from siting.themes.living_circle.centres import distance_from
from siting.themes.living_circle.completeness import MOSTLY_MISSING, Completeness, names
from siting.themes.living_circle.counting import Longs
from siting.themes.living_circle.elements import Element
from siting.themes.living_circle.reach import DISTANCE
from siting.themes.living_circle.tiers import BLOCK


def estate_ranking(city: City, found: Completeness) -> gpd.GeoDataFrame | None:
    """Rank old estates by deficit: required classes of the three tiers that their people lack, one for each person.

    An estate is judged by the homes inside it. One without homes in the data (and one given as a point) is judged by
    its own place, has no people, and comes after the others, ranked by the number of classes it lacks.

    Returns
    -------
    Index = estate id, worst first; columns ``name``, ``rank``, ``people`` (or ``units``, ``points``: what is known),
    ``homes`` (demand points inside), ``deficit`` (people x missing classes), ``missing_classes`` (mean a person),
    ``required_judged``, ``completeness``, and per tier ``missing_<tier>_zh``, ``missing_<tier>_en`` and
    ``missing_<tier>`` (mean number a person). None where the study has no estates.
    """
    layer = city.old_estates
    if layer is None or not len(layer):
        return None
    tiers = [tier for tier in found.used_tiers if tier.id != BLOCK]
    every = [e for tier in tiers for e in found.required(tier)]
    shapes = np.asarray(layer.geometry)
    estate, home = shapely.STRtree(np.asarray(city.demand.geometry)).query(shapes, predicate="intersects")
    areal = shapely.get_dimensions(shapes) == 2
    estate, home = estate[areal[estate]], home[areal[estate]]
    weight = found.counting.main_weight
    heavy = np.bincount(estate, weights=weight[home], minlength=len(layer)).astype(np.int64)
    homes = np.bincount(estate, minlength=len(layer))
    empty = heavy == 0
    own = gpd.GeoDataFrame(geometry=layer.geometry.representative_point(), crs=layer.crs)
    metres = distance_from(city, gpd.GeoDataFrame(own[empty]), every) if empty.any() else {}
    columns: dict[str, Any] = {"name": _names(layer), "rank": 0}
    columns[found.counting.main] = heavy / found.counting.per_whole
    columns["homes"] = homes
    lacking = {e.id: _lacking(found, e, estate, home, heavy, empty, metres) for e in every}
    whole = np.where(empty, 1, heavy)
    deficit = sum((lacking[e.id] for e in every), np.zeros(len(layer), dtype=np.int64))
    columns["deficit"] = np.where(empty, 0.0, deficit / found.counting.per_whole)
    columns["missing_classes"] = deficit / whole
    columns["required_judged"] = len(every)
    columns["completeness"] = 1 - deficit / (whole * max(len(every), 1))
    for tier in tiers:
        mine = found.required(tier)
        columns[f"missing_{tier.id}"] = sum((lacking[e.id] for e in mine), np.zeros(len(layer), dtype=np.int64)) / whole
        words = [
            names(e for e in mine if whole[k] - lacking[e.id][k] < MOSTLY_MISSING * whole[k]) for k in range(len(layer))
        ]
        columns[f"missing_{tier.id}_zh"] = [text.zh for text in words]
        columns[f"missing_{tier.id}_en"] = [text.en for text in words]
    made = gpd.GeoDataFrame(columns, geometry=shapes, crs=layer.crs, index=layer.index.astype(str).rename("id"))
    order = np.lexsort((made.index.to_numpy(dtype=object), -columns["missing_classes"], -columns["deficit"]))
    return made.iloc[order].assign(rank=np.arange(1, len(made) + 1))


def _lacking(
    found: Completeness,
    element: Element,
    estate: Longs,
    home: Longs,
    heavy: Longs,
    empty: NDArray[np.bool_],
    metres: dict[str, pd.Series],
) -> Longs:
    """Whole people of each estate without a class; 1 or 0 for an estate judged by its own place."""
    mask = found.served(element, DISTANCE)[home]
    served = np.bincount(estate[mask], weights=found.counting.main_weight[home[mask]], minlength=len(heavy))
    without = heavy - served.astype(np.int64)
    limit = element.tier.limit_m
    if element.id in metres and limit is not None:
        without[empty] = ~served_mask(metres[element.id].to_numpy(), limit)
    return without


def _names(layer: gpd.GeoDataFrame) -> list[str]:
    name = layer["name"] if "name" in layer.columns else pd.Series(None, index=layer.index, dtype=object)
    return [str(k) if n is None or pd.isna(n) else str(n) for k, n in zip(layer.index, name, strict=True)]
