"""Where a planned link meets the streets, and its pieces between those places."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.ops import substring

from siting.errors import NetworkDataError
from siting.network.snap import along_mm
from siting.network.splitting import Place, edges_near, nearest_place, node_of, place_xy
from siting.units import metres_to_mm

if TYPE_CHECKING:
    from siting.network.graph import Network

TOUCH_M = 0.001
"""Places nearer than this are one."""
Points = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Contact:
    """A place of a link that is also a place on a street: metres along the link, and the place on the edge."""

    metres: float
    place: Place

    def inside(self, network: Network) -> bool:
        """Whether the edge must be cut there: it is at neither of its ends."""
        return node_of(network, self.place) is None


@dataclass(frozen=True, slots=True, eq=False)
class PlannedPiece:
    """An edge to be added: from node ``u`` to node ``v``, its shape (k, 2) and its length."""

    u: int
    v: int
    coords: Points
    length_mm: int


def contacts_of(
    network: Network, path: Points, way_id: str, max_snap_m: float, *, crossings: bool
) -> tuple[list[Contact], Points]:
    """Find where a link meets the streets, in the order of the link.

    Returns
    -------
    The contacts, the first and the last at its ends; and the link from street to street.

    Raises
    ------
    NetworkDataError
        An end lies farther than ``max_snap_m`` from every street, or both are one and the same place.
    """
    same_place = f"{way_id}: both ends are one and the same place on the streets. Draw it from street to street"
    if (path == path[0]).all():
        raise NetworkDataError(same_place)
    ends = []
    for which, xy in (("start", path[0]), ("end", path[-1])):
        found = nearest_place(network, xy, max_snap_m)
        if found is None:
            msg = (
                f"{way_id}: its {which} ({xy[0]:.1f}, {xy[1]:.1f}) lies over {max_snap_m:g} m from every street. "
                "Draw it up to a street, or raise max_snap_m"
            )
            raise NetworkDataError(msg)
        ends.append(found[0])
    path = up_to(path, place_xy(network, ends[0]), max_snap_m)
    path = up_to(path[::-1], place_xy(network, ends[1]), max_snap_m)[::-1] if len(path) > 1 else path
    if len(path) < 2:
        raise NetworkDataError(same_place)
    line = shapely.LineString(path)
    contacts = [Contact(0.0, ends[0])]
    if crossings:
        contacts += sorted(crossings_of(network, line), key=lambda c: (c.metres, c.place))
    return [*contacts, Contact(line.length, ends[1])], path


def up_to(path: Points, place: Points, within_m: float) -> Points:
    """Begin a link at its place on the street: what was drawn beyond it is cut off, what lacks is added straight."""
    line = shapely.LineString(path)
    drawn = substring(line, 0.0, min(within_m, line.length))
    path = shapely.get_coordinates(substring(line, drawn.project(shapely.Point(place)), line.length))
    gap_x, gap_y = (path[0] - place).tolist()
    touches = float(np.hypot(gap_x, gap_y)) < TOUCH_M
    return np.vstack([place, path[1:] if touches else path])


def crossings_of(network: Network, line: shapely.LineString) -> list[Contact]:
    """Find where a link on the ground meets streets on the ground, its ends left out."""
    box = np.array(line.bounds)
    near = edges_near(network, box[:2], box[2:], 0.0)
    table = network.edges.iloc[near]
    above = (table["bridge"] | table["tunnel"] | (table["layer"] != 0)).to_numpy(dtype=bool)
    near = near[~above]
    row = np.repeat(np.arange(len(near)), np.diff(network.edge_ptr)[near])
    xy = [network.edge_coords[network.edge_ptr[e] : network.edge_ptr[e + 1]] for e in near]
    if not xy:
        return []
    streets = np.asarray(shapely.linestrings(np.concatenate(xy), indices=row), dtype=object)
    # A stretch that both share becomes its vertices.
    points, street = shapely.get_coordinates(shapely.intersection(streets, line), return_index=True)
    edge = near[street]
    at = shapely.points(points)
    offset = along_mm(network, edge, shapely.line_locate_point(streets[street], at))
    metres = np.asarray(shapely.line_locate_point(line, at), dtype=np.float64)
    inside = (metres > TOUCH_M) & (metres < line.length - TOUCH_M)
    rows = zip(metres[inside].tolist(), edge[inside].tolist(), offset[inside].tolist(), strict=True)
    return [Contact(m, (e, mm)) for m, e, mm in rows]


def planned_pieces(
    network: Network, path: Points, contacts: list[Contact], node_at: dict[Place, int], xy: Points
) -> list[PlannedPiece]:
    """Pieces of a link between consecutive contacts; none between two contacts at one node without a way between.

    Parameters
    ----------
    path : shape (k, 2), the link from its first to its last contact
    node_at : nodes at the places where edges were cut
    xy : coordinates of all nodes
    """
    line = shapely.LineString(path)
    pieces = []
    nodes = [node_of(network, c.place) for c in contacts]
    known = [node_at[c.place] if n is None else n for c, n in zip(contacts, nodes, strict=True)]
    for (u, one), (v, other) in pairwise(zip(known, contacts, strict=True)):
        inner = shapely.get_coordinates(substring(line, one.metres, other.metres))[1:-1]
        coords = np.vstack([xy[u], inner, xy[v]])
        length_mm = int(metres_to_mm(shapely.LineString(coords).length))
        if u != v or length_mm > 0:
            pieces.append(PlannedPiece(u, v, coords, length_mm))
    return pieces
