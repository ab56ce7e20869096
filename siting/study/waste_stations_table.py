"""`[waste.stations]`: plots tested for transfer stations, and the stations that stand audited."""

from collections.abc import Iterator
from typing import Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, model_validator

from siting.study.layer_tables import LayerRef, LayerTable, Table

StreamName = Literal["kitchen", "recyclable", "hazardous", "other", "construction", "bulky"]
ClassName = Literal["I", "II", "III", "IV", "V"]


class WasteKeepTable(Table):
    """One of `[[waste.stations.keep]]` or of `keep` in `[[waste.plants]]`: what a site keeps away from."""

    name: str = Field(
        pattern=r"^[a-z][a-z0-9_]*$",
        description="a word of yours; for plants homes, schools, hospitals, water_source, rivers, airports and "
        "reserves are named by clauses",
    )
    layer: LayerRef | None = Field(default=None, description="points, lines or areas; or give facility")
    facility: list[str] | None = Field(default=None, description="facility classes of the study in place of a layer")
    distance_m: NonNegativeFloat | None = Field(
        default=None, description="the study's own, edge to edge; 0: may not overlap. Clauses hold beside it"
    )
    avoid: bool = Field(
        default=False, description="a place that waste.ts.avoid names (school, restaurant, crossing); for stations"
    )
    name_zh: str | None = None
    name_en: str | None = None
    source_zh: str | None = Field(default=None, description="on whose word the distance is")
    source_en: str | None = None

    @model_validator(mode="after")
    def _one_of_each(self) -> "WasteKeepTable":
        if (self.layer is None) == (self.facility is None):
            msg = f"keep '{self.name}': give either layer or facility"
            raise ValueError(msg)
        return self


class StationCostTable(Table):
    """`[waste.stations.costs.<class>]`: what a station of a class costs, the study's own."""

    fixed_cost_day: NonNegativeFloat
    cost_per_t: NonNegativeFloat = 0.0


class WasteStationsTable(Table):
    """`[waste.stations]`: an empty table tests the study's vacant land and audits its stations."""

    plots: LayerRef | None = Field(default=None, description="areas to test; default: vacant land of [land]")
    existing: LayerRef | None = Field(
        default=None, description="transfer stations that stand; default: facilities of class waste_transfer"
    )
    homes: LayerRef | None = Field(default=None, description="homes, named where they are the nearest building")
    keep: list[WasteKeepTable] = Field(default_factory=list)
    costs: dict[ClassName, StationCostTable] = Field(default_factory=dict)
    only: list[ClassName] | None = Field(default=None, description="classes to try; default: all")
    advisory: list[str] = Field(
        default_factory=list,
        description="tests told but not binding: land, shape, spacing, free, road, or the name of a keep",
    )
    max_road_m: PositiveFloat | None = Field(default=None, description="farthest from a street, the study's own")
    min_width_m: PositiveFloat | None = Field(
        default=None, description="largest circle inside the belt, metres across, the study's own"
    )
    streams: list[StreamName] = Field(default_factory=list, description="that new stations take; empty: all")
    limits: dict[Literal["hand", "small", "large"], PositiveFloat] = Field(
        default_factory=dict, description="metres by way of collecting, the study's own beside the clauses"
    )
    limits_zh: str | None = Field(default=None, description="on whose word the limits are")
    limits_en: str | None = None
    rural: bool = Field(default=False, description="judge collection stations by the rural rules too")
    estates: LayerRef | None = Field(default=None, description="closed estates, as areas")
    plants: LayerRef | None = Field(default=None, description="where stations send to, for one stage or two")

    @model_validator(mode="after")
    def _names_once(self) -> "WasteStationsTable":
        names = [k.name for k in self.keep]
        if len(set(names)) < len(names):
            msg = f"keep '{next(n for n in names if names.count(n) > 1)}' is named twice"
            raise ValueError(msg)
        return self

    def layers(self) -> Iterator[tuple[str, LayerTable | None]]:
        """Layers that the table names, by key."""
        for key in ("plots", "existing", "homes", "estates", "plants"):
            yield f"waste.stations.{key}", getattr(self, key)
        for keep in self.keep:
            yield f"waste.stations.keep.{keep.name}", keep.layer
