"""Whom new toilets serve: people where they live, and busy places, each with a weight that the study states."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.access import CostMatrix, cost_matrix, cost_matrix_straight, nearest, nearest_straight
from siting.coverage import served_mask
from siting.coverage.schema import in_crs
from siting.errors import InputError
from siting.ledger import Text
from siting.themes.city import City, people_of

Measure = Literal["network", "straight"]
PEOPLE, UNITS = "people", "units"
_TITLES = {PEOPLE: Text("居民", "residents"), UNITS: Text("需求单元", "units of demand")}


@dataclass(frozen=True, kw_only=True, eq=False)
class Footfall:
    """Busy places as a stand-in for people who are out: shops and sights, stations, squares, cells of a raster.

    Attributes
    ----------
    places : points or areas (by a point inside); cells of a raster as points
    weight : what one place (one unit of ``column``) counts beside one resident; stated by the study
    column : figures of the places, such as passengers a day; None: each place counts once
    title : what they are called; default: the name under which they are given
    unit : of ``column``; default: its name
    """

    places: gpd.GeoDataFrame
    weight: float
    column: str | None = None
    title: Text | None = None
    unit: Text | None = None


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Points:
    """Residents and busy places together, with what serves them today.

    Attributes
    ----------
    frame : points, index = id; columns ``source``, ``amount`` (people, places, units of the column), ``weight``
    served : whether a toilet lies within the radius today
    near : candidates within the radius of each point
    notes : the weights
    dropped : rows of busy places that could not be used, by source
    titles : what each source is called
    """

    frame: gpd.GeoDataFrame
    served: NDArray[np.bool_]
    near: CostMatrix
    notes: tuple[Text, ...]
    dropped: Mapping[str, int]
    titles: Mapping[str, Text]


def demand_points(
    city: City,
    toilets: gpd.GeoDataFrame,
    candidates: gpd.GeoDataFrame,
    limit_m: float,
    measure: Measure,
    people_weight: float,
    footfall: Mapping[str, Footfall] | None,
) -> Points:
    """Gather demand, and what toilets and candidates reach of it.

    Raises
    ------
    InputError
        Nobody to serve, a weight that is no number, figures that are missing.
    """
    frames, notes, dropped = [], [], {}
    titles: dict[str, Text] = {}
    _check_weight(PEOPLE, people_weight)
    people = people_of(city.demand)
    if people_weight > 0 and len(city.demand):
        source = UNITS if people is None else PEOPLE
        units = city.demand["units"] if "units" in city.demand.columns else pd.Series(1.0, index=city.demand.index)
        each = units if people is None else people
        frames.append(_frame(source, city.demand.index, city.demand.geometry, each, people_weight))
        titles[source] = (city.unit_noun if people is None else None) or _TITLES[source]
        each_zh = "" if people is None else "/人"
        notes.append(
            Text(
                f"{titles[source].zh}权重 {people_weight:g}{each_zh}",
                f"weight of {titles[source].en}: {people_weight:g} each",
            )
        )
    for name, one in (footfall or {}).items():
        _check_weight(name, one.weight)
        if name in (PEOPLE, UNITS) or ":" in name:
            msg = f"footfall: {name!r} cannot be a name of busy places; take another, without a colon"
            raise InputError(msg)
        frame, lost = _busy(name, one, city)
        frames.append(frame)
        dropped[name] = lost
        title = titles[name] = one.title or Text(name, name)
        of = one.unit or Text(one.column or "", one.column or "")
        by = Text("处", "place") if one.column is None else Text(f"单位{of.zh}", f"unit of {of.en}")
        notes.append(
            Text(
                f"{title.zh}权重 {one.weight:g}/{by.zh}（研究给定）",
                f"weight of {title.en}: {one.weight:g} a {by.en} (given by the study)",
            )
        )
        if lost:
            notes.append(
                Text(
                    f"{title.zh}有 {lost} 行没有位置或数值不能用，未计入",
                    f"{lost} rows of {title.en} have no place or no usable figure and do not count",
                )
            )
    if not frames:
        msg = "toilets: there is nobody to serve: people_weight is 0 and there are no busy places; give footfall"
        raise InputError(msg)
    points = gpd.GeoDataFrame(pd.concat(frames), geometry="geometry", crs=city.crs)
    if measure == "network" and city.network is None:
        msg = 'toilets: measure = "network" needs streets, which the city has not'
        raise InputError(msg)
    if measure == "network" and city.network is not None:
        near = cost_matrix(city.network, points, candidates, limit_m, max_snap_m=city.max_snap_m)
    else:
        near = cost_matrix_straight(points, candidates, limit_m)
    served = served_by(city, points, toilets, limit_m, measure)
    return Points(frame=points, served=served, near=near, notes=tuple(notes), dropped=dropped, titles=titles)


def served_by(
    city: City, points: gpd.GeoDataFrame, toilets: gpd.GeoDataFrame, limit_m: float, measure: Measure
) -> NDArray[np.bool_]:
    """Whether each point has one of the toilets within the distance."""
    if not len(toilets):
        return np.zeros(len(points), dtype=bool)
    if measure == "network" and city.network is not None:
        today = nearest(city.network, points, toilets, limit_m, max_snap_m=city.max_snap_m, entrances=city.entrances)[
            "cost"
        ]
    else:
        today = nearest_straight(points, toilets)["cost"]
    return served_mask(today.to_numpy(dtype=np.float64), limit_m)


def _check_weight(name: str, weight: float) -> None:
    if isinstance(weight, bool) or not (isinstance(weight, int | float) and math.isfinite(weight) and weight >= 0):
        msg = f"toilets: weight of {name} is {weight!r}, expected a number, 0 or more"
        raise InputError(msg)


def _frame(source: str, ids: pd.Index, geometry: gpd.GeoSeries, amount: pd.Series, weight: float) -> gpd.GeoDataFrame:
    value = amount.to_numpy(dtype=np.float64)
    return gpd.GeoDataFrame(
        {"source": source, "amount": value, "weight": value * weight},
        geometry=geometry.to_numpy(),
        crs=geometry.crs,
        index=pd.Index([f"{source}:{i}" for i in ids.astype(str)], name="id"),
    )


def _busy(name: str, one: Footfall, city: City) -> tuple[gpd.GeoDataFrame, int]:
    """Return usable busy places, and how many were not."""
    layer = in_crs(name, one.places, city.crs)
    if one.column is not None and one.column not in layer.columns:
        msg = f"footfall {name}: no column {one.column!r}"
        raise InputError(msg)
    amount = pd.Series(1.0, index=layer.index)
    if one.column is not None:
        amount = pd.to_numeric(layer[one.column], errors="coerce").astype(float)
    shape = np.asarray(layer.geometry.array, dtype=object)
    usable = ~(shapely.is_missing(shape) | shapely.is_empty(shape))
    usable &= np.isfinite(amount.to_numpy()) & (amount.to_numpy() >= 0)
    inside = gpd.GeoSeries(shapely.point_on_surface(shape[usable]), crs=layer.crs)
    ids = layer["id"] if "id" in layer.columns else layer.index
    frame = _frame(name, pd.Index(ids)[usable], inside, amount[usable], one.weight)
    if not frame.index.is_unique:
        frame.index = pd.Index([f"{name}:{k}" for k in range(len(frame))], name="id")
    return frame, int((~usable).sum())
