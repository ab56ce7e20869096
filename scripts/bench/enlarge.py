"""A larger OSM file out of a small one: copies of it side by side, each with its own ids, shifted in longitude."""

from pathlib import Path
from typing import Any

import osmium

SHIFT_DEGREES = 0.2
"""Wider than the files this is meant for, so that copies do not overlap."""


def enlarge(source: Path, target: Path, copies: int) -> Path:
    """Write ``copies`` of all nodes, ways and relations of ``source``; nodes come first, as OSM files have them."""
    nodes: list[Any] = []
    ways: list[Any] = []
    relations: list[Any] = []
    for thing in osmium.FileProcessor(str(source)):
        tags = {tag.k: tag.v for tag in thing.tags}
        if thing.is_node():
            nodes.append((thing.id, thing.location.lon, thing.location.lat, tags))
        elif thing.is_way():
            ways.append((thing.id, [node.ref for node in thing.nodes], tags))
        else:
            relations.append((thing.id, [(m.type, m.ref, m.role) for m in thing.members], tags))
    step = {"n": 1 + _largest(nodes), "w": 1 + _largest(ways), "r": 1 + _largest(relations)}
    target.unlink(missing_ok=True)
    # As OSM files are written: each object has a version and a time (some readers fail without).
    said = {"version": 1, "timestamp": "2020-01-01T00:00:00Z", "visible": True}
    with osmium.SimpleWriter(str(target)) as writer:
        for k in range(copies):
            for number, lon, lat, tags in nodes:
                place = (lon + k * SHIFT_DEGREES, lat)
                writer.add_node(osmium.osm.mutable.Node(id=number + k * step["n"], location=place, tags=tags, **said))
        for k in range(copies):
            for number, refs, tags in ways:
                moved = [ref + k * step["n"] for ref in refs]
                writer.add_way(osmium.osm.mutable.Way(id=number + k * step["w"], nodes=moved, tags=tags, **said))
        for k in range(copies):
            for number, members, tags in relations:
                shifted = [(kind, ref + k * step[kind], role) for kind, ref, role in members]
                writer.add_relation(
                    osmium.osm.mutable.Relation(id=number + k * step["r"], members=shifted, tags=tags, **said)
                )
    return target


def _largest(things: list[Any]) -> int:
    return max((thing[0] for thing in things), default=0)
