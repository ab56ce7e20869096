"""`[charging]`: spaces ready for electric cars, stations and where the next go, sheds for electric bicycles."""

from typing import Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from siting.study.layer_tables import LayerRef, Table


class StationSizeTable(Table):
    """One of `[[charging.stations.sizes]]`."""

    name: str = Field(min_length=1)
    chargers: PositiveInt
    kw_each: PositiveFloat = Field(description="power of one charger")
    cost: NonNegativeFloat = Field(description="of a station of this size, without the site")
    per_charger_day: PositiveFloat | None = Field(
        default=None, description="what one of its chargers can give in a day; default: that of [charging]"
    )


class StationsTable(Table):
    """`[charging.stations]`: where the next charging stations go, and how large."""

    sizes: list[StationSizeTable] = Field(min_length=1)
    p: PositiveInt | None = Field(
        default=None, description="most new stations; default: all that is in reach, at least cost"
    )
    car_parks: LayerRef | None = Field(
        default=None, description="with grid_kw, and site_cost if sites cost; default: the public car parks"
    )
    fuel_stations: LayerRef | None = None
    assumed_grid_kw: PositiveFloat | None = Field(
        default=None, description="power of places whose layer states none, assumed; default: they are no candidates"
    )
    vacant: LayerRef | None = Field(default=None, description="default: [land] vacant")
    required: list[str] = Field(default_factory=list)
    excluded: list[str] = Field(default_factory=list)
    min_spacing_m: PositiveFloat | None = None
    seed: int = Field(default=0, ge=0)
    time_limit_s: PositiveFloat = 60.0
    mip_gap: float = Field(default=0.0, ge=0, lt=1)


class ShedsTable(Table):
    """`[charging.sheds]`: sheds for electric bicycles in the old estates of `[land]`."""

    walk_m: PositiveFloat = Field(description="longest way from a home to its shed, the study's own")
    separation: PositiveFloat | str = Field(
        description="least distance from buildings: metres, the study's own, or the id of a rule"
    )
    existing: LayerRef | None = Field(default=None, description="sheds that stand")
    distance: Literal["straight", "network"] = "straight"
    radius_m: NonNegativeFloat = Field(default=0.0, description="of the circle that holds a shed")
    step_m: PositiveFloat = Field(default=10.0, description="of the grid of places")
    bikes_per_shed: PositiveInt | None = None
    bikes_per_household: PositiveFloat | None = None
    people_per_household: PositiveFloat | None = None
    seed: int = Field(default=0, ge=0)
    time_limit_s: PositiveFloat = Field(default=30.0, description="for each estate: fewest sheds, then least walking")
    mip_gap: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _bikes_belong(self) -> "ShedsTable":
        if (self.bikes_per_shed is None) != (self.bikes_per_household is None):
            msg = "bikes_per_shed and bikes_per_household belong together: give both"
            raise ValueError(msg)
        return self


class ChargingTable(Table):
    """`[charging]`: audit charging; an empty table counts spaces and stations only."""

    ev_spaces: str = Field(default="ev_spaces", description="column of car parks: spaces equipped or prepared")
    kind: str = Field(
        default="ev_kind", description="column of car parks: new_housing, public_lot, public_building, other"
    )
    chargers: str = Field(default="chargers", description="column of charging stations with their chargers")
    rules: dict[Literal["new_housing", "public_lot", "public_building", "other"], list[str]] = Field(
        default_factory=dict, description="rules by kind of lot, in place of the national ones"
    )
    reach_m: PositiveFloat | None = Field(default=None, description="radius of a station, the study's own")
    ev_share: float | None = Field(default=None, gt=0, le=1, description="share of cars that are electric, assumed")
    cars_per_person: PositiveFloat | None = None
    per_ev_day: PositiveFloat | None = Field(
        default=None, description="what an electric car takes from public stations in a day"
    )
    per_charger_day: PositiveFloat | None = Field(default=None, description="what a charger can give in a day")
    unit: Literal["charge", "kwh"] = Field(default="charge", description="of per_ev_day and per_charger_day")
    source_zh: str | None = Field(default=None, description="where the assumed figures come from")
    source_en: str | None = None
    stations: StationsTable | None = None
    sheds: ShedsTable | None = None

    @model_validator(mode="after")
    def _figures_belong(self) -> "ChargingTable":
        figures = {
            "cars_per_person": self.cars_per_person,
            "per_ev_day": self.per_ev_day,
            "per_charger_day": self.per_charger_day,
        }
        alone = [name for name, value in figures.items() if value is not None]
        if alone and self.ev_share is None:
            msg = f"{alone[0]} has no meaning without ev_share"
            raise ValueError(msg)
        if self.stations is not None:
            lacking = [name for name in ("ev_share", "per_ev_day", "per_charger_day", "reach_m")
                       if getattr(self, name) is None]  # fmt: skip
            if lacking:
                msg = f"[charging.stations] needs {', '.join(lacking)} in [charging]"
                raise ValueError(msg)
        return self
