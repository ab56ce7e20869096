"""Service areas: the streets that a facility reaches, with a margin on both sides."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, get_args

import geopandas as gpd
import numpy as np
import shapely
from numpy.typing import NDArray

from siting.access.gates import entries
from siting.access.outline_shapes import Rings, rings_alone, rings_around, segments_of, sound_shapes
from siting.access.places import Goals, cutoff_mm
from siting.access.reached_hulls import Hulls
from siting.access.reached_parts import Search, incident, parts_of_each, reached_parts
from siting.access.service_kinds import own_cutoffs, own_shapes, shapes_of
from siting.errors import SchemaError
from siting.network.core_search import nearest_seeds
from siting.network.graph import MAX_SNAP_M
from siting.network.layers import labels
from siting.network.threads import in_blocks

if TYPE_CHECKING:
    from siting.network.graph import Network

BUFFER_M = 30.0
Longs = NDArray[np.int64]
Overlap = Literal["overlap", "split", "dissolve"]


def service_areas(
    network: Network,
    facilities: gpd.GeoDataFrame,
    cutoffs: float | Sequence[float] | str,
    overlap: str = "dissolve",
    *,
    buffer_m: float = BUFFER_M,
    max_snap_m: float = MAX_SNAP_M,
    entrances: gpd.GeoDataFrame | None = None,
    facility_entries: gpd.GeoDataFrame | None = None,
    outline: Outline | None = None,
    shape: str = "streets",
) -> gpd.GeoDataFrame:
    """Areas within given distances of facilities, over the streets.

    The reached parts of the streets are exact: a place of a street belongs to an area if a facility is at most
    ``cutoff`` away from it. The area is drawn around those parts, on a grid with 16 cells to ``buffer_m``: it holds
    all that is within 0.9 of ``buffer_m`` of them, and nothing that is farther than ``buffer_m``, whatever lies
    between. So it crosses no river wider than that, and a street that is not reached is inside only where it runs
    within ``buffer_m`` of one that is (as at a bridge, above and below). Take a smaller ``buffer_m`` for short
    cutoffs. Who is served is decided by `siting.access.nearest`, never by these outlines: a home may lie farther off
    its street.

    Parameters
    ----------
    cutoffs : metres (seconds, where the network has times), one or several; each gives its own areas, larger ones hold
        smaller ones (but for a hundredth of ``buffer_m``, by which outlines are thinned). Or the name of a column of
        ``facilities`` that holds each one's own cutoff in metres
    overlap : "dissolve", one area a cutoff for all facilities together; "overlap", one for each facility; "split", one
        for each facility without overlap: a place of a street goes to the facility nearest over the streets, a place
        between streets to that of the nearest street, and together they are the dissolved area. With own cutoffs a
        place goes to the nearest of those that reach it
    facility_entries : what `siting.access.entries` found for these facilities before, if it was asked already
    outline : of this network and ``buffer_m``, to save time where areas of many layers are drawn
    shape : "streets", along the streets; or "hull", the convex hull of all reached places of the streets, without a
        buffer: drawn twenty times sooner, but rough, as it holds whatever lies between, such as streets that are not
        reached and the other bank of a river. A line or a point where the reached places span no area; hulls can be
        dissolved, but not split

    Returns
    -------
    Index "<facility>/<cutoff>" (facility "all" where dissolved) named ``id``; columns ``facility`` (None where
    dissolved), ``cutoff`` (in the network's unit; NaN where areas of different own cutoffs are dissolved),
    ``buffer_m``; geometry in the network's CRS, empty where nothing is reached.

    Raises
    ------
    SchemaError
        A cutoff is missing or negative, ``overlap`` or ``shape`` is none of these, or ``outline`` is another network's.
    NetworkDataError
        Own cutoffs are in metres, and the network has times.
    """
    own = None
    if isinstance(cutoffs, str):
        network.require_lengths("service areas by own cutoffs")
        own = own_cutoffs(facilities, cutoffs)
        cutoffs = own.tolist() or [0.0]
    limits = [float(c) for c in np.atleast_1d(np.asarray(cutoffs, dtype=np.float64))]
    if not limits or not all(np.isfinite(c) and c >= 0 for c in limits):
        msg = f"service areas: cutoffs {limits} must be metres, 0 or more"
        raise SchemaError(msg)
    if overlap not in get_args(Overlap):
        known = ", ".join(repr(kind) for kind in get_args(Overlap))
        msg = f"service areas: overlap={overlap!r} is not available; must be one of {known}"
        raise SchemaError(msg)
    if shape not in ("streets", "hull") or (shape == "hull" and overlap == "split"):
        msg = f"service areas: shape={shape!r} is not available{' for split areas' if shape == 'hull' else ''}; " + (
            "take 'streets', or overlap='overlap'" if shape == "hull" else "must be one of 'streets', 'hull'"
        )
        raise SchemaError(msg)
    names = labels(facilities, "facilities")
    found = facility_entries
    if found is None:
        found = entries(network, facilities, entrances, max_snap_m=max_snap_m)
    goals = Goals.of(network, found, names)
    if outline is None:
        outline = Outline(network, buffer_m)
    elif outline.network is not network or outline.buffer_m != buffer_m:
        msg = "service areas: outline was made with another network or buffer_m; give the same ones"
        raise SchemaError(msg)
    draws = outline if shape == "streets" else Hulls(network)
    if own is not None:
        rows = [(None, np.nan)] if overlap == "dissolve" else list(zip(names, own.tolist(), strict=True))
        shapes = own_shapes(draws, goals, own, overlap)
    else:
        each = [None] if overlap == "dissolve" else list(names)
        rows = [(name, limit) for limit in limits for name in each]
        shapes = [shape for limit in limits for shape in shapes_of(draws, goals, cutoff_mm(limit), overlap)]
    ids = [
        f"{'all' if name is None else name}/{'own' if np.isnan(limit) else format(limit, 'g')}" for name, limit in rows
    ]
    columns = {"facility": np.array([name for name, _ in rows], dtype=object), "cutoff": [limit for _, limit in rows]}
    made = gpd.GeoDataFrame(columns, geometry=np.array(shapes, dtype=object), crs=network.crs, index=ids)
    made.insert(2, "buffer_m", float(buffer_m) if shape == "streets" else 0.0)
    return made.rename_axis("id")


class Outline:
    """Draws the areas around reached parts of one network's streets.

    Raises
    ------
    SchemaError
        ``buffer_m`` is not above 0.
    """

    def __init__(self, network: Network, buffer_m: float = BUFFER_M) -> None:
        if not (np.isfinite(buffer_m) and buffer_m > 0):
            msg = f"service areas: buffer_m={buffer_m!r} must be metres above 0"
            raise SchemaError(msg)
        self.network = network
        self.buffer_m = buffer_m

    def dissolved(self, goals: Goals, limit: int) -> shapely.Geometry:
        """One area around all that any facility reaches."""
        network = self.network
        node_cost, _ = nearest_seeds(network, network.in_core, *goals.seeds(network), limit)
        every, doors = np.arange(network.n_edges), goals.places(network)
        return self.around(*reached_parts(network, node_cost, every, doors, slice(None), limit))

    def around(self, edge: Longs, low: Longs, high: Longs) -> shapely.Geometry:
        """Return the area within the buffer of parts of edges."""
        return sound_shapes([rings_around(segments_of(self.network, edge, low, high), self.buffer_m)])[0]

    def each(self, goals: Goals, limit: int) -> list[shapely.Geometry]:
        """Return an area for every facility, around what it reaches alone."""
        ends, search = incident(self.network), Search(self.network, goals, limit)

        def block(first: int, last: int) -> list[Rings]:
            parts = parts_of_each(self.network, goals, search, first, last, ends)
            return [rings_alone(segments_of(self.network, *some), self.buffer_m) for some in parts]

        return sound_shapes([rings for some in in_blocks(block, len(goals.ptr) - 1, 16) for rings in some])
