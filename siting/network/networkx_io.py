"""Hand networks over to networkx and osmnx, and take theirs."""

from __future__ import annotations

from typing import Any

import networkx as nx
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from siting.errors import CRSError, NetworkDataError
from siting.inputs.coordinates import check_working_crs, choose_crs, transform_xy
from siting.ledger import Account
from siting.network.assemble import Pieces, assemble
from siting.network.graph import MIN_COMPONENT_SHARE, Network
from siting.units import MM_PER_M, metres_to_mm

OWN_FIELDS = ("length", "geometry", "edge", "reversed", "oneway")
NAMED = 5


def to_networkx(network: Network, *, directed: bool = True) -> nx.MultiGraph:
    """Return the network as a networkx graph; `from_networkx` makes the same network of it again.

    Nodes keep their ids and have ``x`` and ``y``; edges have ``length`` in metres (whole millimetres), ``geometry``,
    ``edge`` (position in the network), ``osmid`` (the way id) and the columns of `Network.edges`, but for those of a
    name that the graph needs (``length``, ``oneway`` …). The graph has ``crs`` and ``mode``.

    Parameters
    ----------
    directed : a ``MultiDiGraph`` with one edge a permitted direction (``reversed`` says which), as osmnx uses it;
        else a ``MultiGraph``, which cannot hold one-way edges

    Raises
    ------
    NetworkDataError
        An undirected graph is asked of a network with one-way edges.
    """
    one_way = ~(network.forward & network.backward)
    if not directed and one_way.any():
        msg = f"network: {int(one_way.sum())} edges are one-way; a MultiGraph cannot hold them. Use directed=True"
        raise NetworkDataError(msg)
    graph = nx.MultiDiGraph() if directed else nx.MultiGraph()
    graph.graph.update(crs=network.crs, mode=network.mode)
    ids = network.node_id.tolist()
    graph.add_nodes_from((i, {"x": x, "y": y}) for i, (x, y) in zip(ids, network.xy.tolist(), strict=True))
    lines = network.lines
    turned = shapely.reverse(lines)
    table = network.edges.astype(object)
    tags = [{str(k): value for k, value in row.items()} for row in table.where(table.notna(), None).to_dict("records")]
    for e in range(network.n_edges):
        u, v = ids[network.edge_u[e]], ids[network.edge_v[e]]
        own = {"length": int(network.edge_mm[e]) / MM_PER_M, "edge": e, "oneway": bool(one_way[e])}
        data = {"osmid": tags[e]["way_id"], **tags[e], **own}
        # As pairs, not as arguments: a column may be called ``key``, and must not become the key of the edge.
        if network.forward[e]:
            graph.add_edges_from([(u, v, data | {"geometry": lines[e], "reversed": False})])
        if directed and network.backward[e]:
            graph.add_edges_from([(v, u, data | {"geometry": turned[e], "reversed": True})])
    return graph


def from_networkx(
    graph: nx.Graph,
    *,
    crs: CRS | str | int | None = None,
    mode: str = "walk",
    length: str | None = "length",
    min_component_share: float = MIN_COMPONENT_SHARE,
) -> Network:
    """Build a network from a graph whose nodes have ``x`` and ``y``, such as osmnx makes.

    In a directed graph every edge may be used in its own direction; two that run the same course in opposite
    directions become one edge, open both ways. An edge that is ``reversed`` is turned round, so that it runs as its
    way does. An undirected graph is open both ways.

    Parameters
    ----------
    graph : any networkx graph; ``graph.graph["crs"]`` is the CRS of its coordinates, edges may have ``geometry``
    crs : working CRS in metres; default: the graph's if it is projected, else a good one for the place. Of a graph
        without CRS it is also the CRS of the coordinates
    length : edge attribute that holds metres; an edge that lacks it, and every edge if None, is as long as its shape
        in the working CRS
    min_component_share : components with a smaller share of the vertices carry no points

    Raises
    ------
    NetworkDataError
        There are no edges, a node has no position, or a length is negative or not finite.
    CRSError
        Neither the graph nor ``crs`` gives a CRS in metres.
    """
    if graph.number_of_edges() == 0:
        msg = "graph: it has no edges. Check the place and the filter it was made with"
        raise NetworkDataError(msg)
    ids = list(graph.nodes)
    xy = node_coordinates(graph, ids)
    source, work = both_crs(graph, xy, crs)
    position = {node: k for k, node in enumerate(ids)}
    rows = edge_rows(graph)
    u = np.array([position[row[0]] for row in rows], dtype=np.int64)
    v = np.array([position[row[1]] for row in rows], dtype=np.int64)
    data = [row[2] for row in rows]
    coords, ptr = shapes_of(data, u, v, xy)
    given = lengths_of(rows, length)
    if source != work:
        xy = np.column_stack(transform_xy(source, work, *xy.T))
        coords = np.column_stack(transform_xy(source, work, *coords.T))
    coords = np.ascontiguousarray(coords)
    directed = graph.is_directed()
    streets = [str(row.get("edge", row.get("osmid"))) for row in data]
    keep, forward, backward = merge_directions(u, v, given, coords, ptr, streets) if directed else undirected(len(rows))
    edges = edge_table([data[k] for k in keep])
    pieces = Pieces(node_labels(ids), xy, u[keep], v[keep], coords, ptr, forward, backward, edges)
    pieces = pieces.with_shapes_of(keep)
    if directed:
        pieces = pieces.turned(np.array([data[k].get("reversed") is True for k in keep], dtype=bool))
    pieces = pieces.with_lengths(given[keep])
    account = Account(layer="streets", source="networkx", rows_in=len(rows), rows_used=len(rows))
    mode = str(graph.graph.get("mode", mode))
    return assemble(pieces, crs=work, mode=mode, min_component_share=min_component_share, accounts=(account,))


def node_coordinates(graph: nx.Graph, ids: list[Any]) -> NDArray[np.float64]:
    """Return x and y of every node, shape (n, 2)."""
    missing = [i for i in ids if graph.nodes[i].get("x") is None or graph.nodes[i].get("y") is None]
    if missing:
        msg = f"graph: {len(missing)} of {len(ids)} nodes have no 'x' or 'y' ({some(missing)}). Give every node both"
        raise NetworkDataError(msg)
    xy = np.array([(graph.nodes[i]["x"], graph.nodes[i]["y"]) for i in ids], dtype=np.float64)
    bad = ~np.isfinite(xy).all(axis=1)
    if bad.any():
        names = some([ids[k] for k in np.flatnonzero(bad)])
        msg = f"graph: {int(bad.sum())} of {len(ids)} nodes have positions that are not finite ({names})"
        raise NetworkDataError(msg)
    return xy


def both_crs(graph: nx.Graph, xy: NDArray[np.float64], crs: CRS | str | int | None) -> tuple[CRS, CRS]:
    """Return the CRS of the coordinates and the one to work in."""
    own = graph.graph.get("crs")
    if own is None and crs is None:
        msg = "graph: it has no CRS. Set graph.graph['crs'], or give crs= in metres"
        raise CRSError(msg)
    source = CRS.from_user_input(crs if own is None else own)
    if crs is not None:
        return source, check_working_crs(CRS.from_user_input(crs), "graph")
    if not source.is_geographic:
        return source, check_working_crs(source, "graph")
    (west, south), (east, north) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
    return source, choose_crs((west, south, east, north)).crs


def edge_rows(graph: nx.Graph) -> list[tuple[Any, Any, dict[str, Any]]]:
    """Return the edges in the order of the network they came from, if they came from one, else in the graph's order."""
    rows = list(graph.edges(data=True))
    if all(isinstance(row[2].get("edge"), int) and isinstance(row[2].get("reversed"), bool) for row in rows):
        rows.sort(key=lambda row: (row[2]["edge"], row[2]["reversed"]))
    if graph.is_directed():
        return rows
    # An undirected graph gives the ends in an order of its own; the shape tells which one comes first.
    made = []
    for u, v, data in rows:
        line = data.get("geometry")
        if line is not None and u != v:
            x, y = line.coords[0][:2]
            at_u = (graph.nodes[u]["x"] - x) ** 2 + (graph.nodes[u]["y"] - y) ** 2
            at_v = (graph.nodes[v]["x"] - x) ** 2 + (graph.nodes[v]["y"] - y) ** 2
            u, v = (v, u) if at_v < at_u else (u, v)
        made.append((u, v, data))
    return made


def shapes_of(
    data: list[dict[str, Any]], u: NDArray[np.int64], v: NDArray[np.int64], xy: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Return the polylines in compressed rows; an edge without geometry is straight."""
    straight = np.asarray(shapely.linestrings(np.stack([xy[u], xy[v]], axis=1)), dtype=object)
    lines = np.array([row.get("geometry") for row in data] + [None], dtype=object)[:-1]
    lines = np.where(shapely.is_missing(lines), straight, lines)
    wrong = np.asarray(shapely.get_type_id(lines) != shapely.GeometryType.LINESTRING, dtype=bool)
    if wrong.any():
        msg = f"graph: {int(wrong.sum())} edges have a geometry that is no LineString"
        raise NetworkDataError(msg)
    coords, row = shapely.get_coordinates(lines, return_index=True)
    ptr = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=len(data)))]).astype(np.int64)
    return coords, ptr


def lengths_of(rows: list[tuple[Any, Any, dict[str, Any]]], name: str | None) -> NDArray[np.float64]:
    """Return the metres that edges give, NaN where they give none."""
    metres = np.full(len(rows), np.nan)
    if name is None:
        return metres
    wrong = []
    for k, (u, v, data) in enumerate(rows):
        value = data.get(name)
        if value is not None:
            metres[k] = float(value)
            if not (np.isfinite(metres[k]) and metres[k] >= 0):
                wrong.append((u, v, value))
    if wrong:
        msg = f"graph: {len(wrong)} edges have a {name!r} that is negative or not finite ({some(wrong)}). Correct them"
        raise NetworkDataError(msg)
    return metres


def undirected(n: int) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """All edges, open both ways."""
    return np.arange(n), np.ones(n, dtype=bool), np.ones(n, dtype=bool)


def merge_directions(
    u: NDArray[np.int64],
    v: NDArray[np.int64],
    metres: NDArray[np.float64],
    coords: NDArray[np.float64],
    ptr: NDArray[np.int64],
    street: list[str],
) -> tuple[NDArray[np.int64], NDArray[np.bool_], NDArray[np.bool_]]:
    """Find directed edges that run the same course both ways, on the same street.

    Returns
    -------
    Positions of the edges to keep (of each couple the first), and whether each is open forward and backward.
    """
    waiting: dict[tuple[Any, ...], list[int]] = {}
    keep: list[int] = []
    backward = np.zeros(len(u), dtype=bool)
    for k in range(len(u)):
        line = coords[ptr[k] : ptr[k + 1]]
        mm = -1 if np.isnan(metres[k]) else int(metres_to_mm(metres[k]))
        opposite = (v[k], u[k], mm, street[k], line[::-1].tobytes())
        if waiting.get(opposite):
            backward[waiting[opposite].pop(0)] = True
            continue
        keep.append(k)
        waiting.setdefault((u[k], v[k], mm, street[k], line.tobytes()), []).append(k)
    kept = np.array(keep, dtype=np.int64)
    return kept, np.ones(len(kept), dtype=bool), backward[kept]


def node_labels(ids: list[Any]) -> NDArray[Any]:
    """Return the node ids: integers as int64, all else as they are."""
    if all(isinstance(i, int | np.integer) and not isinstance(i, bool) for i in ids):
        return np.array(ids, dtype=np.int64)
    made = np.empty(len(ids), dtype=object)
    made[:] = ids
    return made


def edge_table(data: list[dict[str, Any]]) -> pd.DataFrame:
    """Return the attributes of the edges as a table, ``osmid`` as ``way_id``."""
    table = pd.DataFrame([{k: d[k] for k in d if k not in OWN_FIELDS} for d in data], index=range(len(data)))
    if "way_id" not in table.columns and "osmid" in table.columns:
        table["way_id"] = [str(i) for i in table["osmid"]]
    return table.drop(columns="osmid", errors="ignore")


def some(items: list[Any]) -> str:
    """Name the first few of many."""
    return ", ".join(str(i) for i in items[:NAMED]) + (", …" if len(items) > NAMED else "")
