"""An OSM file, read once: streets, buildings, green, land, water, entrances and facilities, each with its account."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np

from siting.errors import NetworkDataError, SchemaError
from siting.inputs.coast import note_buildings, sea_area, sea_polygons
from siting.inputs.osm_areas import build_shapes, buildings_frame, green_frame, land_frame, plain_frame, with_sea
from siting.inputs.osm_file import open_osm
from siting.inputs.osm_kinds import OsmKinds
from siting.inputs.osm_places import entrances_frame, facilities_frame
from siting.inputs.osm_scan import NO_PLACE, Classify, Scan, scan
from siting.inputs.osm_streets import build_streets
from siting.inputs.osm_tally import Tally
from siting.inputs.street_filter import MODES, Mode, StreetFilter
from siting.inputs.streets import Streets
from siting.ledger import Account
from siting.nearest_word import suggest


@dataclass(frozen=True, slots=True, kw_only=True)
class OsmData:
    """What one OSM file holds.

    All frames are EPSG:4326 with an index ``id`` of OSM ids ("way/123"), ascending, nodes before ways before relations.

    Attributes
    ----------
    streets : ways that the modes asked for may use
    buildings : polygons
        ``building``, ``levels``, ``height`` (m), ``floors``, ``floors_from``, names, ``own_use``, ``residential``,
        ``residential_reason`` (see `siting.inputs.housing.classify_housing`).
    green : polygons
        Public green: ``kind``, names, ``access``, ``is_park``, ``is_green``.
    land : polygons
        ``kind``, names, ``landuse``, ``residential``, ``vacant``.
    water, grounds : polygons with ``kind`` and names; grounds are sites of one use (schools, hospitals, stations …)
        The sea, made from the coastline, comes last in water: kind "sea", ids "coast/1" and on, within `bounds`.
    entrances : points
        ``kind`` ("gate" or "entrance"), ``name``, ``entrance``, ``barrier``, ``access``, ``usable``.
    facilities : points and polygons
        ``class``, names, ``capacity``, ``operator``, ``access``, ``fee``, ``opening_hours``, ``wheelchair``, ``ref``,
        ``tags`` (JSON). One row an object and class: ids are unique within a class.
    accounts : bookkeeping of every layer, in the order of the fields above; the coast follows the water
    timestamp : how old the data are (ISO 8601), None if the file does not say
    bounds : (west, south, east, north) by the header, else of the streets
    """

    source: Path
    sha256: str
    streets: Streets
    buildings: gpd.GeoDataFrame
    green: gpd.GeoDataFrame
    land: gpd.GeoDataFrame
    water: gpd.GeoDataFrame
    grounds: gpd.GeoDataFrame
    entrances: gpd.GeoDataFrame
    facilities: gpd.GeoDataFrame
    accounts: tuple[Account, ...]
    timestamp: str | None
    bounds: tuple[float, float, float, float]


def read_osm(path: str | Path, *, modes: Sequence[Mode] = ("walk",), classify: Classify | None = None) -> OsmData:
    """Read an OSM file (.osm.pbf, .pbf or .osm) into layers.

    Parameters
    ----------
    path : an existing file
    modes : "walk", "drive" or both
        A way is kept if one of them may use it; the columns of the others are False.
    classify : facility classes of an object's tags
        Default `siting.standards.match_osm`.

    Raises
    ------
    InputError
        No such file, or a directory.
    FileFormatError
        Damaged, incomplete, or no OSM file; nothing of it is used.
    NetworkDataError
        No street is left for the modes.
    SchemaError
        An unknown mode.
    """
    wanted = _modes(modes)
    if classify is None:
        from siting.standards import match_osm

        classify = match_osm
    file = open_osm(path)
    kinds, rules = OsmKinds.default(), StreetFilter.default()
    found = scan(file, kinds, rules, classify)
    source = file.path.name

    def tally(layer: str) -> Tally:
        return Tally(layer, source, file.sha256)

    streets = _streets(found, rules, wanted, file.path, tally("streets"))
    shapes = build_shapes(found)
    books = {
        n: tally(n) for n in ("buildings", "green", "land", "water", "coast", "grounds", "entrances", "facilities")
    }
    bounds = file.bounds or _bounds(streets)
    sea, coast_in, coast_used = sea_polygons(found, sea_area(bounds, _bounds(streets)), books["coast"])
    green, green_in = green_frame(found, shapes, kinds, books["green"])
    land, land_in = land_frame(found, shapes, books["land"])
    water, water_in = plain_frame("water", found, shapes, books["water"])
    grounds, grounds_in = plain_frame("grounds", found, shapes, books["grounds"])
    buildings, buildings_in = buildings_frame(found, shapes, kinds, land, grounds, books["buildings"])
    note_buildings(sea, buildings, books["coast"])
    entrances, entrances_in = entrances_frame(found, kinds, books["entrances"])
    facilities, facilities_in = facilities_frame(found, shapes, books["facilities"])
    accounts = (
        streets.account,
        books["buildings"].account(buildings_in, len(buildings)),
        books["green"].account(green_in, len(green)),
        books["land"].account(land_in, len(land)),
        books["water"].account(water_in, len(water)),
        books["coast"].account(coast_in, coast_used),
        books["grounds"].account(grounds_in, len(grounds)),
        books["entrances"].account(entrances_in, len(entrances)),
        books["facilities"].account(facilities_in, len(facilities)),
    )
    return OsmData(
        source=file.path,
        sha256=file.sha256,
        streets=streets,
        buildings=buildings,
        green=green,
        land=land,
        water=with_sea(water, sea),
        grounds=grounds,
        entrances=entrances,
        facilities=facilities,
        accounts=accounts,
        timestamp=file.timestamp or found.newest,
        bounds=bounds,
    )


def read_streets(path: str | Path, *, modes: Sequence[Mode] = ("walk",)) -> Streets:
    """Read only the streets of an OSM file: as `read_osm`, in less time and memory."""
    wanted = _modes(modes)
    file = open_osm(path)
    rules = StreetFilter.default()
    found = scan(file, OsmKinds.default(), rules, lambda _: (), areas=False)
    return _streets(found, rules, wanted, file.path, Tally("streets", file.path.name, file.sha256))


def _streets(found: Scan, rules: StreetFilter, modes: tuple[Mode, ...], path: Path, tally: Tally) -> Streets:
    ways = found.is_street
    if ways and not any((found.x[found.span(w)] != NO_PLACE).any() for w in ways):
        msg = (
            f"{path}: none of its {len(ways)} streets has a node with coordinates. "
            "The file must hold the nodes, and before the ways (osmium sort puts them so)"
        )
        raise NetworkDataError(msg)
    streets = build_streets(found, rules, modes, tally)
    if not len(streets):
        listed = "; ".join(f"{f.text.en} ({f.count})" for f in streets.account.findings)
        msg = f"{path}: no street is left for {' and '.join(modes)}, of {streets.account.rows_in} ways" + (
            f": {listed}" if listed else ". Is it the right extract?"
        )
        raise NetworkDataError(msg)
    return streets


def _modes(modes: Sequence[Mode]) -> tuple[Mode, ...]:
    given = (modes,) if isinstance(modes, str) else tuple(modes)
    for mode in given:
        if mode not in MODES:
            near = suggest(str(mode), MODES)
            hint = f"did you mean '{near}'?" if near else f"there are {', '.join(MODES)}"
            msg = f"modes: unknown mode '{mode}'; {hint}"
            raise SchemaError(msg)
    if not given:
        msg = f"modes: name one at least of {', '.join(MODES)}"
        raise SchemaError(msg)
    return tuple(m for m in MODES if m in given)


def _bounds(streets: Streets) -> tuple[float, float, float, float]:
    lon, lat = streets.lon, streets.lat
    return float(np.min(lon)), float(np.min(lat)), float(np.max(lon)), float(np.max(lat))
