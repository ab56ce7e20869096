"""Costs between many places and many places, batch by batch: never all pairs at once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from siting.access.gates import entries
from siting.access.nearest import inside
from siting.access.pairs import starts
from siting.access.places import Goals, cutoff_mm
from siting.network.lanes import block_of, bucket_shift, narrow
from siting.network.lanes_places import rows_at_places, sums_at_places
from siting.network.layers import labels, point_coordinates
from siting.network.near_order import near_order
from siting.network.places import Places
from siting.network.snap import snap_xy
from siting.network.threads import in_blocks
from siting.network.vector_rows import LANES
from siting.units import MM_PER_M

if TYPE_CHECKING:
    from siting.network.graph import Network

Longs = NDArray[np.int64]
T = TypeVar("T")
Work = Callable[[Longs, Longs, Longs, NDArray[np.float64]], T]

MOST_PAIRS = 4_000_000
"""Pairs that a thread holds at a time: about 150 MB with what is computed of them."""


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """Points, or facilities with several entries, and the ways between them and the nodes.

    Attributes
    ----------
    n : number of points or facilities
    places, owner : places on edges, and whose each is
    way_node, way_owner, way_cost : ways over a node: to facilities, or from points
    """

    n: int
    places: Places
    owner: Longs
    way_node: Longs
    way_owner: Longs
    way_cost: Longs


@dataclass(frozen=True, eq=False)
class Crowd:
    """Demand points and facilities on a network, and how far ways count.

    Attributes
    ----------
    rows, columns : labels of the demand points and of the facilities
    limit : whole millimetres, or milliseconds where the network has times; inclusive
    """

    network: Network
    rows: pd.Index
    columns: pd.Index
    points: Side
    sites: Side
    inside_point: Longs
    inside_site: Longs
    limit: int

    @classmethod
    def of(
        cls,
        network: Network,
        demand: gpd.GeoDataFrame,
        facilities: gpd.GeoDataFrame,
        cutoff: float | None,
        *,
        max_snap_m: float,
        entrances: gpd.GeoDataFrame | None,
    ) -> Crowd:
        """Place both layers on the streets, as `siting.access.cost_matrix` does."""
        names, index = labels(facilities, "candidates"), labels(demand, "demand")
        found = entries(network, facilities, entrances, max_snap_m=max_snap_m)
        at = snap_xy(network, point_coordinates(demand, network.crs, "demand"), index, max_snap_m)
        point, site = inside(network, demand, facilities)
        there = at.snapped[point]
        return cls.between(
            network, index, names, Places.of(network, at), Goals.of(network, found, names), point[there], site[there],
            cutoff_mm(cutoff),
        )  # fmt: skip

    @classmethod
    def between(
        cls, network: Network, rows: pd.Index, columns: pd.Index, homes: Places, goals: Goals, inside_point: Longs,
        inside_site: Longs, limit: int,
    ) -> Crowd:  # fmt: skip
        """Take places on edges, and pairs of points and the facilities that they lie in."""
        doors = goals.places(network)
        out, into = homes.ways_out(network), goals.seeds(network)
        points = Side(len(rows), homes, np.arange(len(rows)), *out)
        sites = Side(len(columns), doors, goals.owner.astype(np.int64), into[0], into[2].astype(np.int64), into[1])
        # No way is longer than all streets there and back twice, and the straight ways at both ends.
        streets = int(network.forward_cost.sum()) + int(network.backward_cost.sum())
        longest = 2 * streets + int(homes.access.max(initial=0)) + int(doors.access.max(initial=0))
        return cls(network, rows, columns, points, sites, inside_point, inside_site, min(limit, longest))

    def sums(self, weight: NDArray[Any], limits: Longs, *, in_order: bool) -> tuple[NDArray[Any], Longs]:
        """Sum up the facilities' weights within limits of every point, and find the cost to its nearest facility.

        Parameters
        ----------
        weight : shape (n_facility, n_column)
        limits : shape (n_limit,), none above the crowd's own
        in_order : whether to add up in ascending order of the first column, as sums of floats need

        Returns
        -------
        shape (n_point, n_limit, n_column); shape (n_point,), more than the crowd's limit where there is none
        """
        search = self.from_points
        ordered = np.argsort(weight[:, 0], kind="stable") if in_order else np.empty(0, dtype=np.int64)
        bounds = np.minimum(limits, self.limit).astype(search.kind)
        parts = in_blocks(
            lambda start, stop: sums_at_places(
                *search.fields, start, stop, search.way, weight, ordered, bounds, search.limit, search.shift
            ),
            self.points.n,
            block_of(self.points.n),
        )
        made = np.zeros((self.points.n, len(limits), weight.shape[1]), dtype=weight.dtype)
        nearest = np.full(self.points.n, self.limit + 1)
        if parts:
            made[search.order] = np.concatenate([part[0] for part in parts])
            nearest[search.order] = np.concatenate([part[1] for part in parts])
        return made, nearest

    def by_point(self, work: Work[T]) -> list[tuple[Longs, T]]:
        """Call ``work`` with the complete rows of some points at a time.

        It gets the positions of the points, then of each pair the row, counted within these points, the facility, and
        the cost in the network's unit. Returns what ``work`` made of each block, and the positions of its points.
        """
        return self.blocks(self.from_points, self.points.n, self.sites.n, work)

    def by_site(self, work: Work[T]) -> list[tuple[Longs, T]]:
        """Do as `by_point`, with the complete columns of some facilities at a time, and the points that reach them."""
        return self.blocks(self.from_sites, self.sites.n, self.points.n, work)

    def blocks(self, search: Search, n: int, n_other: int, work: Work[T]) -> list[tuple[Longs, T]]:
        """Go through all sources of a search; see `by_point`."""

        def block(start: int, stop: int) -> tuple[Longs, T]:
            ptr, other, cost = rows_at_places(
                *search.fields, start, stop, search.way, n_other, np.empty(0, search.kind), search.limit, search.shift
            )
            row = np.repeat(np.arange(stop - start), np.diff(ptr))
            ids = search.order[start:stop]
            return ids, work(ids, row, other.astype(np.int64), cost / MM_PER_M)

        batches = max(MOST_PAIRS // (max(n_other, 1) * LANES), 1)
        return in_blocks(block, n, min(batches * LANES, block_of(n)))

    @cached_property
    def from_points(self) -> Search:
        """Search from the points along the streets."""
        net = self.network
        ahead, back = (net.out_arcs, net.out_cost), (net.in_arcs, net.in_cost)
        return Search.of(net, self.limit, 1, ahead, back, self.points, self.sites, self.inside_point, self.inside_site)

    @cached_property
    def from_sites(self) -> Search:
        """Search from the facilities against the streets."""
        net = self.network
        ahead, back = (net.in_arcs, net.in_cost), (net.out_arcs, net.out_cost)
        return Search.of(net, self.limit, -1, ahead, back, self.sites, self.points, self.inside_site, self.inside_point)


@dataclass(frozen=True, slots=True, eq=False)
class Search:
    """What the compiled searches need, their sources in an order in which neighbours are near each other.

    Attributes
    ----------
    order : position of each source
    fields : ahead, back, sources, targets, as `siting.network.lanes_places.sums_at_places` takes them
    way, limit, shift : the same
    kind : of the costs in the search
    """

    order: Longs
    fields: tuple[Any, Any, Any, Any]
    way: int
    limit: Any
    shift: int
    kind: Any

    @classmethod
    def of(
        cls, network: Network, limit: int, way: int, ahead: tuple[Any, Longs], back: tuple[Any, Longs], source: Side,
        target: Side, inside_source: Longs, inside_target: Longs,
    ) -> Search:  # fmt: skip
        """Sort the sources by where they are, and the targets by node and by edge."""
        near = np.flatnonzero(source.way_cost <= limit)
        ahead_cost, back_cost, seed_cost, way_cost = narrow(
            limit, ahead[1], back[1], source.way_cost[near], target.way_cost
        )
        arcs, into = ahead[0], back[0]
        width = int(np.clip(LANES * network.n_nodes // max(source.n, 1), 4, LANES))
        rank = np.empty(network.n_nodes + 1, dtype=np.int64)
        rank[near_order(arcs.indptr, arcs.head, ahead_cost, width)] = np.arange(network.n_nodes)
        rank[-1] = network.n_nodes
        home = np.full(source.n, -1)
        home[source.owner[::-1]] = np.arange(len(source.owner))[::-1]
        edge = np.where(home >= 0, source.places.edge[home], -1) if len(source.owner) else home
        offset = np.where(home >= 0, source.places.offset_mm[home], 0) if len(source.owner) else home
        order = np.lexsort((offset, edge, rank[np.where(edge >= 0, network.edge_u[edge], -1)]))
        turn = np.empty(source.n, dtype=np.int64)
        turn[order] = np.arange(source.n)

        def grouped(group: Longs, n: int, *columns: NDArray[Any]) -> tuple[NDArray[Any], ...]:
            rows = np.argsort(group, kind="stable")
            return (starts(group, n), *(column[rows] for column in columns))

        p, q = source.places, target.places
        on = np.flatnonzero(q.edge >= 0)
        sources = (
            *grouped(turn[source.way_owner[near]], source.n, source.way_node[near], seed_cost),
            *grouped(turn[source.owner], source.n, p.edge, p.offset_mm, p.to_u, p.to_v, p.access),
            *grouped(turn[inside_source], source.n, inside_target),
        )
        targets = (
            *grouped(target.way_node, network.n_nodes, target.way_owner, way_cost),
            *grouped(q.edge[on], network.n_edges, on),
            *(q.offset_mm, q.to_u, q.to_v, q.access, target.owner, network.forward, network.backward),
        )
        fields = ((arcs.indptr, arcs.head, ahead_cost), (into.indptr, into.head, back_cost), sources, targets)
        kind = ahead_cost.dtype.type
        return cls(order, fields, way, kind(limit), bucket_shift(ahead_cost, limit), kind)
