"""What the polygons and the entrance nodes of an OSM file are: the table `osm_kinds.yaml`, applied to tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the C loader is ten times as fast, where it was built

Layer = Literal["buildings", "green", "land", "water", "grounds"]
LAYERS: tuple[Layer, ...] = ("buildings", "green", "land", "water", "grounds")


@dataclass(frozen=True, slots=True)
class Kind:
    """One row of a layer's table: the kind, and what is true of it."""

    kind: str
    row: Mapping[str, Any]


class OsmKinds:
    """Finds the layers that an object belongs to."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.closed_access = frozenset(table["closed_access"])
        self._rows = _by_key(table)
        self._keys = frozenset(self._rows) | {"building"}
        self.land_without_homes = frozenset(row["kind"] for row in table["land"] if row.get("housing") == "no")
        buildings = table["buildings"]
        self.not_buildings = frozenset(buildings["not_a_building"])
        self.residential_values = frozenset(buildings["residential"])
        self.unspecific_values = frozenset(buildings["unspecific"])
        self.use_keys = tuple(buildings["use_keys"])
        self.not_in_use_keys = tuple(buildings["not_in_use_keys"])
        self.metres_per_floor = float(buildings["metres_per_floor"])
        entrances = table["entrances"]
        self._gates = frozenset(entrances["gates"])
        self._not_entrances = frozenset(entrances["not_entrances"])
        self.not_usable_entrances = frozenset(entrances["not_usable"])

    @classmethod
    def default(cls) -> "OsmKinds":
        """Return the kinds of the packaged table."""
        return _default()

    def match(self, tags: Mapping[str, str]) -> dict[Layer, Kind]:
        """Return the kind of the object in every layer that it belongs to; an object may be in several."""
        found: dict[Layer, Kind] = {}
        keys = self._keys & tags.keys()
        if not keys:
            return found
        building = tags.get("building")
        if building is not None and building not in self.not_buildings:
            found["buildings"] = Kind(building, {})
        best: dict[Layer, int] = {}
        for key in keys:
            value = tags[key]
            for order, layer, values, kind in self._rows.get(key, ()):
                fits = value in values if values is not None else value != "no"
                if fits and order < best.get(layer, order + 1):
                    best[layer] = order
                    found[layer] = kind
        landuse = tags.get("landuse")
        if landuse is not None and landuse != "no" and not {"green", "water", "land"} & found.keys():
            found["land"] = Kind(landuse, {})
        return found

    def entrance(self, tags: Mapping[str, str]) -> str | None:
        """Return "gate" or "entrance" for a node where one goes in, else None."""
        if tags.get("barrier") in self._gates:
            return "gate"
        value = tags.get("entrance")
        return "entrance" if value is not None and value not in self._not_entrances else None


_Row = tuple[int, Layer, frozenset[str] | None, Kind]


def _by_key(table: Mapping[str, Any]) -> dict[str, list[_Row]]:
    """Index the rows of all layers by key; the number of a row within its layer is its rank."""
    index: dict[str, list[_Row]] = {}
    for layer in LAYERS[1:]:
        for order, row in enumerate(table[layer]):
            value = row["value"]
            values = None if value == "*" else frozenset([value] if isinstance(value, str) else value)
            index.setdefault(row["key"], []).append((order, layer, values, Kind(row["kind"], row)))
    return index


@cache
def _default() -> OsmKinds:
    text = resources.files("siting.inputs").joinpath("osm_kinds.yaml").read_text(encoding="utf-8")
    return OsmKinds(yaml.load(text, Loader=_LOADER))
