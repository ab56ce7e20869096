"""The street network: integer lengths, edges with their shape, and the components that carry points."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike, NDArray
from pyproj import CRS

from siting.errors import NetworkDataError
from siting.ledger import Account
from siting.network.segments import SegmentGrid
from siting.units import MM_PER_M, metres_to_mm

if TYPE_CHECKING:
    import networkx as nx

    from siting.inputs.streets import Streets
    from siting.network.core import Core
    from siting.network.elevation import Heights
    from siting.network.impedance import Times
    from siting.network.profiles import Profile
    from siting.network.snap import Snapped

MIN_COMPONENT_SHARE = 0.01
"""Components with a smaller share of the vertices carry no points, unless no component reaches it."""
MAX_SNAP_M = 500.0
OF_SHAPES = (
    "stretch", "lines", "edge_component", "edge_carries", "carrying_grid", "ground_edges", "ground_grid",
    "fragment_grid",
)  # fmt: skip
"""What depends on shapes and on where points may be placed, not on directions: kept, once it is computed."""


@dataclass(frozen=True, slots=True, eq=False)
class Adjacency:
    """Arcs in compressed rows: those of node ``i`` are ``indptr[i]:indptr[i + 1]``.

    Attributes
    ----------
    indptr : shape (n_node + 1,)
    head : shape (n_arc,), int32, the node at the other end
    edge : shape (n_arc,), int32, the edge that the arc runs along
    """

    indptr: NDArray[np.int64]
    head: NDArray[np.int32]
    edge: NDArray[np.int32]


@dataclass(frozen=True, kw_only=True, eq=False)
class Network:
    """Streets as a graph of whole millimetres; points lie on edges, not on nodes.

    An edge is a piece of a way between two junctions (nodes that ways share) or ends. Parallel edges, self-loops and
    edges of length 0 are kept. All arrays are read-only.

    Attributes
    ----------
    crs : projected, in metres
    mode : "walk" or "drive"
    node_id : shape (n,), the source's ids (integers or strings)
    xy : shape (n, 2), metres
    edge_u, edge_v : shape (m,), positions of the end nodes
    edge_mm : shape (m,), int64: ``rint(1000 x planar length of the whole piece)``
    forward, backward : shape (m,), whether one may go from u to v, from v to u
    edge_coords, edge_ptr : the shape of edge ``e`` is ``edge_coords[edge_ptr[e]:edge_ptr[e + 1]]``, from u to v
    edges : one row an edge: ``way_id``, ``highway``, ``name``, ``bridge``, ``tunnel``, ``layer`` and what else the
        source has
    component : shape (n,), connected component (directions ignored) of each node; 0 has the most vertices
    carries : shape (n_component,), whether points may be placed on it
    out_arcs, in_arcs : adjacency along and against the permitted direction, without self-loops; one and the same
        object where every edge may be used both ways
    accounts : what happened to the rows of the source
    times : None, or how long each edge takes a profile: costs are then times, and an edge that is closed to the profile
        is neither ``forward`` nor ``backward``
    walls : None, or what the straight way from a point to its street does not cross; see `with_barriers`
    """

    crs: CRS
    mode: str
    node_id: NDArray[Any]
    xy: NDArray[np.float64]
    edge_u: NDArray[np.int64]
    edge_v: NDArray[np.int64]
    edge_mm: NDArray[np.int64]
    forward: NDArray[np.bool_]
    backward: NDArray[np.bool_]
    edge_coords: NDArray[np.float64]
    edge_ptr: NDArray[np.int64]
    edges: pd.DataFrame
    component: NDArray[np.int64]
    carries: NDArray[np.bool_]
    out_arcs: Adjacency
    in_arcs: Adjacency
    accounts: tuple[Account, ...] = field(default=())
    times: Times | None = None
    walls: shapely.STRtree | None = None

    @classmethod
    def from_osm(cls, path: str | Path, mode: str = "walk", crs: CRS | str | int | None = None) -> Network:
        """Read the streets of an OSM file (.osm.pbf, .osm); ``crs`` defaults to a good one in metres for its place."""
        from siting.network.build import from_osm

        return from_osm(path, mode=mode, crs=crs)

    @classmethod
    def from_streets(
        cls,
        streets: Streets,
        crs: CRS | str | int,
        mode: str = "walk",
        min_component_share: float = MIN_COMPONENT_SHARE,
    ) -> Network:
        """Cut ways at the nodes they share; see `siting.network.build.from_streets`."""
        from siting.network.build import from_streets

        return from_streets(streets, crs, mode=mode, min_component_share=min_component_share)

    @classmethod
    def from_lines(cls, lines: gpd.GeoDataFrame, **options: Any) -> Network:
        """Build from a line layer; see `siting.network.lines.from_lines` for the options."""
        from siting.network.lines import from_lines

        return from_lines(lines, **options)

    @classmethod
    def from_arrays(
        cls, xy: ArrayLike, u: ArrayLike, v: ArrayLike, length_mm: ArrayLike | None = None, **options: Any
    ) -> Network:
        """Build from plain arrays of nodes and edges; see `siting.network.bare.from_arrays` for the options."""
        from siting.network.bare import from_arrays

        return from_arrays(xy, u, v, length_mm, **options)

    @classmethod
    def from_networkx(cls, graph: nx.Graph, **options: Any) -> Network:
        """Build from a networkx or osmnx graph; see `siting.network.networkx_io.from_networkx` for the options."""
        from siting.network.networkx_io import from_networkx

        return from_networkx(graph, **options)

    def to_networkx(self, *, directed: bool = True) -> nx.MultiGraph:
        """Return a ``MultiDiGraph`` as osmnx uses it, or a ``MultiGraph``; lengths in metres, read back exactly."""
        from siting.network.networkx_io import to_networkx

        return to_networkx(self, directed=directed)

    def snap(self, points: gpd.GeoSeries | gpd.GeoDataFrame, max_snap_m: float = MAX_SNAP_M) -> Snapped:
        """Place points on the nearest edge that carries points; see `siting.network.snap.snap`."""
        from siting.network.snap import snap

        return snap(self, points, max_snap_m)

    def timed(self, profile: str | Profile, elevation: Heights | None = None) -> Network:
        """Return the same streets with travel times for costs; see `siting.network.impedance.timed`."""
        from siting.network.impedance import timed

        return timed(self, profile, elevation)

    def turned(self) -> Network:
        """Return the same streets with every direction turned round: one-way streets and times up and down hill.

        All costs run from demand to facilities, as people walk. On the turned network they are those from facilities to
        demand, as an engine drives out of its station: ``nearest(network.turned(), homes, stations)``.
        """
        turned = None if self.times is None else self.times.turned()
        made = replace(
            self,
            forward=self.backward,
            backward=self.forward,
            out_arcs=self.in_arcs,
            in_arcs=self.out_arcs,
            times=turned,
        )
        made.__dict__.update({name: self.__dict__[name] for name in OF_SHAPES if name in self.__dict__})
        return made

    def with_barriers(self, barriers: gpd.GeoSeries | gpd.GeoDataFrame) -> Network:
        """Return the network with walls between points and streets; see `siting.network.barriers.with_barriers`."""
        from siting.network.barriers import with_barriers

        return with_barriers(self, barriers)

    def save(self, path: str | Path) -> None:
        """Write the network to a file; see `siting.network.storage.save`."""
        from siting.network.storage import save

        save(self, path)

    @classmethod
    def load(cls, path: str | Path) -> Network:
        """Read a network that `save` wrote; see `siting.network.storage.load`."""
        from siting.network.storage import load

        return load(path)

    @property
    def n_nodes(self) -> int:
        """Number of junctions and ends."""
        return len(self.xy)

    @property
    def n_edges(self) -> int:
        """Number of edges."""
        return len(self.edge_mm)

    @cached_property
    def edge_component(self) -> NDArray[np.int64]:
        """Component of each edge, shape (m,)."""
        return self.component[self.edge_u]

    @cached_property
    def edge_carries(self) -> NDArray[np.bool_]:
        """Whether points may be placed on the edge, shape (m,): its component carries points and it is not closed."""
        return self.carries[self.edge_component] & (self.forward | self.backward)

    @property
    def unit(self) -> Literal["m", "s"]:
        """What costs are given in: metres, or seconds where the network has times."""
        return "m" if self.times is None else "s"

    @property
    def forward_cost(self) -> NDArray[np.int64]:
        """Cost of each edge from u to v, shape (m,): millimetres, or milliseconds."""
        return self.edge_mm if self.times is None else self.times.forward_ms

    @property
    def backward_cost(self) -> NDArray[np.int64]:
        """Cost of each edge from v to u, shape (m,): millimetres, or milliseconds."""
        return self.edge_mm if self.times is None else self.times.backward_ms

    @cached_property
    def out_cost(self) -> NDArray[np.int64]:
        """Cost of moving along each of `out_arcs`."""
        if self.times is None:
            return self.out_mm
        edge = self.out_arcs.edge
        return np.where(self.edge_v[edge] == self.out_arcs.head, self.forward_cost[edge], self.backward_cost[edge])

    @cached_property
    def in_cost(self) -> NDArray[np.int64]:
        """Cost of moving along each of `in_arcs`, which a search walks against its direction."""
        if self.times is None:
            return self.in_mm
        edge = self.in_arcs.edge
        return np.where(self.edge_u[edge] == self.in_arcs.head, self.forward_cost[edge], self.backward_cost[edge])

    def require_lengths(self, what: str) -> None:
        """Raise `NetworkDataError` if the network has times: ``what`` is defined for lengths only."""
        if self.times is not None:
            msg = f"{what}: it needs lengths, and the network has times ({self.times.profile.id}). Give the one without"
            raise NetworkDataError(msg)

    @cached_property
    def out_mm(self) -> NDArray[np.int64]:
        """Length of each of `out_arcs`."""
        self.require_lengths("lengths of the streets")
        return self.edge_mm[self.out_arcs.edge]

    @cached_property
    def in_mm(self) -> NDArray[np.int64]:
        """Length of each of `in_arcs`."""
        self.require_lengths("lengths of the streets")
        return self.out_mm if self.in_arcs is self.out_arcs else self.edge_mm[self.in_arcs.edge]

    @cached_property
    def node_bits(self) -> int:
        """How many bits hold a node position in the keys of a search."""
        return max(self.n_nodes, 2).bit_length()

    @cached_property
    def in_core(self) -> Core:
        """What is searched from facilities to demand: the network with dead ends and chains folded."""
        from siting.network.core import core_of

        return core_of(self)

    @cached_property
    def carrying_grid(self) -> SegmentGrid:
        """Segments on which points are placed, ready to search."""
        return self.walled(SegmentGrid.of(self.edge_coords, self.edge_ptr, np.flatnonzero(self.edge_carries)))

    def walled(self, grid: SegmentGrid) -> SegmentGrid:
        """Return a grid whose segments are not found across the `walls`, if there are any."""
        if self.walls is None:
            return grid
        from siting.network.barriers import WalledGrid

        return WalledGrid.around(grid, self.walls)

    @cached_property
    def ground_edges(self) -> NDArray[np.int64]:
        """Positions of the edges that carry points and are neither bridge nor tunnel."""
        above = self.edges["bridge"].to_numpy(dtype=bool) | self.edges["tunnel"].to_numpy(dtype=bool)
        return np.flatnonzero(self.edge_carries & ~above)

    @cached_property
    def ground_grid(self) -> SegmentGrid:
        """Segments of the `ground_edges`."""
        return self.walled(SegmentGrid.of(self.edge_coords, self.edge_ptr, self.ground_edges))

    @cached_property
    def fragment_grid(self) -> SegmentGrid:
        """Segments of the fragments, on which no point is placed."""
        return SegmentGrid.of(self.edge_coords, self.edge_ptr, np.flatnonzero(~self.carries[self.edge_component]))

    @cached_property
    def stretch(self) -> NDArray[np.float64]:
        """Length of each edge by the length of its shape; exactly 1 where the shape gives the length, shape (m,)."""
        shape_m = polyline_length(self.edge_coords, self.edge_ptr)
        measured = (metres_to_mm(shape_m) == self.edge_mm) | (shape_m == 0)
        return np.where(measured, 1.0, self.edge_mm / np.where(measured, 1.0, shape_m * MM_PER_M))

    @cached_property
    def lines(self) -> NDArray[np.object_]:
        """The edges as shapely LineStrings, shape (m,)."""
        row = np.repeat(np.arange(self.n_edges), np.diff(self.edge_ptr))
        return np.asarray(shapely.linestrings(self.edge_coords, indices=row), dtype=object)

    @cached_property
    def components(self) -> pd.DataFrame:
        """One row a component: its size, whether it carries points, and where it is.

        ``vertices`` counts bends too; ``x`` and ``y`` are those of its first node.
        """
        n = len(self.carries)
        nodes = np.bincount(self.component, minlength=n)
        bends = np.bincount(self.edge_component, weights=np.diff(self.edge_ptr) - 2, minlength=n).astype(np.int64)
        mm = np.zeros(n, dtype=np.int64)
        np.add.at(mm, self.edge_component, self.edge_mm)
        first = np.unique(self.component, return_index=True)[1]
        return pd.DataFrame(
            {
                "vertices": nodes + bends,
                "nodes": nodes,
                "edges": np.bincount(self.edge_component, minlength=n),
                "length_m": mm / MM_PER_M,
                "carries": self.carries,
                "x": self.xy[first, 0],
                "y": self.xy[first, 1],
            },
            index=pd.RangeIndex(n, name="component"),
        )

    @property
    def fragments(self) -> pd.DataFrame:
        """The rows of `components` that carry no points; `Snapped.caught` counts the points they would have caught."""
        table = self.components
        return table[~table["carries"]]

    def node_position(self, node_id: Hashable) -> int:
        """Position of a node by its id; `KeyError` if there is none."""
        return self._position_of[node_id]

    @cached_property
    def _position_of(self) -> dict[Hashable, int]:
        return {node: k for k, node in enumerate(self.node_id.tolist())}

    def edges_frame(self) -> gpd.GeoDataFrame:
        """All edges as lines: `edges` with ``u``, ``v`` (node ids), ``length_m``, ``component`` and ``carries``."""
        table = self.edges.assign(
            u=self.node_id[self.edge_u],
            v=self.node_id[self.edge_v],
            length_m=self.edge_mm / MM_PER_M,
            component=self.edge_component,
            carries=self.edge_carries,
        )
        return gpd.GeoDataFrame(table, geometry=self.lines, crs=self.crs)

    def __repr__(self) -> str:
        """Say how large the network is, not what all its arrays hold."""
        km = int(self.edge_mm.sum()) / MM_PER_M / 1000
        parts = f"{len(self.carries)} components ({int(self.carries.sum())} carry points)"
        size = f"{self.n_nodes:,} nodes, {self.n_edges:,} edges, {km:,.1f} km"
        mode = self.mode if self.times is None else f"{self.mode}, times of {self.times.profile.id}"
        return f"Network({mode}, {size}, {parts}, {self.crs.name})"


def polyline_length(coords: NDArray[np.float64], ptr: NDArray[np.int64]) -> NDArray[np.float64]:
    """Planar length of each polyline in compressed rows, in the units of the coordinates."""
    along = np.concatenate([[0.0], np.hypot(*np.diff(coords, axis=0).T)])
    along[ptr[:-1]] = 0.0  # the step from one polyline to the next is none
    lengths: NDArray[np.float64] = np.add.reduceat(along, ptr[:-1])
    return lengths
