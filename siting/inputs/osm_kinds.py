"""What the polygons and the entrance nodes of an OSM file are: the table `osm_kinds.yaml`, applied to tags."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Any, Literal

import yaml

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
        self._rows = {layer: _rows(table[layer]) for layer in ("green", "land", "water", "grounds")}
        self._keys = frozenset(key for rows in self._rows.values() for key, _, _ in rows) | {"building"}
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
        if self._keys.isdisjoint(tags):
            return found
        building = tags.get("building")
        if building is not None and building not in self.not_buildings:
            found["buildings"] = Kind(building, {})
        for layer in ("green", "water", "grounds", "land"):
            kind = self._first(layer, tags)
            if kind is not None:
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

    def _first(self, layer: str, tags: Mapping[str, str]) -> Kind | None:
        for key, values, kind in self._rows[layer]:
            value = tags.get(key)
            if value is not None and (value in values if values is not None else value != "no"):
                return kind
        return None


def _rows(table: list[dict[str, Any]]) -> list[tuple[str, frozenset[str] | None, Kind]]:
    rows: list[tuple[str, frozenset[str] | None, Kind]] = []
    for row in table:
        value = row["value"]
        values = None if value == "*" else frozenset([value] if isinstance(value, str) else value)
        rows.append((row["key"], values, Kind(row["kind"], row)))
    return rows


@cache
def _default() -> OsmKinds:
    text = resources.files("siting.inputs").joinpath("osm_kinds.yaml").read_text(encoding="utf-8")
    return OsmKinds(yaml.safe_load(text))
