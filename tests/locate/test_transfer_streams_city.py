"""Stations shared by several streams beyond what can be tried: known instances cut into streams, and drawn cities."""

import csv

import numpy as np
import pytest
from bench.locate_streams import city, cut
from stream_cases import draw

import siting.locate.streams.solve as solving
from siting.errors import InfeasibleError, SolverError
from siting.locate import transfer_streams


def table_of(shared_benchmarks, folder, instance, problem):
    with (shared_benchmarks / folder / "optimum.csv").open(encoding="utf-8") as file:
        rows = csv.DictReader(file)
        row = next(row for row in rows if (row["instance"], row["problem"]) == (instance, problem))
    return row, np.array((shared_benchmarks / folder / row["file"]).read_text("utf-8").split(), dtype=float)


@pytest.mark.parametrize("name", ["cap41", "cap81", "cap103"])
def test_warehouses_cut_into_streams_keep_their_optimum(shared_benchmarks, name):
    row, values = table_of(shared_benchmarks, "cflp_orlib", name, "cflp")
    m, n = int(values[0]), int(values[1])
    sites, table = values[2 : 2 + 2 * m].reshape(m, 2), values[2 + 2 * m :].reshape(n, m + 1)
    supply = cut(table[:, 0], 3)
    assert supply.sum(axis=1) == pytest.approx(table[:, 0])
    result = transfer_streams(
        supply, table[:, 1:] / table[:, :1], np.zeros((m, 1)), sites[:, 0], sites[:, 1], np.inf, time_limit_s=60.0
    )
    assert result.status == "optimal"
    assert result.objective == pytest.approx(float(row["optimum_or_best_known"]), abs=2e-3)


def test_two_stages_cut_into_streams_are_near_the_best_known(shared_benchmarks):
    row, values = table_of(shared_benchmarks, "tscflp", "PSC1-C3-50", "tscflp")
    known, published = float(row["optimum_or_best_known"]), float(row["lower_bound"])
    k, m, n = values[:3].astype(int).tolist()
    parts = np.split(values[3:], np.cumsum([n, 2 * k, k * m, 2 * m]))
    plants, stations = parts[1].reshape(k, 2), parts[3].reshape(m, 2)
    result = transfer_streams(
        cut(parts[0], 2), parts[4].reshape(m, n).T, parts[2].reshape(k, m).T, stations[:, 0], stations[:, 1],
        plants[:, 0], plants[:, 1], time_limit_s=8.0,
    )  # fmt: skip
    assert result.bound <= known
    assert published <= result.objective <= 1.05 * known


@pytest.mark.parametrize("plant_cost", [None, 900.0])
def test_a_city_balances_to_the_last_unit_and_its_costs_add_up(plant_cost):
    drawn = city(120, 16, seed=3)
    drawn["station_capacity"] = drawn["station_capacity"] / 6
    result = transfer_streams(**drawn, plant_cost=plant_cost, most_share=0.4, time_limit_s=20.0, mip_gap=0.01)
    assert result.gap <= 0.03
    parts, paid = 1000 * 5040, 0.0
    for stream, flow in result.flows.of.items():
        collect, haul, direct = (
            np.rint(x.toarray() * parts).astype(np.int64) for x in (flow.collect, flow.haul, flow.direct)
        )
        supply = np.rint(drawn["supply"][stream] * parts).astype(np.int64)
        assert (collect.sum(axis=1) + direct.sum(axis=1)).tolist() == supply.tolist()
        assert collect.sum(axis=0).tolist() == haul.sum(axis=1).tolist()
        for name, part in (("collect_cost", flow.collect), ("haul_cost", flow.haul), ("direct_cost", flow.direct)):
            used = part.tocoo()
            paid += (drawn[name][stream][used.row, used.col] * used.data).sum()
    total = sum(part.sum() for part in drawn["supply"].values())
    assert (result.flows.station_load <= np.minimum(drawn["station_capacity"], 0.4 * total) + 1e-9).all()
    assert (result.flows.plant_load <= drawn["plant_capacity"] + 1e-9).all()
    assert set(np.flatnonzero(result.flows.station_load)) <= set(result.sites.tolist())
    sites = np.array(drawn["site"])[result.sites]
    assert len(set(sites.tolist())) == len(sites)
    opened = drawn["station_cost"][result.sites].sum() + len(result.flows.plants) * (plant_cost or 0.0)
    assert result.objective == pytest.approx(paid + opened, rel=1e-12)
    # Any plan that must do without the site that matters most costs at least as much as the bound says.
    worst = int(result.order[0])
    without = transfer_streams(
        **drawn, plant_cost=plant_cost, most_share=0.4, excluded=[worst], time_limit_s=10.0, mip_gap=0.02
    )
    assert without.objective >= result.bound * (1 - 1e-9)


@pytest.mark.parametrize("seed", range(14))
def test_prices_alone_bound_what_every_choice_gives(monkeypatch, seed):
    monkeypatch.setattr(solving, "LARGEST_MODEL", 0)
    case = draw(seed)
    best = case.least()
    try:
        result = transfer_streams(**case.arguments(), time_limit_s=1.0)
    except (InfeasibleError, SolverError):
        assert np.isinf(best)
        return
    assert result.bound <= best + 1e-6
    assert result.objective >= best - 1e-6
    if result.status == "optimal":
        assert result.objective == pytest.approx(best, abs=1e-6)


@pytest.mark.parametrize("excluded", [[], [5]])
def test_supplies_that_are_no_thousandths_balance_as_well(excluded):
    rng = np.random.default_rng(3)
    supply, collect, haul = rng.random((40, 3)) / 3, rng.random((40, 10)), rng.random((10, 3))
    total = supply.sum()
    # Four stations hold everything if each is full to the brim.
    result = transfer_streams(supply, collect, haul, total / 4, 0.5, total / 2.1, excluded=excluded, time_limit_s=20.0)
    assert result.status == "optimal"
    assert result.flows.station_load.max() <= total / 4 * (1 + 1e-9)
    for stream, flow in result.flows.of.items():
        assert flow.collect.sum(axis=1) == pytest.approx(supply[:, stream], abs=1e-9)
        assert flow.station_load == pytest.approx(flow.haul.sum(axis=1), abs=1e-12)
