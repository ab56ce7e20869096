"""The plots of a layer that can be tested, and the rows that cannot, with the reason."""

from typing import Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from siting.coverage.schema import check_metric, in_crs, keyed
from siting.errors import InputError
from siting.inputs.schema import listed, some
from siting.ledger import Finding, Text

POINT = Text("点状候选没有面积，无法检验", "a point has no area and cannot be tested")
NO_SHAPE = Text("无几何", "no geometry")
LINE = Text("线状几何，不是地块", "a line is no plot")


def rows_found(
    code: str, kind: Literal["dropped", "repaired", "warning", "note"], ids: pd.Index, text: Text
) -> Finding:
    """Return a finding about some rows."""
    return Finding(code=code, kind=kind, count=len(ids), text=text, ids=listed(ids))


def read_plots(
    layer: gpd.GeoDataFrame, name: str, crs: object = None
) -> tuple[gpd.GeoDataFrame, pd.Series, tuple[Finding, ...]]:
    """Take the areas of a layer; rows in = plots + rows with a reason.

    Returns
    -------
    Plots, index = id (text), repaired where rings cross; by id, why each other row is none (`Text`); and findings

    Raises
    ------
    CRSError
        The layer has no CRS in metres.
    InputError
        Ids repeat.
    """
    if crs is not None:
        layer = in_crs(name, layer, crs)
    layer = keyed(layer)
    check_metric(name, layer)
    layer = gpd.GeoDataFrame(layer.set_axis(pd.Index(layer.index.astype(str), name="id"), axis=0))
    if not layer.index.is_unique:
        msg = f"{name}: ids repeat ({some(layer.index[layer.index.duplicated()])}). Give each plot its own"
        raise InputError(msg)
    shapes = np.asarray(layer.geometry.array, dtype=object)
    none = shapely.is_missing(shapes) | shapely.is_empty(shapes)
    dimension = shapely.get_dimensions(shapes)
    reasons = np.full(len(shapes), None, dtype=object)
    for mask, reason in ((none, NO_SHAPE), (~none & (dimension == 0), POINT), (~none & (dimension == 1), LINE)):
        reasons[mask] = reason
    good = np.array([reason is None for reason in reasons], dtype=bool)
    broken = good & ~(shapely.is_valid(shapes) | none)
    found = []
    if broken.any():
        text = Text(
            f"{name}：{int(broken.sum())} 个地块自相交，已修复",
            f"{name}: rings of {int(broken.sum())} plots cross; repaired",
        )
        found.append(rows_found("plot_repaired", "repaired", layer.index[broken], text))
    if (~good).any():
        text = Text(
            f"{name}：{int((~good).sum())} 行不是可检验的地块，列于未采用地块",
            f"{name}: rows that are no plots and cannot be tested: {int((~good).sum())}, listed among those refused",
        )
        found.append(rows_found("no_plot", "warning", layer.index[~good], text))
    shapes = shapes.copy()
    shapes[broken] = shapely.make_valid(shapes[broken], method="structure", keep_collapsed=False)
    plots = gpd.GeoDataFrame(layer.set_geometry(gpd.GeoSeries(shapes, index=layer.index, crs=layer.crs))[good])
    flat = shapely.area(np.asarray(plots.geometry.array, dtype=object)) == 0
    lost = pd.Series(reasons[~good], index=layer.index[~good], dtype=object)
    if flat.any():
        lost = pd.concat([lost, pd.Series([NO_SHAPE] * int(flat.sum()), index=plots.index[flat], dtype=object)])
        plots = gpd.GeoDataFrame(plots[~flat])
    return plots, lost, tuple(found)
