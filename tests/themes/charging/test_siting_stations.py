"""New charging stations on a drawn street, every figure by hand.

  A 30     P1          P2   B 15            P4  C 15          (charges a day)
  ●────────■───────────■────●───────────────■───●──────   y = 0
  x = 100  200         500  600             1250 1300

Radius 500 m: P1 and P2 reach A and B, P4 reaches C. Grid: P1 300 kW, P2 1000 kW, P4 480 kW.
A charger gives 5 charges a day and takes 60 kW: small 2 chargers (10 a day, 120 kW, cost 10), medium 4 (20, 240, 16),
large 8 (40, 480, 28). P1 can be small or medium, P2 and P4 any: 480 kW is exactly enough.
"""

from itertools import product

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.sparse import csr_array
from scipy.sparse.csgraph import maximum_flow
from shapely import LineString, Point, box

from siting.errors import InfeasibleError, InputError
from siting.network import Network
from siting.themes import City
from siting.themes.charging import Assumed, Size, audit_charging, site_charging

CRS = "EPSG:32650"


def frame(shapes, ids, **columns):
    return gpd.GeoDataFrame(columns, geometry=list(shapes), crs=CRS, index=pd.Index(ids, name="id"))


STREET = frame([LineString([(0, 0), (2000, 0)])], ["s"])
HOMES = frame([Point(100, 0), Point(600, 0), Point(1300, 0)], ["A", "B", "C"], people=[1000.0, 500.0, 500.0])
NONE = frame([], [], **{"class": []})
ASSUMED = Assumed(ev_share=0.2, cars_per_person=0.5, per_ev_day=0.3, per_charger_day=5)
SIZES = [
    Size(name="small", chargers=2, kw_each=60, cost=10),
    Size(name="medium", chargers=4, kw_each=60, cost=16),
    Size(name="large", chargers=8, kw_each=60, cost=28),
]
PARKS = frame([Point(200, 0), Point(1250, 0), Point(1300, 0)], ["P1", "P4", "P5"], grid_kw=[300, "480", "约500"])
FUEL = frame([Point(500, 0)], ["P2"], grid_kw=[1000])
PLOTS = frame([box(1180, 5, 1220, 45)], ["P3"], grid_kw=[100])
LAYERS = {"car_park": PARKS, "fuel_station": FUEL, "vacant": PLOTS}


def town(facilities=NONE, **more):
    return City.of(Network.from_lines(STREET), HOMES, facilities, **more)


def plan(city=None, **more):
    given = {"sizes": SIZES, "assumed": ASSUMED, "reach_m": 500, "layers": LAYERS} | more
    return site_charging(town() if city is None else city, **given)


def test_places_are_tested_and_what_is_not_known_is_no_candidate():
    found = plan(p=1)
    table = found.candidates
    assert table["allowed"].to_dict() == {"P1": True, "P4": True, "P5": False, "P2": True, "P3": False}
    assert table["sizes"].to_dict() == {
        "P1": "small medium", "P4": "small medium large", "P5": "", "P2": "small medium large", "P3": "",
    }  # fmt: skip
    assert table.loc[["P1", "P2"], "chargers_most"].tolist() == [4, 8]
    assert table.loc[["P1", "P2"], "day_most"].tolist() == [20, 40]
    assert "100 kW of 120 kW needed" in table.loc["P3", "refusal"]
    assert "not known" in table.loc["P5", "refusal"]
    assert [(f.code, f.ids) for f in found.findings] == [("station_grid_kw", ("P5",))]


@pytest.mark.parametrize(
    ("p", "sizes", "served"),
    [(1, {"P2": "large"}, 40), (2, {"P2": "large", "P4": "medium"}, 55)],
)
def test_most_charges_by_so_many_stations(p, sizes, served):
    found = plan(p=p)
    assert found.sites["size"].to_dict() == sizes
    assert (found.result.objective, found.result.bound, found.result.status) == (served, served, "optimal")
    assert found.points["placed_after"].sum() == pytest.approx(served)
    assert (found.sites["load_day"] <= found.sites["capacity_day"]).all()
    city = found.zones.iloc[0]
    assert (city["wanted"], city["placed_before"], city["new_stations"]) == (60, 0, p)


def test_all_in_reach_at_least_cost():
    # A and B want 45: large on P2 gives 40, small on P1 the rest (38); medium on both gives 40 only. C: medium (16).
    found = plan()
    assert found.sites["size"].to_dict() == {"P2": "large", "P4": "medium", "P1": "small"}
    assert found.cost == found.result.objective == 54
    assert found.result.status == "optimal"
    assert found.points["placed_after"].tolist() == pytest.approx([30, 15, 15])
    dear = LAYERS | {"car_park": PARKS.assign(site_cost=[100.0, 0.5, 0.0])}
    # With the site P1 costs 110; nothing else holds the last 5 of A and B.
    assert plan(layers=dear).cost == 28 + 110 + 16.5


def test_existing_stations_serve_first_and_unknown_ones_are_listed():
    stands = frame(
        [Point(900, 0), Point(1950, 0)], ["S", "T"], chargers=[1, "many"], **{"class": ["charging", "charging"]}
    )
    found = plan(town(stands))
    # 5 a day for B or C: then large on P2 holds A and B, medium on P4 C.
    assert found.sites["size"].to_dict() == {"P2": "large", "P4": "medium"}
    assert found.cost == 44
    assert found.points["placed_before"].sum() == 5
    assert found.points["placed_after"].sum() == pytest.approx(60)
    assert ("station_chargers", ("T",)) in [(f.code, f.ids) for f in found.findings]


def test_a_station_that_stands_is_entered_by_its_gate_as_in_the_audit():
    """Its edge begins beside C; its one gate is 590 m further on, so C has no station within 500 m."""
    area = frame([box(1300, 5, 1900, 45)], ["S"], chargers=[8], **{"class": ["charging"]})
    gate = gpd.GeoDataFrame(geometry=[Point(1890, 5)], crs=CRS)
    for gates, today in ((None, 15), (gate, 0)):
        city = City.of(Network.from_lines(STREET), HOMES, area, entrances=gates)
        assert plan(city).points["placed_before"].sum() == today
        near = audit_charging(city, assumed=ASSUMED, reach_m=500).themed().layer("charging_points").frame["near"]
        assert near.tolist() == [False, False, today > 0]


def test_what_no_place_reaches_is_left_out_and_told():
    found = plan(
        layers={"fuel_station": FUEL.assign(grid_kw=5000)}, sizes=[Size(name="huge", chargers=20, kw_each=60, cost=9)]
    )
    assert found.left_out == 15
    assert found.points["in_reach"].tolist() == [True, True, False]
    assert found.points["placed_after"].tolist() == pytest.approx([30, 15, 0])
    assert any("beyond the radius" in line.en for line in found.themed().headlines)


def test_places_that_are_too_small_together_are_refused_with_a_reason():
    with pytest.raises(InfeasibleError, match="capacit"):
        plan(layers={"fuel_station": FUEL})
    with pytest.raises(InfeasibleError, match="none of 1 places"):
        plan(layers={"vacant": PLOTS})


def test_exclusions_are_tested():
    lake = {"lake": frame([box(450, -50, 550, 50)], ["a"])}
    found = plan(town(exclusions=lake), p=1)
    assert not found.candidates.loc["P2", "allowed"]
    assert "lake" in found.candidates.loc["P2", "refusal"]
    assert found.sites["size"].to_dict() == {"P1": "medium"}


def test_conditions_on_the_plan():
    assert "P1" in plan(p=1, required=["P1"]).sites.index
    assert "P2" not in plan(p=2, excluded=["P2"]).sites.index
    assert plan(p=2, min_spacing_m=750).sites.index.tolist() == ["P2", "P4"]  # 750 m apart
    # P1 and P4 give 35 a day, large on P2 alone 40.
    assert plan(p=2, min_spacing_m=751).sites.index.tolist() == ["P2"]
    with pytest.raises(InputError, match="there are 3 candidates"):
        plan(p=4)


def test_what_cannot_be_asked_is_refused():
    with pytest.raises(InputError, match="reach_m"):
        plan(reach_m=None)
    with pytest.raises(InputError, match="per_ev_day"):
        plan(assumed=Assumed(ev_share=0.2, cars_per_person=0.5))
    with pytest.raises(InputError, match="different names"):
        plan(sizes=[SIZES[0], SIZES[0]])
    with pytest.raises(InputError, match="no kind of place"):
        plan(layers={"roof": FUEL})
    with pytest.raises(InputError, match="chargers"):
        Size(name="none", chargers=0, kw_each=60, cost=1)
    with pytest.raises(InputError, match="no car parks"):
        plan(layers={})


def test_ids_that_two_layers_share_are_told_apart():
    found = plan(layers={"car_park": frame([Point(200, 0)], ["1"], grid_kw=[300]),
                         "fuel_station": frame([Point(500, 0)], ["1"], grid_kw=[1000])}, p=2)  # fmt: skip
    assert set(found.sites.index) == {"car_park-1", "fuel_station-1"}


def test_the_theme_states_proof_and_assumptions():
    result = plan(p=2).themed()
    assert [layer.name for layer in result.layers] == ["charging_points_plan", "charging_places", "charging_sites"]
    assert result.figures["objective"] == result.figures["bound"] == 55
    assert "已证明最优" in result.headlines[0].zh
    assert "91.7%" in result.headlines[1].en  # 55 of 60
    assert "研究自定" in result.layers[0].note.zh
    assert "assumed by the study" in result.layers[0].note.en
    assert result.layers[0].frame["state"].tolist().count("part") == 1


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_no_plan_is_better(data):
    n, m = data.draw(st.integers(1, 4)), data.draw(st.integers(1, 3))
    at = data.draw(st.lists(st.integers(0, 20), min_size=n + m, max_size=n + m))
    cars = data.draw(st.lists(st.integers(0, 9), min_size=n, max_size=n))
    grid = data.draw(st.lists(st.integers(0, 6), min_size=m, max_size=m))
    p = data.draw(st.one_of(st.none(), st.integers(1, 3)))
    sizes = [Size(name="S", chargers=2, kw_each=1, cost=3), Size(name="L", chargers=5, kw_each=1, cost=5)]
    demand = frame([Point(100 * x, 0) for x in at[:n]], [f"h{k}" for k in range(n)], cars=cars, units=[1] * n)
    places = frame([Point(100 * x, 0) for x in at[n:]], [f"p{k}" for k in range(m)], grid_kw=grid)
    city = City.of(None, demand, NONE)
    each = Assumed(ev_share=1, per_ev_day=1, per_charger_day=2)

    def ask():
        return site_charging(city, sizes=sizes, assumed=each, p=p, reach_m=600, layers={"car_park": places})

    if p is not None:
        p = min(p, max(1, sum(kw >= 2 for kw in grid)))
    near = np.abs(np.subtract.outer(at[:n], at[n:])) <= 6
    options = [[None, *[s for s in sizes if s.chargers <= kw]] for kw in grid]
    reached = near[:, [len(o) > 1 for o in options]].any(axis=1)
    wanted = int(np.array(cars)[reached].sum())
    best = None
    for choice in product(*options):
        if p is not None and sum(c is not None for c in choice) > p:
            continue
        held = [0 if c is None else 2 * c.chargers for c in choice]
        graph = np.zeros((n + m + 2, n + m + 2), dtype=np.int32)
        graph[0, 1 : n + 1], graph[n + 1 : n + m + 1, -1] = cars, held
        graph[1 : n + 1, n + 1 : n + m + 1] = near * 100
        served = int(maximum_flow(csr_array(graph), 0, n + m + 1).flow_value)
        price = sum(c.cost for c in choice if c is not None)
        value = -served if p is not None else price if served == wanted else None
        if value is not None and (best is None or value < best):
            best = value
    if best is None or all(len(o) == 1 for o in options):
        with pytest.raises(InfeasibleError):
            ask()
        return
    found = ask()
    assert found.result.objective == pytest.approx(abs(best))
    assert found.result.status == "optimal"
    assert found.points["placed_after"].sum() == pytest.approx(-best if p is not None else wanted)
    assert (found.sites["kw"] <= found.sites["grid_kw"]).all()


def test_power_that_nobody_states_may_be_assumed_and_is_marked():
    # P5 says "约500", which is no number: never replaced. P1 says nothing.
    silent = LAYERS | {"car_park": PARKS.assign(grid_kw=[None, "480", "约500"])}
    without = plan(p=2, layers=silent)
    assert not without.candidates.loc["P1", "allowed"]
    assert without.themed().figures["places_grid_unknown"] == 2
    found = plan(p=2, layers=silent, assumed_grid_kw=250)
    table = found.candidates
    assert table["grid_from"].to_dict() == {
        "P1": "assumed", "P4": "stated", "P5": "unknown", "P2": "stated", "P3": "stated",
    }  # fmt: skip
    assert table.loc["P1", ["grid_kw", "sizes", "allowed"]].tolist() == [250, "small medium", True]
    assert ("station_grid_assumed", ("P1",)) in [(f.code, f.ids) for f in found.findings]
    shown = found.themed()
    assert "可用电力缺失的候选点按 250 kW 计（研究假定）" in shown.layers[0].note.zh
    assert shown.headlines[2].zh == (
        "候选点 5 处，可建站 3 处，不可建：电力未知 1 处、电力不足 1 处；1 处的电力为研究假定"
    )
    with pytest.raises(InputError, match="assumed_grid_kw"):
        plan(assumed_grid_kw=-1)


def test_a_refusal_says_what_is_lacking_in_both_languages():
    with pytest.raises(InfeasibleError, match="5 are lacking") as said:
        plan(layers={"fuel_station": FUEL})
    # A and B want 45 in reach of P2, whose largest size gives 40.
    assert "半径内充电需求 45 次/日" in said.value.text.zh
    assert "只能满足 40，缺 5" in said.value.text.zh
    with pytest.raises(InfeasibleError) as said:
        plan(layers={"vacant": PLOTS})
    assert said.value.text.zh == "1 处候选点均不可建站（可用电力 100 kW，小于最小规模所需 120 kW：1 处）"
    with pytest.raises(InfeasibleError) as said:
        plan(excluded=["P1"])
    assert "相互矛盾" in said.value.text.zh


def test_served_demand_is_an_indicator_before_and_after():
    zones = {"half": frame([box(0, -9, 1000, 9), box(1000, -9, 2000, 9)], ["W", "E"])}
    rows = plan(town(zones=zones), p=2).themed().indicators
    after = rows[rows["rule"] == "charging.served.after"].set_index("zone")
    assert after.loc["city", ["served", "total"]].tolist() == [55, 60]
    assert after.loc[["W", "E"], "served"].sum() == 55
    assert after.loc["E", ["served", "total"]].tolist() == [15, 15]
    assert (rows[rows["rule"] == "charging.served.before"]["served"] == 0).all()


def test_a_fast_charger_may_give_more_than_a_slow_one():
    fast = Size(name="fast", chargers=2, kw_each=60, cost=10, per_charger_day=20)
    found = plan(p=1, sizes=[*SIZES[1:], fast])
    # Two chargers of 20 hold as much as eight of 5, and less would do nothing more.
    assert found.result.objective == 40
    assert found.sites["capacity_day"].tolist() == [40]
    with pytest.raises(InputError, match="per_charger_day"):
        Size(name="none", chargers=1, kw_each=60, cost=1, per_charger_day=0)


def test_existing_stations_stand_beside_the_new_ones_on_the_map():
    stands = frame([Point(900, 0), Point(1950, 0)], ["S", "T"], chargers=[1, None], **{"class": ["charging"] * 2})
    layer = plan(town(stands), p=2).themed().layer("charging_sites").frame
    assert layer["role"].tolist() == ["new", "new", "existing", "unknown"]
    assert layer.loc["existing:S", ["chargers", "capacity_day", "load_day"]].tolist() == [1, 5, 5]
    assert layer.geometry.notna().all()
    assert layer["label"].tolist()[:2] == ["1: large", "2: medium"]


def test_figures_and_sizes_may_be_plain_dicts():
    figures = {"ev_share": 0.2, "cars_per_person": 0.5, "per_ev_day": 0.3, "per_charger_day": 5}
    sizes = [{"name": s.name, "chargers": s.chargers, "kw_each": s.kw_each, "cost": s.cost} for s in SIZES]
    assert plan(assumed=figures, sizes=sizes).cost == plan().cost
    with pytest.raises(InputError, match=r"'ev_shares' is no figure of it.*did you mean 'ev_share'"):
        plan(assumed={"ev_shares": 0.2})
    with pytest.raises(InputError, match="size: cost is missing"):
        plan(sizes=[{"name": "S", "chargers": 1, "kw_each": 7}])


def test_a_full_station_is_told_as_full_not_above():
    """800 homes of crooked numbers of people want more than the one small station can give: 10 a day."""
    people = np.random.default_rng(0).random(800) * 3
    homes = frame([Point(x, 0) for x in np.linspace(0, 1000, 800)], [f"h{k}" for k in range(800)], people=people)
    city = City.of(Network.from_lines(STREET), homes, NONE)
    found = plan(city, layers={"fuel_station": FUEL}, sizes=SIZES[:1], p=1)
    assert found.sites["load_day"].tolist() == found.sites["capacity_day"].tolist() == [10]
    figures = found.themed().figures
    assert (figures["objective"], figures["bound"], figures["placed_after"]) == (10, 10, 10)
