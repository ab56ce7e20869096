"""`[waste.points]`: collection and recycling points, who has one near, and where the next go."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from siting.study.layer_tables import CandidateTable, LayerRef, LayerTable, Table, as_table


class WasteBodiesTable(Table):
    """One of `[[waste.points.bodies]]`: public bodies, or units whose waste must be collected apart."""

    rule: str = Field(default="waste.tj.public_sort", description="rule with the share, such as waste.tj.food")
    layer: LayerRef | None = None
    facility: list[str] | None = None
    sorted: str | None = Field(
        default=None, description="column: yes or no; default: a sorting point within the radius"
    )

    @model_validator(mode="after")
    def _one(self) -> "WasteBodiesTable":
        if (self.layer is None) == (self.facility is None):
            msg = "give either layer or facility"
            raise ValueError(msg)
        return self


class WasteUnitsTable(Table):
    """`[waste.points.pretreatment]`: small units on the ground of those who make most."""

    units: PositiveInt = Field(description="how many, the study's own or its policy's")
    origins: list[str] = Field(min_length=1, description="of [[waste.sources]]")
    stream: Literal["kitchen", "recyclable", "hazardous", "other", "construction", "bulky"] | None = None
    capacity_t_day: PositiveFloat | None = Field(default=None, description="of one unit; default: one a place")
    least_t_day: NonNegativeFloat = Field(default=0.0, description="a place with less gets none")


class WastePilotsTable(Table):
    """`[waste.points.pilots]`: closed estates that try sorting first; `pilots = 2` says only how many."""

    n: PositiveInt = Field(description="how many estates, the study's own or its policy's")
    per_zone: PositiveInt | None = Field(default=None, description="most of one zone, to spread them")
    level: str | None = Field(default=None, description="level of zones for per_zone; default: the smallest")
    least_share: float | None = Field(
        default=None, gt=0, le=1, description="of households within the radius of a point; default: some household"
    )


def _number_of_pilots(value: object) -> object:
    """Accept `pilots = 2` in place of a table."""
    return {"n": value} if isinstance(value, int) and not isinstance(value, bool) else value


class WasteShopsTable(Table):
    """`[waste.points.shops]`: bins of shops, street by street."""

    layer: LayerRef | None = None
    facility: list[str] | None = None
    bins_per_shop: PositiveInt = Field(default=1, description="one shop, one bin: the policy's word")
    bins: str | None = Field(default=None, description="column with the bins that a shop has")
    within_m: PositiveFloat = Field(default=50.0, description="a shop farther from every street belongs to none")

    @model_validator(mode="after")
    def _one(self) -> "WasteShopsTable":
        if (self.layer is None) == (self.facility is None):
            msg = "give either layer or facility"
            raise ValueError(msg)
        return self


class WasteSitesTable(Table):
    """`[waste.points.sites]`: where the next collection points go."""

    rule: str = Field(default="waste.point.gb55013", description="whose radius is served")
    p: PositiveInt | None = Field(default=None, description="most new points; default: as few as serve all in reach")
    distance: Literal["straight", "network"] | None = Field(default=None, description="default: that of the rule")
    candidates: Annotated[CandidateTable, BeforeValidator(as_table)] | None = Field(
        default=None, description="street, vacant, or a layer; default: street, and the ground of closed estates"
    )
    estate_step_m: PositiveFloat = Field(default=20.0, description="of the grid of places inside closed estates")
    required: list[str] = Field(default_factory=list)
    excluded: list[str] = Field(default_factory=list)
    min_spacing_m: PositiveFloat | None = None
    seed: int = Field(default=0, ge=0)
    time_limit_s: PositiveFloat = 60.0
    mip_gap: float = Field(default=0.0, ge=0, lt=1)


class WastePointsTable(Table):
    """`[waste.points]`: audit collection and recycling points; an empty table takes the defaults."""

    estates: LayerRef | None = Field(default=None, description="closed estates; default: [land] old_estates")
    edge_m: NonNegativeFloat = Field(default=10.0, description="a point this near to the edge is the estate's own")
    streams: str = Field(default="streams", description="column of points: streams that they take, between commas")
    sorting: str = Field(default="sorting", description="column of points: whether they sort, yes or no")
    households: str | None = Field(default=None, description="name in [demand] groups with the households")
    people_per_household: PositiveFloat | None = Field(
        default=None, description="assumed, where no column has households"
    )
    recycle_rules: list[str] = Field(
        default=["waste.recycle.1500", "waste.recycle.2000"],
        min_length=1,
        description="rules about households per recycling point; waste.recycle.rural in the country",
    )
    match_m: PositiveFloat = Field(
        default=50.0, description="a recycling point this near to a waste point is joined to it"
    )
    sorted_share: float | None = Field(
        default=None, gt=0, le=1, description="share of a community's people in reach of sorting that makes it covered"
    )
    level: str | None = Field(default=None, description="level of zones that is the community; default: the smallest")
    bodies: list[WasteBodiesTable] = Field(default_factory=list)
    dumps: LayerRef | None = Field(default=None, description="informal dumps")
    pretreatment: WasteUnitsTable | None = None
    shops: WasteShopsTable | None = None
    pilots: Annotated[WastePilotsTable, BeforeValidator(_number_of_pilots)] | None = None
    sites: WasteSitesTable | None = None

    @model_validator(mode="after")
    def _households(self) -> "WastePointsTable":
        if self.households is not None and self.people_per_household is not None:
            msg = "households and people_per_household exclude each other: give one"
            raise ValueError(msg)
        return self

    def layers(self) -> Iterator[tuple[str, LayerTable | None]]:
        """Layers that the table names, by key."""
        yield "waste.points.estates", self.estates
        yield "waste.points.dumps", self.dumps
        yield from ((f"waste.points.bodies[{i + 1}].layer", body.layer) for i, body in enumerate(self.bodies))
        yield "waste.points.shops.layer", None if self.shops is None else self.shops.layer
        yield "waste.points.sites.candidates", None if self.sites is None else self.sites.candidates
