"""GeoTIFF files for a GIS: written block by block, the same cells give the same bytes, with a style beside them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import numpy as np
import pyproj
import rasterio
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.transform import Affine
from rasterio.windows import Window

from siting.ledger import Text

NODATA = -9999.0
BLOCK = 256
LARGE = 1024
"""A raster with more rows or columns than this has overviews."""
Colours = Sequence[tuple[float, str, Text]]
"""Upper limit of a class (or the value itself), its colour, its name."""


def write_scores(
    path: Path,
    values: NDArray[np.floating[Any]],
    bounds: tuple[float, float, float, float],
    crs: pyproj.CRS,
    tags: Mapping[str, str],
) -> None:
    """Write one band of figures as Float32; NaN becomes the file's no-data value.

    Parameters
    ----------
    values : shape (height, width), rows from north to south
    bounds : x_min, y_min, x_max, y_max
    tags : what a reader of the file should know; no dates, so that the bytes stay the same
    """
    profile = {"dtype": "float32", "nodata": NODATA, "predictor": 3}
    with _new(path, values.shape, bounds, crs, profile) as file:
        for window in _windows(values.shape):
            block = values[window.toslices()]
            file.write(np.where(np.isnan(block), NODATA, block).astype(np.float32), 1, window=window)
        file.update_tags(**tags)
        _overviews(file, values.shape, Resampling.average)


def write_labels(
    path: Path,
    labels: NDArray[np.uint8],
    bounds: tuple[float, float, float, float],
    crs: pyproj.CRS,
    colours: Mapping[int, str],
    tags: Mapping[str, str],
) -> None:
    """Write one band of labels with a palette; ``colours`` by label as "#rrggbb", a label without one is clear."""
    table = dict.fromkeys(range(256), (0, 0, 0, 0))
    table |= {label: (*_rgb(colour), 255) for label, colour in colours.items()}
    with _new(path, labels.shape, bounds, crs, {"dtype": "uint8", "photometric": "palette"}) as file:
        for window in _windows(labels.shape):
            file.write(labels[window.toslices()], 1, window=window)
        file.write_colormap(1, table)
        file.update_tags(**tags)
        _overviews(file, labels.shape, Resampling.nearest)


def write_score_style(path: Path, classes: Colours) -> None:
    """Write a QGIS style: classes of a figure, each up to its limit."""
    items = "\n".join(
        f'          <item value="{"inf" if np.isinf(limit) else f"{limit:g}"}" color="{colour}" alpha="255" '
        f"label={quoteattr(name.both(' '))}/>"
        for limit, colour, name in classes
    )
    highest = max(limit for limit, _, _ in classes if np.isfinite(limit))
    renderer = f"""    <rasterrenderer type="singlebandpseudocolor" band="1" opacity="1" alphaBand="-1" \
classificationMin="0" classificationMax="{highest:g}" nodataColor="">
      <rasterTransparency/>
      <rastershader>
        <colorrampshader colorRampType="DISCRETE" classificationMode="1" clip="0" minimumValue="0" \
maximumValue="{highest:g}">
{items}
        </colorrampshader>
      </rastershader>
    </rasterrenderer>"""
    path.write_text(_style(renderer), encoding="utf-8")


def write_label_style(path: Path, classes: Colours) -> None:
    """Write a QGIS style: a colour and a name for each label."""
    items = "\n".join(
        f'        <paletteEntry value="{value:g}" color="{colour}" alpha="255" label={quoteattr(name.both(" "))}/>'
        for value, colour, name in classes
    )
    renderer = f"""    <rasterrenderer type="paletted" band="1" opacity="1" alphaBand="-1" nodataColor="">
      <rasterTransparency/>
      <colorPalette>
{items}
      </colorPalette>
    </rasterrenderer>"""
    path.write_text(_style(renderer), encoding="utf-8")


def _style(renderer: str) -> str:
    return f"""<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>
<qgis version="3.28" styleCategories="Symbology">
  <pipe>
{renderer}
    <brightnesscontrast brightness="0" contrast="0" gamma="1"/>
    <huesaturation saturation="0"/>
    <rasterresampler maxOversampling="2"/>
  </pipe>
</qgis>
"""


def _new(
    path: Path,
    shape: tuple[int, ...],
    bounds: tuple[float, float, float, float],
    crs: pyproj.CRS,
    profile: Mapping[str, Any],
) -> Any:
    height, width = shape
    x0, y0, x1, y1 = bounds
    code = crs.to_epsg()
    layout: dict[str, Any] = {"tiled": True, "blockxsize": BLOCK, "blockysize": BLOCK} if max(shape) > BLOCK else {}
    return rasterio.open(
        path, "w", driver="GTiff", width=width, height=height, count=1, compress="deflate",
        crs=CRS.from_wkt(crs.to_wkt()) if code is None else CRS.from_epsg(code),
        transform=Affine((x1 - x0) / width, 0, x0, 0, (y0 - y1) / height, y1), **layout, **profile,
    )  # fmt: skip


def _windows(shape: tuple[int, ...]) -> list[Window]:
    """Bands of whole blocks from north to south."""
    height, width = shape
    return [Window(0, top, width, min(BLOCK, height - top)) for top in range(0, height, BLOCK)]


def _overviews(file: Any, shape: tuple[int, ...], method: Resampling) -> None:
    steps = [2**k for k in range(1, 12) if max(shape) / 2**k >= BLOCK] if max(shape) > LARGE else []
    if steps:
        file.build_overviews(steps, method)


def _rgb(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
