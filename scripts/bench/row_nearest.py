"""Nearest facility of every category for every node, with its id."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csgraph

from bench.answers import FLOAT32_MM, NONE, Nearest, compare_nearest
from bench.model import OURS, AbsentError, Contender, Row, Target, Task
from bench.ours import our_network
from bench.peers import cityseer_network, igraph_graph, networkx_graph, pandana_network, quiet


def contenders(_: Task) -> Sequence[Contender]:
    """Ours first."""
    return (
        Contender(OURS, lambda t: (t, our_network(t)), _ours, _ours_answer),
        Contender("scipy", lambda t: (t, t.graph.csr()), _scipy, _scipy_answer, note="dijkstra(min_only, limit)"),
        Contender("pandana", _pandana_prepare, _pandana, _pandana_answer, note="nearest_pois", module="pandana"),
        Contender("igraph", _igraph_prepare, _igraph, _igraph_answer, note="no limit; distances only", module="igraph"),
        Contender(
            "networkx",
            lambda t: (t, networkx_graph(t)),
            _networkx,
            _networkx_answer,
            note="multi_source",
            module="networkx",
        ),
        Contender("cityseer", _cityseer_prepare, _cityseer, _cityseer_answer, note="distances only", module="cityseer"),
    )


def _ours(state: Any) -> Any:
    from siting.network.node_search import nearest_nodes

    task, network = state
    return nearest_nodes(network, task.categories, task.nearest_m)


def _ours_answer(_: Any, raw: Any) -> Nearest:
    cost, label = raw
    return Nearest(np.where(label == NONE, NONE, cost), label)


def _scipy(state: Any) -> Any:
    task, matrix = state
    limit = task.nearest_m * 1000
    return [
        csgraph.dijkstra(matrix, indices=seeds, min_only=True, limit=limit, return_predecessors=True)
        for seeds in task.categories
    ]


def _scipy_answer(state: Any, raw: Any) -> Nearest:
    task, _ = state
    cost, seed = [], []
    for seeds, (distance, _, source) in zip(task.categories, raw, strict=True):
        cost.append(np.where(np.isfinite(distance), distance, NONE))
        position = np.full(task.graph.n, NONE)
        position[seeds] = np.arange(len(seeds))
        seed.append(np.where(np.isfinite(distance), position[np.maximum(source, 0)], NONE))
    return Nearest(np.array(cost), np.array(seed))


def _pandana_prepare(task: Task) -> Any:
    import pandas as pd

    network = pandana_network(task)
    with quiet():
        for k, seeds in enumerate(task.categories):
            x, y = (pd.Series(c) for c in task.graph.xy[seeds].T)
            network.set_pois(str(k), task.nearest_m, 1, x, y)
            # Points are found again by place: several nodes at one place would be mixed up.
            snapped = network.get_node_ids(x, y).to_numpy()
            if not (task.graph.xy[snapped] == task.graph.xy[seeds]).all():
                msg = "pandana: facilities are not found at their own nodes"
                raise AbsentError(msg)
    return task, network


def _pandana(state: Any) -> Any:
    task, network = state
    limit = task.nearest_m
    return [network.nearest_pois(limit, str(k), 1, include_poi_ids=True) for k in range(len(task.categories))]


def _pandana_answer(_: Any, raw: Any) -> Nearest:
    cost, seed = [], []
    for table in raw:
        found = table["poi1"].notna().to_numpy()  # beyond the limit the distance is filled with the limit itself
        cost.append(np.where(found, table[1].to_numpy() * 1000, NONE))
        seed.append(np.where(found, table["poi1"].fillna(NONE).to_numpy(), NONE).astype(np.int64))
    return Nearest(np.array(cost), np.array(seed), FLOAT32_MM)


def _igraph_prepare(task: Task) -> Any:
    graph = igraph_graph(task)
    n = task.graph.n
    graph.add_vertices(len(task.categories))  # one more node a category, joined to its facilities at no cost
    ends = [(n + k, int(seed)) for k, seeds in enumerate(task.categories) for seed in seeds]
    graph.add_edges(ends, {"mm": [0.0] * len(ends)})
    # Directed, so that no way leads through the added nodes.
    graph.to_directed()
    graph.delete_edges(graph.es.select(_to_ge=n))
    return task, graph


def _igraph(state: Any) -> Any:
    task, graph = state
    n = task.graph.n
    return [graph.distances([n + k], range(n), weights="mm")[0] for k in range(len(task.categories))]


def _igraph_answer(state: Any, raw: Any) -> Nearest:
    task, _ = state
    cost = np.array(raw)
    return Nearest(np.where(cost <= task.nearest_m * 1000, cost, NONE), None)


def _networkx(state: Any) -> Any:
    import networkx

    task, graph = state
    limit = int(task.nearest_m * 1000)
    return [
        networkx.multi_source_dijkstra(graph, seeds.tolist(), cutoff=limit, weight="mm") for seeds in task.categories
    ]


def _networkx_answer(state: Any, raw: Any) -> Nearest:
    task, _ = state
    shape = (len(task.categories), task.graph.n)
    cost, seed = np.full(shape, NONE, dtype=np.int64), np.full(shape, NONE, dtype=np.int64)
    for k, (distance, path) in enumerate(raw):
        position = {int(node): at for at, node in enumerate(task.categories[k])}
        for node, value in distance.items():
            cost[k, node], seed[k, node] = value, position[path[node][0]]
    return Nearest(cost, seed)


def _cityseer_prepare(task: Task) -> Any:
    import geopandas as gpd

    nodes, structure = cityseer_network(task)
    places = np.concatenate(task.categories)
    kind = np.repeat([f"c{k}" for k in range(len(task.categories))], [len(c) for c in task.categories])
    points = gpd.points_from_xy(*task.graph.xy[places].T, crs=nodes.crs)
    return task, nodes, structure, gpd.GeoDataFrame({"kind": kind}, geometry=points)


def _cityseer(state: Any) -> Any:
    from cityseer.metrics import layers

    task, nodes, structure, data = state
    keys = [f"c{k}" for k in range(len(task.categories))]
    with quiet():
        return layers.compute_accessibilities(
            data.copy(), "kind", keys, nodes.copy(), structure, distances=[int(task.nearest_m)]
        )


def _cityseer_answer(state: Any, raw: Any) -> Nearest:
    task, *_ = state
    made = raw[0] if isinstance(raw, tuple) else raw
    made = made.loc[sorted(made.index, key=int)]
    names = [
        next(c for c in made.columns if c.startswith(f"cc_c{k}_nearest_max_")) for k in range(len(task.categories))
    ]
    cost = made[names].to_numpy().T * 1000
    return Nearest(np.where(np.isfinite(cost), cost, NONE), None, 100.0)


def _compare(task: Task, _: str, ours: Nearest, theirs: Nearest) -> str:
    return compare_nearest(task, ours, theirs)


_TARGETS = (Target("scipy", cpu=3, wall=5), Target("pandana", cpu=75))
ROW = Row(
    "nearest",
    lambda t: f"nearest facility, {len(t.categories)} × {len(t.categories[0])}, every node, 1500 m, ids",
    contenders,
    _compare,
    {"porto-alegre": _TARGETS, "florida": _TARGETS},
)
