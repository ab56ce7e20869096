"""`[parking.sites]`: where the next car parks go, of what type, for how much."""

from typing import Annotated, Literal

from pydantic import Field, NonNegativeFloat, PositiveFloat, PositiveInt, model_validator

from siting.study.layer_tables import LayerRef, Table

Part = Annotated[float, Field(gt=0, le=1)]


class LotTypeTable(Table):
    """One of `[[parking.sites.types]]`."""

    kind: Literal["surface", "building", "underground", "mechanical"]
    cost_per_space: NonNegativeFloat = Field(description="the study's own, without land")
    name: str = ""
    levels: PositiveInt = Field(default=1, description="storeys, above or below ground")
    ground_share: Part = Field(default=1.0, description="share of the free ground that a storey takes")
    m2_per_space: PositiveFloat | None = Field(
        default=None, description="the study's own; default: the largest of the clause of this kind"
    )
    spaces_least: PositiveInt = Field(default=1, description="smaller lots are not built")
    spaces_most: PositiveInt | None = None
    fixed_cost: NonNegativeFloat = Field(default=0.0, description="of a lot, beside its spaces")
    takes_land: bool = Field(default=True, description="whether the land is paid for")
    upgrades: bool = Field(default=True, description="whether a surface lot that stands may be rebuilt as this type")

    @model_validator(mode="after")
    def _levels_of_kind(self) -> "LotTypeTable":
        if self.kind == "surface" and self.levels > 1:
            msg = "a surface lot has one level; take building, underground or mechanical"
            raise ValueError(msg)
        if self.spaces_most is not None and self.spaces_most < self.spaces_least:
            msg = f"spaces_most ({self.spaces_most}) is below spaces_least ({self.spaces_least})"
            raise ValueError(msg)
        return self

    @property
    def label(self) -> str:
        """What tells it from other types."""
        return self.name or f"{self.kind}, {self.levels} levels"


class ParkingSitesTable(Table):
    """`[parking.sites]`: new and built-up car parks, and four measures compared."""

    types: list[LotTypeTable] = Field(min_length=1)
    budget: NonNegativeFloat | None = Field(default=None, description="money; most cars are parked for it")
    remove: Part | None = Field(default=None, description="share of the shortage to be removed at least cost")
    p: PositiveInt | None = Field(default=None, description="most sites")
    slot: Literal["day", "evening", "night", "weekend"] | None = Field(
        default=None, description="the time whose shortage counts; default: the one with the most cars short"
    )
    vacant: LayerRef | None = Field(default=None, description="default: [land] vacant")
    plots: LayerRef | None = Field(default=None, description="further areas, with site_cost where it is known")
    upgrade: bool = Field(default=True, description="whether surface lots that stand may be built up")
    land_cost_m2: NonNegativeFloat = Field(default=0.0, description="of land that states no site_cost")
    min_area_m2: NonNegativeFloat = Field(default=300.0, description="smallest free ground that is considered")
    steps: Annotated[int, Field(ge=1, le=1000)] = Field(
        default=4,
        description="sizes up to what the ground holds, in equal parts, among which the plan is the best; as many as "
        "the largest plot holds spaces: every size, which takes longer",
    )
    required: list[str] = Field(default_factory=list)
    excluded: list[str] = Field(default_factory=list)
    min_spacing_m: PositiveFloat | None = Field(
        default=None, description="straight distance between new lots on plots; no clause states one"
    )
    min_spacing_existing_m: PositiveFloat | None = Field(
        default=None,
        description="straight distance of a new lot on a plot from public car parks off the street that stand; "
        "default: none, a new lot may stand beside a full one",
    )
    kerb: LayerRef | None = Field(
        default=None, description="kerb that could be opened at these hours: column spaces, or its length"
    )
    kerb_m_per_space: PositiveFloat | None = Field(default=None, description="length of kerb a space")
    cost_per_opened: NonNegativeFloat | None = Field(
        default=None, description="of a space opened to residents, for the comparison"
    )
    cost_per_kerb: NonNegativeFloat | None = Field(default=None, description="of a kerb space, for the comparison")
    time_limit_s: PositiveFloat = 60.0
    mip_gap: float = Field(default=0.0, ge=0, lt=1)
    seed: int = Field(default=0, ge=0)

    @model_validator(mode="after")
    def _one_question(self) -> "ParkingSitesTable":
        if (self.budget is None) == (self.remove is None):
            msg = "give one of budget (money) and remove (share of the shortage, 0 to 1)"
            raise ValueError(msg)
        labels = [kind.label for kind in self.types]
        if len(set(labels)) < len(labels):
            msg = f"types: {max(labels, key=labels.count)} stands twice; give each a name of its own"
            raise ValueError(msg)
        both = sorted(set(self.required) & set(self.excluded))
        if both:
            msg = f"required and excluded at once: {', '.join(both)}"
            raise ValueError(msg)
        if self.p is not None and len(self.required) > self.p:
            msg = f"{len(self.required)} required sites, but p = {self.p}; raise p or require fewer"
            raise ValueError(msg)
        return self
