"""`[toilets]`: what the columns of the toilet layer hold, and the layers that the audit of toilets looks at."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, PositiveFloat, StringConstraints, model_validator

from siting.study.layer_tables import LayerRef, Table, as_tables
from siting.study.toilet_sites_table import ToiletOpeningTable, ToiletSitesTable
from siting.study.toilet_spacing_table import ToiletSpacingTable

Moment = Annotated[str, StringConstraints(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class ToiletColumnsTable(Table):
    """`[toilets.columns]`: columns of the toilet layer."""

    female: str | None = Field(default=None, description="female stalls")
    male: str | None = Field(default=None, description="male stalls, without urinals where these have a column")
    urinals: str | None = None
    unisex: str | None = Field(default=None, description="stalls for everybody")
    accessible: str | None = Field(default=None, description="accessible stalls")
    family: str | None = Field(default=None, description="family rooms")
    stalls: str | None = Field(default=None, description="stalls in all; default: the capacity of the layer")
    women: str | None = Field(default=None, description="women who use it at the busiest hour")
    men: str | None = Field(default=None, description="men who use it at the busiest hour")
    hours: str | None = Field(default=None, description="opening hours; default: opening_hours of an OSM file")
    place_type: str | None = Field(default=None, description="kind of place that the toilet belongs to")
    grade: str | None = Field(default=None, description="class of the toilet, for clauses about one class")
    duplicate_of: str | None = Field(default=None, description="id of the row that this one repeats")


class ToiletUseTable(Table):
    """`[toilets.use]`: how people at busy places become users, and users stalls; the study's own assumptions."""

    users_per_stall: PositiveFloat = Field(description="men whom one stall or urinal takes in the busiest hour")
    women_share: float | None = Field(default=None, ge=0, le=1, description="women among people not told apart")
    use_share: float | None = Field(default=None, ge=0, le=1, description="those of the people who use the toilet")

    @model_validator(mode="after")
    def _both_shares(self) -> "ToiletUseTable":
        if (self.women_share is None) != (self.use_share is None):
            msg = "women_share and use_share go together: both turn footfall into users"
            raise ValueError(msg)
        return self


class ToiletsTable(Table):
    """`[toilets]`: audit public toilets; an empty table takes the defaults."""

    columns: ToiletColumnsTable = ToiletColumnsTable()
    crowded: list[str] | None = Field(
        default=None, description="values of place_type that are crowded places; default: the kind is unknown"
    )
    land_use: LayerRef | None = Field(default=None, description="polygons with a class; default: [land] residential")
    land_use_class: str = Field(default="class", description="column with the class, for instance codes of GB 50137")
    land_use_classes: dict[str, Literal["residential", "public", "transport_green", "industry", "no_clause"]] = Field(
        default_factory=dict, description="what values of that column mean, where they are no codes of GB 50137"
    )
    beside_m: float = Field(
        default=0.0, ge=0, description="a toilet on no classed land, but this near to some, counts there"
    )
    busy: LayerRef | None = Field(
        default=None, description="places where people gather; default: markets, stations, parks and the like"
    )
    footfall: str | None = Field(default=None, description="column of busy: people at the busiest hour")
    slots: dict[str, Moment] = Field(
        default={"day": "12:00", "night": "23:00"},
        min_length=1,
        description="times of day at which toilets should be open",
    )
    use: ToiletUseTable | None = Field(
        default=None, description="stalls that busy places need, from women and men (columns of busy) or footfall"
    )
    at_place_m: PositiveFloat = Field(default=50.0, description="a toilet this near to a place is the place's own")
    spacing: ToiletSpacingTable | None = Field(
        default=None, description="audit the spacing along streets, too; an empty table takes the defaults"
    )
    sites: Annotated[list[ToiletSitesTable], BeforeValidator(as_tables)] = Field(
        default_factory=list, description="where the next toilets go: one table, or several with names"
    )
    opening: ToiletOpeningTable | None = Field(
        default=None, description="toilets of public buildings that could open to everybody: what each would give"
    )

    @model_validator(mode="after")
    def _belongs(self) -> "ToiletsTable":
        if self.footfall is not None and self.busy is None:
            msg = "footfall is a column of busy: give the layer too"
            raise ValueError(msg)
        if self.land_use is None and (self.land_use_classes or self.land_use_class != "class"):
            msg = "land_use_class and land_use_classes are about land_use: give the layer too"
            raise ValueError(msg)
        if self.crowded is not None and self.columns.place_type is None:
            msg = "crowded are values of the column place_type: name it in columns"
            raise ValueError(msg)
        return self
