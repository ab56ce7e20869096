"""Snapping across a wall: the nearest street is not always one that can be reached."""

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from street_drawing import METRES, areas, draw, points

from siting.access import cost_matrix, entries, nearest
from siting.errors import GeometryError, NetworkDataError
from siting.network import Network, add_link, close_street

#   a ------------------------- b      y = 60, the compound's own lane; the home stands at (100, 20)
#           home                       the wall at y = 10 from x = 0 to 200, with a gate in it where c a passes
#   # # # # # # # # # # # # # #
#   c ------------------------- d      y = 0, the big road: nearer, but behind the wall
NODES = {"a": (0, 60), "b": (200, 60), "c": (0, 0), "d": (200, 0)}
HOME, SHOP = points(home=(100, 20)), points(shop=(100, -5))


def wall(*lines, crs=METRES) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(geometry=[shapely.LineString(line) for line in lines], crs=crs)


WALL = wall([(-50, 10), (250, 10)])


def town() -> Network:
    return draw(NODES, "a b", "c d", "a c")


def test_nobody_climbs_the_wall_where_it_is_told():
    """graphhopper/graphhopper#1468 and gboeing/osmnx#269: ways began across a fence, or at a street out of reach."""
    without, within = town(), town().with_barriers(WALL)
    assert without.snap(HOME).distance_m.tolist() == [20]  # as the crow flies; how far it is, is told
    assert nearest(without, HOME, SHOP)["cost"].tolist() == [25]
    assert within.snap(HOME).distance_m.tolist() == [40]
    assert nearest(within, HOME, SHOP)["cost"].tolist() == [40 + 100 + 60 + 100 + 5]  # round by the gate on c a
    assert cost_matrix(within, HOME, SHOP, 300).n_pairs == 0
    # the same for places that are gone to, in any CRS, and where times are asked for
    assert nearest(within, SHOP, HOME)["cost"].tolist() == [305]
    degrees = town().with_barriers(WALL.to_crs(4326))
    assert nearest(degrees, HOME, SHOP)["cost"].tolist() == [305]
    assert nearest(within.timed("adult"), HOME, SHOP)["cost"].tolist() == [305]
    assert nearest(within.turned(), SHOP, HOME)["cost"].tolist() == [305]
    assert within.accounts[-1].findings[0].code == "barriers"


def test_a_gap_in_the_wall_is_a_gate_and_a_wall_that_is_touched_is_none():
    gap = wall([(-50, 10), (95, 10)], [(105, 10), (250, 10)])
    assert nearest(town().with_barriers(gap), HOME, SHOP)["cost"].tolist() == [25]
    on_the_wall = points(home=(100, 10))
    assert town().with_barriers(WALL).snap(on_the_wall).distance_m.tolist() == [10]
    along = wall([(100, 20), (100, 5)])  # begins where the home stands and runs along its way
    assert town().with_barriers(along).snap(HOME).distance_m.tolist() == [20]


def test_who_is_walled_in_is_unsnapped_and_listed():
    yard = gpd.GeoDataFrame(geometry=[shapely.box(90, 12, 110, 30)], index=["yard"], crs=METRES)
    at = town().with_barriers(yard).snap(points(home=(100, 20), out=(50, 30)))
    assert at.unsnapped.tolist() == ["home"]
    assert at.distance_m.tolist() == [np.inf, 30]
    table = nearest(town().with_barriers(yard), HOME, SHOP)
    assert (table["facility"].tolist(), table["cost"].tolist()) == ([None], [np.inf])


def test_scenarios_and_parks_keep_to_the_walls():
    walled = town().with_barriers(WALL)
    linked = add_link(walled, shapely.LineString([(150, 60), (150, 0)]), carries_points=True)
    assert nearest(linked, HOME, SHOP)["cost"].tolist() == [40 + 50 + 60 + 50 + 5]
    lane = add_link(walled, shapely.LineString([(0, 9), (200, 0)]), name="lane", carries_points=True)
    assert lane.snap(HOME).distance_m.tolist() == [40]  # the lane is nearer, and behind the wall
    assert nearest(close_street(walled, edge=2), HOME, SHOP)["cost"].tolist() == [np.inf]
    with pytest.raises(NetworkDataError, match="Add the barriers first"):
        linked.with_barriers(WALL)
    park = areas(park=shapely.box(80, 15, 120, 38))
    assert set(entries(town(), park).geometry.y) == {15}
    assert entries(town(), park)["access_mm"].unique().tolist() == [15_000]
    assert set(entries(walled, park).geometry.y) >= {38}
    assert nearest(walled, HOME.set_geometry([shapely.Point(100, 70)]), park)["cost"].tolist() == [
        10 + 22 + 7
    ]  # entries are 18 m apart


def test_what_is_no_barrier_is_refused(tmp_path):
    with pytest.raises(GeometryError, match="1 rows are neither lines nor areas"):
        town().with_barriers(points(p=(0, 0)))
    with pytest.raises(NetworkDataError, match="barriers, which a file does not hold"):
        town().with_barriers(WALL).save(tmp_path / "town.net")


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32 - 1))
def test_the_nearest_place_of_each_street_that_no_wall_hides(seed):
    rng = np.random.default_rng(seed)
    nodes = {f"n{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, 300, (12, 2)).round(2))}
    network = draw(nodes, *[" ".join(rng.choice(list(nodes), 2, replace=False)) for _ in range(10)])
    walls = [rng.uniform(0, 300, (int(rng.integers(2, 4)), 2)) for _ in range(int(rng.integers(0, 12)))]
    barriers = wall(*walls) if walls else gpd.GeoDataFrame(geometry=[], crs=METRES)
    homes = points(**{f"h{k}": tuple(xy) for k, xy in enumerate(rng.uniform(-30, 330, (20, 2)))})
    at = network.with_barriers(barriers).snap(homes, 150.0)
    for k, home in enumerate(homes.geometry):
        ways = [shapely.shortest_line(home, line) for line in network.lines]
        seen = [w.length for w in ways if not barriers.crosses(w).any()]
        least = min(seen, default=np.inf)
        assert at.distance_m[k] == pytest.approx(least, abs=1e-6)
        assert (at.edge[k] >= 0) == (at.distance_m[k] <= 150)
    pd.testing.assert_series_equal(
        pd.Series(network.with_barriers(barriers.iloc[::-1]).snap(homes, 150.0).edge), pd.Series(at.edge)
    )
