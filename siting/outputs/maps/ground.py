"""The ground of a map drawn once and used for every page of a run that shows the same place."""

from dataclasses import dataclass
from typing import Any

import geopandas as gpd
import numpy as np
import shapely
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from numpy.typing import NDArray

from siting.outputs.contract import MapBase
from siting.outputs.maps.base import Extent, draw_base, draw_zones, inside
from siting.outputs.maps.files import MOST_VERTICES, maps_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """A picture of the base and the zones over an extent; ``base`` is what it shows.

    Without an ``image`` the base is drawn anew as lines and areas: for SVG or PDF, where there are few of them.
    """

    base: MapBase
    extent: Extent
    image: NDArray[np.uint8] | None
    zones: gpd.GeoDataFrame | None = None

    def draw(self, ax: Axes) -> Axes:
        """Lay the picture under the map; the axes keep their limits."""
        x0, y0, x1, y1 = self.extent
        if self.image is None:
            return draw_zones(draw_base(ax, self.base, self.extent), self.zones)
        picture = _Picture(ax, extent=(x0, x1, y0, y1), interpolation="nearest", zorder=0.5)
        picture.set_data(self.image)
        ax.add_image(picture)
        ax.set_aspect("equal")
        return draw_base(ax, None, self.extent)


class _Picture(AxesImage):
    """A picture with one pixel for each of the page: laid down as it is, where matplotlib would resample it."""

    def make_image(
        self, renderer: RendererBase, magnification: float = 1.0, unsampled: bool = False
    ) -> tuple[Any, float, float, Any]:
        image, box = self.get_array(), self.axes.get_window_extent()
        assert image is not None
        if magnification != 1.0 or image.shape[:2] != (round(box.height), round(box.width)):
            return super().make_image(renderer, magnification, unsampled)
        return image[::-1], box.x0, box.y0, None  # the canvas counts rows from below


class Grounds:
    """Grounds by extent, each drawn at its first use.

    Parameters
    ----------
    vectors : whether a base of few vertices should stay lines and areas
    """

    def __init__(self, base: MapBase, zones: gpd.GeoDataFrame | None, *, vectors: bool = False) -> None:
        self.base, self.zones, self.vectors = base, zones, vectors
        self._drawn: dict[tuple[Extent, tuple[int, int]], Ground] = {}

    def at(self, ax: Axes, extent: Extent) -> Ground:
        """Return the ground for an extent at the resolution of ``ax``."""
        box = ax.get_window_extent()
        size = (round(box.width), round(box.height))
        if (extent, size) not in self._drawn:
            self._drawn[extent, size] = self._draw(extent, size, ax.figure.dpi, MOST_VERTICES / maps_of(ax.figure))
        return self._drawn[extent, size]

    def _draw(self, extent: Extent, size: tuple[int, int], dpi: float, most: float) -> Ground:
        if self.vectors and vertices(self.base, extent) <= most:
            return Ground(base=self.base, extent=extent, image=None, zones=self.zones)
        figure = Figure(figsize=(size[0] / dpi, size[1] / dpi), dpi=dpi)
        canvas = FigureCanvasAgg(figure)
        ax = figure.add_axes((0, 0, 1, 1))
        ax.set(xlim=(extent[0], extent[2]), ylim=(extent[1], extent[3]))
        draw_zones(draw_base(ax, self.base, extent), self.zones)
        for spine in ax.spines.values():
            spine.set_visible(False)
        canvas.draw()  # type: ignore[no-untyped-call]
        image = np.asarray(canvas.buffer_rgba()).copy()  # type: ignore[no-untyped-call]
        return Ground(base=self.base, extent=extent, image=image, zones=self.zones)


def vertices(base: MapBase, extent: Extent) -> int:
    """Count the vertices of a base that meet an extent."""
    layers = (inside(layer, extent) for layer in (base.streets, base.water, base.green, base.buildings))
    return sum(int(shapely.get_num_coordinates(layer.geometry.array).sum()) for layer in layers if layer is not None)
