"""A map while it is drawn: the Axes on their ground, and what every map has around its own layer."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
from matplotlib.axes import Axes
from matplotlib.transforms import Bbox
from numpy.typing import NDArray

from siting.ledger import Lang, Text
from siting.outputs import palette
from siting.outputs.maps import marks, style, words
from siting.outputs.maps.base import Extent, fit_extent
from siting.outputs.maps.frame import Around, axes_beside, draw_ground, new_axes, title_above, under_legend
from siting.outputs.maps.furniture import place_labels, scale_and_north

Layers = list[gpd.GeoDataFrame | None]
"""What a map shows whole."""


@dataclass(slots=True, eq=False)
class Scene:
    """One map on its ground.

    Attributes
    ----------
    ax : drawn into
    extent : what the Axes show
    around : language, base, demand and zones
    taken : boxes in pixels that no label may cover
    """

    ax: Axes
    extent: Extent
    around: Around
    taken: list[Bbox] = field(default_factory=list)

    @classmethod
    def on(cls, ax: Axes, around: Around, layers: Layers) -> "Scene":
        """Show ``layers`` whole and lay the ground under them."""
        extent = fit_extent(ax, layers)
        draw_ground(ax, around.base, extent, around.zones)
        return cls(ax, extent, around)

    @property
    def lang(self) -> Lang:
        """The language that comes first."""
        return self.around.lang

    def demand(self, demand: gpd.GeoDataFrame, classes: Sequence[tuple[marks.Mask, str]]) -> None:
        """Draw demand by class, as buildings where the base has them."""
        marks.draw_demand(self.ax, demand, list(classes), self.around.below, self.extent)

    def facilities(self, facilities: gpd.GeoDataFrame | None, entries: gpd.GeoDataFrame | None = None) -> None:
        """Draw what exists today; ``entries`` are the ways into what is an area."""
        if facilities is not None and len(facilities):
            marks.draw_facilities(self.ax, facilities, entries, self.extent)

    def scale(self, *seen: gpd.GeoDataFrame | None) -> None:
        """Draw scale bar and north arrow where they hide least of the layers that the map is about."""
        self.scale_off(marks.worth_seeing(*seen))

    def scale_off(self, xy: NDArray[np.float64]) -> None:
        """Draw scale bar and north arrow where they hide the fewest points."""
        self.taken.append(scale_and_north(self.ax, xy))

    def legend(self, rows: list[words.LegendRow]) -> None:
        """Draw the legend under the map."""
        self.taken.append(under_legend(self.ax, rows))

    def title(self, title: Text, line: str) -> None:
        """Write the title above the map, and a line under it."""
        title_above(self.ax, title, line, self.lang)

    def labels(
        self, texts: Sequence[str], xy: NDArray[np.float64], color: str = palette.INK, reach_pt: float = 0.0
    ) -> None:
        """Write a label beside each point, where nothing else stands."""
        place_labels(self.ax, texts, xy, self.taken, color=color, reach_pt=reach_pt)


@contextmanager
def scene(ax: Axes | None, around: Around, layers: Layers) -> Iterator[Scene]:
    """Set up one map in the fonts of maps; without ``ax`` in a figure of its own."""
    with style.map_fonts():
        yield Scene.on(new_axes(ax, layers), around, layers)


@contextmanager
def scenes(axes: Iterable[Axes] | None, around: Around, layers: Layers, count: int) -> Iterator[list[Scene]]:
    """Set up several maps of one extent side by side."""
    with style.map_fonts():
        yield [Scene.on(ax, around, layers) for ax in axes_beside(axes, layers, count)]


def axes_of(drawn: Iterable[Scene]) -> NDArray[np.object_]:
    """Return the Axes of several maps."""
    return np.array([one.ax for one in drawn], dtype=object)


def place_or(demand: gpd.GeoDataFrame | None, own: gpd.GeoDataFrame) -> Layers:
    """Return what a map shows whole: the demand of the study, the same for all its maps; else its own layer."""
    return [demand if demand is not None and len(demand) else own]
