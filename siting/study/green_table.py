"""`[green] raster`: vegetation from a vegetation index or a land cover."""

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, model_validator


class GreenRasterTable(BaseModel):
    """Where the raster is, and which of its cells are green."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    source: str = Field(description="GeoTIFF, path relative to the study file")
    band: PositiveInt = 1
    threshold: float | None = Field(default=None, description="cells from this value on are green, for instance 0.3")
    classes: list[int] | None = Field(
        default=None, min_length=1, description="cells of these classes are green, in place of a threshold"
    )
    min_area_m2: float = Field(default=0.0, ge=0, description="smaller areas are left out")
    as_green: bool = Field(
        default=False, description="the areas count as green (class any_green) as well, not as canopy only"
    )

    @model_validator(mode="after")
    def _threshold_or_classes(self) -> "GreenRasterTable":
        if (self.threshold is None) == (self.classes is None):
            msg = "give either threshold (a vegetation index) or classes (of a land cover)"
            raise ValueError(msg)
        return self
