"""Areas of 15 minutes on foot around 500 places: hulls, and areas that follow the streets."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array, csgraph
from shapely.ops import substring

from bench.graphs import METRIC, lattice, porto_alegre_file
from bench.model import OURS, AbsentError, Contender, DisagreementError, Longs, Row, Target, need, part_of

MINUTES, METRES_A_MINUTE = 15.0, 75.0
CUTOFF_M = MINUTES * METRES_A_MINUTE
BUFFER_M = 30.0
SLACK_M = 0.1
"""Outlines are made of short straight pieces: this is how far they may lie beside a circle's."""
CHECKED = 10
"""Areas that the oracle looks into."""


@dataclass(frozen=True)
class Place:
    """Name and title of what the areas are on, as a `BenchGraph` has them."""

    name: str
    title: str


@dataclass(frozen=True)
class AreaTask:
    """Streets between junctions, and the nodes around which areas are asked for."""

    graph: Place
    network: Any
    centres: Longs

    @classmethod
    def of(cls, name: str, title: str, network: Any, count: int) -> "AreaTask":
        """Draw the centres among the nodes that carry points."""
        nodes = np.flatnonzero(network.carries[network.component])
        centres = np.random.default_rng(3).choice(nodes, min(count, len(nodes)), replace=False)
        said = f"{title}, {network.n_nodes:,} junctions, {network.n_edges:,} edges"
        return cls(Place(name, said), network, centres)


def quick_task() -> AreaTask:
    """Make a lattice with straight streets, 8 areas."""
    from siting.network import Network

    graph = lattice(24)
    network = Network.from_arrays(graph.xy, graph.u, graph.v, crs=METRIC)
    return AreaTask.of("lattice", "Lattice", network, 8)


def full_task(data: Path) -> AreaTask:
    """Porto Alegre, 500 areas."""
    from siting.network import Network

    network = Network.from_osm(porto_alegre_file(data), crs=METRIC)
    return AreaTask.of("porto-alegre", "Porto Alegre on foot", network, 500)


def contenders(shape: str, task: AreaTask) -> Sequence[Contender]:
    """Ours first."""
    some, share, said = part_of(len(task.centres), 50 if shape == "hull" else 20)
    how = "ego_graph, convex hull" if shape == "hull" else "ego_graph, buffers of nodes and edges joined"
    note = "; ".join(filter(None, (how, said)))
    recipe = _recipe_hulls if shape == "hull" else _recipe_streets
    return (
        Contender(OURS, lambda t: _our_places(t, shape), _ours, lambda _, areas: areas),
        Contender("osmnx recipe", lambda t: _recipe(t, some), recipe, lambda _, areas: areas, share, note, "osmnx"),
    )


def _our_places(task: AreaTask, shape: str) -> Any:
    import inspect

    import geopandas as gpd

    from siting.access.service_area import service_areas

    options: dict[str, Any] = {"overlap": "overlap", "buffer_m": BUFFER_M}
    if shape == "hull":
        if "shape" not in inspect.signature(service_areas).parameters:
            msg = "siting: has no hulls yet"
            raise AbsentError(msg)
        options["shape"] = "hull"
    ids = [f"F{k}" for k in range(len(task.centres))]
    points = gpd.points_from_xy(*task.network.xy[task.centres].T, crs=task.network.crs)
    frame = gpd.GeoDataFrame({"class": "place"}, geometry=points, index=ids)
    return partial(service_areas, task.network, frame, CUTOFF_M, **options)


def _ours(state: Any) -> Any:
    return state().geometry.to_numpy()


def _recipe(task: AreaTask, some: int) -> Any:
    need("osmnx")
    graph = task.network.to_networkx()
    for _, _, edge in graph.edges(data=True):
        edge["time"] = edge["length"] / METRES_A_MINUTE
    return graph, task.network.node_id[task.centres[:some]].tolist()


def _recipe_hulls(state: Any) -> NDArray[Any]:
    """Reached junctions, and the hull of their points."""
    import geopandas as gpd
    import networkx

    graph, centres = state
    areas = []
    for centre in centres:
        near = networkx.ego_graph(graph, centre, radius=MINUTES, distance="time")
        points = [shapely.Point(place["x"], place["y"]) for _, place in near.nodes(data=True)]
        areas.append(gpd.GeoSeries(points).union_all().convex_hull)
    return np.array(areas, dtype=object)


def _recipe_streets(state: Any) -> NDArray[Any]:
    """Reached junctions and the edges between them, all buffered and joined."""
    import geopandas as gpd
    import networkx

    graph, centres = state
    areas = []
    for centre in centres:
        near = networkx.ego_graph(graph, centre, radius=MINUTES, distance="time")
        points = gpd.GeoSeries([shapely.Point(place["x"], place["y"]) for _, place in near.nodes(data=True)])
        lines = gpd.GeoSeries([edge["geometry"] for _, _, edge in near.edges(data=True)])
        around = [*points.buffer(BUFFER_M), *lines.buffer(BUFFER_M)]
        areas.append(gpd.GeoSeries(around).union_all())
    return np.array(areas, dtype=object)


def compare(shape: str, task: AreaTask, _: str, ours: NDArray[Any], theirs: NDArray[Any]) -> str:
    """Hold the areas against an oracle of what is reached, then against the recipe's.

    The recipe reaches whole edges between reached junctions, we reach parts of streets: so the areas are not equal.
    What must hold: ours cover all that is reached, and no street that is not, farther than the buffer from one that is
    (a hull: it is the hull of what is reached); the recipe's junctions lie inside; how much overlaps is said.
    """
    for k in range(min(CHECKED, len(ours))):
        reached, beyond = parts(task, int(task.centres[k]))
        _check_area(shape, k, ours[k], reached, beyond)
    mine = ours[: len(theirs)]
    if shape == "hull":
        outside = ~shapely.covers(shapely.buffer(mine, SLACK_M), theirs)
        if outside.any():
            msg = f"area {np.flatnonzero(outside)[0]}: the hull of reached junctions is not inside ours"
            raise DisagreementError(msg)
    common = shapely.area(shapely.intersection(mine, theirs)) / shapely.area(shapely.union(mine, theirs))
    if np.median(common) < 0.7:
        msg = f"areas have only {np.median(common):.2f} in common (median of intersection by union)"
        raise DisagreementError(msg)
    checked = min(CHECKED, len(ours))
    iou = f"median {np.median(common):.3f}, least {common.min():.3f}"
    return f"{checked} areas right by the oracle; intersection by union: {iou}"


def _check_area(shape: str, k: int, area: Any, reached: Any, beyond: Any) -> None:
    if not area.buffer(SLACK_M).covers(reached):
        msg = f"area {k}: a reached street lies outside ({reached.difference(area).length:.1f} m)"
        raise DisagreementError(msg)
    if shape == "hull":
        excess = area.difference(reached.convex_hull.buffer(BUFFER_M + SLACK_M)).area
        if excess > 1:
            msg = f"area {k}: larger than the hull of what is reached, by {excess:.0f} m² beyond the buffer"
            raise DisagreementError(msg)
        return
    inside = beyond.intersection(area)
    far = inside.difference(reached.buffer(BUFFER_M + SLACK_M, quad_segs=64))
    if far.length > SLACK_M:
        msg = f"area {k}: {far.length:.1f} m of unreached streets lie farther than the buffer from reached ones"
        raise DisagreementError(msg)


def parts(task: AreaTask, centre: int) -> tuple[Any, Any]:
    """Streets that are reached and streets that are not, cut where the distance is the cutoff: an oracle."""
    network = task.network
    lengths = network.edge_mm / 1000
    low, high = np.minimum(network.edge_u, network.edge_v), np.maximum(network.edge_u, network.edge_v)
    order = np.lexsort((lengths, high, low))
    low, high, short = low[order], high[order], lengths[order]
    first = np.ones(len(low), dtype=bool)
    first[1:] = (low[1:] != low[:-1]) | (high[1:] != high[:-1])
    first &= low != high
    matrix = coo_array((np.maximum(short[first], 1e-6), (low[first], high[first])), shape=(network.n_nodes,) * 2)
    cost = csgraph.dijkstra(matrix.tocsr(), directed=False, indices=centre, limit=CUTOFF_M)
    left_u, left_v = CUTOFF_M - cost[network.edge_u], CUTOFF_M - cost[network.edge_v]
    x0, y0 = network.xy[centre]
    box = shapely.box(x0 - 1.5 * CUTOFF_M, y0 - 1.5 * CUTOFF_M, x0 + 1.5 * CUTOFF_M, y0 + 1.5 * CUTOFF_M)
    reached, beyond = [], []
    for e in np.flatnonzero(shapely.intersects(network.lines, box)).tolist():
        line, whole = network.lines[e], lengths[e]
        until, since = max(left_u[e], 0.0), whole - max(left_v[e], 0.0)
        if until >= since:
            reached.append(line)
            continue
        scale = line.length / whole if whole else 1.0
        if left_u[e] >= 0:
            reached.append(substring(line, 0, until * scale))
        if left_v[e] >= 0:
            reached.append(substring(line, since * scale, line.length))
        beyond.append(substring(line, until * scale, since * scale))
    return shapely.union_all(reached), shapely.union_all(beyond)


def _title(shape: str, task: AreaTask) -> str:
    return f"{len(task.centres)} service areas, 15 min, {'hulls' if shape == 'hull' else 'along the streets'}"


def _row(shape: str, factor: float) -> Row:
    return Row(
        f"areas-{shape}",
        partial(_title, shape),
        partial(contenders, shape),
        partial(compare, shape),
        {"porto-alegre": (Target("osmnx recipe", cpu=factor),)},
    )


ROWS = (_row("hull", 100), _row("streets", 20))
