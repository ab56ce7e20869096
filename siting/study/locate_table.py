"""`[[locate]]`: what is sited, by which model, under which conditions."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, NonNegativeInt, PositiveFloat, PositiveInt, model_validator

from siting.study.layer_tables import CandidateTable, LayerRef, Table, as_table
from siting.study.locate_keys import key_faults
from siting.study.travellers import Traveller

Model = Literal[
    "mclp",
    "lscp",
    "backup_coverage",
    "gradual_cover",
    "capacitated_cover",
    "p_median",
    "p_center",
    "p_dispersion",
    "facility_location",
    "capacitated",
]


class ZoneCountTable(Table):
    """`at_least` and `at_most` of `[[locate]]`: how many sites zones must or may have."""

    level: str | None = Field(
        default=None, description="level of zones, as in [study] zones; default: the smallest; the same for both keys"
    )
    sites: NonNegativeInt = Field(default=1, description="new sites and existing facilities together, in each zone")
    zones: list[str] | None = Field(
        default=None, min_length=1, description="ids of the zones that are meant; default: every zone of the level"
    )


class LocateTable(Table):
    """One `[[locate]]`."""

    name: str = Field(min_length=1)
    title_zh: str | None = None
    title_en: str | None = None
    theme: str | None = None
    rule: str | None = None
    facility: list[str] | None = None
    model: Model = "mclp"
    p: PositiveInt | None = None
    budget: PositiveFloat | None = Field(default=None, description="most that new sites may cost together, by cost")
    cost: str | None = Field(
        default=None, description="column of the candidates that says what each costs; area_ha: their free ground"
    )
    cost_per_person_km: PositiveFloat | None = Field(
        default=None, description="what a kilometre of way counts for each person (or unit), in the money of cost"
    )
    capacity: str | PositiveFloat | None = Field(
        default=None, description="most people (or units) a site can serve: a column of the candidates, or one number"
    )
    target: float | None = Field(default=None, gt=0, le=1)
    limit_m: PositiveFloat | None = None
    limit_min: PositiveFloat | None = Field(default=None, description="minutes in place of limit_m")
    reach_m: PositiveFloat | None = Field(
        default=None, description="nobody goes farther: who has no site within it counts as this far away, and is told"
    )
    reach_min: PositiveFloat | None = Field(default=None, description="minutes in place of reach_m")
    profile: Traveller | None = Field(default=None, description="who moves, where the limit is in minutes")
    direction: Literal["to_facility", "from_facility"] | None = None
    candidates: Annotated[CandidateTable, BeforeValidator(as_table)] = CandidateTable(source="street")
    existing: LayerRef | bool = True
    required: list[str] = Field(default_factory=list)
    excluded: list[str] = Field(default_factory=list)
    min_spacing_m: PositiveFloat | None = None
    at_least: ZoneCountTable | None = Field(
        default=None, description="sites that every zone must have, existing facilities included"
    )
    at_most: ZoneCountTable | None = Field(
        default=None, description="sites that every zone may have, existing facilities included"
    )
    min_suitability: float | None = Field(
        default=None, ge=0, le=1, description="candidates that score less in [suitability] are refused"
    )
    weight: Literal["people", "units"] | None = Field(
        default=None, description="what is served; default: people, or units where people are unknown"
    )
    distance: Literal["network", "straight"] | None = Field(
        default=None, description="how far is measured; default: as the rule's clause means it"
    )
    alternatives: int | None = Field(
        default=None, ge=1, le=10, description="other plans to look for that are nearly as good and differ most"
    )
    max_loss: float | None = Field(
        default=None, ge=0, le=1, description="how much worse they may be, as a share of the best; default 0.05"
    )
    seed: int = 0
    time_limit_s: PositiveFloat = 60.0
    mip_gap: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _says_what_its_model_needs(self) -> "LocateTable":
        fault = key_faults(self)
        if fault is not None:
            raise ValueError(fault)
        return self
