"""Capacitated instances of the literature: proved optima are reached, no value or bound is on its wrong side."""

import numpy as np
import pytest
from test_benchmarks import plane, read_text, rows

from siting.locate import capacitated


@pytest.mark.parametrize("name", ["cap41", "cap83", "cap113", "cap133"])
def test_warehouses_of_the_or_library(shared_benchmarks, name):
    folder = shared_benchmarks / "cflp_orlib"
    values = np.array(read_text(folder / "data" / f"{name}.txt").split(), dtype=float)
    m, n = int(values[0]), int(values[1])
    sites, table = values[2 : 2 + 2 * m].reshape(m, 2), values[2 + 2 * m :].reshape(n, m + 1)
    cost, weight = table[:, 1:] / table[:, :1], table[:, 0]
    known = float(rows(folder, instance=name, problem="cflp")[0]["optimum_or_best_known"])
    result = capacitated(cost, weight, sites[:, 0], sites[:, 1])
    assert (result.objective, result.status) == (pytest.approx(known, abs=0.002), "optimal")
    assert (result.flows.toarray().sum(axis=0) <= sites[:, 0]).all()


@pytest.mark.parametrize("name", ["p1", "p19", "p33", "p45", "p61"])
def test_sites_of_holmberg(shared_benchmarks, name):
    folder = shared_benchmarks / "sscflp_holmberg"
    values = np.array(read_text(folder / "data" / f"{name}.txt").split(), dtype=float)
    m, n = int(values[0]), int(values[1])
    sites, weight = values[2 : 2 + 2 * m].reshape(m, 2), values[2 + 2 * m : 2 + 2 * m + n]
    cost = values[2 + 2 * m + n :].reshape(m, n).T / weight[:, None]
    for row in rows(folder, instance=name):
        known, single = float(row["optimum_or_best_known"]), row["problem"] == "sscflp"
        result = capacitated(cost, weight, sites[:, 0], sites[:, 1], single_source=single)
        assert (result.objective, result.status) == (pytest.approx(known, abs=1e-5), "optimal"), row
        assert (result.flows.toarray().sum(axis=0) <= sites[:, 0]).all()


@pytest.mark.parametrize("name", ["pmedcap1", "pmedcap17"])
def test_capacitated_p_median(shared_benchmarks, name):
    folder = shared_benchmarks / "cpmp_orlib"
    values = np.array(read_text(folder / "data" / f"{name}.txt").split(), dtype=float)
    n, p, capacity = int(values[2]), int(values[3]), values[4]
    points = values[5:].reshape(n, 4)
    cost, weight = np.floor(plane(points[:, 1:3])) / points[:, 3:], points[:, 3]
    known = float(rows(folder, instance=name)[0]["optimum_or_best_known"])
    result = capacitated(cost, weight, capacity, p=p, single_source=True, time_limit_s=3.0)
    # Whole distances: proved to the unit, and bounded on the right side where the time was too short.
    assert result.bound <= known + 1e-6
    assert known - 1e-6 <= result.objective <= 1.05 * known
    assert (result.flows.toarray().sum(axis=0) <= capacity).all()
    assert result.status == ("optimal" if result.bound == result.objective else "feasible")
