"""`[[services]]`: classes of the living circle that are sited together, one building for many."""

from typing import Annotated, Literal

from pydantic import (
    BeforeValidator,
    Field,
    NonNegativeFloat,
    NonNegativeInt,
    PositiveFloat,
    PositiveInt,
    model_validator,
)

from siting.study.layer_tables import CandidateTable, Table, as_table


class ServicesTable(Table):
    """One `[[services]]`."""

    name: str = Field(min_length=1)
    title_zh: str | None = None
    title_en: str | None = None
    classes: list[str] | None = Field(
        default=None, min_length=1, description="classes of the facility table, or its rules; default: those of tier"
    )
    tier: Literal["15min", "10min", "5min", "block"] | None = Field(
        default=None, description="required classes of this tier; beside classes: the tier that is meant"
    )
    p: PositiveInt | None = Field(
        default=None, description="most buildings; default: as few as give everybody in reach every class"
    )
    candidates: Annotated[CandidateTable, BeforeValidator(as_table)] = CandidateTable(source="vacant")
    standing_buildings: bool = Field(
        default=False, description="the candidates are buildings that stand, so nothing is tested against them"
    )
    floor_area: str | PositiveFloat | None = Field(
        default=None, description="room: a column of the candidates, or m2 for all; default: free ground x storeys"
    )
    storeys: PositiveFloat | None = Field(default=None, description="assumed floors on free ground; default 1")
    area: dict[str, NonNegativeFloat] = Field(
        default_factory=dict, description="m2 a class takes, in place of the table's"
    )
    limit_m: PositiveFloat | dict[str, PositiveFloat] | None = Field(
        default=None, description="distance in place of the tier's, for all or by class"
    )
    distance: Literal["network", "straight"] | None = None
    importance: dict[str, NonNegativeFloat] = Field(
        default_factory=dict, description="what one person with a class counts; default 1"
    )
    most: dict[str, NonNegativeInt] = Field(default_factory=dict, description="most buildings with a class")
    required: list[str] = Field(default_factory=list)
    excluded: list[str] = Field(default_factory=list)
    min_spacing_m: PositiveFloat | None = None
    level: str | None = Field(default=None, description="level of zones shown before and after; default: the smallest")
    seed: int = Field(default=0, ge=0)
    time_limit_s: PositiveFloat = 60.0
    mip_gap: float = Field(default=0.0, ge=0, lt=1)

    @model_validator(mode="after")
    def _one_answer(self) -> "ServicesTable":
        if self.classes is None and self.tier is None:
            msg = "say what is sited: classes, or tier for all its required classes"
            raise ValueError(msg)
        if self.floor_area is not None and self.storeys is not None:
            msg = "floor_area and storeys exclude each other: storeys are assumed where floor_area is not known"
            raise ValueError(msg)
        if self.p is None and (self.importance or self.most):
            msg = "importance and most have no meaning without p: everybody in reach gets every class"
            raise ValueError(msg)
        if self.candidates.source == "gaps":
            msg = 'candidates = "gaps" belongs to one rule; take vacant, street, or a layer'
            raise ValueError(msg)
        return self
