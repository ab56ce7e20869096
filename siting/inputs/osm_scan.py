"""One pass over the relations and one over nodes and ways: what is of use, as flat arrays.

Memory is bounded by the node locations (16 bytes a node of the file) and by the objects that something matches.
"""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import osmium
from numpy.typing import NDArray

from siting.inputs.osm_file import OsmFile, reading
from siting.inputs.osm_kinds import Kind, Layer, OsmKinds
from siting.inputs.street_filter import StreetFilter

Classify = Callable[[Mapping[str, str]], Sequence[str]]

NO_PLACE = 2147483647
"""What osmium gives for the coordinate of a node that the file lacks."""

UNITS_PER_DEGREE = 1e7  # osmium divides by this too, so coordinates agree with its own to the last bit

# A relation with nothing but these keys says nothing of its own: its outer ways carry the tags.
_BARE_KEYS = frozenset({"type", "source", "created_by", "note", "fixme", "attribution"})


@dataclass(slots=True)
class Item:
    """One node, way or relation that something matched."""

    id: int
    tags: dict[str, str]
    layers: dict[Layer, Kind]
    classes: tuple[str, ...]


@dataclass(slots=True)
class NodeItem(Item):
    """A node with its place in units of 1e-7 degrees."""

    x: int
    y: int


@dataclass(slots=True)
class RelationItem(Item):
    """A multipolygon or boundary: its member ways in order, each with its role."""

    members: tuple[tuple[int, str], ...]
    square: bool = False

    @property
    def bare(self) -> bool:
        """Whether the tags stand on the outer ways only."""
        return _BARE_KEYS.issuperset(self.tags)

    @property
    def outer(self) -> tuple[int, ...]:
        """Member ways that are not inner."""
        return tuple(way for way, role in self.members if role != "inner")


@dataclass(slots=True)
class Scan:
    """What the two passes found; ways by id, their nodes in flat arrays.

    Way ``w`` has the nodes ``ref[start[w]:start[w] + size[w]]`` at ``x``, ``y`` (1e-7 degrees, `NO_PLACE` where the
    file lacks the node). ``is_street`` and ``coast`` name the ways that are streets and coastline.
    """

    nodes: list[NodeItem]
    ways: dict[int, Item]
    relations: list[RelationItem]
    start: dict[int, int]
    size: dict[int, int]
    ref: NDArray[np.int64]
    x: NDArray[np.int32]
    y: NDArray[np.int32]
    is_street: set[int]
    coast: set[int]
    newest: str | None
    repeated: dict[str, int] = field(default_factory=dict)
    no_geometry: dict[str, Item] = field(default_factory=dict)

    def span(self, way: int) -> slice:
        """Positions of a way's nodes in the flat arrays."""
        first = self.start[way]
        return slice(first, first + self.size[way])


def scan(file: OsmFile, kinds: OsmKinds, streets: StreetFilter, classify: Classify, *, areas: bool = True) -> Scan:
    """Read everything of use.

    Parameters
    ----------
    file : checked file
    kinds : layers of polygons, and entrances
    streets : the street filter; only `is_way` is asked here
    classify : facility classes of an object's tags
    areas : False reads streets only
    """
    with reading(file.path):
        relations, no_geometry, repeated = _relations(file, kinds, streets, classify, areas=areas)
        wanted = {way for relation in relations for way, _ in relation.members}
        return _nodes_and_ways(
            file, kinds, streets, classify, areas, relations, no_geometry, wanted, {"relation": repeated}
        )


def _relations(
    file: OsmFile, kinds: OsmKinds, streets: StreetFilter, classify: Classify, *, areas: bool
) -> tuple[list[RelationItem], dict[str, Item], int]:
    found: dict[int, RelationItem] = {}
    no_geometry: dict[str, Item] = {}
    repeated = 0
    relation: Any
    processor = osmium.FileProcessor(file.handle(), osmium.osm.RELATION)
    if not areas:
        processor.with_filter(osmium.filter.KeyFilter("highway"))  # squares have it; the others never reach Python
    for relation in processor:
        if not relation.visible:
            continue
        tags = {tag.k: tag.v for tag in relation.tags}
        is_area = tags.get("type") in ("multipolygon", "boundary")
        square = is_area and "highway" in tags and streets.is_square_kind(tags)
        if not areas and not square:
            continue
        layers = kinds.match(tags) if is_area and areas else {}
        classes = tuple(classify(tags)) if areas else ()
        if not is_area:
            if classes:
                no_geometry[f"relation/{relation.id}"] = Item(relation.id, tags, {}, classes)
            continue
        if not (layers or classes or square or (areas and _BARE_KEYS.issuperset(tags))):
            continue
        members = tuple((m.ref, m.role) for m in relation.members if m.type == "w")
        repeated += relation.id in found
        found[relation.id] = RelationItem(relation.id, tags, layers, classes, members, square)
    return [found[k] for k in sorted(found)], no_geometry, repeated


def _nodes_and_ways(
    file: OsmFile,
    kinds: OsmKinds,
    streets: StreetFilter,
    classify: Classify,
    areas: bool,
    relations: list[RelationItem],
    no_geometry: dict[str, Item],
    wanted: set[int],
    repeated: dict[str, int],
) -> Scan:
    nodes: dict[int, NodeItem] = {}
    ways: dict[int, Item] = {}
    start: dict[int, int] = {}
    size: dict[int, int] = {}
    ref, x, y = array("q"), array("i"), array("i")
    is_street: set[int] = set()
    coast: set[int] = set()
    newest: Any = None
    dated = file.timestamp is None
    again_node = again_way = 0
    # Only tags are looked at on nodes, so those without any never reach Python.
    tagged_nodes = osmium.filter.EmptyTagFilter()
    tagged_nodes.enable_for(osmium.osm.NODE)
    thing: Any
    processor = osmium.FileProcessor(file.handle(), osmium.osm.NODE | osmium.osm.WAY).with_locations()
    if not areas:
        processor.with_filter(osmium.filter.EntityFilter(osmium.osm.WAY))
        if not wanted:  # rings of squares may have no tags
            processor.with_filter(osmium.filter.KeyFilter(*streets.way_keys))
    for thing in processor.with_filter(tagged_nodes):
        if not thing.visible:
            continue
        if dated and (newest is None or thing.timestamp > newest):
            newest = thing.timestamp
        tags = {tag.k: tag.v for tag in thing.tags}
        if thing.is_node():
            layers, classes = kinds.match(tags), tuple(classify(tags))
            if not (layers or classes or kinds.entrance(tags)):
                continue
            if thing.id in nodes:
                again_node += 1
            place = thing.location
            at = (place.x, place.y) if place.valid() else (NO_PLACE, NO_PLACE)
            nodes[thing.id] = NodeItem(thing.id, tags, layers, classes, *at)
            continue
        street = streets.is_way(tags)
        layers = kinds.match(tags) if areas and tags else {}
        classes = tuple(classify(tags)) if areas and tags else ()
        shore = areas and tags.get("natural") == "coastline"
        if not (street or layers or classes or shore or thing.id in wanted):
            continue
        if thing.id in ways:
            again_way += 1
            is_street.discard(thing.id)
            coast.discard(thing.id)
        if street:
            is_street.add(thing.id)
        if shore:
            coast.add(thing.id)
        ways[thing.id] = Item(thing.id, tags, layers, classes)
        start[thing.id] = len(ref)
        for node in thing.nodes:
            ref.append(node.ref)
            x.append(node.x)
            y.append(node.y)
        size[thing.id] = len(ref) - start[thing.id]
    repeated |= {"node": again_node, "way": again_way}
    xs, ys = np.array(x, dtype=np.int32), np.array(y, dtype=np.int32)
    refs = np.array(ref, dtype=np.int64)
    _place_new_nodes(file, refs, xs, ys)
    # Places outside the globe are no places: such a node is as good as missing.
    off = (np.abs(xs.astype(np.int64)) > 1_800_000_000) | (np.abs(ys.astype(np.int64)) > 900_000_000)
    xs[off] = NO_PLACE
    ys[off] = NO_PLACE
    return Scan(
        nodes=[nodes[k] for k in sorted(nodes)],
        ways={k: ways[k] for k in sorted(ways)},
        relations=relations,
        start=start,
        size=size,
        ref=refs,
        x=xs,
        y=ys,
        is_street=is_street,
        coast=coast,
        newest=newest.strftime("%Y-%m-%dT%H:%M:%SZ") if newest is not None and newest.year > 2004 else None,
        repeated=repeated,
        no_geometry=no_geometry,
    )


def _place_new_nodes(file: OsmFile, ref: NDArray[np.int64], x: NDArray[np.int32], y: NDArray[np.int32]) -> None:
    """Fill in the places of nodes with negative ids: editors give them to new objects, osmium's index lacks them."""
    new = np.flatnonzero((ref < 0) & (x == NO_PLACE))
    if not len(new):
        return
    place: dict[int, tuple[int, int]] = {}
    node: Any
    for node in osmium.FileProcessor(file.handle(), osmium.osm.NODE):
        if node.id < 0 and node.location.valid():
            place[node.id] = (node.location.x, node.location.y)
    for k in new.tolist():
        x[k], y[k] = place.get(int(ref[k]), (NO_PLACE, NO_PLACE))
