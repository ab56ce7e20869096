"""`[toilets.spacing]`: which streets are commercial, living or traffic streets, and how near toilets stand to them."""

from pydantic import Field, model_validator

from siting.study.layer_tables import Table


class ToiletSpacingTable(Table):
    """`[toilets.spacing]`: audit the spacing of toilets along streets; an empty table takes the defaults."""

    types: str | None = Field(
        default=None, description="column of the streets that holds commercial, living or traffic, or a key of rules"
    )
    by_highway: dict[str, str] = Field(
        default_factory=dict,
        description="type of street by class of highway; default: an assumption of this toolkit, and marked as one",
    )
    rules: dict[str, str] = Field(
        default_factory=dict, description="rule of the catalogue by type of street, in place of wc.spacing.*"
    )
    within_m: float | None = Field(
        default=None, ge=0, description="a toilet this near to the centre line of a street is one of its toilets"
    )

    @model_validator(mode="after")
    def _one_source(self) -> "ToiletSpacingTable":
        if self.types is not None and self.by_highway:
            msg = "types and by_highway both say which streets are of which type: keep one of them"
            raise ValueError(msg)
        return self
