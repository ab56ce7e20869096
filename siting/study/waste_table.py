"""`[waste]`: how much waste arises, from whom and of which stream; its parts have tables of their own."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, model_validator

from siting.study.layer_tables import LayerRef, LayerTable, Table
from siting.study.waste_chain_table import WasteChainTable
from siting.study.waste_plants_table import WastePlantTable
from siting.study.waste_points_table import WastePointsTable
from siting.study.waste_stations_table import WasteStationsTable

StreamName = Literal["kitchen", "recyclable", "hazardous", "other", "construction", "bulky"]
Shares = dict[StreamName, NonNegativeFloat]


class WasteSourceTable(Table):
    """One of `[[waste.sources]]`: places that make waste, other than homes."""

    origin: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$", description="business, food, market, construction, or a word of yours"
    )
    layer: LayerRef | None = Field(default=None, description="points or areas; or give facility")
    facility: list[str] | None = Field(default=None, description="facility classes of the study in place of a layer")
    t_day: str | None = Field(default=None, description="column with tonnes per day, all streams together")
    t_day_of: dict[StreamName, str] | None = Field(default=None, description="columns with tonnes per day by stream")
    kg_per_unit_day: PositiveFloat | None = Field(default=None, description="kilograms a unit makes in a day, assumed")
    units: str | None = Field(default=None, description="column with the units; default: a row is one unit")
    unit_zh: str | None = None
    unit_en: str | None = None
    shares: Shares | None = Field(default=None, description="of the streams, adding up to 1")
    name_zh: str | None = None
    name_en: str | None = None
    source_zh: str | None = Field(default=None, description="where the figures come from")
    source_en: str | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> "WasteSourceTable":
        if (self.layer is None) == (self.facility is None):
            msg = "give either layer or facility"
            raise ValueError(msg)
        if sum(x is not None for x in (self.t_day, self.t_day_of, self.kg_per_unit_day)) != 1:
            msg = "give one of t_day, t_day_of and kg_per_unit_day"
            raise ValueError(msg)
        if self.origin == "people":
            msg = "origin 'people' is the demand of the study; name this source otherwise"
            raise ValueError(msg)
        return self


class WasteYearTable(Table):
    """One of `[[waste.years]]`: factors against today."""

    year: int
    people: PositiveFloat = Field(default=1.0, description="people, times those of today")
    rate: PositiveFloat = Field(default=1.0, description="waste of a person, times that of today")
    others: dict[str, PositiveFloat] = Field(default_factory=dict, description="tonnes of other sources, by origin")


class ContainerTable(Table):
    """`[waste.container]`: for volumes and the number of bins."""

    density_t_m3: dict[StreamName, PositiveFloat] = Field(description="tonnes a cubic metre by stream, assumed")
    volume_m3: PositiveFloat = Field(description="of one container")


class WasteTable(Table):
    """`[waste]`: how much waste arises; an empty table takes the range of waste.percap for people."""

    kg_per_person_day: PositiveFloat | None = Field(
        default=None, description="of a resident; default: the unverified range"
    )
    shares: Shares | None = Field(default=None, description="of the streams of residents' waste, adding up to 1")
    basis: Literal["mean", "design"] = Field(
        default="mean", description="tonnes of a mean day, or times A1 and A2 as the formula has it"
    )
    a1: PositiveFloat | None = Field(default=None, description="unevenness of weight; default: the clause's range")
    a2: PositiveFloat | None = Field(default=None, description="variation of population")
    a3: PositiveFloat | None = Field(default=None, description="variation of density")
    a4: PositiveFloat | None = Field(default=None, description="days from one emptying to the next")
    b: PositiveFloat | None = Field(default=None, description="how full containers are")
    k: PositiveFloat | None = Field(default=None, description="peak of the volume")
    container: ContainerTable | None = None
    sources: list[WasteSourceTable] = Field(default_factory=list)
    base_year: int | None = Field(default=None, description="year of today's figures, where years are given")
    years: list[WasteYearTable] = Field(default_factory=list)
    source_zh: str | None = Field(default=None, description="where the figures about residents come from")
    source_en: str | None = None
    points: WastePointsTable | None = None
    stations: WasteStationsTable | None = None
    chain: WasteChainTable | None = None
    plants: list[WastePlantTable] = Field(default_factory=list)

    @model_validator(mode="after")
    def _belongs(self) -> "WasteTable":
        if self.years and self.base_year is None:
            msg = "years need base_year, the year of today's figures"
            raise ValueError(msg)
        if self.basis == "design" and (self.a1 is None or self.a2 is None):
            msg = "basis = \"design\" needs a1 and a2, the study's own choice within the clause's ranges"
            raise ValueError(msg)
        names = [source.origin for source in self.sources]
        if len(set(names)) < len(names):
            msg = "two sources have the same origin; give each its own word"
            raise ValueError(msg)
        labels = [plant.label for plant in self.plants]
        if len(set(labels)) < len(labels):
            twice = next(n for n in labels if labels.count(n) > 1)
            msg = f"two plants are called '{twice}'; give each its own name"
            raise ValueError(msg)
        return self

    def own_layers(self) -> Iterator[tuple[str, LayerTable | None]]:
        """Layers of the sources, by key."""
        yield from ((f"waste.sources[{i + 1}].layer", source.layer) for i, source in enumerate(self.sources))

    def layers(self) -> Iterator[tuple[str, LayerTable | None]]:
        """Layers that the table and its parts name, by key."""
        yield from self.own_layers()
        for part in (self.points, self.stations, self.chain, *self.plants):
            if part is not None:
                yield from part.layers()
