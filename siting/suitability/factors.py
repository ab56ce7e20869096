"""Factors of suitability: one quantity a cell of a grid, and the scale that makes it a score."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.access import nearest
from siting.errors import InputError
from siting.inputs.grid import Grid
from siting.ledger import Text
from siting.network import Network
from siting.suitability.distances import distance_to_shapes
from siting.suitability.scales import Scale
from siting.units import MILLI_PER_PERSON, people_to_milli

Floats = NDArray[np.float64]
M2_PER_HA = 10_000.0
_CELLS_AT_ONCE = 200_000
NO_UNIT = Text("", "")
METRES = Text("米", "m")
PEOPLE_PER_HA = Text("人/公顷", "people/ha")


@dataclass(frozen=True, kw_only=True, eq=False)
class Factor:
    """One quantity on a grid and how it is judged.

    Attributes
    ----------
    name : short, different for each factor
    title : in words
    kind : "slope", "elevation", "raster", "distance", "access" or "people"
    values : shape of the grid; NaN = no data, inf = unreachable: the worst score
    scale : from value to score
    unit : of the values
    source : file, layer or facility class
    method : how the values were made
    """

    name: str
    title: Text
    kind: str
    grid: Grid
    values: Floats
    scale: Scale
    unit: Text = NO_UNIT
    source: str = ""
    method: Text = NO_UNIT
    counts: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.values.shape != self.grid.shape:
            msg = f"factor {self.name}: {self.values.shape} values for a grid of {self.grid.shape}"
            raise InputError(msg)

    @cached_property
    def score(self) -> Floats:
        """Score 0..1 of each cell; NaN where there is no data, 0 where nothing is reached."""
        lost = np.isinf(self.values)
        scored = self.scale(np.where(lost, np.nan, self.values))
        return np.where(lost, 0.0, scored)

    @property
    def scale_text(self) -> Text:
        """The scale in words, with its unit."""
        text, unit = self.scale.text, self.unit
        if not unit.en:
            return text
        return Text(f"{text.zh}（{unit.zh}）", f"{text.en} ({unit.en})")

    @property
    def unreachable(self) -> int:
        """Cells from which nothing is reached; they score 0."""
        return int(np.isinf(self.values).sum())

    @property
    def without_data(self) -> int:
        """Cells without a score."""
        return int(np.isnan(self.score).sum())


def distance_factor(grid: Grid, layer: gpd.GeoDataFrame, scale: Scale, *, name: str, **words: Any) -> Factor:
    """Straight distance from each cell's centre to the nearest shape of a layer, in metres; 0 inside an area.

    Raises
    ------
    InputError
        The layer has no shapes.
    """
    values = distance_on(grid, layer, name)
    given: dict[str, Any] = {
        "title": Text(name, name),
        "unit": METRES,
        "method": Text("直线距离，量至格网中心", "straight line to the cell's centre"),
    }
    return Factor(name=name, kind="distance", grid=grid, values=values, scale=scale, **(given | words))


def distance_on(grid: Grid, layer: gpd.GeoDataFrame, name: str) -> Floats:
    """Straight distance from each centre to the nearest shape of a layer, in metres, to the millimetre."""
    shapes = np.asarray(layer.to_crs(grid.crs).geometry.array, dtype=object)
    shapes = shapes[~(shapely.is_missing(shapes) | shapely.is_empty(shapes))]
    if not len(shapes):
        msg = f"factor {name}: its layer has no shapes to measure to"
        raise InputError(msg)
    return distance_to_shapes(grid.centres(), shapes).reshape(grid.shape)


def access_factor(
    grid: Grid,
    network: Network,
    facilities: gpd.GeoDataFrame,
    scale: Scale,
    *,
    name: str,
    entrances: gpd.GeoDataFrame | None = None,
    max_snap_m: float = 500.0,
    inside: NDArray[np.bool_] | None = None,
    **words: Any,
) -> Factor:
    """Measure the walk from each cell's centre to the nearest facility, as `siting.access.nearest` counts it.

    Parameters
    ----------
    inside : shape of the grid; only these cells are searched from, the others get NaN
    max_snap_m : a centre farther than this from every street reaches nothing

    Raises
    ------
    InputError
        There are no facilities.
    """
    if not len(facilities):
        msg = f"factor {name}: there are no facilities of its class"
        raise InputError(msg)
    chosen = np.flatnonzero(np.ones(grid.shape, dtype=bool) if inside is None else inside)
    values = np.full(grid.height * grid.width, np.nan)
    centres = grid.centres()
    for first in range(0, len(chosen), _CELLS_AT_ONCE):
        part = chosen[first : first + _CELLS_AT_ONCE]
        points = gpd.GeoDataFrame(geometry=shapely.points(centres[part]), crs=grid.crs, index=part.astype(str))
        found = nearest(network, points, facilities, max_snap_m=max_snap_m, entrances=entrances)
        values[part] = found["cost"].to_numpy()
    unit = METRES if network.unit == "m" else Text("秒", "s")
    given: dict[str, Any] = {
        "title": Text(name, name),
        "unit": unit,
        "method": Text(
            "沿街步行，自格网中心；到不了的得 0 分", "along the streets from the cell's centre; unreachable scores 0"
        ),
    }
    return Factor(
        name=name, kind="access", grid=grid, values=values.reshape(grid.shape), scale=scale, **(given | words)
    )


def people_factor(
    grid: Grid, demand: gpd.GeoDataFrame, scale: Scale, *, name: str, radius_m: float | None = None, **words: Any
) -> Factor:
    """People per hectare of each cell, or of a disc around its centre.

    Parameters
    ----------
    demand : points with the column ``people``
    radius_m : people within this straight distance of the centre count; None takes the cell itself

    Raises
    ------
    InputError
        The demand has no people, or the radius is not above 0.
    """
    if "people" not in demand.columns:
        msg = f"factor {name}: the demand tells no people"
        raise InputError(msg)
    if radius_m is not None and not radius_m > 0:
        msg = f"factor {name}: radius_m is {radius_m:g}, expected above 0"
        raise InputError(msg)
    milli = people_to_milli(demand["people"])
    xy = shapely.get_coordinates(demand.to_crs(grid.crs).geometry.array)
    if radius_m is None:
        row, column = grid.cell_of(xy[:, 0], xy[:, 1])
        found = np.zeros(grid.shape, dtype=np.int64)
        np.add.at(found, (row[row >= 0], column[row >= 0]), milli[row >= 0])
        area = grid.cell_m**2
        method = Text("格内人口密度", "people of the cell by its area")
    else:
        found = _within(grid, xy, milli, radius_m)
        area = np.pi * radius_m**2
        method = Text(f"半径 {radius_m:g} 米内的人口密度", f"people within {radius_m:g} m by the disc's area")
    values = found / MILLI_PER_PERSON / (area / M2_PER_HA)
    given: dict[str, Any] = {"title": Text(name, name), "unit": PEOPLE_PER_HA, "method": method}
    return Factor(name=name, kind="people", grid=grid, values=values, scale=scale, **(given | words))


def _within(grid: Grid, xy: Floats, milli: NDArray[np.int64], radius_m: float) -> NDArray[np.int64]:
    """People, in thousandths, within a distance of each centre: added point by point to the cells around it."""
    reach = int(np.ceil(radius_m / grid.cell_m)) + 1
    found = np.zeros(grid.shape, dtype=np.int64)
    if not len(xy):
        return found
    column = np.floor(xy[:, 0] / grid.cell_m).astype(np.int64) - grid.column0
    row = grid.row0 - np.ceil(xy[:, 1] / grid.cell_m).astype(np.int64)
    x0, y0 = grid.x()[0], grid.y()[0]
    for down in range(-reach, reach + 1):
        for right in range(-reach, reach + 1):
            r, c = row + down, column + right
            dx, dy = x0 + c * grid.cell_m - xy[:, 0], y0 - r * grid.cell_m - xy[:, 1]
            near = (r >= 0) & (r < grid.height) & (c >= 0) & (c < grid.width) & (dx * dx + dy * dy <= radius_m**2)
            np.add.at(found, (r[near], c[near]), milli[near])
    return found
