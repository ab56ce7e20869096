"""Ways become edges: cut where ways share a node, measured in the working CRS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pyproj import CRS

from siting.errors import NetworkDataError
from siting.inputs.coordinates import check_working_crs, choose_crs, lonlat_bounds, transform_xy
from siting.inputs.street_filter import MODES, Mode
from siting.network.assemble import Pieces, assemble
from siting.network.graph import MIN_COMPONENT_SHARE, Network

if TYPE_CHECKING:
    from siting.inputs.streets import Streets

PERMISSIONS = ("walk", "walk_forward", "walk_backward", "drive_forward", "drive_backward")


def from_streets(
    streets: Streets, crs: CRS | str | int, mode: str = "walk", min_component_share: float = MIN_COMPONENT_SHARE
) -> Network:
    """Build the network of one mode from ways that share nodes.

    Parameters
    ----------
    streets : ways as sequences of nodes, with tags and permissions
    crs : working CRS, projected and in metres; an edge is as long as its shape in it
    mode : "walk" (both ways, but for ``oneway:foot``) or "drive"; open ways are those of ``<mode>_forward`` and
        ``<mode>_backward``
    min_component_share : components with a smaller share of the vertices carry no points

    Raises
    ------
    NetworkDataError
        No way is open to the mode, a node has no finite position, or the mode is unknown.
    CRSError
        ``crs`` is not in metres.
    """
    work = check_working_crs(crs, "streets")
    forward, backward = permissions(streets.tags, mode)
    way_of, node = positions(streets.way_ptr, streets.way_node, forward | backward)
    if len(node) == 0:
        msg = f"streets: none of {len(streets.tags)} ways is open to {mode!r}. Check the file, or the mode"
        raise NetworkDataError(msg)
    xy = project(streets, work)
    start, end = cut(way_of, node)
    way = way_of[start]
    tags = streets.tags.iloc[way].drop(columns=[c for c in PERMISSIONS if c in streets.tags.columns])
    pieces = join(
        node, start, end, np.asarray(streets.node_id), xy, tags=tags, forward=forward[way], backward=backward[way]
    )
    return assemble(pieces, crs=work, mode=mode, min_component_share=min_component_share, accounts=(streets.account,))


def permissions(tags: pd.DataFrame, mode: str) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Whether each way may be used from its first to its last node, and back."""
    known_mode(mode)
    return tags[f"{mode}_forward"].to_numpy(dtype=bool), tags[f"{mode}_backward"].to_numpy(dtype=bool)


def known_mode(mode: str) -> Mode:
    """Return the mode, or refuse one that there is not."""
    for known in MODES:
        if mode == known:
            return known
    msg = f"streets: unknown mode {mode!r}; must be one of {', '.join(MODES)}"
    raise NetworkDataError(msg)


def positions(
    way_ptr: NDArray[np.int64], way_node: NDArray[np.int64], keep: NDArray[np.bool_]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Way and node of every position of the kept ways, without a node that repeats the one before it."""
    way_of = np.repeat(np.arange(len(way_ptr) - 1), np.diff(way_ptr))
    node = np.asarray(way_node, dtype=np.int64)
    stays = keep[way_of]
    repeats = np.zeros(len(node), dtype=bool)
    repeats[1:] = (node[1:] == node[:-1]) & (way_of[1:] == way_of[:-1])
    stays &= ~repeats
    way_of, node = way_of[stays], node[stays]
    # A way of one place has no length and no second end: nothing can lie on it.
    enough = np.bincount(way_of, minlength=len(way_ptr) - 1)[way_of] > 1
    return way_of[enough], node[enough]


def cut(way_of: NDArray[np.int64], node: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """First and last position of each edge: ways are cut at their ends and at every node that occurs twice."""
    ends = np.ones(len(node), dtype=bool)
    ends[1:-1] = (way_of[1:-1] != way_of[:-2]) | (way_of[1:-1] != way_of[2:])
    junction = np.flatnonzero(ends | (np.bincount(node)[node] > 1))
    same_way = way_of[junction[:-1]] == way_of[junction[1:]]
    return junction[:-1][same_way], junction[1:][same_way]


def join(
    node: NDArray[np.int64],
    start: NDArray[np.int64],
    end: NDArray[np.int64],
    node_id: NDArray[np.generic],
    xy: NDArray[np.float64],
    *,
    tags: pd.DataFrame,
    forward: NDArray[np.bool_],
    backward: NDArray[np.bool_],
) -> Pieces:
    """Collect the shapes of the edges, and number only the nodes at which edges end."""
    count = end - start + 1
    ptr = np.concatenate([[0], np.cumsum(count)]).astype(np.int64)
    take = np.repeat(start - ptr[:-1], count)
    take += np.arange(len(take))
    is_end = np.zeros(len(xy), dtype=bool)
    is_end[node[start]] = True
    is_end[node[end]] = True
    number = np.cumsum(is_end) - 1
    return Pieces(
        node_id=node_id[is_end],
        xy=xy[is_end],
        edge_u=number[node[start]],
        edge_v=number[node[end]],
        edge_coords=xy[node[take]],
        edge_ptr=ptr,
        forward=forward,
        backward=backward,
        edges=tags,
    )


def project(streets: Streets, work: CRS) -> NDArray[np.float64]:
    """Positions of all nodes in the working CRS, shape (n, 2)."""
    x, y = streets.lon, streets.lat
    if streets.crs != work:
        x, y = transform_xy(streets.crs, work, x, y)
    return np.column_stack([x, y]).astype(np.float64)


def from_osm(path: str | Path, mode: str = "walk", crs: CRS | str | int | None = None) -> Network:
    """Read the streets of an OSM file; without ``crs`` the working CRS is chosen by the place of the streets."""
    from siting.inputs.osm import read_streets

    streets = read_streets(path, modes=(known_mode(mode),))
    return from_streets(streets, crs if crs is not None else best_crs(streets), mode=mode)


def best_crs(streets: Streets) -> CRS:
    """Choose the projected CRS in metres for the middle of the streets."""
    x, y = streets.lon, streets.lat
    return choose_crs(lonlat_bounds(streets.crs, (x.min(), y.min(), x.max(), y.max()))).crs
