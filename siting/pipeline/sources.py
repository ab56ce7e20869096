"""Everything a study reads, in one working CRS."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import pandas as pd
import pyproj
import shapely

from siting.errors import GeometryError
from siting.inputs.coordinates import WorkingCRS, choose_crs, lonlat_bounds
from siting.inputs.osm import OsmData, read_osm
from siting.ledger import Account, Finding, Text
from siting.outputs.contract import NOTE
from siting.pipeline.canopy import read_canopy, with_canopy
from siting.pipeline.charging import ChargingLayers, charging_columns, read_charging_layers
from siting.pipeline.parking import read_floors
from siting.pipeline.parking_sites import read_parking_layers
from siting.pipeline.places import gather_entrances, gather_facilities
from siting.pipeline.reading import Geometry, Reader
from siting.pipeline.toilets import ToiletLayers, read_toilet_layers
from siting.pipeline.waste import WasteLayers, read_waste_layers
from siting.study import Study
from siting.study.settings import ESTIMATE_WORD, OSM_WORD, STREETS_WORD, LayerTable

OSM_ENDINGS = (".osm", ".pbf", ".osm.bz2", ".osm.gz")


@dataclass(frozen=True, kw_only=True, eq=False)
class Sources:
    """The layers of a study; frames are in ``area.crs``, None where the study has no such layer.

    Attributes
    ----------
    area : the working CRS, why it was chosen, and its scale error
    boundary : one row, the study area
    streets_osm, streets_lines : the one that the study has
    facilities : all classes in one frame, column ``class``
    demand : the demand layer as it was read; None for a raster, an estimate or streets
    old_estates, centres : what only themes read
    old_district : where clauses set milder targets
    canopy : areas under vegetation, from a raster
    floors : of `[parking]`
    parking : plots and kerbs of `[parking.sites]`
    toilets : layers of `[toilets]`
    charging : places and sheds of `[charging]`
    waste : layers of `[waste]`, by key
    """

    area: WorkingCRS
    boundary: gpd.GeoDataFrame | None
    zones: Mapping[str, gpd.GeoDataFrame]
    osm: OsmData | None
    streets_osm: OsmData | None
    streets_lines: gpd.GeoDataFrame | None
    facilities: gpd.GeoDataFrame
    entrances: gpd.GeoDataFrame | None
    demand: gpd.GeoDataFrame | None
    housing: gpd.GeoDataFrame | None
    buildings: gpd.GeoDataFrame | None
    green: gpd.GeoDataFrame | None
    water: gpd.GeoDataFrame | None
    residential: gpd.GeoDataFrame | None
    vacant: gpd.GeoDataFrame | None
    exclusions: Mapping[str, gpd.GeoDataFrame]
    old_estates: gpd.GeoDataFrame | None
    old_district: gpd.GeoDataFrame | None
    centres: gpd.GeoDataFrame | None
    accounts: tuple[Account, ...]
    findings: tuple[Finding, ...] = field(default=())
    canopy: gpd.GeoDataFrame | None = None
    floors: gpd.GeoDataFrame | None = None
    parking: dict[str, gpd.GeoDataFrame] = field(default_factory=dict)
    toilets: ToiletLayers = field(default_factory=ToiletLayers)
    charging: ChargingLayers = field(default_factory=lambda: ChargingLayers(places={}))
    waste: WasteLayers = field(default_factory=WasteLayers)

    @property
    def crs(self) -> pyproj.CRS:
        """The working CRS."""
        return self.area.crs


def read_sources(study: Study) -> Sources:
    """Read every layer of a study.

    Raises
    ------
    InputError
        Layers that cannot be used: all of them, each with the row and the remedy, in one message.
    """
    s = study.settings
    reader = Reader(study)
    osm_source = s.osm_source
    osm = None if osm_source is None else reader.attempt(lambda: _osm(study, osm_source))
    streets_osm = _streets_osm(study, reader, osm)
    boundaries = [reader.layer("boundary", b, "polygon") for b in s.study.boundary]
    zone_layers = [(z.level_name, reader.layer(f"zones[{i + 1}]", z, "polygon")) for i, z in enumerate(s.study.zones)]
    lines = None
    if s.streets is not None and streets_osm is None and not _is_osm(s.streets.source):
        lines = reader.layer("streets", s.streets, "line")
    demand = None
    if s.demand.source not in (ESTIMATE_WORD, STREETS_WORD) and not is_raster(s.demand.source):
        demand = reader.layer("demand", s.demand, "any", weight=s.demand.population)
    frames = [b.frame for b in boundaries if b] + [z.frame for _, z in zone_layers if z]
    frames += [layer.frame for layer in (demand, lines) if layer is not None]
    # With a fault among these layers the place may be unknown; the other layers are still read, for their own faults.
    area = reader.attempt(lambda: choose_crs(_extent(frames, osm or streets_osm), s.study.crs))
    crs = None if area is None else area.crs

    def moved(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
        return frame if crs is None else frame.to_crs(crs)

    def own_or_osm(name: str, table: LayerTable | None, from_osm: gpd.GeoDataFrame | None) -> gpd.GeoDataFrame | None:
        """Take the study's own layer, else the one of its OSM file; an empty OSM layer is no layer."""
        if table is not None and table.source != OSM_WORD:
            layer = reader.layer(name, table, "polygon", crs)
            return None if layer is None else layer.frame
        return None if from_osm is None or from_osm.empty else moved(from_osm)

    land = osm.land if osm else None
    housing_table = s.demand.buildings
    buildings = own_or_osm("land.buildings", s.land.buildings, osm.buildings if osm else None)
    housing = own_or_osm("demand.buildings", housing_table, osm.buildings if osm else None)
    facilities = gather_facilities(study, reader, osm, crs)
    exclusions = {
        name: layer.frame
        for name, table in s.land.exclusions.items()
        if (layer := reader.layer(f"land.exclusions.{name}", table, "polygon", crs)) is not None
    }
    water = own_or_osm("land.water", s.land.water, osm.water if osm else None)
    residential = own_or_osm("land.residential", s.land.residential, _flagged(land, "residential"))
    vacant = own_or_osm("land.vacant", s.land.vacant, _flagged(land, "vacant"))
    old_estates, old_district, centres = (
        None if table is None or (layer := reader.layer(name, table, kind, crs)) is None else layer.frame
        for name, table, kind in _for_themes(study)
    )
    boundary = reader.attempt(lambda: _boundary([moved(b.frame) for b in boundaries if b]))
    canopy = None if crs is None else reader.attempt(lambda: read_canopy(study, reader, crs, boundary))
    floors = read_floors(study, reader, crs)
    lots = read_parking_layers(study, reader, crs)
    zones = [z.frame for _, z in zone_layers if z]
    toilets = read_toilet_layers(study, reader, crs, moved(zones[-1]) if boundary is None and zones else boundary)
    charging = read_charging_layers(study, reader, crs)
    waste = read_waste_layers(study, reader, crs)
    reader.faults.raise_any()
    assert area is not None
    files = {id(o): o.accounts for o in (osm, streets_osm) if o is not None}
    return Sources(
        area=area,
        boundary=boundary,
        zones={level: moved(z.frame) for level, z in zone_layers if z},
        osm=osm,
        streets_osm=streets_osm,
        streets_lines=moved(lines.frame) if lines else None,
        facilities=with_canopy(study, facilities, canopy),
        entrances=gather_entrances(facilities, osm, crs),
        demand=moved(demand.frame) if demand else None,
        housing=housing,
        buildings=buildings,
        green=moved(osm.green) if osm and not osm.green.empty else None,
        water=water,
        residential=residential,
        vacant=vacant,
        exclusions=exclusions,
        old_estates=old_estates,
        old_district=old_district,
        centres=centres,
        accounts=tuple([a for group in files.values() for a in group] + reader.accounts),
        findings=(*([area.warning] if area.warning else []), *charging_columns(study, facilities)),
        canopy=canopy,
        floors=floors,
        parking=lots,
        toilets=toilets,
        charging=charging,
        waste=waste,
    )


def _osm(study: Study, source: str) -> OsmData:
    # Ways for vehicles are read too: sites keep clear of carriageways that nobody walks on.
    return read_osm(study.resolve(source), modes=("walk", "drive"))


def _streets_osm(study: Study, reader: Reader, osm: OsmData | None) -> OsmData | None:
    """Return the OSM file of the streets: read once where it is the one of the facilities too."""
    streets = study.settings.streets
    if streets is None or not (_is_osm(streets.source) or streets.source == OSM_WORD):
        return None
    facilities = study.settings.osm_source
    if streets.source == OSM_WORD or (facilities and study.resolve(facilities).samefile(study.resolve(streets.source))):
        return osm
    return reader.attempt(lambda: _osm(study, streets.source))


def _for_themes(study: Study) -> list[tuple[str, LayerTable | None, Geometry]]:
    """Layers that only themes read: name, table and kind of geometry."""
    s = study.settings
    return [
        ("land.old_estates", s.land.old_estates, "any"),
        ("land.old_district", s.land.old_district, "polygon"),
        ("living_circle.centres", None if s.living_circle is None else s.living_circle.centres, "point"),
    ]


def _is_osm(source: str) -> bool:
    return source.lower().endswith(OSM_ENDINGS)


def is_raster(source: str) -> bool:
    """Tell a GeoTIFF by its ending."""
    return source.lower().endswith((".tif", ".tiff"))


def _flagged(land: gpd.GeoDataFrame | None, flag: str) -> gpd.GeoDataFrame | None:
    return None if land is None else gpd.GeoDataFrame(land[land[flag]])


def _extent(frames: list[gpd.GeoDataFrame], osm: OsmData | None) -> tuple[float, float, float, float]:
    """West, south, east, north of the first layer that says where the study is."""
    for frame in frames:
        west, south, east, north = (float(v) for v in frame.total_bounds)
        return lonlat_bounds(frame.crs, (west, south, east, north))
    if osm is None or osm.bounds is None:
        msg = "study: nothing says where it is; give a boundary, zones, a demand layer or an OSM file"
        raise GeometryError(msg)
    return osm.bounds


def _boundary(parts: list[gpd.GeoDataFrame]) -> gpd.GeoDataFrame | None:
    """Intersect the boundary layers into one row."""
    if not parts:
        return None
    shape = parts[0].geometry.union_all()
    for other in parts[1:]:
        shape = shapely.intersection(shape, other.geometry.union_all())
    pieces = [p for p in shapely.get_parts(shape) if isinstance(p, shapely.Polygon)]
    if not pieces:
        msg = "boundary: the boundary layers have no area in common; check that they are of the same place"
        raise GeometryError(msg)
    area = shapely.multipolygons(pieces)
    return gpd.GeoDataFrame(
        {"name": ["boundary"]}, geometry=[area], crs=parts[0].crs, index=pd.Index(["boundary"], name="id")
    )


def source_lines(sources: Sources, given: list[str], note: Text | None = None) -> tuple[Text, ...]:
    """Credit lines of the maps: those of the study, OpenStreetMap's where its data were read, and the study's note."""
    lines = [Text(line, line) if " / " not in line else Text(*line.split(" / ", 1)) for line in given]
    has_osm = sources.osm is not None or sources.streets_osm is not None
    if has_osm and not any("OpenStreetMap" in line.en for line in lines):
        lines.insert(0, Text("© OpenStreetMap 贡献者,ODbL 1.0", "© OpenStreetMap contributors, ODbL 1.0"))
    if note is not None:
        lines.append(Text(f"注：{note.zh}", f"{NOTE}{note.en}"))
    return tuple(lines)
