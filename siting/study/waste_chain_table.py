"""`[waste.chain]`: transfer stations and plants, what carrying costs, and how the chain is sited."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    NonNegativeFloat,
    PositiveFloat,
    PositiveInt,
    StringConstraints,
    model_validator,
)

from siting.study.layer_tables import LayerTable, Table, as_table

PERIOD = r"^\d{4}(-(0[1-9]|1[0-2]))?$"
PeriodName = Annotated[str, BeforeValidator(str), StringConstraints(pattern=PERIOD)]
StreamName = Literal["kitchen", "recyclable", "hazardous", "other", "construction", "bulky"]


class ChainSitesTable(LayerTable):
    """`[waste.chain] stations` and `plants`: points or plots with what they may take and cost."""

    status: str = Field(default="status", description="column: existing, candidate or required")
    capacity_t_day: str = Field(default="capacity_t_day", description="column with the tonnes a day that it can take")
    fixed_cost_day: str = Field(default="fixed_cost_day", description="column with the cost a day of having it")
    cost_per_t: str = Field(default="cost_per_t", description="column with the cost of a tonne that passes")
    streams: str = Field(default="streams", description="column with the streams that it takes, between commas")
    site: str = Field(default="site", description="column: rows of one site are its versions, of which one opens")
    station_class: str = Field(default="station_class", description="column with the class, I to V")
    opens: str = Field(
        default="opens", description="column: from when on it takes waste, as 2019, 2019-06 or 2019-06-15"
    )
    closes: str = Field(default="closes", description="column: from when on it takes none any more")


class ChainRatesTable(Table):
    """`[waste.chain.rates.<stream>]`: what carrying a stream costs, the study's own."""

    collect_per_t_km: NonNegativeFloat = Field(description="a tonne over a kilometre from source to station")
    haul_per_t_km: NonNegativeFloat = Field(description="a tonne over a kilometre from station to plant")
    direct_per_t_km: NonNegativeFloat | None = Field(
        default=None, description="a tonne over a kilometre straight to a plant; default: not allowed"
    )
    collect_load_t: PositiveFloat | None = Field(default=None, description="tonnes of one collecting trip")
    haul_load_t: PositiveFloat | None = Field(default=None, description="tonnes of one haul")
    most_collect_m: PositiveFloat | None = Field(
        default=None, description="longest way by road from a source to its station"
    )


class WasteChainTable(Table):
    """`[waste.chain]`: site transfer stations between the sources of `[waste]` and plants."""

    plants: Annotated[ChainSitesTable, BeforeValidator(as_table)]
    stations: Annotated[ChainSitesTable, BeforeValidator(as_table)] | Literal["fit"] = Field(
        default="fit", description='a layer, or "fit": the plots that [waste.stations] finds fit'
    )
    capacity: Literal["class", "land"] = Field(
        default="land",
        description="of plots that fit: what their land gives of their class, or the upper end whatever the land",
    )
    rates: dict[StreamName, ChainRatesTable] = Field(min_length=1)
    source_zh: str | None = Field(default=None, description="where rates and costs come from")
    source_en: str | None = None
    p: PositiveInt | None = Field(default=None, description="most new stations")
    most_share: float | None = Field(default=None, gt=0, le=1, description="of all tonnes, through one station")
    min_spacing_m: PositiveFloat | None = None
    required: list[str] = Field(default_factory=list)
    excluded: list[str] = Field(default_factory=list)
    truck_weight_t: PositiveFloat | None = Field(
        default=None, description="loaded; ways with a lower legal weight are closed. Default: that of profile truck"
    )
    truck_height_m: PositiveFloat | None = Field(default=None, description="the same for heights")
    failure: bool = Field(default=True, description="say what happens when one station fails")
    most_sources: PositiveInt = Field(default=2000, description="above it sources are taken together, error stated")
    years: dict[PeriodName, PositiveFloat] = Field(
        default_factory=dict,
        description="tonnes of a year (2030) or month (2019-06), times those of today; sites open when they are needed",
    )
    at: PeriodName | None = Field(
        default=None, description="the plan uses what is open in this year or month; default: all sites"
    )
    seed: int = Field(default=0, ge=0)
    time_limit_s: PositiveFloat = 120.0
    mip_gap: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _ids_once(self) -> "WasteChainTable":
        both = sorted(set(self.required) & set(self.excluded))
        if both:
            msg = f"station '{both[0]}' is required and excluded"
            raise ValueError(msg)
        return self

    def layers(self) -> Iterator[tuple[str, LayerTable | None]]:
        """Layers that the table names, by key."""
        yield "waste.chain.plants", self.plants
        yield "waste.chain.stations", self.stations if isinstance(self.stations, ChainSitesTable) else None
