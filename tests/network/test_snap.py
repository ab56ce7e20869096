"""Points on edges: against shapely for random streets, by hand for the corners."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from street_drawing import METRES, draw, points

from siting.errors import CRSError, GeometryError
from siting.network import Snapped


def random_streets(seed, n=80, ways=60, size=3000.0):
    rng = np.random.default_rng(seed)
    nodes = {f"n{k}": tuple(xy) for k, xy in enumerate(rng.uniform(0, size, (n, 2)))}
    return draw(
        nodes, *[" ".join(f"n{k}" for k in rng.choice(n, rng.integers(2, 5), replace=False)) for _ in range(ways)]
    )


def test_every_part_of_the_place_by_hand():
    #  a(0,0) ---100--- b(100,0)
    #                     |  50     p is 20 m right of the second leg, 30 m up: 130 m along, 20 m left to go
    #                   c(100,50)
    network = draw({"a": (0, 0), "b": (100, 0), "c": (100, 50)}, "a b c")
    at = network.snap(points(p=(120, 30), at_b=(103, -4), start=(-3, -4), far=(-600, 0)))
    assert at.edge.tolist() == [0, 0, 0, -1]
    assert at.offset_mm.tolist() == [130_000, 100_000, 0, 0]
    assert at.far_mm.tolist() == [20_000, 50_000, 150_000, 0]
    assert at.access_mm.tolist() == [20_000, 5_000, 5_000, 0]
    assert at.distance_m.tolist() == [20, 5, 5, 600]
    assert at.x[:3].tolist() == [100, 100, 0]
    assert at.y[:3].tolist() == [30, 0, 0]
    assert np.isnan(at.x[3])
    assert at.unsnapped.tolist() == ["far"]
    assert len(at) == 4


def test_the_limit_itself_is_snapped():
    network = draw({"a": (0, 0), "b": (100, 0)}, "a b")
    at = network.snap(points(on=(50, 500), beyond=(50, 500.001)))
    assert at.snapped.tolist() == [True, False]
    assert network.snap(points(beyond=(50, 500.001)), max_snap_m=501).snapped.all()


def test_equally_near_streets_give_the_lowest_edge():
    network = draw({"a": (0, 0), "b": (100, 0), "c": (0, 20), "d": (100, 20)}, "c d", "a b")
    assert network.snap(points(middle=(50, 10))).edge.tolist() == [0]
    star = draw({"o": (0, 0), "a": (9, 0), "b": (0, 9), "c": (-9, 0)}, "b o", "a o", "c o")
    assert star.snap(points(corner=(0.0, -1.0))).edge.tolist() == [0]


@pytest.mark.parametrize("seed", range(4))
def test_places_agree_with_shapely(seed):
    network = random_streets(seed)
    rng = np.random.default_rng(seed + 100)
    xy = rng.uniform(-800, 3800, (3000, 2))
    at = network.snap(gpd.GeoSeries(gpd.points_from_xy(*xy.T), crs=METRES), max_snap_m=300)
    made = shapely.points(xy)
    tree = shapely.STRtree(network.lines)
    nearest = shapely.distance(made, network.lines[tree.nearest(made)])
    assert np.abs(at.distance_m - nearest).max() < 1e-9
    assert (at.snapped == (nearest <= 300)).all()
    on = np.flatnonzero(at.snapped)
    line = network.lines[at.edge[on]]
    assert np.abs(shapely.distance(made[on], line) - nearest[on]).max() < 1e-9
    metres = shapely.line_locate_point(line, made[on])
    assert np.abs(at.offset_mm[on] - np.rint(metres * 1000)).max() <= 1  # one only where a half is rounded
    assert (at.offset_mm[on] == np.rint(metres * 1000)).mean() > 0.99
    assert (at.offset_mm[on] + at.far_mm[on] == network.edge_mm[at.edge[on]]).all()
    assert (at.access_mm[on] == np.rint(nearest[on] * 1000)).mean() > 0.99
    assert shapely.distance(shapely.points(at.x[on], at.y[on]), line).max() < 1e-9


def test_far_and_odd_places_are_found_too():
    network = draw({"a": (500_000, 2_000_000), "b": (500_100, 2_000_000)}, "a b")
    at = network.snap(points(west=(0, 2_000_000), nowhere=(-1e15, 1e15), at=(500_050, 2_000_000)), max_snap_m=1e9)
    assert at.distance_m[0] == 500_000
    assert at.distance_m[1] == pytest.approx(np.hypot(1e15, 1e15))
    assert at.access_mm.tolist()[2] == 0


def test_blocks_of_points_give_the_same_places(monkeypatch):
    network = random_streets(9)
    xy = np.random.default_rng(1).uniform(0, 3000, (500, 2))
    layer = gpd.GeoSeries(gpd.points_from_xy(*xy.T), crs=METRES)
    whole = network.snap(layer)
    monkeypatch.setattr("siting.network.segments.BLOCK", 7)
    parts = network.snap(layer)
    for name in ("edge", "offset_mm", "access_mm", "distance_m"):
        assert (getattr(whole, name) == getattr(parts, name)).all()


def test_no_points_are_no_problem():
    at = random_streets(1).snap(gpd.GeoSeries([], crs=METRES))
    assert isinstance(at, Snapped)
    assert len(at) == 0


def test_bad_points_are_refused():
    network = draw({"a": (0, 0), "b": (100, 0)}, "a b")
    with pytest.raises(CRSError, match="no CRS"):
        network.snap(gpd.GeoSeries([shapely.Point(0, 0)]))
    with pytest.raises(GeometryError, match="no point"):
        network.snap(gpd.GeoSeries([shapely.box(0, 0, 1, 1)], crs=METRES))
