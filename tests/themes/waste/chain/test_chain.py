"""The whole chain on a drawn street: every set of stations tried, sums at every node, costs added up again."""

import itertools
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from pyproj import CRS
from scipy.optimize import linprog

from siting.errors import InfeasibleError, InputError
from siting.network import Network, close_street
from siting.themes.waste.chain import StreamRates, failures, site_chain, site_chain_years

METRES = CRS.from_epsg(32649)
#  metres    0     1000    2000    3000    4000    5000    6000    7000    8000    9000   10000
#            |---s1---|---s2---A---s3---|---s4---B---s5---|---s6---C-------|-------|-------P
#            Q (at -3000)                                                 all on one street
AT = {"s1": 500, "s2": 1500, "s3": 2500, "s4": 3500, "s5": 4500, "s6": 5500}
STATIONS = {"A": 2000, "B": 4000, "C": 6000}
PLANTS = {"P": 10_000, "Q": -3000}
RATES = {
    "kitchen": StreamRates(collect_per_t_km=4.0, haul_per_t_km=1.0, collect_load_t=2.0, haul_load_t=10.0),
    "other": StreamRates(
        collect_per_t_km=3.0, haul_per_t_km=0.8, direct_per_t_km=2.5, collect_load_t=4.0, haul_load_t=20.0
    ),
}


def street():
    ends = sorted({*AT.values(), *STATIONS.values(), *PLANTS.values()})
    lines = [shapely.LineString([(a, 0), (b, 0)]) for a, b in itertools.pairwise(ends)]
    return Network.from_lines(
        gpd.GeoDataFrame({"highway": "residential"}, geometry=lines, index=range(len(lines)), crs=METRES),
        crs=METRES, mode="drive",
    )  # fmt: skip


def layer(places, **columns):
    points = [shapely.Point(x, 0) for x in places.values()]
    return gpd.GeoDataFrame(columns, geometry=points, index=pd.Index(list(places), name="id"), crs=METRES)


def sources(kitchen=(4, 2, 6, 3, 5, 2), other=(8, 6, 10, 7, 9, 5)):
    return layer(AT, t_day_kitchen=[float(t) for t in kitchen], t_day_other=[float(t) for t in other])


def stations(**columns):
    given = {"capacity_t_day": [40.0, 45.0, 30.0], "fixed_cost_day": [60.0, 75.0, 40.0], "cost_per_t": [1.0, 0.5, 2.0]}
    return layer(STATIONS, **(given | columns))


def plants(**columns):
    given = {"capacity_t_day": [60.0, 60.0], "cost_per_t": [10.0, 12.0], "status": ["existing", "existing"]}
    return layer(PLANTS, **(given | columns))


def least_cost(points, sites, goals, open_, rates=RATES):
    """What a set of open stations costs at best, by an independent solver; None where something finds no room."""
    columns, costs = [], []
    demand = []
    for stream, rate in rates.items():
        for i, x in AT.items():
            demand.append(points.loc[i, f"t_day_{stream}"])
            row = len(demand) - 1
            for q, z in PLANTS.items():
                for j in open_:
                    y = STATIONS[j]
                    costs.append(abs(x - y) / 1000 * rate.collect_per_t_km + sites.loc[j, "cost_per_t"]
                                 + abs(y - z) / 1000 * rate.haul_per_t_km + goals.loc[q, "cost_per_t"])  # fmt: skip
                    columns.append((row, j, q))
                if rate.direct_per_t_km is not None:
                    costs.append(abs(x - z) / 1000 * rate.direct_per_t_km + goals.loc[q, "cost_per_t"])
                    columns.append((row, None, q))
    a_eq = np.array([[c[0] == r for c in columns] for r in range(len(demand))], dtype=float)
    limits = [([c[1] == j for c in columns], sites.loc[j, "capacity_t_day"]) for j in open_]
    limits += [([c[2] == q for c in columns], goals.loc[q, "capacity_t_day"]) for q in PLANTS]
    found = linprog(costs, A_ub=np.array([m for m, _ in limits], dtype=float), b_ub=[b for _, b in limits],
                    A_eq=a_eq, b_eq=demand)  # fmt: skip
    return None if found.status != 0 else found.fun + sum(sites.loc[j, "fixed_cost_day"] for j in open_)


def best_of_all(points, sites, goals, rates=RATES):
    sets = [s for n in range(len(STATIONS) + 1) for s in itertools.combinations(STATIONS, n)]
    values = {s: v for s in sets if (v := least_cost(points, sites, goals, s, rates)) is not None}
    return min(values.values()), min(values, key=values.get)


@pytest.mark.parametrize(
    ("sites", "goals"),
    [
        (stations(), plants()),
        (stations(capacity_t_day=[20.0, 25.0, 15.0]), plants()),
        (stations(fixed_cost_day=[5.0, 5.0, 5.0]), plants(capacity_t_day=[30.0, 60.0])),
        (stations(fixed_cost_day=[500.0, 300.0, 400.0]), plants()),
    ],
)
def test_six_sources_three_stations_two_plants(sites, goals):
    points = sources()
    plan = site_chain(street(), points, sites, goals, rates=RATES)
    value, chosen = best_of_all(points, sites, goals)
    assert plan.cost_day == pytest.approx(value)
    assert set(plan.opened.index) == set(chosen)
    assert plan.bound_day == pytest.approx(value)
    assert plan.gap == pytest.approx(0.0, abs=1e-6)


def test_nothing_is_lost_on_the_way_and_nobody_is_overfull():
    points, sites, goals = sources(), stations(capacity_t_day=[20.0, 25.0, 15.0]), plants(capacity_t_day=[30.0, 60.0])
    plan = site_chain(street(), points, sites, goals, rates=RATES)
    for stream in RATES:
        flows = {name: getattr(plan.flows, name) for name in ("collect", "haul", "direct")}
        own = {name: table[table["stream"] == stream] for name, table in flows.items()}
        sent = own["collect"].groupby("source")["t_day"].sum().add(
            own["direct"].groupby("source")["t_day"].sum(), fill_value=0.0
        )  # fmt: skip
        assert sent.to_dict() == pytest.approx(points[f"t_day_{stream}"].to_dict())
        into, out = own["collect"].groupby("station")["t_day"].sum(), own["haul"].groupby("station")["t_day"].sum()
        assert into.to_dict() == pytest.approx(out.to_dict())
    assert (plan.stations["load_t_day"] <= plan.stations["capacity_t_day"] + 1e-6).all()
    assert (plan.plants["load_t_day"] <= plan.plants["capacity_t_day"] + 1e-6).all()
    assert plan.plants["load_t_day"].sum() == pytest.approx(points.drop(columns="geometry").to_numpy().sum())
    ways = sum((f["t_day"] * f["km"]).sum() for f in (plan.flows.collect, plan.flows.haul, plan.flows.direct))
    assert plan.themed().figures["t_km_day"] == pytest.approx(ways)
    assert plan.costs["cost_day"].sum() == pytest.approx(plan.cost_day)


def test_trips_are_tonnes_by_what_a_truck_carries():
    plan = site_chain(street(), sources(), stations(), plants(), rates=RATES)
    for station, row in plan.opened.iterrows():
        assert row["trips_in_day"] == pytest.approx(row["t_day_kitchen"] / 2 + row["t_day_other"] / 4), station
        assert row["trips_out_day"] == pytest.approx(row["t_day_kitchen"] / 10 + row["t_day_other"] / 20), station


def test_a_closed_road_never_makes_it_cheaper():
    network, points = street(), sources()
    before = site_chain(network, points, stations(), plants(), rates=RATES)
    closed = close_street(network, near=shapely.Point(-1000, 0))  # nobody reaches Q any more
    after = site_chain(closed, points, stations(), plants(capacity_t_day=[80.0, 60.0]), rates=RATES)
    assert after.cost_day >= before.cost_day
    assert after.plants.loc["Q", "load_t_day"] == 0


def test_no_room_is_said_with_its_tonnes():
    with pytest.raises(InfeasibleError, match="67"):
        site_chain(street(), sources(), stations(), plants(capacity_t_day=[20.0, 20.0]), rates=RATES)


def test_streams_go_only_where_they_are_taken():
    goals = plants(streams=["kitchen", "other"])
    plan = site_chain(street(), sources(), stations(streams=["", "other", ""]), goals, rates=RATES)
    assert plan.plants.loc["P", "t_day_other"] == 0
    assert plan.plants.loc["Q", "t_day_kitchen"] == 0
    assert plan.stations.loc["B", "t_day_kitchen"] == 0


def test_what_failing_costs_is_told_for_each_station():
    sites = stations(status=["existing"] * 3, capacity_t_day=[40.0, 45.0, 30.0])
    plan = site_chain(street(), sources(), sites, plants(), rates=RATES)
    table = failures(plan)
    assert set(table["station"]) == set(plan.opened.index[plan.opened["load_t_day"] > 0])
    for row in table.itertuples():
        others = [j for j in STATIONS if j != row.station]
        cost = least_cost(sources(), sites, plants(), others)
        paid = sites.loc[others, "fixed_cost_day"].sum()
        with_all = plan.cost_day - sites["fixed_cost_day"].sum()
        if cost is None:
            assert row.unsent_t_day > 0
        else:
            assert row.unsent_t_day == pytest.approx(0.0, abs=1e-9)
            assert row.extra_cost_day == pytest.approx(cost - paid - with_all)
        assert row.moved_t_day + row.unsent_t_day == pytest.approx(row.load_t_day)


def test_a_plant_that_takes_waste_straight_takes_over():
    """8 t at 0.5 km: by A (at 2 km) to Q 4.5 + 1 + 4 + 12 = 21.5 a tonne; straight to Q 3.5 km x 25 + 12 = 99.5."""
    rates = {"other": StreamRates(collect_per_t_km=3.0, haul_per_t_km=0.8, direct_per_t_km=25.0)}
    only = sources(kitchen=(0,) * 6, other=(8, 0, 0, 0, 0, 0))
    sites = stations(status=["existing"] * 3).loc[["A"]]
    (row,) = failures(site_chain(street(), only, sites, plants(), rates=rates)).itertuples()
    assert (row.station, row.takes_over, row.unsent_t_day) == ("A", "Q", 0)
    assert (row.takes_over_t_day, row.extra_cost_day) == (pytest.approx(8), pytest.approx(8 * (99.5 - 21.5)))


def test_gathered_sources_are_priced_one_by_one_and_the_bound_holds():
    rng = np.random.default_rng(5)
    n = 200
    points = gpd.GeoDataFrame(
        {"t_day_other": rng.uniform(0.1, 1, n)}, geometry=gpd.points_from_xy(rng.uniform(0, 6000, n), np.zeros(n)),
        crs=METRES, index=[f"k{i}" for i in range(n)],
    )  # fmt: skip
    rates = {"other": RATES["other"]}
    sites, goals = stations(capacity_t_day=[200.0] * 3), plants(capacity_t_day=[300.0, 300.0])
    exact = site_chain(street(), points, sites, goals, rates=rates)
    rough = site_chain(street(), points, sites, goals, rates=rates, most_sources=25)
    assert len(rough.gathered.seat) <= 25
    assert rough.bound_day <= exact.cost_day + 1e-6 <= rough.cost_day + 2e-6
    assert rough.gathering_error_day > 0
    assert exact.gathering_error_day == 0
    assert rough.plants["load_t_day"].sum() == pytest.approx(points["t_day_other"].sum())


def test_years_open_sites_and_never_close_them():
    plans = site_chain_years(
        street(), sources(), stations(capacity_t_day=[30.0] * 3), plants(capacity_t_day=[200.0] * 2), rates=RATES,
        growth={2025: 0.5, 2030: 1.0, 2035: 1.2},
    )  # fmt: skip
    opened = [set(plan.opened.index) for plan in plans.plans.values()]
    assert opened[0] <= opened[1] <= opened[2]
    assert plans.table["t_day"].tolist() == pytest.approx([33.5, 67.0, 80.4])
    assert set(plans.openings["station"]) == opened[2]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"rates": {}}, "rates are empty"),
        ({"rates": {"kitchens": RATES["kitchen"]}}, "kitchen"),
        ({"rates": {"kitchen": {"collect_per_t_km": 4.0}}}, "StreamRates"),
        ({"stations": stations().drop(columns="capacity_t_day")}, "no column capacity_t_day"),
        ({"stations": stations(capacity_t_day=[1.0, np.nan, -2.0])}, r"2 of 3 .*B"),
        ({"stations": stations(status=["exists", "candidate", "candidate"])}, "existing"),
        ({"plants": plants(streams=["kitchen", "othr"])}, "other"),
        ({"sources": sources().drop(columns="t_day_other")}, "t_day_other"),
        ({"sources": sources(kitchen=(-1, 2, 3, 4, 5, 6))}, "s1"),
    ],
)
def test_what_cannot_be_used_is_said(change, message):
    given = {"sources": sources(), "stations": stations(), "plants": plants(), "rates": RATES} | change
    with pytest.raises(InputError, match=message):
        site_chain(street(), given["sources"], given["stations"], given["plants"], rates=given["rates"])


def test_unknown_tonnes_and_far_places_are_listed():
    points = sources()
    points.loc["s2", "t_day_kitchen"] = np.nan
    points.loc["s3", "geometry"] = shapely.Point(2500, 5000)
    plan = site_chain(street(), points, stations(), plants(), rates=RATES)
    codes = {f.code: f for f in plan.findings}
    assert codes["waste_unknown"].ids == ("s2",)
    assert codes["waste_unsnapped"].ids == ("s3",)
    assert "s3" not in plan.sources.index


def test_its_flow_map_shows_every_tonne():
    """What goes straight to a plant has a line as well; names stand beside what is in use."""
    cheap = {**RATES, "other": replace(RATES["other"], direct_per_t_km=0.3)}
    plan = site_chain(street(), sources(), stations(), plants(), rates=cheap)
    shown = plan.themed()
    flows, haul = shown.layers[0], shown.layer("waste_chain_haul")
    tonnes = flows.frame.groupby("way")["t_day"].sum()
    assert len(plan.flows.direct)
    assert tonnes["direct"] == pytest.approx(plan.flows.direct["t_day"].sum())
    assert tonnes["collect"] == pytest.approx(plan.flows.collect["t_day"].sum())
    assert haul.frame["t_day"].sum() == pytest.approx(tonnes["collect"])
    straight = flows.frame[flows.frame["way"] == "direct"]
    ends = plan.plants.geometry.loc[straight["plant"]]
    assert [line.coords[-1] for line in straight.geometry] == [point.coords[0] for point in ends]
    assert [one.name for one in flows.over] == ["waste_chain_haul", "waste_chain_stations", "waste_chain_plants"]
    places = shown.layer("waste_chain_stations").frame
    assert places.loc[places["opened"], "label"].tolist() == places.index[places["opened"]].tolist()
    assert (places.loc[~places["opened"], "label"] == "").all()
    assert places.geom_type.eq("Point").all()


def test_it_describes_itself():
    plan = site_chain(street(), sources(), stations(), plants(), rates=RATES)
    shown = plan.themed()
    assert {one.name for one in shown.layers} >= {"waste_chain_stations", "waste_chain_plants", "waste_chain_haul"}
    assert {one.name for one in shown.tables} >= {"waste_chain_costs", "waste_chain_stations", "waste_chain_plants"}
    for line in shown.headlines:
        assert line.zh
        assert line.en
    assert "ChainPlan" in repr(plan)


def test_candidates_of_unknown_cost_are_not_free():
    points, goals = sources(), plants()
    plan = site_chain(
        street(), points, stations(fixed_cost_day=[60.0, 75.0, np.nan]), goals, rates=RATES, excluded=["C"]
    )
    same = site_chain(street(), points, stations(), goals, rates=RATES, excluded=["C"])
    assert plan.cost_day == same.cost_day
    assert plan.bound_day == plan.cost_day
    (found,) = [f for f in plan.findings if f.code == "waste_stations_cost"]
    assert found.ids == ("C",)
    unknown = stations(fixed_cost_day=[np.nan] * 3)
    assert len(site_chain(street(), points, unknown, goals, rates=RATES).stations) == len(STATIONS)
    must = stations(fixed_cost_day=[60.0, 75.0, np.nan], status=["candidate", "candidate", "required"])
    assert "C" in site_chain(street(), points, must, goals, rates=RATES).opened.index


def test_what_is_no_part_of_the_plan_is_said():
    points, goals = sources(), plants()
    only = {"other": RATES["other"]}
    plan = site_chain(street(), points, stations(), goals, rates=only)
    said = [text.en for text in plan.themed().headlines]
    assert "streams without rates are not part of the plan: kitchen waste 22.0 t/d" in said
    points["t_day"] = points["t_day_kitchen"] + points["t_day_other"]
    points.loc[["s1", "s2"], ["t_day_kitchen", "t_day_other"]] = np.nan
    plan = site_chain(street(), points, stations(), goals, rates=RATES)
    (found,) = [f for f in plan.findings if f.code == "waste_stream_unknown"]
    assert found.text.en == "20.0 t/d more are of no known stream (2 sources); they are not carried"
    assert found.text in plan.themed().headlines
    sites = stations()
    sites.loc["A", "geometry"] = shapely.Point(2000, 90_000)
    plan = site_chain(street(), sources(), sites, goals, rates=RATES)
    (far,) = [f for f in plan.findings if f.code == "waste_stations_no_way"]
    assert far.ids == ("A",)


def test_layers_may_be_in_degrees_and_named_by_a_column():
    options = {"rates": RATES, "min_spacing_m": 2500.0, "most_sources": 4}
    plan = site_chain(street(), sources(), stations(), plants(), **options)
    away = [frame.to_crs(4326).reset_index() for frame in (sources(), stations(), plants())]
    same = site_chain(street(), *away, **options)
    assert same.cost_day == pytest.approx(plan.cost_day, abs=0.01)
    assert same.opened.index.tolist() == plan.opened.index.tolist()
    for one, other in zip(plan.themed().layers, same.themed().layers, strict=True):
        assert one.frame.crs == other.frame.crs
        assert shapely.get_coordinates(other.frame.geometry) == pytest.approx(
            shapely.get_coordinates(one.frame.geometry), abs=0.01
        )
    growth = {2026: 1.0, 2030: 1.2}
    years = site_chain_years(street(), *away, growth=growth, rates=RATES)
    assert set(years.openings["station"]) <= set(STATIONS)
