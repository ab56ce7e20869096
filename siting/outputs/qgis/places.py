"""Where a project lies: its CRS as QGIS reads it, and the extent that its maps show."""

from dataclasses import dataclass

import numpy as np
import pyproj

from siting.outputs.contract import RunLike
from siting.outputs.qgis.elements import Element, node, texts

MARGIN = 0.04
"""Room around the demand, as a share of its width and height."""
LEAST_M = 100.0
UPRIGHT = 1.15
"""A place this much higher than wide is printed on an upright page."""


@dataclass(frozen=True, slots=True)
class Extent:
    """A box in metres."""

    x_min: float
    y_min: float
    x_max: float
    y_max: float

    @property
    def width(self) -> float:
        """From west to east."""
        return self.x_max - self.x_min

    @property
    def height(self) -> float:
        """From south to north."""
        return self.y_max - self.y_min

    def shaped(self, ratio: float) -> "Extent":
        """Return the smallest box around this one whose width is ``ratio`` times its height."""
        width, height = max(self.width, self.height * ratio), max(self.height, self.width / ratio)
        x, y = (self.x_min + self.x_max) / 2, (self.y_min + self.y_max) / 2
        return Extent(x - width / 2, y - height / 2, x + width / 2, y + height / 2)

    def element(self, tag: str = "extent") -> Element:
        """Return it as the canvas holds it."""
        box = {"xmin": self.x_min, "ymin": self.y_min, "xmax": self.x_max, "ymax": self.y_max}
        return node(tag, {}, *texts({name: f"{value:.3f}" for name, value in box.items()}))


def extent_of(run: RunLike) -> Extent:
    """Return what a map shows: the demand with room around it, else the boundary, else the facilities."""
    for layer in (run.demand, run.base.boundary, run.facilities):
        if layer is not None and len(layer) and np.isfinite(layer.total_bounds).all():
            x0, y0, x1, y1 = (float(v) for v in layer.total_bounds)
            dx, dy = (max((1 + 2 * MARGIN) * side, LEAST_M) / 2 for side in (x1 - x0, y1 - y0))
            x, y = (x0 + x1) / 2, (y0 + y1) / 2
            return Extent(x - dx, y - dy, x + dx, y + dy)
    return Extent(0.0, 0.0, LEAST_M, LEAST_M)


def is_upright(extent: Extent) -> bool:
    """Say whether an upright page shows a place larger."""
    return extent.height > UPRIGHT * extent.width


def srs(crs: pyproj.CRS) -> Element:
    """Return a CRS by its full text: QGIS ignores a bare code, and a CRS of one's own has none."""
    code = crs.to_epsg()
    return node(
        "spatialrefsys",
        {"nativeFormat": "Wkt"},
        *texts(
            {
                "wkt": crs.to_wkt(),
                "proj4": "",
                "srsid": 0,
                "srid": code or 0,
                "authid": "" if code is None else f"EPSG:{code}",
                "description": crs.name,
                "projectionacronym": "",
                "ellipsoidacronym": "",
                "geographicflag": "true" if crs.is_geographic else "false",
            }
        ),
    )
