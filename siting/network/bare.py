"""A network from plain arrays: nodes, edges between them and their lengths, for data that are a graph already."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from siting.errors import NetworkDataError
from siting.inputs.coordinates import check_working_crs
from siting.network.assemble import Pieces, assemble
from siting.network.graph import Network


def from_arrays(
    xy: ArrayLike,
    u: ArrayLike,
    v: ArrayLike,
    length_mm: ArrayLike | None = None,
    *,
    crs: CRS | str | int,
    oneway: ArrayLike | None = None,
    coords: tuple[ArrayLike, ArrayLike] | None = None,
    mode: str = "walk",
    min_component_share: float = 0.0,
) -> Network:
    """Build a network whose nodes and edges are those of the arrays, in their order.

    Parameters
    ----------
    xy : shape (n, 2), positions of the nodes in ``crs``
    u, v : shape (m,), positions of the nodes at both ends of each edge; loops and parallel edges are kept
    length_mm : shape (m,), whole millimetres, 0 or more; None measures the shapes
    crs : projected, in metres
    oneway : shape (m,), True where an edge may be used from u to v only; None opens all both ways
    coords : shapes of the edges from u to v in compressed rows, ``(coordinates (k, 2), pointers (m + 1,))``; None
        draws them straight
    min_component_share : components with a smaller share of the vertices carry no points

    Raises
    ------
    NetworkDataError
        Shapes of the arrays disagree, an end is no node, or a length is no whole number, negative or too large.
    CRSError
        ``crs`` is not in metres.
    """
    work = check_working_crs(crs, "streets")
    places = np.asarray(xy, dtype=np.float64)
    tail, head = whole(u, "u"), whole(v, "v")
    m = len(tail)
    if places.ndim != 2 or places.shape[1:] != (2,):
        msg = f"streets: xy has shape {places.shape}, expected (n, 2)"
        raise NetworkDataError(msg)
    if len(head) != m:
        msg = f"streets: v has {len(head)} edges and u has {m}; they must agree"
        raise NetworkDataError(msg)
    if m and not (min(tail.min(), head.min()) >= 0 and max(tail.max(), head.max()) < len(places)):
        msg = f"streets: ends of edges must be positions of the {len(places)} nodes, 0 or more"
        raise NetworkDataError(msg)
    forward = np.ones(m, dtype=bool)
    backward = forward if oneway is None else ~np.asarray(oneway, dtype=bool)
    if coords is None:
        shape, ptr = places[np.column_stack([tail, head]).ravel()], np.arange(0, 2 * m + 1, 2)
    else:
        shape, ptr = np.asarray(coords[0], dtype=np.float64), whole(coords[1], "pointers of coords")
    length = None if length_mm is None else whole(length_mm, "length_mm")
    same = {"oneway": len(backward), "length_mm": m if length is None else len(length)}
    for name, count in (same | {"coords": len(ptr) - 1}).items():
        if count != m:
            msg = f"streets: {name} has {count} edges and u has {m}; they must agree"
            raise NetworkDataError(msg)
    if m and (ptr[0] != 0 or ptr[-1] != len(shape) or (np.diff(ptr) < 2).any()):
        msg = "streets: pointers of coords must run from 0 to the number of coordinates, two or more an edge"
        raise NetworkDataError(msg)
    pieces = Pieces(
        node_id=np.arange(len(places)),
        xy=places,
        edge_u=tail,
        edge_v=head,
        edge_coords=shape,
        edge_ptr=ptr.astype(np.int64),
        forward=forward,
        backward=backward,
        edges=pd.DataFrame(index=pd.RangeIndex(m)),
        edge_mm=length,
    )
    return assemble(pieces, crs=work, mode=mode, min_component_share=min_component_share)


def whole(values: ArrayLike, name: str) -> NDArray[np.int64]:
    """Return a row of whole numbers as int64, or refuse it."""
    array = np.asarray(values)
    if array.ndim != 1 or not (np.issubdtype(array.dtype, np.integer) or array.size == 0):
        msg = f"streets: {name} is {array.dtype} of shape {array.shape}, expected one row of whole numbers"
        raise NetworkDataError(msg)
    return array.astype(np.int64)
