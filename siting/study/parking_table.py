"""`[parking]`: figures that turn people and floors into cars, the times judged, and how far a space serves."""

from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from siting.study.layer_tables import LayerTable, Table, as_table
from siting.study.parking_sites_table import ParkingSitesTable

Slot = Literal["day", "evening", "night", "weekend"]
LotKind = Literal["surface", "building", "underground", "mechanical", "kerb"]
LotUsers = Literal["public", "residents", "private"]
Share = Annotated[float, Field(ge=0, le=1)]


class FloorsTable(LayerTable):
    """`[parking] floors`: floors whose cars look for a space, beside those of residents."""

    use: str = Field(default="use", description="column with the use, a key of spaces_per_100m2")
    floor_area: str = Field(default="floor_area_m2", description="column with the floor area in square metres")


_LOT_COLUMNS = ("kind", "users", "levels", "area_m2", "footway_m", "kerb_on_footway_m")


class LotColumnsTable(Table):
    """`[parking.columns]`: columns of the layers of car parks, beside their capacity."""

    kind: str | None = Field(
        default=None, description="surface, building, underground, mechanical or kerb, in English or Chinese"
    )
    users: str | None = Field(default=None, description="who may use it: public, residents or private")
    levels: str | None = Field(default=None, description="storeys")
    area_m2: str | None = Field(default=None, description="floor area in square metres, of all storeys together")
    footway_m: str | None = Field(default=None, description="width of the footway beside kerb spaces, in metres")
    kerb_on_footway_m: str | None = Field(default=None, description="how much of that width cars take, in metres")
    kind_values: dict[str, LotKind] = Field(default_factory=dict, description="what other words or codes of kind mean")
    users_values: dict[str, LotUsers] = Field(
        default_factory=dict, description="what other words or codes of users mean"
    )

    @model_validator(mode="after")
    def _values_of_columns(self) -> "LotColumnsTable":
        for key, column, values in (
            ("kind", self.kind, self.kind_values),
            ("users", self.users, self.users_values),
        ):
            if values and column is None:
                msg = f"{key}_values has no meaning without {key}, the column that holds them"
                raise ValueError(msg)
        return self

    @property
    def named(self) -> dict[str, str]:
        """The columns that the study names, by what they hold."""
        found = {key: getattr(self, key) for key in _LOT_COLUMNS}
        return {key: column for key, column in found.items() if column is not None}


class ParkingTable(Table):
    """`[parking]`: audit parking; without a figure for cars only the supply is told."""

    cars_per_person: PositiveFloat | None = None
    cars_per_household: PositiveFloat | None = Field(
        default=None, description="times the column households of the demand; excludes cars_per_person"
    )
    source: str | None = Field(
        default=None, description="on whose word these figures are; two languages as 'Chinese / English'"
    )
    floors: Annotated[FloorsTable, BeforeValidator(as_table)] | None = None
    spaces_per_100m2: dict[str, NonNegativeFloat] = Field(
        default_factory=dict, description="cars at 100 m2 of floor, by use"
    )
    shares: dict[str, dict[Slot, Share]] | None = Field(
        default=None, description="share of the cars of a use (home for residents) at each time; default: home at night"
    )
    share_slots: list[Slot] | None = Field(
        default=None, description="times at which lots for their own users are opened to residents; default: night"
    )
    shared_part: Share | None = Field(default=None, description="share of such a lot that residents may take")
    rule: str | None = Field(default=None, description="rule of the walking limit; default: park_lot.radius.now")
    limit_m: PositiveFloat | None = Field(default=None, description="a walking limit of the study's own")
    most_spaces: PositiveInt | None = Field(
        default=None, description="a car park that states more spaces is taken for an error"
    )
    columns: LotColumnsTable = LotColumnsTable()
    sites: ParkingSitesTable | None = None

    @model_validator(mode="after")
    def _belongs(self) -> "ParkingTable":
        if self.cars_per_person is not None and self.cars_per_household is not None:
            msg = "cars_per_person and cars_per_household exclude each other: give one"
            raise ValueError(msg)
        if (self.floors is None) != (not self.spaces_per_100m2):
            msg = "floors and spaces_per_100m2 belong together: give both"
            raise ValueError(msg)
        without = [use for use in self.spaces_per_100m2 if use not in (self.shares or {})]
        if without:
            msg = f"shares lacks {', '.join(without)}, a use of spaces_per_100m2: give shares.{without[0]}"
            raise ValueError(msg)
        return self

    def given(self) -> dict[str, object]:
        """Return what the study sets, by the name of the audit's argument."""
        asked = self.model_dump(exclude_none=True, exclude={"columns", "floors", "sites"})
        return {key: value for key, value in asked.items() if value != {}}


def parking_faults(parking: ParkingTable | None, counts: Mapping[str, str]) -> list[str]:
    """Return what `[parking]` and the columns that `[demand]` names say against each other.

    Parameters
    ----------
    counts : ``cars`` and ``households``, where the study names columns of them
    """
    if parking is None:
        return []
    faults = []
    if parking.cars_per_household is not None and "households" not in counts:
        faults.append(
            "parking.cars_per_household: how many households live where is not known; "
            'add [demand] households = "<column>", or give cars_per_person'
        )
    if "cars" in counts:
        faults += [
            f"parking.{key}: [demand] cars states the cars already; leave one of the two out"
            for key in ("cars_per_person", "cars_per_household")
            if getattr(parking, key) is not None
        ]
    return [*faults, *_sites_faults(parking, counts)]


def _sites_faults(parking: ParkingTable, counts: Mapping[str, str]) -> list[str]:
    """Return what `[parking.sites]` asks that the rest of `[parking]` cannot answer."""
    if parking.sites is None:
        return []
    faults = []
    given = parking.cars_per_person is not None or parking.cars_per_household is not None or parking.floors is not None
    if not given and "cars" not in counts:
        faults.append(
            "parking.sites: without cars there is no shortage; give [parking] cars_per_person or cars_per_household, "
            'or [demand] cars = "<column>"'
        )
    slot = parking.sites.slot
    judged = {"night"} if parking.shares is None else {s for by_slot in parking.shares.values() for s in by_slot}
    if slot is not None and slot not in judged:
        faults.append(
            f"parking.sites.slot: no share is given for '{slot}'; the audit judges {', '.join(sorted(judged))}. "
            f"Add it to [parking] shares"
        )
    return faults
