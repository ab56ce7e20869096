"""A real city through the real rooms: what must hold whatever the data say."""

from types import SimpleNamespace

import geopandas as gpd
import numpy as np
import pytest
import shapely

from siting.coverage import Searches, audit, coverage_gaps, demand_cells, prepare_land
from siting.coverage.land_served import BUFFER_QUAD_SEGS
from siting.inputs.osm import read_osm
from siting.network import Network

RULES = [
    "park.300green",
    "park.500park",
    "park.cover.eco",
    "wc.radius.mandatory",
    "waste.point.gb55013",
    "bus.cover500",
]


@pytest.fixture(scope="module")
def macau(shared_data):
    osm = read_osm(next((shared_data / "macau").glob("*.osm.pbf")))
    network = Network.from_streets(osm.streets, "EPSG:32649")
    homes = osm.buildings[osm.buildings["residential"]].to_crs(network.crs)
    people = np.round(homes.area.to_numpy() / 30, 3)  # stands for residents: any weights will do
    columns = {"people": people, "units": np.ones(len(homes), dtype=np.int64)}
    demand = gpd.GeoDataFrame(columns, geometry=homes.representative_point(), index=homes.index, crs=network.crs)
    parks = osm.green[osm.green["is_park"]].to_crs(network.crs).assign(**{"class": "park_green"})
    facilities = osm.facilities.to_crs(network.crs)
    west, south, east, north = demand.total_bounds
    x, y = (a.ravel() for a in np.meshgrid(np.arange(west, east, 900.0), np.arange(south, north - 2000, 900.0)))
    ids = [f"z{k}" for k in range(len(x))]
    zones = {
        "square": gpd.GeoDataFrame(
            {"name": ids}, geometry=shapely.box(x, y, x + 900, y + 900), index=ids, crs=network.crs
        )
    }
    land = osm.land[osm.land["kind"] == "residential"].to_crs(network.crs)
    searches = Searches(network, entrances=osm.entrances.to_crs(network.crs))
    pieces = prepare_land(land, zones)

    def judge(rule):
        layer = parks if rule.startswith("park") else facilities
        return audit(network, demand, layer, rule, zones, pieces, entrances=searches.entrances, searches=searches)

    cells = demand_cells(demand)
    return SimpleNamespace(audits={rule: judge(rule) for rule in RULES}, land=land, pieces=pieces, cells=cells)


@pytest.mark.parametrize("rule", RULES)
def test_figures_that_must_hold(macau, rule):
    result = macau.audits[rule]
    assert result.judged
    assert len(result.facilities) > 0
    demand = result.demand
    # A way along streets is never shorter than the straight line, save for rounding to the millimetre.
    assert (demand["cost_network"] >= demand["cost_straight"] - 0.05).all()
    for denominator in ("people", "units", "land"):
        network, straight = result.shares["network", denominator], result.shares["straight", denominator]
        assert 0 < network.served <= straight.served <= straight.total == network.total
    inside = result.indicators[lambda t: t["zone_level"] == "square"]
    for (kind, denominator), share in result.shares.items():
        rows = inside[(inside["distance"] == kind) & (inside["denominator"] == denominator)]
        assert round(rows["served"].sum() * share.per_whole) == share.served
        assert round(rows["total"].sum() * share.per_whole) == share.total


@pytest.mark.parametrize("rule", RULES)
def test_official_land_figure_equals_an_overlay(macau, rule):
    result = macau.audits[rule]
    circles = shapely.union_all(
        shapely.buffer(result.facilities.geometry.to_numpy(), result.limit_m, quad_segs=BUFFER_QUAD_SEGS)
    )
    exact = macau.land.union_all().intersection(circles).area
    assert result.shares["straight", "land"].served / 100 == pytest.approx(exact, abs=1.0)  # of 1.3 million m2
    assert macau.pieces.total_m2 == pytest.approx(macau.land.union_all().area, abs=0.01)


@pytest.mark.parametrize("rule", RULES)
def test_gaps_hold_every_unserved_person_and_no_served_one(macau, rule):
    result = macau.audits[rule]
    gaps = coverage_gaps(result, cells=macau.cells)
    served = result.demand["served"]
    assert round(gaps["people"].sum() * 1000) == round(result.demand.loc[~served, "people"].sum() * 1000)
    assert gaps["points"].sum() == (~served).sum()
    tree = shapely.STRtree(gaps.geometry.to_numpy())
    assert tree.query(result.demand.geometry[served].to_numpy(), predicate="within").size == 0
    at = tree.query(result.demand.geometry[~served].to_numpy(), predicate="intersects")[0]
    assert len(np.unique(at)) == (~served).sum()
    assert gaps.geometry.is_valid.all()
    assert gaps["gap_id"].is_unique
