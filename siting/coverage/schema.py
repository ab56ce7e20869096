"""What a demand layer must hold before anything is computed; all faults of a layer are named at once."""

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.errors import CRSError, GeometryError, InputError, SchemaError
from siting.units import people_to_milli


def keyed(frame: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Return the layer with its ``id`` column, if it has one, as the index named "id"."""
    return frame.set_index("id", drop=True) if "id" in frame.columns else frame


def in_crs(layer: str, frame: gpd.GeoDataFrame, crs: object) -> gpd.GeoDataFrame:
    """Return the layer in the study's CRS.

    Raises
    ------
    CRSError
        The layer does not say which CRS it is in.
    """
    if frame.crs is None:
        msg = f"{layer}: CRS is missing, so it cannot be laid over the demand. Set it: {layer}.set_crs(...)"
        raise CRSError(msg)
    return frame if frame.crs == crs else frame.to_crs(crs)


def check_metric(layer: str, frame: gpd.GeoDataFrame | gpd.GeoSeries, crs: object = None) -> None:
    """Refuse a layer without a CRS in metres, or in another than the ``crs`` of its companions.

    Raises
    ------
    CRSError
        Names the layer, both CRSs and the remedy.
    """
    if frame.crs is None:
        msg = f"{layer}: CRS is missing, distances need one in metres. Set it: {layer}.set_crs(...)"
        raise CRSError(msg)
    if not frame.crs.is_projected:
        remedy = f"Project it first: {layer}.to_crs(study.crs)"
        msg = f"{layer}: CRS {frame.crs.name} is in degrees, distances here are metres. {remedy}"
        raise CRSError(msg)
    if crs is not None and frame.crs != crs:
        other = getattr(crs, "name", crs)
        msg = f"{layer}: CRS is {frame.crs.name}, the study uses {other}. Project it first: {layer}.to_crs(study.crs)"
        raise CRSError(msg)


def check_demand(demand: gpd.GeoDataFrame) -> None:
    """Refuse demand that cannot be counted.

    Raises
    ------
    InputError
        No rows.
    CRSError, GeometryError
        No CRS in metres; a geometry is missing or no point.
    SchemaError
        Ids repeat, or people or units are missing, negative or not finite.
    """
    if not len(demand):
        msg = "demand: the layer has no rows; check the boundary and the filter that made it"
        raise InputError(msg)
    check_metric("demand", demand)
    shape = np.asarray(demand.geometry)
    wrong = (shapely.get_type_id(shape) != 0) | shapely.is_empty(shape)
    wrong |= ~np.isfinite(shapely.bounds(shape)).all(axis=1)
    if wrong.any():
        way = "use points: demand.set_geometry(demand.representative_point())"
        msg = f"demand: {_rows(wrong, demand.index)} have no point geometry; {way}"
        raise GeometryError(msg)
    faults = []
    if not demand.index.is_unique:  # the index remembers whether it is
        repeated = np.asarray(demand.index.duplicated())
        faults.append(f"{_rows(repeated, demand.index)} repeat an id")
    for name in ("people", "units"):
        if name in demand.columns:
            value = pd.to_numeric(demand[name]).to_numpy(dtype=np.float64, na_value=np.nan)
            bad = ~(np.isfinite(value) & (value >= 0))
            if bad.any():
                faults.append(f"{_rows(bad, demand.index)} have missing, infinite or negative {name!r}")
            elif name == "units" and (value != np.rint(value)).any():
                faults.append(f"{_rows(value != np.rint(value), demand.index)} have a fraction in 'units'")
    if faults:
        msg = f"demand: {'; '.join(faults)}. Correct or drop these rows"
        raise SchemaError(msg)


def people_milli(demand: gpd.GeoDataFrame) -> NDArray[np.int64] | None:
    """Thousandths of people by row, None where people are unknown."""
    return people_to_milli(demand["people"].to_numpy()) if "people" in demand.columns else None


def unit_count(demand: gpd.GeoDataFrame) -> NDArray[np.int64] | None:
    """Units by row, None where the rows are no units."""
    return demand["units"].to_numpy().astype(np.int64) if "units" in demand.columns else None


def _rows(mask: NDArray[np.bool_], index: pd.Index) -> str:
    first = ", ".join(map(str, index[mask][:3]))
    return f"{int(mask.sum())} of {len(mask)} rows (first: {first})"
