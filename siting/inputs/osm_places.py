"""Facilities and entrances of an OSM file."""

import json
import math
import re
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.inputs.housing import number
from siting.inputs.osm_areas import WGS84, Shapes, names
from siting.inputs.osm_kinds import OsmKinds
from siting.inputs.osm_rings import middle
from siting.inputs.osm_scan import NO_PLACE, UNITS_PER_DEGREE, Item, NodeItem, Scan
from siting.inputs.osm_tally import Tally

PLATFORM_NEAR_STOP_M = 10.0
"""A platform this close to a mapped bus stop is the same stop (an assumption of this reader, not of a standard)."""

_METRES_PER_DEGREE = 111_195.0  # on the sphere of mean radius; only for the few metres of the rule above

FACILITY_TEXTS = ("operator", "access", "fee", "opening_hours", "wheelchair", "ref")


def facilities_frame(scan: Scan, shapes: Shapes, tally: Tally) -> tuple[gpd.GeoDataFrame, int]:
    """Return one row for every object and class.

    An object of two classes has two rows with the same id, so ids are unique within a class, not in the frame. An
    area is a polygon, a line is taken at its middle. ``tags`` holds all OSM tags as JSON.
    """
    rows: list[tuple[str, str, Item, Any]] = []
    rows_in = 0
    for name, item, shape, codes in _objects(scan, shapes):
        for klass in item.classes:
            rows_in += 1
            if f"class:{klass}" in codes:
                tally.add("outer_way_of_relation", name, klass)
                continue
            if isinstance(shape, str):
                tally.add(shape, name, klass)
                continue
            for code in codes & {"line_as_point", "invalid_polygon", "clipped_part"}:
                tally.add(code, name, klass)
            rows.append((klass, name, item, shape))
    tally.add_count("duplicate_object", scan.repeated.get("node", 0) + scan.repeated.get("relation", 0))
    rows = _once(rows, tally)
    tags = [item.tags for _, _, item, _ in rows]
    frame = pd.DataFrame(
        {
            "class": pd.Series([klass for klass, _, _, _ in rows], dtype="str"),
            **names(tags),
            "capacity": np.array([_capacity(t, name, tally) for (_, name, _, _), t in zip(rows, tags, strict=True)]),
            **{key: pd.Series([t.get(key) for t in tags], dtype="str") for key in FACILITY_TEXTS},
            "tags": pd.Series([json.dumps(t, ensure_ascii=False, sort_keys=True) for t in tags], dtype="str"),
        }
    ).set_axis(pd.Index([name for _, name, _, _ in rows], dtype="str", name="id"), axis=0)
    geometry = np.array([shape for _, _, _, shape in rows], dtype=object)
    return gpd.GeoDataFrame(frame, geometry=shapely.normalize(geometry), crs=WGS84), rows_in


def entrances_frame(scan: Scan, kinds: OsmKinds, tally: Tally) -> tuple[gpd.GeoDataFrame, int]:
    """Return gates and entrances; ``usable`` is False for exits, service doors and those closed to the public."""
    rows: list[tuple[str, str, NodeItem]] = []
    rows_in = 0
    for node in scan.nodes:
        kind = kinds.entrance(node.tags)
        if kind is None:
            continue
        rows_in += 1
        name = f"node/{node.id}"
        if node.x == NO_PLACE:
            tally.add("no_place", name)
        else:
            rows.append((name, kind, node))
    nodes = [node for _, _, node in rows]
    access = [n.tags.get("foot", n.tags.get("access")) for n in nodes]
    shut = [
        a in kinds.closed_access or n.tags.get("entrance") in kinds.not_usable_entrances
        for n, a in zip(nodes, access, strict=True)
    ]
    frame = pd.DataFrame(
        {
            "kind": pd.Series([kind for _, kind, _ in rows], dtype="str"),
            "name": pd.Series([n.tags.get("name") for n in nodes], dtype="str"),
            "entrance": pd.Series([n.tags.get("entrance") for n in nodes], dtype="str"),
            "barrier": pd.Series([n.tags.get("barrier") for n in nodes], dtype="str"),
            "access": pd.Series(access, dtype="str"),
            "usable": ~np.array(shut, dtype=bool),
        }
    ).set_axis(pd.Index([name for name, _, _ in rows], dtype="str", name="id"), axis=0)
    geometry = gpd.points_from_xy(
        [n.x / UNITS_PER_DEGREE for n in nodes], [n.y / UNITS_PER_DEGREE for n in nodes], crs=WGS84
    )
    return gpd.GeoDataFrame(frame, geometry=geometry, crs=WGS84), rows_in


def _objects(scan: Scan, shapes: Shapes) -> list[tuple[str, Item, Any, set[str]]]:
    """Every classed object: id, item, its geometry or the code of why it has none, and what else is to be said."""
    found: list[tuple[str, Item, Any, set[str]]] = []
    for node in scan.nodes:
        if node.classes:
            lon, lat = node.x / UNITS_PER_DEGREE, node.y / UNITS_PER_DEGREE
            found.append(
                (f"node/{node.id}", node, "no_place" if node.x == NO_PLACE else shapely.Point(lon, lat), set())
            )
    for way, ring in shapes.ways.items():
        item = scan.ways[way]
        if not item.classes:
            continue
        codes = set(shapes.covered.get(way, ()))
        shape = None if item.tags.get("area") == "no" else ring.geometry
        if shape is None:
            shape = middle(scan, way)
            codes.add("line_as_point")
        elif ring.repair is not None:
            codes.add(ring.repair)
        found.append((f"way/{way}", item, "no_place" if shape is None else shape, codes))
    for relation, ring in shapes.relations:
        if relation.classes:
            shape = ring.geometry if ring.geometry is not None else str(ring.fault)
            found.append((f"relation/{relation.id}", relation, shape, {ring.repair} if ring.repair else set()))
    for name, item in scan.no_geometry.items():
        found.append((name, item, "relation_without_area", set()))
    return found


def _once(rows: list[tuple[str, str, Item, Any]], tally: Tally) -> list[tuple[str, str, Item, Any]]:
    """Drop what is drawn twice: a place inside its own area, a platform at its own stop."""
    rows = sorted(rows, key=lambda r: (r[0], *_order(r[1])))
    drop: set[int] = set()
    by_class: dict[str, list[int]] = {}
    for k, row in enumerate(rows):
        by_class.setdefault(row[0], []).append(k)
    for klass, members in by_class.items():
        # First the platforms: a stop must not vanish inside the platform that is drawn around it.
        drop |= _platforms_at_stops(rows, members, tally)
        drop |= _inside_own_area(rows, [m for m in members if m not in drop], klass, tally)
    return [row for k, row in enumerate(rows) if k not in drop]


def _inside_own_area(rows: list[tuple[str, str, Item, Any]], members: list[int], klass: str, tally: Tally) -> set[int]:
    """Drop points inside an area of their class if one has no name or both have the same; areas if named alike.

    The area takes over what only the point says: often the building is drawn and the point carries the name.
    """
    areas = [k for k in members if rows[k][3].geom_type != "Point"]
    if not areas:
        return set()
    tree = shapely.STRtree([rows[k][3] for k in areas])
    inner, outer = tree.query([rows[k][3] for k in members], predicate="covered_by")
    named_inside: dict[int, set[str]] = {}
    for i, o in zip(inner.tolist(), outer.tolist(), strict=True):
        name = rows[members[i]][2].tags.get("name")
        if name is not None:
            named_inside.setdefault(areas[o], set()).add(name)
    drop: set[int] = set()
    for i, o in zip(inner.tolist(), outer.tolist(), strict=True):
        k, area = members[i], areas[o]
        if k == area or area in drop:
            continue
        name, own = rows[k][2].tags.get("name"), rows[area][2].tags.get("name")
        if rows[k][3].geom_type == "Point":
            # Several differently named places in one unnamed area (a hall of shops) are not that area.
            same = name is None or own == name or (own is None and len(named_inside[area]) == 1)
        else:
            same = name is not None and name == own
        if same:
            drop.add(k)
            tally.add("duplicate_of_polygon", rows[k][1], klass)
            _, area_id, item, shape = rows[area]
            tags = {**rows[k][2].tags, **item.tags}
            rows[area] = (klass, area_id, Item(item.id, tags, item.layers, item.classes), shape)
    return drop


def _platforms_at_stops(rows: list[tuple[str, str, Item, Any]], members: list[int], tally: Tally) -> set[int]:
    stops = [k for k in members if rows[k][2].tags.get("highway") == "bus_stop"]
    platforms = [
        k
        for k in members
        if rows[k][2].tags.get("public_transport") == "platform" and rows[k][2].tags.get("highway") != "bus_stop"
    ]
    if not stops or not platforms:
        return set()
    lat = rows[stops[0]][3].centroid.y
    east = _METRES_PER_DEGREE * math.cos(math.radians(lat))

    def flat(k: int) -> Any:
        return shapely.transform(rows[k][3], lambda xy: xy * (east, _METRES_PER_DEGREE))

    tree = shapely.STRtree([flat(k) for k in stops])
    near, _ = tree.query([flat(k) for k in platforms], predicate="dwithin", distance=PLATFORM_NEAR_STOP_M)
    drop = {platforms[i] for i in near.tolist()}
    for k in sorted(drop):
        tally.add("platform_of_stop", rows[k][1])
    return drop


def _capacity(tags: dict[str, str], name: str, tally: Tally) -> float:
    text = tags.get("capacity")
    value = number(text)
    if text is not None and value is None:
        tally.add("capacity_not_number", name, f"capacity={text}")
    return math.nan if value is None else value


def _order(name: str) -> tuple[int, int]:
    match = re.fullmatch(r"(node|way|relation)/(-?\d+)", name)
    if match is None:
        return (3, 0)
    return ("node", "way", "relation").index(match.group(1)), int(match.group(2))
