"""The shape of a study file: every table and key, its type, its default, and which keys exclude one another."""

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    BeforeValidator,
    Field,
    PositiveFloat,
    PositiveInt,
    field_validator,
    model_validator,
)

from siting.study.charging_table import ChargingTable
from siting.study.green_table import GreenRasterTable
from siting.study.layer_tables import CandidateTable as CandidateTable
from siting.study.layer_tables import LayerRef, Table
from siting.study.layer_tables import LayerTable as LayerTable
from siting.study.layer_tables import as_table as _as_table
from siting.study.layer_tables import as_tables as _as_tables
from siting.study.locate_table import LocateTable as LocateTable
from siting.study.parking_table import ParkingTable
from siting.study.services_table import ServicesTable
from siting.study.toilets_table import ToiletsTable
from siting.study.travellers import Mode as Mode
from siting.study.travellers import Traveller, Walker
from siting.study.waste_table import WasteTable

OSM_WORD = "osm"
"""Written in place of a path where a layer should come from the study's OSM file."""
ESTIMATE_WORD = "estimate"
"""Written as the demand source where people are estimated from residential buildings."""
STREETS_WORD = "streets"
"""Written as the demand source where nothing but streets is known: points along them are the units to serve."""

STUDY_LAYERS = ("water", "green", "buildings", "residential", "streets")
"""Written in `[suitability]` in place of a path: a layer that the study has anyway."""


class ZoneTable(LayerTable):
    """A layer of zones."""

    level: str | None = Field(
        default=None, description="name of the level, for instance community; default: file or layer"
    )

    @property
    def level_name(self) -> str:
        """The level as results name it."""
        stem = self.source.replace("\\", "/").rsplit("/", 1)[-1].split(".", 1)[0]
        return self.level or self.layer or stem


class FacilityTable(LayerTable):
    """A layer of facilities of one class."""

    capacity: str | None = Field(default=None, description="column with the capacity")
    add_to_osm: bool = Field(default=False, description="keep the OSM facilities of this class beside the layer")


class StudyTable(Table):
    """`[study]`: the frame of the study."""

    name: str = Field(min_length=1)
    title_zh: str | None = None
    title_en: str | None = None
    crs: str | None = None
    boundary: Annotated[list[LayerRef], BeforeValidator(_as_tables)] = Field(
        default_factory=list, description="study area; several layers mean what they have in common"
    )
    zones: Annotated[list[Annotated[ZoneTable, BeforeValidator(_as_table)]], BeforeValidator(_as_tables)] = Field(
        default_factory=list, description="from small to large"
    )
    max_snap_m: PositiveFloat = 500.0
    land_cell_m: PositiveFloat = 25.0
    rule_packs: list[str] = Field(default_factory=list)
    attribution: list[str] = Field(default_factory=list, description="credit lines that maps and reports must show")
    note_zh: str | None = Field(
        default=None, description="a warning every map and report shows, for instance synthetic data"
    )
    note_en: str | None = None


class StreetsTable(LayerTable):
    """`[streets]`: the street network."""

    modes: list[Mode] = Field(default=["walk"], min_length=1)
    elevation: str | None = None
    profile: Walker = Field(default="adult", description="who walks, for rules in minutes on foot")
    snap_tolerance_m: PositiveFloat = Field(
        default=0.1, description="ends of lines this close are one node (line layers)"
    )
    node_crossings: bool = Field(
        default=True,
        description="join lines where they cross without a common vertex, bridges and tunnels excepted (line layers)",
    )
    min_component_share: float = Field(default=0.01, ge=0, le=1)


class DemandTable(LayerTable):
    """`[demand]`: where people are."""

    population: str | None = None
    bands: list[PositiveInt] | None = Field(default=None, description="bands of a population GeoTIFF to add up")
    total: float | None = Field(default=None, gt=0)
    m2_per_person: PositiveFloat | None = None
    buildings: LayerRef | None = None
    floors: str | None = Field(default=None, description="column of the buildings layer with the number of floors")
    groups: dict[str, str] = Field(default_factory=dict)
    cars: str | None = Field(default=None, description="column with the cars of residents, for parking and charging")
    households: str | None = Field(
        default=None, description="column with the households, for parking by household and sheds of old estates"
    )
    unit: Literal["building", "parcel", "estate"] | None = Field(
        default=None, description="what one row is, if it is a unit"
    )
    cell_m: PositiveFloat | None = None
    fill: float | None = Field(
        default=None, ge=0, description="value for missing populations; recorded in the evidence"
    )

    @model_validator(mode="after")
    def _estimate_needs_a_figure(self) -> "DemandTable":
        if self.source == ESTIMATE_WORD and self.total is None and self.m2_per_person is None:
            msg = 'source = "estimate" needs total = <people in the study area>, or m2_per_person = <floor area each>'
            raise ValueError(msg)
        if self.total is not None and self.m2_per_person is not None:
            msg = "total and m2_per_person exclude each other: give one"
            raise ValueError(msg)
        if self.counts and self.source in (ESTIMATE_WORD, STREETS_WORD):
            msg = f'{" and ".join(self.counts)}: a column of a layer, but source = "{self.source}" has no rows to read'
            raise ValueError(msg)
        return self

    @property
    def counts(self) -> dict[str, str]:
        """Columns that count something beside people, by what they count."""
        return {name: column for name in ("cars", "households") if (column := getattr(self, name)) is not None}


class LandTable(Table):
    """`[land]`: layers for denominators, candidates and exceptions."""

    residential: LayerRef | None = None
    vacant: LayerRef | None = None
    exclusions: dict[str, LayerRef] = Field(default_factory=dict)
    old_estates: LayerRef | None = None
    old_district: LayerRef | None = None
    water: LayerRef | None = None
    buildings: LayerRef | None = None

    @field_validator("exclusions", mode="before")
    @classmethod
    def _name_exclusions(cls, value: Any) -> Any:
        """Accept a path or a list of paths: each is named after its file."""
        if isinstance(value, str):
            value = [value]
        if isinstance(value, list):
            return {Path(_as_table(v)["source"] if isinstance(v, str) else v["source"]).stem: v for v in value}
        return value


class Overrides(Table):
    """A study's own figures for one rule: the verdict is withheld, and every output says so."""

    limit_m: PositiveFloat | None = None
    limit_min: PositiveFloat | None = Field(default=None, description="minutes in place of the rule's limit")
    target_share: float | None = Field(default=None, gt=0, le=1)
    distance: Literal["network", "straight"] | None = None
    denominator: Literal["people", "land", "units"] | None = None
    source: str | None = Field(default=None, description="document and clause that the study's figure comes from")


class AuditTable(Table):
    """One `[[audit]]`."""

    rule: str
    name: str | None = None
    facility: list[str] | None = Field(default=None, description="facility classes that count, in place of the rule's")
    overrides: Overrides = Field(default_factory=Overrides)
    profile: Traveller | None = Field(
        default=None, description="who moves, for a rule in minutes; default: that of [streets], or vehicles"
    )
    direction: Literal["to_facility", "from_facility"] | None = Field(
        default=None, description="which way minutes are counted; default: on foot to the facility, vehicles from it"
    )

    @property
    def label(self) -> str:
        """The name under which results are kept."""
        return self.name or self.rule


class LivingCircleTable(Table):
    """`[living_circle]`: audit the living circles; an empty table takes the defaults."""

    profiles: list[Literal["adult", "elderly", "step_free"]] = Field(
        default=["adult", "elderly", "step_free"], description="who walks, for the judgement in minutes"
    )
    level: str | None = Field(default=None, description="level of zones that is the community; default: the smallest")
    centres: LayerRef | None = Field(default=None, description="points that are the centres of communities")


class GreenTable(Table):
    """`[green]`: audit green and parks; an empty table takes the defaults."""

    local_rules: list[str] = Field(
        default_factory=list, description="rates of a city's own to compute as well, such as park.tianjin.percap"
    )
    raster: GreenRasterTable | None = Field(default=None, description="vegetation index or land cover, for canopy")


class SuitabilityLayer(Table):
    """What a factor or an exclusion is measured from: a file, a layer of the study, or facility classes."""

    name: str = Field(min_length=1, description="short, different for each factor and exclusion")
    name_zh: str | None = None
    name_en: str | None = None
    source: LayerRef | None = Field(
        default=None, description="a path, or a layer of the study: water, green, buildings, residential, streets"
    )
    facility: list[str] | None = Field(default=None, description="facility classes in place of a source")

    @property
    def study_layer(self) -> str | None:
        """The study's own layer that is meant, if one is."""
        return self.source.source if self.source and self.source.source in STUDY_LAYERS else None


class FactorTable(SuitabilityLayer):
    """One factor of `[suitability]`."""

    kind: Literal["slope", "elevation", "raster", "distance", "access", "people"]
    weight: float | None = Field(default=None, ge=0, description="share of the score; made to sum 1")
    worst: float | None = Field(default=None, description="value that scores 0; with best")
    best: float | None = Field(default=None, description="value that scores 1")
    steps: list[float] | None = Field(default=None, description="ascending limits; with scores, one more than these")
    scores: list[float] | None = None
    classes: dict[str, float] | None = Field(default=None, description="score of each class of a raster of classes")
    at_most: float | None = Field(default=None, description="scores 1 up to this value, else 0")
    at_least: float | None = Field(default=None, description="scores 1 from this value on, else 0")
    band: PositiveInt = 1
    method: Literal["auto", "average", "bilinear", "nearest"] = "auto"
    unit: str | None = Field(default=None, description="unit of a raster's values, as outputs show it")
    radius_m: PositiveFloat | None = Field(default=None, description="people within this distance count")


class ExcludeTable(SuitabilityLayer):
    """Ground that is out of the question."""

    buffer_m: float = Field(default=0.0, ge=0)


class SuitabilityTable(Table):
    """`[suitability]`: a weighted overlay on a grid."""

    cell_m: PositiveFloat = 50.0
    factors: list[FactorTable] = Field(min_length=1)
    ahp: list[list[float | str | None]] | None = Field(default=None, description="judgements in place of weights")
    exclude: list[ExcludeTable] = Field(default_factory=list)
    elevation: str | None = Field(default=None, description="GeoTIFF of heights; default: that of [streets]")
    max_slope: float | None = Field(default=None, ge=0, description="steeper ground is out, in slope_unit")
    slope_unit: Literal["degree", "percent"] = "degree"


class OutputsTable(Table):
    """`[outputs]`: the form of what is written."""

    maps: list[Literal["png", "svg", "pdf"]] = Field(default=["png"], min_length=1, description="formats of every map")
    paper: Literal["A4", "A3"] = "A4"


class StudyFile(Table):
    """A whole study file."""

    study: StudyTable
    streets: Annotated[StreetsTable, BeforeValidator(_as_table)] | None = None
    demand: Annotated[DemandTable, BeforeValidator(_as_table)]
    facilities: dict[str, str | FacilityTable] = Field(default_factory=dict)
    land: LandTable = Field(default_factory=LandTable)
    audit: list[AuditTable] = Field(default_factory=list)
    locate: list[LocateTable] = Field(default_factory=list)
    services: list[ServicesTable] = Field(default_factory=list)
    living_circle: LivingCircleTable | None = None
    green: GreenTable | None = None
    toilets: ToiletsTable | None = None
    parking: ParkingTable | None = None
    charging: ChargingTable | None = None
    waste: WasteTable | None = None
    suitability: SuitabilityTable | None = None
    outputs: OutputsTable = Field(default_factory=OutputsTable)

    @field_validator("facilities", mode="before")
    @classmethod
    def _facility_tables(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: v if k == OSM_WORD else _as_table(v) for k, v in value.items()}
        return value

    def charging_layers(self) -> list[tuple[str, LayerTable | None]]:
        """Layers that `[charging]` names, by key."""
        stations = None if self.charging is None else self.charging.stations
        sheds = None if self.charging is None else self.charging.sheds
        return [
            *((f"charging.stations.{k}", getattr(stations, k, None)) for k in ("car_parks", "fuel_stations", "vacant")),
            ("charging.sheds.existing", None if sheds is None else sheds.existing),
        ]

    def parking_layers(self) -> list[tuple[str, LayerTable | None]]:
        """Layers that `[parking.sites]` names, by key."""
        sites = None if self.parking is None else self.parking.sites
        return [(f"parking.sites.{k}", getattr(sites, k, None)) for k in ("vacant", "plots", "kerb")]

    @property
    def osm_source(self) -> str | None:
        """The OSM file that facilities, green, buildings and land may come from."""
        given = self.facilities.get(OSM_WORD)
        return given if isinstance(given, str) else None
