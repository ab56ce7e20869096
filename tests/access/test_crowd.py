"""Costs batch by batch: the same as the matrix, for every size of block, kind of number and order of rows."""

import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import areas, draw, points
from test_pairs_oracle import network_of, on_edges, random_city, worlds
from test_times_oracle import network_of as timed_network_of
from test_times_oracle import worlds as timed_worlds

from siting.access import (
    Decay,
    cost_matrix,
    cumulative,
    enhanced_2sfca,
    floating_catchment,
    gravity,
    three_step_fca,
    two_step_fca,
)
from siting.access import crowd as crowd_room
from siting.access.amounts import totals
from siting.access.crowd import Crowd
from siting.access.opportunities import sums_within, within_mm
from siting.access.pairs import search_pairs, starts
from siting.access.places import Goals
from siting.network import Snapped
from siting.network.places import Places
from siting.network.reach import rows_from_columns
from siting.units import UNREACHED_MM

N_FACILITY = 4


@st.composite
def crowds(draw):
    """Streets of lengths, or of times there and back; who lies inside what; amounts of every kind."""
    timed = draw(st.booleans())
    n, edges, demand, entries, limit = draw(timed_worlds() if timed else worlds())
    network = timed_network_of(n, edges) if timed else network_of(n, edges)
    inside = draw(
        st.sets(st.tuples(st.integers(0, max(len(demand) - 1, 0)), st.integers(0, N_FACILITY - 1)), max_size=3)
    )
    amount = st.one_of(
        st.lists(st.integers(0, 50), min_size=N_FACILITY, max_size=N_FACILITY).map(np.array),
        st.lists(st.sampled_from([0.0, 0.125, 2.5, 7.001, 1e9]), min_size=N_FACILITY, max_size=N_FACILITY).map(
            np.array
        ),
        st.lists(st.floats(0, 9), min_size=N_FACILITY, max_size=N_FACILITY).map(np.array),
    )
    return network, demand, entries, sorted(inside) if demand else [], limit, draw(amount)


@settings(max_examples=150, deadline=None)
@given(crowds())
def test_every_sum_row_and_column_is_that_of_the_pairs(world):
    network, demand, entry_list, inside, limit, amount = world
    edge, offset, access = on_edges(network, demand)
    blank = np.zeros(len(edge))
    at = Snapped(
        index=pd.RangeIndex(len(edge)), edge=edge, offset_mm=offset, far_mm=network.edge_mm[edge] - offset,
        access_mm=access, x=blank, y=blank, distance_m=blank, passed_by=np.full(len(edge), -1), max_snap_m=1.0,
    )  # fmt: skip
    g_edge, g_offset, g_access = on_edges(network, [p for p, _ in entry_list])
    owner = np.array([f for _, f in entry_list], dtype=np.int64)
    table = pd.DataFrame({"facility": owner, "edge": g_edge, "offset_mm": g_offset, "access_mm": g_access})
    goals = Goals.of(network, table, pd.RangeIndex(N_FACILITY))
    point, site = np.array(inside, dtype=np.int64).reshape(-1, 2).T
    by_site = np.argsort(site, kind="stable")
    for bound in (limit, UNREACHED_MM // 4):
        pairs = search_pairs(network, at, goals, starts(site, N_FACILITY), point[by_site], bound)
        indptr, column, cost = rows_from_columns(*pairs, len(edge))
        row = np.repeat(np.arange(len(edge)), np.diff(indptr))
        truth = {(i, j): c / 1000 for i, j, c in zip(row.tolist(), column.tolist(), cost.tolist(), strict=True)}
        crowd = Crowd.between(
            network, at.index, pd.RangeIndex(N_FACILITY), Places.of(network, at), goals, point, site, bound
        )

        def listed(ids, group, other, c):
            return list(zip(ids[group].tolist(), other.tolist(), c.tolist(), strict=True))

        found = [pair for _, block in crowd.by_point(listed) for pair in block]
        assert len(found) == len(truth)
        assert {(i, j): c for i, j, c in found} == truth
        found = [pair for _, block in crowd.by_site(listed) for pair in block]
        assert len(found) == len(truth)
        assert {(i, j): c for j, i, c in found} == truth
        limits = np.array([limit, 0, limit // 2])
        sums, nearest = sums_within(crowd, amount, limits)
        for k, mm in enumerate(limits):
            within = cost <= mm
            assert sums[:, k].tolist() == totals(row[within], amount[column[within]], len(edge)).tolist()
        least = np.full(len(edge), UNREACHED_MM)
        np.minimum.at(least, row, cost)
        assert np.where(nearest <= crowd.limit, nearest, UNREACHED_MM).tolist() == least.tolist()


def city(seed=1):
    make, nodes, ways, homes, shops = random_city(seed)
    rng = np.random.default_rng(seed)
    many = pd.concat([homes, homes.set_index("again_" + homes.index)])
    many["people"] = rng.integers(0, 40, len(many)) * 1.0
    parks = areas(
        **{f"p{k}": shapely.box(x, y, x + 120, y + 90) for k, (x, y) in enumerate(rng.uniform(0, 900, (6, 2)))}
    )
    there = pd.concat([shops, parks])
    return (
        make(nodes, *ways),
        many,
        there.assign(capacity=rng.uniform(0, 9, len(there)), seats=rng.integers(0, 9, len(there))),
    )


def test_areas_with_gates_and_all_measures_equal_the_matrix():
    network, homes, sites = city()
    matrix = cost_matrix(network, homes, sites, 500)
    row, cost = matrix.row_of, matrix.cost
    table = cumulative(network, homes, sites, [120.0, 333.333, 500.0], "seats")
    exact = cumulative(network, homes, sites, [120.0, 333.333, 500.0], "capacity")
    for limit in (120.0, 333.333, 500.0):
        within = cost <= limit
        for made, column in ((table, "seats"), (exact, "capacity")):
            amount = sites[column].to_numpy()[matrix.indices[within]]
            assert made[f"within_{limit:g}"].tolist() == totals(row[within], amount, len(homes)).tolist()
    people, supply = homes["people"], sites["capacity"]
    step = Decay(kind="step", threshold=500.0)
    fade = Decay(kind="zones", limits=(100.0, 300.0, 500.0), weights=(1.0, 0.6, 0.2))
    zones = [(100.0, 1.0), (300.0, 0.6), (500.0, 0.2)]
    for made, oracle in (
        (two_step_fca(network, homes, sites, 500), floating_catchment(matrix, people, supply, step)),
        (enhanced_2sfca(network, homes, sites, zones), floating_catchment(matrix, people, supply, fade)),
        (
            three_step_fca(network, homes, sites, zones, cutoff=300),
            floating_catchment(matrix, people, supply, fade, cutoff=300, selection_cutoff=300),
        ),
    ):
        pd.testing.assert_frame_equal(made.access, oracle.access, check_exact=True)
        pd.testing.assert_frame_equal(made.sites, oracle.sites, check_exact=True)
        reached = made.sites["demand"] > 0
        assert (made.access["access"] * people).sum() == pytest.approx(made.sites.loc[reached, "supply"].sum())


def test_blocks_of_any_size_and_rows_in_any_order_give_the_same_bits(monkeypatch):
    network, homes, sites = city(2)
    sigma = Decay(kind="gaussian", sigma=150.0)

    def all_measures(homes, sites):
        shares = three_step_fca(network, homes, sites, sigma, selection_cutoff=np.inf)
        return (
            cumulative(network, homes, sites, [200.0, 700.0], "capacity"),
            gravity(network, homes, sites, "capacity", decay=sigma),
            shares.access,
            shares.sites,
        )

    first = all_measures(homes, sites)
    monkeypatch.setattr(crowd_room, "MOST_PAIRS", 1)
    for one, other in zip(first, all_measures(homes, sites), strict=True):
        pd.testing.assert_frame_equal(other, one, check_exact=True)
    mixed = all_measures(homes.sample(frac=1, random_state=1), sites.sample(frac=1, random_state=2))
    for one, other in zip(first, mixed, strict=True):
        pd.testing.assert_frame_equal(other.loc[one.index], one, check_exact=True)


def test_nobody_and_nothing():
    network, homes, sites = city(3)
    assert cumulative(network, homes.iloc[:0], sites, 100).shape == (0, 2)
    none = cumulative(network, homes, sites.iloc[:0], 100)
    assert none["within_100"].eq(0).all()
    assert np.isinf(none["nearest"]).all()
    assert gravity(network, homes.iloc[:0], sites, decay="exponential", beta=0.1).empty
    nobody = two_step_fca(network, homes.iloc[:0], sites, 100)
    assert nobody.sites["ratio"].isna().all()
    assert two_step_fca(network, homes, sites.iloc[:0], 100).unreachable == len(homes)


def test_a_wider_cutoff_never_loses():
    network, homes, sites = city(4)
    table = cumulative(network, homes, sites, [0.0, 50.0, 400.0, 2000.0], "seats")
    sums = table.drop(columns="nearest").to_numpy()
    assert (np.diff(sums, axis=1) >= 0).all()


def test_times_and_one_way_streets():
    nodes = {f"n{i}": (100.0 * (i % 5), 100.0 * (i // 5)) for i in range(20)}
    network = draw(
        nodes, *[" ".join(f"n{5 * r + c}" for c in range(5)) for r in range(4)], "n0 n5 n10 n15", "n4 n9 n14"
    )
    timed = network.timed("elderly")
    rng = np.random.default_rng(6)
    homes = points(**{f"h{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 400, (90, 2)))})
    shops = points(**{f"s{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 400, (30, 2)))})
    dense = cost_matrix(timed, homes, shops, None).to_dense()
    table = cumulative(timed, homes, shops, [100.0, 300.0])
    assert table["within_100"].tolist() == (dense <= 100).sum(axis=1).tolist()
    assert table["within_300"].tolist() == (dense <= 300).sum(axis=1).tolist()


def test_limits_compare_as_numbers_do():
    assert within_mm(200.0) == 200_000
    assert within_mm(199.9999999999) == 199_999  # the next millimetre above it is farther
    assert within_mm(0.1 + 0.2) == 300
    assert within_mm(0.0) == 0
