"""Land on which a pocket park 口袋公园 could be: vacant plots, cleared land, verges, and triangles between streets."""

from __future__ import annotations

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.errors import InputError
from siting.ledger import Text
from siting.locate.candidates.exclusions import Exclusions, cut_away
from siting.locate.candidates.street import WALKED_ONLY, half_width_m
from siting.themes.city import City
from siting.themes.green.parks import GREEN

VACANT, VERGE, TRIANGLE = "vacant", "verge", "triangle"
KINDS = {
    VACANT: Text("空闲、清拆或棕地", "vacant, cleared or brownfield land"),
    VERGE: Text("街旁零星绿地", "verge: green beside streets that is no park"),
    TRIANGLE: Text("街道之间的三角地、边角地", "triangle or leftover between streets"),
}
VERGE_KINDS = ("grass", "flowerbed", "meadow", "grassland", "scrub")
"""Green of these kinds may become a park; woods and the like stay what they are."""
LARGEST_RULE = "park.gb51346.p04"
"""A face between streets from the upper size of this class on is a block of its own, no leftover."""
COLUMNS = ["kind", "source_id", "land_source", "area_m2", "nearest_conflict", "nearest_conflict_m"]


def park_land(city: City, exclusions: Mapping[str, gpd.GeoDataFrame] | None = None) -> gpd.GeoDataFrame:
    """Find land for pocket parks: what buildings, water, parks, other facilities and carriageways leave, in one piece.

    Land of two kinds counts as the first of them: a grass plot that is mapped as vacant land is vacant land.

    Parameters
    ----------
    exclusions : further areas where no park may be, by name; those of the city count anyway

    Returns
    -------
    Polygons, index = id, columns `COLUMNS`; ownership and planning lines are not known here.

    Raises
    ------
    InputError
        The city has neither vacant land nor green nor streets.
    """
    conflicts = Exclusions.of(_taken(city, exclusions), city.crs)
    layers = {
        VACANT: _polygons(city.vacant),
        VERGE: _verges(city),
        TRIANGLE: _triangles(city, conflicts),
    }
    given = gpd.GeoDataFrame(
        pd.concat([rows.assign(kind=kind) for kind, rows in layers.items()]), geometry="geometry", crs=city.crs
    )
    if not len(given):
        msg = "parks: there is no land to choose from: give [land] vacant, an OSM file with green, or streets"
        raise InputError(msg)
    shapes = conflicts.cut_from(np.asarray(shapely.make_valid(given.geometry.to_numpy()), dtype=object))
    kind = given["kind"].to_numpy()
    for later, earlier in ((VERGE, (VACANT,)), (TRIANGLE, (VACANT, VERGE))):
        mine, before = kind == later, shapes[np.isin(kind, earlier)]
        if mine.any() and len(before):
            shapes[mine] = cut_away(shapes[mine], before, shapely.STRtree(before))
    room, area = _largest_part(shapes)
    lay_inside, inside = _inside(city, given.geometry.to_numpy()), _inside(city, room)
    keep = (area > 0) & inside
    ids = given.index.astype(str).tolist()
    found = gpd.GeoDataFrame(
        {
            "kind": kind,
            "source_id": given.index.astype(str),
            "land_source": [KINDS[k].both(" ") for k in kind],
            "area_m2": np.round(area, 1),
        },
        geometry=room,
        crs=city.crs,
        index=pd.Index(_unique(ids), name="id"),
    )[keep]
    label, metres = conflicts.nearest(np.asarray(shapely.point_on_surface(found.geometry.to_numpy()), dtype=object))
    found["nearest_conflict"], found["nearest_conflict_m"] = label, np.round(metres, 1)
    found.attrs["tested"] = conflicts.tested()
    found.attrs["notes"] = _lost(given.index[(area <= 0) & lay_inside].astype(str).tolist())
    return gpd.GeoDataFrame(found)


def _largest_part(shapes: NDArray[np.object_]) -> tuple[NDArray[np.object_], NDArray[np.float64]]:
    """Return the largest polygon of each shape, and its area; an empty one where nothing is left."""
    parts, row = shapely.get_parts(shapes, return_index=True)
    parts, within = shapely.get_parts(parts, return_index=True)
    row, area = row[within], shapely.area(parts)
    order = np.lexsort((-area, row))
    best = order[np.unique(row[order], return_index=True)[1]]
    best = best[area[best] > 0]
    room, size = np.full(len(shapes), shapely.Polygon(), dtype=object), np.zeros(len(shapes))
    room[row[best]], size[row[best]] = parts[best], area[best]
    return room, size


def _lost(ids: list[str]) -> tuple[Text, ...]:
    if not ids:
        return ()
    first = ", ".join(ids[:5])
    return (
        Text(
            f"{len(ids):,} 块用地已被建筑、水域、道路或现有设施全部占用，未列入（前几处：{first}）",
            f"{len(ids):,} pieces of land are wholly taken by buildings, water, streets or facilities and are not "
            f"listed (first {first})",
        ),
    )


def _unique(ids: list[str]) -> list[str]:
    """Return ids in which one that two kinds of land share carries a number the second time."""
    seen: dict[str, int] = {}
    out = []
    for one in ids:
        seen[one] = seen.get(one, 0) + 1
        out.append(one if seen[one] == 1 else f"{one}#{seen[one]}")
    return out


def _polygons(layer: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame:
    if layer is None:
        return gpd.GeoDataFrame(geometry=[], index=pd.Index([], dtype="str"))
    flat = layer.geometry.geom_type.isin(["Polygon", "MultiPolygon"]) & ~layer.geometry.is_empty
    return gpd.GeoDataFrame(layer.loc[flat, ["geometry"]])


def _verges(city: City) -> gpd.GeoDataFrame:
    """Green that is no park and that nobody keeps closed."""
    if city.green is None or "kind" not in city.green.columns:
        return _polygons(None)
    green = city.green
    mine = green["kind"].isin(VERGE_KINDS)
    if "is_park" in green.columns:
        mine &= ~green["is_park"].fillna(False).astype(bool)
    if "access" in green.columns:
        mine &= ~green["access"].isin(["private", "no"])
    return _polygons(gpd.GeoDataFrame(green[mine]))


def _triangles(city: City, conflicts: Exclusions) -> gpd.GeoDataFrame:
    """Small faces of the street network on which nothing stands."""
    bounds = next((rule.only_area_m2 for rule in city.catalogue if rule.id == LARGEST_RULE), None)
    if city.network is None or bounds is None or bounds[1] is None:
        return _polygons(None)
    lines = np.asarray(city.network.lines[city.network.ground_edges], dtype=object)
    faces = np.asarray(shapely.get_parts(shapely.polygonize(lines)), dtype=object)
    faces = faces[shapely.area(faces) < bounds[1]]
    # A face with a building, water or a park on it is a block or a yard; a street may cut into any.
    solid = np.array([name != "carriageway" for name in conflicts.names], dtype=bool)
    pieces = conflicts.pieces[solid[conflicts.layer]] if len(conflicts.layer) else conflicts.pieces
    if city.green is not None and "kind" in city.green.columns:
        # Between the trails of a wooded hill there are no leftovers either.
        grown = _polygons(gpd.GeoDataFrame(city.green[~city.green["kind"].isin(VERGE_KINDS)]))
        pieces = np.concatenate([pieces, grown.geometry.to_numpy().astype(object)])
    if len(faces) and len(pieces):
        hit = shapely.STRtree(pieces).query(faces, predicate="intersects")
        overlap = shapely.area(shapely.intersection(faces[hit[0]], pieces[hit[1]])) > 1.0
        faces = np.delete(faces, np.unique(hit[0][overlap]))
    order = np.lexsort(shapely.bounds(faces).T[:2]) if len(faces) else np.empty(0, dtype=np.intp)
    return gpd.GeoDataFrame(
        geometry=faces[order], crs=city.crs, index=pd.Index([f"T{k + 1:04d}" for k in range(len(faces))], dtype="str")
    )


def _taken(city: City, more: Mapping[str, gpd.GeoDataFrame] | None) -> dict[str, gpd.GeoDataFrame]:
    """Where no park may be: what stands there, water, parks and other facilities, carriageways, and named areas."""
    found: dict[str, gpd.GeoDataFrame] = {}
    if city.water is not None:
        found["water"] = _polygons(city.water)
    if city.buildings is not None:
        found["buildings"] = _polygons(city.buildings)
    places = city.facilities[city.facilities["class"] != GREEN]
    found["facilities"] = _polygons(gpd.GeoDataFrame(places))
    roads = _carriageways(city)
    if roads is not None:
        found["carriageway"] = roads
    for name, layer in {**city.exclusions, **(more or {})}.items():
        found[name] = _polygons(layer.to_crs(city.crs))
    return {name: layer for name, layer in found.items() if len(layer)}


def _carriageways(city: City) -> gpd.GeoDataFrame | None:
    """Ground that streets with vehicles take, by assumed widths; a path may cross a park."""
    if city.network is None:
        return None
    streets = city.network.edges_frame()
    above = streets["bridge"].astype(bool) | streets["tunnel"].astype(bool)
    streets = streets[~above & ~streets["highway"].isin(list(WALKED_ONLY))]
    drawn = shapely.buffer(streets.geometry.to_numpy(), half_width_m(streets["highway"], 0.0), cap_style="flat")
    ids = streets["way_id"].astype(str) if "way_id" in streets.columns else streets.index.astype(str)
    return gpd.GeoDataFrame(geometry=drawn, crs=city.crs, index=pd.Index(ids))


def _inside(city: City, shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    if city.boundary is None:
        return np.ones(len(shapes), dtype=bool)
    return np.asarray(shapely.intersects(shapes, city.boundary.geometry.union_all()), dtype=bool)
