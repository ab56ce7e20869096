"""What the demand of a study is made from, and what it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import geopandas as gpd

from siting.inputs.demand_points import DEFAULT_CELL_M
from siting.inputs.spread import DEFAULT_STOREY_M
from siting.ledger import Account, Text

Unit = Literal["building", "parcel", "estate"]


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandSpec:
    """How people become demand points, as a study file says it.

    Attributes
    ----------
    population : column of people of the source layer; None means that people are unknown there
    total : people in all. With ``population``, its values are only shares of this total; without a source layer, it is
        shared out over the residential buildings
    m2_per_person : floor area each, for an estimate without a total
    groups : group name -> column of people of that group (or of their share: every value within 0 to 1)
    counts : ``cars``, ``households`` -> column that states them; a row without a usable number stays unknown
    unit : what one row of the source layer is, if it is a unit to be counted; polygons then stay one point each
    floors, storey_m : column of the buildings' floors; height of a storey where only a height is known
    cell_m : large polygons without buildings become points at this spacing
    fill : people where ``population`` is missing
    raster : GeoTIFF of people by cell, in place of a source layer
    bands, group_bands : bands of the raster to add up
    """

    name: str = "demand"
    population: str | None = None
    total: float | None = None
    m2_per_person: float | None = None
    groups: Mapping[str, str] = field(default_factory=dict)
    counts: Mapping[str, str] = field(default_factory=dict)
    unit: Unit | None = None
    floors: str | None = None
    storey_m: float = DEFAULT_STOREY_M
    cell_m: float = DEFAULT_CELL_M
    fill: float | None = None
    raster: Path | None = None
    bands: Sequence[int] | None = None
    group_bands: Mapping[str, Sequence[int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemandReport:
    """How the demand was made, for people to read; ``people`` is None where they are unknown."""

    method: Text
    lines: tuple[Text, ...]
    people: float | None
    points: int
    units: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    """Demand points and where they come from.

    ``frame``: Point in the working CRS, index = id (text); columns ``people`` (multiples of 0.001), ``group_<name>``,
    ``units`` (int64), ``cars`` and ``households`` (NaN in rows that do not say), each only where known.
    """

    frame: gpd.GeoDataFrame
    accounts: tuple[Account, ...]
    report: DemandReport
