"""Tiny OSM files for tests: nodes on a grid of 0.001 degrees, ways and relations by their members."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from xml.sax.saxutils import quoteattr

Tags = Mapping[str, str]

STEP = 0.001
LON, LAT = 113.5, 22.1


def place(column: float, row: float) -> tuple[float, float]:
    """Longitude and latitude of a grid position."""
    return round(LON + column * STEP, 7), round(LAT + row * STEP, 7)


def _tags(tags: Tags) -> str:
    return "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())


def osm(
    nodes: Mapping[int, tuple[float, float] | tuple[float, float, Tags]],
    ways: Mapping[int, tuple[Sequence[int], Tags]] | None = None,
    relations: Mapping[int, tuple[Sequence[tuple[int, str]], Tags]] | None = None,
) -> str:
    """Write a file from nodes (column, row[, tags]), ways (nodes, tags) and relations (members, tags) by id."""
    parts = ["<?xml version='1.0' encoding='UTF-8'?>", '<osm version="0.6">']
    for id_, (column, row, *rest) in nodes.items():
        lon, lat = place(column, row)
        parts.append(f'<node id="{id_}" version="1" lon="{lon}" lat="{lat}">{_tags(rest[0] if rest else {})}</node>')
    for id_, (refs, tags) in (ways or {}).items():
        nds = "".join(f'<nd ref="{ref}"/>' for ref in refs)
        parts.append(f'<way id="{id_}" version="1">{nds}{_tags(tags)}</way>')
    for id_, (members, tags) in (relations or {}).items():
        body = "".join(f'<member type="way" ref="{way}" role="{role}"/>' for way, role in members)
        parts.append(f'<relation id="{id_}" version="1">{body}{_tags(tags)}</relation>')
    return "\n".join([*parts, "</osm>"])


def write(path: Path, text: str) -> Path:
    """Save the text and return the path."""
    path.write_text(text, encoding="utf-8")
    return path


# One street, so that a file about polygons is not refused for having none.
STREET_NODES = {900001: (0.0, -5.0), 900002: (1.0, -5.0)}
STREET_WAYS = {900001: ([900001, 900002], {"highway": "residential"})}


def ring(first: int, x0: float, y0: float, x1: float, y1: float) -> dict[int, tuple[float, float]]:
    """Four nodes of a rectangle, numbered from ``first`` counter-clockwise from the lower left."""
    return {first: (x0, y0), first + 1: (x1, y0), first + 2: (x1, y1), first + 3: (x0, y1)}


def closed(first: int) -> list[int]:
    """Return the node list of the ring that `ring` numbered from ``first``."""
    return [first, first + 1, first + 2, first + 3, first]
