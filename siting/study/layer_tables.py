"""Tables of a study file that name a layer: where it is, how it is read, and where new sites may stand."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PositiveFloat, PositiveInt

Coords = Literal["wgs84", "gcj02", "bd09"]


class Table(BaseModel):
    """A table of the study file: frozen, and unknown keys are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class LayerTable(Table):
    """Where a layer is and how it is read."""

    source: str = Field(description="path relative to the study file, or the word osm")
    layer: str | None = Field(default=None, description="layer inside a GeoPackage")
    id: str | None = Field(default=None, description="column that names the rows")
    name: str | None = Field(default=None, description="column with the names that maps show")
    encoding: str | None = Field(default=None, description="text encoding of CSV and shapefiles, for instance gb18030")
    coords: Coords | None = Field(default=None, description="datum shift of Chinese web maps: gcj02 or bd09")
    crs: str | None = Field(default=None, description="CRS of a file that states none")
    lon: str | None = Field(default=None, description="column of longitudes (or x)")
    lat: str | None = Field(default=None, description="column of latitudes (or y)")
    where: dict[str, str | int | float | bool | list[str | int | float | bool]] = Field(
        default_factory=dict, description="keep only rows whose column equals the value, or one of the values"
    )


def as_table(value: Any) -> Any:
    """Accept `"file.gpkg"` and `"file.gpkg|layername=x"` in place of a table."""
    if isinstance(value, str):
        path, _, layer = value.partition("|layername=")
        return {"source": path, "layer": layer or None}
    return value


def as_tables(value: Any) -> Any:
    """Accept one layer where a list is asked."""
    return [value] if isinstance(value, str | dict) else value


LayerRef = Annotated[LayerTable, BeforeValidator(as_table)]


class CandidateTable(LayerTable):
    """Where new sites may stand: a kind made here, or a layer of one's own."""

    source: str = Field(description="vacant, street, gaps, or a path")
    spacing_m: PositiveFloat = Field(default=100.0, description="distance between candidates along a street")
    min_area_m2: float | None = Field(default=None, ge=0, description="smallest free ground that is considered")
    max_candidates: PositiveInt = 20000
