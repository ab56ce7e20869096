"""Residential land: exact pieces, and the official arithmetic of service radii against an independent overlay."""

import geopandas as gpd
import numpy as np
import pytest
import shapely
from coverage_layers import CRS, Chessboard, areas, make_rule, points, toilets
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Point, Polygon, box

from siting.coverage import OUTSIDE_ZONE, audit, prepare_land
from siting.coverage.land_served import BUFFER_QUAD_SEGS, straight_served_dm2
from siting.errors import CRSError, GeometryError, InputError

RADIUS = make_rule(metric="service_radius", distance="straight", denominator="land")


def land_of(*shapes):
    return areas(shapes, [f"R{k}" for k in range(len(shapes))])


def served_m2(pieces, facilities, limit_m):
    distance = np.array([facilities.distance(p).min() for p in pieces.points.geometry])
    return straight_served_dm2(pieces, facilities, distance, limit_m).sum() / 100


def overlay_m2(land, facilities, limit_m):
    """The same figure by two overlays of geopandas: union the circles, then intersect with the united land."""
    circles = facilities.geometry.buffer(limit_m, quad_segs=BUFFER_QUAD_SEGS).union_all()
    united = gpd.GeoDataFrame(geometry=[land.geometry.union_all()], crs=CRS)
    return gpd.overlay(united, gpd.GeoDataFrame(geometry=[circles], crs=CRS), how="intersection").area.sum()


def test_pieces_add_up_and_overlapping_land_counts_once():
    #   two squares of 100 m, half on each other: 150 x 100 m
    pieces = prepare_land(land_of(box(0, 0, 100, 100), box(50, 0, 150, 100)), cell_m=25.0)
    assert pieces.area_dm2.sum() == 150 * 100 * 100
    assert pieces.total_m2 == 15_000.0
    assert len(pieces) == 6 * 4
    assert set(pieces.area_dm2) == {25 * 25 * 100}
    assert [f.code for f in pieces.findings] == ["overlapping_land"]
    assert pieces.points.within(pieces.pieces.geometry).all()


def test_pieces_are_cut_along_the_smallest_zones_and_assigned_to_the_larger():
    #   0     30          100    land 100 x 10, communities meet at 30, nothing beyond 90
    zones = {
        "community": areas([box(0, 0, 30, 50), box(30, 0, 90, 50)], ["b", "a"], name=["B", "A"]),
        "district": areas([box(0, 0, 200, 50)], ["d"], name=["D"]),
    }
    pieces = prepare_land(land_of(box(0, 0, 100, 10)), zones, cell_m=25.0)
    by_zone = pieces.pieces.groupby("zone_community")["area_dm2"].sum().to_dict()
    assert by_zone == {"b": 300_00, "a": 600_00, OUTSIDE_ZONE: 100_00}
    assert set(pieces.pieces["zone_district"]) == {"d"}


def test_zones_that_overlap_hold_their_land_once():
    zones = {"z": areas([box(0, 0, 60, 10), box(40, 0, 100, 10)], ["a", "b"], name=["A", "B"])}
    pieces = prepare_land(land_of(box(0, 0, 100, 10)), zones, cell_m=30.0)
    assert pieces.pieces.groupby("zone_z")["area_dm2"].sum().to_dict() == {"a": 600_00, "b": 400_00}


def test_a_hole_and_a_bow_tie():
    ring = Polygon([(0, 0), (90, 0), (90, 90), (0, 90)], [[(30, 30), (60, 30), (60, 60), (30, 60)]])
    tie = Polygon([(200, 0), (220, 20), (220, 0), (200, 20)])  # two triangles of 100 m2 each
    pieces = prepare_land(land_of(ring, tie, Polygon()), cell_m=10.0)
    assert pieces.area_dm2.sum() == (8100 - 900 + 200) * 100
    assert {(f.code, f.kind, f.ids) for f in pieces.findings} == {
        ("null_geometry", "dropped", ("R2",)),
        ("invalid_geometry", "repaired", ("R1",)),
    }


@pytest.mark.parametrize(
    ("land", "error", "words"),
    [
        (land_of(box(0, 0, 1, 1)).set_crs(None, allow_override=True), CRSError, "missing"),
        (land_of(box(0, 0, 1, 1)).set_crs(4490, allow_override=True), CRSError, "metres"),
        (land_of(Point(0, 0).buffer(1), Point(1, 1)), GeometryError, "1 of 2 rows are no polygons .first: R1"),
        (land_of(Polygon()), InputError, "hold no area"),
    ],
)
def test_land_that_cannot_be_measured_is_refused(land, error, words):
    with pytest.raises(error, match=words):
        prepare_land(land)


def test_straight_service_area_of_a_square_park_by_hand():
    """A park of 200 x 200 m in the middle of 1 km2 of land, radius 100 m: 4 strips and 4 quarter circles."""
    pieces = prepare_land(land_of(box(0, 0, 1000, 1000)), cell_m=25.0)
    park = areas([box(400, 400, 600, 600)], ["park"])
    exact = 200 * 200 + 4 * 200 * 100 + np.pi * 100**2
    assert served_m2(pieces, park, 100.0) == pytest.approx(exact, rel=1e-4)
    assert served_m2(pieces, park, 100.0) <= exact  # chords lie inside the circle


def test_overlapping_circles_are_united_first():
    """Two toilets 60 m apart, radius 50 m: the lens between them counts once."""
    pieces = prepare_land(land_of(box(-100, -100, 200, 100)), cell_m=25.0)
    lens = 2 * 50**2 * np.arccos(30 / 50) - 60 / 2 * np.sqrt(4 * 50**2 - 60**2)
    exact = 2 * np.pi * 50**2 - lens
    assert served_m2(pieces, toilets([(0, 0), (60, 0)]), 50.0) == pytest.approx(exact, rel=2e-4)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 2**32 - 1), limit=st.sampled_from([20.0, 75.0, 300.0]), cell=st.sampled_from([10.0, 40.0]))
def test_straight_land_equals_an_independent_overlay(seed, limit, cell):
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 800, (2, 8))
    plots = land_of(*shapely.box(x, y, x + rng.uniform(5, 200, 8), y + rng.uniform(5, 200, 8)))
    x, y = rng.uniform(0, 1000, (2, 4))
    rings = [Point(a, b).buffer(rng.uniform(1, 80), quad_segs=3) for a, b in zip(x, y, strict=True)]
    places = areas([*rings, Point(500, 500)], list("ABCDE"))
    pieces = prepare_land(plots, cell_m=cell)
    assert pieces.total_m2 == pytest.approx(plots.union_all().area, abs=0.01)
    assert served_m2(pieces, places, limit) == pytest.approx(overlay_m2(plots, places, limit), abs=0.005 * len(pieces))


def test_row_order_of_the_land_does_not_show():
    rng = np.random.default_rng(4)
    x, y = rng.uniform(0, 500, (2, 12))
    plots = land_of(*shapely.box(x, y, x + 90.5, y + 70.25))
    one, other = prepare_land(plots), prepare_land(plots.iloc[::-1])
    assert one.pieces["area_dm2"].sum() == other.pieces["area_dm2"].sum()
    assert np.allclose(shapely.get_coordinates(one.points), shapely.get_coordinates(other.points), atol=1e-6)


def test_land_in_an_audit(streets):
    """Land 200 x 20 m east of a toilet, cells of 20 m: 5 of 10 cell points are within 100 m on foot."""
    demand = points([(0, 0)], people=[1.0])
    land = land_of(box(0, 0, 200, 20))
    zones = {"z": areas([box(0, 0, 60, 20), box(60, 0, 200, 20)], ["a", "b"], name=["A", "B"])}
    rule = make_rule(threshold=100.0, denominator="land", target=None)
    result = audit(
        streets, demand, toilets([(0, 10)]), rule, zones, land, land_cell_m=20.0, searches=Chessboard(streets)
    )
    straight, network = result.shares["straight", "land"], result.shares["network", "land"]
    assert straight.total == network.total == 4000 * 100
    # a circle of 100 m around (0, 10), between y = 0 and 20 and right of x = 0
    strip = 2 * (10 * np.sqrt(100**2 - 10**2) / 2 + 100**2 / 2 * np.arcsin(10 / 100))
    assert straight.served / 100 == pytest.approx(strip, abs=0.5)
    assert 1990 <= network.served / 100 <= 2000  # the fifth cell lacks the sliver beyond the circle
    table = result.indicators[lambda t: t["denominator"] == "land"]
    for kind, share in (("straight", straight), ("network", network)):
        parts = table[(table["distance"] == kind) & (table["zone_level"] == "z")]
        assert round(parts["served"].sum() * 100) == share.served
        assert round(parts["total"].sum() * 100) == share.total
        assert parts["total"].tolist() == [1200.0, 2800.0]


def test_prepared_land_gives_the_same_figures_as_the_layer(streets):
    demand = points([(0, 0)], people=[1.0])
    land = land_of(box(0, 0, 313, 57), box(100, 30, 220, 160))
    facilities = toilets([(10, 10), (200, 90)])
    one = audit(streets, demand, facilities, RADIUS, None, land, searches=Chessboard(streets))
    two = audit(streets, demand, facilities, RADIUS, None, prepare_land(land), searches=Chessboard(streets))
    assert one.shares == two.shares
    assert {"land"} <= {denominator for _, denominator in two.shares}


def test_a_park_with_forty_gates_counts_once(streets):
    """Gates change the way to a park, not its official radius: forty vertices on the edge serve the same land."""
    demand = points([(0, 0)], people=[1.0])
    land = land_of(box(0, 0, 600, 600))
    plain, gated = box(200, 200, 400, 400), shapely.segmentize(box(200, 200, 400, 400), 20.0)
    assert len(gated.exterior.coords) == 41
    rule = make_rule(facility=("park_green",), threshold=100.0, metric="service_radius", distance="straight")
    results = [
        audit(streets, demand, areas([park], ["P"]), rule, None, land, searches=Chessboard(streets))
        for park in (plain, gated)
    ]
    assert [len(r.facilities) for r in results] == [1, 1]
    assert [len(r.entries) for r in results] == [5, 41]
    straight = [r.shares["straight", "land"].served for r in results]
    assert straight[0] == pytest.approx(straight[1], rel=1e-6)
    walked = [r.shares["network", "land"].served for r in results]
    assert walked[0] < walked[1] <= straight[1]  # more gates never lower coverage
