"""Sources taken together: at most so many are left, nothing is lost, and the error is a bound."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from pyproj import CRS

from siting.access import cost_matrix
from siting.network import Network
from siting.themes.waste.chain.gather import gather

METRES = CRS.from_epsg(32649)


def grid(one_way=False):
    """Streets every 100 m on a square kilometre; those that run east may be one-way."""
    lines = [shapely.LineString([(x, 0), (x, 1000)]) for x in range(0, 1001, 100)]
    lines += [shapely.LineString([(0, y), (1000, y)]) for y in range(0, 1001, 100)]
    oneway = ["no"] * 11 + ["yes" if one_way and k % 2 else "no" for k in range(11)]
    table = gpd.GeoDataFrame({"highway": "residential", "oneway": oneway}, geometry=lines, crs=METRES)
    return Network.from_lines(table, crs=METRES, mode="drive", node_crossings=True)


def sources(n, seed=0):
    xy = np.random.default_rng(seed).uniform(0, 1000, (n, 2))
    return gpd.GeoDataFrame(geometry=gpd.points_from_xy(*xy.T), crs=METRES, index=[f"s{k}" for k in range(n)])


def test_few_sources_stand_for_themselves():
    found = gather(grid(), sources(20), np.ones(20), 20)
    assert found.is_whole
    assert found.away_m.tolist() == [0.0] * 20


@pytest.mark.parametrize("one_way", [False, True])
def test_many_sources_are_taken_together_and_none_is_lost(one_way):
    network, points = grid(one_way), sources(400)
    tonnes = np.random.default_rng(1).uniform(0, 2, 400)
    found = gather(network, points, tonnes, 60)
    assert len(found.seat) <= 60
    assert found.sums(tonnes).sum() == pytest.approx(tonnes.sum())
    assert (found.group[found.seat] == np.arange(len(found.seat))).all()
    # The error is the way by road, from who stands for them.
    ways = cost_matrix(network, gpd.GeoDataFrame(points.iloc[found.seat]), points, None).to_dense()
    others = np.setdiff1d(np.arange(400), found.seat)
    assert found.away_m[others] == pytest.approx(ways[found.group[others], others], abs=1e-9)
    assert (found.away_m[found.seat] == 0).all()


@pytest.mark.parametrize("one_way", [False, True])
def test_the_error_bounds_what_any_site_costs_more(one_way):
    network, points = grid(one_way), sources(300, seed=2)
    tonnes = np.random.default_rng(3).uniform(0, 2, 300)
    found = gather(network, points, tonnes, 40)
    sites = sources(12, seed=4)
    ways = cost_matrix(network, points, sites, None).to_dense()
    gathered = found.sums(tonnes) @ ways[found.seat]
    assert (gathered <= tonnes @ ways + tonnes @ found.away_m + 1e-6).all()
