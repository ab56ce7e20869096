"""`[[waste.plants]]`: where a plant or a yard may stand, and where it should."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from siting.study.layer_tables import LayerRef, LayerTable, Table
from siting.study.waste_stations_table import WasteKeepTable

Direction = Literal[
    "N", "NNE", "NE", "ENE", "E", "ESE", "SE", "SSE", "S", "SSW", "SW", "WSW", "W", "WNW", "NW", "NNW"
]  # fmt: skip


class PlantCriterionTable(Table):
    """One of `criteria` in `[[waste.plants]]`."""

    name: str = Field(
        description="haul, homes, people, downwind, area, road, suitability, or a column of the candidates"
    )
    better: Literal["more", "less"] | None = Field(default=None, description="which is better, for a column")
    worst: float | None = Field(default=None, description="value that scores 0; default: the worst candidate's")
    best: float | None = Field(default=None, description="value that scores 1")
    name_zh: str | None = None
    name_en: str | None = None
    unit_zh: str | None = None
    unit_en: str | None = None


class WastePlantTable(Table):
    """One of `[[waste.plants]]`."""

    kind: Literal[
        "incinerator", "landfill", "small_landfill", "kitchen", "construction", "sorting", "bulky", "medical", "e_waste"
    ]
    name: str | None = Field(
        default=None, pattern=r"^[a-z][a-z0-9_]*$", description="tells two of one kind apart; default: the kind"
    )
    candidates: LayerRef | None = Field(default=None, description="areas; default: vacant land of [land]")
    sources: LayerRef | None = Field(
        default=None, description="points with tonnes; default: what [waste] says arises of the kind's streams"
    )
    existing: LayerRef | None = Field(
        default=None, description="plants of the kind that stand; default: facilities of class incinerator or landfill"
    )
    weight: str | None = Field(default=None, description="column of the sources in place of the streams' tonnes")
    keep: list[WasteKeepTable] = Field(default_factory=list)
    weights: dict[str, NonNegativeFloat] | None = Field(default=None, description="of criteria; made to sum 1")
    judgements: list[list[float | str | None]] | None = Field(
        default=None, description="pairwise (AHP) in place of weights, in the order of criteria"
    )
    criteria: list[PlantCriterionTable] = Field(default_factory=list)
    p: PositiveInt = Field(default=1, description="most plants of the plan of least haul")
    min_area_m2: PositiveFloat | None = Field(default=None, description="smallest plot, the study's own")
    max_road_m: PositiveFloat | None = Field(default=None, description="farthest from a street, the study's own")
    min_served: float | None = Field(
        default=None,
        gt=0,
        le=1,
        description="share of the amount that must have a way to a candidate; default: 0.95 for one that serves alone",
    )
    capacity_t_day: PositiveFloat | None = Field(default=None, description="tonnes a day of one new plant")
    m2_per_t_day: PositiveFloat | None = Field(default=None, description="land for a tonne a day, the study's own")
    people_radius_m: PositiveFloat | None = Field(default=None, description="people within it, for that criterion")
    wind: dict[Direction, NonNegativeFloat] | None = Field(
        default=None, description="share of the time by the direction that the wind blows from"
    )
    wind_radius_m: PositiveFloat | None = None
    change: float = Field(default=0.2, gt=0, lt=1, description="share by which weights move in the sensitivity")
    seed: int = Field(default=0, ge=0)
    time_limit_s: PositiveFloat = 60.0

    @model_validator(mode="after")
    def _belong(self) -> "WastePlantTable":
        if self.weights is not None and self.judgements is not None:
            msg = "weights and judgements exclude each other: give one"
            raise ValueError(msg)
        if self.judgements is not None and not self.criteria:
            msg = "judgements need criteria, in the same order"
            raise ValueError(msg)
        if (self.wind is None) != (self.wind_radius_m is None):
            msg = "wind and wind_radius_m belong together: give both"
            raise ValueError(msg)
        names = [k.name for k in self.keep]
        if len(set(names)) < len(names):
            msg = f"keep '{next(n for n in names if names.count(n) > 1)}' is named twice"
            raise ValueError(msg)
        return self

    @property
    def label(self) -> str:
        """The name under which results are kept."""
        return self.name or self.kind

    def layers(self) -> Iterator[tuple[str, LayerTable | None]]:
        """Layers that the table names, by key."""
        yield f"waste.plants.{self.label}.candidates", self.candidates
        yield f"waste.plants.{self.label}.sources", self.sources
        yield f"waste.plants.{self.label}.existing", self.existing
        for keep in self.keep:
            yield f"waste.plants.{self.label}.keep.{keep.name}", keep.layer
