"""How each peer is given a graph; lengths are whole millimetres wherever the peer takes them."""

from typing import Any

import numpy as np
import pandas as pd

from bench.model import AbsentError, Task, need

LARGE = 200_000
"""Nodes above which peers made of Python objects are not run: they need gigabytes and hours."""


def pandana_network(task: Task) -> Any:
    """Contract with pandana.

    It cuts lengths to whole millimetres (metres × 1000, rounded down): a quarter of one on top keeps them exact.
    """
    pandana = need("pandana")
    graph = task.graph
    x, y = (pd.Series(c) for c in graph.xy.T)
    weight = pd.DataFrame({"m": (graph.mm + 0.25) / 1000})
    with quiet():
        return pandana.Network(x, y, pd.Series(graph.u), pd.Series(graph.v), weight, twoway=True)


def igraph_graph(task: Task) -> Any:
    """Return the graph in igraph, with weights in millimetres."""
    igraph = need("igraph")
    graph = task.graph
    made = igraph.Graph(n=graph.n, edges=np.column_stack([graph.u, graph.v]))
    made.es["mm"] = graph.mm.astype(float)
    return made


def networkx_graph(task: Task) -> Any:
    """Return the graph in networkx."""
    networkx = need("networkx")
    graph = task.graph
    if graph.n > LARGE:
        msg = f"networkx: not run on {graph.n:,} nodes (a Python object for each arc)"
        raise AbsentError(msg)
    made = networkx.Graph()
    made.add_nodes_from(range(graph.n))
    made.add_weighted_edges_from(zip(graph.u.tolist(), graph.v.tolist(), graph.mm.tolist(), strict=True), weight="mm")
    return made


def cityseer_network(task: Task) -> Any:
    """Return cityseer's structure and its nodes; it measures lengths itself, along straight lines between nodes."""
    need("cityseer")
    import networkx
    from cityseer.tools import io
    from shapely.geometry import LineString

    graph = task.graph
    drawn = np.hypot(*(graph.xy[graph.v] - graph.xy[graph.u]).T) * 1000
    if (np.abs(drawn - graph.mm) > 1).any():
        msg = "cityseer: measures lengths from shapes, and lengths of this graph are given"
        raise AbsentError(msg)
    made = networkx.MultiGraph()
    made.graph["crs"] = 32722
    for k, (x, y) in enumerate(graph.xy.tolist()):
        made.add_node(str(k), x=x, y=y, live=True, weight=1)
    for a, b in zip(graph.u.tolist(), graph.v.tolist(), strict=True):
        made.add_edge(str(a), str(b), geom=LineString([graph.xy[a], graph.xy[b]]))
    with quiet():
        nodes, _, structure = io.network_structure_from_nx(made)
    return nodes, structure


class quiet:  # noqa: N801 - reads like a statement
    """Keep what compiled libraries write to the console out of the table."""

    def __enter__(self) -> None:
        import os
        import sys

        sys.stdout.flush()
        sys.stderr.flush()
        self._kept = [os.dup(1), os.dup(2)]
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 1)
        os.dup2(null, 2)
        os.close(null)

    def __exit__(self, *_: object) -> None:
        import os
        import sys

        sys.stdout.flush()
        sys.stderr.flush()
        for number, kept in zip((1, 2), self._kept, strict=True):
            os.dup2(kept, number)
            os.close(kept)
