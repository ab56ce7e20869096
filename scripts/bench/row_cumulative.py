"""People within 1000 m of every node."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np
from scipy.sparse import csgraph

from bench.answers import Sums, compare_sums
from bench.model import OURS, Contender, Limit, Row, Target, Task, part_of
from bench.ours import our_network
from bench.peers import cityseer_network, pandana_network, quiet

SLACK_M = 0.5
"""cityseer adds up lengths of its own in 32-bit floats; its sums must lie between ours for 1000 m ± this."""
BYTES_AT_ONCE = 200_000_000


def contenders(task: Task) -> Sequence[Contender]:
    """Ours first."""
    n = task.graph.n
    some, share, said = part_of(n, n if n < 60_000 else 2_000)
    return (
        Contender(OURS, lambda t: (t, our_network(t)), _ours, _ours_answer),
        _with_pandana("pandana", "aggregate(sum, flat)", precompute=False),
        _with_pandana("pandana, precomputed", "aggregate(sum, flat); all ranges were kept in memory", precompute=True),
        Contender("scipy", lambda t: (t, t.graph.csr(), some), _scipy, _scipy_answer, share, said or "dijkstra(limit)"),
        Contender("cityseer", _cityseer_prepare, _cityseer, _cityseer_answer, note="compute_stats", module="cityseer"),
    )


def _with_pandana(name: str, note: str, *, precompute: bool) -> Contender:
    prepare = partial(_pandana_prepare, precompute=precompute)
    return Contender(name, prepare, _pandana, _pandana_answer, note=note, module="pandana")


def people(network: Any, weight: Any, limits_m: Sequence[float]) -> Any:
    """Return the sums at every node, one column a limit."""
    from siting.network.lanes import people_within_nodes

    return people_within_nodes(network, weight, limits_m)


def _ours(state: Any) -> Any:
    task, network = state
    return people(network, task.weight, [task.people_m])


def _ours_answer(state: Any, raw: Any) -> Sums:
    return at_limit(state[0], raw, 0)


def at_limit(task: Task, raw: Any, k: int) -> Sums:
    """Return the sums for the k-th limit."""
    table = np.asarray(raw)
    column = table[:, k] if table.shape[0] == task.graph.n and table.ndim == 2 else np.atleast_2d(table)[k]
    return Sums(np.arange(task.graph.n), column)


def _pandana_prepare(task: Task, *, precompute: bool) -> Any:
    import pandas as pd

    network = pandana_network(task)
    if precompute:
        with quiet():
            network.precompute(task.people_m)
    network.set(pd.Series(np.arange(task.graph.n)), pd.Series(task.weight.astype(float)), name="people")
    return task, network


def _pandana(state: Any) -> Any:
    task, network = state
    return network.aggregate(task.people_m, type="sum", decay="flat", name="people")


def _pandana_answer(state: Any, raw: Any) -> Sums:
    return Sums(np.arange(state[0].graph.n), raw.to_numpy())


def _scipy(state: Any) -> Any:
    task, matrix, some = state
    limit, weight = task.people_m * 1000, task.weight.astype(float)
    rows, chunk = _rows(task, some), max(1, BYTES_AT_ONCE // (8 * task.graph.n))
    sums = []
    for first in range(0, len(rows), chunk):
        reached = csgraph.dijkstra(matrix, indices=rows[first : first + chunk], limit=limit)
        sums.append(np.isfinite(reached) @ weight)
    return np.concatenate(sums)


def _rows(task: Task, some: int) -> Any:
    return np.linspace(0, task.graph.n - 1, some).astype(np.int64)


def _scipy_answer(state: Any, raw: Any) -> Sums:
    return Sums(_rows(state[0], state[2]), raw)


def _cityseer_prepare(task: Task) -> Any:
    import geopandas as gpd

    nodes, structure = cityseer_network(task)
    points = gpd.points_from_xy(*task.graph.xy.T, crs=nodes.crs)
    return task, nodes, structure, gpd.GeoDataFrame({"people": task.weight.astype(float)}, geometry=points)


def _cityseer(state: Any) -> Any:
    from cityseer.metrics import layers

    task, nodes, structure, data = state
    with quiet():
        return layers.compute_stats(data.copy(), ["people"], nodes.copy(), structure, distances=[int(task.people_m)])


def _cityseer_answer(state: Any, raw: Any) -> Sums:
    made = raw[0] if isinstance(raw, tuple) else raw
    made = made.loc[sorted(made.index, key=int)]
    name = next(c for c in made.columns if c.startswith("cc_people_sum_"))
    return Sums(np.arange(state[0].graph.n), np.nan_to_num(made[name].to_numpy()), SLACK_M)


def _compare(task: Task, _: str, ours: Sums, theirs: Sums) -> str:
    if theirs.slack_m == 0:
        return compare_sums(ours, theirs)
    limits = [task.people_m - theirs.slack_m, task.people_m + theirs.slack_m]
    raw = people(our_network(task), task.weight, limits)
    return compare_sums(ours, theirs, at_limit(task, raw, 0), at_limit(task, raw, 1))


ROW = Row(
    "cumulative",
    lambda _: "people within 1000 m of every node",
    contenders,
    _compare,
    {"porto-alegre": (Target("pandana", cpu=5),), "florida": (Target("pandana", cpu=3),)},
    {"florida": (Limit("memory", 450, "MB"),)},
)
