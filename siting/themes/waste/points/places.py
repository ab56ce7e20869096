"""Places where a collection point could stand: along streets, on vacant plots, on the ground of closed estates."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.schema import in_crs, keyed
from siting.errors import InputError
from siting.ledger import Text
from siting.locate import make_candidates
from siting.themes.city import City
from siting.themes.waste.generation.bands import positive

STREET, VACANT, ESTATE, LAYER = "street", "vacant", "estate", "layer"
KINDS: Mapping[str, Text] = {
    STREET: Text("街道沿线", "street frontage"),
    VACANT: Text("空闲用地", "vacant land"),
    ESTATE: Text("小区内", "ground of an estate"),
    LAYER: Text("研究自定地点", "place of the study"),
}
MIN_AREA_M2, MIN_WIDTH_M, AROUND_M = 6.0, 2.0, 3.0
"""Room of a point with a few bins: an assumption of this toolkit."""
_MOST = 20_000


def point_places(
    city: City,
    kinds: str | gpd.GeoDataFrame | None = None,
    *,
    spacing_m: float = 40.0,
    estates: gpd.GeoDataFrame | None = None,
    step_m: float = 20.0,
    exclusions: Mapping[str, gpd.GeoDataFrame] | None = None,
    min_area_m2: float = MIN_AREA_M2,
    max_candidates: int = _MOST,
) -> gpd.GeoDataFrame:
    """Gather places and test each against what stands there.

    Parameters
    ----------
    kinds : "street", "vacant", or a layer of one's own; default: street frontage where there are streets, else vacant
    spacing_m : between places along a street
    estates : closed estates whose ground is looked at, too, on a grid of ``step_m``
    exclusions : where nothing may stand; default: the city's, water and buildings

    Returns
    -------
    As `make_candidates`, with ``kind``; ids of estate ground are "<estate>/<number>". ``attrs["notes"]`` says more.

    Raises
    ------
    InputError
        There is no layer from which places could come, or its ids repeat.
    """
    taken = dict(city.exclusions) if exclusions is None else dict(exclusions)
    if exclusions is None:
        taken |= {k: v for k, v in (("water", city.water), ("buildings", city.buildings)) if v is not None and len(v)}
    taken = {k: gpd.GeoDataFrame(v[v.geom_type.isin(["Polygon", "MultiPolygon"])]) for k, v in taken.items()}
    taken = {k: v for k, v in taken.items() if len(v)}
    streets = None if city.network is None else city.network.edges_frame()
    if kinds is None and streets is None and city.vacant is None and (estates is None or not len(estates)):
        msg = "waste: there are no streets, no vacant land and no estates; give candidates, a layer of places"
        raise InputError(msg)
    parts, notes = [], []
    room = {"min_area_m2": min_area_m2, "min_width_m": MIN_WIDTH_M, "max_candidates": max_candidates}
    for kind, layer in _asked(city, kinds, streets):
        made = make_candidates(
            "street" if kind == STREET else "vacant" if kind == VACANT else "layer",
            streets=streets,
            land=layer if kind == VACANT else None,
            layer=layer if kind == LAYER else None,
            exclusions=taken,
            within=city.boundary,
            spacing_m=positive(spacing_m, "spacing_m"),
            radius_m=AROUND_M,
            **room,  # type: ignore[arg-type]
        )
        notes += list(made.attrs.get("notes", ()))
        parts.append(made.assign(kind=kind))
    if estates is not None and len(estates):
        grid = _grid(city, estates, positive(step_m, "step of places in estates"))
        if len(grid):
            made = make_candidates("layer", layer=grid, exclusions=taken, within=city.boundary, min_area_m2=0.0)
            parts.append(made.assign(kind=ESTATE))
    for part in parts:
        part.attrs = {}
    filled = [p for p in parts if len(p)]
    if not filled:
        msg = "waste: no place was found; give candidates, a layer of places, or widen the study area"
        raise InputError(msg)
    every = gpd.GeoDataFrame(pd.concat(filled), geometry="geometry", crs=city.crs)
    every.index = every.index.astype(str)
    if not every.index.is_unique:
        every.index = pd.Index([f"{k}-{i}" for k, i in zip(every["kind"], every.index, strict=True)])
    every.index.name = "id"
    every.attrs["notes"] = tuple(notes)
    return every


def _asked(
    city: City, kinds: str | gpd.GeoDataFrame | None, streets: gpd.GeoDataFrame | None
) -> list[tuple[str, gpd.GeoDataFrame | None]]:
    if isinstance(kinds, gpd.GeoDataFrame):
        layer = in_crs("candidates", keyed(kinds), city.crs)
        if not len(layer):
            msg = "waste: the layer of candidates has no rows"
            raise InputError(msg)
        return [(LAYER, layer)]
    if kinds is None:
        if streets is not None:
            return [(STREET, None)]
        return [(VACANT, city.vacant)] if city.vacant is not None and len(city.vacant) else []
    if kinds == STREET:
        if streets is None:
            msg = 'waste: candidates = "street" needs streets, which the city has not'
            raise InputError(msg)
        return [(STREET, None)]
    if kinds == VACANT:
        if city.vacant is None or not len(city.vacant):
            msg = 'waste: candidates = "vacant" needs vacant land, which the city has not'
            raise InputError(msg)
        return [(VACANT, city.vacant)]
    msg = f"waste: candidates are {kinds!r}, expected 'street', 'vacant' or a layer"
    raise InputError(msg)


def _grid(city: City, estates: gpd.GeoDataFrame, step_m: float) -> gpd.GeoDataFrame:
    """Points of a grid inside each estate, on whole multiples of the step; one inside it where none falls there."""
    rows, ids = [], []
    for name, shape in zip(estates.index.astype(str), estates.geometry, strict=True):
        if shapely.get_dimensions(shape) < 2:
            rows.append(shape.representative_point())
            ids.append(f"{name}/1")
            continue
        west, south, east, north = np.array(shape.bounds) / step_m
        xs = np.arange(np.ceil(west), np.floor(east) + 1) * step_m
        ys = np.arange(np.ceil(south), np.floor(north) + 1) * step_m
        east_of, north_of = np.meshgrid(xs, ys)
        points = np.atleast_1d(np.asarray(shapely.points(east_of.ravel(), north_of.ravel()), dtype=object))
        inside = points[shapely.contains_properly(shape, points)] if len(points) else points
        inside = inside if len(inside) else np.array([shapely.point_on_surface(shape)], dtype=object)
        rows += list(inside)
        ids += [f"{name}/{k + 1}" for k in range(len(inside))]
    return gpd.GeoDataFrame(geometry=rows, crs=city.crs, index=pd.Index(ids, name="id"))
