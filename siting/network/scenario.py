"""Networks as they might be: a street closed, a link or a footbridge added; the network they start from stays.

Only the edges concerned are cut, at whole millimetres. Points keep their places: nobody is placed on a planned link
unless it is said to carry points, and who lives on a closed street leaves it by the end on their side. So adding never
lengthens a way, closing never shortens one, and closing what was added restores every distance.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, TypeAlias

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from siting.errors import GeometryError, NetworkDataError
from siting.ledger import Account, Finding, Text
from siting.network.assemble import Pieces, assemble
from siting.network.graph import Network
from siting.network.kept_places import KeptGrid
from siting.network.layers import geometries
from siting.network.planned import Contact, PlannedPiece, contacts_of, planned_pieces
from siting.network.segments import SegmentGrid
from siting.network.splitting import Split, nearest_place, split

CONNECT_M = 30.0
"""An end of a planned link, or a place to be closed, lies on the nearest street within this distance."""
PREFIX = "planned/"
"""Way ids of planned links start with this."""
Line: TypeAlias = shapely.LineString | gpd.GeoSeries | gpd.GeoDataFrame
Spot: TypeAlias = shapely.Point | gpd.GeoSeries | gpd.GeoDataFrame


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class ChangedNetwork(Network):
    """A network made from another by `close_street`, `add_link` or `add_crossing`.

    Attributes
    ----------
    base : the network as it is today
    base_edge : shape (m,), the edge of ``base`` that each edge is, or is a piece of; −1 for planned ones
    base_offset_mm : shape (m,), where on that edge it begins
    places : shape (m,), whether points may be placed on the edge
    scale : shape (m,), length by the length of the shape, of the whole edge that it comes from
    """

    base: Network
    base_edge: NDArray[np.int64]
    base_offset_mm: NDArray[np.int64]
    places: NDArray[np.bool_]
    scale: NDArray[np.float64]

    @cached_property
    def edge_carries(self) -> NDArray[np.bool_]:
        """Whether points may be placed on the edge: as in ``base``; on planned links if they were said to."""
        return self.places

    @cached_property
    def stretch(self) -> NDArray[np.float64]:
        """Length of each edge by the length of its shape: a piece has that of its whole edge."""
        return self.scale

    @cached_property
    def carrying_grid(self) -> SegmentGrid:
        """Segments on which points are placed, as in ``base``, and planned links that carry points."""
        planned = np.flatnonzero(self.places & (self.base_edge < 0))
        return KeptGrid.keep(self, self.base, self.base.carrying_grid, self.base_edge, self.base_offset_mm, planned)

    @cached_property
    def ground_grid(self) -> SegmentGrid:
        """Segments of the `ground_edges`, as in ``base``, and planned ones."""
        planned = self.ground_edges[self.base_edge[self.ground_edges] < 0]
        return KeptGrid.keep(self, self.base, self.base.ground_grid, self.base_edge, self.base_offset_mm, planned)

    @cached_property
    def fragment_grid(self) -> SegmentGrid:
        """Segments of the fragments; planned links that carry no points are none."""
        lost = np.flatnonzero(~self.places & (self.base_edge >= 0))
        return SegmentGrid.of(self.edge_coords, self.edge_ptr, lost)

    @property
    def changes(self) -> tuple[Finding, ...]:
        """What was changed since ``base``, in order."""
        return tuple(f for account in self.accounts[len(self.base.accounts) :] for f in account.findings)


def close_street(
    network: Network,
    *,
    edge: int | Iterable[int] | None = None,
    way: str | None = None,
    near: Spot | None = None,
    max_snap_m: float = CONNECT_M,
) -> ChangedNetwork:
    """Close a street to everybody who passes: it is cut in two ends that are not joined.

    What stands along it stays there and leaves by the end on its side, so no way becomes shorter.

    Parameters
    ----------
    edge : positions of edges, cut in the middle
    way : id of a way as in ``network.edges["way_id"]``; each of its edges is cut in the middle. A planned link has the
        id ``planned/<name>``
    near : a point (in the network's CRS, or a layer of one row); the nearest edge is cut at the place nearest to it
    max_snap_m : how far that may be

    Raises
    ------
    NetworkDataError
        Not exactly one of ``edge``, ``way`` and ``near`` is given, there is no such edge or way, or none is near.
    """
    if sum(given is not None for given in (edge, way, near)) != 1:
        msg = "close_street: give one of edge, way and near"
        raise NetworkDataError(msg)
    if near is not None:
        xy = shapely.get_coordinates(one_shape(near, network, "Point"))[0]
        found = nearest_place(network, xy, max_snap_m)
        if found is None:
            msg = f"close_street: no street lies within {max_snap_m:g} m of ({xy[0]:.1f}, {xy[1]:.1f})"
            raise NetworkDataError(msg)
        cuts = [found[0]]
    else:
        edges = edges_of_way(network, way) if way is not None else positions(network, edge)
        cuts = [(e, int(network.edge_mm[e]) // 2) for e in edges]
    made = split(network, cuts, apart=True)
    ids = way_names(network, [e for e, _ in cuts])
    km = sum(int(network.edge_mm[e]) for e, _ in cuts) / 1e6
    text = Text(
        f"封闭 {len(cuts)} 个路段（共 {km:.3f} 公里）：{'、'.join(ids[:5])}",
        f"{len(cuts)} edges closed ({km:.3f} km): {', '.join(ids[:5])}",
    )
    note = Finding(code="street_closed", kind="note", count=len(cuts), text=text, ids=tuple(ids[:20]))
    return changed(network, made, [], note, places=False)


def add_link(
    network: Network,
    line: Line,
    *,
    name: str = "link",
    highway: str = "footway",
    bridge: bool = False,
    tunnel: bool = False,
    one_way: bool = False,
    carries_points: bool = False,
    max_snap_m: float = CONNECT_M,
) -> ChangedNetwork:
    """Add a planned street or path, joined to the streets at both ends and where it crosses them on the ground.

    Parameters
    ----------
    line : LineString in the network's CRS, or a layer of one line
    name : names the link: its way id is ``planned/<name>``
    bridge, tunnel : it meets streets at its ends only
    one_way : open from its first to its last point only
    carries_points : whether points may be placed on it, and areas be entered from it, as from any street. Homes along
        it then move to it, and for some the way may become longer
    max_snap_m : how far its ends may lie from a street; the straight piece to the street is part of the link

    Raises
    ------
    NetworkDataError
        An end lies farther from every street, both ends are one and the same place, the name is taken, or the link
        is said to be a bridge and a tunnel.
    GeometryError
        The geometry is not one finite line.
    """
    way_id = free_name(network, name)
    if bridge and tunnel:
        msg = f"{way_id}: a link is a bridge or a tunnel, not both"
        raise NetworkDataError(msg)
    path = shapely.get_coordinates(one_shape(line, network, "LineString"))
    contacts, path = contacts_of(network, path, way_id, max_snap_m, crossings=not (bridge or tunnel))
    tags = {"way_id": way_id, "highway": highway, "name": name, "bridge": bridge, "tunnel": tunnel,
            "layer": int(bridge) - int(tunnel)}  # fmt: skip
    return linked(network, path, contacts, tags, one_way=one_way, carries_points=carries_points)


def add_crossing(
    network: Network,
    a: Spot,
    b: Spot,
    *,
    name: str = "crossing",
    bridge: bool = False,
    max_snap_m: float = CONNECT_M,
) -> ChangedNetwork:
    """Join two places on streets by a straight crossing or footbridge; it meets nothing in between.

    Parameters
    ----------
    a, b : points in the network's CRS, or layers of one row; each is moved to the nearest place on a street
    name : names it: its way id is ``planned/<name>``
    bridge : a footbridge, else a crossing on the ground
    max_snap_m : how far the points may lie from a street

    Raises
    ------
    NetworkDataError
        A point lies farther from every street, both are at one and the same place, or the name is taken.
    """
    way_id = free_name(network, name)
    ends = [shapely.get_coordinates(one_shape(p, network, "Point"))[0] for p in (a, b)]
    contacts, path = contacts_of(network, np.array(ends), way_id, max_snap_m, crossings=False)
    # Straight from street to street: the points only say where.
    path = path[[0, -1]]
    contacts = [contacts[0], replace(contacts[-1], metres=float(np.hypot(*(path[1] - path[0]))))]
    tags = {"way_id": way_id, "highway": "footway", "name": name, "bridge": bridge, "tunnel": False,
            "layer": int(bridge)}  # fmt: skip
    return linked(network, path, contacts, tags, one_way=False, carries_points=False)


def linked(
    network: Network,
    path: NDArray[np.float64],
    contacts: list[Contact],
    tags: dict[str, Any],
    *,
    one_way: bool,
    carries_points: bool,
) -> ChangedNetwork:
    """Cut the edges that a link meets, and add its pieces."""
    made = split(network, [c.place for c in contacts if c.inside(network)], apart=False)
    pieces = planned_pieces(network, path, contacts, made.node_at, made.pieces.xy)
    if not pieces:
        msg = f"{tags['way_id']}: both ends are one and the same place on the streets. Draw it from street to street"
        raise NetworkDataError(msg)
    metres = sum(p.length_mm for p in pieces) / 1000
    kind = Text("桥", "bridge") if tags["bridge"] else Text("连接", "link")
    text = Text(
        f"新增{kind.zh} {tags['name']}：{metres:.1f} 米，接入 {len(contacts)} 处",
        f"{kind.en} {tags['name']} added: {metres:.1f} m, joined at {len(contacts)} places",
    )
    note = Finding(code="link_added", kind="note", count=len(pieces), text=text, ids=(tags["way_id"],))
    return changed(network, made, pieces, note, places=carries_points, tags=tags, one_way=one_way)


def changed(
    network: Network,
    made: Split,
    planned: list[PlannedPiece],
    note: Finding,
    *,
    places: bool,
    tags: dict[str, Any] | None = None,
    one_way: bool = False,
) -> ChangedNetwork:
    """Put cut edges and planned pieces together, and remember where every edge comes from."""
    if network.times is not None:
        msg = "scenario: the network has travel times already. Change the streets first, then call timed(…)"
        raise NetworkDataError(msg)
    pieces = with_planned(made.pieces, planned, tags or {}, one_way)
    n = len(planned)
    source = note.ids[0] if note.ids else note.code
    account = Account(layer="scenario", source=source, rows_in=note.count, rows_used=note.count, findings=(note,))
    whole = assemble(pieces, crs=network.crs, mode=network.mode, min_component_share=0.0)
    if isinstance(network, ChangedNetwork):
        base, base_edge, base_offset = network.base, network.base_edge, network.base_offset_mm
    else:
        base, base_edge = network, np.arange(network.n_edges)
        base_offset = np.zeros(network.n_edges, dtype=np.int64)
    origin = base_edge[made.origin]
    carrying = np.concatenate([network.edge_carries[made.origin], np.full(n, places)])
    own = {f.name: getattr(whole, f.name) for f in fields(Network)}
    # A component carries points if one of its edges does, however small it has become.
    carries = np.zeros(len(whole.carries), dtype=bool)
    carries[whole.edge_component[carrying]] = True
    own |= {"accounts": (*network.accounts, account), "carries": carries}
    return ChangedNetwork(
        **own,
        base=base,
        base_edge=np.concatenate([origin, np.full(n, -1)]),
        base_offset_mm=np.concatenate(
            [np.where(origin >= 0, base_offset[made.origin] + made.start_mm, 0), np.zeros(n, dtype=np.int64)]
        ),
        places=carrying,
        scale=np.concatenate([network.stretch[made.origin], np.ones(n)]),
    )


def with_planned(pieces: Pieces, planned: list[PlannedPiece], tags: dict[str, Any], one_way: bool) -> Pieces:
    """Append planned pieces to edges."""
    if not planned:
        return pieces
    n = len(planned)
    table = pieces.edges.iloc[[0] * n].copy()
    for column in table.columns:
        kind = table[column].dtype
        blank: Any = None
        if pd.api.types.is_bool_dtype(kind):
            blank = False
        elif pd.api.types.is_numeric_dtype(kind):
            blank = 0
        table[column] = pd.Series([tags.get(str(column), blank)] * n, index=table.index, dtype=kind)
    assert pieces.edge_mm is not None
    count = np.array([len(p.coords) for p in planned])
    return replace(
        pieces,
        edge_u=np.concatenate([pieces.edge_u, [p.u for p in planned]]).astype(np.int64),
        edge_v=np.concatenate([pieces.edge_v, [p.v for p in planned]]).astype(np.int64),
        edge_coords=np.concatenate([pieces.edge_coords, *(p.coords for p in planned)]),
        edge_ptr=np.concatenate([pieces.edge_ptr, pieces.edge_ptr[-1] + np.cumsum(count)]),
        forward=np.concatenate([pieces.forward, np.ones(n, dtype=bool)]),
        backward=np.concatenate([pieces.backward, np.full(n, not one_way)]),
        edges=pd.concat([pieces.edges, table], ignore_index=True),
        edge_mm=np.concatenate([pieces.edge_mm, [p.length_mm for p in planned]]).astype(np.int64),
    )


def one_shape(given: Line | Spot, network: Network, kind: str) -> shapely.Geometry:
    """Return the one geometry that was given, in the network's CRS."""
    layer = given
    if isinstance(given, shapely.Geometry):
        layer = gpd.GeoSeries([given], crs=network.crs)
    shapes = geometries(layer, network.crs, "scenario")
    if len(shapes) == 1 and shapes[0].geom_type == f"Multi{kind}" and len(shapes[0].geoms) == 1:
        shapes = np.array([shapes[0].geoms[0]], dtype=object)
    if len(shapes) != 1 or shapes[0].geom_type != kind:
        found = ", ".join(sorted({s.geom_type for s in shapes})) or "nothing"
        msg = f"scenario: expected one {kind}, got {len(shapes)} ({found}). Pass them one by one"
        raise GeometryError(msg)
    shape: shapely.Geometry = shapes[0]
    return shape


def positions(network: Network, edge: int | Iterable[int] | None) -> list[int]:
    """Positions of edges that exist, each once."""
    asked = np.atleast_1d(np.asarray(list(edge) if isinstance(edge, Iterable) else edge))
    if asked.size and not (asked.ndim == 1 and np.issubdtype(asked.dtype, np.integer)):
        msg = f"close_street: edges are positions, whole numbers from 0 to {network.n_edges - 1}, got {edge!r}"
        raise NetworkDataError(msg)
    found: list[int] = list(dict.fromkeys(asked.tolist()))
    wrong = [e for e in found if not 0 <= e < network.n_edges]
    if wrong or not found:
        what = f"there is no edge {wrong[0]}" if wrong else "no edge is given"
        msg = f"close_street: {what}; positions go from 0 to {network.n_edges - 1}"
        raise NetworkDataError(msg)
    return found


def edges_of_way(network: Network, way: str) -> list[int]:
    """Positions of the edges of a way."""
    found: list[int] = np.flatnonzero((network.edges["way_id"] == way).to_numpy(dtype=bool)).tolist()
    if not found:
        some = ", ".join(str(i) for i in network.edges["way_id"].dropna().unique()[:3])
        msg = f"close_street: there is no way {way!r} in the network; its ids are like {some}"
        raise NetworkDataError(msg)
    return found


def way_names(network: Network, edges: list[int]) -> list[str]:
    """Name edges by their ways."""
    ids = network.edges["way_id"].iloc[edges]
    return [f"edge {e}" if pd.isna(i) else str(i) for e, i in zip(edges, ids, strict=True)]


def free_name(network: Network, name: str) -> str:
    """Return the way id of a planned link, or refuse a name that is taken."""
    way_id = f"{PREFIX}{name}"
    if (network.edges["way_id"] == way_id).any():
        msg = f"scenario: a planned link is named {name!r} already. Give this one another name"
        raise NetworkDataError(msg)
    return way_id
