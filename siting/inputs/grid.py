"""A grid of square cells over a place, whose lines lie on whole multiples of the cell in the study's CRS."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from pyproj import CRS

from siting.errors import InputError
from siting.inputs.coordinates import check_working_crs

LARGEST_CELLS = 50_000_000
Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Square cells, rows from north to south.

    Lines are numbered from the origin of the CRS, so two grids of one cell size share their cells wherever they
    overlap, whatever their extents.

    Attributes
    ----------
    crs : in metres
    cell_m : side of a cell
    column0, row0 : number of the left line and of the top line: the corner is at (column0 x cell_m, row0 x cell_m)
    width, height : cells
    """

    crs: CRS
    cell_m: float
    column0: int
    row0: int
    width: int
    height: int

    def __post_init__(self) -> None:
        if not (math.isfinite(self.cell_m) and self.cell_m > 0):
            msg = f"cell_m is {self.cell_m!r}, expected a number above 0"
            raise InputError(msg)
        if self.width < 1 or self.height < 1:
            msg = f"grid of {self.width} x {self.height} cells: it needs at least one"
            raise InputError(msg)
        if self.width * self.height > LARGEST_CELLS:
            fitting = self.cell_m * math.sqrt(self.width * self.height / LARGEST_CELLS)
            msg = (
                f"grid of {self.width:,} x {self.height:,} cells of {self.cell_m:g} m: over {LARGEST_CELLS:,}; "
                f"take cell_m of {math.ceil(fitting):g} or more"
            )
            raise InputError(msg)

    @classmethod
    def over(cls, bounds: Sequence[float], cell_m: float, crs: CRS | str | int) -> "Grid":
        """Cover an extent with whole cells.

        Parameters
        ----------
        bounds : x_min, y_min, x_max, y_max in ``crs``

        Raises
        ------
        CRSError
            The CRS is not in metres.
        InputError
            The extent is empty or not finite, the cell is no length, or there would be too many cells.
        """
        working = check_working_crs(crs, "grid")
        x0, y0, x1, y1 = (float(b) for b in bounds)
        if not (np.isfinite([x0, y0, x1, y1]).all() and x0 <= x1 and y0 <= y1):
            msg = f"grid: extent {x0:g} {y0:g} {x1:g} {y1:g} is not x_min y_min x_max y_max"
            raise InputError(msg)
        if not (math.isfinite(cell_m) and cell_m > 0):
            msg = f"cell_m is {cell_m!r}, expected a number above 0"
            raise InputError(msg)
        # Rounded first: 3000.0000000001 / 10 is line 300, and no further cell is needed for it.
        left, bottom = (math.floor(round(v / cell_m, 6)) for v in (x0, y0))
        right, top = (math.ceil(round(v / cell_m, 6)) for v in (x1, y1))
        return cls(
            crs=working, cell_m=float(cell_m), column0=left, row0=top,
            width=max(right - left, 1), height=max(top - bottom, 1),
        )  # fmt: skip

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.height, self.width

    @property
    def bounds(self) -> tuple[float, float, float, float]:
        """x_min, y_min, x_max, y_max in metres."""
        return (
            self.column0 * self.cell_m, (self.row0 - self.height) * self.cell_m,
            (self.column0 + self.width) * self.cell_m, self.row0 * self.cell_m,
        )  # fmt: skip

    def x(self, part: float = 0.5) -> Floats:
        """Return x of a place in each column, shape (width,); ``part`` 0 is the left line of the cell, 1 the right."""
        return np.asarray((self.column0 + np.arange(self.width) + part) * self.cell_m)

    def y(self, part: float = 0.5) -> Floats:
        """Return y of a place in each row, shape (height,); ``part`` 0 is the upper line of the cell, 1 the lower."""
        return np.asarray((self.row0 - np.arange(self.height) - part) * self.cell_m)

    def centres(self) -> Floats:
        """Centres of all cells, row by row, shape (height x width, 2)."""
        x, y = np.meshgrid(self.x(), self.y())
        return np.column_stack([x.ravel(), y.ravel()])

    def rows(self, first: int, last: int) -> "Grid":
        """Return the rows ``first`` to ``last`` (not included) as a grid."""
        return replace(self, row0=self.row0 - first, height=last - first)

    def strips(self, cells: int) -> Iterator[tuple[int, int]]:
        """First row and row after the last of strips of at most about ``cells`` cells, at least one row each."""
        step = max(cells // self.width, 1)
        for first in range(0, self.height, step):
            yield first, min(first + step, self.height)

    def cell_of(self, x: Floats, y: Floats) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Row and column of positions; −1, −1 outside. A position on a line is in the cell right of or below it."""
        column = np.floor(np.asarray(x) / self.cell_m).astype(np.int64) - self.column0
        row = self.row0 - np.ceil(np.asarray(y) / self.cell_m).astype(np.int64)
        outside = (column < 0) | (column >= self.width) | (row < 0) | (row >= self.height)
        return np.where(outside, -1, row), np.where(outside, -1, column)
