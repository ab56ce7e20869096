"""p-median and facility location on the literature: proved optima are reached, nothing is on its wrong side."""

import numpy as np
import pytest
from test_benchmarks import plane, read_text, rows

from siting.locate import facility_location, p_median


def graph_distances(text: str) -> np.ndarray:
    """Shortest paths of an undirected graph in which the last of several equal edges counts."""
    numbers = np.array([int(v) for v in text.split()])
    n, edges = int(numbers[0]), numbers[3 : 3 + 3 * numbers[1]].reshape(-1, 3)
    distance = np.full((n, n), np.inf)
    for a, b, length in edges.tolist():
        distance[a - 1, b - 1] = distance[b - 1, a - 1] = length
    np.fill_diagonal(distance, 0.0)
    for k in range(n):
        np.minimum(distance, distance[:, k : k + 1] + distance[k], out=distance)
    return distance


@pytest.mark.parametrize("name", ["pmed1", "pmed3", "pmed9", "pmed11", "pmed15", "pmed17", "pmed27"])
def test_graphs_of_beasley_are_proved(shared_benchmarks, name):
    folder = shared_benchmarks / "pmedian_orlib"
    row = rows(folder, instance=name, problem="p-median")[0]
    distance = graph_distances(read_text(folder / row["file"]))
    result = p_median(distance, np.ones(len(distance)), int(row["p"]))
    known = float(row["optimum_or_best_known"])
    assert (result.objective, result.bound, result.status) == (known, known, "optimal")


@pytest.mark.parametrize(("name", "p"), [("rl1304", "20"), ("u1432", "300")])
def test_points_of_tsplib_are_close_to_the_best_known(shared_benchmarks, name, p):
    folder = shared_benchmarks / "pmedian_tsplib"
    row = rows(folder, instance=name, p=p)[0]
    lines = read_text(folder / row["file"]).splitlines()
    first = next(k for k, line in enumerate(lines) if line.startswith("NODE_COORD")) + 1
    points = np.array(
        [[float(v) for v in line.split()[1:3]] for line in lines[first:] if line.strip() not in ("", "EOF")]
    )
    result = p_median(np.floor(plane(points)), np.ones(len(points)), int(p), mip_gap=0.002)
    known = float(row["optimum_or_best_known"])
    assert result.bound <= known
    assert float(row["lower_bound"]) <= result.objective <= 1.002 * known
    assert result.gap <= 0.002


def test_warehouses_without_capacities(shared_benchmarks):
    folder = shared_benchmarks / "cflp_orlib"
    for row in rows(folder, problem="uflp"):
        numbers = read_text(folder / row["file"]).replace("capacity", "0").split()
        m, n = int(numbers[0]), int(numbers[1])
        values = np.array([float(v) for v in numbers[2:]])
        fixed, costs = values[1 : 2 * m : 2], values[2 * m :].reshape(n, m + 1)[:, 1:]
        result = facility_location(costs, np.ones(n), fixed)
        assert result.objective == pytest.approx(float(row["optimum_or_best_known"]), abs=6e-4)  # three decimals
        assert result.status == "optimal"
