"""Gates as they might be: layers of mapped entrances with one opened or closed, for `siting.access.entries`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from pyproj import CRS

from siting.access.gates import GATE_TOLERANCE_M, entries
from siting.errors import CRSError, GeometryError, SchemaError
from siting.network.graph import MAX_SNAP_M
from siting.network.layers import first, geometries, labels

if TYPE_CHECKING:
    from siting.network.graph import Network


def explicit_gates(
    network: Network,
    facilities: gpd.GeoDataFrame,
    entrances: gpd.GeoDataFrame | None = None,
    *,
    max_snap_m: float = MAX_SNAP_M,
) -> gpd.GeoDataFrame:
    """Today's entries of all areas as mapped entrances, so that a gate added to them takes none of them away.

    An area without mapped gates is entered where streets cross its edge or where it lies open; the first gate that is
    mapped ends that. Add gates to what this returns, and the others stay. (Of streets that lie on each other a mapped
    gate is on the first only.)

    Returns
    -------
    Points, index = entry id named ``id``, column ``facility``; nothing of point facilities.
    """
    found = entries(network, facilities, entrances, max_snap_m=max_snap_m)
    return found.loc[found["kind"] != "point", ["facility", "geometry"]].assign(kind="gate")


def add_gate(
    entrances: gpd.GeoDataFrame | None,
    at: shapely.Point,
    *,
    id: str,
    crs: CRS | str | int | None = None,
    facilities: gpd.GeoDataFrame | None = None,
) -> gpd.GeoDataFrame:
    """Return the entrances with one more; it serves every area whose boundary it lies on.

    Where the layer says of its gates whether they are ``complete``, the new one does not claim to be the last.

    Parameters
    ----------
    entrances : mapped entrances, or None where there are none; see `explicit_gates` for areas without mapped gates
    at : a point in the CRS of ``entrances``, or in ``crs``
    crs : of ``at``, where it differs or there are no entrances
    facilities : areas, one of which the gate is meant for; without them nobody notices a gate that is on no boundary

    Raises
    ------
    SchemaError
        An entrance has this id.
    CRSError
        Neither the entrances nor ``crs`` give one.
    GeometryError
        ``at`` is no finite point, or lies on the boundary of none of the ``facilities``.
    """
    if entrances is None:
        nothing = gpd.GeoDataFrame({"kind": []}, geometry=[], crs=crs, index=pd.Index([], name="id", dtype=object))
        return add_gate(nothing, at, id=id, facilities=facilities)
    if id in labels(entrances, "entrances"):
        msg = f"entrances: there is one with the id {id!r} already. Give the new gate another id"
        raise SchemaError(msg)
    if entrances.crs is None:
        msg = "entrances: the layer has no CRS. Set the one its coordinates are in: entrances.set_crs(…)"
        raise CRSError(msg)
    where = gpd.GeoSeries([at], crs=entrances.crs if crs is None else crs)
    shape = geometries(where, CRS.from_user_input(entrances.crs), "entrances")
    if shape[0].geom_type != "Point":
        msg = f"entrances: a gate is a point, got {shape[0].geom_type}"
        raise GeometryError(msg)
    if facilities is not None:
        refuse_off_boundary(shape[0], id, facilities, CRS.from_user_input(entrances.crs))
    own = {"id": id, "kind": "gate", "complete": False, entrances.geometry.name: shape[0]}
    columns = {c: [*entrances[c].astype(object), own.get(str(c))] for c in entrances.columns}
    index = pd.Index([*entrances.index, id], name=entrances.index.name, dtype=object)
    return gpd.GeoDataFrame(columns, geometry=entrances.geometry.name, index=index, crs=entrances.crs)


def refuse_off_boundary(gate: shapely.Point, id: str, facilities: gpd.GeoDataFrame, crs: CRS) -> None:
    """Raise where a gate lies on the boundary of no area, so that it would serve none."""
    names = labels(facilities, "facilities")
    metres = crs if crs.is_projected else facilities.estimate_utm_crs()
    shapes = geometries(facilities, CRS.from_user_input(metres), "facilities")
    point = gpd.GeoSeries([gate], crs=crs).to_crs(metres).iloc[0]
    areas = np.flatnonzero(shapely.get_dimensions(shapes) == 2)
    distance = shapely.distance(shapely.boundary(shapes[areas]), point)
    if len(areas) == 0:
        msg = f"entrances: the gate {id!r} has no area to lead into, the facilities are all points"
        raise GeometryError(msg)
    if distance.min() > GATE_TOLERANCE_M:
        msg = (
            f"entrances: the gate {id!r} lies {distance.min():.1f} m from the nearest boundary (that of "
            f"{names[areas[int(distance.argmin())]]}), and counts within {GATE_TOLERANCE_M:g} m. Move it there"
        )
        raise GeometryError(msg)


def remove_gate(entrances: gpd.GeoDataFrame | None, id: str) -> gpd.GeoDataFrame:
    """Return the entrances without one.

    An area that loses its last mapped gate is entered where streets cross its edge, as `siting.access.entries` says.

    Raises
    ------
    SchemaError
        No entrance has this id.
    """
    if entrances is None or len(entrances) == 0:
        msg = f"entrances: there are none, so none has the id {id!r}. See explicit_gates for areas without mapped gates"
        raise SchemaError(msg)
    ids = labels(entrances, "entrances")
    keep = np.asarray(ids != id)
    if keep.all():
        msg = f"entrances: none has the id {id!r}; ids are like {first(ids)}"
        raise SchemaError(msg)
    return entrances[keep]
