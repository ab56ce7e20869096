"""The polygon layers of an OSM file: buildings, green, land, water and grounds, each object once."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.inputs.housing import classify_housing, floors, is_home, metres, number, out_of_use, own_use, states_homes
from siting.inputs.osm_kinds import Kind, Layer, OsmKinds
from siting.inputs.osm_rings import Ring, relation_polygon, way_polygons
from siting.inputs.osm_scan import Item, RelationItem, Scan
from siting.inputs.osm_tally import Tally

WGS84 = "EPSG:4326"


@dataclass(frozen=True, slots=True)
class Shapes:
    """The rings of everything that a layer or a class wants.

    ``covered[way]`` holds the layers and classes that a whole relation already says of this outer way.
    """

    ways: dict[int, Ring]
    relations: list[tuple[RelationItem, Ring]]
    covered: dict[int, set[str]]
    old_style: frozenset[int]


def build_shapes(scan: Scan) -> Shapes:
    """Assemble the ring of every matched way and relation.

    A relation without tags of its own takes those of its outer ways where these agree (the old way of mapping).
    """
    wanted = [w for w, item in scan.ways.items() if item.layers or item.classes]
    relations: list[tuple[RelationItem, Ring]] = []
    covered: dict[int, set[str]] = {}
    old_style: set[int] = set()
    for found in scan.relations:
        relation = found
        if relation.bare:
            adopted = _adopt(scan, relation)
            if adopted is None:
                continue
            relation = adopted
            old_style.add(relation.id)
        if not (relation.layers or relation.classes):
            continue
        ring = relation_polygon(scan, relation)
        relations.append((relation, ring))
        if ring.geometry is not None:
            for way in relation.outer:
                covered.setdefault(way, set()).update(meanings(relation))
    rings = way_polygons(scan, wanted)
    return Shapes({way: rings[way] for way in wanted}, relations, covered, frozenset(old_style))


def meanings(item: Item) -> set[str]:
    """Return what an object says, so that a relation and its outer way can be compared; all buildings are alike."""
    said = {f"{layer}:{'' if layer == 'buildings' else kind.kind}" for layer, kind in item.layers.items()}
    return said | {f"class:{c}" for c in item.classes}


def build_layer(layer: Layer, scan: Scan, shapes: Shapes, tally: Tally) -> tuple[list[str], list[Item], list[Any], int]:
    """Return ids, items and polygons of one layer, ways before relations and ascending, and the number of rows in."""
    ids: list[str] = []
    items: list[Item] = []
    polygons: list[Any] = []
    rows_in = 0

    def take(name: str, item: Item, ring: Ring) -> None:
        if ring.geometry is None:
            tally.add(ring.fault or "no_area", name)
            return
        if ring.repair is not None:
            tally.add(ring.repair, name)
        ids.append(name)
        items.append(item)
        polygons.append(ring.geometry)

    for node in scan.nodes:
        if layer in node.layers and layer != "grounds":  # a school drawn as a point is a facility, no ground
            rows_in += 1
            tally.add("drawn_as_point", f"node/{node.id}", node.layers[layer].kind)
    for way, ring in shapes.ways.items():
        item = scan.ways[way]
        if layer not in item.layers:
            continue
        rows_in += 1
        name = f"way/{way}"
        said = f"{layer}:{'' if layer == 'buildings' else item.layers[layer].kind}"
        if said in shapes.covered.get(way, ()):
            tally.add("outer_way_of_relation", name)
        elif item.tags.get("area") == "no":
            tally.add("area_no", name)
        else:
            take(name, item, ring)
    for relation, ring in shapes.relations:
        if layer in relation.layers:
            rows_in += 1
            name = f"relation/{relation.id}"
            if relation.id in shapes.old_style:
                tally.add("old_style_relation", name)
            take(name, relation, ring)
    return ids, items, polygons, rows_in


def green_frame(scan: Scan, shapes: Shapes, kinds: OsmKinds, tally: Tally) -> tuple[gpd.GeoDataFrame, int]:
    """Green space that the public may use; private gardens and closed grounds are listed."""
    ids, items, polygons, rows_in = build_layer("green", scan, shapes, tally)
    keep: list[int] = []
    for row, item in enumerate(items):
        closed = _not_public(item.tags, item.layers["green"], kinds)
        if closed is None:
            keep.append(row)
        else:
            tally.add("not_public", ids[row], closed)
    kept = [items[r] for r in keep]
    frame = _frame(
        [ids[r] for r in keep],
        [polygons[r] for r in keep],
        {
            "kind": _texts(i.layers["green"].kind for i in kept),
            **_names(kept),
            "access": _texts(i.tags.get("access") for i in kept),
            "is_park": np.array([_is_park(i.tags, i.layers["green"]) for i in kept], dtype=bool),
            "is_green": np.array([bool(i.layers["green"].row["is_green"]) for i in kept], dtype=bool),
        },
    )
    return frame, rows_in


def land_frame(scan: Scan, shapes: Shapes, tally: Tally) -> tuple[gpd.GeoDataFrame, int]:
    """Land by its use: ``kind``, and whether it is residential or vacant (brownfield, greenfield)."""
    ids, items, polygons, rows_in = build_layer("land", scan, shapes, tally)
    rows = [i.layers["land"].row for i in items]
    frame = _frame(
        ids,
        polygons,
        {
            "kind": _texts(i.layers["land"].kind for i in items),
            **_names(items),
            "landuse": _texts(i.tags.get("landuse") for i in items),
            "residential": np.array([bool(r.get("residential")) for r in rows], dtype=bool),
            "vacant": np.array([bool(r.get("vacant")) for r in rows], dtype=bool),
        },
    )
    return frame, rows_in


def plain_frame(layer: Layer, scan: Scan, shapes: Shapes, tally: Tally) -> tuple[gpd.GeoDataFrame, int]:
    """Water or grounds: ``kind`` and names."""
    ids, items, polygons, rows_in = build_layer(layer, scan, shapes, tally)
    return _frame(ids, polygons, {"kind": _texts(i.layers[layer].kind for i in items), **_names(items)}), rows_in


def with_sea(water: gpd.GeoDataFrame, sea: list[Any]) -> gpd.GeoDataFrame:
    """Append the sea to the water: ``kind`` "sea", ids "coast/1" and on, no names."""
    if not sea:
        return water
    nothing = _texts([None] * len(sea))
    columns = {c: nothing for c in water.columns if c not in ("kind", "geometry")}
    ids = [f"coast/{k}" for k in range(1, len(sea) + 1)]
    rows = _frame(ids, sea, {"kind": _texts(["sea"] * len(sea)), **columns})
    return gpd.GeoDataFrame(pd.concat([water, rows]), crs=WGS84)


def buildings_frame(
    scan: Scan, shapes: Shapes, kinds: OsmKinds, land: gpd.GeoDataFrame, grounds: gpd.GeoDataFrame, tally: Tally
) -> tuple[gpd.GeoDataFrame, int]:
    """Return buildings with floors and the reason why each is a home or is none."""
    ids, items, polygons, rows_in = build_layer("buildings", scan, shapes, tally)
    levels = [number(i.tags.get("building:levels")) for i in items]
    height = [metres(i.tags.get("height", i.tags.get("building:height"))) for i in items]
    storeys = [floors(lv, h, kinds.metres_per_floor) for lv, h in zip(levels, height, strict=True)]
    frame = _frame(
        ids,
        polygons,
        {
            "building": _texts(i.tags["building"] for i in items),
            "levels": np.array([np.nan if v is None else v for v in levels], dtype=np.float64),
            "height": np.array([np.nan if v is None else v for v in height], dtype=np.float64),
            "floors": np.array([np.nan if v is None else v for v, _ in storeys], dtype=np.float64),
            "floors_from": _texts(s for _, s in storeys),
            **_names(items),
            "own_use": _texts(own_use(i.tags, kinds) for i in items),
            "stated_homes": np.array([states_homes(i.tags, kinds) for i in items], dtype=bool),
            "not_in_use": np.array([out_of_use(i.tags, kinds) for i in items], dtype=bool),
        },
    )
    reason = classify_housing(frame, land, grounds, kinds=kinds)
    frame["residential_reason"] = reason
    frame["residential"] = is_home(reason)
    for (why, value), count in frame.groupby(["residential_reason", "building"]).size().items():
        tally.add_count(
            "housing_rule", int(count), f"{why} ({value})" if why in ("tagged", "other_value") else str(why)
        )
    for source, count in frame["floors_from"].fillna("unknown").value_counts().items():
        tally.add_count("floors_from", int(count), str(source))
    return frame, rows_in


def _adopt(scan: Scan, relation: RelationItem) -> RelationItem | None:
    outer = [scan.ways[w] for w in relation.outer if w in scan.ways]
    tagged = [item for item in outer if item.layers or item.classes]
    if not tagged or any(meanings(item) != meanings(tagged[0]) for item in tagged):
        return None
    first = tagged[0]
    return RelationItem(relation.id, first.tags, first.layers, first.classes, relation.members)


def _not_public(tags: Mapping[str, str], kind: Kind, kinds: OsmKinds) -> str | None:
    access = tags.get("access")
    if access in kinds.closed_access and tags.get("foot") not in ("yes", "designated", "permissive"):
        return f"access={access}"
    for key, values in kind.row.get("private_if", {}).items():
        value = tags.get(key)
        if value is not None and (value in values or "*" in values):
            return f"{key}={value}"
    return None


def _is_park(tags: Mapping[str, str], kind: Kind) -> bool:
    needs = kind.row.get("park_if")
    return bool(kind.row["is_park"]) and (needs is None or any(key in tags for key in needs))


def _texts(values: Any) -> "pd.Series[str]":
    return pd.Series(list(values), dtype="str")


def _names(items: list[Item]) -> dict[str, "pd.Series[str]"]:
    return names([i.tags for i in items])


def names(tags: list[dict[str, str]]) -> dict[str, "pd.Series[str]"]:
    """Columns ``name``, ``name_zh`` and ``name_en``; only what is tagged, nothing is translated."""
    return {
        "name": _texts(t.get("name") for t in tags),
        "name_zh": _texts(
            next((t[k] for k in ("name:zh", "name:zh-Hans", "name:zh-Hant") if k in t), None) for t in tags
        ),
        "name_en": _texts(t.get("name:en") for t in tags),
    }


def _frame(ids: list[str], polygons: list[Any], columns: Mapping[str, Any]) -> gpd.GeoDataFrame:
    index = pd.Index(ids, dtype="str", name="id")
    data = {k: v.to_numpy() if isinstance(v, pd.Series) and v.dtype != "str" else v for k, v in columns.items()}
    table = pd.DataFrame(data).set_axis(index, axis=0)
    geometry = np.array(polygons, dtype=object) if polygons else np.empty(0, dtype=object)
    return gpd.GeoDataFrame(table, geometry=shapely.normalize(geometry), crs=WGS84)
