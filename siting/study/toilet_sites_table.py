"""`[[toilets.sites]]`: where the next public toilets go; `[toilets.opening]`: toilets of buildings that could open."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from siting.study.layer_tables import LayerRef, Table

PlaceKind = Literal["street", "park", "square", "station", "vacant", "building"]


def _as_list(value: Any) -> Any:
    """Accept one word where a list is asked."""
    return [value] if isinstance(value, str) else value


def _number_or_rule(value: Any) -> Any:
    """Say once what a number of toilets may be: two kinds of value would be two complaints."""
    if isinstance(value, str) or value is None or (type(value) is int and value > 0):
        return value
    msg = "should be a whole number above 0, or the id of a rule that states one"
    raise ValueError(msg)


class FootfallTable(Table):
    """One of `[toilets.sites.footfall]`: busy places, as a stand-in for people who are out."""

    source: LayerRef | None = Field(default=None, description="a layer, or a GeoTIFF of counts")
    facility: list[str] | None = Field(default=None, description="facility classes in place of a source")
    weight: NonNegativeFloat = Field(description="what one place (one unit of column or raster) counts, people being 1")
    column: str | None = Field(default=None, description="figures of the layer; default: each place counts once")
    bands: list[PositiveInt] | None = Field(default=None, description="bands of a GeoTIFF to add up")
    name_zh: str | None = None
    name_en: str | None = None

    @model_validator(mode="after")
    def _one_source(self) -> "FootfallTable":
        if (self.source is None) == (self.facility is None):
            msg = "say what the busy places are: source (a layer or a GeoTIFF) or facility (class ids), one of them"
            raise ValueError(msg)
        if self.facility is not None and (self.column is not None or self.bands is not None):
            msg = "column and bands are about a source: facilities count once each"
            raise ValueError(msg)
        raster = self.is_raster
        if self.source is not None and raster and self.column is not None:
            msg = "a GeoTIFF has bands and no columns: leave column out"
            raise ValueError(msg)
        if self.source is not None and not raster and self.bands is not None:
            msg = "bands are about a GeoTIFF: leave them out, or name a column"
            raise ValueError(msg)
        return self

    @property
    def is_raster(self) -> bool:
        """Whether the source is a GeoTIFF."""
        return self.source is not None and self.source.source.lower().endswith((".tif", ".tiff"))


class ToiletSitesTable(Table):
    """`[[toilets.sites]]`: where the next public toilets go; one table alone may be written `[toilets.sites]`."""

    name: str | None = Field(default=None, description="tells several of them apart")
    title_zh: str | None = None
    title_en: str | None = None
    p: Annotated[PositiveInt | str | None, BeforeValidator(_number_or_rule)] = Field(
        default=None,
        description="so many toilets, or a rule that states a number, such as wc.program.tianjin; "
        "default: the fewest (with costs: the cheapest) that meet radius, spacing and density together",
    )
    kinds: list[PlaceKind] | None = Field(
        default=None, min_length=1, description="kinds of places; default: all that the study has layers for"
    )
    layers: dict[PlaceKind, LayerRef] = Field(
        default_factory=dict,
        description="places of a kind; default: the study's parks, squares, stations, vacant plots",
    )
    buildings: list[str] = Field(
        default_factory=list,
        description="facility classes whose buildings are assumed to have a toilet that could open, as places of kind "
        "building",
    )
    costs: dict[PlaceKind, NonNegativeFloat] | None = Field(
        default=None, description="of one toilet by kind of place, the study's own"
    )
    cost_unit_zh: str | None = None
    cost_unit_en: str | None = None
    spacing_m: PositiveFloat = Field(default=100.0, description="distance between places along a street")
    min_area_m2: float | None = Field(default=None, ge=0, description="smallest free ground that is considered")
    footway_m: NonNegativeFloat = Field(default=0.0, description="strip beside streets that stays free for walking")
    separations: dict[str, LayerRef] = Field(
        default_factory=dict,
        description="by rule, what a toilet keeps away from: wc.sep.water, wc.sep.tank, wc.sep.food",
    )
    radius: str | Literal[False] = Field(
        default="wc.radius.mandatory", description="rule of the distance that serves; false: none is required"
    )
    distance: Literal["network", "straight"] | None = Field(
        default=None, description="how far is measured; default: as the rule's clause means it"
    )
    spacing: bool = Field(default=False, description="close the stretches that [toilets.spacing] finds too long")
    level: str | None = Field(
        default=None,
        description="zones that have to reach the density, or city; default: density is told, not required",
    )
    density: Annotated[list[str], BeforeValidator(_as_list)] = Field(
        default=["wc.density.town_seed"], min_length=1, description="density that is meant, or those of land classes"
    )
    shortfall: dict[str, int] | None = Field(
        default=None, description="new toilets by zone of level, in place of the density"
    )
    people_weight: NonNegativeFloat = Field(default=1.0, description="what one resident counts")
    footfall: dict[str, FootfallTable] = Field(default_factory=dict, description="busy places by name")
    serve: Literal["all", "reachable"] = Field(
        default="all", description="reachable: what no place can mend is left out and listed, not refused"
    )
    required: list[str] = Field(default_factory=list)
    excluded: list[str] = Field(default_factory=list)
    min_spacing_m: PositiveFloat | None = None
    seed: int = Field(default=0, ge=0)
    time_limit_s: PositiveFloat = 60.0
    mip_gap: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _belongs(self) -> "ToiletSitesTable":
        if self.p is None and self.radius is False and not self.spacing and self.level is None:
            msg = "nothing is required: give p, or radius, spacing or level"
            raise ValueError(msg)
        if self.p is not None and self.radius is False:
            msg = "p toilets serve most within a radius: leave radius = false out"
            raise ValueError(msg)
        if self.people_weight == 0 and not self.footfall and (self.p is not None or self.radius is not False):
            msg = "people_weight is 0 and there is no footfall: nobody would be served; give one of them"
            raise ValueError(msg)
        if self.shortfall is not None and self.level is None:
            msg = "shortfall is by zone: say of which level"
            raise ValueError(msg)
        if self.costs is None and (self.cost_unit_zh or self.cost_unit_en):
            msg = "cost_unit_zh and cost_unit_en are about costs: give them too"
            raise ValueError(msg)
        stray = [k for k in self.layers if self.kinds is not None and k not in self.kinds]
        if stray:
            msg = f"layers has {stray[0]}, which kinds leaves out: keep one of them"
            raise ValueError(msg)
        if self.buildings and ("building" in self.layers or (self.kinds is not None and "building" not in self.kinds)):
            msg = "buildings are places of kind building, which kinds leaves out or layers gives: keep one of them"
            raise ValueError(msg)
        lacking = [k for k in self.kinds or () if self.costs is not None and k not in self.costs]
        if lacking:
            msg = f"costs say nothing of {', '.join(lacking)}: state what one toilet there costs, or leave the kind out"
            raise ValueError(msg)
        both = sorted(set(self.required) & set(self.excluded))
        if both:
            msg = f"required and excluded at once: {', '.join(both)}"
            raise ValueError(msg)
        return self


class ToiletOpeningTable(Table):
    """`[toilets.opening]`: what opening toilets of public buildings to everybody gives."""

    source: LayerRef | None = Field(default=None, description="buildings with a toilet that could open")
    hours: str | None = Field(default=None, description="column of source with the opening hours")
    facility: list[str] = Field(
        default_factory=list, description="facility classes whose buildings are assumed to have a toilet"
    )
    restricted: bool = Field(default=True, description="toilets of the OSM file that are not open to everybody, too")
    distance: Literal["network", "straight"] | None = Field(
        default=None, description="how far is measured; default: as the rule's clause means it"
    )

    @model_validator(mode="after")
    def _something(self) -> "ToiletOpeningTable":
        if self.source is None and not self.facility and not self.restricted:
            msg = "nothing could open: give source or facility, or restricted = true"
            raise ValueError(msg)
        if self.hours is not None and self.source is None:
            msg = "hours is a column of source: give the layer too"
            raise ValueError(msg)
        return self
