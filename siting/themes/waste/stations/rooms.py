"""The room that a green belt leaves inside a plot: its largest piece, and how wide that is."""

import numpy as np
import shapely
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Shapes = NDArray[np.object_]
_TOLERANCE_M = 0.01


def rooms(plots: Shapes, belt_m: float) -> tuple[Floats, Floats]:
    """Take a belt off all around each plot.

    Returns
    -------
    the area of the largest piece that is left, in m2 (0: nothing is), and the diameter of the largest circle in it, in
    metres to the decimetre
    """
    inner = np.asarray(shapely.buffer(plots, -belt_m, quad_segs=16) if belt_m > 0 else plots, dtype=object)
    parts, row = shapely.get_parts(inner, return_index=True)
    size = shapely.area(parts)
    order = np.lexsort((-size, row))
    best = order[np.unique(row[order], return_index=True)[1]]
    best = best[size[best] > 0]
    area, width = np.zeros(len(plots)), np.zeros(len(plots))
    # To the square decimetre: coordinates of seven digits do not carry an area further.
    area[row[best]] = np.round(size[best], 2)
    if len(best):
        circles = shapely.maximum_inscribed_circle(parts[best], tolerance=_TOLERANCE_M)
        width[row[best]] = np.round(2.0 * shapely.length(circles), 1)
    return area, width
