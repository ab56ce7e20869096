"""Stations shared by several streams: cases drawn and computed by hand, and every choice tried on small random ones."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from locate_costs import labelled
from stream_cases import draw

from siting.errors import InfeasibleError, InputError
from siting.locate import transfer, transfer_streams

#   A (food 10 t, rest 30 t) --1-- S1 --2-- P1 food          per tonne, collecting and hauling
#   B (food 20 t, rest 10 t) --1-- S2 --1-- P2 rest          A to S2: 4, B to S1: 2
#                                  S1 to P2: 5, S2 to P1: 3
SUPPLY = {"food": [10.0, 20.0], "rest": [30.0, 10.0]}
COLLECT = np.array([[1.0, 4.0], [2.0, 1.0]])
HAUL = np.array([[2.0, 5.0], [3.0, 1.0]])
TAKES = ["food", ["rest"]]


def drawn(**changes):
    plain = {
        "collect_cost": COLLECT, "haul_cost": HAUL, "station_capacity": [70.0, 70.0], "station_cost": [25.0, 25.0],
        "plant_capacity": np.inf, "plant_streams": TAKES,
    } | changes  # fmt: skip
    return transfer_streams(SUPPLY, **plain)


def test_drawn_street():
    # Both open: food 10 * 3 + 20 * 4, rest 30 * 5 (over S2) + 10 * 2: 280 + 50. S1 alone 360 + 25, S2 alone 320 + 25.
    both = drawn()
    assert (both.objective, both.bound, both.status, both.sites.tolist()) == (330.0, 330.0, "optimal", [0, 1])
    food, rest = both.flows.of["food"], both.flows.of["rest"]
    assert rest.collect.toarray().tolist() == [[0.0, 30.0], [0.0, 10.0]]
    assert rest.haul.toarray().tolist() == [[0.0, 0.0], [0.0, 40.0]]
    assert food.haul.sum(axis=0).tolist() == [30.0, 0.0]
    assert both.flows.plant_load.tolist() == [30.0, 40.0]
    # A sends 30 of its 40 t over S2; B may send its food either way.
    assert both.assignment[0] == 1
    # Without S1: 320 + 25 instead of 330; without S2: 360 + 25.
    assert dict(zip(both.order.tolist(), both.gain.tolist(), strict=True)) == {1: 55.0, 0: 15.0}
    assert drawn(station_cost=50.0).objective == 370.0  # S2 alone
    assert drawn(excluded=[1]).objective == 385.0
    assert drawn(existing=[0]).objective == 305.0


def test_streams_share_the_room_of_a_station():
    # S2 holds 30 of the 40 t of rest: 10 t of A go over S1 instead, at 6 and not 5 per tonne.
    small = drawn(station_capacity=[60.0, 30.0])
    assert (small.objective, small.status) == (340.0, "optimal")
    assert small.flows.station_load.tolist() == [40.0, 30.0]
    assert small.flows.of["rest"].collect.toarray().tolist() == [[10.0, 20.0], [0.0, 10.0]]
    # No station may take over half of the 70 t: 5 t of rest move.
    half = drawn(most_share=0.5)
    assert (half.objective, half.flows.station_load.tolist()) == (335.0, [35.0, 35.0])


def test_streams_share_the_room_of_a_plant():
    # P1 takes rest as well, at 3 from S1 (A: 4 and not 5): 20 t of it, as it holds 50 t.
    haul = {"food": [[2.0, np.inf], [3.0, np.inf]], "rest": [[3.0, 5.0], [np.inf, 1.0]]}
    shared = drawn(haul_cost=haul, plant_streams=None, plant_capacity=[50.0, np.inf])
    assert (shared.objective, shared.flows.plant_load.tolist()) == (310.0, [50.0, 20.0])
    # Food has no plant but P1. Without P2 rest costs 30 * 4 + 10 * 5 over S1 alone: 110 + 170 + 25 + 100. With it, and
    # S2, it costs 120 + 20: 110 + 140 + 50 + 140.
    dear = drawn(haul_cost=haul, plant_streams=None, plant_cost=[100.0, 40.0])
    assert (dear.objective, dear.parameters["plants"]) == (405.0, (0,))


def test_straight_to_a_plant():
    # B may send rest straight to P2 at 3: where S2 is out, 10 t save 4 a tonne.
    straight = drawn(excluded=[1], direct_cost={"rest": [[np.inf, np.inf], [np.inf, 3.0]]})
    assert (straight.objective, straight.flows.of["rest"].direct.toarray().tolist()) == (345.0, [[0, 0], [0, 10.0]])
    assert straight.flows.of["food"].direct.nnz == 0


def test_versions_of_a_site():
    # Site S1 for 40 t at 10 or for 70 t at 25; S2 holds 30 t.
    versions = {
        "collect_cost": COLLECT[:, [0, 0, 1]], "haul_cost": HAUL[[0, 0, 1]], "station_capacity": [40.0, 70.0, 30.0],
        "station_cost": [10.0, 25.0, 25.0], "site": ["one", "one", None],
    }  # fmt: skip
    small = drawn(**versions)
    assert (small.objective, small.sites.tolist()) == (290.0 + 35, [0, 2])
    assert drawn(**versions, required=[1]).sites.tolist() == [1, 2]  # this version, and not the cheaper one
    assert drawn(**versions, required=[0, 1]).sites.tolist() == [0, 2]  # one of the two
    assert drawn(**versions, excluded=[0]).objective == 290.0 + 50
    assert drawn(**versions, p=1).objective == 360.0 + 25  # only S1 for 70 t holds everything
    # Sites must keep apart and zones count them, whatever their version: S1 for 70 t alone.
    xy = [[0.0, 0.0], [0.0, 0.0], [0.0, 5.0]]
    assert drawn(**versions, min_spacing_m=5.1, xy=xy).objective == 360.0 + 25
    assert drawn(**versions, min_spacing_m=5.0, xy=xy).objective == 325.0
    assert drawn(**versions, zones=["z", "z", "z"], at_most=1).objective == 360.0 + 25
    crowded = {**versions, "site": None, "station_cost": [10.0, 5.0, 25.0]}
    assert drawn(**crowded, too_close=[(0, 1)]).objective == drawn(**{**crowded, "site": ["x", "x", "y"]}).objective


def test_an_existing_station_may_be_enlarged():
    # S2 stands and holds 30 t; for 5 it holds 70 t. 310 with it and S1, 315 with S1 alone beside it, 325 without S1.
    stands = {
        "collect_cost": COLLECT[:, [0, 1, 1]], "haul_cost": HAUL[[0, 1, 1]], "station_capacity": [70.0, 30.0, 70.0],
        "station_cost": [25.0, 99.0, 5.0], "site": [None, "two", "two"], "existing": [1],
    }  # fmt: skip
    larger = drawn(**stands, p=1)
    assert (larger.objective, larger.sites.tolist()) == (310.0, [0, 2])
    assert dict(zip(larger.order.tolist(), larger.gain.tolist(), strict=True)) == {0: 15.0, 2: 5.0}
    assert drawn(**stands, excluded=[0]).objective == 325.0
    assert drawn(**stands, excluded=[2]).objective == 315.0
    # Enlarging is not a new site: where one must be, it is S1.
    assert drawn(**{**stands, "station_cost": [90.0, 0.0, 5.0]}).sites.tolist() == [2]
    assert drawn(**{**stands, "station_cost": [90.0, 0.0, 5.0]}, min_sites=1).sites.tolist() == [0, 2]
    with pytest.raises(InputError, match="only one can"):
        drawn(**{**stands, "existing": [1, 2]})


def test_labels_are_aligned():
    collect = labelled(COLLECT, rows=["A", "B"], columns=["S1", "S2"])
    haul = labelled(HAUL[::-1], rows=["S2", "S1"], columns=["P1", "P2"])
    supply = pd.DataFrame(SUPPLY, index=["A", "B"]).iloc[::-1]
    result = transfer_streams(
        supply, {"rest": collect, "food": collect}, haul, pd.Series({"S2": 30.0, "S1": 60.0}), 25.0,
        pd.Series({"P2": 40.0, "P1": 30.0}), plant_streams=pd.Series({"P2": "rest, ", "P1": "food"}),
        site=pd.Series({"S2": "x", "S1": ""}), required=["S2"],
    )  # fmt: skip
    assert (result.objective, result.site_ids) == (340.0, ("S1", "S2"))
    assert result.parameters["supply_total"] == {"food": 30.0, "rest": 40.0}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"plant_capacity": [29.0, 50.0]}, r"no room in the plants that take it for 1 of 30 of food \(plants \[0\]\)"),
        ({"plant_streams": ["rest", "rest"]}, r"30 of food at 2 sources \(\[0, 1\]\)"),
        ({"collect_cost": {"food": COLLECT, "rest": [[np.inf] * 2, [1.0, 1.0]]}}, r"30 of rest at 1 sources \(\[0\]\)"),
        ({"station_capacity": [30.0, 35.0]}, "70 must go through stations.* hold 65"),
        ({"station_capacity": 40.0, "p": 1}, "p = 2 would work"),
        ({"station_capacity": 40.0, "most_share": 0.4}, "hold 56; raise most_share or"),
        ({"min_sites": 2, "too_close": [(0, 1)]}, "min_sites"),
        ({"station_capacity": [20.0, 60.0], "station_streams": ["rest", "food"]}, "no room .* 20 of rest"),
    ],
)
def test_what_cannot_be_is_refused_with_stream_and_tonnes(changes, words):
    with pytest.raises(InfeasibleError, match=words):
        drawn(**changes)


@pytest.mark.parametrize(
    "changes",
    [
        {"site": ["a"]}, {"plant_streams": ["food", "wood"]}, {"plant_streams": ["food"]},
        {"haul_cost": {"food": HAUL}}, {"direct_cost": {"wood": COLLECT}}, {"collect_cost": COLLECT[:, :1]},
        {"station_cost": [-1.0, 2.0]}, {"most_share": 0.0}, {"p": 3}, {"site": [1, None]},
    ],
)  # fmt: skip
def test_input_that_makes_no_sense_is_refused(changes):
    with pytest.raises(InputError):
        drawn(**changes)


def test_supply_is_a_table_or_a_stream_each():
    with pytest.raises(InputError, match="table of sources by streams"):
        transfer_streams([1.0, 2.0], COLLECT, HAUL, 9.0, 1.0, 9.0)
    table = np.array([SUPPLY["food"], SUPPLY["rest"]]).T
    plain = transfer_streams(table, COLLECT, HAUL, 70.0, 25.0, np.inf, plant_streams=[[0], [1]])
    assert (plain.objective, plain.parameters["streams"]) == (330.0, (0, 1))


def solved(case):
    try:
        return transfer_streams(**case.arguments())
    except InfeasibleError:
        return None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_all_choices_of_small_cases(seed):
    case = draw(seed)
    best, result = case.least(), solved(case)
    assert (result is None) == np.isinf(best)
    if result is None:
        return
    assert (result.objective, result.status) == (pytest.approx(best, abs=1e-6), "optimal")
    assert result.bound == result.objective
    assert result.objective == pytest.approx(case.paid(result), abs=1e-9)
    existing = case.conditions["existing"]
    replaced = [j for j in existing if any(case.site[j] == case.site[i] for i in result.sites if case.site[j])]
    is_open = np.isin(np.arange(len(case.room)), [*(set(existing) - set(replaced)), *result.sites])
    assert case.allows(is_open)
    # Nothing is lost on the way: in thousandths, of which a vertex of the flow may have to take parts.
    parts = 1000 * 5040
    assert set(result.flows.of) == {f"s{s}" for s in range(len(case.supply))}
    for s, flow in enumerate(result.flows.of.values()):
        collect, haul, direct = (
            np.rint(part.toarray() * parts).astype(int) for part in (flow.collect, flow.haul, flow.direct)
        )
        assert (collect.sum(axis=1) + direct.sum(axis=1)).tolist() == (case.supply[s] * parts).astype(int).tolist()
        assert collect.sum(axis=0).tolist() == haul.sum(axis=1).tolist()
        for part, table in ((collect, case.collect[s]), (haul, case.haul[s]), (direct, case.direct[s])):
            assert np.isfinite(table[part > 0]).all()
    most = np.inf if case.most_share is None else case.most_share * case.supply.sum()
    assert (result.flows.station_load <= np.minimum(case.room, most) * is_open + 1e-9).all()
    assert (result.flows.plant_load <= case.plant_room + 1e-9).all()
    assert result.flows.plants.tolist() == np.flatnonzero(result.flows.plant_load > 0).tolist()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_dearer_and_closed_roads_never_make_it_cheaper(seed):
    case, rng = draw(seed), np.random.default_rng(seed)
    plain = solved(case)
    factor = rng.choice([1.0, 1.0, 1.5, np.inf], size=case.collect.shape[1:])
    blocked = solved(replace(case, collect=np.where(np.isinf(factor), np.inf, (case.collect + 1) * factor)))
    if blocked is not None:
        assert plain is not None
        assert blocked.objective >= plain.objective - 1e-6
    roomier = solved(replace(case, room=case.room + 2, plant_room=case.plant_room + 2))
    if plain is not None:
        assert roomier.objective <= plain.objective + 1e-6


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_one_stream_is_what_transfer_gives_and_so_are_its_parts(seed):
    rng = np.random.default_rng(seed)
    n, m, k = int(rng.integers(2, 7)), int(rng.integers(2, 6)), int(rng.integers(1, 4))
    supply = rng.integers(1, 20, n) * 3 / 2
    collect, haul, direct = (rng.integers(1, 20, shape) * 1.0 for shape in ((n, m), (m, k), (n, k)))
    collect[rng.random((n, m)) < 0.1] = np.inf
    rest = [
        collect, haul, np.ceil(rng.uniform(0.2, 0.9, m) * supply.sum()), rng.integers(0, 60, m) * 1.0,
        np.ceil(rng.uniform(0.4, 1.2, k) * supply.sum()), rng.integers(0, 60, k) * 1.0, 3 * direct,
    ]  # fmt: skip
    given_p = {"p": int(rng.integers(1, m + 1))}
    try:
        one = transfer(supply, *rest, **given_p)
    except InfeasibleError:
        with pytest.raises(InfeasibleError):
            transfer_streams(supply[:, None], *rest, **given_p)
        return
    thirds = supply[:, None] * np.array([1, 2]) / 3
    for table in (supply[:, None], thirds):
        parts = transfer_streams(table, *rest, **given_p)
        assert parts.status == "optimal"
        assert parts.objective == pytest.approx(one.objective, rel=1e-7)


def test_where_nothing_is_left_to_choose_the_cheapest_flow_is_the_answer():
    rng = np.random.default_rng(4)
    supply = rng.integers(1, 40, (60, 3)) / 4.0
    collect, haul = rng.integers(1, 90, (60, 12)) / 2.0, rng.integers(1, 30, (12, 4)) / 2.0
    total = supply.sum()
    result = transfer_streams(
        supply, collect, haul, 0.12 * total, 5.0, 0.3 * total, existing=list(range(12)), time_limit_s=30.0
    )
    assert (result.status, result.sites.tolist()) == ("optimal", [])
    assert (result.flows.station_load <= 0.12 * total + 1e-9).all()
    assert result.flows.plant_load.sum() == pytest.approx(total)
