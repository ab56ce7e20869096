"""Published answers, row by row, through the functions that a planner calls: nothing inside is reached for."""

import csv
import gzip
from pathlib import Path

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from street_drawing import METRES, points

import siting
from siting.access import Decay, cumulative, three_step_fca, two_step_fca
from siting.network import Network

RADIUS_M = 100_000.0


def rows(folder: Path) -> list[dict[str, str]]:
    with (folder / "optimum.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def rome(shared_benchmarks) -> tuple[Network, gpd.GeoDataFrame]:
    """The streets of Rome of 1999 as driving network, and a place on each node.

    The file has lengths and no positions, so the nodes stand on a circle: no street passes over another's node.
    """
    with gzip.open(shared_benchmarks / "shortest_path_rome99" / "data" / "rome99.gr.gz", "rt") as file:
        arcs = [[int(field) for field in line.split()[1:]] for line in file if line.startswith("a ")]
    n = max(max(u, v) for u, v, _ in arcs)
    turn = 2 * np.pi * np.arange(n) / n
    xy = RADIUS_M * np.column_stack([np.cos(turn), np.sin(turn)])
    graph = nx.MultiDiGraph(crs=METRES)
    graph.add_nodes_from((k + 1, {"x": x, "y": y}) for k, (x, y) in enumerate(xy.tolist()))
    graph.add_edges_from((u, v, {"length": metres}) for u, v, metres in arcs)
    network = Network.from_networkx(graph, mode="drive")
    nodes = gpd.GeoDataFrame(geometry=shapely.points(network.xy), index=pd.RangeIndex(n, name="id"), crs=METRES)
    return network, nodes


def test_every_distance_in_rome(rome, shared_benchmarks):
    network, nodes = rome
    folder = shared_benchmarks / "shortest_path_rome99"
    table = rows(folder)
    given = [dict(part.split("=") for part in row["params"].split(";")) for row in table]
    sources = [int(g["source"]) for g in given]
    # from the sources to every node: the demand is what goes, the candidate what is gone to
    matrix = siting.cost_matrix(network, nodes.loc[sources], nodes, None)
    back = siting.cost_matrix(network.turned(), nodes, nodes.loc[sources], None)
    for k, (row, params) in enumerate(zip(table, given, strict=True)):
        published = np.loadtxt(folder / params["expected"], dtype=np.int64)
        assert (matrix.to_dense()[k] == published).all(), row
        assert (back.to_dense()[:, k] == published).all(), row
        assert int(matrix.to_dense()[k].sum()) == int(row["optimum_or_best_known"])
    assert len(table) == 5
    assert matrix.n_pairs == 5 * len(nodes)
    # and the nearest of the five, with cutoffs: the limit itself is within
    published = matrix.to_dense()
    out = network.turned()
    found = siting.nearest(out, nodes, nodes.loc[sources])
    assert (found["cost"].to_numpy() == published.min(axis=0)).all()
    assert (found["facility"].to_numpy() == np.array(sources)[published.argmin(axis=0)]).all()
    limit = float(np.median(published.min(axis=0)))
    near = siting.nearest(out, nodes, nodes.loc[sources], limit)["cost"].to_numpy()
    assert (np.isfinite(near) == (published.min(axis=0) <= limit)).all()
    counts = cumulative(out, nodes, nodes.loc[sources], [limit])
    assert (counts.iloc[:, 0].to_numpy() == (published <= limit).sum(axis=0)).all()


def test_rome_from_a_file_is_rome(rome, shared_benchmarks, tmp_path):
    network, nodes = rome
    network.save(tmp_path / "rome.net")
    matrix = siting.cost_matrix(Network.load(tmp_path / "rome.net"), nodes.loc[[777]], nodes, None)
    published = np.loadtxt(shared_benchmarks / "shortest_path_rome99/data/dist_from_777.txt", dtype=np.int64)
    assert (matrix.to_dense()[0] == published).all()


def minutes_as_metres(file: Path) -> Network:
    """Three tracts of a published example: one street a pair and direction, a minute of travel as one metre."""
    #   1 ===== 2       from the origins (homes, at the tracts) to the destinations (doctors, 1 minute away in the
    #    \\   //        same tract): every pair has a street of its own, so that ways over a third tract do not count
    #     \\ //
    #      3
    graph = nx.MultiDiGraph(crs=METRES)
    for k, (x, y) in enumerate([(0.0, 0.0), (1000.0, 0.0), (500.0, 800.0)], start=1):
        graph.add_node(("home", k), x=x, y=y)
        graph.add_node(("doctor", k), x=x + 50.0, y=y - 50.0)
    for row in pd.read_csv(file).itertuples(index=False):
        graph.add_edge(("home", row.origin), ("doctor", row.destination), length=float(row.minutes))
    return Network.from_networkx(nx.relabel_nodes(graph, {n: f"{n[0]} {n[1]}" for n in graph}), mode="drive")


def test_every_access_of_three_hospitals_over_streets(shared_benchmarks):
    folder = shared_benchmarks / "access_three_hospitals"
    tracts = pd.read_csv(folder / "data" / "tracts.csv", index_col="tract")
    at = {1: (0, 0), 2: (1000, 0), 3: (500, 800)}
    homes = points(**{str(k): at[k] for k in tracts.index}).assign(people=tracts["people"].to_numpy())
    sites = points(**{str(k): (at[k][0] + 50, at[k][1] - 50) for k in tracts.index})
    sites = sites.assign(doctors=tracts["doctors"].to_numpy())
    seen = 0
    for row in rows(folder):
        given = dict(part.split("=") for part in row["params"].split(";"))
        network = minutes_as_metres(folder / given["cost"])
        kind = row["problem"].removeprefix("access ")
        made = published_measure(kind, network, homes, sites)
        assert made.access.loc[given["tract"], "access"] == pytest.approx(
            float(row["optimum_or_best_known"]), rel=1e-12
        ), row
        seen += 1
    assert seen == 24


def published_measure(kind: str, network: Network, homes: gpd.GeoDataFrame, sites: gpd.GeoDataFrame):
    """The measure of a row; the gravity forms count pairs below 61 minutes, which are whole: within 60."""
    inverse = Decay(kind="power", beta=1.0)
    if kind == "2sfca-gravity":
        return two_step_fca(network, homes, sites, 60.0, decay=inverse, supply="doctors")
    if kind == "3sfca-gravity":
        return three_step_fca(network, homes, sites, inverse, cutoff=60.0, selection_cutoff=np.inf, supply="doctors")
    return two_step_fca(network, homes, sites, float(kind.rsplit("-")[-1]), supply="doctors")
