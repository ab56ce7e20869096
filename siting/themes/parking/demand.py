"""Cars that look for a space: of residents, and of floors by use, in whole cars that add up to the city."""

from __future__ import annotations

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.errors import SchemaError
from siting.inputs.schema import listed, numeric_column
from siting.ledger import Finding, Text
from siting.themes.city import City
from siting.themes.parking.slots import HOME, Assumed
from siting.units import largest_remainder

CARS, HOUSEHOLDS = "cars", "households"
HOME_CARS = Text("居民停车需求", "cars of residents")
"""Columns of the demand: the cars of residents, and the households that a rate is multiplied with."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Cars:
    """Cars by place, use and slot.

    Attributes
    ----------
    places : points, index = id, in the order of ids; columns ``use``, ``whole`` (cars before any share) and one
        column a slot in whole cars
    stated : whether the cars of residents are a column of the demand, not a rate
    missing : (what could not be computed, why)
    """

    places: gpd.GeoDataFrame
    slots: tuple[str, ...]
    stated: bool
    findings: tuple[Finding, ...]
    missing: tuple[tuple[Text, Text], ...]


def cars_of(city: City, assumed: Assumed, floors: gpd.GeoDataFrame | None = None) -> Cars:
    """Count the cars of a city.

    Residents: the column ``cars`` of the demand where there is one, else people or households times the rate. Floors:
    floor area times the rate of its use. The cars of a use in a slot are rounded once for the whole city and spread by
    largest remainder, so that places add up to the city.

    Parameters
    ----------
    floors : points or areas, index = id, columns ``use`` and ``floor_area_m2``
    """
    parts: list[gpd.GeoDataFrame] = []
    findings: list[Finding] = []
    missing: list[tuple[Text, Text]] = []
    stated = CARS in city.demand.columns
    homes = _residents(city, assumed)
    if isinstance(homes, Text):
        missing.append((HOME_CARS, homes))
    else:
        known = np.isfinite(homes)
        parts.append(_places(gpd.GeoDataFrame(city.demand[known]), HOME, homes[known], assumed))
        if not known.all():
            findings.append(_no_cars(city.demand.index[~known], len(known)))
    if floors is not None:
        got, notes = _floors(floors, assumed, city)
        parts += got
        findings += notes
    if parts:
        places = gpd.GeoDataFrame(pd.concat(parts), crs=city.crs)
    else:
        columns: dict[str, object] = {"use": pd.Series(dtype=object), "whole": pd.Series(dtype=float)}
        columns |= {slot: pd.Series(dtype="int64") for slot in assumed.slots}
        empty = gpd.GeoSeries([], crs=city.crs)
        places = gpd.GeoDataFrame(columns, geometry=empty, index=pd.Index([], name="id", dtype=object))
    return Cars(places=places, slots=assumed.slots, stated=stated, findings=tuple(findings), missing=tuple(missing))


def lacks_cars(city: City, assumed: Assumed) -> Text | None:
    """Say why the cars of residents are not known; None if they are."""
    homes = _residents(city, assumed)
    return homes if isinstance(homes, Text) else None


def _residents(city: City, assumed: Assumed) -> NDArray[np.float64] | Text:
    demand = city.demand
    if CARS in demand.columns:
        return numeric_column(demand, CARS, "demand", allow_missing=True).values
    if assumed.cars_per_household is not None:
        if HOUSEHOLDS not in demand.columns:
            return Text("缺少户数（需求图层的 households 列）", "no column of households in the demand")
        known = numeric_column(demand, HOUSEHOLDS, "demand", allow_missing=True).values
        return known * assumed.cars_per_household
    if assumed.cars_per_person is not None:
        if "people" not in demand.columns:
            return Text("缺少人口", "no people in the demand")
        return np.asarray(demand["people"], dtype=np.float64) * assumed.cars_per_person
    return Text(
        "未给出人均或户均汽车数（[parking] cars_per_person 或 cars_per_household），也没有 cars 列",
        "neither a rate ([parking] cars_per_person or cars_per_household) nor a column of cars",
    )


def _no_cars(ids: pd.Index, rows: int) -> Finding:
    text = Text(
        f"需求图层 {rows} 行中 {len(ids)} 行汽车数不详，未计入停车需求",
        f"{len(ids)} of {rows} rows of the demand have no known cars: not counted",
    )
    return Finding(code="cars_unknown", kind="dropped", count=len(ids), text=text, ids=listed(ids))


def _places(points: gpd.GeoDataFrame, use: str, whole: NDArray[np.float64], assumed: Assumed) -> gpd.GeoDataFrame:
    ids = points.index.astype(str)
    order = np.argsort(ids.to_numpy(), kind="stable")
    frame = gpd.GeoDataFrame(
        {"use": use, "whole": whole[order]}, geometry=points.geometry.to_numpy()[order], crs=points.crs
    ).set_axis(pd.Index(ids.to_numpy()[order], name="id", dtype=object), axis=0)
    for slot in assumed.slots:
        frame[slot] = whole_cars(whole[order], assumed.share(use, slot))
    return gpd.GeoDataFrame(frame)


def whole_cars(cars: NDArray[np.float64], share: float) -> NDArray[np.int64]:
    """Round cars to whole ones that add up to the rounded total, half up."""
    wanted = cars * share
    total = int(np.floor(np.round(wanted.sum(), 6) + 0.5))
    if total == 0:
        return np.zeros(len(cars), dtype=np.int64)
    return largest_remainder(total, wanted)


def _floors(floors: gpd.GeoDataFrame, assumed: Assumed, city: City) -> tuple[list[gpd.GeoDataFrame], list[Finding]]:
    lacking = [c for c in ("use", "floor_area_m2") if c not in floors.columns]
    if lacking:
        msg = f"parking floors: no column '{lacking[0]}'. It has: {', '.join(map(str, floors.columns))}"
        raise SchemaError(msg)
    layer = gpd.GeoDataFrame(floors.to_crs(city.crs))
    layer = gpd.GeoDataFrame(layer.set_geometry(layer.geometry.representative_point()))
    area = numeric_column(layer, "floor_area_m2", "parking floors", allow_missing=True).values
    use = layer["use"].astype(object).where(layer["use"].notna(), "").astype(str)
    rate = use.map(dict(assumed.spaces_per_100m2)).to_numpy(dtype=np.float64)
    known = np.isfinite(area) & np.isfinite(rate)
    parts = [
        _places(
            gpd.GeoDataFrame(layer[mine]), name, area[mine] / 100 * rate[mine], assumed
        ).rename(index=lambda i, name=name: f"{name}/{i}")
        for name in assumed.spaces_per_100m2
        if (mine := known & (use == name).to_numpy()).any()
    ]  # fmt: skip
    found = []
    if not known.all():
        out = layer.index[~known]
        text = Text(
            f"建筑图层 {len(layer)} 行中 {len(out)} 行没有面积或其用途没有配建指标，未计入停车需求",
            f"{len(out)} of {len(layer)} floors have no area, or a use without a rate: not counted as demand",
        )
        found.append(Finding(code="floors_not_counted", kind="dropped", count=len(out), text=text, ids=listed(out)))
    return [gpd.GeoDataFrame(part) for part in parts], found
