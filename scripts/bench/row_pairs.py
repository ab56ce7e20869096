"""Coverage pairs: every node within 1000 m of each of 20,000 candidates."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.sparse import csgraph

from bench.answers import FLOAT32_MM, Pairs, compare_pairs, sorted_pairs
from bench.model import OURS, Contender, Limit, Row, Target, Task, part_of
from bench.ours import our_network
from bench.peers import igraph_graph, networkx_graph, pandana_network

BYTES_AT_ONCE = 200_000_000


def contenders(task: Task) -> Sequence[Contender]:
    """Ours first. What is slow does the first sources only, and says so."""
    total, large = len(task.sources), task.graph.n > 200_000
    scipy_some = part_of(total, 500 if large else total)
    igraph_some = part_of(total, 20 if large else 200)
    networkx_some, ego_some = part_of(total, 500), part_of(total, 100)
    return (
        Contender(OURS, lambda t: (t, our_network(t), total), _ours, _ours_answer),
        Contender(
            "pandana",
            lambda t: (t, pandana_network(t), total),
            _pandana,
            _pandana_answer,
            note="nodes_in_range",
            module="pandana",
        ),
        _sampled("scipy", lambda t: t.graph.csr(), _scipy, _scipy_answer, scipy_some, "dijkstra(limit)"),
        _sampled("igraph", igraph_graph, _igraph, _igraph_answer, igraph_some, "distances, no limit"),
        _sampled("networkx", networkx_graph, _networkx, _networkx_answer, networkx_some, "single_source(cutoff)"),
        _sampled("ego_graph", networkx_graph, _ego, _ego_answer, ego_some, "networkx.ego_graph, nodes only"),
    )


def _sampled(name: str, make: Any, run: Any, answer: Any, part: tuple[int, float, str], how: str) -> Contender:
    some, share, said = part
    module = {"scipy": "", "ego_graph": "networkx"}.get(name, name)
    return Contender(
        name, lambda t: (t, make(t), some), run, answer, share, "; ".join(filter(None, (how, said))), module
    )


def _ours(state: Any) -> Any:
    from siting.network.node_search import pairs_within

    task, network, some = state
    return pairs_within(network, task.sources[:some], task.pairs_m)


def _ours_answer(_: Any, raw: Any) -> Pairs:
    ptr, node, cost = raw
    source = np.repeat(np.arange(len(ptr) - 1), np.diff(ptr))
    return sorted_pairs(source, node, cost, len(ptr) - 1)


def facts(raw: Any) -> dict[str, float]:
    """Bytes of the answer for each of its pairs."""
    return {"bytes a pair": sum(a.nbytes for a in raw) / max(len(raw[1]), 1)}


def _pandana(state: Any) -> Any:
    task, network, some = state
    return network.nodes_in_range(task.sources[:some], task.pairs_m)


def _pandana_answer(state: Any, raw: Any) -> Pairs:
    task, _, some = state
    source = np.searchsorted(task.sources[:some], raw["source"].to_numpy())
    return sorted_pairs(source, raw["destination"].to_numpy(), raw["m"].to_numpy() * 1000, some, FLOAT32_MM)


def _scipy(state: Any) -> Any:
    task, matrix, some = state
    rows, chunk = task.sources[:some], max(1, BYTES_AT_ONCE // (8 * task.graph.n))
    found = []
    for first in range(0, some, chunk):
        cost = csgraph.dijkstra(matrix, indices=rows[first : first + chunk], limit=task.pairs_m * 1000)
        source, node = np.nonzero(np.isfinite(cost))
        found.append((source + first, node, cost[source, node]))
    return found


def _scipy_answer(state: Any, raw: Any) -> Pairs:
    return sorted_pairs(*(np.concatenate(parts) for parts in zip(*raw, strict=True)), state[2])


def _igraph(state: Any) -> Any:
    task, graph, some = state
    found = []
    for first in range(0, some, 10):  # the answer is lists of Python floats for all nodes: a few at a time
        cost = np.array(graph.distances(task.sources[first : min(first + 10, some)].tolist(), weights="mm"))
        source, node = np.nonzero(cost <= task.pairs_m * 1000)
        found.append((source + first, node, cost[source, node]))
    return found


_igraph_answer = _scipy_answer


def _networkx(state: Any) -> Any:
    import networkx

    task, graph, some = state
    limit = int(task.pairs_m * 1000)
    sources = task.sources[:some].tolist()
    return [networkx.single_source_dijkstra_path_length(graph, s, cutoff=limit, weight="mm") for s in sources]


def _networkx_answer(state: Any, raw: Any) -> Pairs:
    source = np.repeat(np.arange(len(raw)), [len(one) for one in raw])
    node = np.array([node for one in raw for node in one])
    return sorted_pairs(source, node, np.array([cost for one in raw for cost in one.values()]), state[2])


def _ego(state: Any) -> Any:
    import networkx

    task, graph, some = state
    limit = int(task.pairs_m * 1000)
    return [set(networkx.ego_graph(graph, s, radius=limit, distance="mm")) for s in task.sources[:some].tolist()]


def _ego_answer(state: Any, raw: Any) -> Pairs:
    source = np.repeat(np.arange(len(raw)), [len(one) for one in raw])
    made = sorted_pairs(source, np.array([node for one in raw for node in one]), np.zeros(len(source)), state[2])
    return Pairs(made.ptr, made.node, np.empty(0))


def _compare(_: Task, __: str, ours: Pairs, theirs: Pairs) -> str:
    return compare_pairs(ours, theirs)


_TARGETS = (Target("pandana", cpu=20), Target("best", cpu=8))
ROW = Row(
    "pairs",
    lambda t: f"coverage pairs, {len(t.sources):,} candidates, 1000 m",
    contenders,
    _compare,
    {"porto-alegre": _TARGETS, "florida": _TARGETS},
    {name: (Limit("bytes a pair", 12, ""),) for name in ("porto-alegre", "florida")},
    facts,
)
