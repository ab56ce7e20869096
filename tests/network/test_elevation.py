"""Slopes: in closed form on planes, over bridges, and on a real elevation model."""

import math

import geopandas as gpd
import numpy as np
import pytest
import rasterio
import shapely
from rasterio import Affine
from street_drawing import METRES, draw, points

from siting.access import nearest
from siting.errors import FileFormatError, InputError
from siting.network import Network
from siting.network.elevation import edge_slopes, pace_factor
from siting.network.profiles import load_profiles

LAW = load_profiles()["adult"].slope_law


def factor(slope):
    """Tobler: 6 km/h x exp(-3.5 |s + 0.05|); the flat by the slope."""
    return math.exp(-3.5 * 0.05) / math.exp(-3.5 * abs(slope + 0.05))


def plane(east, north=0.0):
    return lambda at: east * at.x.to_numpy() + north * at.y.to_numpy()


def time(network, one, other):
    return nearest(network, points(one=one), points(other=other))["cost"].iloc[0]


def test_tobler_is_fastest_at_five_in_a_hundred_down():
    assert pace_factor(np.array([0.0]), LAW).tolist() == [1.0]
    assert 1 / pace_factor(np.array([-0.05]), LAW)[0] == pytest.approx(math.exp(0.175))  # 6 against 5.036 km/h
    slopes = np.linspace(-0.5, 0.5, 101)
    assert pace_factor(slopes, LAW) == pytest.approx([factor(s) for s in slopes])
    assert slopes[pace_factor(slopes, LAW).argmin()] == pytest.approx(-0.05)


#   A ---------- B      300 m east
#                |
#                C      200 m north of it, by a bend
STREETS = {"A": (0, 0), "B": (300, 0), "b": (330, 100), "C": (300, 200)}


@pytest.mark.parametrize("slope", [0.0, 0.03, -0.08, 0.2])
def test_on_a_plane_the_time_is_that_of_the_closed_form(slope):
    network = draw(STREETS, "A B", "B b C").timed("adult", elevation=plane(slope))
    assert network.times.forward_ms[0] == round(300_000 * factor(slope))
    assert network.times.backward_ms[0] == round(300_000 * factor(-slope))
    assert time(network, (0, 0), (300, 0)) == round(300_000 * factor(slope)) / 1000
    assert time(network, (300, 0), (0, 0)) == round(300_000 * factor(-slope)) / 1000
    # A third of the way is a third of the time, to the millisecond.
    assert time(network, (0, 0), (100, 0)) == pytest.approx(100 * factor(slope), abs=0.001)
    assert time(network, (100, 0), (0, 0)) == pytest.approx(100 * factor(-slope), abs=0.001)


def test_a_bend_is_followed_not_cut():
    # Of 2 x 104.4 m the first half climbs 30 m eastwards at 0.1, the second falls as much.
    network = draw(STREETS, "B b C")
    slopes = edge_slopes(network, plane(0.1))
    half, run = math.hypot(30, 100), math.hypot(30, 100) / 7
    assert len(slopes.slope) == 14  # 208.8 m in stretches of 14.9
    assert slopes.slope == pytest.approx([30 / half * 0.1] * 7 + [-30 / half * 0.1] * 7)
    assert run < 15
    ms = network.timed("adult", elevation=plane(0.1)).times
    expected = 1000 * half * (factor(3 / half) + factor(-3 / half))
    assert ms.forward_ms.tolist() == ms.backward_ms.tolist() == [pytest.approx(expected, abs=1)]


def test_on_the_flat_nothing_changes_to_the_millisecond():
    walk = draw(STREETS, "A B", "B b C", "A C")
    for profile in ("adult", "elderly"):
        flat, plain = walk.timed(profile, elevation=lambda at: np.full(len(at), 17.3)), walk.timed(profile)
        assert flat.times.forward_ms.tolist() == plain.times.forward_ms.tolist()
        assert flat.times.backward_ms.tolist() == plain.times.backward_ms.tolist()


def test_a_hill_on_the_way_is_felt_though_both_ends_are_level():
    network = draw({"A": (0, 0), "B": (300, 0)}, "A B")
    ridge = lambda at: 15 - np.abs(at.x.to_numpy() - 150) * 0.1  # noqa: E731
    ms = network.timed("adult", elevation=ridge).times.forward_ms[0]
    assert ms == round(150_000 * (factor(0.1) + factor(-0.1)))


#   A ---- B ==== C ==== D ---- E     B to D a bridge of two pieces over a valley 30 m deep at C;
#                 |                   C-F is a bridge, too, and ends on the ground
#                 F
VALLEY = {"A": (-100, 0), "B": (0, 0), "C": (100, 0), "D": (300, 0), "E": (400, 0), "F": (100, -200)}


def valley(at):
    x, y = at.x.to_numpy(), at.y.to_numpy()
    return np.where((x > 0) & (x < 300) & (y > -200), -30.0, 0.01 * x)


def test_bridges_run_evenly_between_their_ends():
    bridge = {"bridge": True}
    network = draw({k: v for k, v in VALLEY.items() if k != "F"}, "A B", ("B C D", bridge), "D E")
    slopes = edge_slopes(network, valley)
    assert slopes.slope[slopes.ptr[1] : slopes.ptr[2]] == pytest.approx([0.01])  # one stretch: B-D
    # C is a junction of two bridges: a third of the way from B to D it is a third as high.
    network = draw({k: v for k, v in VALLEY.items() if k != "F"}, "A B", ("B C", bridge), ("C D", bridge), "D E")
    assert edge_slopes(network, valley).slope[[7, 8]] == pytest.approx([0.01, 0.01])
    network = draw({k: v for k, v in VALLEY.items() if k != "F"}, "A B", ("B C", bridge), "C D", "D E")
    assert edge_slopes(network, valley).slope[7] == pytest.approx(-0.30)  # C is on the ground here


def test_a_bridge_that_forks_has_the_mean_of_its_ends_by_distance():
    bridge = {"tunnel": True}
    network = draw(VALLEY, "A B", ("B C", bridge), ("C D", bridge), ("C F", bridge), "D E", "F A")
    height = (0 / 100 + 3 / 200 + 1 / 200) / (1 / 100 + 1 / 200 + 1 / 200)  # B 0 m, D 3 m, F 1 m high
    assert edge_slopes(network, valley).slope[7] == pytest.approx(height / 100)


def test_a_bridge_that_meets_the_ground_nowhere_keeps_its_own_heights():
    network = draw({"A": (0, 0), "B": (100, 0), "C": (200, 0)}, ("A B", {"bridge": True}), ("B C", {"bridge": True}))
    assert edge_slopes(network, plane(0.02)).slope == pytest.approx([0.02, 0.02])


def test_where_no_height_is_known_it_counts_as_flat_and_is_said():
    west = lambda at: np.where(at.x < 150, 0.1 * at.x, np.nan)  # noqa: E731
    network = draw({"A": (0, 0), "B": (100, 0), "C": (300, 0)}, "A B", "B C")
    timed = network.timed("adult", elevation=west)
    assert timed.times.forward_ms[0] == round(100_000 * factor(0.1))
    # Of 200 m in 14 stretches the first three end before 150.
    assert timed.times.forward_ms[1] == round(200_000 * (3 * factor(0.1) + 11) / 14)
    assert [(f.code, f.count) for f in timed.accounts[-1].findings] == [("height_unknown", 1)]
    with pytest.raises(InputError, match="no height along any street"):
        network.timed("adult", elevation=lambda at: np.full(len(at), np.nan))


def test_a_model_of_bytes_that_ends_below_the_hill_is_said():
    hill = lambda at: np.minimum(200 + at.x.to_numpy(), 255.0)  # noqa: E731
    network = draw({"A": (0, 0), "B": (50, 0), "C": (150, 0)}, "A B", "B C")
    assert [(f.code, f.count) for f in network.timed("adult", elevation=hill).accounts[-1].findings] == [
        ("height_capped", 1)
    ]
    higher = lambda at: 200 + at.x.to_numpy()  # noqa: E731
    assert network.timed("adult", elevation=higher).accounts[-1].findings == ()


def test_slopes_above_the_limit_are_closed_to_a_wheelchair_but_not_bridges():
    hill = draw({"A": (0, 0), "B": (100, 0), "C": (200, 0), "D": (300, 0)}, "A B", ("B C", {"bridge": True}), "C D")
    limit = load_profiles()["step_free"].slope_limit.value
    steep = lambda at: np.where(at.x > 200, (at.x - 200) * limit * 1.01, 0.0)  # noqa: E731
    free = hill.timed("step_free", elevation=steep)
    assert free.forward.tolist() == [True, True, False]
    assert hill.timed("step_free", elevation=plane(limit * 0.99)).forward.all()
    leap = lambda at: np.where(at.x > 150, 20.0, 0.0)  # noqa: E731
    assert hill.timed("step_free", elevation=leap).forward.all()


@pytest.mark.parametrize("cell", [10.0, 30.0])
def test_a_geotiff_of_a_plane_gives_the_plane(tmp_path, cell):
    n = int(900 / cell)
    x = -300 + (np.arange(n) + 0.5) * cell
    profile = {"driver": "GTiff", "height": n, "width": n, "count": 1, "dtype": "float32", "crs": METRES.to_wkt()}
    with rasterio.open(tmp_path / "dem.tif", "w", transform=Affine(cell, 0, -300, 0, -cell, 600), **profile) as file:
        file.write((np.broadcast_to(0.06 * x, (n, n))).astype("float32"), 1)
    network = draw(STREETS, "A B", "B b C")
    from_file = network.timed("adult", elevation=tmp_path / "dem.tif").times
    exact = network.timed("adult", elevation=plane(0.06)).times
    # float32 heights: a few thousandths of a millimetre in 18 m
    assert from_file.forward_ms == pytest.approx(exact.forward_ms, abs=2)
    assert from_file.backward_ms == pytest.approx(exact.backward_ms, abs=2)
    (tmp_path / "no.tif").write_text("no")
    with pytest.raises(FileFormatError):
        network.timed("adult", elevation=tmp_path / "no.tif")


def test_porto_alegre_by_heights_taken_one_by_one(shared_data):
    folder = shared_data / "porto-alegre"
    walk = Network.from_osm(folder / "poa_osm.osm.pbf", crs=32722)
    dem = folder / "poa_elevation.tif"
    timed = walk.timed("adult", elevation=dem)
    flat = walk.timed("adult")
    with rasterio.open(dem) as file:
        grid, t = file.read(1).astype(float), file.transform
    assert grid.max() == 255  # the model's values stop there
    above = (walk.edges["bridge"] | walk.edges["tunnel"]).to_numpy()
    west, south, east, north = -51.25, -30.105, -51.145, -30.0
    back = gpd.GeoSeries(walk.lines, crs=32722).to_crs(4326)
    inside = back.within(shapely.box(west, south, east, north)).to_numpy()
    # Ends of bridges take part in no check here: only edges whose nodes all lie on the ground.
    on_ground = np.ones(walk.n_nodes, dtype=bool)
    on_ground[walk.edge_u[above]] = on_ground[walk.edge_v[above]] = False
    usable = ~above & inside & on_ground[walk.edge_u] & on_ground[walk.edge_v] & (walk.edge_mm > 0)
    chosen = np.random.default_rng(5).choice(np.flatnonzero(usable), 60, replace=False)

    def height(x, y):
        """Bilinear between the four centres around, written out."""
        (lon,), (lat,) = (
            gpd.GeoSeries([shapely.Point(x, y)], crs=32722).to_crs(4326).get_coordinates().to_numpy().T[:, :]
        )
        u, v = (lon - t.c) / t.a - 0.5, (lat - t.f) / t.e - 0.5
        c, r = math.floor(u), math.floor(v)
        a, b = u - c, v - r
        upper = grid[r, c] * (1 - a) + grid[r, c + 1] * a
        return upper * (1 - b) + (grid[r + 1, c] * (1 - a) + grid[r + 1, c + 1] * a) * b

    for e in chosen.tolist():
        line, mm = walk.lines[e], int(walk.edge_mm[e])
        n = max(math.ceil(line.length / 15), 1)
        at = [line.interpolate(k / n, normalized=True) for k in range(n + 1)]
        h = [height(p.x, p.y) for p in at]
        slopes = [(h[k + 1] - h[k]) / (mm / 1000 / n) for k in range(n)]
        assert timed.times.forward_ms[e] == pytest.approx(mm * sum(map(factor, slopes)) / n, abs=1)
        assert timed.times.backward_ms[e] == pytest.approx(mm * sum(factor(-s) for s in slopes) / n, abs=1)

    assert {f.code for f in timed.accounts[-1].findings} <= {"height_unknown", "height_capped"}

    both = timed.times.forward_ms + timed.times.backward_ms
    # There and back is never quicker than at best: 5 in 100 down and as much up.
    assert (both >= 2 * flat.times.forward_ms * math.exp(-0.175) - 1).all()
    share = both.sum() / (2 * flat.times.forward_ms.sum())
    assert 1.02 < share < 1.5  # a hilly city costs walkers some of their time
    assert timed.times.forward_ms.tolist() != timed.times.backward_ms.tolist()
